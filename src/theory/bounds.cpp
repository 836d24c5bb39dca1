#include "rhosweep/theory/bounds.hpp"

#include <cmath>

namespace rhosweep::theory {

namespace {

/// A sum that carries the rounding error of every addition along (Neumaier 1974).
class CompensatedSum {
 public:
  void add(double term) {
    const double next = sum_ + term;
    error_ += std::abs(sum_) >= std::abs(term) ? (sum_ - next) + term : (term - next) + sum_;
    sum_ = next;
  }
  double value() const { return sum_ + error_; }

 private:
  double sum_ = 0.0;
  double error_ = 0.0;
};

}  // namespace

ScheduleSums schedule_sums(const model::Schedule& schedule, std::int64_t steps) {
  CompensatedSum tail;
  CompensatedSum q;
  for (std::int64_t t = steps; t-- > 0;) {
    const double h = schedule(t, steps);
    tail.add(h);
    if (h > 0.0) q.add(h * h / tail.value());
  }
  return {tail.value(), q.value()};
}

double tuned_stepsize(const ScheduleSums& sums, double diameter, double gradient_bound) {
  return diameter / (gradient_bound * std::sqrt(sums.s0 * sums.q0));
}

double tuned_bound(const ScheduleSums& sums, double diameter, double gradient_bound) {
  return diameter * gradient_bound * std::sqrt(sums.q0 / sums.s0);
}

}  // namespace rhosweep::theory
