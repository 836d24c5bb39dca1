#include "read_schedules.hpp"

#include "read_value.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/model/sweep_keys.hpp"

#include <map>
#include <optional>
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

std::vector<double> read_table_of_stepsizes(const Node& node, const KeySpec& stepsize_key,
                                            std::span<const Schedule> schedules, const ScheduleFiles& files) {
  std::map<std::string, std::optional<double>> stepsizes;  // by the schedule's canonical text
  std::vector<std::string> specs;
  for (const Schedule& schedule : schedules) {
    stepsizes[schedule.canonical()];
    specs.push_back(schedule.name());
  }
  for (const Entry& entry : node.table()->entries) {
    const std::string key = "grid.stepsize." + core::one_line(key_text(entry.key), 80);
    const auto found = stepsizes.find(parse_schedule(entry.key, entry.value.where, key, files).canonical());
    if (found == stepsizes.end())
      fail_found(entry.value.where, key, "a schedule that the grid does not have", core::either(specs));
    if (found->second) fail_found(entry.value.where, key, "this schedule twice", "each schedule once");
    found->second = std::get<double>(read_value(entry.value, key, stepsize_key));
  }
  std::vector<double> in_order;
  for (const Schedule& schedule : schedules) {
    const auto& stepsize = stepsizes[schedule.canonical()];
    if (!stepsize)
      fail_found(node.where, "grid.stepsize", "no entry for " + schedule.name(),
                 fmt::format("one for each of {}", fmt::join(specs, ", ")));
    in_order.push_back(*stepsize);
  }
  return in_order;
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
