#pragma once

#include <Eigen/Core>

namespace rhosweep::problem {

/// A loss of a linear model as pure functions of the label y (−1 or +1) and the scores z of many trials.
/// Every loss has `value` and `derivative` (with respect to z), both vectorised over trials and free of
/// overflow.

/// log(1 + exp(−y z))
struct LogisticLoss {
  template <class Real, class Scores>
  static auto value(Real y, const Eigen::ArrayBase<Scores>& z) {
    // max(−m, 0) + log(1 + exp(−|m|)) with m = y z never overflows.
    return (-y * z).max(Real(0)) + (-z.abs()).exp().log1p();
  }

  template <class Real, class Scores>
  static auto derivative(Real y, const Eigen::ArrayBase<Scores>& z) {
    return -y / (Real(1) + (y * z).exp());
  }
};

}  // namespace rhosweep::problem
