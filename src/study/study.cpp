#include "rhosweep/study/study.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/memory.hpp"
#include "rhosweep/core/processors.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/study/cell_label.hpp"
#include "rhosweep/study/kinds.hpp"
#include "rhosweep/study/materials.hpp"
#include "rhosweep/study/provenance.hpp"
#include "rhosweep/theory/bounds.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace rhosweep::study {

using core::PointIndex;

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t no_problem = -1;  ///< problem index of a point that the sweep leaves out

/// Splits a text into its lines.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// Calls action() and puts the file's name in front of its error messages.
template <class Action>
void naming(const std::filesystem::path& file, const Action& action) {
  try {
    action();
  } catch (const core::InputError& error) {
    throw core::InputError(fmt::format("{}: {}", file.string(), error.what()));
  }
}

/// Returns η_tuned of a problem. If it is unknown, throws a core::InputError that says what the sweep file
/// lacks.
double tuned_stepsize(const theory::ScheduleSums& sums, const model::ObjectiveConstants& known,
                      const std::string& kind, const std::string& where) {
  const auto fail = [&](const std::string& what, const char* keys) {
    core::refuse(where + ": grid.stepsize", "\"theory\", which needs " + what,
                 std::string(keys) + "a number > 0 or {SCHEDULE = number, ...}");
  };
  if (!known.missing.empty()) fail(known.missing, "");
  const auto can_be_bounded = [&] {
    const std::vector<model::KeySpec> keys = keys_of(kind);
    return std::ranges::find(keys, "radius", &model::KeySpec::name) != keys.end();
  };
  if ((!known.diameter || !known.gradient_bound) && !can_be_bounded())
    fail(fmt::format("bounds for which the kind {} has no keys", kind), "");
  if (!known.diameter)
    fail("a bound on the distance to the minimiser", "with problem.radius > 0 or problem.diameter, or ");
  if (!known.gradient_bound) fail("a bound on the stochastic gradients", "with problem.radius > 0, or ");
  if (*known.gradient_bound == 0.0)
    fail("gradients that are not zero everywhere (all features are zero)", "");
  return theory::tuned_stepsize(sums, {.diameter = *known.diameter, .gradient_bound = *known.gradient_bound});
}

/// Throws core::InputError if the sums of the schedules for "theory" would take minutes.
void require_summable(const model::Sweep& sweep) {
  constexpr double most = 4e9;
  std::set<std::int64_t> lengths;
  for (PointIndex point; point.value < sweep.grid().axes_points(); ++point)
    if (!sweep.grid().is_excluded(point)) lengths.insert(sweep.sgd(point).steps);
  double summed = 0.0;
  for (const std::int64_t steps : lengths)
    summed += static_cast<double>(steps) * static_cast<double>(sweep.grid().schedules.size());
  if (summed <= most) return;
  core::refuse(
      sweep.stepsize_where() + ": grid.stepsize",
      fmt::format("\"theory\", which sums over all steps of each schedule, with sgd.steps = {}",
                  *lengths.rbegin()),
      fmt::format("up to {} steps in all schedules and values of sgd.steps together, or a number > 0 or "
                  "{{SCHEDULE = number, ...}}",
                  most));
}

/// Returns this rank's place among the ranks of its node. **Collective.**
program::NodePlace place_on_node(const mpi::World& world) {
  const std::string processors = core::to_list_text(core::usable_processors());
  const std::vector<std::string> all = world.gather_on_node(processors);
  return {.rank = world.node_rank(), .sharing = std::ranges::count(all, processors)};
}

}  // namespace

Study::Study(model::Sweep sweep) : sweep_(std::move(sweep)) {
  std::map<std::pair<model::Precision, std::map<std::string, model::Value>>, std::int64_t> seen;
  for (PointIndex point; point.value < grid().axes_points(); ++point) {
    problem_of_point_.push_back(no_problem);
    if (grid().is_excluded(point)) continue;
    const model::ProblemSettings settings = sweep_.problem(point);
    const model::Precision precision = sweep_.sgd(point).precision;
    const auto [place, added] =
        seen.emplace(std::pair(precision, settings.values()), std::ssize(first_points_));
    if (added) {
      first_points_.push_back(point);
      needs_.push_back(needs_of(settings, precision));
    }
    problem_of_point_.back() = place->second;
  }
}

Study Study::prepare(model::Sweep sweep, const std::filesystem::path& file) {
  Study study(std::move(sweep));
  study.make_materials(file);
  study.make_runners(file, {}, {});
  return study;
}

Study Study::prepare(const SweepOptions& options) {
  Study study = prepare(model::Sweep::load(options.file, options.overrides, catalogue()), options.file);
  study.require_runnable(options.file);
  return study;
}

Study Study::prepare(const store::ResultsReader& file) {
  // Relative paths refer to the same folder as when the file was made.
  std::filesystem::path folder;
  std::vector<std::string> overrides;
  for (const auto& [name, text] : file.provenance()) {
    if (name == sweep_folder_attribute) folder = to_folder(text);
    if (name == run_overrides_attribute) overrides = lines_of(text);
  }
  const std::filesystem::path name = folder / file.path().filename();
  return prepare(model::Sweep::parse_stored(file.description().sweep, name, overrides, catalogue()),
                 file.path());
}

