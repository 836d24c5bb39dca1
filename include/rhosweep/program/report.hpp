#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/metric.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::program {

/// What a program reports on standard output, line by line. A line that begins with a brace is an object of
/// JSON with a step, the number of updates done, and metrics there:
///   {"step": 100, "train_loss": 0.5}
/// Other lines, other members and other steps than those of the learning curve are the program's own affair;
/// what is reported again replaces what was. NaN and Infinity, which Python writes, are read as null, and a
/// metric that is null is not finite. A trial has diverged where train_loss is not finite, or with
///   {"step": 100, "diverged": true}
/// whose step may be left out: then it is the last one reported.
class Report {
 public:
  /// @param metrics train_loss first; must outlive the report
  /// @param evaluation_steps increasing; the last is T
  Report(const std::vector<model::Metric>& metrics, std::vector<std::int64_t> evaluation_steps);

  /// Reads a line. Throws core::Error for one that begins with a brace and is not of that form. After the
  /// line with which the trial has diverged, nothing more counts.
  void read(std::string_view line);

  bool has_diverged() const { return diverged_step_ >= 0; }

  /// The result of one trial. Points of the curve that were not reported are NaN; from the divergence on, all
  /// have the worst value of their metric. Throws core::Error if the trial has not diverged and a metric at
  /// the last step is missing.
  model::BlockResult result() const;

 private:
  double& at(std::size_t metric, std::size_t evaluation) {
    return values_[metric * steps_.size() + evaluation];
  }

  const std::vector<model::Metric>& metrics_;
  std::vector<std::int64_t> steps_;
  std::vector<double> values_;   ///< (metrics, evaluations)
  std::vector<char> has_final_;  ///< (metrics)
  std::int64_t last_step_ = 0;   ///< reported
  std::int64_t diverged_step_ = -1;
};

}  // namespace rhosweep::program
