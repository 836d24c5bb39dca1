#include "model_fit.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace rhosweep::analysis {

namespace {

/// Halving the window must lower the model's log e at the optimum by more than this to show that the model
/// rounds off. For a smooth curve such as cosh(log ρ) it lowers log e by only 0.003.
constexpr double least_rounding = 0.01;
/// What this decrease of log e must exceed for a possible and for a certain rounding off (Rounding), in
/// standard deviations of its noise.
constexpr double possible_rounding = 1.0;
constexpr double certain_rounding = 4.0;

double rounding_at(const ValleyFit& fit, double log_rho) {
  return fit.log_at(log_rho) - fit.log_at(log_rho, WindowSize::half);
}

/// Returns the largest allowed misfit of a model, in log e, if costs up to `level` are judged.
double most_missed(double level) {
  return 0.5 * std::log1p(level);
}

}  // namespace

void Noise::add(double change) {
  if (std::isnan(change)) return;
  sum_ += change * change * factor_;
  count_ += 1.0;
}

void Noise::add(const Noise& other) {
  sum_ += other.sum_;
  count_ += other.count_;
}

double Noise::value() const {
  return count_ > 0.0 ? std::sqrt(sum_ / count_) : unknown;
}

bool ModelFit::Place::exceeds(double deviations) const {
  return rounding > least_rounding && rounding > deviations * noise.value();
}

bool ModelFit::Place::is_not_noise() const {
  return std::isnan(noise.value()) ? rounding > least_rounding : exceeds(certain_rounding);
}

ModelFit::ModelFit(const ValleyFit& fit, std::int64_t seeds) : fit_(fit), residuals_(fit.residuals()) {
  noise_.assign(residuals_.size(), Noise(seeds));
  // Grid costs are computed from the optimum by the whole window. At a kink with different slopes, however,
  // the optimum by half the window is nearer to the kink, so the rounding is measured at both optima.
  for (const WindowSize window : {WindowSize::whole, WindowSize::half}) {
    const double log_rho = fit.valley(window).log_rho;
    places_.push_back({.log_rho = log_rho, .rounding = rounding_at(fit, log_rho), .noise = Noise(seeds)});
  }
}

void ModelFit::add(const ValleyFit& again) {
  for (Place& place : places_) place.noise.add(rounding_at(again, place.log_rho) - place.rounding);
  const std::vector<double> residuals = again.residuals();
  for (std::size_t i = 0; i < residuals.size(); ++i) noise_[i].add(residuals[i] - residuals_[i]);
}

Rounding ModelFit::rounding() const {
  const auto exceed = [&](double deviations) {
    return std::any_of(places_.begin(), places_.end(),
                       [deviations](const Place& place) { return place.exceeds(deviations); });
  };
  return exceed(certain_rounding)    ? Rounding::certain
         : exceed(possible_rounding) ? Rounding::possible
                                     : Rounding::none;
}

std::string ModelFit::reason_of_misfit(double level) const {
  Noise total(2);
  double points = 0.0;
  for (const std::int64_t i : fit_.points_below(level)) {
    total.add(noise_[i]);
    ++points;
  }
  const double residual = fit_.residual(level);
  const double noise = total.value();
  // A minimum of the model without a measured point near it is an artefact and gives no costs. With few
  // points, the residual may exceed the noise by chance: for normal noise, three standard deviations of a
  // root mean square over n points are 3/√(2·n) times its mean. The limit of 3/√n leaves some room.
  const bool is_explained = residual <= noise * (1.0 + 3.0 / std::sqrt(points));
  if (points == 0.0 || (residual > most_missed(level) && !is_explained)) {
    if (std::isnan(noise))
      return fmt::format("the smooth model does not fit: its residual is {:.2g} in log e; noise is unknown",
                         residual);
    return fmt::format(
        "the smooth model does not fit: its residual is {:.2g} in log e, of which noise explains {:.2g}",
        residual, noise);
  }
  // The whole window rounds off twice as much as half the window does, that is, twice the difference of the
  // two.
  for (const Place& place : places_)
    if (place.is_not_noise() && 2.0 * place.rounding > most_missed(level))
      return fmt::format("the smooth model rounds off a sharp optimum: by about {:.2g} in log e",
                         2.0 * place.rounding);
  return {};
}

}  // namespace rhosweep::analysis
