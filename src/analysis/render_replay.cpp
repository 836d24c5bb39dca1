#include "json.hpp"
#include "number_text.hpp"

#include "rhosweep/analysis/replay.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/core/text_table.hpp"
#include "rhosweep/model/schedule.hpp"

#include <cmath>

#include <fmt/format.h>

namespace rhosweep::analysis {

namespace {

std::string regret_text(double regret) {
  return std::isinf(regret) ? "diverged" : regret == 0.0 ? "0 %" : core::percent_text(regret);
}

/// Returns the table of a group, below the group's axes if there are any.
template <class Found>
std::string group_text(const ReplayGroup<Found>& group, const core::TextTable& table) {
  const std::string where = label(group.axes);
  return fmt::format("\n{}{}{}", where, where.empty() ? "" : "\n", table.text());
}

core::TextTable table_of(const ReplayGroup<ScheduleReplay>& group) {
  core::TextTable table;
  table.add({"schedule", "cells", "finds rho", "regret", "random", "halving"});
  for (const ScheduleReplay& each : group.schedules)
    table.add({model::schedule_name(each.schedule), fmt::format("{} of {}", each.cells, each.of_cells),
               number_text(each.rho, 4), regret_text(each.regret), regret_text(each.random_regret),
               regret_text(each.halving_regret)});
  return table;
}

Json schedule(const ScheduleReplay& each) {
  return {{"schedule", each.schedule},
          {"first_ratio", finite_or_null(each.first_ratio)},
          {"cells", each.cells},
          {"of_cells", each.of_cells},
          {"rounds", each.rounds},
          {"rho", finite_or_null(each.rho)},
          {"stepsize", finite_or_null(each.stepsize)},
          {"best_rho", finite_or_null(each.best_rho)},
          {"regret", finite_or_null(each.regret)},
          {"random_regret", finite_or_null(each.random_regret)},
          {"halving_regret", finite_or_null(each.halving_regret)}};
}

core::TextTable table_of(const std::vector<StopReplay>& stops, std::size_t group) {
  core::TextTable table;
  std::vector<std::string> head{"schedule"};
  for (const StopReplay& each : stops)
    head.insert(head.end(), {fmt::format("saved, x{:g}", each.settings.factor), "regret"});
  table.add(head);
  for (std::size_t s = 0; s < stops.front().groups[group].schedules.size(); ++s) {
    std::vector<std::string> row;
    for (const StopReplay& each : stops) {
      const ScheduleStops& found = each.groups[group].schedules[s];
      if (row.empty()) row.push_back(model::schedule_name(found.schedule));
      row.insert(row.end(), {core::percent_text(found.saved_share), regret_text(found.regret)});
    }
    table.add(row);
  }
  return table;
}

std::string to_table(const std::vector<StopReplay>& stops) {
  if (stops.empty()) return {};
  const model::StopWhen& settings = stops.front().settings;
  std::string text =
      '\n' +
      core::wrapped(fmt::format(
          "Replay of [stop_when] by {}: from {} of the steps on, every {}th rho first. saved, x2: the share of the "
          "steps that a factor of 2 saves. regret: as above, of the best rho without a stopped trial.\n",
          stops.front().metric, core::percent_text(settings.from), settings.first_every));
  for (std::size_t g = 0; g < stops.front().groups.size(); ++g)
    text += group_text(stops.front().groups[g], table_of(stops, g));
  text += '\n';
  for (const StopReplay& each : stops)
    text += core::wrapped(fmt::format(
        "Factor {:g}: {} of the steps saved. Regret in the mean {}, at worst {}.\n", each.settings.factor,
        core::percent_text(each.saved_share), regret_text(each.mean_regret), regret_text(each.worst_regret)));
  return text;
}

Json schedule(const ScheduleStops& each) {
  return {{"schedule", each.schedule},
          {"stopped", each.stopped},
          {"of_trials", each.of_trials},
          {"saved_share", each.saved_share},
          {"rho", finite_or_null(each.rho)},
          {"regret", finite_or_null(each.regret)},
          {"stopped_at_best", each.stopped_at_best}};
}

template <class Found>
Json groups_of(const std::vector<ReplayGroup<Found>>& list) {
  Json groups = Json::array();
  for (const auto& group : list) {
    Json schedules = Json::array();
    for (const Found& each : group.schedules) schedules.push_back(schedule(each));
    groups.push_back({{"axes", axes_object(group.axes)}, {"schedules", schedules}});
  }
  return groups;
}

Json stops(const std::vector<StopReplay>& list) {
  Json replays = Json::array();
  for (const StopReplay& each : list)
    replays.push_back({{"metric", each.metric},
                       {"factor", each.settings.factor},
                       {"from", each.settings.from},
                       {"first_every", each.settings.first_every},
                       {"saved_share", each.saved_share},
                       {"mean_regret", finite_or_null(each.mean_regret)},
                       {"worst_regret", finite_or_null(each.worst_regret)},
                       {"groups", groups_of(each.groups)}});
  return replays;
}

}  // namespace

std::string to_table(const Replay& replay) {
  std::string text = core::wrapped(fmt::format(
      "Replay of a search for the least mean {}: tolerance {}, confidence {}, first with {}. regret: the error "
      "of all seeds at the rho that is found, over the least one of the grid, minus 1. random, halving: the "
      "median regret of random search and of successive halving at the same cost.\n",
      replay.metric, core::percent_text(replay.settings.tolerance), core::to_text(replay.settings.confidence),
      core::counted(replay.settings.first_seeds, "seed")));
  for (const auto& group : replay.groups) text += group_text(group, table_of(group));
  const double saved = 1.0 - static_cast<double>(replay.cells) / static_cast<double>(replay.of_cells);
  return text + '\n' +
         core::wrapped(fmt::format(
             "{}: {} saved. Regret in the mean {}, at worst {}; of random search {}, of successive "
             "halving {}.\n",
             core::part_of(replay.cells, replay.of_cells, "cell"), core::percent_text(saved),
             regret_text(replay.mean_regret), regret_text(replay.worst_regret),
             regret_text(replay.random_regret), regret_text(replay.halving_regret))) +
         to_table(replay.stops);
}

std::string to_json(const Replay& replay) {
  const Json document{{"format", 1},
                      {"metric", replay.metric},
                      {"tolerance", replay.settings.tolerance},
                      {"confidence", replay.settings.confidence},
                      {"first_seeds", replay.settings.first_seeds},
                      {"cells", replay.cells},
                      {"of_cells", replay.of_cells},
                      {"mean_regret", finite_or_null(replay.mean_regret)},
                      {"worst_regret", finite_or_null(replay.worst_regret)},
                      {"random_regret", finite_or_null(replay.random_regret)},
                      {"halving_regret", finite_or_null(replay.halving_regret)},
                      {"groups", groups_of(replay.groups)},
                      {"stop_when", stops(replay.stops)}};
  return text_of(document);
}

}  // namespace rhosweep::analysis
