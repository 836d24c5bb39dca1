// The part of Study that says what its results file holds before the first trial.
#include "rhosweep/core/error.hpp"
#include "rhosweep/core/hash.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/study/kinds.hpp"
#include "rhosweep/study/study.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace rhosweep::study {

using core::PointIndex;

namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

/// Returns the keys of a kind of problem whose values are file names.
std::vector<std::string> path_keys(const std::string& kind) {
  std::vector<std::string> names;
  for (const model::KeySpec& key : keys_of(kind))
    if (key.type == model::ValueType::path) names.push_back(key.stored_name());
  return names;
}

/// Returns the steps of the evaluations: one row for each value of the axis sgd.steps, or one row without it.
std::vector<std::int64_t> evaluation_table(const model::Sweep& sweep) {
  const model::SgdSettings sgd = sweep.sgd(PointIndex{0});
  std::vector<std::int64_t> steps{sgd.steps};
  for (const model::Axis& axis : sweep.grid().axes)
    if (const auto* const values = axis.find("sgd.steps"))
      steps = std::get<std::vector<std::int64_t>>(*values);
  std::vector<std::int64_t> table;
  for (const std::int64_t total : steps) {
    const auto row = model::evaluation_steps(total, sgd.evaluations);
    table.insert(table.end(), row.begin(), row.end());
  }
  return table;
}

}  // namespace

store::FileDescription Study::describe_file() const {
  store::FileDescription file;
  file.title = sweep_.title();
  file.sweep = sweep_.to_toml();
  file.sweep_hash = core::to_hex(sweep_.hash());
  file.stop_when = sweep_.stop_when();
  std::map<std::string, std::string> data_hashes;
  for (const auto& [name, set] : materials_.data_sets()) {
    if (name.find('\n') != std::string::npos)
      core::refuse("problem.data", core::one_line(name), "names without line breaks");
    data_hashes.emplace(name, core::to_hex(set->hash()));
  }
  file.data_hashes.assign(data_hashes.begin(), data_hashes.end());
  file.grid = grid();
  file.metrics = runner(grid().first_point()).metrics();
  file.evaluations = sweep_.sgd(PointIndex{0}).evaluations;
  file.steps = evaluation_table(sweep_);
  for (PointIndex point; point.value < grid().axes_points(); ++point) {
    for (std::int64_t s = 0; s < std::ssize(grid().schedules); ++s)
      for (std::int64_t r = 0; r < std::ssize(grid().rhos); ++r)
        file.stepsizes.push_back(stepsize(point, s, r));
  }
  describe_constants(file);
  file.initial = initial_metrics();
  file.point_keys = point_keys(data_hashes);
  return file;
}

void Study::describe_constants(store::FileDescription& file) const {
  for (PointIndex point; point.value < grid().axes_points(); ++point) {
    const model::ObjectiveConstants known =
        grid().is_excluded(point) ? model::ObjectiveConstants() : runner(point).constants();
    const bool has_theory =
        known.is_bounded_by_theory && known.diameter && known.gradient_bound.value_or(0.0) > 0.0;
    file.f_star.push_back(known.f_star.value_or(not_known));
    file.diameter.push_back(has_theory ? *known.diameter : not_known);
    file.gradient_bound.push_back(has_theory ? *known.gradient_bound : not_known);
  }
}

std::vector<std::uint64_t> Study::point_keys(const std::map<std::string, std::string>& data_hashes) const {
  const std::vector<std::string> files = path_keys(sweep_.problem(PointIndex{0}).kind());
  std::vector<std::uint64_t> keys;
  for (PointIndex point; point.value < grid().axes_points(); ++point) {
    if (grid().is_excluded(point)) {
      keys.push_back(0);
      continue;
    }
    const auto& data = needs_[problem_of_point_[point.value]].data_sets;
    core::Hash hash;
    // A point is identified by the hashes of its data, not by file names.
    hash.text(sweep_.settings_toml(point, data.empty() ? std::vector<std::string>{} : files));
    for (const data::DataSource& source : data) hash.text(data_hashes.at(source.name) + "\n");
    hash.text(metric_names(runner(point)));
    hash.numbers(std::span<const std::int64_t>(
        model::evaluation_steps(sweep_.sgd(point).steps, sweep_.sgd(point).evaluations)));
    runner(point).add_identity(hash);
    keys.push_back(hash.digest());
  }
  return keys;
}

std::vector<double> Study::initial_metrics() const {
  const std::int64_t metrics = std::ssize(runner(grid().first_point()).metrics());
  const std::int64_t seeds = std::ssize(grid().seeds);
  std::vector<std::vector<double>> of_problem(runners_.size());
  std::vector<double> all(metrics * grid().axes_points() * seeds, not_known);
  for (PointIndex point; point.value < grid().axes_points(); ++point) {
    if (grid().is_excluded(point)) continue;
    auto& table = of_problem[problem_of_point_[point.value]];
    if (table.empty()) table = runner(point).initial_metrics(sweep_.sgd(point), grid().seeds);
    for (std::int64_t m = 0; m < metrics; ++m)
      std::copy_n(table.begin() + m * seeds, seeds,
                  all.begin() + (m * grid().axes_points() + point.value) * seeds);
  }
  return all;
}

}  // namespace rhosweep::study
