#include "rhosweep/study/study.hpp"

#include "rhosweep/core/hash.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/study/provenance.hpp"
#include "rhosweep/theory/bounds.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace rhosweep::study {

using core::PointIndex;

namespace {

/// The lines of a text.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// The names of a map's entries, in its order, from rank 0 on every rank. Collective.
template <class Map>
std::vector<std::string> broadcast_names(const Map& map, const mpi::World& world) {
  std::string joined;
  for (const auto& [name, value] : map) joined += name + '\0';
  world.broadcast(joined);
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin < joined.size(); begin += names.back().size() + 1)
    names.emplace_back(joined.c_str() + begin);
  return names;
}

/// Gives every rank the data sets and minimisers that rank 0 has made; a node holds one copy of the data,
/// also on the way if no problem holds rank 0's. Collective.
void share_materials(problem::Materials& materials, const mpi::World& world, mpi::NodeData& node_data) {
  for (const std::string& name : broadcast_names(materials.data_sets(), world)) {
    mpi::NodeData::Bytes on_root;
    if (world.is_root()) on_root = materials.release(name)->owned_bytes();
    auto [bytes, size] = node_data.share(std::move(on_root));
    materials.adopt(name, std::make_shared<const data::Dataset>(data::Dataset::from_bytes(bytes, size)));
  }
  for (const std::string& name : broadcast_names(materials.minimisers(), world)) {
    std::vector<double> numbers;  // of a minimiser: its value, then its point; empty if there is none
    if (world.is_root()) {
      if (const auto& minimiser = materials.minimisers().at(name)) {
        numbers.push_back(minimiser->value);
        numbers.insert(numbers.end(), minimiser->point.begin(), minimiser->point.end());
      }
    }
    world.broadcast(numbers);
    std::optional<optimum::Minimiser> minimiser;
    if (!numbers.empty()) minimiser = {numbers.front(), {numbers.begin() + 1, numbers.end()}};
    materials.adopt(name, std::move(minimiser));
  }
}

/// The keys of a kind of problem.
std::span<const model::KeySpec> keys_of(const std::string& kind) {
  for (const model::ProblemSchema& schema : problem::catalogue())
    if (schema.kind == kind) return schema.keys;
  return {};
}

/// η_tuned of a problem, or an error that says what the sweep file lacks for it.
double tuned_stepsize(const theory::ScheduleSums& sums, const problem::Problem& problem,
                      const std::string& kind, const std::string& where) {
  const auto fail = [&](const std::string& what, const char* keys) {
    throw core::InputError(
        fmt::format("{}: grid.stepsize: found \"theory\", which needs {}; allowed: {}a number "
                    "> 0 or {{SCHEDULE = number, ...}}",
                    where, what, keys));
  };
  if (dynamic_cast<const problem::CommandProblem*>(&problem) != nullptr)
    fail("the constants of an objective, and nobody knows those of a program", "");
  const bool can_be_bounded =
      std::ranges::find(keys_of(kind), "radius", &model::KeySpec::name) != keys_of(kind).end();
  if ((!problem.diameter() || !problem.gradient_bound()) && !can_be_bounded)
    fail(fmt::format("bounds that no key gives to the kind {}", kind), "");
  if (!problem.diameter())
    fail("a bound on the distance to the minimiser", "with problem.radius > 0 or problem.diameter, or ");
  if (!problem.gradient_bound()) fail("a bound on the stochastic gradients", "with problem.radius > 0, or ");
  return theory::tuned_stepsize(
      sums, {.diameter = *problem.diameter(), .gradient_bound = *problem.gradient_bound()});
}

