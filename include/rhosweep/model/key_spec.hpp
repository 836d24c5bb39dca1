#pragma once

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
                           std::vector<std::int64_t>>;

/// Values of keys by name, in the order in which the keys are described.
using KeyValues = std::vector<std::pair<std::string, Value>>;

/// What a key holds. A path is text that is relative to the sweep file's folder; texts and integers are lists
/// that are not empty.
enum class ValueType { boolean, integer, real, text, path, texts, integers };

/// The allowed numbers of a key; every bound is included unless it is open.
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

/// One key of a section of the sweep file: its type, what is allowed, and its documentation.
struct KeySpec {
  std::string name;  ///< without its section
  ValueType type = ValueType::real;
  std::optional<Value> fallback = {};  ///< the value when the key is absent
  bool required = false;  ///< an error when absent; without this and a fallback, absence means unset
  Range range = {};       ///< of numbers
  std::vector<std::string> choices = {};  ///< of text; empty: any
  std::string excluded_by = {};      ///< the key is not allowed beside this one, and then has no fallback
  std::string excluded_unless = {};  ///< but allowed all the same if this one is there, too
  /// At its fallback the key counts as absent, so that sweeps from before there was the key stay what they
  /// are.
  bool absent_at_fallback = false;
  /// False for a key that says how trials are run, not what they compute: no part of the sweep's identity.
  bool in_identity = true;
  std::string unit = {};  ///< empty: a pure number
  std::string help = {};  ///< one line

  bool is_number() const { return type == ValueType::integer || type == ValueType::real; }

  /// What is allowed, for error messages: "an integer >= 1", "\"last\" or \"average\"".
  std::string allowed() const;
  /// The same for several numbers: "integers >= 1".
  std::string allowed_numbers() const;
};

/// A value as it stands in a sweep file (TOML).
std::string to_toml(const Value& value);

}  // namespace rhosweep::model
