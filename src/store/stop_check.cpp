#include "stop_check.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace rhosweep::store {

using model::CellStatus;

namespace {

model::StopRule rule_of(const FileDescription& file) {
  bool knows_minima = true;
  for (core::PointIndex point; point.value < file.grid.axes_points(); ++point)
    knows_minima &= file.grid.is_excluded(point) || !std::isnan(file.f_star[point.value]);
  return {*file.stop_when, file.grid, file.metrics, knows_minima};
}

}  // namespace

/// The trials of one seed and schedule.
struct StopCheck::Row {
  core::PointIndex point;
  std::int64_t seed = 0;
  std::int64_t schedule = 0;
  std::int64_t first = 0;  ///< index of the row's first trial in `cells`
  const model::BlockResult& cells;
  const std::vector<bool>& is_sound;

  /// Returns a metric's values at the evaluations.
  std::span<const double> curve(std::int64_t metric, std::int64_t rho) const {
    const std::int64_t evaluations = cells.evaluations();
    return std::span(cells.curve)
        .subspan(static_cast<std::size_t>((metric * cells.trials() + first + rho) * evaluations),
                 static_cast<std::size_t>(evaluations));
  }
};

StopCheck::StopCheck(const FileDescription& file)
    : file_(file), rule_(rule_of(file)), table_(rule_, file.grid, file.evaluations) {}

void StopCheck::judge(core::PointIndex point, std::int64_t first_seed, std::span<const std::int64_t> steps,
                      const model::BlockResult& cells, const std::vector<bool>& is_sound, Survey& found) {
  const std::int64_t rhos = std::ssize(file_.grid.rhos);
  const std::int64_t schedules = std::ssize(file_.grid.schedules);
  for (std::int64_t first = 0; first < cells.trials(); first += rhos) {
    const std::int64_t index = first / rhos;
    const Row row{.point = point,
                  .seed = first_seed + index / schedules,
                  .schedule = index % schedules,
                  .first = first,
                  .cells = cells,
                  .is_sound = is_sound};
    const bool knows_limits = find_limits(row, steps);
    for (std::int64_t r = 0; r < rhos; ++r) {
      const std::optional<Misfit> wrong = misfit(row, r, steps, knows_limits);
      if (!wrong) continue;
      found.misfits.push_back(*wrong);
      found.to_run.add(wrong->cell, 0);
    }
  }
}

bool StopCheck::find_limits(const Row& row, std::span<const std::int64_t> steps) {
  std::vector<double> curves;
  for (std::int64_t r = 0; r < std::ssize(file_.grid.rhos); ++r) {
    if (!rule_.is_first(r)) continue;
    const CellStatus status = row.cells.status[row.first + r];
    if (status == CellStatus::failed) continue;
    const bool is_finished = status == CellStatus::done || status == CellStatus::diverged;
    if (!is_finished || !row.is_sound[row.first + r]) return false;
    const auto curve = row.curve(rule_.metric(), r);
    if (status == CellStatus::done) curves.insert(curves.end(), curve.begin(), curve.end());
  }
  table_.set(row.point, row.seed, row.schedule, rule_.limits(steps, curves));
  return true;
}

std::optional<Misfit> StopCheck::misfit(const Row& row, std::int64_t rho, std::span<const std::int64_t> steps,
                                        bool knows_limits) const {
  const std::int64_t i = row.first + rho;
  const CellStatus status = row.cells.status[i];
  const bool has_curve =
      status == CellStatus::done || status == CellStatus::diverged || status == CellStatus::stopped;
  if (!has_curve || !row.is_sound[i]) return {};
  const bool is_stopped = status == CellStatus::stopped;
  const std::int64_t trial = row.schedule * std::ssize(file_.grid.rhos) + rho;
  Misfit found{.cell = {.point = row.point, .seed = row.seed, .first = trial, .trials = 1}};
  if (rule_.is_first(rho)) {
    found.complaint = "marked as stopped, but one of the first trials, which run whole";
    return is_stopped ? std::optional(found) : std::nullopt;
  }

  const auto curve = row.curve(rule_.metric(), rho);
  const std::int64_t evaluations = std::ssize(curve);
  std::int64_t end = evaluations;  // the evaluations before it may have stopped the trial
  if (status == CellStatus::diverged)
    end = std::ranges::lower_bound(steps, row.cells.diverged_step[i]) - steps.begin();
  if (is_stopped) {
    while (end > 0 && std::isnan(curve[end - 1])) --end;
    bool is_blank = end > 0 && row.cells.diverged_step[i] == -1;
    for (std::int64_t m = 0; m < row.cells.metrics(); ++m) {
      is_blank &= std::isnan(row.cells.final[m * row.cells.trials() + i]);
      for (std::int64_t e = end; e < evaluations; ++e) is_blank &= std::isnan(row.curve(m, rho)[e]);
    }
    found.complaint = "marked as stopped, but with a result";
    if (!is_blank) return found;
  }
  if (!knows_limits) return {};
  const model::StopLimits limits = table_.of(row.point, row.seed, trial);
  const std::int64_t stop = limits.first_stop(curve.first(static_cast<std::size_t>(end)));
  if (stop == (is_stopped ? end - 1 : end)) return {};
  found.complaint = is_stopped ? "marked as stopped, but [stop_when] does not stop it there"
                               : "with a result, but [stop_when] stops it";
  if (stop == end) return found;
  found.stop = {.evaluation = stop};
  for (std::int64_t m = 0; m < row.cells.metrics(); ++m)
    if (m != rule_.metric() && !std::isnan(row.curve(m, rho)[stop])) found.stop->has_one_metric = false;
  return found;
}

}  // namespace rhosweep::store
