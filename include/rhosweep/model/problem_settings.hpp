#pragma once

#include "rhosweep/model/key_spec.hpp"
#include "rhosweep/model/sgd_settings.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace rhosweep::model {

/// The section [problem] at one axes point: validated, with the defaults filled in.
class ProblemSettings {
 public:
  ProblemSettings(std::string kind, std::map<std::string, Value> values, std::filesystem::path folder);

  const std::string& kind() const& { return kind_; }
  std::string kind() && { return std::move(kind_); }
  /// Every key that has a value, by name.
  const std::map<std::string, Value>& values() const& { return values_; }
  std::map<std::string, Value> values() && { return std::move(values_); }

  bool has(const std::string& key) const { return values_.contains(key); }
  /// The value of a key that has one; InternalError if it has none or another type.
  double real(const std::string& key) const;
  std::int64_t integer(const std::string& key) const;
  const std::string& text(const std::string& key) const&;
  std::string text(const std::string& key) &&;
  const std::vector<std::string>& texts(const std::string& key) const&;
  std::vector<std::string> texts(const std::string& key) &&;
  const std::vector<std::int64_t>& integers(const std::string& key) const&;
  std::vector<std::int64_t> integers(const std::string& key) &&;
  /// A truth value; false if the key has none.
  bool flag(const std::string& key) const;
  /// A path key, resolved against the sweep file's folder.
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

/// A key whose value is not allowed in its context; the sweep reader adds file and line.
class KeyError : public std::runtime_error {
 public:
  /// @param key with its section, e.g. "problem.diameter"
  /// @param complaint what was found and what is allowed
  KeyError(std::string key, const std::string& complaint)
      : std::runtime_error(complaint), key_(std::move(key)) {}

  const std::string& key() const& { return key_; }
  std::string key() && { return std::move(key_); }

 private:
  std::string key_;
};

/// What the sweep reader must know of a kind of problem.
struct ProblemSchema {
  std::string kind;     ///< the value of problem.kind
  std::string summary;  ///< one line
  std::vector<KeySpec> keys;
  /// Sampling schemes that make sense for it (sgd.sampling).
  std::vector<std::string> samplings;
  /// The default of sgd.precision.
  Precision precision = Precision::float64;
  /// Checks what no single key can: throws KeyError. May be empty.
  std::function<void(const ProblemSettings&)> check;
  /// Whether the section may hold further keys, of lower-case letters, digits and _, for numbers, texts or
  /// truth values; axes may vary them. `check` says which are fine.
  bool open = false;
};

/// What `rhosweep list problems` says of a kind.
struct KindDocumentation {
  ProblemSchema schema;
  std::string objective;  ///< formula
  std::string metrics;    ///< which, and when
  std::string constants;  ///< D and G of the theory
};

/// Every kind of problem that a sweep file may name.
using ProblemCatalogue = std::span<const ProblemSchema>;

}  // namespace rhosweep::model
