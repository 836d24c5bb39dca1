#include "minimise.hpp"

#include "with_real.hpp"

#include "rhosweep/core/log.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include <Eigen/Cholesky>
#include <Eigen/Core>

namespace rhosweep::problem {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

/// log(1 + exp(−m)) of many margins m = y z and its slope by m, free of overflow.
struct LogisticLoss {
  static auto value(const Eigen::ArrayXd& m) { return (-m).max(0.0) + (-m.abs()).exp().log1p(); }
  static auto opposite_derivative(const Eigen::ArrayXd& m) { return 1.0 / (1.0 + m.exp()); }
};

/// The samples as a matrix X (samples, dimension) in float64, whatever they are stored as.
class Design {
 public:
  explicit Design(const Dataset& data) : data_(data) {}

  VectorXd labels() const {
    return with_real(data_.precision(), [&](auto real) -> VectorXd {
      using Real = decltype(real);
      const auto labels = data_.labels<Real>();
      return Eigen::Map<const Eigen::VectorX<Real>>(labels.data(), data_.samples()).template cast<double>();
    });
  }

  /// X w
  VectorXd scores(const VectorXd& w) const {
    VectorXd z = VectorXd::Zero(data_.samples());
    for_each_panel(
        [&](std::int64_t first, const MatrixXd& panel) {
          z.segment(first, panel.cols()).noalias() = panel.transpose() * w;
        },
        [&](std::int64_t i, std::int32_t j, double x) { z[i] += x * w[j]; });
    return z;
  }

  /// Xᵀ c
  VectorXd combine(const VectorXd& c) const {
    VectorXd sum = VectorXd::Zero(data_.features());
    for_each_panel([&](std::int64_t first,
                       const MatrixXd& panel) { sum.noalias() += panel * c.segment(first, panel.cols()); },
                   [&](std::int64_t i, std::int32_t j, double x) { sum[j] += x * c[i]; });
    return sum;
  }

  /// The diagonal of Xᵀ diag(s) X
  VectorXd gram_diagonal(const VectorXd& s) const {
    VectorXd sum = VectorXd::Zero(data_.features());
    for_each_panel(
        [&](std::int64_t first, const MatrixXd& panel) {
          sum.noalias() += panel.cwiseAbs2() * s.segment(first, panel.cols());
        },
        [&](std::int64_t i, std::int32_t j, double x) { sum[j] += x * x * s[i]; });
    return sum;
  }

  /// Xᵀ diag(s) X, of which the lower triangle is set.
  MatrixXd gram(const VectorXd& s) const {
    MatrixXd sum = MatrixXd::Zero(data_.features(), data_.features());
    if (data_.storage() == Dataset::Storage::sparse) {
      add_sparse_gram(s, sum);
      return sum;
    }
    for_each_panel(
        [&](std::int64_t first, MatrixXd& panel) {
          panel *= s.segment(first, panel.cols()).cwiseSqrt().asDiagonal();
          sum.selfadjointView<Eigen::Lower>().rankUpdate(panel);
        },
        [](std::int64_t, std::int32_t, double) {});
    return sum;
  }

 private:
  /// Visits dense data by panels (dimension, samples of the panel) that fit the cache, and sparse data number
  /// by number, both in the order of the samples.
  template <class OnPanel, class OnNumber>
  void for_each_panel(OnPanel on_panel, OnNumber on_number) const {
    constexpr std::int64_t panel_samples = 256;
    with_real(data_.precision(), [&](auto real) {
      using Real = decltype(real);
      if (data_.storage() == Dataset::Storage::sparse) {
        for (std::int64_t i = 0; i < data_.samples(); ++i) {
          const auto row = data_.sparse_row<Real>(i);
          for (std::size_t k = 0; k < row.columns.size(); ++k)
            on_number(i, row.columns[k], static_cast<double>(row.values[k]));
        }
        return;
      }
      for (std::int64_t first = 0; first < data_.samples(); first += panel_samples) {
        const std::int64_t samples = std::min(panel_samples, data_.samples() - first);
        MatrixXd panel =
            Eigen::Map<const Eigen::MatrixX<Real>>(data_.dense_row<Real>(first), data_.features(), samples)
                .template cast<double>();
        on_panel(first, panel);
      }
    });
  }

