#pragma once

#include "program.hpp"

#include "rhosweep/model/metric.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::program {

/// What one line of a program says: a report of one trial or of several, or that trials have ended.
struct ReportLine {
  std::string_view line;  ///< only while the text that was read exists
  /// The numbers of the trials; nullopt if the line names none.
  std::optional<std::vector<std::int64_t>> trials = {};
  std::optional<std::int64_t> step = {};
  std::vector<char> diverged = {};  ///< one for all trials, or one for each; empty: the line does not say
  /// By metric: one number for each trial; empty: not reported.
  std::vector<std::vector<double>> values = {};
  bool is_done = false;
  std::optional<std::string> failure = {};
  std::string ignored = {};  ///< why the line says nothing, if it begins with a brace; otherwise empty

  /// Returns the line, shortened for messages.
  std::string text() const;
};

/// Reads a line of a program; nullopt if it does not begin with a brace. Throws core::Error if a member has
/// another type or value than it may have.
/// @param last_step T
/// @param mode with Mode::once, the members trial, done and failed are ignored
std::optional<ReportLine> parse_report_line(std::string_view line, const std::vector<model::Metric>& metrics,
                                            std::int64_t last_step, Mode mode);

}  // namespace rhosweep::program
