#pragma once

#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::core {

/// Writes a text to standard output, passed through printable() and wrapped(). All output for people goes
/// through here; output for programs (JSON, CSV) is written unchanged. Write errors show up when the stream
/// is flushed.
/// @param text whole lines
void print_text(std::string_view text);
/// Writes like print_text(), but adds no line breaks: for paths and command lines, which people copy.
void print_unbroken(std::string_view text);

template <class... Args>
void print(fmt::format_string<Args...> format, Args&&... args) {
  print_text(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace rhosweep::core
