#include "rhosweep/model/sweep.hpp"

#include "read_document.hpp"
#include "read_search.hpp"
#include "read_value.hpp"
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

/// Limits the memory for reading. Ranges make long lists unnecessary.
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

/// A key of a sweep's text, with its section.
struct Assignment {
  std::string key;
  std::string value{"absent"};
  std::string meaning{};  ///< the same for all spellings of the value
};

/// The same for all spellings of a schedule; another text as it is.
std::string meaning_of_schedule(const std::string& text) {
  try {
    return Schedule::parse(text).canonical();
  } catch (const core::InputError&) {
    return text;
  }
}

/// What grid.schedule or grid.stepsize means, whose schedules may be spelled in several ways.
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

/// Returns the keys of a sweep's text that are part of its identity, in the order of the text.
std::vector<Assignment> assignments(std::string_view text) {
  std::vector<Assignment> found;
  const auto add = [&found](std::string key, const Node& node) {
    if (key == title_key().name) return;
    const bool names_schedules = key == "grid.schedule" || key == "grid.stepsize";
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

/// Sets the keys of a section that axes vary to their values at the given axes point.
void set_axis_values(std::map<std::string, Value>& section, std::string_view name, const Grid& grid,
                     core::PointIndex point) {
  const std::string prefix = fmt::format("{}.", name);
  const auto coordinates = grid.coordinates(point);
  for (std::size_t i = 0; i < coordinates.size(); ++i) {
    const Axis& axis = grid.axes[i];
    if (!axis.key.starts_with(prefix)) continue;
    section[axis.key.substr(prefix.size())] =
        std::visit([&](const auto& list) { return Value{list[coordinates[i]]}; }, axis.values);
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

std::map<std::string, Value> Sweep::section(std::string_view name, const KeyValues& values,
                                            core::PointIndex point) const {
  std::map<std::string, Value> section(values.begin(), values.end());
  set_axis_values(section, name, grid_, point);
  return section;
}

ProblemSettings Sweep::problem(core::PointIndex point) const {
  auto values = section("problem", problem_, point);
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
  return to_sgd_settings(section("sgd", sgd_, point));
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
  text += assignment("rho", rho_toml_) + assignment("seed", seed_toml_);

  if (!grid_.axes.empty()) text += "\n[axes]\n";
  for (std::size_t i = 0; i < grid_.axes.size(); ++i)
    text += assignment(model::to_toml(Value{grid_.axes[i].key}), axes_toml_[i]);
  if (search_) text += "\n" + model::to_toml(*search_);
  return text;
}

std::string Sweep::settings_toml(core::PointIndex point, std::span<const std::string> left_out) const {
  std::string text = "[problem]\n" + assignment("kind", model::to_toml(Value{kind_}));
  for (const auto& [key, value] : section("problem", problem_, point))
    if (std::ranges::find(left_out, key) == left_out.end()) text += assignment(key, model::to_toml(value));
  text += "\n[sgd]\n";
  for (const auto& [key, value] : section("sgd", sgd_, point)) text += assignment(key, model::to_toml(value));
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
  if (section != nullptr && section->table() != nullptr) {
    // Look for the keys of all optimizers: the optimizer is itself one of the values.
    for (const Optimizer optimizer : optimizers())
      for (const KeySpec& spec : sgd_keys(optimizer))
        if (const Node* const node = section->table()->find(spec.name); node != nullptr)
          values[spec.name] = read_value(*node, "sgd." + spec.name, spec);
  }
  std::vector<SgdSettings> settings;
  for (core::PointIndex point; point.value < grid.axes_points(); ++point) {
    std::map<std::string, Value> at_point = values;
    set_axis_values(at_point, "sgd", grid, point);
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
