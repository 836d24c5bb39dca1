#include "rhosweep/optimum/interior_point.hpp"

#include "design.hpp"
#include "linear_solvers.hpp"
#include "row_space.hpp"
#include "sums.hpp"

#include "rhosweep/core/log.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace rhosweep::optimum {

namespace {

using Eigen::ArrayXd;
using Eigen::VectorXd;

/// Adds factor·w wᵀ to the lower triangle of a matrix.
void add_square(double factor, const VectorXd& w, Eigen::MatrixXd& matrix) {
  for (Eigen::Index j = 0; j < w.size(); ++j) {
    const Eigen::Index below = w.size() - j;
    matrix.col(j).tail(below) += factor * w[j] * w.tail(below);
  }
}

/// Returns the product of a symmetric matrix with x. @param matrix its lower triangle
VectorXd symmetric_product(const Eigen::MatrixXd& matrix, const VectorXd& x) {
  VectorXd product = VectorXd::Zero(x.size());
  for (Eigen::Index j = 0; j < x.size(); ++j) {
    const Eigen::Index below = x.size() - j - 1;
    product[j] += matrix(j, j) * x[j] + dot(matrix.col(j).tail(below), x.tail(below));
    product.tail(below) += x[j] * matrix.col(j).tail(below);
  }
  return product;
}

/// The objective as a saddle-point problem: the minimum over w and maximum over a of (l2/2)‖w‖² plus the mean
/// of a_i r_i − (curvature/2) a_i², with r = b + X̃w. If the loss is a function of margins, the rows of X̃
/// are the rows of X times −label, otherwise X̃ = X.
class Saddle {
 public:
  Saddle(const data::Dataset& data, const SaddleForm& form, double l2, double radius)
      : design_(data), form_(form), l2_(l2), radius_(radius), samples_(static_cast<double>(data.samples())) {
    const ArrayXd labels = design_.labels();
    signs_ = form.has_margin ? ArrayXd(-labels) : ArrayXd::Ones(labels.size());
    offsets_ = form.has_margin ? ArrayXd::Ones(labels.size()) : ArrayXd(-labels);
  }

  const SaddleForm& form() const { return form_; }
  double l2() const { return l2_; }
  double radius() const { return radius_; }
  double samples() const { return samples_; }
  const ArrayXd& offsets() const { return offsets_; }

  /// Returns X̃w.
  ArrayXd scores(const VectorXd& w) const { return signs_ * design_.scores(w).array(); }
  /// Returns X̃ᵀa / samples.
  VectorXd combine(const ArrayXd& a) const { return design_.combine((signs_ * a).matrix()) / samples_; }

  /// Returns the inverse of X̃ᵀ diag(s) X̃ / samples + shift·I + factor·w wᵀ.
  Operator inverse(const ArrayXd& s, double shift, double factor, const VectorXd& w) const {
    const VectorXd weights = s / samples_;
    if (w.size() <= most_direct) {
      Eigen::MatrixXd matrix = design_.gram(weights);
      matrix.diagonal().array() += shift;
      add_square(factor, w, matrix);
      Eigen::MatrixXd with_ridge = matrix;
      VectorXd diagonal = matrix.diagonal();
      add_ridge(diagonal);
      with_ridge.diagonal() = diagonal;
      // One step of iterative refinement removes the error due to the ridge, and some of the rounding errors.
      return [matrix = std::move(matrix),
              approximate = invert(std::move(with_ridge))](const VectorXd& right) -> VectorXd {
        const VectorXd x = approximate(right);
        return x + approximate(right - symmetric_product(matrix, x));
      };
    }
    VectorXd diagonal = design_.gram_diagonal(weights).array() + shift;
    diagonal += factor * w.cwiseAbs2();
    add_ridge(diagonal);
    return [this, weights, shift, factor, w, diagonal](const VectorXd& right) -> VectorXd {
      const auto product = [&](const VectorXd& x) -> VectorXd {
        return design_.combine(weights.cwiseProduct(design_.scores(x))) + shift * x + factor * dot(w, x) * w;
      };
      return solve(product, diagonal, right, {.accuracy = 1e-12, .most_iterations = 2000});
    };
  }

