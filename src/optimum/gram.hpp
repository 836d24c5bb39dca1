#pragma once

#include <cstdint>
#include <vector>

#include <Eigen/Core>

namespace rhosweep::optimum {

/// Computes Xᵀ diag(s) X of dense samples X. The samples are added panel by panel.
class Gram {
 public:
  explicit Gram(std::int64_t features);

  /// Adds the samples of a panel.
  /// @param panel the samples, shape (features, samples)
  /// @param s the part of s for these samples, shape (samples)
  void add(const Eigen::MatrixXd& panel, const Eigen::Ref<const Eigen::VectorXd>& s);

  /// Returns the matrix (features, features). Only the lower triangle is set.
  Eigen::MatrixXd lower() const;

 private:
  std::int64_t features_;
  std::int64_t row_tiles_;
  std::int64_t column_tiles_;
  std::int64_t stride_;        ///< number of features, padded to whole tiles
  std::vector<double> sums_;   ///< (padded features, stride)
  std::vector<double> left_;   ///< diag(s) X of a panel in the layout of core::add_products()
  std::vector<double> right_;  ///< the columns of X that belong to a tile
};

}  // namespace rhosweep::optimum
