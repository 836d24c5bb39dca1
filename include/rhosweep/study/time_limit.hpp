#pragma once

#include "rhosweep/study/stop_switch.hpp"

#include <optional>

namespace rhosweep::study {

/// Makes the run stop before the time limit that was asked for and the end of the Slurm job, early enough for
/// the last blocks to end and the file to be closed.
/// @param limit in seconds from now
void set_deadline(StopSwitch& stop, std::optional<double> limit);

/// Predicts by the speed so far whether a block would end in time.
class Forecast {
 public:
  /// Records a finished block.
  /// @param predicted_cost of the block, in any unit
  /// @param seconds that all blocks so far took
  void count(double predicted_cost, double seconds) {
    cost_ += predicted_cost;
    seconds_ = seconds;
  }

  bool fits(double predicted_cost, std::optional<double> time_left) const {
    if (!time_left || cost_ == 0.0) return true;
    constexpr double behind_another = 2.0;  // of its kind, which the worker has in hand
    return behind_another * predicted_cost * seconds_ / cost_ < *time_left;
  }

 private:
  double cost_ = 0.0;
  double seconds_ = 0.0;
};

}  // namespace rhosweep::study
