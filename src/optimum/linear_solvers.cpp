#include "linear_solvers.hpp"

#include <utility>

#include <Eigen/Cholesky>

namespace rhosweep::optimum {

namespace {

constexpr double ridge = 1e-13;

}  // namespace

void add_ridge(Eigen::VectorXd& diagonal) {
  diagonal = (diagonal.array() > 0).select(diagonal * (1 + ridge), 1.0);
}

Operator invert(Eigen::MatrixXd matrix) {
  Eigen::LLT<Eigen::MatrixXd> factors(matrix);
  for (double more = ridge; factors.info() != Eigen::Success && more < 1; more *= 10) {
    // Rounding errors have made the smallest eigenvalue negative, so increase the diagonal.
    matrix.diagonal() *= 1 + more;
    factors.compute(matrix);
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
  double square = residual.dot(scaled);
  const double target = options.accuracy * options.accuracy * square;
  for (int i = 0; i < options.most_iterations && square > target; ++i) {
    const Eigen::VectorXd image = product(direction);
    const double length = square / direction.dot(image);
    x += length * direction;
    residual -= length * image;
    scaled = residual.cwiseQuotient(diagonal);
    direction = scaled + residual.dot(scaled) / square * direction;
    square = residual.dot(scaled);
  }
  return x;
}

}  // namespace rhosweep::optimum
