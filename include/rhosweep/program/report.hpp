#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/metric.hpp"
#include "rhosweep/model/stop_when.hpp"

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
/// Ignores other lines, other members, and steps that are not on the learning curve. If a metric is reported
/// several times for a step, the first number counts, by which a trial may have been stopped. Numbers may
/// have any form of JSON, or be NaN, nan, Infinity, inf or Inf, with or without a minus sign; null is NaN,
/// and 1e400 is infinite. A trial has diverged if train_loss is not finite, or if the program writes
///   {"step": 100, "diverged": true}
/// If that line omits the step, the last reported step counts.
class Report {
 public:
  /// @param metrics the metrics of the trial, train_loss first; must outlive the report
  /// @param evaluation_steps the steps of the learning curve, increasing; the last is T
  /// @param stop the limits above which the trial is stopped early
  Report(const std::vector<model::Metric>& metrics, std::vector<std::int64_t> evaluation_steps,
         const model::StopLimits& stop = {});

  /// What stands before a line in the output.
  enum class Start {
    fresh,   ///< nothing, or a line feed
    redrawn  ///< a carriage return: the line may contain a progress bar before a report
  };

  /// Reads a line. Throws core::Error if its step or a value is not an allowed number, or if a value exceeds
  /// the bound of its metric by more than rounding. Lines after divergence or a stop are ignored.
  void read(std::string_view line, Start start = Start::fresh);

  /// Reads this trial's part of a line that several trials share.
  /// @param said the parsed line
  /// @param lane index of this trial among the trials that share the line
  /// @param lanes number of trials that share the line
  void take(const ReportLine& said, std::size_t lane, std::size_t lanes);

  bool has_diverged() const { return diverged_step_ >= 0; }
  /// Returns whether the trial has diverged or is to be stopped.
  bool is_over() const { return has_diverged() || stopped_at_ >= 0; }

  /// Returns the result of the trial. Points of the curve that were not reported are NaN. From the divergence
  /// on, all points have the worst value of their metric. After a stop, all points are NaN. Throws
  /// core::Error if the trial has neither diverged nor been stopped and a metric is missing at the last step;
  /// its message names the last line that begins with { and is not a report.
  model::BlockResult result() const;

 private:
  double& at(std::size_t metric, std::size_t evaluation) {
    return values_[metric * steps_.size() + evaluation];
  }

  const std::vector<model::Metric>& metrics_;
  model::StopLimits stop_;
  std::vector<std::int64_t> steps_;
  std::vector<double> values_;   ///< shape (metrics, evaluations)
  std::vector<char> has_final_;  ///< for each metric, whether the last step was reported
  std::int64_t last_step_ = 0;   ///< the last reported step
  std::int64_t diverged_step_ = -1;
  std::int64_t stopped_at_ = -1;  ///< index of the evaluation that stopped the trial, -1 if none did
  std::string ignored_;           ///< the last line that begins with { and is not a report, and why it is not
};

/// Returns the part of a line that may be a report, without the spaces around it.
std::string_view report_in(std::string_view line, Report::Start start);

}  // namespace rhosweep::program
