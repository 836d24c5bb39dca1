#include "linear_solvers.hpp"

#include "cholesky.hpp"
#include "sums.hpp"

#include <utility>

namespace rhosweep::optimum {

namespace {

constexpr double ridge = 1e-13;

}  // namespace

void add_ridge(Eigen::VectorXd& diagonal) {
  diagonal = (diagonal.array() > 0).select(diagonal * (1 + ridge), 1.0);
}

Operator invert(Eigen::MatrixXd matrix) {
  Cholesky factors(matrix);
  for (double more = ridge; !factors.is_positive() && more < 1; more *= 10) {
    // Rounding errors have made the smallest eigenvalue negative, so increase the diagonal and try again.
    matrix.diagonal() *= 1 + more;
    factors = Cholesky(matrix);
  }
  return [factors = std::move(factors)](const Eigen::VectorXd& right) -> Eigen::VectorXd {
    return factors.solve(right);
  };
}

Eigen::VectorXd solve(const Operator& product, const Eigen::VectorXd& diagonal, const Eigen::VectorXd& right,
                      const ConjugateGradients& options) {
  Eigen::VectorXd x = Eigen::VectorXd::Zero(right.size());
  Eigen::VectorXd residual = right;
  Eigen::VectorXd scaled = residual.cwiseQuotient(diagonal);
  Eigen::VectorXd direction = scaled;
  double square = dot(residual, scaled);
  const double target = options.accuracy * options.accuracy * square;
  for (int i = 0; i < options.most_iterations && square > target; ++i) {
    const Eigen::VectorXd image = product(direction);
    const double length = square / dot(direction, image);
    x += length * direction;
    residual -= length * image;
    scaled = residual.cwiseQuotient(diagonal);
    direction = scaled + dot(residual, scaled) / square * direction;
    square = dot(residual, scaled);
  }
  return x;
}

}  // namespace rhosweep::optimum
