#include "cross_fit.hpp"

#include "valley.hpp"

#include "rhosweep/analysis/analysis.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace rhosweep::analysis {

namespace {

constexpr std::int64_t most_folds = 8;
/// Returns the fold of each seed. The seeds, in increasing order, go to the folds in turn.
std::vector<std::int64_t> deal_folds(std::span<const std::int64_t> seeds, std::int64_t folds) {
  std::vector<std::int64_t> order(seeds.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) { return seeds[a] < seeds[b]; });
  std::vector<std::int64_t> fold(seeds.size());
  for (std::int64_t rank = 0; rank < std::ssize(order); ++rank) fold[order[rank]] = rank % folds;
  return fold;
}

/// Returns the statistic of each member's errors (`costs`) over the seeds s with is_chosen(s), shape
/// (members, ρ).
template <class IsChosen>
std::vector<double> member_curves(std::span<const std::vector<double>> costs, std::int64_t rhos,
                                  const Statistic& statistic, const IsChosen& is_chosen) {
  std::vector<double> curves;
  curves.reserve(costs.size() * rhos);
  std::vector<double> values;
  for (const std::vector<double>& member : costs) {
    for (std::int64_t i = 0; i < rhos; ++i) {
      values.clear();
      for (std::int64_t s = 0; s * rhos < std::ssize(member); ++s)
        if (is_chosen(s)) values.push_back(member[s * rhos + i]);
      curves.push_back(statistic_of(statistic, values));
    }
  }
  return curves;
}

/// The worst member of a family of curves, the one with the largest e, on one side of the chosen ρ.
struct Side {
  std::int64_t member = 0;
  double share = 0.5;               ///< share of this side in the estimate
  std::vector<double> log_model{};  ///< (ρ): log e of `member` by the model
  double log_least = 0.0;           ///< log e of `member` by the model at the chosen ρ
};

/// The choice of ρ and of the worst members for one fold, by the seeds of the other folds.
struct Choice {
  double log_rho = 0.0;
  std::int64_t nearest = 0;     ///< index of the grid's ρ nearest to log_rho
  std::vector<double> worst{};  ///< (ρ): the largest e over the members
  std::array<Side, 2> sides{};  ///< below and above the chosen ρ, with the same member except at a kink
};

/// Returns the members that are the worst one ValleyFit::lattice_step() below log_rho and one above it. If,
/// with growing ρ, e of the first falls and e of the second rises, the optimum is a kink. The shares then
/// give the weighted mean of their log e a slope of 0, so an error in the place of the kink cancels.
/// Otherwise, both sides get the worst member at log_rho.
std::array<Side, 2> sides_at(const ValleyFit& fit, double log_rho, WindowSize window) {
  const double step = fit.lattice_step();
  std::array<Side, 2> sides{Side{.member = fit.worst_at(log_rho - step, window)},
                            Side{.member = fit.worst_at(log_rho + step, window)}};
  const auto change = [&](std::int64_t member) {
    return fit.log_of_member(member, log_rho + step, window) -
           fit.log_of_member(member, log_rho - step, window);
  };
  const double fall = -change(sides[0].member);
  const double rise = change(sides[1].member);
  if (sides[0].member != sides[1].member && fall > 0.0 && rise > 0.0) {
    sides[0].share = rise / (rise + fall);
    sides[1].share = fall / (rise + fall);
  } else {
    sides[0].member = sides[1].member = fit.worst_at(log_rho, window);
  }
  return sides;
}

/// The weights of the smoothing, keyed by the lag: the distance, in points of the grid, from the grid's ρ
/// nearest to the chosen ρ.
using Lags = std::map<std::int64_t, double>;

/// Returns exp(Σ weight × log value). It is positive although some weights, those at the edge of the
/// smoothing window, are negative. Returns +∞ if a value is +∞ and NaN if a value is not positive.
double smoothed(const Lags& weights, std::span<const double> values) {
  double sum = 0.0;
  std::size_t k = 0;
  for (const auto& [lag, weight] : weights) {
    const double value = values[k++];
    if (value == infinite) return infinite;
    if (!(value > 0.0)) return unknown;
    sum += weight * std::log(value);
  }
  return std::exp(sum);
}

