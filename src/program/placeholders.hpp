#pragma once

#include "rhosweep/model/key_spec.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::program {

/// The values of placeholders {name}, by name.
using Placeholders = std::map<std::string, std::string>;

/// Returns a value as text for a program. Numbers read back with the same bits; booleans are "true" or
/// "false".
std::string to_word(const model::Value& value);

/// Returns the names of the placeholders in a text, in order. Throws core::InputError for a single brace.
std::vector<std::string> placeholders_in(std::string_view text);

/// Replaces each {name} in a text by its value, and {{ and }} by single braces. Throws core::InputError for a
/// name without a value and for a single brace.
std::string expand(std::string_view text, const Placeholders& values);

}  // namespace rhosweep::program
