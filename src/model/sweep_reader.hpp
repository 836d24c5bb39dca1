#pragma once

#include "document.hpp"

#include "rhosweep/model/sweep.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::model {

/// Turns the document of a sweep file into a Sweep; whatever is wrong is a core::InputError with its place.
class SweepReader {
 public:
  SweepReader(Node root, const std::filesystem::path& file, ProblemCatalogue catalogue);

  Sweep read();

 private:
  void read_title();
  void find_schema();
  /// The keys of [problem] and of axes that an open schema does not name, in the order of their names.
  void add_free_keys();
  void find_optimizer();
  void read_axes();
  KeyValues read_section(const std::string& section) const;
  void read_problem();
  /// The default of a key, given with its section.
  std::optional<Value> fallback(const std::string& key, const KeySpec& spec) const;
  void read_sgd();
  /// That [sgd] has no key of another optimizer.
  void check_optimizer_keys() const;
  /// The least T of the grid.
  std::int64_t fewest_steps() const;
  void read_grid();
  void read_output();
  /// That the grid is countable, and its axes points few enough to be looked at one by one.
  void check_size() const;
  /// What no single key shows, at every axes point.
  void check_points() const;

  std::span<const KeySpec> keys(const std::string& section) const;
  /// The key that an axis varies, given with its section.
  const KeySpec& axis_spec(const std::string& key, const Location& where) const;

  /// The section, nullptr if it is absent.
  const Node* find_section(const std::string& section) const;
  const Node& section(const std::string& section) const;
  /// What a key's values are read from: its axis or its entry in its section, nullptr if it is absent.
  const Node* find(const std::string& key) const;
  const Node* find_axis(const std::string& key) const;
  const Node* find_entry(const std::string& key) const;
  /// The place of a key, or of its section if the key is absent.
  const Location& where(const std::string& key) const;

  Node root_;
  ProblemCatalogue catalogue_;
  const ProblemSchema* schema_ = nullptr;
  std::vector<KeySpec> problem_keys_;
  Optimizer optimizer_ = Optimizer::sgd;
  Sweep sweep_;
};

}  // namespace rhosweep::model
