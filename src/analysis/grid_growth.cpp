#include "grid_growth.hpp"

#include "costs.hpp"
#include "judge_valley.hpp"
#include "measured_curve.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace rhosweep::analysis {

namespace {

/// The growth of the grid cost is fitted from this ratio on, because at smaller ratios the cost grows alike
/// under all schedules.
constexpr double least_growth_ratio = 4.0;

/// Returns why the growth of the grid cost, or the interval of the growth, is unknown; "" if both are known.
std::string reason_against_growth(const ScheduleAnalysis& found, bool are_all_judged) {
  if (std::isnan(found.grid_growth)) return "fewer than two ratios from 4 on have a cost";
  if (!std::isnan(found.grid_growth_ci.low)) return {};
  return are_all_judged ? "no interval: too few seeds or resamples, or one seed decides"
                        : "no interval: in some resamples of the seeds one of these ratios is not judged";
}

}  // namespace

void fill_growth(const ValleyAnswer& answer, std::int64_t seeds, ScheduleAnalysis& into) {
  std::vector<double> log_ratios;
  std::vector<const Estimate*> worst;
  for (const GridAnswer& grid : answer.grids) {
    if (!grid.reason.empty() || grid.ratio < least_growth_ratio) continue;
    log_ratios.push_back(std::log(grid.ratio));
    worst.push_back(&grid.worst);
    Interval& range = into.grid_growth_range;
    range = {.low = std::fmin(range.low, grid.ratio), .high = std::fmax(range.high, grid.ratio)};
  }
  const auto growth = [&](const auto& cost_of) {
    std::vector<double> logs;
    logs.reserve(worst.size());
    for (const Estimate* const cost : worst) logs.push_back(std::log1p(cost_of(*cost)));
    return slope(log_ratios, logs);
  };
  into.grid_growth = growth([](const Estimate& cost) { return cost.value; });
  std::vector<double> resampled;
  for (std::size_t b = 0; !worst.empty() && b < worst.front()->resampled.size(); ++b)
    resampled.push_back(growth([b](const Estimate& cost) { return cost.resampled[b]; }));
  const bool are_all_judged =
      std::all_of(resampled.begin(), resampled.end(), [](double x) { return std::isfinite(x); });
  into.grid_growth_ci = seed_interval(std::move(resampled), seeds, Scale::linear);
  into.grid_growth_reason = reason_against_growth(into, are_all_judged);
}

}  // namespace rhosweep::analysis
