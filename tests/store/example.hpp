#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/store/description.hpp"

#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

/// Sweeps in which the position of a cell determines all of its numbers, so that a test knows what a file
/// must contain. With c the cell's row-major number, metric m is 1000·m + c/8 at the last evaluation, 1 less
/// at the one before, 2 less at the one before that, and so on. Every seventh cell diverged, at step c.
namespace example {

using namespace rhosweep;

/// Returns a description of a grid; everything but the grid and the evaluations is made up.
inline store::FileDescription describe(model::Grid grid, std::int64_t evaluations) {
  store::FileDescription description;
  description.title = "Synthetic numbers ± 0";
  description.sweep = "title = \"Synthetic numbers ± 0\"\n\n[sgd]\nsteps = 8\n";
  description.sweep_hash = "00c0ffee00c0ffee";
  description.data_hashes = {{"a file.libsvm", "0123456789abcdef"}, {"b.csv", "fedcba9876543210"}};
  description.metrics = {model::metrics::train_loss, model::metrics::test_accuracy};
  description.evaluations = evaluations;
  // If an example has axes, the first one is sgd.steps.
  const std::int64_t rows = grid.axes.empty() ? 1 : grid.axes.front().size();
  description.steps.resize(rows * evaluations);
  std::iota(description.steps.begin(), description.steps.end(), std::int64_t{1});
  description.stepsizes.resize(grid.axes_points() * grid.trials_per_seed());
  std::iota(description.stepsizes.begin(), description.stepsizes.end(), 0.5);
  description.f_star.resize(grid.axes_points());
  std::iota(description.f_star.begin(), description.f_star.end(), -1.0);
  description.diameter.assign(grid.axes_points(), 2.0);
  description.gradient_bound.resize(grid.axes_points());
  std::iota(description.gradient_bound.begin(), description.gradient_bound.end(), 0.75);
  const std::int64_t starts = std::ssize(description.metrics) * grid.axes_points() * std::ssize(grid.seeds);
  description.initial.resize(starts);
  std::iota(description.initial.begin(), description.initial.end(), 2.25);
  description.f_star.back() = std::numeric_limits<double>::quiet_NaN();
  description.grid = std::move(grid);
  return description;
}

/// Returns a description with 2 × 3 axes points, 2 seeds, 3 schedules × 5 ρ and 4 evaluations.
inline store::FileDescription two_axes() {
  model::Grid grid;
  grid.axes = {{"sgd.steps", std::vector<std::int64_t>{8, 16}},
               {"problem.curvature", std::vector<double>{0.25, 0.5, 1.0}}};
  grid.seeds = {3, 11};
  for (const char* spec : {"constant", "cosine", "warmup(0.05, polynomial(2))"})
    grid.schedules.push_back(model::Schedule::parse(spec));
  grid.rhos = {0.25, 0.5, 1.0, 2.0, 4.0};
  return describe(std::move(grid), 4);
}

/// Returns a description in which every dimension has size 1.
inline store::FileDescription ones() {
  model::Grid grid;
  grid.axes = {{"sgd.steps", std::vector<std::int64_t>{8}}};
  grid.seeds = {0};
  grid.schedules = {model::Schedule::parse("cosine")};
  grid.rhos = {1.0};
  return describe(std::move(grid), 1);
}

/// Returns a description without axes.
inline store::FileDescription no_axes() {
  model::Grid grid;
  grid.seeds = {0, 1, 2};
  grid.schedules = {model::Schedule::parse("linear"), model::Schedule::parse("cosine")};
  grid.rhos = {1.0, 10.0};
  return describe(std::move(grid), 2);
}

inline store::Provenance provenance() {
  return {{"version", "0.1.0"}, {"hosts", "n1 n2"}, {"start_time", "2024-05-06T07:08:09Z"}};
}

/// Returns the row-major number of a block's first cell.
inline std::int64_t first_cell(const model::Grid& grid, const model::Block& block) {
  return (block.point.value * std::ssize(grid.seeds) + block.seed) * grid.trials_per_seed() + block.first;
}

inline bool diverged(std::int64_t cell) {
  return cell % 7 == 6;
}
inline double final_value(std::int64_t metric, std::int64_t cell) {
  return 1000.0 * static_cast<double>(metric) + static_cast<double>(cell) / 8.0;
}
inline double curve_value(std::int64_t metric, std::int64_t cell, std::int64_t evaluation,
                          std::int64_t evaluations) {
  return final_value(metric, cell) - static_cast<double>(evaluations - 1 - evaluation);
}

/// Returns the results of a block whose trials took 0.5 s each.
inline model::BlockResult run(const store::FileDescription& description, const model::Block& block) {
  const std::int64_t metrics = std::ssize(description.metrics);
  const std::int64_t evaluations = description.evaluations;
  model::BlockResult result(block.trials, metrics, evaluations);
  result.seconds = 0.5 * static_cast<double>(block.trials);
  for (std::int64_t i = 0; i < block.trials; ++i) {
    const std::int64_t cell = first_cell(description.grid, block) + i;
    result.status[i] = diverged(cell) ? model::CellStatus::diverged : model::CellStatus::done;
    if (diverged(cell)) result.diverged_step[i] = cell;
    for (std::int64_t m = 0; m < metrics; ++m) {
      result.final[m * block.trials + i] = final_value(m, cell);
      for (std::int64_t e = 0; e < evaluations; ++e)
        result.curve[(m * block.trials + i) * evaluations + e] = curve_value(m, cell, e, evaluations);
    }
  }
  return result;
}

}  // namespace example