Study Study::prepare(const SweepOptions& options, const mpi::World& world, mpi::NodeData& node_data) {
  std::optional<Study> study;
  std::string text;
  std::string overrides;
  std::string folder;
  world.on_root([&] {
    study = Study(model::Sweep::load(options.file, options.overrides, catalogue()));
    study->make_materials(options.file);
    overrides = fmt::format("{}", fmt::join(study->sweep_.run_overrides(), "\n"));
    text = study->sweep_.to_toml() + study->sweep_.output_toml();
    folder = study->sweep_.folder().string();
  });
  world.broadcast(text);
  world.broadcast(overrides);
  world.broadcast(folder);
  if (!study) {
    const std::filesystem::path file = std::filesystem::path(folder) / options.file.filename();
    study = Study(model::Sweep::parse(text, file, lines_of(overrides), catalogue()));
  }
  study->materials_ = share(std::move(study->materials_), study->needs_, world, node_data);
  const program::NodePlace place = place_on_node(world);
  // An error in the sweep occurs on all ranks alike. on_root() throws rank 0's error on all of them, so that
  // it is printed once.
  std::exception_ptr failure;
  try {
    study->make_runners(options.file, place, options.results);
  } catch (...) {
    failure = std::current_exception();
  }
  world.on_root([&] {
    if (failure) std::rethrow_exception(failure);
    study->require_runnable(options.file);
  });
  if (failure) std::rethrow_exception(failure);
  return std::move(*study);
}

/// Makes the materials that the problems need. Error messages name `file`.
void Study::make_materials(const std::filesystem::path& file) {
  naming(file, [&] {
    for (const problem::Needs& needs : needs_) materials_.make(needs);
  });
}

/// Makes the runner of each distinct problem, then the reference stepsizes. Error messages name `file`.
void Study::make_runners(const std::filesystem::path& file, const program::NodePlace& place,
                         const std::filesystem::path& results) {
  const auto multipliers = std::make_shared<sgd::Multipliers>();
  const auto living = program::make_living_program();
  naming(file, [&] {
    for (const PointIndex point : first_points_)
      runners_.push_back(make_runner(sweep_.problem(point), sweep_.sgd(point).precision,
                                     {.materials = materials_,
                                      .multipliers = multipliers,
                                      .place = place,
                                      .living = living,
                                      .results = results}));
    for (const auto& runner : runners_)
      if (metric_names(*runner) != metric_names(*runners_.front()))
        core::refuse("axes",
                     fmt::format("axes points with the metrics {} and {}", metric_names(*runners_.front()),
                                 metric_names(*runner)),
                     "the same metrics at all axes points");
  });
  if (const auto& search = sweep_.search())
    require_metric(sweep_.metric_where(), "search.metric", search->metric);
  require_stoppable();
  tune_stepsizes();
}

/// Throws core::InputError if the trials do not have the metric that a key of the sweep names.
void Study::require_metric(const std::string& where, const std::string& key,
                           const std::string& metric) const {
  std::vector<std::string> names;
  for (const model::Metric& known : runners_.front()->metrics()) names.push_back(known.name);
  if (metric.empty() || std::ranges::find(names, metric) != names.end()) return;
  core::refuse(fmt::format("{}: {}", where, key), fmt::format("\"{}\"{}", metric, core::hint(metric, names)),
               core::either(names));
}

/// Throws core::InputError if [stop_when] cannot be followed.
void Study::require_stoppable() const {
  if (!sweep_.stop_when()) return;
  const std::string& where = sweep_.stop_when_where();
  require_metric(where, "stop_when.metric", sweep_.stop_when()->metric);
  for (const auto& runner : runners_)
    if (const std::string setting = runner->unstoppable_by(); !setting.empty())
      core::refuse(where + ": stop_when", "a section beside " + setting + ", which cannot end single trials",
                   "problem.mode = \"once\", or no [stop_when]");
}

/// Sets η_ref of every axes point and schedule by the rule of grid.stepsize.
void Study::tune_stepsizes() {
  const auto& schedules = grid().schedules;
  std::map<std::pair<std::int64_t, std::int64_t>, theory::ScheduleSums> sums;  // by (steps, schedule)
  if (std::holds_alternative<model::TheoryStepsize>(sweep_.stepsize())) require_summable(sweep_);
  for (PointIndex point; point.value < grid().axes_points(); ++point) {
    if (grid().is_excluded(point)) {
      reference_stepsizes_.insert(reference_stepsizes_.end(), schedules.size(), unknown);
      continue;
    }
    for (std::int64_t s = 0; s < std::ssize(schedules); ++s) {
      if (const auto* number = std::get_if<double>(&sweep_.stepsize())) {
        reference_stepsizes_.push_back(*number);
      } else if (const auto* numbers = std::get_if<std::vector<double>>(&sweep_.stepsize())) {
        reference_stepsizes_.push_back((*numbers)[s]);
      } else {
        const std::int64_t steps = sweep_.sgd(point).steps;
        const auto [place, added] = sums.try_emplace({steps, s});
        if (added) place->second = theory::tuned_sums(schedules[s], steps);
        reference_stepsizes_.push_back(tuned_stepsize(place->second, runner(point).constants(),
                                                      sweep_.problem(point).kind(), sweep_.stepsize_where()));
      }
      require_normal(reference_stepsizes_.back(), sweep_.sgd(point).precision);
    }
  }
}

