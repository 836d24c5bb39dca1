#include "rhosweep/problem/absolute_value.hpp"

#include "ball_keys.hpp"
#include "kinds.hpp"

#include <cmath>

namespace rhosweep::problem {

namespace {

template <class Real>
void add_subgradient(double coefficient, const StepDraw& draw, const ConstTrials<Real>& iterates,
                     Trials<Real>& gradients) {
  const auto slope = static_cast<Real>(coefficient);
  for (Eigen::Index j = 0; j < iterates.cols(); ++j) {
    const auto x = iterates.col(j);
    // x * 0 gives 0 for x = 0, and NaN for NaN.
    gradients.col(j) = (x > Real(0)).select(slope, (x < Real(0)).select(-slope, x * Real(0)));
  }
  for (std::size_t j = 0; j < draw.noise.size(); ++j)
    gradients.col(static_cast<Eigen::Index>(j)) += static_cast<Real>(draw.noise[j]);
}

template <class Real>
void measure_absolute_values(double coefficient, const ConstTrials<Real>& iterates, Trials<double>& values) {
  Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(iterates.rows());
  Eigen::ArrayXd square = Eigen::ArrayXd::Zero(iterates.rows());
  for (Eigen::Index j = 0; j < iterates.cols(); ++j) {
    const auto x = iterates.col(j).template cast<double>();
    sum += x.abs();
    square += x.square();
  }
  values.col(0) = coefficient * sum;
  values.col(1) = values.col(0);
  values.col(2) = square.unaryExpr([](double number) { return std::sqrt(number); });
}

}  // namespace

AbsoluteValue::AbsoluteValue(const Settings& settings)
    : BallProblem({.radius = settings.radius, .noise = settings.noise, .dimension = settings.dimension}),
      settings_(settings),
      coefficient_(settings.slope / std::sqrt(static_cast<double>(settings.dimension))) {}

double AbsoluteValue::least_gradient_bound(const Settings& settings) {
  return std::sqrt(settings.slope * settings.slope + settings.noise * settings.noise);
}

std::optional<double> AbsoluteValue::gradient_bound() const {
  return settings_.gradient_bound.value_or(least_gradient_bound(settings_));
}

void AbsoluteValue::gradient(const StepDraw& draw, ConstTrials<double> iterates,
                             Trials<double> gradients) const {
  add_subgradient(coefficient_, draw, iterates, gradients);
}
void AbsoluteValue::gradient(const StepDraw& draw, ConstTrials<float> iterates,
                             Trials<float> gradients) const {
  add_subgradient(coefficient_, draw, iterates, gradients);
}
void AbsoluteValue::evaluate(ConstTrials<double> iterates, Trials<double> values) const {
  measure_absolute_values(coefficient_, iterates, values);
}
void AbsoluteValue::evaluate(ConstTrials<float> iterates, Trials<double> values) const {
  measure_absolute_values(coefficient_, iterates, values);
}

namespace {

constexpr const char* least_absolute_value_bound = "sqrt(slope^2 + noise^2)";

AbsoluteValue::Settings absolute_value_settings(const model::ProblemSettings& settings) {
  return {.slope = settings.real("slope"),
          .radius = settings.real("radius"),
          .noise = settings.real("noise"),
          .dimension = settings.integer("dimension"),
          .gradient_bound = gradient_bound_of(settings)};
}

void check_absolute_value(const model::ProblemSettings& settings) {
  require_gradient_bound(settings, AbsoluteValue::least_gradient_bound(absolute_value_settings(settings)),
                         least_absolute_value_bound);
}

}  // namespace

ProblemKind absolute_value_kind() {
  using T = model::ValueType;
  return {.schema =
              {.kind = "absolute_value",
               .summary =
                   "an absolute value on a ball with gradient noise of fixed size; a family of slopes is the "
                   "worst case of the theory without smoothness",
               .keys = ball_keys({.name = "slope",
                                  .type = T::real,
                                  .fallback = 1.0,
                                  .range = model::positive,
                                  .help = "Euclidean norm of the subgradient away from 0"},
                                 least_absolute_value_bound),
               .samplings = {"with_replacement", "full_batch"},
               .check = check_absolute_value},
          .objective =
              "slope*|x|_1/sqrt(dimension) on |x|_2 <= radius, x_0 = radius*(1, ..., 1)/sqrt(dimension); "
              "stochastic subgradient slope/sqrt(dimension)*sign(x) + the mini-batch mean of "
              "noise/sqrt(dimension)*(+-1, ..., +-1), with sign(0) = 0",
          .metrics = "train_loss, excess_loss (the same, f_star is 0), distance",
          .constants =
              "D = radius (the minimiser is the centre); G = gradient_bound, else sqrt(slope^2 + noise^2)",
          .make = [](const model::ProblemSettings& settings, model::Precision,
                     const Materials&) -> std::shared_ptr<const Problem> {
            return std::make_shared<AbsoluteValue>(absolute_value_settings(settings));
          }};
}

}  // namespace rhosweep::problem
