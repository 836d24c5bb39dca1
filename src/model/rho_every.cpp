#include "rho_every.hpp"

#include "read_schedules.hpp"
#include "read_value.hpp"

#include "rhosweep/core/increasing_order.hpp"
#include "rhosweep/model/sweep_keys.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rhosweep::model {

std::vector<std::int64_t> read_rho_every(const Node& node, std::span<const Schedule> schedules,
                                         const ScheduleFiles& files) {
  const KeySpec& spec = key_named(grid_keys(), "rho_every");
  const std::string name = "grid." + spec.name;
  if (node.table() == nullptr) fail_found(node, name, spec.forms);
  std::vector<std::int64_t> every;
  for (const Entry* const entry : entries_of_schedules(node, name, schedules, files))
    every.push_back(entry == nullptr ? 1
                                     : std::get<std::int64_t>(read_value(
                                           entry->value, name + "." + key_text(entry->key), spec)));
  return every;
}

std::string exclude_between(Grid& grid, std::vector<std::int64_t> every) {
  const std::vector<std::int64_t> order = core::increasing_order(grid.rhos);
  const std::int64_t last = std::ssize(order) - 1;
  std::vector<std::string> entries;
  std::vector<bool> excluded(grid.trials_per_seed(), false);
  for (std::int64_t s = 0; s < std::ssize(every); ++s) {
    every[s] = std::min(every[s], std::max<std::int64_t>(1, last));  // a larger number means the same
    for (std::int64_t i = 0; i < last; ++i)
      if (i % every[s] != 0) excluded[s * std::ssize(order) + order[i]] = true;
    if (every[s] > 1)
      entries.push_back(fmt::format("{} = {}", to_toml(Value{grid.schedules[s].spec()}), every[s]));
  }
  grid.excluded_trials = entries.empty() ? std::vector<bool>() : std::move(excluded);
  return entries.empty() ? "" : fmt::format("{{ {} }}", fmt::join(entries, ", "));
}

}  // namespace rhosweep::model
