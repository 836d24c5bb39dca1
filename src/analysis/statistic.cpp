#include "rhosweep/analysis/statistic.hpp"

#include "resampled_sums.hpp"

#include "rhosweep/analysis/analysis.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace rhosweep::analysis {

namespace {

/// The place of a quantile among n sorted values: between the values with the indices `low` and low + 1.
struct QuantilePlace {
  std::int64_t low = 0;
  double weight = 0.0;  ///< weight of the value with index low + 1

  QuantilePlace(double level, std::int64_t n) {
    const double place = level * static_cast<double>(n - 1);
    low = std::min(static_cast<std::int64_t>(place), n - 1);
    weight = place - static_cast<double>(low);
  }

  /// Interpolates between two values. Avoids the product of a zero weight and an infinity, which is NaN.
  double between(double a, double b) const { return weight == 0.0 || a == b ? a : a + weight * (b - a); }
};

/// Returns a quantile of values, which are given in sorted order, each with the number of times it counts.
/// @param first the index to begin at
/// @param passed the sum of the counts before `first`, at most place.low
template <class Count>
double quantile_of_sorted(const QuantilePlace& place, std::span<const double> sorted, const Count& count,
                          std::int64_t first = 0, std::int64_t passed = 0) {
  double low = unknown;
  for (std::int64_t i = first; i < std::ssize(sorted); ++i) {
    const std::int64_t here = count(i);
    if (here == 0) continue;
    if (passed <= place.low && place.low < passed + here) {
      low = sorted[i];
      if (place.low + 1 < passed + here || place.weight == 0.0) return low;
    } else if (passed == place.low + 1) {
      return place.between(low, sorted[i]);
    }
    passed += here;
  }
  return low;
}

/// Returns how many of n sorted values almost certainly lie below a quantile of n draws from these values:
/// the quantile's index minus five standard deviations of the number of draws below it.
std::int64_t surely_before(const QuantilePlace& place, std::int64_t n) {
  const auto low = static_cast<double>(place.low);
  const double deviation = std::sqrt(low * (1.0 - low / static_cast<double>(n)));
  return static_cast<std::int64_t>(std::max(0.0, low - 5.0 * deviation));
}

/// Returns the sum of the counts at which the mask is 255; elsewhere the mask is 0.
std::int64_t masked_sum(std::span<const std::uint8_t> counts, std::span<const std::uint8_t> mask) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) sum += static_cast<std::uint8_t>(counts[i] & mask[i]);
  return sum;
}

/// Returns the statistic of n values, which are given in sorted order, each with the number of times it
/// counts.
template <class Count>
double of_sorted(const Statistic& statistic, std::span<const double> sorted, std::int64_t n,
                 const Count& count) {
  if (statistic.kind == Statistic::Kind::quantile)
    return quantile_of_sorted(QuantilePlace(statistic.level, n), sorted, count);
  const auto cut = static_cast<std::int64_t>(trimmed_share * static_cast<double>(n));
  double sum = 0.0;
  std::int64_t passed = 0;
  for (std::int64_t i = 0; i < std::ssize(sorted); ++i) {
    const std::int64_t here = count(i);
    const std::int64_t kept = std::min(passed + here, n - cut) - std::max(passed, cut);
    if (kept > 0) sum += static_cast<double>(kept) * sorted[i];
    passed += here;
  }
  return sum / static_cast<double>(n - 2 * cut);
}

std::vector<double> resampled_means(std::span<const double> costs, std::int64_t columns,
                                    const Bootstrap& bootstrap) {
  const std::int64_t seeds = std::ssize(costs) / columns;
  // A column that lacks a value has no mean, even in a resample that does not draw the missing seed.
  std::vector<bool> is_known(columns, true);
  for (std::int64_t k = 0; k < std::ssize(costs); ++k)
    if (std::isnan(costs[k])) is_known[k % columns] = false;
  std::vector<double> means;
  means.reserve(bootstrap.resamples() * columns);
  bootstrap.for_each_batch([&](const std::vector<std::uint8_t>& counts) {
    ResampledSums sums(counts, seeds, columns);
    std::vector<double> slab(costs.begin(), costs.end());
    sums.add(0, slab);
    for (std::int64_t b = 0; b < std::ssize(counts) / seeds; ++b)
      for (std::int64_t i = 0; i < columns; ++i)
        means.push_back(is_known[i] ? sums.sum(b, i) / static_cast<double>(seeds) : unknown);
  });
  return means;
}

}  // namespace

