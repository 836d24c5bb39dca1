#pragma once

#include "rhosweep/core/error.hpp"
#include "rhosweep/model/key_spec.hpp"
#include "rhosweep/model/schedule.hpp"
#include "rhosweep/model/sgd_settings.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rhosweep::model {

/// The section [problem] at one axes point. The values are validated and the defaults filled in.
class ProblemSettings {
 public:
  ProblemSettings(std::string kind, std::map<std::string, Value> values, std::filesystem::path folder);

  const std::string& kind() const& { return kind_; }
  std::string kind() && { return std::move(kind_); }
  /// All keys that have a value, by name.
  const std::map<std::string, Value>& values() const& { return values_; }
  std::map<std::string, Value> values() && { return std::move(values_); }

  bool has(const std::string& key) const { return values_.contains(key); }
  /// Returns the value of a key. Throws core::InternalError if the key has no value or another type.
  double real(const std::string& key) const;
  std::int64_t integer(const std::string& key) const;
  const std::string& text(const std::string& key) const&;
  std::string text(const std::string& key) &&;
  const std::vector<std::string>& texts(const std::string& key) const&;
  std::vector<std::string> texts(const std::string& key) &&;
  const std::vector<std::int64_t>& integers(const std::string& key) const&;
  std::vector<std::int64_t> integers(const std::string& key) &&;
  const std::vector<DeclaredMetric>& metrics(const std::string& key) const&;
  std::vector<DeclaredMetric> metrics(const std::string& key) &&;
  /// Returns the value of a boolean key; false if the key has no value.
  bool flag(const std::string& key) const;
  /// Returns the value of a path key, resolved against the sweep file's folder.
  std::filesystem::path path(const std::string& key) const;
  /// The sweep file's folder.
  const std::filesystem::path& folder() const& { return folder_; }
  std::filesystem::path folder() && { return std::move(folder_); }

 private:
  const Value& at(const std::string& key) const;

  std::string kind_;
  std::map<std::string, Value> values_;
  std::filesystem::path folder_;
};

/// Thrown if the value of a key is not allowed in its context. The sweep reader adds file and line.
class KeyError : public std::runtime_error {
 public:
  /// @param key the key with its section, e.g. "problem.diameter"
  /// @param complaint what was found and what is allowed
  KeyError(std::string key, const std::string& complaint)
      : std::runtime_error(complaint), key_(std::move(key)) {}
  /// Builds the complaint "found …; allowed: …".
  KeyError(std::string key, std::string_view found, std::string_view allowed)
      : KeyError(std::move(key), core::found_allowed(found, allowed)) {}

  const std::string& key() const& { return key_; }
  std::string key() && { return std::move(key_); }

 private:
  std::string key_;
};

/// What the sweep reader needs to know about a kind of problem.
struct ProblemSchema {
  std::string kind;     ///< the value of problem.kind
  std::string summary;  ///< one line
  std::vector<KeySpec> keys;
  /// Allowed values of sgd.sampling.
  std::vector<std::string> samplings;
  /// The default of sgd.precision.
  Precision precision = Precision::float64;
  /// Checks the section as a whole; throws KeyError if a value is not allowed. May be empty.
  std::function<void(const ProblemSettings&)> check;
  /// Whether the section may hold further keys with numbers, texts or booleans. Their names consist of
  /// lower-case letters, digits and _. Axes may vary them. `check` decides which ones are allowed.
  bool open = false;
  /// Returns the largest ratio of neighbouring ρ for a given regret: a grid with this ratio has a point whose
  /// cost is at most 1 + regret, wherever the grid begins. The costs are those that the theory predicts for
  /// the schedule over `steps` steps. Returns NaN if the theory predicts no costs. If the function is empty,
  /// grid.rho has no key `regret`.
  std::function<double(const Schedule&, std::int64_t steps, double regret)> grid_ratio = {};
  /// Reads the file of a schedule `table(FILE)`. If the function is empty, no schedule may name a file.
  std::function<std::vector<double>(const std::filesystem::path&)> read_multipliers = {};
};

/// What `rhosweep list problems` prints about a kind.
struct KindDocumentation {
  ProblemSchema schema;
  std::string objective;  ///< formula
  std::string metrics;    ///< which metrics the kind has, and under which conditions
  std::string constants;  ///< how D and G of the theory are found
};

/// All kinds of problems that a sweep file may name.
using ProblemCatalogue = std::span<const ProblemSchema>;

}  // namespace rhosweep::model