/// The steps of honest_best() over the folds of the seeds: choose(), weigh() and estimate_best(), in this
/// order.
class CrossFit {
 public:
  CrossFit(std::span<const double> rhos, std::span<const std::vector<double>> costs,
           std::span<const std::int64_t> seeds, const Statistic& statistic, WindowSize window)
      : costs_(costs),
        statistic_(statistic),
        window_(window),
        points_(std::ssize(rhos)),
        seeds_(std::ssize(seeds)),
        folds_(std::min(most_folds, std::ssize(seeds))),
        fold_of_(deal_folds(seeds, folds_)),
        model_(rhos) {}

  /// Chooses ρ for each fold by the seeds of the other folds. @return whether every fold has a choice
  bool choose(std::span<const std::vector<double>> choosing) {
    for (std::int64_t k = 0; k < folds_; ++k) {
      const auto is_other = [&](std::int64_t s) { return fold_of_[s] != k; };
      const auto curves = member_curves(costs_, points_, statistic_, is_other);
      const auto fit = model_.fit(curves);
      const auto by = choosing.data() == costs_.data()
                          ? fit
                          : model_.fit(member_curves(choosing, points_, statistic_, is_other));
      if (!fit || !by) return false;
      Choice choice{.log_rho = by->valley(window_).log_rho, .worst = worst_of_members(curves, points_)};
      choice.nearest = nearest(choice.log_rho);
      choice.sides = sides_at(*fit, choice.log_rho, window_);
      for (Side& side : choice.sides) {
        side.log_least = fit->log_of_member(side.member, choice.log_rho, window_);
        for (const double x : model_.log_rhos())
          side.log_model.push_back(fit->log_of_member(side.member, x, window_));
      }
      choices_.push_back(std::move(choice));
    }
    return true;
  }

  /// Computes the weights for the common_lags(). They are the weights of a model of only the points at these
  /// lags, averaged over the folds.
  /// @return whether these points suffice for a model
  bool weigh() {
    const std::vector<double> whole = worst_of_members(
        member_curves(costs_, points_, statistic_, [](std::int64_t) { return true; }), points_);
    const std::vector<std::int64_t> lags = common_lags(whole);
    for (std::int64_t k = 0; k < folds_; ++k) {
      const Choice& choice = choices_[k];
      std::vector<double> masked(points_, unknown);
      for (std::int64_t i = 0; i < points_; ++i)
        if (whole[i] == infinite || choice.worst[i] == infinite) masked[i] = infinite;
      for (const std::int64_t lag : lags) masked[choice.nearest + lag] = choice.worst[choice.nearest + lag];
      const auto fit = model_.fit(masked);
      if (!fit) return false;
      const std::vector<double> at = fit->weights_at(choice.log_rho, window_);
      for (const std::int64_t lag : lags)
        if (at[choice.nearest + lag] != 0.0) weights_[lag] += share_of(k) * at[choice.nearest + lag];
    }
    return true;
  }

  HonestBest estimate_best(const Bootstrap& bootstrap) const {
    const std::int64_t columns = std::ssize(weights_);
    std::vector<double> found(columns, 0.0);
    std::vector<double> found_again(bootstrap.resamples() * columns, 0.0);
    for (const std::size_t side : {0, 1}) {
      const std::vector<double> moved = moved_to_chosen(side);
      const double share = mean_share(side);
      std::vector<double> values(seeds_);
      for (std::int64_t i = 0; i < columns; ++i) {
        for (std::int64_t s = 0; s < seeds_; ++s) values[s] = moved[s * columns + i];
        found[i] += share * statistic_of(statistic_, values);
      }
      const std::vector<double> again = resampled_statistic(statistic_, moved, columns, bootstrap);
      for (std::size_t i = 0; i < again.size(); ++i) found_again[i] += share * again[i];
    }
    double sum = 0.0;
    for (const Choice& choice : choices_) sum += choice.log_rho;
    std::vector<double> again;
    again.reserve(bootstrap.resamples());
    for (std::int64_t b = 0; b < bootstrap.resamples(); ++b)
      again.push_back(smoothed(weights_, std::span(found_again).subspan(b * columns, columns)));
    HonestBest best;
    best.rho = std::exp(sum / static_cast<double>(folds_));
    best.error = estimate(smoothed(weights_, found), std::move(again), seeds_, Scale::logarithmic);
    return best;
  }