  void add_sparse_gram(const VectorXd& s, MatrixXd& sum) const {
    with_real(data_.precision(), [&](auto real) {
      using Real = decltype(real);
      for (std::int64_t i = 0; i < data_.samples(); ++i) {
        const auto row = data_.sparse_row<Real>(i);
        for (std::size_t k = 0; k < row.columns.size(); ++k) {
          const double scaled = s[i] * static_cast<double>(row.values[k]);
          for (std::size_t below = k; below < row.columns.size(); ++below)
            sum(row.columns[below], row.columns[k]) += scaled * static_cast<double>(row.values[below]);
        }
      }
    });
  }

  const Dataset& data_;
};

/// Multiplies by the inverse of a matrix.
using Solve = std::function<VectorXd(const VectorXd&)>;
/// A Hessian H; called with a shift, it solves with H + shift·I.
using Hessian = std::function<Solve(double shift)>;

/// Keeps a singular Hessian (features that are constant zero or copies of each other) invertible. Relative to
/// the diagonal, so that the scale of a feature does not matter; it slows no direction that the data
/// determines.
constexpr double ridge = 1e-13;

void add_ridge(VectorXd& diagonal) {
  diagonal = (diagonal.array() > 0).select(diagonal * (1 + ridge), 1.0);
}

/// Relative error of a step, below which it is not worth refining: the next one corrects it.
constexpr double solve_accuracy = 1e-8;

/// By Cholesky factors.
Hessian direct_hessian(const Design& design, const VectorXd& s, double l2) {
  MatrixXd matrix = design.gram(s);
  VectorXd diagonal = matrix.diagonal().array() + l2;
  add_ridge(diagonal);
  matrix.diagonal() = diagonal;
  return [matrix = std::move(matrix)](double shift) -> Solve {
    MatrixXd shifted = matrix;
    shifted.diagonal().array() += shift;
    Eigen::LLT<MatrixXd> factors(shifted);
    for (double more = ridge; factors.info() != Eigen::Success && more < 1; more *= 10) {
      // Rounding took the smallest eigenvalue below zero.
      shifted.diagonal() *= 1 + more;
      factors.compute(shifted);
    }
    return [factors = std::move(factors)](const VectorXd& right) -> VectorXd { return factors.solve(right); };
  };
}

/// By conjugate gradients, preconditioned with the diagonal.
Hessian iterative_hessian(const Design& design, const VectorXd& s, double l2) {
  VectorXd diagonal = design.gram_diagonal(s).array() + l2;
  add_ridge(diagonal);
  return [&design, s, l2, diagonal = std::move(diagonal)](double shift) -> Solve {
    return [&design, s, l2 = l2 + shift,
            diagonal = VectorXd(diagonal.array() + shift)](const VectorXd& right) -> VectorXd {
      constexpr int most_iterations = 2000;
      VectorXd x = VectorXd::Zero(right.size());
      VectorXd residual = right;
      VectorXd scaled = residual.cwiseQuotient(diagonal);
      VectorXd direction = scaled;
      double square = residual.dot(scaled);
      const double target = solve_accuracy * solve_accuracy * square;
      for (int i = 0; i < most_iterations && square > target; ++i) {
        const VectorXd product = design.combine(s.cwiseProduct(design.scores(direction))) + l2 * direction;
        const double length = square / direction.dot(product);
        x += length * direction;
        residual -= length * product;
        scaled = residual.cwiseQuotient(diagonal);
        direction = scaled + residual.dot(scaled) / square * direction;
        square = residual.dot(scaled);
      }
      return x;
    };
  };
}

struct Step {
  VectorXd change;
  bool to_sphere = false;
  double multiplier = 0.0;  ///< of the constraint
};

/// Minimises the quadratic model g·p + ½ p·Hp over ‖w + p‖ ≤ radius (over all p when radius is 0). On the
/// sphere, finds the multiplier by Newton's method on 1/‖w + p‖ − 1/radius, which is concave and nearly
/// linear in it: from any guess the iterates go below the root and rise monotonically (Moré & Sorensen 1983).
/// @param multiplier the guess; 0 when radius is 0
Step model_step(const Hessian& hessian, const VectorXd& gradient, const VectorXd& w, double radius,
                double multiplier) {
  constexpr int most_iterations = 50;
  VectorXd end;
  for (int i = 0; i < most_iterations; ++i) {
    const Solve solve = hessian(multiplier);
    const VectorXd change = solve(-gradient - multiplier * w);
    end = w + change;
    const double norm = end.norm();
    if (multiplier == 0.0 && (radius == 0.0 || norm <= radius)) return {change};
    if (std::abs(norm - radius) <= 1e-12 * radius + solve_accuracy * change.norm()) break;
    const double increase = (norm - radius) / radius * norm * norm / end.dot(solve(end));
    multiplier = std::max(0.0, multiplier + increase);
  }
  return {end * (radius / end.norm()) - w, true, multiplier};
}

}  // namespace

