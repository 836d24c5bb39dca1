#include "rhosweep/optimum/newton.hpp"

#include "design.hpp"
#include "linear_solvers.hpp"
#include "row_space.hpp"
#include "sums.hpp"

#include "rhosweep/core/elementary.hpp"
#include "rhosweep/core/log.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include <Eigen/Core>

namespace rhosweep::optimum {

namespace {

namespace elementary = core::elementary;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// A Hessian H. A call with a shift returns the inverse of H + shift·I.
using Hessian = std::function<Operator(double shift)>;

/// Relative error that a Newton step may have, since the next step corrects the error.
constexpr double solve_accuracy = 1e-8;
constexpr int most_iterations_of_solve = 2000;

/// The loss log(1 + exp(−y z)), computed from margins m = y z without overflow.
class LogisticModel {
 public:
  using Scores = VectorXd;  // (samples)

  explicit LogisticModel(const data::Dataset& data)
      : design_(data), samples_(static_cast<double>(data.samples())), labels_(design_.labels()) {}

  std::int64_t dimension() const { return design_.features(); }
  Scores scores(const VectorXd& w) const { return design_.scores(w); }

  double mean_loss(const Scores& scores) const {
    const Eigen::ArrayXd margins = labels_.array() * scores.array();
    return sum(margins.unaryExpr([](double m) {
             return std::max(-m, 0.0) + elementary::log1p(elementary::exp(-std::abs(m)));
           })) /
           samples_;
  }

  /// Returns whether the weights with these scores separate the classes. If so, the loss decreases whenever
  /// the weights are scaled up.
  bool separates(const Scores& scores) const {
    const Eigen::ArrayXd margins = labels_.array() * scores.array();
    return margins.minCoeff() >= 0 && margins.maxCoeff() > 0;
  }

  /// Computes the derivatives at `scores`, for the functions below.
  void expand(const Scores& scores) {
    const Eigen::ArrayXd margins = labels_.array() * scores.array();
    slopes_ = margins.unaryExpr([](double m) { return 1.0 / (1.0 + elementary::exp(m)); });
    curvatures_ = slopes_ * (1 - slopes_) / samples_;
  }
  VectorXd gradient() const { return -design_.combine(labels_.array() * slopes_) / samples_; }
  /// Returns the second derivative of the mean loss along a change of the scores.
  double curvature(const Scores& change) const { return dot(change.cwiseAbs2(), curvatures_); }
  /// Returns the second derivative of the mean loss at w = 0 along a change of the scores.
  double initial_curvature(const Scores& change) const { return squared_norm(change) / (4 * samples_); }

  static double accuracy(double /*predicted*/) { return solve_accuracy; }
  /// Returns the Hessian. It is inverted by Cholesky factorisation, or by conjugate gradients if the
  /// dimension is large.
  Hessian hessian(double l2, double accuracy) const {
    if (dimension() <= most_direct) {
      MatrixXd matrix = design_.gram(curvatures_);
      VectorXd diagonal = matrix.diagonal().array() + l2;
      add_ridge(diagonal);
      matrix.diagonal() = diagonal;
      return [matrix = std::move(matrix)](double shift) -> Operator {
        MatrixXd shifted = matrix;
        shifted.diagonal().array() += shift;
        return invert(std::move(shifted));
      };
    }
    VectorXd diagonal = design_.gram_diagonal(curvatures_).array() + l2;
    add_ridge(diagonal);
    return [this, l2, accuracy, diagonal = std::move(diagonal)](double shift) -> Operator {
      return [this, l2 = l2 + shift, accuracy,
              diagonal = VectorXd(diagonal.array() + shift)](const VectorXd& right) -> VectorXd {
        const auto product = [&](const VectorXd& x) -> VectorXd {
          return design_.combine(curvatures_.cwiseProduct(design_.scores(x))) + l2 * x;
        };
        return solve(product, diagonal, right,
                     {.accuracy = accuracy, .most_iterations = most_iterations_of_solve});
      };
    };
  }
  static bool is_exhausted() { return false; }
  static constexpr bool has_proof = false;

 private:
  Design design_;
  double samples_;
  VectorXd labels_;
  Eigen::ArrayXd slopes_;
  VectorXd curvatures_;
};

/// The loss log Σ_c exp(z_c) − z_y. The weights are stored one class after another. The gradient and all
/// steps sum to zero over the classes. So with l2 = 0, the minimiser with the smallest norm is found.
class SoftmaxModel {
 public:
  using Scores = Design::Classes;  // (samples, classes)

