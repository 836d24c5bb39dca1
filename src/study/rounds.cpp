#include "rhosweep/study/rounds.hpp"

#include "rhosweep/analysis/replay.hpp"
#include "rhosweep/core/increasing_order.hpp"
#include "rhosweep/store/survey.hpp"
#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/change_states.hpp"
#include "rhosweep/study/damaged_cells.hpp"
#include "rhosweep/study/reuse.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::study {

using model::CellStatus;

namespace {

/// The cells of one schedule at an axes point that are not left out, by increasing ρ and seed.
class Curve {
 public:
  Curve(const model::Grid& grid, core::PointIndex point, std::int64_t schedule)
      : grid_(grid),
        point_(point),
        schedule_(schedule),
        rhos_(grid.rhos_of(schedule)),
        seeds_(core::increasing_order(grid.seeds)) {}

  std::vector<double> rhos() const {
    std::vector<double> values;
    for (const std::int64_t r : rhos_) values.push_back(grid_.rhos[r]);
    return values;
  }
  /// Returns a cell as a block of one trial.
  model::Block cell(std::int64_t rho, std::int64_t seed) const {
    return {.point = point_,
            .seed = seeds_[seed],
            .first = schedule_ * std::ssize(grid_.rhos) + rhos_[rho],
            .trials = 1};
  }

 private:
  const model::Grid& grid_;
  core::PointIndex point_;
  std::int64_t schedule_;
  std::vector<std::int64_t> rhos_;
  std::vector<std::int64_t> seeds_;
};

/// Sets all cells in state `from` to state `to`; neither state has a result.
void change_all(const std::filesystem::path& path, const model::Grid& grid, CellStatus from, CellStatus to) {
  store::ResultsFile file = store::ResultsFile::open(path);
  change_states(file, grid, model::CellSet::all(grid), from, to);
  file.close();
}

}  // namespace

model::CellSet next_cells(const store::ResultsReader& file, const model::CellSet& unfinished) {
  const model::Grid& grid = file.description().grid;
  const model::SearchSettings& settings = *file.description().search;
  const std::string metric = settings.metric.empty() ? analysis::default_metric(file) : settings.metric;
  model::CellSet wanted(grid);
  for (core::PointIndex point; point.value < grid.axes_points(); ++point) {
    if (grid.is_excluded(point)) continue;
    for (std::int64_t s = 0; s < std::ssize(grid.schedules); ++s) {
      const Curve curve(grid, point, s);
      analysis::SeedErrors errors = analysis::read_seed_errors(file, metric, point, s);
      for (std::int64_t r = 0; r < std::ssize(errors); ++r)
        for (std::int64_t seed = 0; seed < std::ssize(errors[r]); ++seed)
          if (unfinished.contains(curve.cell(r, seed), 0))
            errors[r][seed] = analysis::unknown;
          else if (std::isnan(errors[r][seed]))
            errors[r][seed] = analysis::infinite;
      const analysis::SearchCourse course = analysis::follow_search(
          analysis::search_rules(settings, grid.schedules[s], file.steps(point).back()), curve.rhos(),
          errors);
      for (std::int64_t r = 0; r < std::ssize(errors); ++r)
        for (std::int64_t seed = 0; seed < course.seeds[r]; ++seed)
          if (std::isnan(errors[r][seed])) wanted.add(curve.cell(r, seed), 0);
    }
  }
  return wanted;
}

std::vector<store::Misfit> needed_cells_left_out(const store::ResultsReader& file,
                                                 const model::CellSet& unfinished) {
  if (!file.description().search || file.count_status()[CellStatus::pending] > 0) return {};
  const model::Grid& grid = file.description().grid;
  model::CellSet without_result = unfinished;
  without_result.subtract(cells_in_state(file, CellStatus::failed));
  model::CellSet cells = cells_in_state(file, CellStatus::not_needed);
  cells.intersect(next_cells(file, without_result));
  std::vector<store::Misfit> misfits;
  for (core::PointIndex point; point.value < grid.axes_points(); ++point)
    for (std::int64_t seed = 0; seed < std::ssize(grid.seeds); ++seed)
      for (std::int64_t i = 0; i < grid.trials_per_seed(); ++i)
        if (const model::Block cell{.point = point, .seed = seed, .first = i, .trials = 1};
            cells.contains(cell, 0))
          misfits.push_back({.cell = cell, .complaint = "marked as not needed, but the search asks for it"});
  return misfits;
}

model::CellSet first_cells(const Study& study) {
  const model::Grid& grid = study.grid();
  const model::SearchSettings& settings = *study.sweep().search();
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::int64_t>> known;  // by schedule and steps
  model::CellSet cells(grid);
  for (core::PointIndex point; point.value < grid.axes_points(); ++point) {
    if (grid.is_excluded(point)) continue;
    const std::int64_t steps = study.sweep().sgd(point).steps;
    for (std::int64_t s = 0; s < std::ssize(grid.schedules); ++s) {
      const Curve curve(grid, point, s);
      const std::vector<double> rhos = curve.rhos();
      const analysis::SeedErrors nothing(rhos.size(),
                                         std::vector<double>(grid.seeds.size(), analysis::unknown));
      const auto [place, added] = known.try_emplace({s, steps});
      if (added)
        place->second =
            analysis::follow_search(analysis::search_rules(settings, grid.schedules[s], steps), rhos, nothing)
                .seeds;
      for (std::int64_t r = 0; r < std::ssize(rhos); ++r)
        for (std::int64_t seed = 0; seed < place->second[r]; ++seed) cells.add(curve.cell(r, seed), 0);
    }
  }
  return cells;
}

