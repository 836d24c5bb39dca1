#pragma once

#include "tile.hpp"

#include "rhosweep/core/elementary.hpp"

#include <algorithm>
#include <cstdint>

namespace rhosweep::sgd {

/// Sums losses and counts correct predictions over a data set. Multiplies the factors of many samples before
/// it takes one logarithm of their product (see LossSums).
template <class Real>
class LossTotals {
 public:
  /// @param classes number of classes for softmax, otherwise 1
  explicit LossTotals(std::int64_t classes)
      : per_sum_(std::min(most_per_sum, losses_within(most_of_sum, classes))),
        per_logarithm_(losses_within(most_of_logarithm, classes)) {}

  /// Adds `count` samples in parts. For each part, calls add_losses(first, some, sums), which must add the
  /// losses of samples first … first + some − 1 to `sums`, a LossSums<Real>.
  template <class AddLosses>
  void add(std::int64_t count, const AddLosses& add_losses) {
    for (std::int64_t first = 0; first < count; first += per_sum_) {
      LossSums<Real> own{};
      const std::int64_t some = std::min(per_sum_, count - first);
      add_losses(first, some, own);
      const auto widened = [](const Real* numbers) {
        return Eigen::Map<const Lanes<Real>>(numbers).template cast<double>();
      };
      loss_ += widened(own.sum);
      right_ += widened(own.right);
      product_ += widened(own.product) + product_ * widened(own.product);
      multiplied_ += some;
      if (multiplied_ + per_sum_ > per_logarithm_) add_logarithms();
    }
  }

  Lanes<double> loss() {
    add_logarithms();
    return loss_;
  }
  const Lanes<double>& right() const { return right_; }

 private:
  /// Limits on a product of factors: most_of_sum for the product in a LossSums, most_of_logarithm for the
  /// product in float64, whose logarithm is then taken. A factor is at most 2 or, with softmax, at most the
  /// number of classes.
  static constexpr double most_of_sum = 0x1p100;
  static constexpr double most_of_logarithm = 0x1p512;
  static constexpr std::int64_t most_per_sum = 32;

  /// Returns how many factors can be multiplied without exceeding the limit `most`; at least 1.
  static std::int64_t losses_within(double most, std::int64_t classes) {
    const auto factor = static_cast<double>(std::max<std::int64_t>(classes, 2));
    std::int64_t losses = 1;
    for (double product = factor * factor; product <= most; product *= factor) ++losses;
    return losses;
  }

  void add_logarithms() {
    loss_ += product_.unaryExpr([](double x) { return core::elementary::log1p(x); });
    product_.setZero();
    multiplied_ = 0;
  }

  std::int64_t per_sum_;
  std::int64_t per_logarithm_;
  std::int64_t multiplied_ = 0;
  Lanes<double> loss_ = Lanes<double>::Zero();
  Lanes<double> right_ = Lanes<double>::Zero();
  Lanes<double> product_ = Lanes<double>::Zero();  ///< the product minus 1, as in LossSums
};

}  // namespace rhosweep::sgd
