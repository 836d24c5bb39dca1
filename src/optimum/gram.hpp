#pragma once

#include <cstdint>
#include <vector>

#include <Eigen/Core>

namespace rhosweep::optimum {

/// Xᵀ diag(s) X of dense samples, which come by in panels.
class Gram {
 public:
  explicit Gram(std::int64_t features);

  /// @param panel (features, samples)
  /// @param s (samples)
  void add(const Eigen::MatrixXd& panel, const Eigen::Ref<const Eigen::VectorXd>& s);

  /// (features, features), of which the lower triangle is set.
  Eigen::MatrixXd lower() const;

 private:
  std::int64_t features_;
  std::int64_t row_tiles_;
  std::int64_t column_tiles_;
  std::int64_t stride_;        ///< features, filled up
  std::vector<double> sums_;   ///< (features filled up, stride)
  std::vector<double> left_;   ///< of a panel, diag(s) X as core::add_products() takes it
  std::vector<double> right_;  ///< a tile's columns of X
};

}  // namespace rhosweep::optimum