std::optional<Statistic> parse_statistic(std::string_view text) {
  if (text == "mean") return Statistic{};
  if (text == "median") return Statistic{.kind = Statistic::Kind::quantile, .level = 0.5};
  if (text == "trimmed") return Statistic{.kind = Statistic::Kind::trimmed};
  constexpr std::string_view prefix = "quantile=";
  if (!text.starts_with(prefix)) return std::nullopt;
  const char* const end = text.data() + text.size();
  double level = unknown;
  const auto [read, error] = std::from_chars(text.data() + prefix.size(), end, level);
  if (error != std::errc() || read != end || !(level >= 0.0 && level <= 1.0)) return std::nullopt;
  return Statistic{.kind = Statistic::Kind::quantile, .level = level};
}

std::string name_of(const Statistic& statistic) {
  if (statistic.kind == Statistic::Kind::mean) return "mean";
  if (statistic.kind == Statistic::Kind::trimmed) return "trimmed";
  return statistic.level == 0.5 ? "median" : "quantile=" + core::to_text(statistic.level);
}

std::string noun_of(const Statistic& statistic) {
  if (statistic.kind == Statistic::Kind::trimmed) return "trimmed mean";
  const bool is_named = statistic.kind == Statistic::Kind::mean || statistic.level == 0.5;
  return is_named ? name_of(statistic) : core::to_text(statistic.level) + " quantile";
}

double statistic_of(const Statistic& statistic, std::span<const double> values) {
  if (values.empty() || std::any_of(values.begin(), values.end(), [](double x) { return std::isnan(x); }))
    return unknown;
  if (statistic.kind == Statistic::Kind::mean)
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return of_sorted(statistic, sorted, std::ssize(sorted), [](std::int64_t) { return std::int64_t{1}; });
}

std::vector<double> resampled_statistic(const Statistic& statistic, std::span<const double> costs,
                                        std::int64_t columns, const Bootstrap& bootstrap) {
  if (bootstrap.resamples() == 0 || columns == 0) return {};
  if (statistic.kind == Statistic::Kind::mean) return resampled_means(costs, columns, bootstrap);
  const std::int64_t seeds = std::ssize(costs) / columns;
  std::vector<double> found(bootstrap.resamples() * columns, unknown);
  std::vector<double> sorted(seeds);
  std::vector<std::int64_t> order(seeds);
  const QuantilePlace place(statistic.level, seeds);
  const bool is_quantile = statistic.kind == Statistic::Kind::quantile;
  const std::int64_t skipped = is_quantile ? surely_before(place, seeds) : 0;
  std::vector<std::uint8_t> mask(seeds);
  std::int64_t first = 0;
  bootstrap.for_each_batch([&](const std::vector<std::uint8_t>& counts) {
    const std::int64_t resamples = std::ssize(counts) / seeds;
    for (std::int64_t i = 0; i < columns; ++i) {
      const auto cost = [&](std::int64_t s) { return costs[s * columns + i]; };
      bool is_known = true;
      for (std::int64_t s = 0; s < seeds; ++s) is_known = is_known && !std::isnan(cost(s));
      if (!is_known) continue;
      std::iota(order.begin(), order.end(), std::int64_t{0});
      std::sort(order.begin(), order.end(),
                [&](std::int64_t a, std::int64_t b) { return cost(a) < cost(b); });
      for (std::int64_t k = 0; k < seeds; ++k) sorted[k] = cost(order[k]);
      std::fill(mask.begin(), mask.end(), 0);
      for (std::int64_t k = 0; k < skipped; ++k) mask[order[k]] = 255;
      for (std::int64_t b = 0; b < resamples; ++b) {
        const auto drawn = std::span(counts).subspan(b * seeds, seeds);
        const auto count = [&](std::int64_t k) -> std::int64_t { return drawn[order[k]]; };
        double& value = found[(first + b) * columns + i];
        // Summing the counts of the skipped values at once is faster than passing these values one by one.
        if (const std::int64_t passed = skipped > 0 ? masked_sum(drawn, mask) : 0;
            skipped > 0 && passed <= place.low)
          value = quantile_of_sorted(place, sorted, count, skipped, passed);
        else
          value = of_sorted(statistic, sorted, seeds, count);
      }
    }
    first += resamples;
  });
  return found;
}

}  // namespace rhosweep::analysis
