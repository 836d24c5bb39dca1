#pragma once

#include <cmath>

namespace rhosweep::core {

/// A sum that also accumulates the rounding error of every addition (Neumaier 1974). It is as accurate as a
/// sum in twice the precision, rounded at the end. An infinite term makes the sum infinite, a NaN makes it
/// NaN.
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
