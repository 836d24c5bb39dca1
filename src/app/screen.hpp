#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace rhosweep::app {

/// Rows and columns of the terminal behind a file descriptor; 24 and 80 if unknown.
struct TerminalSize {
  explicit TerminalSize(int descriptor) {
    winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0) return;
    if (size.ws_row > 1) rows = size.ws_row;
    if (size.ws_col > 1) columns = size.ws_col;
  }

  std::int64_t rows = 24;
  std::int64_t columns = 80;
};

/// Shows a text on the terminal in place of the one shown before. Between two calls the terminal is in its
/// usual state, so the process may be killed at any time.
class Screen {
 public:
  void show(const std::string& text) {
    if (lines_ > 0) fmt::print("\x1b[{}A\x1b[J", lines_);
    const std::string shown = first_lines(text, TerminalSize(STDOUT_FILENO).rows - 1);
    // Wrapping is switched off: a wrapped line would count as two when the cursor goes up.
    fmt::print("\x1b[?7l{}\x1b[?7h", shown);
    lines_ = std::count(shown.begin(), shown.end(), '\n');
  }

 private:
  static std::string first_lines(const std::string& text, std::int64_t most) {
    std::size_t end = 0;
    for (std::int64_t line = 0; line < most && end < text.size(); ++line) end = text.find('\n', end) + 1;
    return text.substr(0, end);
  }

  std::int64_t lines_ = 0;
};

}  // namespace rhosweep::app
