#pragma once

#include "program.hpp"

#include "rhosweep/model/metric.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::program {

/// The content of one line from a program: a report of one trial or several, or the end of trials.
struct ReportLine {
  std::string_view line;  ///< valid only while the text that was read exists
  /// The numbers of the trials; nullopt if the line names none.
  std::optional<std::vector<std::int64_t>> trials = {};
  std::optional<std::int64_t> step = {};
  std::vector<char> diverged = {};  ///< one value for all trials or one each; empty: not reported
  /// For each metric, one number per trial; empty: not reported.
  std::vector<std::vector<double>> values = {};
  bool is_done = false;
  std::optional<std::string> failure = {};
  std::string ignored = {};  ///< why a line that begins with a brace is ignored; otherwise empty

  /// Returns the line, shortened for messages.
  std::string text() const;
};

/// Reads a line from a program; nullopt if it does not begin with a brace. Throws core::Error if a member has
/// a type or value that is not allowed.
/// @param last_step the last step, T
/// @param mode how the program runs trials; with Mode::once, the members trial, done and failed are ignored
std::optional<ReportLine> parse_report_line(std::string_view line, const std::vector<model::Metric>& metrics,
                                            std::int64_t last_step, Mode mode);

}  // namespace rhosweep::program
