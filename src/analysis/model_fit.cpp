#include "model_fit.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <cmath>

#include <fmt/format.h>

namespace rhosweep::analysis {

namespace {

/// A smooth valley such as cosh(log ρ) is rounded by 0.003 in log e.
constexpr double least_rounding = 0.01;
/// In standard deviations.
constexpr double most_noise = 4.0;

/// Root mean square of what resampling changes of a number.
class Noise {
 public:
  explicit Noise(std::int64_t seeds)
      : factor_(static_cast<double>(seeds) / (static_cast<double>(seeds) - 1.0)) {}

  void add(double change) {
    if (std::isnan(change)) return;
    sum_ += change * change * factor_;
    count_ += 1.0;
  }
  double value() const { return count_ > 0.0 ? std::sqrt(sum_ / count_) : 0.0; }
  double sum() const { return sum_; }
  double count() const { return count_; }

 private:
  double factor_;
  double sum_ = 0.0;
  double count_ = 0.0;
};

}  // namespace

ModelFit::ModelFit(const ValleyModel& model, const ValleyModel& half, const ResampledCurve& curve,
                   std::int64_t seeds)
    : model_(model), errors_(curve.errors) {
  // The optimum of half the window lies nearer to a kink whose sides differ in slope, the model's own lies
  // where the costs of grids are from.
  for (const ValleyModel* const each : {&model, &half})
    if (const auto valley = each->fit(curve.errors);
        valley && rounds_off_at(valley->log_rho, half, curve, seeds))
      rounds_off_optimum_ = true;
  std::vector<Noise> noise(errors_.size(), Noise(seeds));
  const std::vector<double> at = model.residuals(errors_);
  for (std::int64_t b = 0; b < curve.resamples(); ++b) {
    const std::vector<double> again = model.residuals(curve.resample(b));
    for (std::size_t i = 0; i < at.size(); ++i) noise[i].add(again[i] - at[i]);
  }
  for (const Noise& each : noise) {
    squares_.push_back(each.sum());
    counts_.push_back(each.count());
  }
}

bool ModelFit::rounds_off_at(double log_rho, const ValleyModel& half, const ResampledCurve& curve,
                             std::int64_t seeds) const {
  const auto rounding_of = [&](std::span<const double> errors) {
    const auto wide = model_.log_at(errors, log_rho);
    const auto close = half.log_at(errors, log_rho);
    return wide && close ? *wide - *close : unknown;
  };
  const double rounding = rounding_of(curve.errors);
  if (!(rounding > least_rounding)) return false;
  Noise noise(seeds);
  for (std::int64_t b = 0; b < curve.resamples(); ++b) noise.add(rounding_of(curve.resample(b)) - rounding);
  return rounding > most_noise * noise.value();
}

std::string ModelFit::reason_of_misfit(double level) const {
  double sum = 0.0;
  double count = 0.0;
  double points = 0.0;
  for (const std::int64_t i : model_.points_below(errors_, level)) {
    sum += squares_[i];
    count += counts_[i];
    ++points;
  }
  const double residual = model_.residual(errors_, level);
  const double noise = count > 0.0 ? std::sqrt(sum / count) : 0.0;
  // A minimum of the model with no point near it is the model's own. Of few points the residual exceeds the
  // noise by chance: three standard deviations of a root mean square are 3/√(2 points) for normal noise, and
  // this leaves some room.
  const bool is_poor = points == 0.0 || (residual > 0.5 * std::log1p(level) &&
                                         residual > noise * (1.0 + 3.0 / std::sqrt(points)));
  return is_poor ? fmt::format(
                       "the smooth model does not fit: its residual is {:.2g} in log e, of which noise "
                       "explains {:.2g}",
                       residual, noise)
                 : std::string();
}

}  // namespace rhosweep::analysis
