#pragma once

#include "rhosweep/model/pulse.hpp"

namespace rhosweep::sgd {

/// Takes the pulse of a block between its chunks and, by the work done since, within long passes over the
/// data.
class PacedPulse {
 public:
  /// @param pulse must outlive it
  explicit PacedPulse(const model::Pulse& pulse) : pulse_(pulse) {}

  /// False once the block is given up, from when on nothing that is computed counts.
  bool goes_on() const { return goes_on_; }

  /// @return goes_on()
  bool take() {
    since_ = 0;
    goes_on_ = goes_on_ && pulse_();
    return goes_on_;
  }

  /// Takes it if it is due. @param work multiplications of a lane since the last call
  bool take_after(double work) {
    since_ += work;
    return since_ < between ? goes_on_ : take();
  }

 private:
  /// About a tenth of a millisecond for a tile.
  static constexpr double between = 65536;

  const model::Pulse& pulse_;
  double since_ = 0;
  bool goes_on_ = true;
};

}  // namespace rhosweep::sgd