model::CellSet first_trials(const model::Grid& grid, const model::StopRule& rule) {
  model::CellSet first(grid);
  for (core::PointIndex point; point.value < grid.axes_points(); ++point)
    for (std::int64_t seed = 0; !grid.is_excluded(point) && seed < std::ssize(grid.seeds); ++seed)
      for (std::int64_t i = 0; i < grid.trials_per_seed(); ++i)
        if (rule.is_first(i)) first.add({.point = point, .seed = seed, .first = i, .trials = 1}, 0);
  return first;
}

Rounds::Rounds(const Study& study, const FileOptions& options, const mpi::World& world)
    : study_(study), options_(options), world_(world), left_(begin_file(study, options, world)) {}

model::CellSet Rounds::next() {
  if (stops_trials()) return next_with_stops();
  if (!is_search()) {
    const bool is_first = ++count_ == 1;
    return is_first ? left_ : model::CellSet(study_.grid());
  }
  model::CellSet cells(study_.grid());
  world_.on_root([&] {
    if (!is_stopped_) cells = next_of_search();
  });
  world_.broadcast(cells.words());
  ++count_;
  return cells;
}

std::string Rounds::label() const {
  return is_search() || stops_trials() ? fmt::format("round {}: ", count_) : "";
}

model::CellSet Rounds::next_with_stops() {
  const model::Grid& grid = study_.grid();
  // A new file has no results, and begin_file() has judged those of a resumed one, but not copied cells.
  const bool is_judged = count_ == 0 && options_.reuse.empty();
  if (stops_ || (is_judged && left_.size() == 0)) return model::CellSet(grid);
  std::vector<double> limits;
  if (!is_judged) {
    world_.on_root([&] {
      if (!is_stopped_) limits = judge_stops();
    });
    world_.broadcast(limits);
    world_.broadcast(left_.words());
    if (limits.empty()) return model::CellSet(grid);
  }
  ++count_;
  const model::StopRule rule = study_.stop_rule();
  model::CellSet first = first_trials(grid, rule);
  first.intersect(left_);
  if (first.size() > 0) return first;
  if (is_judged) return next_with_stops();  // all first trials have run before
  stops_.emplace(rule, grid, study_.sweep().sgd(core::PointIndex{0}).evaluations);
  stops_->numbers() = std::move(limits);
  return left_;
}

/// Returns the limits of all rows. Makes the cells that contradict the rule fit it, and adds those that must
/// run again to the cells that are left. Copied cells may contradict it, and those beside a failed first
/// trial that has been run again. Runs on rank 0 only.
std::vector<double> Rounds::judge_stops() {
  const model::Grid& grid = study_.grid();
  store::Survey found = store::survey(store::ResultsReader(options_.path));
  const model::CellSet requested =
      options_.shard ? shard_cells(study_, *options_.shard) : model::CellSet::all(grid);
  const model::CellSet stopped = settle_misfits(options_.path, grid, found.misfits, MisfitCause::copying);
  for (const store::Misfit& misfit : found.misfits)
    if (requested.contains(misfit.cell, 0) && !stopped.contains(misfit.cell, 0)) left_.add(misfit.cell, 0);
  return std::move(found.stops->numbers());
}

/// Copies cells of the search's next round from other files and returns the rest. Runs on rank 0 only.
model::CellSet Rounds::next_of_search() {
  const Sources sources(options_.reuse);
  while (true) {
    const auto [counts, cells] = [&] {
      const store::ResultsReader file(options_.path);  // closed before the file is written
      return std::pair(file.count_status(), next_cells(file, left_));
    }();
    model::CellSet wanted = cells;
    if (wanted.size() == 0) {
      if (counts[CellStatus::pending] > 0)
        change_all(options_.path, study_.grid(), CellStatus::pending, CellStatus::not_needed);
      return wanted;
    }
    store::ResultsFile::require_writable(options_.path);
    if (counts[CellStatus::not_needed] > 0)
      change_all(options_.path, study_.grid(), CellStatus::not_needed, CellStatus::pending);
    if (sources.empty()) return wanted;
    store::ResultsFile to = store::ResultsFile::open(options_.path);
    sources.copy(to, study_.describe_file(), wanted, store::FailedCells::leave);
    to.close();
    model::CellSet copied = cells;
    copied.subtract(wanted);
    left_.subtract(copied);
    if (wanted.size() > 0) return wanted;
  }
}

void Rounds::end(const model::CellSet& ran, const sched::Tally& tally) {
  is_stopped_ = tally.trials() < ran.size();
  left_.subtract(ran);
}

}  // namespace rhosweep::study
