#include "rhosweep/problem/quadratic.hpp"

#include "ball_keys.hpp"
#include "kinds.hpp"

#include <cmath>

namespace rhosweep::problem {

namespace {

template <class Real>
void add_gradient(double curvature, const StepDraw& draw, const ConstTrials<Real>& iterates,
                  Trials<Real>& gradients) {
  gradients = static_cast<Real>(curvature) * iterates;
  for (std::size_t j = 0; j < draw.noise.size(); ++j)
    gradients.col(static_cast<Eigen::Index>(j)) += static_cast<Real>(draw.noise[j]);
}

template <class Real>
void measure(double curvature, const ConstTrials<Real>& iterates, Trials<double>& values) {
  Eigen::ArrayXd square = Eigen::ArrayXd::Zero(iterates.rows());
  for (Eigen::Index j = 0; j < iterates.cols(); ++j)
    square += iterates.col(j).template cast<double>().square();
  values.col(0) = curvature / 2 * square;
  values.col(1) = values.col(0);
  values.col(2) = square.unaryExpr([](double number) { return std::sqrt(number); });
}

}  // namespace

Quadratic::Quadratic(const Settings& settings)
    : BallProblem({.radius = settings.radius, .noise = settings.noise, .dimension = settings.dimension}),
      settings_(settings) {}

double Quadratic::least_gradient_bound(const Settings& settings) {
  const double slope = settings.curvature * settings.radius;
  return std::sqrt(settings.noise * settings.noise + slope * slope);
}

std::optional<double> Quadratic::gradient_bound() const {
  return settings_.gradient_bound.value_or(least_gradient_bound(settings_));
}

void Quadratic::gradient(const StepDraw& draw, ConstTrials<double> iterates, Trials<double> gradients) const {
  add_gradient(settings_.curvature, draw, iterates, gradients);
}
void Quadratic::gradient(const StepDraw& draw, ConstTrials<float> iterates, Trials<float> gradients) const {
  add_gradient(settings_.curvature, draw, iterates, gradients);
}
void Quadratic::evaluate(ConstTrials<double> iterates, Trials<double> values) const {
  measure(settings_.curvature, iterates, values);
}
void Quadratic::evaluate(ConstTrials<float> iterates, Trials<double> values) const {
  measure(settings_.curvature, iterates, values);
}

namespace {

constexpr const char* least_quadratic_bound = "sqrt(noise^2 + (curvature*radius)^2)";

Quadratic::Settings quadratic_settings(const model::ProblemSettings& settings) {
  return {.curvature = settings.real("curvature"),
          .radius = settings.real("radius"),
          .noise = settings.real("noise"),
          .dimension = settings.integer("dimension"),
          .gradient_bound = gradient_bound_of(settings)};
}

void check_quadratic(const model::ProblemSettings& settings) {
  require_gradient_bound(settings, Quadratic::least_gradient_bound(quadratic_settings(settings)),
                         least_quadratic_bound);
}

}  // namespace

ProblemKind quadratic_kind() {
  using T = model::ValueType;
  return {.schema = {.kind = "quadratic",
                     .summary =
                         "a quadratic on a ball with gradient noise of fixed size; a family of curvatures is "
                         "the theory's worst case",
                     .keys = ball_keys({.name = "curvature",
                                        .type = T::real,
                                        .fallback = 1.0,
                                        .range = model::positive,
                                        .help = "lambda"},
                                       least_quadratic_bound),
                     .samplings = {"with_replacement", "full_batch"},
                     .check = check_quadratic},
          .objective =
              "(curvature/2)*|x|^2 on |x| <= radius, x_0 = radius*(1, ..., 1)/sqrt(dimension); stochastic "
              "gradient curvature*x + the mini-batch mean of noise/sqrt(dimension)*(+-1, ..., +-1)",
          .metrics = "train_loss, excess_loss (the same, f_star is 0), distance",
          .constants =
              "D = radius (the minimiser is the centre); G = gradient_bound, else sqrt(noise^2 + "
              "(curvature*radius)^2)",
          .make = [](const model::ProblemSettings& settings, model::Precision,
                     const Materials&) -> std::shared_ptr<const Problem> {
            return std::make_shared<Quadratic>(quadratic_settings(settings));
          }};
}

}  // namespace rhosweep::problem
