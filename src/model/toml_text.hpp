#pragma once

#include "document.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace rhosweep::model {

/// Returns the text with the same meaning, such that toml++ can read it safely whatever it says. In a string
/// of several lines, a letter such as "é" is escaped if it follows a line that ends with a backslash. Throws
/// core::InputError where toml++ has undefined behaviour or no limit: if a character that is not ASCII lies
/// outside of strings and comments, or if a dotted key has too many parts.
std::string safe_toml(std::string_view text, std::shared_ptr<const Source> source);

}  // namespace rhosweep::model
