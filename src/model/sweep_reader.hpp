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
  /// Declares the keys of [problem] and of axes that an open schema does not have, in order of their names.
  void add_free_keys();
  /// Throws if a key of [problem] that is not in the schema has a list or a table: it must have one value.
  void require_known_list(const std::string& key, const Location& where) const;
  void find_optimizer();
  void read_axes();
  void read_exclusions();
  /// Reads the values of a section that has the given keys.
  KeyValues read_section(const std::string& section, std::span<const KeySpec> specs) const;
  /// Throws if a section has a key that it cannot have.
  void check_keys(const std::string& section) const;
  void read_problem();
  /// Returns the default of a key, given with its section.
  std::optional<Value> fallback(const std::string& key, const KeySpec& spec) const;
  void read_sgd();
  /// Throws if [sgd] has a key that none of the optimizers has.
  void check_optimizer_keys() const;
  /// Returns the values of [sgd] for the canonical sweep: those that all optimizers share, and those that the
  /// sweep file sets to other than the optimizers' defaults.
  KeyValues shared_values() const;
  /// Throws unless the problem allows the values of sgd.sampling.
  void check_samplings();
  /// Returns the least and the largest number of steps in the grid.
  std::pair<std::int64_t, std::int64_t> least_and_most_steps() const;
  /// Returns the smallest number of values of ρ per decade at which, by the theory of every schedule, a grid
  /// costs at most as much as `regret` allows.
  std::int64_t per_decade_of(const Node& regret) const;
  void read_grid();
  void read_output();
  /// Throws if the grid has too many axes points to check each of them.
  void check_points() const;
  /// Throws if the grid has too many cells to count.
  void check_size() const;
  /// Checks every axes point for errors that involve more than one key.
  void check_axes_points() const;

  /// Returns the keys of a section; for [sgd], the keys of all optimizers of the grid.
  std::span<const KeySpec> keys(const std::string& section) const;
  /// Returns a key that an axis varies, given with its section.
  const KeySpec& axis_spec(const std::string& key, const Entry& entry) const;

  /// Returns the section, or nullptr if it is absent.
  const Node* find_section(const std::string& section) const;
  const Node& section(const std::string& section) const;
  /// Returns the node that a key's values are read from: its axis, or its entry in the section; nullptr if
  /// both are absent.
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
  std::vector<KeySpec> sgd_keys_;                      ///< their keys, each once
  Sweep sweep_;
};

}  // namespace rhosweep::model
