#include "rhosweep/model/sweep.hpp"

#include "read_axes.hpp"
#include "read_document.hpp"
#include "read_exclude.hpp"
#include "read_search.hpp"
#include "read_stop_when.hpp"
#include "read_value.hpp"
#include "rho_every.hpp"
#include "sweep_reader.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/hash.hpp"
#include "rhosweep/core/input_file.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/model/sweep_keys.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::model {

namespace {

/// Size of the largest sweep file that is read, in bytes. The limit bounds the memory for reading; no file
/// needs more, since a range replaces a long list.
constexpr std::size_t largest_file = std::size_t{16} << 20;

std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream = core::open_input(file);
  std::string text;
  std::array<char, 1 << 16> piece;
  while (stream.read(piece.data(), piece.size()) || stream.gcount() > 0) {
    text.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
    if (text.size() > largest_file) core::refuse(file.string(), "more than 16 MiB", "a sweep file");
  }
  core::check_read(stream, file);
  return text;
}

std::string assignment(const std::string& key, const std::string& value) {
  return fmt::format("{} = {}\n", key, value);
}

/// A key in a sweep's text and its value. `key` includes the section.
struct Assignment {
  std::string key;
  std::string value{"absent"};
  std::string meaning{};  ///< a text that is the same for all spellings of the value
};

/// Returns a text that is the same for all spellings of a schedule; returns any other text unchanged.
std::string meaning_of_schedule(const std::string& text) {
  try {
    return Schedule::parse(text).canonical();
  } catch (const core::InputError&) {
    return text;
  }
}

/// Returns the meaning of grid.schedule, grid.stepsize or grid.rho_every: the same text for all spellings of
/// the schedules.
std::string meaning_of(const Node& node) {
  std::vector<std::string> parts;
  if (const List* const list = node.list())
    for (const Node& item : *list) parts.push_back(meaning_of(item));
  else if (const Table* const table = node.table())
    for (const auto& [key, value] : table->entries)
      parts.push_back(fmt::format("{} = {}", meaning_of_schedule(key), to_toml(value)));
  else if (const auto* const text =
               node.value() != nullptr ? std::get_if<std::string>(node.value()) : nullptr)
    parts.push_back(meaning_of_schedule(*text));
  else
    parts.push_back(to_toml(node));
  return fmt::format("{}", fmt::join(parts, "; "));
}

/// Returns the assignments in a sweep's text that are part of the sweep's identity, in the order of the text.
std::vector<Assignment> assignments(std::string_view text) {
  std::vector<Assignment> found;
  const auto add = [&found](std::string key, const Node& node) {
    if (key == title_key().name) return;
    const bool names_schedules = key == "grid.schedule" || key == "grid.stepsize" || key == "grid.rho_every";
    std::string value = to_toml(node);
    std::string meaning = names_schedules ? meaning_of(node) : value;
    found.push_back({std::move(key), std::move(value), std::move(meaning)});
  };
  const Node root = read_document(text, "the file's sweep", {}, Origin::stored);
  for (const auto& [name, content] : root.table()->entries) {
    const Table* const section = content.table();
    if (section == nullptr || section->is_inline) {
      add(name, content);
      continue;
    }
    for (const auto& [key, value] : section->entries) add(name + "." + key_text(key), value);
  }
  return found;
}

constexpr const char* optimizer_key = "sgd.optimizer";

/// Sets the keys of the section `name` that axes vary to their values at an axes point. Afterwards, the
/// section is the same as in a sweep file for this point alone.
/// @param specs specifications of the keys that axes vary, by name with section
void set_axis_values(std::map<std::string, Value>& section, std::string_view name, const Grid& grid,
                     core::PointIndex point, const std::map<std::string, KeySpec>& specs) {
  const std::string prefix = fmt::format("{}.", name);
  const auto coordinates = grid.coordinates(point);
  for (std::size_t i = 0; i < coordinates.size(); ++i) {
    for_each_coordinate(grid.axes[i], [&](const std::string& key, const AxisValues& values) {
      const auto spec = specs.find(key);
      if (!key.starts_with(prefix) || spec == specs.end()) return;
      const Value value = to_value(value_at(values, coordinates[i]), spec->second.type);
      if (spec->second.absent_at_fallback && value == spec->second.fallback)
        section.erase(key.substr(prefix.size()));
      else
        section[key.substr(prefix.size())] = value;
    });
  }
  // The batch size has no effect with full_batch, so sgd.batch_size is not part of the sweep's identity.
  const auto sampling = section.find("sampling");
  if (name == "sgd" && sampling != section.end() && sampling->second == Value{std::string("full_batch")})
    section.erase("batch_size");
}

/// Returns the optimizer at an axes point, or nullopt if no axis varies the optimizer.
std::optional<std::string> optimizer_at(const Grid& grid, core::PointIndex point) {
  const std::int64_t axis = grid.axis_of(optimizer_key);
  if (axis == std::ssize(grid.axes)) return std::nullopt;
  return std::get<std::string>(value_at(*grid.axes[axis].find(optimizer_key), grid.coordinates(point)[axis]));
}

