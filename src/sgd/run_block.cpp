#include "rhosweep/sgd/run_block.hpp"

#include "make_kernel.hpp"
#include "optimizer.hpp"
#include "paced_yield.hpp"

#include "rhosweep/core/divide_up.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace rhosweep::sgd {

namespace {

using model::BlockResult;
using model::CellStatus;

/// Limits on the steps of a chunk and on the numbers that these steps read. Every tile runs the chunk in
/// turn, so that the tile stays in the first-level cache, with a yield after every tile. The limits keep the
/// drawn samples in the second-level cache and the time between yields short.
constexpr std::int64_t most_chunk_steps = 256;
constexpr double most_chunk_numbers = 16384;

/// Number of passes over all weights between two replacements of denormal weights by 0. With this many
/// passes, the replacement takes no noticeable time.
constexpr double passes_between_zeroing = 64;

template <class Real>
class Lockstep {
 public:
  Lockstep(const problem::Problem& problem, const model::SgdSettings& sgd, std::int64_t seed,
           std::span<const Trial> trials, Multipliers& multipliers, const Yield& yield)
      : problem_(problem),
        sgd_(sgd),
        trials_(trials),
        multipliers_(multipliers),
        yield_(yield),
        kernel_(make_kernel<Real>(problem, sgd, seed, yield_)),
        tiles_(core::divide_up(std::ssize(trials), lanes)),
        result_(std::ssize(trials), std::ssize(problem.metrics()), sgd.evaluations) {
    const std::vector<double> start = problem.initial_point(seed);
    const std::int64_t dimension = problem.dimension();
    const Optimizer<Real> optimizer(sgd);
    for (TileState<Real>& tile : tiles_) {
      tile.iterates = Tile<Real>(dimension);
      for (std::int64_t j = 0; j < dimension; ++j) tile.iterates.array().col(j) = static_cast<Real>(start[j]);
      optimizer.prepare(tile);
      if (sgd.iterate == model::Iterate::average) tile.average = Tile<Real>(dimension);
      values_.emplace_back(std::ssize(problem.metrics()));
    }
    for (const Trial& trial : trials) {
      const auto [place, added] = rows_.emplace(trial.schedule->spec(), std::ssize(schedules_));
      if (added) schedules_.push_back(trial.schedule);
      row_of_trial_.push_back(place->second);
      stepsizes_.push_back(trial.stepsize);
    }
    // Lanes beyond the last trial have a stepsize of 0 and do not move.
    row_of_trial_.resize(tiles_.size() * lanes, 0);
    stepsizes_.resize(tiles_.size() * lanes, 0.0);
  }

  /// Runs all steps and evaluations. @return false if the block is abandoned
  bool run() {
    const std::vector<std::int64_t> at = model::evaluation_steps(sgd_.steps, sgd_.evaluations);
    std::int64_t step = 0;
    for (std::int64_t evaluation = 0; evaluation < sgd_.evaluations; ++evaluation) {
      while (step < at[evaluation]) {
        const std::int64_t until_zeroing = zeroing_steps() - step % zeroing_steps();
        const std::int64_t count = std::min({chunk_steps(), at[evaluation] - step, until_zeroing});
        prepare(step, count);
        for (std::int64_t i = 0; i < std::ssize(tiles_); ++i) {
          if (tiles_[i].alive) advance(i, step, count);
          if (!yield_.now()) return false;
        }
        step += count;
      }
      measure();
      if (!yield_.now()) return false;
      for (std::int64_t i = 0; i < std::ssize(tiles_); ++i) record(i, evaluation, step);
    }
    return true;
  }

  BlockResult take_result() { return std::move(result_); }

 private:
  std::int64_t chunk_steps() const {
    const double steps = most_chunk_numbers / std::max(1.0, kernel_->numbers_per_step());
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(steps), 1, most_chunk_steps);
  }

  /// Returns the number of steps between two replacements of denormal weights by 0. The number does not
  /// depend on when the metrics are evaluated, so the weights do not depend on the evaluations, either.
  std::int64_t zeroing_steps() const {
    const double passes_per_step =
        std::max(1.0, kernel_->numbers_per_step()) / static_cast<double>(problem_.dimension());
    const double chunks =
        std::ceil(passes_between_zeroing / passes_per_step / static_cast<double>(chunk_steps()));
    return chunk_steps() * static_cast<std::int64_t>(chunks);
  }

  /// Draws the mini-batches and computes the multipliers of the next `count` steps, for all tiles.
  void prepare(std::int64_t first, std::int64_t count) {
    kernel_->draw(first, count);
    h_.resize(schedules_.size() * static_cast<std::size_t>(count));
    for (std::int64_t s = 0; s < std::ssize(schedules_); ++s)
      multipliers_.fill(*schedules_[s], sgd_.steps, first, std::span(h_).subspan(s * count, count));
  }

