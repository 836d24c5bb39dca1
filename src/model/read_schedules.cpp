#include "read_schedules.hpp"

#include "read_value.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/model/sweep_keys.hpp"

#include <map>
#include <string>

#include <fmt/format.h>

namespace rhosweep::model {

namespace {

Schedule parse_schedule(const std::string& spec, const Location& where, const std::string& key,
                        const ScheduleFiles& files) {
  try {
    return Schedule::parse(spec, where.source->origin == Origin::written ? files : ScheduleFiles());
  } catch (const core::InputError& error) {
    fail(where, key, error.what());
  }
}

std::vector<std::string> names_of(std::span<const Schedule> schedules) {
  std::vector<std::string> names;
  for (const Schedule& schedule : schedules) names.push_back(schedule.name());
  return names;
}

/// Returns the name of an entry of a table, for messages.
std::string entry_name(const std::string& table, const Entry& entry) {
  return table + "." + core::one_line(key_text(entry.key), 80);
}

std::vector<double> read_table_of_stepsizes(const Node& node, const KeySpec& stepsize_key,
                                            std::span<const Schedule> schedules, const ScheduleFiles& files) {
  const std::string name = "grid.stepsize";
  const std::vector<const Entry*> entries = entries_of_schedules(node, name, schedules, files);
  std::vector<double> stepsizes;
  for (std::size_t s = 0; s < schedules.size(); ++s) {
    if (entries[s] == nullptr)
      fail_found(node.where, name, "no entry for " + schedules[s].name(),
                 fmt::format("one for each of {}", fmt::join(names_of(schedules), ", ")));
    stepsizes.push_back(
        std::get<double>(read_value(entries[s]->value, entry_name(name, *entries[s]), stepsize_key)));
  }
  return stepsizes;
}

}  // namespace

std::vector<Schedule> read_schedules(const Node& node, const ScheduleFiles& files) {
  const std::string key = "grid.schedule";
  std::vector<Schedule> schedules;
  std::map<std::string, std::string> specs;  // by the schedule's canonical text
  const auto read_one = [&](const Node& item) {
    const auto* spec = item.value() != nullptr ? std::get_if<std::string>(item.value()) : nullptr;
    if (spec == nullptr) fail_found(item, key, "schedules as text, such as \"cosine(floor=0.1)\"");
    const Schedule& schedule = schedules.emplace_back(parse_schedule(*spec, item.where, key, files));
    const auto [same, is_new] = specs.emplace(schedule.canonical(), schedule.name());
    if (!is_new)
      fail_found(item.where, key, fmt::format("{}, the same schedule as {}", describe(item), same->second),
                 "each schedule once");
  };
  const List* const list = node.list();
  if (list == nullptr) {
    read_one(node);
  } else {
    if (list->empty()) fail_found(node, key, "at least one schedule");
    for (const Node& item : *list) read_one(item);
  }
  return schedules;
}

std::vector<const Entry*> entries_of_schedules(const Node& table, const std::string& name,
                                               std::span<const Schedule> schedules,
                                               const ScheduleFiles& files) {
  std::map<std::string, const Entry*> found;  // by the schedule's canonical text
  for (const Schedule& schedule : schedules) found.emplace(schedule.canonical(), nullptr);
  for (const Entry& entry : table.table()->entries) {
    const std::string key = entry_name(name, entry);
    const auto place = found.find(parse_schedule(entry.key, entry.value.where, key, files).canonical());
    if (place == found.end())
      fail_found(entry.value.where, key, "a schedule that the grid does not have",
                 core::either(names_of(schedules)));
    if (place->second != nullptr)
      fail_found(entry.value.where, key, "this schedule twice", "each schedule once");
    place->second = &entry;
  }
  std::vector<const Entry*> in_order;
  for (const Schedule& schedule : schedules) in_order.push_back(found.at(schedule.canonical()));
  return in_order;
}

StepsizeRule read_stepsize(const Node& node, std::span<const Schedule> schedules,
                           const ScheduleFiles& files) {
  const KeySpec& stepsize_key = key_named(grid_keys(), "stepsize");
  if (node.table() != nullptr) return read_table_of_stepsizes(node, stepsize_key, schedules, files);
  const auto* text = node.value() != nullptr ? std::get_if<std::string>(node.value()) : nullptr;
  if (text != nullptr && *text == "theory") return TheoryStepsize{};
  if (text != nullptr || node.value() == nullptr) fail_found(node, "grid.stepsize", stepsize_key.forms);
  return std::get<double>(read_value(node, "grid.stepsize", stepsize_key));
}

}  // namespace rhosweep::model