std::optional<Minimiser> minimise_logistic(const Dataset& data, double l2, double radius) {
  constexpr std::int64_t most_direct = 1000;  // dimensions
  constexpr int most_iterations = 200;
  const bool is_bounded = l2 > 0 || radius > 0;
  const auto samples = static_cast<double>(data.samples());
  const Design design(data);
  const VectorXd labels = design.labels();

  const auto objective = [&](const VectorXd& w, const VectorXd& scores) {
    return LogisticLoss::value((labels.array() * scores.array()).eval()).sum() / samples +
           l2 / 2 * w.squaredNorm();
  };

  VectorXd w = VectorXd::Zero(data.features());
  double multiplier = 0.0;
  double predicted = std::numeric_limits<double>::infinity();
  for (int iteration = 0; iteration < most_iterations; ++iteration) {
    const VectorXd scores = design.scores(w);
    const Eigen::ArrayXd margins = labels.array() * scores.array();
    // If w classifies everything, longer multiples of w are always better.
    if (!is_bounded && margins.minCoeff() >= 0 && margins.maxCoeff() > 0) return std::nullopt;

    const Eigen::ArrayXd slopes = LogisticLoss::opposite_derivative(margins);
    const VectorXd gradient = -design.combine(labels.array() * slopes) / samples + l2 * w;
    const VectorXd curvatures = slopes * (1 - slopes) / samples;
    const Hessian hessian = data.features() <= most_direct ? direct_hessian(design, curvatures, l2)
                                                           : iterative_hessian(design, curvatures, l2);
    // At w = 0 the multiplier is at most ‖gradient‖/radius: there every system is well
    // conditioned.
    if (iteration == 0 && radius > 0) multiplier = gradient.norm() / radius;
    const Step step = model_step(hessian, gradient, w, radius, multiplier);
    multiplier = step.multiplier;

    const VectorXd score_change = design.scores(step.change);
    const double curvature = score_change.cwiseAbs2().dot(curvatures);
    const double slope = gradient.dot(step.change);
    predicted = -slope - (curvature + l2 * step.change.squaredNorm()) / 2;

    // Armijo's rule, up to the rounding of the objective.
    const double value = objective(w, scores);
    const auto is_enough = [&](double length) {
      const double reached = objective(w + length * step.change, scores + length * score_change);
      return reached <= value + 1e-4 * length * slope + 1e-15;
    };
    double length = 1.0;
    while (!is_enough(length) && length > 1e-10) length /= 2;
    w += length * step.change;
    if (step.to_sphere && length == 1.0) w *= radius / w.norm();

    // Near the minimiser the prediction is the excess before the step, and a Newton step squares it. With
    // an active ball it cannot fall below the rounding of gradient · w.
    if (!(predicted <= 1e-18 + 1e-15 * radius * gradient.norm())) continue;
    // Data separable but for samples on the separating plane: the step goes where the loss has lost its
    // curvature, compared with that at w = 0, and nothing else holds it back.
    const double initial_curvature = score_change.squaredNorm() / (4 * samples);
    if (!is_bounded && curvature < 1e-9 * initial_curvature) return std::nullopt;
    const std::vector<double> point(w.begin(), w.end());
    return Minimiser{objective(w, design.scores(w)), point};
  }
  core::log::warning(
      "the minimiser of the logistic loss was not found in {} Newton steps (predicted excess {:.1g}): "
      "excess_loss and distance are left out",
      most_iterations, predicted);
  return std::nullopt;
}

}  // namespace rhosweep::problem
