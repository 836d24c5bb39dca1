#include "advice_text.hpp"

#include "number_text.hpp"
#include "reason_lines.hpp"

#include "rhosweep/core/text.hpp"
#include "rhosweep/core/text_table.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::analysis {

namespace {

/// The largest grid ratio at which comparison_sentence() compares schedules.
constexpr double most_told_ratio = 50.0;

/// Returns the grid ratio of an advice, with its interval, as text: "14 [12, 16]", "beyond the sweep" or "not
/// judged". remarks() gives the reason for "not judged".
std::string advised_ratio(const Advice& advice) {
  if (advice.reason == beyond_the_sweep) return advice.reason;
  if (std::isnan(advice.ratio)) return "not judged";
  if (std::isnan(advice.ratio_ci.low)) return grid_ratio_text(advice.ratio);
  return grid_ratio_text(advice.ratio) + " " + interval_text(advice.ratio_ci, grid_ratio_text);
}

/// Returns a tolerance as text: "10 %" for 0.1, "a factor of 2" for 1.
std::string tolerance_text(double tolerance) {
  return tolerance < 1.0 ? fmt::format("{:g} %", 100.0 * tolerance)
                         : fmt::format("a factor of {:g}", 1.0 + tolerance);
}

/// Returns a schedule's name and its advised_ratio() for analysis.tolerances[t]: "constant 14 [12, 16]".
std::string named_ratio(const ScheduleAnalysis& found, std::size_t t) {
  return found.schedule + " " + advised_ratio(found.advice[t]);
}

/// Returns what a sentence calls the error:
/// "excess_loss", "excess (train_loss - f_star)" or "error (1 - accuracy)".
std::string named_error(const Analysis& analysis, const Group& group) {
  if (group.error_name == analysis.metric) return analysis.metric;
  return fmt::format("{} ({})", group.error_name.ends_with("f_star") ? "excess" : "error", group.error_name);
}

/// Returns what share of the trials the schedule with the larger grid ratio saves: "66 % fewer trials, by the
/// lower ends of the intervals". If the intervals of the two ratios overlap, the text says so instead.
/// @param most, least the advice for the schedule that needs more trials, and for the one that needs fewer
std::string saving_text(const Advice& most, const Advice& least) {
  if (!(least.ratio_ci.low > most.ratio_ci.high))
    return "the intervals overlap, so this sweep does not tell them apart";
  const double saved = 1.0 - std::log(most.advised) / std::log(least.advised);
  return fmt::format("{:.0f} % fewer trials, by the lower ends of the intervals", 100.0 * saved);
}

/// Returns a sentence about analysis.tolerances[t]: which schedule allows only the least grid ratio, which
/// one allows the largest, and what share of the trials the latter saves.
std::string advice_sentence(const Analysis& analysis, const Group& group, std::size_t t) {
  std::vector<const ScheduleAnalysis*> judged;
  std::vector<std::string> beyond;
  for (const auto& found : group.schedules) {
    if (!std::isnan(found.advice[t].advised)) judged.push_back(&found);
    if (found.advice[t].reason == beyond_the_sweep) beyond.push_back(found.schedule);
  }
  std::string text = fmt::format("To stay within {} of the tuned {} wherever the grid begins, ",
                                 tolerance_text(analysis.tolerances[t]), named_error(analysis, group));
  const auto by_ratio = [t](const auto* a, const auto* b) { return a->advice[t].ratio < b->advice[t].ratio; };
  if (judged.empty() && beyond.empty()) return {};
  if (judged.empty()) {
    text += "a grid may be coarser than this sweep can judge";
  } else {
    const auto& most = **std::min_element(judged.begin(), judged.end(), by_ratio);
    const auto& least = **std::max_element(judged.begin(), judged.end(), by_ratio);
    text += fmt::format("{} allows a grid ratio of {}", most.schedule, advised_ratio(most.advice[t]));
    if (&most != &least)
      text += fmt::format(", {}: {}", named_ratio(least, t), saving_text(most.advice[t], least.advice[t]));
  }
  if (!judged.empty() && !beyond.empty()) text += fmt::format("; {}: beyond the sweep", core::all_of(beyond));
  return text + ".";
}

/// Returns one end of the interval of GridComparison::worst as text. An end of 0 or infinity comes from
/// resamples in which the error of one of the two schedules lies beyond the sweep.
std::string ratio_end(double x) {
  return x == 0.0 || std::isinf(x) ? "beyond" : number_text(x, 2);
}

/// Returns a sentence with the error of each schedule at the best point of a grid, where the grid begins at
/// the worst place, as a multiple of the same error of the schedule it is compared with. Takes the largest
/// grid ratio up to most_told_ratio at which at least one comparison is known.
std::string comparison_sentence(const Analysis& analysis, const Group& group) {
  double told = 0.0;
  for (const auto& found : group.schedules)
    for (const GridComparison& comparison : found.comparison)
      if (!std::isnan(comparison.worst) && comparison.ratio <= most_told_ratio)
        told = std::max(told, comparison.ratio);
  std::vector<std::string> parts;
  std::string with;
  for (const auto& found : group.schedules) {
    for (const GridComparison& comparison : found.comparison) {
      if (comparison.ratio != told || std::isnan(comparison.worst)) continue;
      with = found.compared_with;
      std::string part = fmt::format("{} {:.2g}", found.schedule, comparison.worst);
      if (!std::isnan(comparison.worst_ci.low))
        part += fmt::format(" {}", interval_text(comparison.worst_ci, ratio_end));
      parts.push_back(std::move(part));
    }
  }
  if (parts.empty()) return {};
  return fmt::format("At a grid ratio of {:g} the worst best-of-grid {} is, as a multiple of {}'s: {}.", told,
                     named_error(analysis, group), with, fmt::join(parts, ", "));
}

/// Returns why schedules have no advice (Advice::reason, except beyond_the_sweep, which advised_ratio()
/// tells), and the caveats to the advice of the others (Advice::remark).
std::string remarks(const Group& group) {
  ReasonLines lines("no advice");
  for (const auto& found : group.schedules)
    for (const Advice& advice : found.advice)
      if (advice.reason != beyond_the_sweep)
        lines.add(found.schedule, advice.reason, tolerance_text(advice.tolerance), found.advice.size());
  std::string text = lines.text();
  ReasonLines further("");
  for (const auto& found : group.schedules)
    for (const Advice& advice : found.advice)
      further.add(found.schedule, advice.remark, tolerance_text(advice.tolerance), found.advice.size());
  return text + further.text();
}

}  // namespace

std::string advice_text(const Analysis& analysis, const Group& group) {
  if (analysis.tolerances.empty() || group.schedules.front().advice.empty()) return {};
  std::string text;
  const auto add = [&](const std::string& sentence) {
    if (!sentence.empty()) text += core::wrapped(sentence) + '\n';
  };
  for (std::size_t t = 0; t < analysis.tolerances.size(); ++t) add(advice_sentence(analysis, group, t));
  add(comparison_sentence(analysis, group));
  core::TextTable table;
  std::vector<std::string> head{"coarsest ratio for"};
  for (const double tolerance : analysis.tolerances) head.push_back(tolerance_text(tolerance));
  table.add(std::move(head));
  for (const auto& found : group.schedules) {
    std::vector<std::string> row{found.schedule};
    std::vector<std::string> theory{"  theory"};
    for (const Advice& advice : found.advice) {
      row.push_back(advised_ratio(advice));
      theory.push_back(std::isnan(advice.theory_ratio) ? "-" : grid_ratio_text(advice.theory_ratio));
    }
    table.add(std::move(row));
    if (group.theory.applies) table.add(std::move(theory));
  }
  return text + (text.empty() ? "" : "\n") + table.text() + remarks(group);
}

}  // namespace rhosweep::analysis
