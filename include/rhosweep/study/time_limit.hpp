#pragma once

#include "rhosweep/study/stop_switch.hpp"

#include <optional>

namespace rhosweep::study {

/// Sets the deadline of a run early enough that the last blocks can end and the file can be closed before the
/// given time limit and before the end of the Slurm job.
/// @param limit seconds from now; absent: only the Slurm job limits the run
void set_deadline(StopSwitch& stop, std::optional<double> limit);

/// Predicts from the speed so far whether a block would end in time.
class Forecast {
 public:
  /// Records a finished block.
  /// @param predicted_cost predicted cost of the block, in any unit
  /// @param seconds sum of the run times of all blocks so far
  void count(double predicted_cost, double seconds) {
    cost_ += predicted_cost;
    seconds_ = seconds;
  }

  /// Returns whether a block handed out now would end within the time left.
  bool fits(double predicted_cost, std::optional<double> time_left) const {
    if (!time_left || cost_ == 0.0) return true;
    // The worker may first have to finish its current block, which takes about as long as this one.
    constexpr double behind_another = 2.0;
    return behind_another * predicted_cost * seconds_ / cost_ < *time_left;
  }

 private:
  double cost_ = 0.0;
  double seconds_ = 0.0;
};

}  // namespace rhosweep::study