  /// Returns the objective at w. @param r the residuals at w
  double primal(const VectorXd& w, const ArrayXd& r) const {
    ArrayXd best = ArrayXd::Constant(r.size(), form_.lower);  // the a that attains the maximum
    if (form_.curvature > 0) {
      best = (r / form_.curvature).max(form_.lower).min(form_.upper);
    } else {
      best = (r > 0).select(form_.upper, best);
    }
    return sum(best * (r - form_.curvature / 2 * best)) / samples_ + l2_ / 2 * squared_norm(w);
  }

  /// Returns the minimum of the saddle-point function over ‖w‖ ≤ radius, or over all w if radius is 0, for
  /// fixed a. This is a lower bound on the minimum of the objective.
  /// @param direction the result of combine(a)
  double dual(const ArrayXd& a, const VectorXd& direction, double radius) const {
    const double slope = norm(direction);
    const double length = l2_ > 0 && (radius == 0 || slope <= l2_ * radius) ? slope / l2_ : radius;
    return sum(a * (offsets_ - form_.curvature / 2 * a)) / samples_ - slope * length +
           l2_ / 2 * length * length;
  }

 private:
  Design design_;
  SaddleForm form_;
  double l2_;
  double radius_;
  double samples_;
  ArrayXd signs_;    ///< (samples)
  ArrayXd offsets_;  ///< b, (samples)
};

/// A vector of the second-order cone head ≥ ‖tail‖. In the cone's Jordan algebra, the product of two vectors
/// is (head·head′ + tail·tail′, head·tail′ + head′·tail), and the determinant is head² − ‖tail‖².
struct Cone {
  double head = 0.0;
  VectorXd tail = {};

  double product(const Cone& other) const { return head * other.head + dot(tail, other.tail); }
  double determinant() const {
    const double length = norm(tail);
    return (head - length) * (head + length);
  }
  Cone mirrored() const { return {head, -tail}; }
};

Cone operator+(const Cone& x, const Cone& y) {
  return {x.head + y.head, x.tail + y.tail};
}
Cone operator-(const Cone& x, const Cone& y) {
  return {x.head - y.head, x.tail - y.tail};
}
Cone operator*(double factor, const Cone& x) {
  return {factor * x.head, factor * x.tail};
}
Cone product(const Cone& x, const Cone& y) {
  return {x.product(y), x.head * y.tail + y.head * x.tail};
}
/// Returns the y with product(x, y) = right.
Cone quotient(const Cone& right, const Cone& x) {
  const double head = (x.head * right.head - dot(x.tail, right.tail)) / x.determinant();
  return {head, (right.tail - head * x.tail) / x.head};
}

/// The Nesterov–Todd scaling W of a slack and its multiplier in the cone: the symmetric matrix for which
/// W·multiplier = W⁻¹·slack. W = size·(2 v vᵀ − J), where v has determinant 1 and J changes the sign of the
/// tail.
class Scaling {
 public:
  Scaling(const Cone& slack, const Cone& multiplier) {
    const Cone s = (1 / std::sqrt(slack.determinant())) * slack;
    const Cone z = (1 / std::sqrt(multiplier.determinant())) * multiplier;
    centre_ = (1 / std::sqrt(2 * (1 + s.product(z)))) * (s + z.mirrored());
    v_ = (1 / std::sqrt(2 * (centre_.head + 1))) * Cone{centre_.head + 1, centre_.tail};
    size_ = std::sqrt(std::sqrt(slack.determinant() / multiplier.determinant()));
  }

  Cone apply(const Cone& x) const { return size_ * (2 * v_.product(x) * v_ - x.mirrored()); }
  Cone invert(const Cone& x) const {
    const Cone v = v_.mirrored();
    return (1 / size_) * (2 * v.product(x) * v - x.mirrored());
  }
  // The block of W⁻² that maps tails to tails is shift·(I + 2 direction directionᵀ).
  double shift() const { return 1 / (size_ * size_); }
  const VectorXd& direction() const { return centre_.tail; }