/// Throws core::InputError if some ρ times the reference stepsize is infinite, zero or subnormal in the
/// precision of the trials.
void Study::require_normal(double reference, model::Precision precision) const {
  using Single = std::numeric_limits<float>;
  const auto is_normal = [precision](double stepsize) {
    if (precision == model::Precision::float64) return std::isnormal(stepsize);
    return stepsize >= Single::min() && stepsize <= Single::max();
  };
  for (const double rho : grid().rhos) {
    if (!is_normal(rho * reference))
      core::refuse(fmt::format("{}: grid.stepsize", sweep_.stepsize_where()),
                   fmt::format("{}, which rho = {} makes {}", reference, rho, rho * reference),
                   precision == model::Precision::float64
                       ? "stepsizes that are normal numbers"
                       : fmt::format("stepsizes in [{:.3g}, {:.3g}], the normal numbers of float32",
                                     Single::min(), Single::max()));
  }
}

void Study::require_runnable(const std::filesystem::path& file) const {
  const PointIndex point = grid().first_point();
  naming(file, [&] { runner(point).require_runnable(sweep_.sgd(point), trial(point, 0, 0)); });
  require_room(file);
}

void Study::require_room(const std::filesystem::path& file) const {
  // If a mini-batch does not fit into memory, the trials at its axes points fail. The sweep is refused only
  // if no trial can run.
  std::int64_t least_batch = std::numeric_limits<std::int64_t>::max();
  std::int64_t iterates = 0;
  for (PointIndex point; point.value < grid().axes_points(); ++point) {
    if (grid().is_excluded(point)) continue;
    const model::SgdSettings sgd = sweep_.sgd(point);
    const model::TrialCost cost = runner(point).cost(sgd);
    least_batch = std::min(least_batch, cost.batch_bytes);
    iterates = std::max(iterates, runner(point).widths(sgd).step * cost.bytes.value_or(0));
  }
  core::require_memory(least_batch, file.string() + ": sgd.batch_size");
  core::require_memory(iterates, file.string() + ": a block of trials with the parameters of this problem");
}

std::int64_t Study::data_bytes() const {
  std::int64_t sum = 0;
  for (const auto& [name, set] : materials_.data_sets()) sum += std::ssize(set->bytes());
  return sum;
}

double Study::stepsize(PointIndex point, std::int64_t schedule, std::int64_t rho) const {
  return grid().rhos[rho] * reference_stepsizes_[point.value * std::ssize(grid().schedules) + schedule];
}

model::Trial Study::trial(PointIndex point, std::int64_t seed, std::int64_t trial) const {
  const std::int64_t rhos = std::ssize(grid().rhos);
  const std::int64_t schedule = trial / rhos;
  return {.schedule = &grid().schedules[schedule],
          .stepsize = stepsize(point, schedule, trial % rhos),
          .rho = grid().rhos[trial % rhos],
          .number = (point.value * std::ssize(grid().seeds) + seed) * grid().trials_per_seed() + trial};
}

std::vector<model::Trial> Study::trials(const model::Block& block) const {
  std::vector<model::Trial> list;
  list.reserve(block.trials);
  for (std::int64_t i = block.first; i < block.first + block.trials; ++i)
    list.push_back(trial(block.point, block.seed, i));
  return list;
}

std::optional<model::BlockResult> Study::run(PointIndex point, std::int64_t seed,
                                             const std::vector<std::int64_t>& trials,
                                             const model::StopTable* stops, const model::Yield& yield) const {
  std::vector<model::Trial> list;
  list.reserve(trials.size());
  const std::string where = point_label(grid(), point);
  for (const std::int64_t i : trials) {
    list.push_back(trial(point, seed, i));
    list.back().where = where;
    if (stops != nullptr) list.back().stop = stops->of(point, seed, i);
  }
  return runner(point).run(sweep_.sgd(point), grid().seeds[seed], list, yield);
}

model::StopRule Study::stop_rule() const {
  bool knows_minima = true;
  for (PointIndex point; point.value < grid().axes_points(); ++point)
    if (!grid().is_excluded(point)) knows_minima &= runner(point).constants().f_star.has_value();
  return {*sweep_.stop_when(), grid(), runners_.front()->metrics(), knows_minima};
}

std::vector<double> Study::trial_costs() const {
  std::vector<double> costs;
  for (PointIndex point; point.value < grid().axes_points(); ++point)
    costs.push_back(grid().is_excluded(point) ? 0.0 : runner(point).cost(sweep_.sgd(point)).work);
  return costs;
}

}  // namespace rhosweep::study
