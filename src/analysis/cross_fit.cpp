#include "cross_fit.hpp"

#include "valley.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace rhosweep::analysis {

namespace {

constexpr std::int64_t most_folds = 8;
/// The fold of every seed, by its index: the seeds are dealt out in increasing order.
std::vector<std::int64_t> deal_folds(std::span<const std::int64_t> seeds, std::int64_t folds) {
  std::vector<std::int64_t> order(seeds.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) { return seeds[a] < seeds[b]; });
  std::vector<std::int64_t> fold(seeds.size());
  for (std::int64_t rank = 0; rank < std::ssize(order); ++rank) fold[order[rank]] = rank % folds;
  return fold;
}

/// (ρ): the worst member's statistic over the seeds that are chosen.
template <class IsChosen>
std::vector<double> worst_curve(std::span<const std::vector<double>> costs, std::int64_t rhos,
                                const Statistic& statistic, const IsChosen& is_chosen) {
  std::vector<double> curve(rhos, -infinite);
  std::vector<double> values;
  for (const std::vector<double>& member : costs) {
    for (std::int64_t i = 0; i < rhos; ++i) {
      values.clear();
      for (std::int64_t s = 0; s * rhos < std::ssize(member); ++s)
        if (is_chosen(s)) values.push_back(member[s * rhos + i]);
      const double value = statistic_of(statistic, values);
      if (std::isnan(value) || value > curve[i]) curve[i] = value;
    }
  }
  return curve;
}

/// What the seeds of the other folds choose.
struct Choice {
  double log_rho = 0.0;
  std::int64_t nearest = 0;  ///< place of the ρ next to it
  double log_least = 0.0;
  std::vector<double> curve;  ///< (ρ)
};

/// By distance from the nearest ρ.
using Lags = std::map<std::int64_t, double>;

/// Σ weight × value; +∞ if a value is.
double smoothed(const Lags& weights, std::span<const double> values) {
  double sum = 0.0;
  std::size_t k = 0;
  for (const auto& [lag, weight] : weights) {
    if (std::isinf(values[k])) return values[k];
    sum += weight * values[k++];
  }
  return sum;
}

}  // namespace

HonestBest honest_best(std::span<const double> rhos, std::span<const std::vector<double>> costs,
                       std::span<const std::int64_t> seeds, const Statistic& statistic,
                       const Bootstrap& bootstrap, std::span<const std::vector<double>> choosing) {
  if (choosing.empty()) choosing = costs;
  const std::int64_t points = std::ssize(rhos);
  const std::int64_t n = std::ssize(seeds);
  if (n < 2) return {.reason = "one seed cannot both choose the stepsize and estimate its cost"};
  const std::int64_t folds = std::min(most_folds, n);
  const std::vector<std::int64_t> fold_of = deal_folds(seeds, folds);
  const ValleyModel model(rhos);
  const auto& x = model.log_rhos();

  std::vector<Choice> choices(folds);
  for (std::int64_t k = 0; k < folds; ++k) {
    Choice& choice = choices[k];
    const auto is_other = [&](std::int64_t s) { return fold_of[s] != k; };
    choice.curve = worst_curve(costs, points, statistic, is_other);
    const auto valley = model.fit(worst_curve(choosing, points, statistic, is_other));
    const auto log_least = valley ? model.log_at(choice.curve, valley->log_rho) : std::nullopt;
    if (!log_least) return {.reason = "fewer than four neighbouring stepsizes have a finite, positive cost"};
    choice.log_rho = valley->log_rho;
    choice.log_least = *log_least;
    choice.nearest = std::min_element(x.begin(), x.end(),
                                      [&](double a, double b) {
                                        return std::abs(a - choice.log_rho) < std::abs(b - choice.log_rho);
                                      }) -
                     x.begin();
  }

  // The distances at which every fold has finite costs of all seeds.
  const std::vector<double> whole = worst_curve(costs, points, statistic, [](std::int64_t) { return true; });
  std::vector<std::int64_t> lags;
  for (std::int64_t lag = -points; lag <= points; ++lag) {
    const bool is_common = std::all_of(choices.begin(), choices.end(), [&](const Choice& choice) {
      const std::int64_t i = choice.nearest + lag;
      return i >= 0 && i < points && std::isfinite(whole[i]) && std::isfinite(choice.curve[i]) &&
             choice.curve[i] > 0.0;
    });
    if (is_common) lags.push_back(lag);
  }
  Lags weights;
  for (std::int64_t k = 0; k < folds; ++k) {
    const Choice& choice = choices[k];
    std::vector<double> masked(points, unknown);
    for (std::int64_t i = 0; i < points; ++i)
      if (whole[i] == infinite || choice.curve[i] == infinite) masked[i] = infinite;
    for (const std::int64_t lag : lags) masked[choice.nearest + lag] = choice.curve[choice.nearest + lag];
    const std::vector<double> at = model.weights_at(masked, choice.log_rho);
    if (at.empty()) return {.reason = "too few stepsizes around the chosen ones have finite costs"};
    const double share =
        static_cast<double>(std::count(fold_of.begin(), fold_of.end(), k)) / static_cast<double>(n);
    for (const std::int64_t lag : lags)
      if (at[choice.nearest + lag] != 0.0) weights[lag] += share * at[choice.nearest + lag];
  }

  // (seeds, lags): costs moved to the chosen ρ; their statistic, and the worst member's.
  const std::int64_t columns = std::ssize(weights);
  std::vector<double> factors(folds * columns);
  for (std::int64_t k = 0; k < folds; ++k) {
    std::int64_t column = 0;
    for (const auto& [lag, weight] : weights)
      factors[k * columns + column++] =
          std::exp(choices[k].log_least - *model.log_at(choices[k].curve, x[choices[k].nearest + lag]));
  }
  std::vector<double> worst(columns, -infinite);
  std::vector<double> worst_again(bootstrap.resamples() * columns, -infinite);
  std::vector<double> moved(n * columns);
  std::vector<double> values(n);
  for (const std::vector<double>& member : costs) {
    for (std::int64_t s = 0; s < n; ++s) {
      const std::int64_t k = fold_of[s];
      std::int64_t column = 0;
      for (const auto& [lag, weight] : weights) {
        moved[s * columns + column] =
            member[s * points + choices[k].nearest + lag] * factors[k * columns + column];
        ++column;
      }
    }
    for (std::int64_t i = 0; i < columns; ++i) {
      for (std::int64_t s = 0; s < n; ++s) values[s] = moved[s * columns + i];
      worst[i] = std::max(worst[i], statistic_of(statistic, values));
    }
    const std::vector<double> again = resampled_statistic(statistic, moved, columns, bootstrap);
    for (std::size_t i = 0; i < again.size(); ++i) worst_again[i] = std::max(worst_again[i], again[i]);
  }

  HonestBest best;
  double sum = 0.0;
  for (const Choice& choice : choices) sum += choice.log_rho;
  best.rho = std::exp(sum / static_cast<double>(folds));
  std::vector<double> again;
  again.reserve(bootstrap.resamples());
  for (std::int64_t b = 0; b < bootstrap.resamples(); ++b)
    again.push_back(smoothed(weights, std::span(worst_again).subspan(b * columns, columns)));
  best.error = estimate(smoothed(weights, worst), std::move(again), n, Scale::logarithmic);
  return best;
}

}  // namespace rhosweep::analysis
