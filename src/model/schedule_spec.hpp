#pragma once

#include "rhosweep/model/key_spec.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rhosweep::model {

/// `name(argument, key=argument, …)` cut at its outermost commas; the arguments are still text.
struct SpecCall {
  std::string spec;  ///< as written, trimmed
  std::string name;
  std::vector<std::pair<std::string, std::string>> arguments;  ///< (key or empty, text)
};

/// A specification or a part of it, as error messages show it: on one line, cut if long.
std::string shown(std::string_view text);

/// Throws core::InputError if the text is not a call.
SpecCall parse_spec_call(std::string_view spec);

/// The arguments of a call, bound to a kind's parameters. Every failure is a core::InputError that names the
/// specification, the parameter, what was found and what is allowed.
class SpecArguments {
 public:
  SpecArguments(const SpecCall& call, const std::vector<std::string>& parameters, std::string usage);

  double number(const std::string& parameter, const Range& range, std::optional<double> fallback = {}) const;
  std::int64_t integer(const std::string& parameter, const Range& range) const;
  /// A list `[a, b, …]` of at least one number.
  std::vector<double> numbers(const std::string& parameter, const Range& range) const;
  /// The index of one of the words.
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
