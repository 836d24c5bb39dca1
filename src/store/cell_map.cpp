#include "rhosweep/store/cell_map.hpp"

#include "rhosweep/core/hash.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/model/sweep.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

namespace rhosweep::store {

using core::PointIndex;

namespace {

/// Returns the index of each item in `among`, or `none`.
template <class Item>
std::vector<std::int64_t> places(const std::vector<Item>& items, const std::vector<Item>& among) {
  std::unordered_map<Item, std::int64_t> place;
  for (std::size_t i = 0; i < among.size(); ++i) place.emplace(among[i], static_cast<std::int64_t>(i));
  std::vector<std::int64_t> found;
  found.reserve(items.size());
  for (const Item& item : items) {
    const auto at = place.find(item);
    found.push_back(at == place.end() ? CellMap::none : at->second);
  }
  return found;
}

/// Returns the trial keys at an axes point, shape (schedules × ρ); nullopt for trials that the sweep leaves
/// out.
std::vector<std::optional<std::uint64_t>> trial_keys(const FileDescription& file, PointIndex point) {
  const model::Grid& grid = file.grid;
  const std::int64_t rhos = std::ssize(grid.rhos);
  std::vector<std::optional<std::uint64_t>> keys(grid.trials_per_seed());
  for (std::int64_t trial = 0; trial < grid.trials_per_seed(); ++trial)
    if (!grid.is_excluded_trial(trial))
      keys[trial] =
          trial_key(file.point_keys[point.value], grid.schedules[trial / rhos], grid.rhos[trial % rhos],
                    file.stepsizes[point.value * grid.trials_per_seed() + trial]);
  return keys;
}

bool lacks_place(std::int64_t place) {
  return place == CellMap::none;
}

}  // namespace

std::uint64_t trial_key(std::uint64_t point_key, const model::Schedule& schedule, double rho,
                        double stepsize) {
  return core::Hash().number(point_key).number(rho).number(stepsize).text(schedule.canonical()).digest();
}

CellMap::CellMap(const FileDescription& from, const FileDescription& to)
    : from_(from), to_(to), seeds_(places(from.grid.seeds, to.grid.seeds)) {
  points_.assign(from.grid.axes_points(), PointIndex{none});
  const std::vector<std::int64_t> found = places(from.point_keys, to.point_keys);
  for (std::size_t i = 0; i < found.size(); ++i)
    if (!from.grid.is_excluded(PointIndex{static_cast<std::int64_t>(i)})) points_[i].value = found[i];
}

std::vector<std::int64_t> CellMap::trials(PointIndex from) const {
  const auto keys = trial_keys(from_, from);
  std::vector<std::int64_t> found = places(keys, trial_keys(to_, point(from)));
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (!keys[i]) found[i] = none;
  return found;
}

std::int64_t CellMap::first_trial_without_place(PointIndex from) const {
  const std::vector<std::int64_t> found = trials(from);
  std::int64_t trial = 0;
  while (trial < std::ssize(found) && (found[trial] != none || from_.grid.is_excluded_trial(trial))) ++trial;
  return trial;
}

bool CellMap::is_total() const {
  if (std::ranges::any_of(seeds_, lacks_place)) return false;
  for (PointIndex from; from.value < std::ssize(points_); ++from) {
    if (from_.grid.is_excluded(from)) continue;
    if (point(from).value == none) return false;
    if (first_trial_without_place(from) < from_.grid.trials_per_seed()) return false;
  }
  return true;
}

bool CellMap::is_empty() const {
  if (std::ranges::all_of(seeds_, lacks_place)) return true;
  for (PointIndex from; from.value < std::ssize(points_); ++from)
    if (point(from).value != none && !std::ranges::all_of(trials(from), lacks_place)) return false;
  return true;
}

std::string CellMap::first_gap() const {
  if (from_.point_keys.empty() || to_.point_keys.empty())
    return "it was made by an older version of rhosweep, which did not store point_key";
  for (PointIndex from; from.value < std::ssize(points_); ++from) {
    if (point(from).value != none || from_.grid.is_excluded(from)) continue;
    const std::array<std::string, 4> settings{"problem.", "sgd.", "axes.", "exclude"};
    if (auto key = model::first_difference(from_.sweep, to_.sweep, settings); !key.empty()) return key;
    for (const auto& [name, hash] : to_.data_hashes)
      if (std::ranges::find(from_.data_hashes, std::pair(name, hash)) == from_.data_hashes.end())
        return fmt::format("the data of {} has changed", name);
    return "this version of rhosweep computes other minima";
  }
  const auto gap = std::ranges::find_if(seeds_, lacks_place);
  if (gap != seeds_.end())
    return fmt::format("seed {} is not part of this sweep", from_.grid.seeds[gap - seeds_.begin()]);
  for (PointIndex from; from.value < std::ssize(points_); ++from) {
    if (from_.grid.is_excluded(from)) continue;
    const std::int64_t trial = first_trial_without_place(from);
    if (trial == from_.grid.trials_per_seed()) continue;
    return fmt::format("schedule {} with rho {} and stepsize {} is not part of this sweep",
                       from_.grid.schedules[trial / std::ssize(from_.grid.rhos)].name(),
                       from_.grid.rhos[trial % std::ssize(from_.grid.rhos)],
                       from_.stepsizes[from.value * from_.grid.trials_per_seed() + trial]);
  }
  return {};
}

}  // namespace rhosweep::store
