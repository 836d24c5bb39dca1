#pragma once

#include <string>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::core {

/// Messages for people, on standard error. Lines of ranks other than 0 name their rank.
namespace log {

/// Which messages are shown; quiet shows warnings and errors only.
enum class Level { quiet, normal, debug };

/// Sets up this process's logger. Rank 0 shows everything up to the level; other ranks show warnings and
/// errors.
void start(int rank, Level level);

void write_debug(const std::string& line);
void write_info(const std::string& line);
void write_warning(const std::string& line);
void write_error(const std::string& line);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write_debug(fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write_info(fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  write_warning(fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write_error(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace log
}  // namespace rhosweep::core
