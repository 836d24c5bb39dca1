#pragma once

#include <functional>

#include <Eigen/Core>

namespace rhosweep::optimum {

/// Multiplies a vector by a symmetric positive definite matrix or by the inverse of one.
using Operator = std::function<Eigen::VectorXd(const Eigen::VectorXd&)>;

/// The largest dimension for which systems are solved by Cholesky factorisation, whose work grows with the
/// cube of the dimension; larger systems are solved by conjugate gradients.
inline constexpr Eigen::Index most_direct = 1000;

/// Increases the diagonal of a matrix slightly, so that the matrix becomes invertible even if features are
/// zero or equal. The increase is relative to the diagonal, so the scale of a feature does not matter.
void add_ridge(Eigen::VectorXd& diagonal);

/// Returns the inverse of a symmetric matrix by Cholesky factorisation. @param matrix with a ridge; only the
/// lower triangle is read
Operator invert(Eigen::MatrixXd matrix);

struct ConjugateGradients {
  /// Wanted size of the residual relative to the right-hand side, in the norm of the inverse diagonal.
  double accuracy;
  int most_iterations;
};

/// Solves product(x) = right by conjugate gradients, preconditioned with the diagonal.
Eigen::VectorXd solve(const Operator& product, const Eigen::VectorXd& diagonal, const Eigen::VectorXd& right,
                      const ConjugateGradients& options);

}  // namespace rhosweep::optimum
