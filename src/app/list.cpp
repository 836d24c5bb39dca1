#include "commands.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/print.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/model/declared_metric.hpp"
#include "rhosweep/model/metric.hpp"
#include "rhosweep/model/schedule.hpp"
#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/model/sweep_keys.hpp"
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

/// Prints a line, wrapped. Continuation lines are indented more than the entries of the list.
void print_broken(const std::string& line) {
  core::print("{}\n", core::wrapped(line, core::most_columns, "      "));
}

/// Prints `text` in a column to the right of `head`.
void print_beside(const std::string& head, const std::string& text) {
  core::print_text(core::beside(head, text) + '\n');
}

void print_schedule_doc(const model::ScheduleDoc& doc) {
  core::print("{}\n", doc.usage);
  print_beside("  h_t       ", doc.formula);
  if (!doc.range.empty()) print_beside("  where     ", doc.range);
  print_beside("  exponent  ", doc.exponent);
}

void list_schedules() {
  core::print(
      "The stepsize of step t of T is eta * h_t, with u = t/T. The exponent is the\n"
      "asymptotic cost of a stepsize that is rho times too large: rho^exponent (Attia &\n"
      "Koren, arXiv 2503.09411).\n");
  for (const auto& doc : model::schedule_catalogue()) {
    core::print("\n");
    print_schedule_doc(doc);
  }
}

/// Returns the allowed values of a key, with the default and the unit.
std::string values_text(const model::KeySpec& key) {
  std::string text = key.documented_values();
  if (key.fallback) text += ", default " + model::to_toml(*key.fallback);
  if (!key.fallback && key.required) text += ", required";
  if (!key.unit.empty()) text += fmt::format(" [{}]", key.unit);
  return text;
}

/// Prints the allowed values of a key beside its name, and the meaning of the key below.
void print_key(const model::KeySpec& key) {
  print_beside(fmt::format("    {:<18} ", key.name), values_text(key));
  std::string help = key.help;
  if (!key.excluded_by.empty()) help += fmt::format("; not together with {}", key.excluded_by);
  if (!key.excluded_unless.empty()) help += fmt::format(" unless {} is set", key.excluded_unless);
  if (!key.former_name.empty()) help += fmt::format("; older name: {}", key.former_name);
  print_beside(std::string(23, ' '), help);
}

/// Returns whether `keys` contains a key of the same name.
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
    const std::string instead =
        replaced.empty() ? "" : fmt::format(", in place of {}", fmt::join(replaced, ", "));
    print_broken(
        fmt::format("  keys of [sgd] with optimizer = \"{}\"{}", model::name_of(optimizer), instead));
    print_beside("    ", model::summary_of(optimizer));
    for (const auto& key : keys)
      if (replaced.empty() || !is_among(common, key)) print_key(key);
  }
}

void print_optimizer(model::Optimizer optimizer) {
  print_broken(fmt::format("{}: {}", model::name_of(optimizer), model::summary_of(optimizer)));
  core::print("  keys of [sgd]\n");
  for (const auto& key : model::sgd_keys(optimizer)) print_key(key);
}

void print_kind(const model::KindDocumentation& kind) {
  print_broken(fmt::format("{}: {}", kind.schema.kind, kind.schema.summary));
  print_beside("  objective  ", kind.objective);
  print_beside("  metrics    ", kind.metrics);
  print_beside("  constants  ", kind.constants);
  print_beside("  sampling   ", core::either(kind.schema.samplings));
  core::print("  keys of [problem]\n");
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
  print_beside(fmt::format("{:<15} ", metric.name),
               fmt::format("{}; once diverged: {}", metric.long_name, metric.diverged));
}

void list_metrics() {
  for (const auto& metric : model::metrics::all()) print_metric(metric);
  constexpr std::size_t columns = 80;
  for (const bool is_more_better : {true, false})
    core::print("\n{}\n", core::wrapped(fmt::format("Measures of programs of which {} is better: {}.",
                                                    is_more_better ? "more" : "less",
                                                    model::known_measures(is_more_better)),
                                        columns));
}

/// The documentation of one key of a sweep file.
struct KeyEntry {
  std::string name;  ///< with its section: "problem.radius"
  std::string values;
  std::string help;
  std::vector<std::string> owners{};  ///< the problems or optimizers that have the key; empty: all sweeps
};

/// Adds a key. Owners that document the key in the same way share an entry.
/// @param owner the problem or optimizer that has the key; empty: every sweep has it
void add_key(const std::string& section, const model::KeySpec& key, const std::string& owner,
             std::vector<KeyEntry>& entries) {
  KeyEntry entry{section + key.name, values_text(key), key.help};
  const auto known = std::ranges::find_if(entries, [&](const KeyEntry& each) {
    return each.name == entry.name && each.values == entry.values && each.help == entry.help;
  });
  KeyEntry& into = known == entries.end() ? entries.emplace_back(std::move(entry)) : *known;
  if (!owner.empty()) into.owners.push_back(owner);
}

/// Returns all keys of sweep files, first the keys that every sweep has.
std::vector<KeyEntry> all_keys() {
  std::vector<KeyEntry> entries;
  add_key("", model::title_key(), "", entries);
  for (const auto& key : model::grid_keys()) add_key("grid.", key, "", entries);
  add_key("axes.", model::axis_key(), "", entries);
  add_key("exclude.", model::exclude_key(), "", entries);
  for (const auto& key : model::search_keys()) add_key("search.", key, "", entries);
  for (const auto& key : model::stop_when_keys()) add_key("stop_when.", key, "", entries);
  for (const auto& key : model::output_keys()) add_key("output.", key, "", entries);
  for (const auto& kind : study::kinds())
    for (const auto& key : kind.schema.keys) add_key("problem.", key, kind.schema.kind, entries);
  for (const model::Optimizer optimizer : model::optimizers())
    for (const auto& key : model::sgd_keys(optimizer))
      add_key("sgd.", key, model::name_of(optimizer), entries);
  return entries;
}

void print_key_entry(const KeyEntry& entry) {
  core::print("{}\n", entry.name);
  print_beside("    ", entry.values);
  print_beside("    ", entry.help);
  if (!entry.owners.empty()) print_beside("    ", fmt::format("of {}", fmt::join(entry.owners, ", ")));
}

void list_keys() {
  for (const KeyEntry& entry : all_keys()) print_key_entry(entry);
}

/// An entry of a list with the function that prints the entry.
struct Item {
  std::string name;
  std::function<void()> print;
};

/// Returns the entries of the list of schedules, problems, optimizers, metrics or keys.
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

/// Returns whether an item has this name or is a key of the section with this name. The section of a key may
/// be left out.
bool is_called(const Item& item, const std::string& name) {
  return item.name == name || item.name.ends_with("." + name) || item.name.starts_with(name + ".");
}

/// Returns the names of the items, without duplicates. A section comes before its keys.
std::vector<std::string> names_of(const std::vector<Item>& items) {
  std::vector<std::string> names;
  const auto add = [&names](const std::string& name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  for (const Item& item : items) {
    if (const auto dot = item.name.find('.'); dot != std::string::npos) add(item.name.substr(0, dot));
    add(item.name);
  }
  return names;
}

/// Prints all entries with a name. Throws core::InputError if there is no such entry.
void list_named(const std::string& what, const std::string& name) {
  const std::vector<Item> items = items_of(what);
  bool is_known = false;
  for (const Item& item : items) {
    if (!is_called(item, name)) continue;
    item.print();
    is_known = true;
  }
  if (is_known) return;
  const std::vector<std::string> names = names_of(items);
  core::refuse("list " + what, name + core::hint(name, names), core::either(names));
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