  SoftmaxModel(const data::Dataset& data, std::int64_t classes)
      : design_(data), samples_(static_cast<double>(data.samples())), classes_(classes) {
    for (const double label : design_.labels()) labels_.push_back(static_cast<Eigen::Index>(label));
    // Limits the search to about half a minute.
    constexpr double most_operations = 5e10;
    products_left_ = most_operations / (4 * static_cast<double>(design_.nonzeros() * classes));
  }

  std::int64_t dimension() const { return design_.features() * classes_; }
  Scores scores(const VectorXd& w) const { return design_.scores_of_classes(by_class(w)); }

  double mean_loss(const Scores& scores) const {
    Eigen::ArrayXd losses(scores.rows());
    for (Eigen::Index i = 0; i < scores.rows(); ++i) {
      const double largest = scores.row(i).maxCoeff();
      double total = 0.0;
      for (Eigen::Index c = 0; c < scores.cols(); ++c) total += elementary::exp(scores(i, c) - largest);
      losses[i] = elementary::log(total) + (largest - scores(i, labels_[i]));
    }
    return sum(losses) / samples_;
  }

  bool separates(const Scores& scores) const {
    bool any = false;
    for (Eigen::Index i = 0; i < scores.rows(); ++i) {
      if (scores.row(i).maxCoeff() > scores(i, labels_[i])) return false;
      any = any || scores.row(i).minCoeff() < scores(i, labels_[i]);
    }
    return any;
  }

  void expand(const Scores& scores) {
    shares_ = scores;
    for (Eigen::Index i = 0; i < shares_.rows(); ++i) {
      const double largest = scores.row(i).maxCoeff();
      double total = 0.0;
      for (double& share : shares_.row(i)) total += share = elementary::exp(share - largest);
      shares_.row(i) /= total;
    }
  }
  VectorXd gradient() const {
    Scores slopes = shares_;
    for (Eigen::Index i = 0; i < slopes.rows(); ++i) slopes(i, labels_[i]) -= 1;
    return flat(design_.combine_classes(slopes)) / samples_;
  }
  double curvature(const Scores& change) const {
    return sum_of_all(change.cwiseProduct(curve(change, shares_))) / samples_;
  }
  double initial_curvature(const Scores& change) const {
    const auto even = Scores::Constant(change.rows(), change.cols(), 1.0 / static_cast<double>(classes_));
    return sum_of_all(change.cwiseProduct(curve(change, even))) / samples_;
  }

  /// Returns the relative accuracy for the next step. @param predicted the decrease of the objective that was
  /// predicted for the previous step
  double accuracy(double predicted) const {
    return is_direct() ? solve_accuracy : std::clamp(predicted, solve_accuracy, 0.1);
  }
  /// Returns the Hessian. It is inverted by Cholesky factorisation, or by conjugate gradients if the problem
  /// is large.
  Hessian hessian(double l2, double accuracy) const {
    if (is_direct()) return direct_hessian(l2);
    // The preconditioner is the same for all classes, so that steps sum to zero over the classes.
    const VectorXd mean = row_sums(shares_ - shares_.cwiseAbs2()) / static_cast<double>(classes_);
    VectorXd diagonal = (design_.gram_diagonal(mean) / samples_).replicate(classes_, 1).array() + l2;
    add_ridge(diagonal);
    return [this, l2, accuracy, diagonal = std::move(diagonal)](double shift) -> Operator {
      return [this, l2 = l2 + shift, accuracy,
              diagonal = VectorXd(diagonal.array() + shift)](const VectorXd& right) -> VectorXd {
        const auto product = [&](const VectorXd& x) -> VectorXd {
          --products_left_;
          return flat(design_.combine_classes(curve(scores(x), shares_))) / samples_ + l2 * x;
        };
        const auto most =
            static_cast<int>(std::clamp(products_left_, 1.0, static_cast<double>(most_iterations_of_solve)));
        return without_means(solve(product, diagonal, without_means(right, classes_),
                                   {.accuracy = accuracy, .most_iterations = most}),
                             classes_);
      };
    };
  }
  bool is_exhausted() const { return products_left_ <= 0; }
  static constexpr bool has_proof = true;

 private:
  bool is_direct() const {
    constexpr double most_operations = 1e9;  // to compute a Hessian
    const auto size = static_cast<double>(dimension());
    return dimension() <= most_direct && samples_ * size * size / 2 <= most_operations;
  }