/// Throws core::InputError if a key does not allow a value of its axis. Only damaged files have such values.
void check_axis_values(const Grid& grid, const std::map<std::string, KeySpec>& specs, const Location& where) {
  for (const Axis& axis : grid.axes) {
    for_each_coordinate(axis, [&](const std::string& key, const AxisValues& values) {
      const auto spec = specs.find(key);
      if (spec == specs.end()) return;
      for (std::int64_t i = 0; i < axis.size(); ++i)
        read_value({.where = where, .content = to_value(value_at(values, i), spec->second.type)}, key,
                   spec->second);
    });
  }
}

}  // namespace

Sweep Sweep::load(const std::filesystem::path& file, std::span<const std::string> overrides,
                  ProblemCatalogue catalogue) {
  return parse(read_text(file), file, overrides, catalogue);
}

Sweep Sweep::parse(std::string_view text, const std::filesystem::path& file,
                   std::span<const std::string> overrides, ProblemCatalogue catalogue) {
  return SweepReader(read_document(text, file.string(), overrides), file, catalogue).read();
}

Sweep Sweep::parse_stored(std::string_view text, const std::filesystem::path& file,
                          std::span<const std::string> overrides, ProblemCatalogue catalogue) {
  return SweepReader(read_document(text, file.string(), overrides, Origin::stored), file, catalogue).read();
}

std::map<std::string, Value> Sweep::section(std::string_view name, core::PointIndex point) const {
  const KeyValues* values = name == "problem" ? &problem_ : &sgd_;
  if (const auto optimizer = optimizer_at(grid_, point); name == "sgd" && optimizer)
    values = &sgd_of_.at(*optimizer);
  std::map<std::string, Value> section(values->begin(), values->end());
  set_axis_values(section, name, grid_, point, axis_specs_);
  return section;
}

ProblemSettings Sweep::problem(core::PointIndex point) const {
  auto values = section("problem", point);
  values.insert(run_.begin(), run_.end());
  for (const auto& [former, present] : present_names_) {
    auto node = values.extract(former);
    if (node.empty()) continue;
    node.key() = present;
    values.insert(std::move(node));
  }
  return {kind_, std::move(values), folder_};
}

SgdSettings Sweep::sgd(core::PointIndex point) const {
  return to_sgd_settings(section("sgd", point));
}

std::string Sweep::to_toml() const {
  std::string text = assignment("title", model::to_toml(Value{title_}));
  text += "\n[problem]\n" + assignment("kind", model::to_toml(Value{kind_}));
  for (const auto& [key, value] : problem_) text += assignment(key, model::to_toml(value));
  text += "\n[sgd]\n";
  for (const auto& [key, value] : sgd_) text += assignment(key, model::to_toml(value));

  std::vector<std::string> specs;
  for (const Schedule& schedule : grid_.schedules) specs.push_back(model::to_toml(Value{schedule.spec()}));
  struct StepsizeWriter {
    const std::vector<std::string>& specs;

    std::string operator()(TheoryStepsize) const { return "\"theory\""; }
    std::string operator()(double stepsize) const { return model::to_toml(Value{stepsize}); }
    std::string operator()(const std::vector<double>& stepsizes) const {
      std::vector<std::string> entries;
      for (std::size_t i = 0; i < specs.size(); ++i)
        entries.push_back(fmt::format("{} = {}", specs[i], model::to_toml(Value{stepsizes[i]})));
      return fmt::format("{{ {} }}", fmt::join(entries, ", "));
    }
  };
  text += "\n[grid]\n" + assignment("stepsize", std::visit(StepsizeWriter{specs}, stepsize_));
  text += assignment("schedule", fmt::format("[{}]", fmt::join(specs, ", ")));
  text += assignment("rho", rho_toml_);
  if (!rho_every_toml_.empty()) text += assignment("rho_every", rho_every_toml_);
  text += assignment("seed", seed_toml_);

  if (!grid_.axes.empty()) text += "\n[axes]\n";
  for (std::size_t i = 0; i < grid_.axes.size(); ++i)
    text += assignment(model::to_toml(Value{grid_.axes[i].name()}), axes_toml_[i]);
  text += exclude_toml_;
  if (search_) text += "\n" + model::to_toml(*search_);
  if (stop_when_) text += "\n" + model::to_toml(*stop_when_);
  return text;
}

std::string Sweep::settings_toml(core::PointIndex point, std::span<const std::string> left_out) const {
  std::string text = "[problem]\n" + assignment("kind", model::to_toml(Value{kind_}));
  for (const auto& [key, value] : section("problem", point))
    if (std::ranges::find(left_out, key) == left_out.end()) text += assignment(key, model::to_toml(value));
  text += "\n[sgd]\n";
  for (const auto& [key, value] : section("sgd", point)) text += assignment(key, model::to_toml(value));
  return text;
}