 private:
  /// Returns the index of the grid's ρ nearest to a log ρ; of two that are equally near up to rounding, the
  /// lower.
  std::int64_t nearest(double log_rho) const {
    constexpr double rounding = 1e-9;
    const auto& x = model_.log_rhos();
    const auto is_nearer = [&](double a, double b) {
      return std::abs(a - log_rho) < std::abs(b - log_rho) - rounding;
    };
    return std::min_element(x.begin(), x.end(), is_nearer) - x.begin();
  }

  /// Returns the lags (distances from Choice::nearest) at which, for every fold, the errors of all seeds are
  /// finite, and the errors of the other folds' seeds are finite and positive.
  /// @param whole (ρ): the largest e over the members, where e is the statistic over all seeds
  std::vector<std::int64_t> common_lags(std::span<const double> whole) const {
    std::vector<std::int64_t> lags;
    for (std::int64_t lag = -points_; lag <= points_; ++lag) {
      const bool is_common = std::all_of(choices_.begin(), choices_.end(), [&](const Choice& choice) {
        const std::int64_t i = choice.nearest + lag;
        return i >= 0 && i < points_ && std::isfinite(whole[i]) && std::isfinite(choice.worst[i]) &&
               choice.worst[i] > 0.0;
      });
      if (is_common) lags.push_back(lag);
    }
    return lags;
  }

  /// Returns the number of seeds in a fold divided by the number of all seeds.
  double share_of(std::int64_t fold) const {
    return static_cast<double>(std::count(fold_of_.begin(), fold_of_.end(), fold)) /
           static_cast<double>(seeds_);
  }

  double mean_share(std::size_t side) const {
    double mean = 0.0;
    for (std::int64_t k = 0; k < folds_; ++k) mean += share_of(k) * choices_[k].sides[side].share;
    return mean;
  }

  /// Returns the errors of each seed at the lags of weights_, moved to the ρ chosen for the seed's fold;
  /// shape (seeds, lags). They are the errors of the member that is the worst on one side of the chosen ρ:
  /// below it for side 0, above it for side 1.
  std::vector<double> moved_to_chosen(std::size_t side) const {
    // (folds, lags): the model's e at the chosen ρ, divided by its e at the lag's ρ
    std::vector<double> factors;
    for (const Choice& choice : choices_)
      for (const auto& [lag, weight] : weights_)
        factors.push_back(
            std::exp(choice.sides[side].log_least - choice.sides[side].log_model[choice.nearest + lag]));
    const std::int64_t columns = std::ssize(weights_);
    std::vector<double> moved;
    moved.reserve(seeds_ * columns);
    for (std::int64_t s = 0; s < seeds_; ++s) {
      const std::int64_t k = fold_of_[s];
      const Choice& choice = choices_[k];
      const std::vector<double>& costs = costs_[choice.sides[side].member];
      std::int64_t column = 0;
      for (const auto& [lag, weight] : weights_)
        moved.push_back(costs[s * points_ + choice.nearest + lag] * factors[k * columns + column++]);
    }
    return moved;
  }

  std::span<const std::vector<double>> costs_;
  const Statistic& statistic_;
  WindowSize window_;
  std::int64_t points_;
  std::int64_t seeds_;
  std::int64_t folds_;
  std::vector<std::int64_t> fold_of_;
  ValleyModel model_;
  std::vector<Choice> choices_{};
  Lags weights_{};
};

/// The errors and seeds that an estimate is computed from.
struct Costs {
  std::vector<std::vector<double>> members{};   ///< errors of each member, shape (seeds, ρ)
  std::vector<std::vector<double>> choosing{};  ///< the same of another metric that chooses ρ; may be empty
  std::vector<std::int64_t> seeds{};
};

