#include "fill_answer.hpp"

#include <cmath>
#include <cstddef>
#include <utility>

namespace rhosweep::analysis {

void fill_grids(const ValleyAnswer& answer, const Selection& selection, const std::vector<double>& rhos,
                ScheduleAnalysis& into) {
  const double range = std::log(rhos.back() / rhos.front());
  for (const GridAnswer& grid : answer.grids) {
    into.grid.push_back({.ratio = grid.ratio,
                         .judged = grid.reason.empty(),
                         .reason = grid.reason,
                         .worst = grid.worst.value,
                         .worst_ci = grid.worst.ci,
                         .mean = grid.mean.value,
                         .mean_ci = grid.mean.ci,
                         .quantiles = grid.quantiles,
                         .worst_value = selection.to_metric(grid.worst_error.value),
                         .mean_value = selection.to_metric(grid.mean_error.value)});
    into.random.push_back({.ratio = grid.ratio,
                           .trials = range / std::log(grid.ratio),
                           .mean = grid.random_mean,
                           .mean_value = selection.to_metric((1.0 + grid.random_mean) * answer.least.value),
                           .all_diverge = grid.random_all_diverge});
  }
  for (const CrossingAnswer& crossing : answer.advice) {
    Advice advice{.tolerance = crossing.tolerance,
                  .ratio = crossing.ratio.value,
                  .ratio_ci = crossing.ratio.ci,
                  .mean_ratio = crossing.mean_ratio.value,
                  .mean_ratio_ci = crossing.mean_ratio.ci,
                  .advised = crossing.advised,
                  .reason = crossing.reason,
                  .remark = crossing.remark};
    if (advice.advised > 1.0) advice.points_per_decade = std::log(10.0) / std::log(advice.advised);
    into.advice.push_back(std::move(advice));
  }
}

void fill_costs(const ValleyAnswer& answer, const MeasuredCurve& measured, double tuned_error,
                ScheduleAnalysis& into) {
  for (std::size_t k = 0; k < cost_factors.size(); ++k) {
    FactorCost cost{.factor = cost_factors[k],
                    .error_ratio = answer.costs[k].value,
                    .error_ratio_ci = answer.costs[k].ci};
    const double error = measured.error_at(into.best_rho * cost.factor);
    if (std::isnan(cost.error_ratio) && tuned_error > 0.0 && (!answer.reason.empty() || error == infinite))
      cost.error_ratio = error / tuned_error;
    into.costs.push_back(cost);
  }
}

}  // namespace rhosweep::analysis
