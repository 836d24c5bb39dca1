#pragma once

#include "rhosweep/core/ids.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::core {

/// Messages to the user on standard error, with unprintable characters replaced. Messages of ranks other than
/// 0 name the rank.
namespace log {

/// Sets up this process's logger: rank 0 shows everything, other ranks only warnings and errors.
void start(Rank rank);

/// With `quiet`, only warnings and errors are shown; with `verbose`, all ranks show everything.
enum class Verbosity { quiet, normal, verbose };
/// Sets what this process shows. Call it before start(). The default is normal.
void set_verbosity(Verbosity verbosity);
Verbosity verbosity();

/// Writes a line of information, unless this process shows only warnings and errors.
void write_info(const std::string& line);
/// Writes a warning, broken into lines of at most most_columns.
void write_warning(const std::string& line);
/// Writes an error as one line of any length, because scripts read it.
void write_error(const std::string& line);

/// Writes a warning whose reason may occur many times, such as why a trial failed. Only the first few
/// warnings with the same reason are written, and the others are counted. If this process is verbose, all are
/// written.
/// @param reason the reason for the warning
/// @param line the warning: what happened, with the reason
/// @param count how many events with this reason the line reports
void write_repeated_warning(const std::string& reason, const std::string& line, std::int64_t count = 1);
/// Writes, for each reason, how many warnings were left out, if any were. Forgets all reasons.
void conclude_repeated_warnings();

/// Formats a message and writes it with write_info(), write_warning() or write_error().
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
