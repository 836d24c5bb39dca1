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
  std::vector<double> curve{};  ///< (ρ)
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

/// Cross-fitting over the folds of the seeds.
class CrossFit {
 public:
  CrossFit(std::span<const double> rhos, std::span<const std::vector<double>> costs,
           std::span<const std::int64_t> seeds, const Statistic& statistic)
      : costs_(costs),
        statistic_(statistic),
        points_(std::ssize(rhos)),
        seeds_(std::ssize(seeds)),
        folds_(std::min(most_folds, std::ssize(seeds))),
        fold_of_(deal_folds(seeds, folds_)),
        model_(rhos) {}

  /// Lets the seeds of the other folds choose for each fold. @return whether all can
  bool choose(std::span<const std::vector<double>> choosing) {
    for (std::int64_t k = 0; k < folds_; ++k) {
      const auto is_other = [&](std::int64_t s) { return fold_of_[s] != k; };
      Choice choice{.curve = worst_curve(costs_, points_, statistic_, is_other)};
      const auto valley = model_.fit(worst_curve(choosing, points_, statistic_, is_other));
      const auto log_least = valley ? model_.log_at(choice.curve, valley->log_rho) : std::nullopt;
      if (!log_least) return false;
      choice.log_rho = valley->log_rho;
      choice.log_least = *log_least;
      choice.nearest = nearest(choice.log_rho);
      choices_.push_back(std::move(choice));
    }
    return true;
  }

  /// Weighs the costs at the distances at which every fold has finite costs of all seeds. @return whether
  /// there are enough
  bool weigh() {
    const std::vector<double> whole =
        worst_curve(costs_, points_, statistic_, [](std::int64_t) { return true; });
    const std::vector<std::int64_t> lags = common_lags(whole);
    for (std::int64_t k = 0; k < folds_; ++k) {
      const Choice& choice = choices_[k];
      std::vector<double> masked(points_, unknown);
      for (std::int64_t i = 0; i < points_; ++i)
        if (whole[i] == infinite || choice.curve[i] == infinite) masked[i] = infinite;
      for (const std::int64_t lag : lags) masked[choice.nearest + lag] = choice.curve[choice.nearest + lag];
      const std::vector<double> at = model_.weights_at(masked, choice.log_rho);
      if (at.empty()) return false;
      const double share =
          static_cast<double>(std::count(fold_of_.begin(), fold_of_.end(), k)) / static_cast<double>(seeds_);
      for (const std::int64_t lag : lags)
        if (at[choice.nearest + lag] != 0.0) weights_[lag] += share * at[choice.nearest + lag];
    }
    return true;
  }

  HonestBest estimate_best(const Bootstrap& bootstrap) const {
    const std::int64_t columns = std::ssize(weights_);
    const std::vector<double> factors = factors_to_chosen();
    std::vector<double> worst(columns, -infinite);
    std::vector<double> worst_again(bootstrap.resamples() * columns, -infinite);
    for (const std::vector<double>& member : costs_) {
      const std::vector<double> moved = moved_to_chosen(member, factors);
      std::vector<double> values(seeds_);
      for (std::int64_t i = 0; i < columns; ++i) {
        for (std::int64_t s = 0; s < seeds_; ++s) values[s] = moved[s * columns + i];
        worst[i] = std::max(worst[i], statistic_of(statistic_, values));
      }
      const std::vector<double> again = resampled_statistic(statistic_, moved, columns, bootstrap);
      for (std::size_t i = 0; i < again.size(); ++i) worst_again[i] = std::max(worst_again[i], again[i]);
    }
    double sum = 0.0;
    for (const Choice& choice : choices_) sum += choice.log_rho;
    std::vector<double> again;
    again.reserve(bootstrap.resamples());
    for (std::int64_t b = 0; b < bootstrap.resamples(); ++b)
      again.push_back(smoothed(weights_, std::span(worst_again).subspan(b * columns, columns)));
    HonestBest best;
    best.rho = std::exp(sum / static_cast<double>(folds_));
    best.error = estimate(smoothed(weights_, worst), std::move(again), seeds_, Scale::logarithmic);
    return best;
  }

 private:
  /// Place of the ρ next to a log ρ.
  std::int64_t nearest(double log_rho) const {
    const auto& x = model_.log_rhos();
    const auto is_nearer = [&](double a, double b) { return std::abs(a - log_rho) < std::abs(b - log_rho); };
    return std::min_element(x.begin(), x.end(), is_nearer) - x.begin();
  }

  /// @param whole (ρ): of all seeds
  std::vector<std::int64_t> common_lags(std::span<const double> whole) const {
    std::vector<std::int64_t> lags;
    for (std::int64_t lag = -points_; lag <= points_; ++lag) {
      const bool is_common = std::all_of(choices_.begin(), choices_.end(), [&](const Choice& choice) {
        const std::int64_t i = choice.nearest + lag;
        return i >= 0 && i < points_ && std::isfinite(whole[i]) && std::isfinite(choice.curve[i]) &&
               choice.curve[i] > 0.0;
      });
      if (is_common) lags.push_back(lag);
    }
    return lags;
  }

  /// (folds, lags): by the model, e at the chosen ρ over e at the distance.
  std::vector<double> factors_to_chosen() const {
    std::vector<double> factors;
    for (const Choice& choice : choices_)
      for (const auto& [lag, weight] : weights_)
        factors.push_back(std::exp(choice.log_least -
                                   *model_.log_at(choice.curve, model_.log_rhos()[choice.nearest + lag])));
    return factors;
  }

  /// (seeds, lags): a member's costs, moved to the ρ that is chosen for the seed.
  std::vector<double> moved_to_chosen(std::span<const double> member, std::span<const double> factors) const {
    const std::int64_t columns = std::ssize(weights_);
    std::vector<double> moved;
    moved.reserve(seeds_ * columns);
    for (std::int64_t s = 0; s < seeds_; ++s) {
      const std::int64_t k = fold_of_[s];
      std::int64_t column = 0;
      for (const auto& [lag, weight] : weights_)
        moved.push_back(member[s * points_ + choices_[k].nearest + lag] * factors[k * columns + column++]);
    }
    return moved;
  }

  std::span<const std::vector<double>> costs_;
  const Statistic& statistic_;
  std::int64_t points_;
  std::int64_t seeds_;
  std::int64_t folds_;
  std::vector<std::int64_t> fold_of_;
  ValleyModel model_;
  std::vector<Choice> choices_{};
  Lags weights_{};
};

}  // namespace

HonestBest honest_best(std::span<const double> rhos, std::span<const std::vector<double>> costs,
                       std::span<const std::int64_t> seeds, const Statistic& statistic,
                       const Bootstrap& bootstrap, std::span<const std::vector<double>> choosing) {
  if (seeds.size() < 2) return {.reason = "one seed cannot both choose the stepsize and estimate its cost"};
  CrossFit fit(rhos, costs, seeds, statistic);
  if (!fit.choose(choosing.empty() ? costs : choosing))
    return {.reason = "fewer than four neighbouring stepsizes have a finite, positive cost"};
  if (!fit.weigh()) return {.reason = "too few stepsizes around the chosen ones have finite costs"};
  return fit.estimate_best(bootstrap);
}

}  // namespace rhosweep::analysis
