#pragma once

#include <cmath>

namespace rhosweep::core {

/// A sum that carries the rounding error of every addition along (Neumaier 1974): as good as one in twice the
/// precision, rounded at its end. An infinite term makes it infinite, a NaN makes it NaN.
class CompensatedSum {
 public:
  void add(double term) {
    const double next = sum_ + term;
    if (std::isfinite(next))
      error_ += std::abs(sum_) >= std::abs(term) ? (sum_ - next) + term : (term - next) + sum_;
    sum_ = next;
  }
  double value() const { return sum_ + error_; }

 private:
  double sum_ = 0.0;
  double error_ = 0.0;
};

}  // namespace rhosweep::core
