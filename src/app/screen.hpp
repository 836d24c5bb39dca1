#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace rhosweep::app {

/// Replaces what it has shown before by what it shows now. Between two calls nothing about the terminal is
/// changed, so that the end may come at any time.
class Screen {
 public:
  void show(const std::string& text) {
    if (lines_ > 0) fmt::print("\x1b[{}A\x1b[J", lines_);
    const std::string shown = first_lines(text, height() - 1);
    // A line that wraps would be two to go up by: what does not fit is cut off.
    fmt::print("\x1b[?7l{}\x1b[?7h", shown);
    lines_ = std::count(shown.begin(), shown.end(), '\n');
  }

 private:
  static std::int64_t height() {
    constexpr std::int64_t usual = 24;
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1 ? size.ws_row : usual;
  }

  static std::string first_lines(const std::string& text, std::int64_t most) {
    std::size_t end = 0;
    for (std::int64_t line = 0; line < most && end < text.size(); ++line) end = text.find('\n', end) + 1;
    return text.substr(0, end);
  }

  std::int64_t lines_ = 0;
};

}  // namespace rhosweep::app
