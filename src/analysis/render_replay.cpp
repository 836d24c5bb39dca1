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

std::string group_table(const ReplayGroup& group) {
  core::TextTable table;
  table.add({"schedule", "cells", "finds rho", "regret", "random", "halving"});
  for (const ScheduleReplay& each : group.schedules)
    table.add({model::schedule_name(each.schedule), fmt::format("{} of {}", each.cells, each.of_cells),
               number_text(each.rho, 4), regret_text(each.regret), regret_text(each.random_regret),
               regret_text(each.halving_regret)});
  return table.text();
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

}  // namespace

std::string to_table(const Replay& replay) {
  std::string text = core::wrapped(fmt::format(
      "Replay of a search for the least mean {}: tolerance {}, confidence {}, first with {}. regret: the error "
      "of all seeds at the rho that is found, over the least one of the grid, minus 1. random, halving: the "
      "median regret of random search and of successive halving at the same cost.\n",
      replay.metric, core::percent_text(replay.settings.tolerance), core::to_text(replay.settings.confidence),
      core::counted(replay.settings.first_seeds, "seed")));
  for (const ReplayGroup& group : replay.groups) {
    const std::string where = label(group.axes);
    text += fmt::format("\n{}{}{}", where, where.empty() ? "" : "\n", group_table(group));
  }
  const double saved = 1.0 - static_cast<double>(replay.cells) / static_cast<double>(replay.of_cells);
  return text + '\n' +
         core::wrapped(fmt::format(
             "{}: {} saved. Regret in the mean {}, at worst {}; of random search {}, of successive "
             "halving {}.\n",
             core::part_of(replay.cells, replay.of_cells, "cell"), core::percent_text(saved),
             regret_text(replay.mean_regret), regret_text(replay.worst_regret),
             regret_text(replay.random_regret), regret_text(replay.halving_regret)));
}

std::string to_json(const Replay& replay) {
  Json groups = Json::array();
  for (const ReplayGroup& group : replay.groups) {
    Json schedules = Json::array();
    for (const ScheduleReplay& each : group.schedules) schedules.push_back(schedule(each));
    groups.push_back({{"axes", axes_object(group.axes)}, {"schedules", schedules}});
  }
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
                      {"groups", groups}};
  return text_of(document);
}

}  // namespace rhosweep::analysis
