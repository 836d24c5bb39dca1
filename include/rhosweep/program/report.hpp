#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/metric.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::program {

struct ReportLine;

/// Reads a program's reports on standard output or in the file for reports, line by line. A report is a line
/// that begins with { and is a JSON object with a step, which is the number of updates done, and the metrics
/// at that step:
///   {"step": 100, "train_loss": 0.5}
/// All other lines are ignored, as are other members and steps that are not on the learning curve. If a value
/// is reported again, the last one counts. Numbers may have any form of JSON, or be NaN, nan, Infinity, inf
/// or Inf, with or without a minus sign; null is NaN, and 1e400 is infinite. A trial has diverged if
/// train_loss is not finite, or if the program writes
///   {"step": 100, "diverged": true}
/// If that line omits the step, the last reported step counts.
class Report {
 public:
  /// @param metrics train_loss first; must outlive the report
  /// @param evaluation_steps increasing; the last is T
  Report(const std::vector<model::Metric>& metrics, std::vector<std::int64_t> evaluation_steps);

  /// How a line begins.
  enum class Start {
    fresh,   ///< at the beginning of the output, or after a line feed
    redrawn  ///< after a carriage return: a progress bar may stand in front of a report
  };

  /// Reads a line. Throws core::Error if its step or a value is not an allowed number, or if a value exceeds
  /// the bound of its metric by more than rounding. Lines after divergence are ignored.
  void read(std::string_view line, Start start = Start::fresh);

  /// Takes a line that several trials share.
  /// @param said the content of the line
  /// @param lane this trial's index among the trials of the line
  /// @param lanes number of trials of the line
  void take(const ReportLine& said, std::size_t lane, std::size_t lanes);

  bool has_diverged() const { return diverged_step_ >= 0; }

  /// Returns the result of the trial. Points of the curve that were not reported are NaN. From the divergence
  /// on, all points have the worst value of their metric. Throws core::Error if the trial has not diverged
  /// and a metric is missing at the last step; its message names the last line that begins with { and is no
  /// report.
  model::BlockResult result() const;

 private:
  double& at(std::size_t metric, std::size_t evaluation) {
    return values_[metric * steps_.size() + evaluation];
  }

  const std::vector<model::Metric>& metrics_;
  std::vector<std::int64_t> steps_;
  std::vector<double> values_;   ///< (metrics, evaluations)
  std::vector<char> has_final_;  ///< (metrics)
  std::int64_t last_step_ = 0;   ///< the last reported step
  std::int64_t diverged_step_ = -1;
  std::string ignored_;  ///< the last line that begins with { and is no report, with the reason
};

/// Returns the part of a line that may be a report, without the spaces around it.
std::string_view report_in(std::string_view line, Report::Start start);

}  // namespace rhosweep::program