HonestBest cross_fit(std::span<const double> rhos, std::span<const std::vector<double>> costs,
                     std::span<const std::int64_t> seeds, const Statistic& statistic,
                     const Bootstrap& bootstrap, WindowSize window,
                     std::span<const std::vector<double>> choosing) {
  CrossFit fit(rhos, costs, seeds, statistic, window);
  if (!fit.choose(choosing.empty() ? costs : choosing))
    return {.reason = reason_without_model(std::ssize(rhos))};
  if (!fit.weigh()) return {.reason = "too few stepsizes around the chosen ones have finite costs"};
  HonestBest best = fit.estimate_best(bootstrap);
  if (std::isnan(best.error.value)) best.reason = "the cost is not above its floor at every stepsize";
  return best;
}

/// Returns each member's errors of the kept seeds only, shape (kept seeds, ρ).
std::vector<std::vector<double>> rows_of(std::span<const std::vector<double>> costs, std::int64_t rhos,
                                         const std::vector<std::int64_t>& kept) {
  std::vector<std::vector<double>> found(costs.size());
  for (std::size_t m = 0; m < costs.size(); ++m)
    for (const std::int64_t s : kept)
      found[m].insert(found[m].end(), costs[m].begin() + s * rhos, costs[m].begin() + (s + 1) * rhos);
  return found;
}

/// Returns the errors and seeds without the seeds of one fold.
Costs without_fold(std::int64_t fold, std::span<const std::vector<double>> costs,
                   std::span<const std::vector<double>> choosing, std::span<const std::int64_t> seeds,
                   std::int64_t rhos) {
  const std::vector<std::int64_t> fold_of = deal_folds(seeds, std::min(most_folds, std::ssize(seeds)));
  Costs found;
  std::vector<std::int64_t> kept;
  for (std::int64_t s = 0; s < std::ssize(seeds); ++s) {
    if (fold_of[s] == fold) continue;
    kept.push_back(s);
    found.seeds.push_back(seeds[s]);
  }
  found.members = rows_of(costs, rhos, kept);
  found.choosing = rows_of(choosing, rhos, kept);
  return found;
}

/// Whether a number lies outside an interval by more than 0.1 %.
bool is_outside(double value, const Interval& interval) {
  constexpr double least_factor = 1.001;
  return value * least_factor < interval.low || value > interval.high * least_factor;
}

}  // namespace

HonestBest honest_best(std::span<const double> rhos, std::span<const std::vector<double>> costs,
                       std::span<const std::int64_t> seeds, const Statistic& statistic,
                       const Bootstrap& bootstrap, Rounding rounding,
                       std::span<const std::vector<double>> choosing) {
  if (seeds.size() < 2) return {.reason = "one seed cannot both choose the stepsize and estimate its cost"};
  HonestBest best = cross_fit(rhos, costs, seeds, statistic, bootstrap, WindowSize::whole, choosing);
  if (!best.reason.empty()) return best;
  if (rounding != Rounding::none)
    if (const HonestBest half =
            cross_fit(rhos, costs, seeds, statistic, bootstrap, WindowSize::half, choosing);
        half.reason.empty())
      include_half_window(half.error, std::ssize(seeds), Scale::logarithmic, best.error);
  if (std::ssize(seeds) < fewest_seeds || bootstrap.resamples() < fewest_resamples) return best;
  bool is_of_few = std::isnan(best.error.ci.low) || is_outside(best.error.value, best.error.ci);
  for (std::int64_t k = 0; k < std::min(most_folds, std::ssize(seeds)) && !is_of_few; ++k) {
    const Costs rest = without_fold(k, costs, choosing, seeds, std::ssize(rhos));
    const HonestBest found = cross_fit(rhos, rest.members, rest.seeds, statistic, Bootstrap(rest.seeds, 0),
                                       WindowSize::whole, rest.choosing);
    is_of_few = found.reason.empty() && is_outside(found.error.value, best.error.ci);
  }
  if (is_of_few) return {.reason = few_seeds_decide};
  best.error.ci.low = std::min(best.error.ci.low, best.error.value);  // the value may lie 0.1 % outside
  best.error.ci.high = std::max(best.error.ci.high, best.error.value);
  return best;
}

}  // namespace rhosweep::analysis
