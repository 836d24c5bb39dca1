#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace rhosweep::core {

/// Quotes a word for bash, if it needs quotes. The result is printable.
std::string shell_word(std::string_view word);

/// Returns a file name as a word for bash that does not look like an option: "-a" becomes "./-a".
std::string shell_file(const std::filesystem::path& file);

}  // namespace rhosweep::core
