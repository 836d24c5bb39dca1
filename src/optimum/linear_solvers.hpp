#pragma once

#include <functional>

#include <Eigen/Core>

namespace rhosweep::optimum {

/// Multiplies by a symmetric positive matrix or by its inverse.
using Operator = std::function<Eigen::VectorXd(const Eigen::VectorXd&)>;

/// Up to so many dimensions a Cholesky factorisation is worth its cube of operations.
inline constexpr Eigen::Index most_direct = 1000;

/// Keeps a singular matrix (features that are constant zero or copies of each other) invertible. Relative to
/// the diagonal, so that the scale of a feature does not matter; it slows no direction that the data
/// determines.
void add_ridge(Eigen::VectorXd& diagonal);

/// The inverse by Cholesky factors. @param matrix its lower triangle, with a ridge
Operator invert(Eigen::MatrixXd matrix);

struct ConjugateGradients {
  double accuracy;  ///< relative, in the norm of the inverse diagonal
  int most_iterations;
};

/// The solution of product(x) = right by conjugate gradients, preconditioned with the diagonal.
Eigen::VectorXd solve(const Operator& product, const Eigen::VectorXd& diagonal, const Eigen::VectorXd& right,
                      const ConjugateGradients& options);

}  // namespace rhosweep::optimum
