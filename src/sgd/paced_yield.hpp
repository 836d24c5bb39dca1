#pragma once

#include "rhosweep/model/yield.hpp"

namespace rhosweep::sgd {

/// Yields between the chunks of a block and, within long passes over the data, after a fixed number of
/// multiplications.
class PacedYield {
 public:
  /// @param yield must outlive it
  explicit PacedYield(const model::Yield& yield) : yield_(yield) {}

  /// False once the block is abandoned. Everything computed after that is ignored.
  bool goes_on() const { return goes_on_; }

  /// Yields now. @return goes_on()
  bool now() {
    since_ = 0;
    goes_on_ = goes_on_ && yield_();
    return goes_on_;
  }

  /// Yields if it is time. @param multiplications per lane, since the last call of after() or now()
  bool after(double multiplications) {
    since_ += multiplications;
    return since_ < between ? goes_on_ : now();
  }

 private:
  /// Multiplications per lane between two yields: about a tenth of a millisecond for a tile.
  static constexpr double between = 65536;

  const model::Yield& yield_;
  double since_ = 0;
  bool goes_on_ = true;
};

}  // namespace rhosweep::sgd