 private:
  Cone centre_;
  Cone v_;
  double size_ = 1.0;
};

/// Returns the largest length for which from + length·step is in the cone.
double distance_to_boundary(const Cone& from, const Cone& step) {
  // The boundary is at the smallest positive root of room + 2·along·length + square·length².
  const double room = from.determinant();
  const double along = from.head * step.head - dot(from.tail, step.tail);
  const double square = step.determinant();
  const double root = along * along - square * room;
  if (root < 0) return std::numeric_limits<double>::infinity();
  const double end = along > 0 ? -along - std::sqrt(root) : std::sqrt(root) - along;
  // The roots are room/end and end/square.
  double nearest = std::numeric_limits<double>::infinity();
  for (const double length : {room / end, end / square})
    if (length > 0) nearest = std::min(nearest, length);
  return nearest;
}

/// An iterate of the method, or a step from one to the next: w, a, and the multipliers of the constraints a ≤
/// upper, a ≥ lower and ‖w‖ ≤ radius. The multipliers of a constraint that does not exist are 0.
struct Iterate {
  VectorXd w;
  ArrayXd a;
  ArrayXd upper;
  ArrayXd lower;
  Cone ball;
};

/// A primal-dual interior-point method with Mehrotra's predictor-corrector steps, as derived in Vandenberghe,
/// "The CVXOPT linear and quadratic cone program solvers". On the central path, the products of multipliers
/// and slacks are all equal to one number, which goes to 0. The slack of ‖w‖ ≤ radius is the vector (radius,
/// w) of the cone.
class InteriorPoint {
 public:
  explicit InteriorPoint(const Saddle& saddle)
      : saddle_(saddle),
        has_upper_(std::isfinite(saddle.form().upper)),
        has_lower_(std::isfinite(saddle.form().lower)),
        has_ball_(saddle.radius() > 0) {
    const SaddleForm& form = saddle.form();
    const ArrayXd& b = saddle.offsets();
    const double mean = sum(b.abs()) / saddle.samples();
    const double size = mean > 0 ? mean : 1.0;
    iterate_.w = VectorXd::Zero(saddle.combine(b).size());
    residuals_ = b;
    if (has_upper_ && has_lower_) {
      iterate_.a = ArrayXd::Constant(b.size(), (form.lower + form.upper) / 2);
    } else {
      iterate_.a = b / form.curvature;
      if (has_lower_) iterate_.a = (iterate_.a + size).max(form.lower + size);
    }
    const ArrayXd excess = b - form.curvature * iterate_.a;
    iterate_.upper = has_upper_ ? ArrayXd(excess.max(0.0) + size) : ArrayXd::Zero(b.size());
    iterate_.lower = has_lower_ ? ArrayXd((-excess).max(0.0) + size) : ArrayXd::Zero(b.size());
    const double slope = norm(saddle.combine(iterate_.a));
    iterate_.ball = {has_ball_ ? (slope > 0 ? slope : size) : 0.0, VectorXd::Zero(iterate_.w.size())};
  }

  const Iterate& iterate() const { return iterate_; }
  /// The residuals r at the iterate.
  const ArrayXd& residuals() const { return residuals_; }

  /// Takes a predictor-corrector step.
  void advance() {
    const System system = linearised();
    const ArrayXd zeros = ArrayXd::Zero(iterate_.a.size());
    const VectorXd no_weights = VectorXd::Zero(iterate_.w.size());
    const double now = mean_product(iterate_);
    const Iterate predictor = newton_step(system, zeros, zeros, {0.0, no_weights});
    const double predicted = mean_product(moved(predictor, longest(predictor, 1.0)));
    const double ratio = predicted / now;
    const double target = now > 0 ? now * (ratio * ratio * ratio) : 0.0;
    // The corrector adds the products of the predictor's changes: second-order terms that Newton's step
    // neglects.
    Cone to_ball{target, no_weights};
    if (const auto& scaling = system.scaling)
      to_ball = to_ball - product(scaling->invert({0.0, predictor.w}), scaling->apply(predictor.ball));
    const Iterate step = newton_step(system, target + predictor.upper * predictor.a,
                                     target - predictor.lower * predictor.a, to_ball);
    iterate_ = moved(step, longest(step, 0.995));
    residuals_ = saddle_.offsets() + saddle_.scores(iterate_.w);
  }

