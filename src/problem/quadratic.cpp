#include "rhosweep/problem/quadratic.hpp"

#include "kinds.hpp"

#include "rhosweep/core/random.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include <fmt/format.h>

namespace rhosweep::problem {

namespace {

/// The random bits of one step, read from the first one on.
class BitString {
 public:
  BitString(std::int64_t seed, std::int64_t step) : stream_(seed, core::Purpose::noise), step_(step) {}

  /// How many of the next n bits are set.
  std::int64_t count(std::int64_t n) {
    std::int64_t set = 0;
    while (n > 0) {
      const std::int64_t place = position_ % 128;
      if (place == 0) words_ = stream_.bits(step_, static_cast<std::uint32_t>(position_ / 128));
      const std::int64_t offset = place % 32;
      const std::int64_t taken = std::min(n, 32 - offset);
      const std::uint32_t mask = 0xffffffffU >> (32 - taken);
      set += std::popcount(words_[place / 32] >> offset & mask);
      position_ += taken;
      n -= taken;
    }
    return set;
  }

 private:
  core::RandomStream stream_;
  std::int64_t step_;
  std::int64_t position_ = 0;
  std::array<std::uint32_t, 4> words_{};
};

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
  values.col(2) = square.sqrt();
}

}  // namespace

Quadratic::Quadratic(const Settings& settings)
    : settings_(settings),
      metrics_{model::metrics::train_loss, model::metrics::excess_loss, model::metrics::distance},
      minimiser_{0.0, std::vector<double>(settings.dimension, 0.0)} {}

std::vector<double> Quadratic::initial_point(std::int64_t /*seed*/) const {
  const double coordinate = settings_.radius / std::sqrt(static_cast<double>(settings_.dimension));
  return std::vector<double>(settings_.dimension, coordinate);
}

double Quadratic::least_gradient_bound(const Settings& settings) {
  const double slope = settings.curvature * settings.radius;
  return std::sqrt(settings.noise * settings.noise + slope * slope);
}

std::optional<double> Quadratic::gradient_bound() const {
  return settings_.gradient_bound.value_or(least_gradient_bound(settings_));
}

double Quadratic::step_work(const model::SgdSettings& sgd) const {
  return (5 + model::update_work(sgd)) * static_cast<double>(settings_.dimension);
}

double Quadratic::evaluation_work() const {
  return 2 * static_cast<double>(settings_.dimension) + 20;
}

void Quadratic::draw_noise(std::int64_t seed, std::int64_t step, std::int64_t batch_size,
                           std::span<double> noise) const {
  const double scale = settings_.noise / std::sqrt(static_cast<double>(settings_.dimension));
  BitString bits(seed, step);
  for (double& mean : noise) {
    const std::int64_t sum_of_signs = 2 * bits.count(batch_size) - batch_size;
    mean = scale * (static_cast<double>(sum_of_signs) / static_cast<double>(batch_size));
  }
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

Quadratic::Settings settings_of(const model::ProblemSettings& settings) {
  return {.curvature = settings.real("curvature"),
          .radius = settings.real("radius"),
          .noise = settings.real("noise"),
          .dimension = settings.integer("dimension"),
          .gradient_bound =
              settings.has("gradient_bound") ? std::optional(settings.real("gradient_bound")) : std::nullopt};
}

void check_quadratic(const model::ProblemSettings& settings) {
  const Quadratic::Settings quadratic = settings_of(settings);
  const double least = Quadratic::least_gradient_bound(quadratic);
  if (quadratic.gradient_bound.value_or(least) < least)
    throw model::KeyError("problem.gradient_bound",
                          fmt::format("found {}; allowed: at least {} = sqrt(noise^2 + (curvature*radius)^2)",
                                      *quadratic.gradient_bound, least));
}

}  // namespace

ProblemKind quadratic_kind() {
  using T = model::ValueType;
  return {
      .schema = {.kind = "quadratic",
                 .summary =
                     "a quadratic on a ball with gradient noise of fixed size; a family of curvatures is "
                     "the theory's worst case",
                 .keys = {{.name = "curvature",
                           .type = T::real,
                           .fallback = 1.0,
                           .range = model::positive,
                           .help = "lambda"},
                          {.name = "radius",
                           .type = T::real,
                           .fallback = 1.0,
                           .range = model::positive,
                           .help = "of the ball that iterates are projected onto; they start on its sphere"},
                          {.name = "noise",
                           .type = T::real,
                           .fallback = 1.0,
                           .range = model::not_negative,
                           .help = "Euclidean norm of the gradient noise of one sample"},
                          {.name = "dimension",
                           .type = T::integer,
                           .fallback = std::int64_t{1},
                           .range = model::at_least_one,
                           .help = "number of coordinates"},
                          {.name = "gradient_bound",
                           .type = T::real,
                           .range = model::positive,
                           .help = "G of the theory, at least sqrt(noise^2 + (curvature*radius)^2), which it "
                                   "is when absent; one for all members of a family gives them the same "
                                   "\"theory\" stepsizes"}},
                 .samplings = {"with_replacement", "full_batch"},
                 .check = check_quadratic},
      .objective =
          "(curvature/2)*|x|^2 on |x| <= radius, x_0 = radius*(1, ..., 1)/sqrt(dimension); stochastic "
          "gradient curvature*x + the mini-batch mean of noise/sqrt(dimension)*(+-1, ..., +-1)",
      .metrics = "train_loss, excess_loss (the same, f_star is 0), distance",
      .constants =
          "D = radius (the minimiser is the centre); G = gradient_bound, else sqrt(noise^2 + "
          "(curvature*radius)^2)",
      .make = [](const model::ProblemSettings& settings, model::Precision, Materials&)
          -> std::shared_ptr<const Problem> { return std::make_shared<Quadratic>(settings_of(settings)); }};
}

}  // namespace rhosweep::problem