  Hessian direct_hessian(double l2) const {
    const std::int64_t features = design_.features();
    MatrixXd matrix = MatrixXd::Zero(dimension(), dimension());
    for (std::int64_t c = 0; c < classes_; ++c) {
      for (std::int64_t other = 0; other <= c; ++other) {
        const VectorXd both = shares_.col(c).cwiseProduct(shares_.col(other));
        MatrixXd block = c == other ? design_.gram(shares_.col(c) - both) : MatrixXd(-design_.gram(both));
        block.triangularView<Eigen::StrictlyUpper>() = block.transpose();
        matrix.block(c * features, other * features, features, features) = block / samples_;
      }
    }
    VectorXd diagonal = matrix.diagonal().array() + l2;
    add_ridge(diagonal);
    matrix.diagonal() = diagonal;
    return [matrix = std::move(matrix), classes = classes_](double shift) -> Operator {
      MatrixXd shifted = matrix;
      shifted.diagonal().array() += shift;
      return [inverse = invert(std::move(shifted)), classes](const VectorXd& right) {
        return without_means(inverse(right), classes);
      };
    };
  }

  /// Subtracts, for each feature, the mean of the weights over the classes. With l2 = 0 this mean has no
  /// effect on the loss, but rounding errors could make it large.
  static VectorXd without_means(const VectorXd& w, std::int64_t classes) {
    MatrixXd by_class = Eigen::Map<const MatrixXd>(w.data(), w.size() / classes, classes);
    by_class.colwise() -= row_sums(by_class) / static_cast<double>(classes);
    return Eigen::Map<const VectorXd>(by_class.data(), by_class.size());
  }

  Scores by_class(const VectorXd& w) const {
    return Eigen::Map<const MatrixXd>(w.data(), design_.features(), classes_);
  }
  static VectorXd flat(const Scores& by_class) {
    const MatrixXd columns = by_class;
    return Eigen::Map<const VectorXd>(columns.data(), columns.size());
  }
  static double sum_of_all(const Scores& numbers) {
    return sum(Eigen::Map<const Eigen::ArrayXd>(numbers.data(), numbers.size()));
  }
  /// Returns the sum over the classes, in their order, for each sample or feature.
  static VectorXd row_sums(const MatrixXd& by_class) {
    VectorXd sums = VectorXd::Zero(by_class.rows());
    for (Eigen::Index c = 0; c < by_class.cols(); ++c) sums += by_class.col(c);
    return sums;
  }
  /// Returns the derivatives of the probabilities p along a change s of the scores: p_c·(s_c − Σ_k p_k·s_k)
  /// for class c.
  static Scores curve(const Scores& change, const Scores& shares) {
    Scores weighted = shares.cwiseProduct(change);
    const VectorXd means = row_sums(weighted);
    weighted -= means.asDiagonal() * shares;
    return weighted;
  }

