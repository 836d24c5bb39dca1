#pragma once

#include "rhosweep/model/key_spec.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::program {

/// What {name} stands for, by name.
using Placeholders = std::map<std::string, std::string>;

/// A value of a key as a program reads it: numbers read back as the same bits, truth values are true or
/// false.
std::string to_word(const model::Value& value);

/// The names of the placeholders in a text, in their order. Throws core::InputError for a brace alone.
std::vector<std::string> placeholders_in(std::string_view text);

/// A text with every {name} replaced by its value, {{ and }} by single braces. Throws core::InputError for a
/// name without a value and for a brace alone.
std::string expand(std::string_view text, const Placeholders& values);

}  // namespace rhosweep::program
