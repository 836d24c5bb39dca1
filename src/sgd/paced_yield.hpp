#pragma once

#include "rhosweep/model/yield.hpp"

namespace rhosweep::sgd {

/// Calls a model::Yield ("yields") between the chunks of steps of a block and, within long passes over the
/// data, after a fixed number of multiplications.
class PacedYield {
 public:
  /// @param yield must outlive the new object
  explicit PacedYield(const model::Yield& yield) : yield_(yield) {}

  /// Returns false once the block is abandoned. Results that are computed afterwards are ignored.
  bool goes_on() const { return goes_on_; }

  /// Yields now. @return goes_on()
  bool now() {
    since_ = 0;
    goes_on_ = goes_on_ && yield_();
    return goes_on_;
  }

  /// Yields if at least `between` multiplications per lane were done since the last yield. @param
  /// multiplications number done per lane since the last call of after() or now()
  bool after(double multiplications) {
    since_ += multiplications;
    return since_ < between ? goes_on_ : now();
  }

 private:
  /// Multiplications per lane between two yields. A tile takes about a tenth of a millisecond for this many.
  static constexpr double between = 65536;

  const model::Yield& yield_;
  double since_ = 0;
  bool goes_on_ = true;
};

}  // namespace rhosweep::sgd
