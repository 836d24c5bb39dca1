#pragma once

#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::core {

/// Writes a text to standard output as printable() makes it. Everything that people read goes through here;
/// what programs read (JSON, CSV) is written as it is. A failure shows when the stream is flushed.
void print_text(std::string_view text);

template <class... Args>
void print(fmt::format_string<Args...> format, Args&&... args) {
  print_text(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace rhosweep::core
