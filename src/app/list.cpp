#include "commands.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/print.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/model/metric.hpp"
#include "rhosweep/model/schedule.hpp"
#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/study/kinds.hpp"

#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rhosweep::app {

namespace {

void print_schedule_doc(const model::ScheduleDoc& doc) {
  core::print("{}\n  h_t       {}\n", doc.usage, doc.formula);
  if (!doc.range.empty()) core::print("  where     {}\n", doc.range);
  core::print("  exponent  {}\n", doc.exponent);
}

void list_schedules() {
  core::print(
      "The stepsize of step t of T is eta * h_t, with u = t/T. The exponent is the asymptotic cost of a "
      "stepsize\n"
      "that is rho times too large: rho^exponent (Attia & Koren, arXiv 2503.09411).\n");
  for (const auto& doc : model::schedule_catalogue()) {
    core::print("\n");
    print_schedule_doc(doc);
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

void print_optimizer(model::Optimizer optimizer) {
  core::print("{}: {}\n  keys of [sgd]\n", model::name_of(optimizer), model::summary_of(optimizer));
  for (const auto& key : model::sgd_keys(optimizer)) print_key(key);
}

void print_kind(const model::KindDocumentation& kind) {
  core::print(
      "{}: {}\n  objective  {}\n  metrics    {}\n  constants  {}\n  sampling   {}\n  keys of [problem]\n",
      kind.schema.kind, kind.schema.summary, kind.objective, kind.metrics, kind.constants,
      core::either(kind.schema.samplings));
  for (const auto& key : kind.schema.keys) print_key(key);
}

void list_problems() {
  for (const auto& kind : study::kinds()) {
    print_kind(kind);
    core::print("\n");
  }
  list_optimizers();
}

void print_metric(const model::Metric& metric) {
  core::print("{:<15} {}; once diverged: {}\n", metric.name, metric.long_name, metric.diverged);
}

void list_metrics() {
  for (const auto& metric : model::metrics::all()) print_metric(metric);
}

/// A key of a sweep file with its section, and the kinds of problem or the optimizers that have it with the
/// same documentation.
struct KeyEntry {
  std::string name;  ///< "problem.radius"
  std::string allowed;
  std::string help;
  std::vector<std::string> owners{};
};

/// Keys that are read without a KeySpec.
const std::vector<KeyEntry>& keys_of_the_grid() {
  static const std::vector<KeyEntry> keys{
      {"title", "a text", "what the sweep is about; no part of its identity"},
      {"grid.stepsize", "a number > 0, \"theory\" or a table of numbers by schedule",
       "the stepsize at rho = 1"},
      {"grid.schedule", "a schedule or a list of them", "rhosweep list schedules documents them"},
      {"grid.rho", "numbers > 0: a list, or { from, to, points }",
       "how many times the stepsize at rho = 1 is too large"},
      {"grid.seed", "integers >= 0: a list, or { from, count }", "fix the samples, the noise and the start"},
      {"axes.\"KEY\"", "a list of values of KEY", "a further dimension"},
      {"output.sync_seconds", "a number > 0, default 30 [seconds]",
       "how often finished blocks are made durable on disk"}};
  return keys;
}

void add_key(const std::string& section, const model::KeySpec& key, const std::string& owner,
             std::vector<KeyEntry>& entries) {
  KeyEntry entry{section + key.name,
                 fmt::format("{}{}{}", key.allowed(), default_text(key),
                             key.unit.empty() ? "" : fmt::format(" [{}]", key.unit)),
                 key.help};
  const auto known = std::ranges::find_if(entries, [&](const KeyEntry& each) {
    return each.name == entry.name && each.allowed == entry.allowed && each.help == entry.help;
  });
  (known == entries.end() ? entries.emplace_back(std::move(entry)) : *known).owners.push_back(owner);
}

std::vector<KeyEntry> all_keys() {
  std::vector<KeyEntry> entries = keys_of_the_grid();
  for (const auto& kind : study::kinds())
    for (const auto& key : kind.schema.keys) add_key("problem.", key, kind.schema.kind, entries);
  for (const model::Optimizer optimizer : model::optimizers())
    for (const auto& key : model::sgd_keys(optimizer))
      add_key("sgd.", key, model::name_of(optimizer), entries);
  return entries;
}

/// Prints lines of at most 80 columns, the second and further ones indented by four.
void print_indented(const std::string& text) {
  constexpr std::size_t columns = 76;
  std::string lines = core::wrapped(text, columns);
  for (std::size_t at = lines.find('\n'); at != std::string::npos; at = lines.find('\n', at + 1))
    lines.insert(at + 1, "    ");
  core::print("    {}\n", lines);
}

void print_key_entry(const KeyEntry& entry) {
  core::print("{}\n", entry.name);
  print_indented(entry.allowed);
  print_indented(entry.help);
  if (!entry.owners.empty()) print_indented(fmt::format("of {}", fmt::join(entry.owners, ", ")));
}

void list_keys() {
  for (const KeyEntry& entry : all_keys()) print_key_entry(entry);
}

/// One entry of a list by its name.
struct Item {
  std::string name;
  std::function<void()> print;
};

std::vector<Item> items_of(const std::string& what) {
  std::vector<Item> items;
  if (what == "schedules")
    for (const auto& doc : model::schedule_catalogue())
      items.push_back({doc.name, [doc] { print_schedule_doc(doc); }});
  if (what == "problems")
    for (const auto& kind : study::kinds()) items.push_back({kind.schema.kind, [kind] { print_kind(kind); }});
  if (what == "optimizers")
    for (const model::Optimizer optimizer : model::optimizers())
      items.push_back({model::name_of(optimizer), [optimizer] { print_optimizer(optimizer); }});
  if (what == "metrics")
    for (const auto& metric : model::metrics::all())
      items.push_back({metric.name, [metric] { print_metric(metric); }});
  if (what == "keys")
    for (const KeyEntry& entry : all_keys())
      items.push_back({entry.name, [entry] { print_key_entry(entry); }});
  return items;
}

/// Whether an item is asked for by its name, or by that of its key without the section.
bool is_called(const Item& item, const std::string& name) {
  return item.name == name || item.name.ends_with("." + name);
}

void list_named(const std::string& what, const std::string& name) {
  const std::vector<Item> items = items_of(what);
  bool is_known = false;
  std::vector<std::string> names;
  for (const Item& item : items) {
    if (names.empty() || names.back() != item.name) names.push_back(item.name);
    if (!is_called(item, name)) continue;
    item.print();
    is_known = true;
  }
  if (!is_known) core::refuse("list " + what, name + core::hint(name, names), core::either(names));
}

}  // namespace

core::ExitCode print_list(const std::string& what, const std::string& name) {
  if (!name.empty()) list_named(what, name);
  if (name.empty() && what == "schedules") list_schedules();
  if (name.empty() && what == "problems") list_problems();
  if (name.empty() && what == "optimizers") list_optimizers();
  if (name.empty() && what == "metrics") list_metrics();
  if (name.empty() && what == "keys") list_keys();
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
