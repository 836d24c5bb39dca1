#pragma once

#include "document.hpp"

#include "rhosweep/model/sweep.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace rhosweep::model {

/// Turns the document of a sweep file into a Sweep. Throws core::InputError with the place of the first
/// error.
class SweepReader {
 public:
  SweepReader(Node root, const std::filesystem::path& file, ProblemCatalogue catalogue);

  Sweep read();

 private:
  void read_title();
  void find_schema();
  /// Replaces former names of keys by their present names.
  void rename_former_keys();
  /// Adds specifications for keys of [problem] and [axes] that the schema does not declare but allows
  /// (ProblemSchema::open), sorted by name.
  void add_free_keys();
  /// Throws if the schema does not declare this key of [problem], whose value is a list or a table: an
  /// undeclared key must have a single value.
  void require_known_list(const std::string& key, const Location& where) const;
  void find_optimizer();
  void read_axes();
  void read_exclusions();
  /// Reads the values of a section that has the given keys.
  KeyValues read_section(const std::string& section, std::span<const KeySpec> specs) const;
  /// Throws if a section has an unknown key.
  void check_keys(const std::string& section) const;
  void read_problem();
  /// Returns the default of a key, or nullopt if there is none. `key` includes the section.
  std::optional<Value> fallback(const std::string& key, const KeySpec& spec) const;
  void read_sgd();
  /// Throws if [sgd] has a key that belongs only to optimizers that the grid does not use.
  void check_optimizer_keys() const;
  /// Returns the values of [sgd] for the canonical sweep. A key's value is among them if all optimizers of
  /// the grid have the key with this value, or if the sweep file sets the key to a value that is not the
  /// default of all optimizers.
  KeyValues shared_values() const;
  /// Throws if the problem does not allow a value of sgd.sampling.
  void check_samplings();
  /// Returns the least and the largest number of steps in the grid.
  std::pair<std::int64_t, std::int64_t> least_and_most_steps() const;
  void read_grid();
  /// Reads grid.rho and grid.rho_every.
  void read_rho(const Node& rho, const ScheduleFiles& files);
  /// Returns for each schedule how many values of ρ per decade a grid needs, so that by theory its regret is
  /// at most the value of the node `regret`.
  std::vector<double> per_decade_of(const Node& regret) const;
  void read_stopping();
  /// Throws if [stop_when] allows no evaluation at which a trial could be stopped.
  void require_stopping_point(const SgdSettings& sgd) const;
  void read_output();
  /// Throws if the grid has too many axes points: later checks visit every point.
  void check_points() const;
  /// Throws if the grid has too many trials or too many values of learning curves.
  void check_size() const;
  /// Checks every axes point for errors that involve more than one key.
  void check_axes_points() const;

  /// Returns the specifications of the keys of a section; for [sgd], of the keys of all optimizers of the
  /// grid.
  std::span<const KeySpec> keys(const std::string& section) const;
  /// Returns the specification of a key that an axis varies. `key` includes the section.
  const KeySpec& axis_spec(const std::string& key, const Entry& entry) const;

  /// Returns the section, or nullptr if the sweep file does not have the section.
  const Node* find_section(const std::string& section) const;
  const Node& section(const std::string& section) const;
  /// Returns the node with a key's values: the key's axis if there is one, otherwise the key's entry in its
  /// section. Returns nullptr if both are absent.
  const Node* find(const std::string& key) const;
  const Entry* find_axis(const std::string& key) const;
  const Node* find_entry(const std::string& key) const;
  /// Returns the place of a key, or of its section if the key is absent.
  const Location& where(const std::string& key) const;

  Node root_;
  ProblemCatalogue catalogue_;
  const ProblemSchema* schema_ = nullptr;
  std::vector<KeySpec> problem_keys_;
  std::vector<Optimizer> optimizers_{Optimizer::sgd};  ///< optimizers of the grid
  std::vector<KeySpec> sgd_keys_;                      ///< the keys of `optimizers_`, each key once
  Sweep sweep_;
};

}  // namespace rhosweep::model
