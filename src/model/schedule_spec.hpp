#pragma once

#include "rhosweep/model/key_spec.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rhosweep::model {

/// The parts of `name(argument, key=argument, …)`. The arguments are still text.
struct SpecCall {
  std::string spec;  ///< as written, trimmed
  std::string name;
  std::vector<std::pair<std::string, std::string>> arguments;  ///< (key or empty, text)
};

/// Formats a specification, or a part of one, for error messages: on one line, shortened if it is long.
std::string shown(std::string_view text);

/// Splits a specification into its parts. Throws core::InputError if the syntax is wrong.
SpecCall parse_spec_call(std::string_view spec);

/// The arguments of a call, assigned to the parameters of a kind of schedule. All functions throw
/// core::InputError that names the specification, the parameter, what was found and what is allowed.
class SpecArguments {
 public:
  SpecArguments(const SpecCall& call, const std::vector<std::string>& parameters, std::string usage);

  double number(const std::string& parameter, const Range& range, std::optional<double> fallback = {}) const;
  std::int64_t integer(const std::string& parameter, const Range& range,
                       std::optional<std::int64_t> fallback = {}) const;
  /// Reads a list `[a, b, …]` of at least one number.
  std::vector<double> numbers(const std::string& parameter, const Range& range) const;
  /// Returns the index of the argument among `words`.
  std::size_t choice(const std::string& parameter, const std::vector<std::string>& words,
                     const std::string& fallback) const;
  const std::string& text(const std::string& parameter) const;

  [[noreturn]] void fail(const std::string& parameter, const std::string& found,
                         const std::string& allowed) const;

 private:
  const std::string* find(const std::string& parameter) const;
  double to_number(const std::string& parameter, std::string_view text, const KeySpec& allowed) const;

  std::string spec_;
  std::string usage_;
  std::map<std::string, std::string> values_;
};

}  // namespace rhosweep::model