std::string Sweep::output_toml() const {
  return "[output]\n" + assignment("sync_seconds", model::to_toml(Value{output_.sync_seconds}));
}

std::vector<std::string> Sweep::run_overrides() const {
  std::vector<std::string> overrides;
  for (const auto& [key, value] : run_)
    overrides.push_back(fmt::format("problem.{}={}", key, model::to_toml(value)));
  return overrides;
}

std::uint64_t Sweep::hash() const {
  return sweep_hash(to_toml());
}

std::uint64_t sweep_hash(std::string_view toml) {
  core::Hash hash;
  for (const Assignment& each : assignments(toml)) hash.text(each.key).text(each.meaning);
  return hash.digest();
}

std::vector<SgdSettings> read_sgd_settings(std::string_view toml, const Grid& grid) {
  const Node root = read_document(toml, "the file's sweep", {}, Origin::stored);
  const Node* const section = root.table()->find("sgd");
  std::map<std::string, Value> values;
  std::map<std::string, KeySpec> specs;
  std::map<std::string, std::map<std::string, Value>> of_optimizer;  // values by optimizer, with its defaults
  // Read the keys of all optimizers, since sgd.optimizer is itself one of the values that are read.
  for (const Optimizer optimizer : optimizers()) {
    auto& own = of_optimizer[name_of(optimizer)];
    for (const KeySpec& spec : sgd_keys(optimizer)) {
      specs.emplace("sgd." + spec.name, spec);
      if (spec.fallback && !spec.absent_at_fallback) own.emplace(spec.name, *spec.fallback);
      const bool has_table = section != nullptr && section->table() != nullptr;
      const Node* const node = has_table ? section->table()->find(spec.name) : nullptr;
      if (node != nullptr) own[spec.name] = values[spec.name] = read_value(*node, "sgd." + spec.name, spec);
    }
  }
  check_axis_values(grid, specs, root.where);
  std::vector<SgdSettings> settings;
  for (core::PointIndex point; point.value < grid.axes_points(); ++point) {
    const auto optimizer = optimizer_at(grid, point);
    std::map<std::string, Value> at_point = optimizer ? of_optimizer.at(*optimizer) : values;
    set_axis_values(at_point, "sgd", grid, point, specs);
    settings.push_back(to_sgd_settings(at_point));
  }
  return settings;
}

std::optional<SearchSettings> read_search_settings(std::string_view toml, const Grid& grid) {
  const Node root = read_document(toml, "the file's sweep", {}, Origin::stored);
  const Node* const section = root.table()->find("search");
  if (section == nullptr) return std::nullopt;
  return read_search(*section, std::ssize(grid.seeds));
}

std::optional<StopWhen> read_stop_when(std::string_view toml) {
  const Node root = read_document(toml, "the file's sweep", {}, Origin::stored);
  const Node* const section = root.table()->find("stop_when");
  return section == nullptr ? std::nullopt : std::optional(read_stop_when(*section));
}

std::vector<bool> read_excluded(std::string_view toml, const Grid& grid) {
  const Node root = read_document(toml, "the file's sweep", {}, Origin::stored);
  const Node* const tables = root.table()->find("exclude");
  return tables == nullptr ? std::vector<bool>() : read_exclude(*tables, grid).points;
}

std::vector<bool> read_excluded_trials(std::string_view toml, const Grid& grid) {
  const Node root = read_document(toml, "the file's sweep", {}, Origin::stored);
  const Node* const section = root.table()->find("grid");
  const bool has_keys = section != nullptr && section->table() != nullptr;
  const Node* const every = has_keys ? section->table()->find("rho_every") : nullptr;
  if (every == nullptr) return {};
  Grid visited = grid;
  exclude_between(visited, read_rho_every(*every, grid.schedules, {}));
  return std::move(visited.excluded_trials);
}

std::string first_difference(std::string_view there, std::string_view here,
                             std::span<const std::string> sections) {
  const auto counts = [&](const std::string& key) {
    return sections.empty() || std::ranges::any_of(sections, [&](const std::string& section) {
             return key.starts_with(section);
           });
  };
  const auto old_keys = assignments(there);
  const auto new_keys = assignments(here);
  const auto find = [](const std::vector<Assignment>& keys, const std::string& key) {
    const auto found = std::ranges::find(keys, key, &Assignment::key);
    return found == keys.end() ? Assignment{.key = key} : *found;
  };
  for (const auto& keys : {new_keys, old_keys}) {
    for (const Assignment& each : keys) {
      const Assignment before = find(old_keys, each.key);
      const Assignment now = find(new_keys, each.key);
      if (counts(each.key) && before.meaning != now.meaning)
        return fmt::format("{} is {} in the file, {} in the sweep", each.key,
                           core::one_line(before.value, 80), core::one_line(now.value, 80));
    }
  }
  return {};
}

}  // namespace rhosweep::model