/// "train_loss, distance"
std::string metric_names(const problem::Problem& problem) {
  std::vector<std::string> names;
  for (const model::Metric& metric : problem.metrics()) names.push_back(metric.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

/// The keys of a kind of problem that name files.
std::vector<std::string> path_keys(const std::string& kind) {
  std::vector<std::string> names;
  for (const model::KeySpec& key : keys_of(kind))
    if (key.type == model::ValueType::path) names.push_back(key.name);
  return names;
}

/// The steps of the evaluations: a row for each value of the axis sgd.steps, one row without it.
std::vector<std::int64_t> evaluation_table(const model::Sweep& sweep) {
  const model::SgdSettings sgd = sweep.sgd(PointIndex{0});
  std::vector<std::int64_t> steps{sgd.steps};
  for (const model::Axis& axis : sweep.grid().axes) {
    if (axis.key == "sgd.steps") steps = std::get<std::vector<std::int64_t>>(axis.values);
  }
  std::vector<std::int64_t> table;
  for (const std::int64_t total : steps) {
    const auto row = model::evaluation_steps(total, sgd.evaluations);
    table.insert(table.end(), row.begin(), row.end());
  }
  return table;
}

/// The metrics of a problem at its initial point for one seed, in their order.
std::vector<double> initial_metrics(const problem::Problem& problem, model::SgdSettings sgd,
                                    std::int64_t seed) {
  static const auto constant = model::Schedule::parse("constant");
  // One step of length zero goes nowhere, by the same code as every other trial.
  sgd.steps = 1;
  sgd.evaluations = 1;
  sgd::Multipliers multipliers;
  const std::array trials{sgd::Trial{&constant, 0.0}};
  return sgd::run_block(problem, sgd, seed, trials, multipliers, [] { return true; }).value().final;
}

/// The same for every seed of the grid: (metrics, seeds).
std::vector<double> initial_metrics(const problem::Problem& problem, const model::SgdSettings& sgd,
                                    const std::vector<std::int64_t>& seeds) {
  const std::int64_t metrics = std::ssize(problem.metrics());
  std::vector<double> table(metrics * std::ssize(seeds), std::numeric_limits<double>::quiet_NaN());
  // Where a program starts is not worth a run of it.
  if (dynamic_cast<const problem::CommandProblem*>(&problem) != nullptr) return table;
  std::vector<double> point;
  std::vector<double> values;
  for (std::int64_t s = 0; s < std::ssize(seeds); ++s) {
    // Most problems start at the same point for every seed: measured once.
    if (auto start = problem.initial_point(seeds[s]); s == 0 || start != point) {
      values = initial_metrics(problem, sgd, seeds[s]);
      point = std::move(start);
    }
    for (std::int64_t m = 0; m < metrics; ++m) table[m * std::ssize(seeds) + s] = values[m];
  }
  return table;
}

}  // namespace

Study::Study(model::Sweep sweep) : sweep_(std::move(sweep)) {}

Study Study::prepare(model::Sweep sweep, const std::filesystem::path& file) {
  Study study(std::move(sweep));
  try {
    study.make_problems();
  } catch (const core::InputError& error) {
    throw core::InputError(fmt::format("{}: {}", file.string(), error.what()));
  }
  study.tune_stepsizes();
  study.require_runnable(file);
  return study;
}

Study Study::prepare(const SweepOptions& options) {
  return prepare(model::Sweep::load(options.file, options.overrides, problem::catalogue()), options.file);
}

Study Study::prepare(const store::ResultsReader& file) {
  // Relative paths start where they did when the file was made.
  std::filesystem::path folder;
  std::vector<std::string> overrides;
  for (const auto& [name, text] : file.provenance()) {
    if (name == sweep_folder_attribute) folder = text;
    if (name == run_overrides_attribute) overrides = lines_of(text);
  }
  const std::filesystem::path name = folder / file.path().filename();
  return prepare(model::Sweep::parse(file.description().sweep, name, overrides, problem::catalogue()),
                 file.path());
}

Study Study::prepare(const SweepOptions& options, const mpi::World& world, mpi::NodeData& node_data) {
  std::optional<Study> study;
  std::string text;
  std::string overrides;
  std::string folder;
  world.on_root([&] {
    study = prepare(options);
    overrides = fmt::format("{}", fmt::join(study->sweep_.run_overrides(), "\n"));
    text = study->sweep_.to_toml() + study->sweep_.output_toml();
    folder = study->sweep_.folder().string();
  });
  world.broadcast(text);
  world.broadcast(overrides);
  world.broadcast(folder);
  if (!study) {
    const std::filesystem::path file = std::filesystem::path(folder) / options.file.filename();
    study = Study(model::Sweep::parse(text, file, lines_of(overrides), problem::catalogue()));
  }
  study->problems_.clear();  // rank 0's stand on data that becomes the node's one copy
  share_materials(study->materials_, world, node_data);
  study->make_problems();
  if (!world.is_root()) study->tune_stepsizes();
  return std::move(*study);
}

void Study::make_problems() {
  problems_.clear();
  problem_of_point_.clear();
  data_of_problem_.clear();
  std::map<std::map<std::string, model::Value>, std::int64_t> seen;
  for (PointIndex point; point.value < grid().points(); ++point) {
    const model::ProblemSettings settings = sweep_.problem(point);
    const auto [place, added] = seen.emplace(settings.values(), std::ssize(problems_));
    if (added) {
      problems_.push_back(problem::make_problem(settings, sweep_.sgd(point).precision, materials_));
      data_of_problem_.push_back(materials_.take_requests());
    }
    problem_of_point_.push_back(place->second);
  }
  for (const auto& problem : problems_) {
    if (metric_names(*problem) != metric_names(*problems_.front()))
      throw core::InputError(
          fmt::format("axes: found axes points that measure {} and {}; allowed: the same metrics everywhere",
                      metric_names(*problems_.front()), metric_names(*problem)));
  }
}

/// η_ref of every axes point and schedule, by the sweep's rule.
void Study::tune_stepsizes() {
  const auto& schedules = grid().schedules;
  std::map<std::pair<std::int64_t, std::int64_t>, theory::ScheduleSums> sums;  // by (steps, schedule)
  reference_stepsizes_.clear();
  for (PointIndex point; point.value < grid().points(); ++point) {
    for (std::int64_t s = 0; s < std::ssize(schedules); ++s) {
      if (const auto* number = std::get_if<double>(&sweep_.stepsize())) {
        reference_stepsizes_.push_back(*number);
      } else if (const auto* numbers = std::get_if<std::vector<double>>(&sweep_.stepsize())) {
        reference_stepsizes_.push_back((*numbers)[s]);
      } else {
        const std::int64_t steps = sweep_.sgd(point).steps;
        const auto [place, added] = sums.try_emplace({steps, s});
        if (added) place->second = theory::tuned_sums(schedules[s], steps);
        reference_stepsizes_.push_back(tuned_stepsize(place->second, problem(point),
                                                      sweep_.problem(point).kind(), sweep_.stepsize_where()));
      }
      require_normal(reference_stepsizes_.back());
    }
  }
}

/// That no ρ makes infinity or zero of a reference stepsize.
void Study::require_normal(double reference) const {
  for (const double rho : grid().rhos) {
    if (!std::isnormal(rho * reference))
      throw core::InputError(fmt::format(
          "{}: grid.stepsize: found {}, which rho = {} makes {}; allowed: stepsizes that are normal numbers",
          sweep_.stepsize_where(), reference, rho, rho * reference));
  }
}

/// That a program that is to be run is there. @param file for messages
void Study::require_runnable(const std::filesystem::path& file) const {
  const PointIndex point;
  if (command(point) == nullptr) return;
  try {
    program::require_runnable(*command(point), command_trial(point, 0, 0));
  } catch (const core::InputError& error) {
    throw core::InputError(fmt::format("{}: {}", file.string(), error.what()));
  }
}

std::int64_t Study::data_bytes() const {
  std::int64_t sum = 0;
  for (const auto& [name, set] : materials_.data_sets()) sum += std::ssize(set->bytes());
  return sum;
}

double Study::stepsize(PointIndex point, std::int64_t schedule, std::int64_t rho) const {
  return grid().rhos[rho] * reference_stepsizes_[point.value * std::ssize(grid().schedules) + schedule];
}

sgd::Trial Study::trial(PointIndex point, std::int64_t trial) const {
  const std::int64_t rhos = std::ssize(grid().rhos);
  const std::int64_t schedule = trial / rhos;
  return {&grid().schedules[schedule], stepsize(point, schedule, trial % rhos)};
}

std::vector<sgd::Trial> Study::trials(const model::Block& block) const {
  std::vector<sgd::Trial> list;
  list.reserve(block.trials);
  for (std::int64_t i = block.first; i < block.first + block.trials; ++i)
    list.push_back(trial(block.point, i));
  return list;
}

program::Trial Study::command_trial(PointIndex point, std::int64_t seed, std::int64_t trial) const {
  const auto [schedule, eta] = this->trial(point, trial);
  return {.schedule = *schedule,
          .stepsize = eta,
          .rho = grid().rhos[trial % std::ssize(grid().rhos)],
          .seed = grid().seeds[seed],
          .sgd = sweep_.sgd_values(point)};
}

std::vector<double> Study::trial_costs() const {
  std::vector<double> costs;
  for (PointIndex point; point.value < grid().points(); ++point)
    costs.push_back(sgd::trial_work(problem(point), sweep_.sgd(point)));
  return costs;
}

store::FileDescription Study::describe_file() const {
  store::FileDescription file;
  file.title = sweep_.title();
  file.sweep = sweep_.to_toml();
  file.sweep_hash = core::to_hex(sweep_.hash());
  std::map<std::string, std::string> data_hashes;
  for (const auto& [name, set] : materials_.data_sets()) data_hashes.emplace(name, core::to_hex(set->hash()));
  file.data_hashes.assign(data_hashes.begin(), data_hashes.end());
  file.grid = grid();
  file.metrics = problem(PointIndex{0}).metrics();
  file.evaluations = sweep_.sgd(PointIndex{0}).evaluations;
  file.steps = evaluation_table(sweep_);
  for (PointIndex point; point.value < grid().points(); ++point) {
    for (std::int64_t s = 0; s < std::ssize(grid().schedules); ++s)
      for (std::int64_t r = 0; r < std::ssize(grid().rhos); ++r)
        file.stepsizes.push_back(stepsize(point, s, r));
    const optimum::Minimiser* minimiser = problem(point).minimiser();
    file.f_star.push_back(minimiser != nullptr ? minimiser->value : std::numeric_limits<double>::quiet_NaN());
  }
  describe_constants(file);
  file.initial = describe_initial_points();
  file.point_keys = point_keys(data_hashes);
  return file;
}

void Study::describe_constants(store::FileDescription& file) const {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  for (PointIndex point; point.value < grid().points(); ++point) {
    const problem::Problem& objective = problem(point);
    const bool has_theory = objective.is_convex() && objective.radius() > 0.0 && objective.diameter() &&
                            objective.gradient_bound();
    file.diameter.push_back(has_theory ? *objective.diameter() : unknown);
    file.gradient_bound.push_back(has_theory ? *objective.gradient_bound() : unknown);
  }
}

std::vector<std::uint64_t> Study::point_keys(const std::map<std::string, std::string>& data_hashes) const {
  std::vector<std::uint64_t> keys;
  for (PointIndex point; point.value < grid().points(); ++point) {
    const std::vector<std::string>& data = data_of_problem_[problem_of_point_[point.value]];
    core::Hash hash;
    // What stands in data files counts, not their names.
    hash.text(sweep_.settings_toml(
        point, data.empty() ? std::vector<std::string>{} : path_keys(sweep_.problem(point).kind())));
    for (const std::string& name : data) hash.text(data_hashes.at(name) + "\n");
    hash.text(metric_names(problem(point)));
    hash.numbers(std::span<const std::int64_t>(
        model::evaluation_steps(sweep_.sgd(point).steps, sweep_.sgd(point).evaluations)));
    // They enter excess_loss and distance, and are the solver's to the last bit.
    if (const optimum::Minimiser* minimiser = problem(point).minimiser())
      hash.number(minimiser->value).numbers(std::span<const double>(minimiser->point));
    keys.push_back(hash.digest());
  }
  return keys;
}

std::vector<double> Study::describe_initial_points() const {
  const std::int64_t metrics = std::ssize(problem(PointIndex{0}).metrics());
  const std::int64_t seeds = std::ssize(grid().seeds);
  std::vector<std::vector<double>> of_problem(problems_.size());
  std::vector<double> all(metrics * grid().points() * seeds);
  for (PointIndex point; point.value < grid().points(); ++point) {
    auto& table = of_problem[problem_of_point_[point.value]];
    if (table.empty()) table = initial_metrics(problem(point), sweep_.sgd(point), grid().seeds);
    for (std::int64_t m = 0; m < metrics; ++m)
      std::copy_n(table.begin() + m * seeds, seeds,
                  all.begin() + (m * grid().points() + point.value) * seeds);
  }
  return all;
}

}  // namespace rhosweep::study
