#pragma once

#include "rhosweep/model/declared_metric.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rhosweep::model {

/// The value of a key of a sweep file.
using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>,
                           std::vector<std::int64_t>, std::vector<DeclaredMetric>>;

/// Pairs of a key's name and its value, in the order in which the keys are declared.
using KeyValues = std::vector<std::pair<std::string, Value>>;

/// The type of a key. A path is a text; relative paths refer to the sweep file's folder. The types texts,
/// integers and metrics are lists with at least one entry.
enum class ValueType { boolean, integer, real, text, path, texts, integers, metrics };

/// The allowed numbers of a key. A bound belongs to the range unless `lower_open` or `upper_open` leaves it
/// out.
struct Range {
  double lower = -std::numeric_limits<double>::infinity();
  double upper = std::numeric_limits<double>::infinity();
  bool lower_open = false;
  bool upper_open = false;

  bool contains(double value) const;
};

inline constexpr Range positive{.lower = 0.0, .lower_open = true};
inline constexpr Range not_negative{.lower = 0.0};
inline constexpr Range at_least_one{.lower = 1.0};

/// One key of a section of the sweep file: its type, its allowed values and its documentation.
struct KeySpec {
  std::string name;  ///< name of the key, without its section
  /// An older name that sweep files may still use; empty if there is no older name. The canonical sweep and
  /// the results file keep the older name, so that hashes and files do not change.
  std::string former_name = {};
  ValueType type = ValueType::real;
  std::optional<Value> fallback = {};  ///< the value if the key is absent
  /// Whether the key must be present. An optional key that is absent and has no fallback is unset.
  bool required = false;
  Range range = {};                       ///< allowed numbers
  std::vector<std::string> choices = {};  ///< allowed texts; empty: any text
  /// Name of another key. If that key is present, this key is forbidden and has no fallback.
  std::string excluded_by = {};
  /// Name of a third key. If that key is present, too, this key is allowed again.
  std::string excluded_unless = {};
  /// Whether the canonical sweep leaves the key out if it has its default value. True for keys that later
  /// versions added, so that the hashes of older sweeps do not change.
  bool absent_at_fallback = false;
  /// Whether the key is part of the sweep's identity. False if the key only changes how trials are run, not
  /// what the trials compute.
  bool in_identity = true;
  std::string unit = {};   ///< unit of the value; empty for a pure number
  std::string help = {};   ///< description in one line
  std::string forms = {};  ///< what is allowed if the value may be a list or a table, or ""

  bool is_number() const { return type == ValueType::integer || type == ValueType::real; }
  bool is_list() const {
    return type == ValueType::texts || type == ValueType::integers || type == ValueType::metrics;
  }

  /// The name in the canonical sweep and in the results file: the former name, or `name` if there is no
  /// former name.
  const std::string& stored_name() const { return former_name.empty() ? name : former_name; }

  /// Describes the allowed values for error messages: "an integer >= 1", "\"last\" or \"average\"".
  std::string allowed() const;
  /// Describes the allowed values for the documentation.
  std::string documented_values() const { return forms.empty() ? allowed() : forms; }
  /// Describes the allowed numbers of a list: "integers >= 1".
  std::string allowed_numbers() const;
};

/// Returns a value as TOML text.
std::string to_toml(const Value& value);

}  // namespace rhosweep::model