  Design design_;
  double samples_;
  std::int64_t classes_;
  std::vector<Eigen::Index> labels_;
  Scores shares_;                 ///< probabilities of the classes, (samples, classes)
  mutable double products_left_;  ///< number of products with the Hessian that the search may still compute
};

struct Step {
  VectorXd change;
  bool to_sphere = false;
  double multiplier = 0.0;  ///< Lagrange multiplier of the ball constraint
};

/// Minimises the quadratic model g·p + ½ p·Hp over ‖w + p‖ ≤ radius, or over all p if radius is 0. If the
/// minimiser is on the sphere, finds the multiplier by Newton's method on 1/‖w + p‖ − 1/radius. This function
/// of the multiplier is concave and nearly linear, so from any guess the iterates move below the root and
/// then increase monotonically (Moré & Sorensen 1983).
/// @param multiplier initial guess; 0 if radius is 0
/// @param accuracy relative accuracy with which systems with the Hessian are solved
Step model_step(const Hessian& hessian, const VectorXd& gradient, const VectorXd& w, double radius,
                double multiplier, double accuracy) {
  constexpr int most_iterations = 50;
  VectorXd end;
  for (int i = 0; i < most_iterations; ++i) {
    const Operator inverse = hessian(multiplier);
    const VectorXd change = inverse(-gradient - multiplier * w);
    end = w + change;
    const double length = norm(end);
    if (multiplier == 0.0 && (radius == 0.0 || length <= radius)) return {change};
    if (std::abs(length - radius) <= 1e-12 * radius + accuracy * norm(change)) break;
    const double increase = (length - radius) / radius * length * length / dot(end, inverse(end));
    multiplier = std::max(0.0, multiplier + increase);
  }
  return {end * (radius / norm(end)) - w, true, multiplier};
}

/// Returns the smaller of two bounds on f(w) − f_star: from strong convexity if l2 > 0, and from convexity on
/// the ball if radius > 0. Returns infinity if l2 and radius are 0.
double proven_excess(const VectorXd& gradient, const VectorXd& w, double l2, double radius) {
  double excess = std::numeric_limits<double>::infinity();
  if (l2 > 0) excess = squared_norm(gradient) / (2 * l2);
  if (radius > 0) excess = std::min(excess, dot(gradient, w) + radius * norm(gradient));
  return excess;
}

/// Returns the length of a step by Armijo's rule, with a tolerance for the rounding errors of the objective.
/// @param value the objective before the step
/// @param slope the derivative of the objective along the step
/// @param objective_at returns the objective after a step of a given length
template <class Objective>
double armijo_length(double value, double slope, const Objective& objective_at) {
  double length = 1.0;
  while (!(objective_at(length) <= value + 1e-4 * length * slope + 1e-15) && length > 1e-10) length /= 2;
  return length;
}

template <class Model>
std::optional<Minimiser> minimise(Model model, double l2, double radius) {
  constexpr int most_iterations = 200;
  constexpr double proven = 1e-13;
  const bool is_bounded = l2 > 0 || radius > 0;

  const auto objective = [&](const VectorXd& w, const typename Model::Scores& scores) {
    return model.mean_loss(scores) + l2 / 2 * squared_norm(w);
  };

  VectorXd w = VectorXd::Zero(model.dimension());
  double multiplier = 0.0;
  double predicted = std::numeric_limits<double>::infinity();
  for (int iteration = 0; iteration < most_iterations && !model.is_exhausted(); ++iteration) {
    const typename Model::Scores scores = model.scores(w);
    if (!is_bounded && model.separates(scores)) return std::nullopt;

    model.expand(scores);
    const VectorXd gradient = model.gradient() + l2 * w;
    const double value = objective(w, scores);
    if (Model::has_proof && proven_excess(gradient, w, l2, radius) <= proven * std::max(1.0, value))
      return Minimiser{value, {w.begin(), w.end()}};
    const double accuracy = model.accuracy(predicted);
    const Hessian hessian = model.hessian(l2, accuracy);
    // At w = 0 the multiplier is at most ‖gradient‖/radius. Starting from that bound keeps the systems well
    // conditioned.
    if (iteration == 0 && radius > 0) multiplier = norm(gradient) / radius;
    if (Model::has_proof && iteration > 0 && radius > 0)
      multiplier = std::max(multiplier, -dot(gradient, w) / (radius * radius));
    const Step step = model_step(hessian, gradient, w, radius, multiplier, accuracy);
    multiplier = step.multiplier;

    const typename Model::Scores score_change = model.scores(step.change);
    const double curvature = model.curvature(score_change);
    const double slope = dot(gradient, step.change);
    predicted = -slope - (curvature + l2 * squared_norm(step.change)) / 2;

    const double length = armijo_length(value, slope, [&](double tried) {
      return objective(w + tried * step.change, scores + tried * score_change);
    });
    w += length * step.change;
    if (step.to_sphere && length == 1.0) w *= radius / norm(w);

    // Stop when the predicted decrease is negligible. Near the minimiser, the prediction equals f(w) − f_star
    // before the step, and the step squares this difference. If w is on the sphere, rounding errors of
    // gradient·w limit how small the prediction can get, so the tolerance includes them.
    if (!(predicted <= 1e-18 + 1e-15 * radius * norm(gradient))) continue;
    // If the data is separable except for samples on the separating plane, there is no minimiser: the weights
    // grow without limit. The curvature along the step is then tiny compared with the curvature at w = 0.
    if (!is_bounded && curvature < 1e-9 * model.initial_curvature(score_change)) return std::nullopt;
    return Minimiser{objective(w, model.scores(w)), {w.begin(), w.end()}};
  }
  core::log::warning(
      "Newton's method did not find the minimum (predicted excess {:.1g}), so excess_loss and distance are NaN",
      predicted);
  return std::nullopt;
}

}  // namespace

std::optional<Minimiser> minimise_logistic(const data::Dataset& data, double l2, double radius) {
  return in_row_space(
      data, [&](const data::Dataset& samples) { return minimise(LogisticModel(samples), l2, radius); });
}

std::optional<Minimiser> minimise_softmax(const data::Dataset& data, std::int64_t classes, double l2,
                                          double radius) {
  return in_row_space(data, [&](const data::Dataset& samples) {
    return minimise(SoftmaxModel(samples, classes), l2, radius);
  });
}

}  // namespace rhosweep::optimum