  /// Runs the drawn steps for one tile.
  void advance(std::int64_t index, std::int64_t first, std::int64_t count) {
    chunk_stepsizes_.reserve(count * lanes);
    const std::int64_t lane = index * lanes;
    vector_code<Real>().multiply_stepsizes(
        {.stepsize = &stepsizes_[lane], .row = &row_of_trial_[lane], .h = h_.data()}, count,
        chunk_stepsizes_.data());
    kernel_->advance({.first = first, .count = count, .stepsizes = chunk_stepsizes_.data()}, tiles_[index]);
    if ((first + count) % zeroing_steps() == 0) zero_denormals(tiles_[index]);
  }

  const Tile<Real>& measured(const TileState<Real>& tile) const {
    const bool is_average =
        sgd_.iterate == model::Iterate::average || sgd_.optimizer == model::Optimizer::schedule_free;
    return is_average ? tile.average : tile.iterates;
  }

  /// values_ ← the metrics of every tile in which at least one trial has neither diverged nor been stopped.
  void measure() {
    std::vector<Measurement<Real>> alive;
    for (std::size_t i = 0; i < tiles_.size(); ++i)
      if (tiles_[i].alive) alive.push_back({&measured(tiles_[i]), &values_[i]});
    kernel_->evaluate(alive);
  }

  /// Stores the metrics of one tile after `step` steps and marks trials that have diverged or are stopped. A
  /// stopped trial stays in its lane, and its metrics stay unknown from the next evaluation on.
  void record(std::int64_t index, std::int64_t evaluation, std::int64_t step) {
    TileState<Real>& tile = tiles_[index];
    const auto& metrics = problem_.metrics();
    const std::int64_t trials = std::ssize(trials_);
    const bool last = evaluation + 1 == sgd_.evaluations;
    const auto values = values_[index].array();
    const Lanes<Real> finite_sum =
        (measured(tile).array() * Real(0)).rowwise().sum();  // 0, or NaN if a weight is not finite
    bool alive = false;
    for (std::int64_t trial = index * lanes; trial < std::min(trials, (index + 1) * lanes); ++trial) {
      const std::int64_t lane = trial % lanes;
      CellStatus& status = result_.status[trial];
      const bool finite = tile.alive && finite_sum[lane] == Real(0) && std::isfinite(values(lane, 0));
      if (status == CellStatus::pending && !finite) {
        status = CellStatus::diverged;
        result_.diverged_step[trial] = step;
      }
      const bool diverged = status == CellStatus::diverged;
      if (status == CellStatus::stopped) continue;
      for (std::int64_t m = 0; m < std::ssize(metrics); ++m) {
        const double value = diverged ? metrics[m].diverged : values(lane, m);
        result_.curve[(m * trials + trial) * sgd_.evaluations + evaluation] = value;
        if (last) result_.final[m * trials + trial] = value;
      }
      const model::StopLimits& stop = trials_[trial].stop;
      if (last && !diverged)
        status = CellStatus::done;
      else if (!diverged && stop.stop_at(evaluation, values(lane, stop.metric)))
        status = CellStatus::stopped;
      alive = alive || (!diverged && status != CellStatus::stopped);
    }
    tile.alive = alive;
  }

  const problem::Problem& problem_;
  const model::SgdSettings& sgd_;
  std::span<const Trial> trials_;
  Multipliers& multipliers_;
  PacedYield yield_;
  std::unique_ptr<Kernel<Real>> kernel_;
  std::vector<TileState<Real>> tiles_;
  BlockResult result_;

  std::vector<const model::Schedule*> schedules_;  ///< of the trials, without duplicates
  std::map<std::string, std::int64_t> rows_;       ///< index in schedules_, by the schedule's specification
  std::vector<std::int64_t> row_of_trial_;         ///< index in schedules_, (tiles × lanes)
  std::vector<double> h_;                          ///< multipliers h_t, (schedules, steps of the chunk)
  std::vector<double> stepsizes_;                  ///< (tiles × lanes)
  AlignedArray<Real> chunk_stepsizes_;             ///< η h_t of one tile: (steps of the chunk, lanes)
  std::vector<Tile<double>> values_;               ///< metrics, one entry per tile
};

template <class Real>
std::optional<BlockResult> run(const problem::Problem& problem, const model::SgdSettings& sgd,
                               std::int64_t seed, std::span<const Trial> trials, Multipliers& multipliers,
                               const Yield& yield) {
  Lockstep<Real> lockstep(problem, sgd, seed, trials, multipliers, yield);
  if (!lockstep.run()) return std::nullopt;
  return lockstep.take_result();
}

}  // namespace

std::optional<BlockResult> run_block(const problem::Problem& problem, const model::SgdSettings& sgd,
                                     std::int64_t seed, std::span<const Trial> trials,
                                     Multipliers& multipliers, const Yield& yield) {
  return sgd.precision == model::Precision::float64
             ? run<double>(problem, sgd, seed, trials, multipliers, yield)
             : run<float>(problem, sgd, seed, trials, multipliers, yield);
}

double trial_work(const problem::Problem& problem, const model::SgdSettings& sgd) {
  return static_cast<double>(sgd.steps) * problem.step_work(sgd) +
         static_cast<double>(sgd.evaluations) * problem.evaluation_work();
}

}  // namespace rhosweep::sgd
