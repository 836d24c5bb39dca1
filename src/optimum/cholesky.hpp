#pragma once

#include "padded_columns.hpp"

#include <Eigen/Core>

namespace rhosweep::optimum {

/// The Cholesky factorisation L Lᵀ of a symmetric matrix. The order of the sums does not depend on the
/// processor. core::add_products() does most of the work, so the factorisation is fast.
class Cholesky {
 public:
  /// @param matrix only its lower triangle is read
  explicit Cholesky(const Eigen::MatrixXd& matrix);

  /// Returns whether the matrix is positive definite, up to rounding errors. If not, solve() has no solution.
  bool is_positive() const { return is_positive_; }

  /// Returns the x with L Lᵀ x = right.
  Eigen::VectorXd solve(const Eigen::VectorXd& right) const;

 private:
  /// Factorises columns `first` … `end` − 1, from which the products of the previous columns have been
  /// subtracted.
  bool factorise(std::int64_t first, std::int64_t end);

  PaddedColumns factor_;  ///< L; the numbers above its diagonal are not used
  bool is_positive_ = true;
};

}  // namespace rhosweep::optimum