 private:
  /// The linear system of Newton's steps from the current iterate.
  struct System {
    ArrayXd upper_slack;
    ArrayXd lower_slack;
    ArrayXd stiffness;               ///< the change of a is divided by these numbers
    std::optional<Scaling> scaling;  ///< scaling of the ball constraint; unset without a ball
    Operator inverse;                ///< solves for the change of w
  };

  System linearised() const {
    System system{.upper_slack = saddle_.form().upper - iterate_.a,
                  .lower_slack = iterate_.a - saddle_.form().lower,
                  .stiffness = ArrayXd::Constant(iterate_.a.size(), saddle_.form().curvature),
                  .scaling = {},
                  .inverse = {}};
    if (has_upper_) system.stiffness += iterate_.upper / system.upper_slack;
    if (has_lower_) system.stiffness += iterate_.lower / system.lower_slack;
    if (has_ball_) system.scaling.emplace(slack_of_ball(), iterate_.ball);
    const auto& scaling = system.scaling;
    system.inverse = scaling ? saddle_.inverse(1 / system.stiffness, saddle_.l2() + scaling->shift(),
                                               2 * scaling->shift(), scaling->direction())
                             : saddle_.inverse(1 / system.stiffness, saddle_.l2(), 0.0, iterate_.w);
    return system;
  }

  /// Returns Newton's step towards an iterate whose products of multipliers and slacks have the target
  /// values. Eliminating the multipliers, and then a, leaves one linear system for w.
  /// @param to_upper, to_lower, to_ball the target values
  Iterate newton_step(const System& system, const ArrayXd& to_upper, const ArrayXd& to_lower,
                      const Cone& to_ball) const {
    const auto& [upper_slack, lower_slack, stiffness, scaling, inverse] = system;
    ArrayXd pull = residuals_ - saddle_.form().curvature * iterate_.a;
    if (has_upper_) pull -= to_upper / upper_slack;
    if (has_lower_) pull += to_lower / lower_slack;
    VectorXd right = -saddle_.combine(iterate_.a + pull / stiffness) - saddle_.l2() * iterate_.w;
    Cone quotient_of_ball;
    if (scaling) {
      quotient_of_ball = quotient(to_ball, scaling->apply(iterate_.ball));
      right += scaling->invert(quotient_of_ball).tail;
    }
    Iterate step;
    step.w = inverse(right);
    step.a = (saddle_.scores(step.w) + pull) / stiffness;
    step.upper = has_upper_ ? ArrayXd((to_upper + iterate_.upper * step.a) / upper_slack - iterate_.upper)
                            : ArrayXd::Zero(step.a.size());
    step.lower = has_lower_ ? ArrayXd((to_lower - iterate_.lower * step.a) / lower_slack - iterate_.lower)
                            : ArrayXd::Zero(step.a.size());
    step.ball = {0.0, VectorXd::Zero(step.w.size())};
    if (scaling)
      step.ball = scaling->invert(quotient_of_ball - scaling->invert({0.0, step.w})) - iterate_.ball;
    return step;
  }

  Cone slack_of_ball() const { return {saddle_.radius(), iterate_.w}; }

  double mean_product(const Iterate& at) const {
    double total = 0.0;
    double terms = 0.0;
    const auto add = [&](bool is_there, double product) {
      if (!is_there) return;
      total += product;
      ++terms;
    };
    add(has_upper_, sum(at.upper * (saddle_.form().upper - at.a)) / saddle_.samples());
    add(has_lower_, sum(at.lower * (at.a - saddle_.form().lower)) / saddle_.samples());
    add(has_ball_, at.ball.product({saddle_.radius(), at.w}));
    return terms > 0 ? total / terms : 0.0;
  }

  Iterate moved(const Iterate& step, double length) const {
    return {.w = iterate_.w + length * step.w,
            .a = iterate_.a + length * step.a,
            .upper = iterate_.upper + length * step.upper,
            .lower = iterate_.lower + length * step.lower,
            .ball = iterate_.ball + length * step.ball};
  }

