#include "rhosweep/problem/ball_problem.hpp"

#include "ball_keys.hpp"

#include "rhosweep/core/random.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::problem {

namespace {

/// Reads the random bits of one step, in order.
class BitString {
 public:
  BitString(std::int64_t seed, std::int64_t step) : stream_(seed, core::Purpose::noise), step_(step) {}

  /// Reads n bits. @return how many of them are set
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

}  // namespace

BallProblem::BallProblem(const Ball& ball)
    : ball_(ball),
      metrics_{model::metrics::train_loss, model::metrics::excess_loss, model::metrics::distance},
      minimiser_{0.0, std::vector<double>(ball.dimension, 0.0)} {}

std::vector<double> BallProblem::initial_point(std::int64_t /*seed*/) const {
  const double coordinate = ball_.radius / std::sqrt(static_cast<double>(ball_.dimension));
  return std::vector<double>(ball_.dimension, coordinate);
}

double BallProblem::step_work(const model::SgdSettings& sgd) const {
  return (5 + model::update_work(sgd)) * static_cast<double>(ball_.dimension);
}

double BallProblem::evaluation_work() const {
  return 2 * static_cast<double>(ball_.dimension) + 20;
}

void BallProblem::draw_noise(std::int64_t seed, std::int64_t step, std::int64_t batch_size,
                             std::span<double> noise) const {
  const double scale = ball_.noise / std::sqrt(static_cast<double>(ball_.dimension));
  BitString bits(seed, step);
  for (double& mean : noise) {
    const std::int64_t sum_of_signs = 2 * bits.count(batch_size) - batch_size;
    mean = scale * (static_cast<double>(sum_of_signs) / static_cast<double>(batch_size));
  }
}

std::vector<model::KeySpec> ball_keys(model::KeySpec own, const std::string& least_gradient_bound) {
  using T = model::ValueType;
  return {std::move(own),
          {.name = "radius",
           .type = T::real,
           .fallback = 1.0,
           .range = model::positive,
           .help = "radius of the ball onto which iterates are projected; they start on its surface"},
          {.name = "noise",
           .type = T::real,
           .fallback = 1.0,
           .range = model::not_negative,
           .help = "Euclidean norm of the gradient noise of one sample"},
          {.name = "dimension",
           .type = T::integer,
           .fallback = std::int64_t{1},
           .range = {.lower = 1.0, .upper = 1e8},
           .help = "number of coordinates"},
          {.name = "gradient_bound",
           .type = T::real,
           .range = model::positive,
           .help = fmt::format(
               "G of the theory, at least {}, which is the default; with one value for a family, all "
               "its members have the same \"theory\" stepsizes",
               least_gradient_bound)}};
}

std::optional<double> gradient_bound_of(const model::ProblemSettings& settings) {
  return settings.has("gradient_bound") ? std::optional(settings.real("gradient_bound")) : std::nullopt;
}

void require_gradient_bound(const model::ProblemSettings& settings, double least,
                            const std::string& formula) {
  const double bound = gradient_bound_of(settings).value_or(least);
  if (bound < least)
    throw model::KeyError("problem.gradient_bound", fmt::format("{}", bound),
                          fmt::format("at least {} = {}", least, formula));
}

}  // namespace rhosweep::problem
