#pragma once

#include "rhosweep/model/yield.hpp"

namespace rhosweep::sgd {

/// Calls the pulse of a block between chunks and, within long passes over the data, after a fixed amount of
/// work.
class PacedPulse {
 public:
  /// @param pulse must outlive it
  explicit PacedPulse(const model::Pulse& pulse) : pulse_(pulse) {}

  /// False once the block has been given up. Everything computed after that is ignored.
  bool goes_on() const { return goes_on_; }

  /// Calls the pulse. @return goes_on()
  bool take() {
    since_ = 0;
    goes_on_ = goes_on_ && pulse_();
    return goes_on_;
  }

  /// Calls the pulse if it is due. @param work multiplications per lane since the last call
  bool take_after(double work) {
    since_ += work;
    return since_ < between ? goes_on_ : take();
  }

 private:
  /// Work between two calls, in multiplications per lane: about a tenth of a millisecond for a tile.
  static constexpr double between = 65536;

  const model::Pulse& pulse_;
  double since_ = 0;
  bool goes_on_ = true;
};

}  // namespace rhosweep::sgd