  /// Returns the largest step length, at most 1, that reduces no multiplier or slack by more than `share` of
  /// the way to its limit.
  double longest(const Iterate& step, double share) const {
    double length = 1.0;
    const auto limit = [&](const ArrayXd& from, const ArrayXd& change) {
      for (Eigen::Index i = 0; i < from.size(); ++i)
        if (change[i] < 0) length = std::min(length, -share * from[i] / change[i]);
    };
    if (has_upper_) limit(iterate_.upper, step.upper);
    if (has_lower_) limit(iterate_.lower, step.lower);
    if (has_upper_) limit(saddle_.form().upper - iterate_.a, -step.a);
    if (has_lower_) limit(iterate_.a - saddle_.form().lower, step.a);
    if (!has_ball_) return length;
    length = std::min(length, share * distance_to_boundary(slack_of_ball(), {0.0, step.w}));
    return std::min(length, share * distance_to_boundary(iterate_.ball, step.ball));
  }

  const Saddle& saddle_;
  bool has_upper_;
  bool has_lower_;
  bool has_ball_;
  Iterate iterate_;
  ArrayXd residuals_;
};

/// The best iterate of a search, and how far its value may lie above the minimum.
struct Search {
  Minimiser best{std::numeric_limits<double>::infinity(), {}};
  double gap = std::numeric_limits<double>::infinity();

  bool is_within(double most) const {
    return std::isfinite(best.value) && gap <= most * std::max(1.0, best.value);
  }
};

constexpr double sought_gap = 1e-13;
constexpr double proven_gap = 1e-10;

/// Minimises the saddle's objective and proves how far the value found may lie above the minimum, the gap.
/// @param radius the radius of the ball over which the objective is minimised; 0: no ball
/// @param reach the radius of the ball over which the gap is proven; 0: all w if l2 > 0, else ten times the
/// norm of the iterate
Search search(const Saddle& saddle, double l2, double radius, double reach) {
  constexpr int most_iterations = 200;
  constexpr int most_idle = 25;  // iterations in a row that do not halve the gap
  InteriorPoint method(saddle);
  Search found;
  double bound = -std::numeric_limits<double>::infinity();
  double halved = std::numeric_limits<double>::infinity();
  int idle = 0;
  for (int iteration = 0; iteration < most_iterations && idle < most_idle && !found.is_within(sought_gap);
       ++iteration) {
    method.advance();
    const Iterate& at = method.iterate();
    const double value = saddle.primal(at.w, method.residuals());
    if (!std::isfinite(value)) break;
    // If l2 and radius are 0, the bound holds only in a ball: its radius is `reach` or, if that is 0, 10‖w‖.
    const bool is_bounded = l2 > 0 || radius > 0;
    const double below =
        saddle.dual(at.a, saddle.combine(at.a), is_bounded || reach > 0 ? reach : 10 * norm(at.w));
    bound = std::max(0.0, is_bounded ? std::max(bound, below) : below);
    if (value < found.best.value || !is_bounded) found.best = {value, {at.w.begin(), at.w.end()}};
    found.gap = found.best.value - bound;
    idle = found.gap <= halved / 2 ? 0 : idle + 1;
    if (idle == 0) halved = found.gap;
  }
  return found;
}

std::optional<Minimiser> minimise(const data::Dataset& data, const SaddleForm& form, double l2,
                                  double radius) {
  Search found = search(Saddle(data, form, l2, radius), l2, radius, radius);
  if (radius > 0 && !found.is_within(proven_gap)) {
    // If the ball is far too large, its slack has too few significant digits for the proof. A minimiser found
    // without the ball needs no slack, and is valid if it lies inside the ball.
    Search free = search(Saddle(data, form, l2, 0.0), l2, 0.0, radius);
    if (free.is_within(proven_gap) &&
        norm(VectorXd::Map(free.best.w.data(), std::ssize(free.best.w))) <= radius)
      found = std::move(free);
  }
  if (found.is_within(proven_gap)) return std::move(found.best);
  core::log::warning(
      "the minimum was found to {:.1g} only, not to {:.0e}, so excess_loss and distance are NaN", found.gap,
      proven_gap);
  return std::nullopt;
}

}  // namespace

std::optional<Minimiser> minimise_saddle(const data::Dataset& data, const SaddleForm& form, double l2,
                                         double radius) {
  return in_row_space(data,
                      [&](const data::Dataset& samples) { return minimise(samples, form, l2, radius); });
}

}  // namespace rhosweep::optimum
