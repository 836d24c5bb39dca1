#include "commands.hpp"

#include "rhosweep/core/print.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/model/metric.hpp"
#include "rhosweep/model/schedule.hpp"
#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/study/kinds.hpp"

#include <algorithm>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rhosweep::app {

namespace {

void list_schedules() {
  core::print(
      "The stepsize of step t of T is eta * h_t, with u = t/T. The exponent is the asymptotic cost of a "
      "stepsize\n"
      "that is rho times too large: rho^exponent (Attia & Koren, arXiv 2503.09411).\n");
  for (const auto& doc : model::schedule_catalogue()) {
    core::print("\n{}\n  h_t       {}\n", doc.usage, doc.formula);
    if (!doc.range.empty()) core::print("  where     {}\n", doc.range);
    core::print("  exponent  {}\n", doc.exponent);
  }
}

std::string default_text(const model::KeySpec& key) {
  if (key.fallback) return ", default " + model::to_toml(*key.fallback);
  return key.required ? ", required" : "";
}

void print_key(const model::KeySpec& key) {
  core::print("    {:<18} {}{}{}\n", key.name, key.allowed(), default_text(key),
              key.unit.empty() ? "" : fmt::format(" [{}]", key.unit));
  core::print("    {:<18} {}{}{}{}\n", "", key.help,
              key.excluded_by.empty() ? "" : fmt::format("; not together with {}", key.excluded_by),
              key.excluded_unless.empty() ? "" : fmt::format(" unless {} is set", key.excluded_unless),
              key.former_name.empty() ? "" : fmt::format("; older name: {}", key.former_name));
}

bool is_among(std::span<const model::KeySpec> keys, const model::KeySpec& key) {
  return std::ranges::find(keys, key.name, &model::KeySpec::name) != keys.end();
}

/// Prints the keys of sgd, and for each other optimizer the keys that sgd does not have.
void list_optimizers() {
  const auto common = model::sgd_keys(model::optimizers().front());
  core::print("Every problem runs with every optimizer. A command receives these keys.\n");
  for (const model::Optimizer optimizer : model::optimizers()) {
    const auto keys = model::sgd_keys(optimizer);
    std::vector<std::string> replaced;
    for (const auto& key : common)
      if (!is_among(keys, key)) replaced.push_back(key.name);
    core::print("  keys of [sgd] with optimizer = \"{}\"{}\n    {}\n", model::name_of(optimizer),
                replaced.empty() ? "" : fmt::format(", in place of {}", fmt::join(replaced, ", ")),
                model::summary_of(optimizer));
    for (const auto& key : keys)
      if (replaced.empty() || !is_among(common, key)) print_key(key);
  }
}

void list_problems() {
  for (const auto& kind : study::kinds()) {
    core::print(
        "{}: {}\n  objective  {}\n  metrics    {}\n  constants  {}\n  sampling   {}\n  keys of [problem]\n",
        kind.schema.kind, kind.schema.summary, kind.objective, kind.metrics, kind.constants,
        core::either(kind.schema.samplings));
    for (const auto& key : kind.schema.keys) print_key(key);
    core::print("\n");
  }
  list_optimizers();
}

void list_metrics() {
  for (const auto& metric : model::metrics::all())
    core::print("{:<15} {}; once diverged: {}\n", metric.name, metric.long_name, metric.diverged);
}

}  // namespace

core::ExitCode print_list(const std::string& what) {
  if (what == "schedules") list_schedules();
  if (what == "problems") list_problems();
  if (what == "metrics") list_metrics();
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
