#include "sweep_reader.hpp"

#include "optimizer_keys.hpp"
#include "read_axes.hpp"
#include "read_search.hpp"
#include "read_stop_when.hpp"
#include "read_value.hpp"

#include "rhosweep/core/text.hpp"
#include "rhosweep/model/sweep_keys.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rhosweep::model {

namespace {

constexpr std::int64_t most_axes_points = 1'000'000;
/// Limits memory and time: every rank keeps one bit per trial, and `plan` visits every trial.
constexpr std::int64_t most_trials = 1'000'000'000;
/// Limits the number of values of all learning curves together. Below this limit, every index is exact in
/// every tool that reads the results, even in tools that only have doubles.
constexpr double most_curve_values = 9007199254740992.0;  // 2^53

std::vector<std::string> names(std::span<const KeySpec> keys) {
  std::vector<std::string> list;
  for (const KeySpec& key : keys) list.push_back(key.name);
  return list;
}

/// Returns the type of a key that no schema declares: the type of the key's value.
ValueType type_of(const Node& node) {
  const Value* const value = node.value();
  if (value != nullptr && std::holds_alternative<bool>(*value)) return ValueType::boolean;
  if (value != nullptr && std::holds_alternative<std::int64_t>(*value)) return ValueType::integer;
  if (value != nullptr && std::holds_alternative<double>(*value)) return ValueType::real;
  return ValueType::text;
}

/// Returns the type of an axis over a key that no schema declares. For a list, this is the type of the first
/// value, or real if the first value is an integer and another value is not.
ValueType type_of_axis(const Node& node) {
  if (const Table* const table = node.table())
    return table->find("count") != nullptr ? ValueType::integer : ValueType::real;
  const List* const list = node.list();
  if (list == nullptr || list->empty()) return ValueType::real;
  const ValueType first = type_of(list->front());
  if (first != ValueType::integer) return first;
  return std::ranges::all_of(*list, [](const Node& item) { return type_of(item) == ValueType::integer; })
             ? ValueType::integer
             : ValueType::real;
}

/// Renames the entry `former` of a table to `present`. If the table has both, keeps the entry from the later
/// source.
/// @param prefix the section of the keys, for the message if one source has both
void rename_entry(Table& table, const std::string& former, const std::string& present, const char* prefix) {
  auto& entries = table.entries;
  const auto old = std::ranges::find(entries, former, &Entry::key);
  if (old == entries.end()) return;
  const auto other = std::ranges::find(entries, present, &Entry::key);
  old->key = present;
  if (other == entries.end()) return;
  const std::int64_t old_order = old->value.where.source->order;
  const std::int64_t other_order = other->value.where.source->order;
  if (old_order == other_order)
    fail_found(
        old->value.where, prefix + key_text(former), "together with " + key_text(present),
        fmt::format("one of the two, since {} is an older name of {}", key_text(former), key_text(present)));
  entries.erase(old_order < other_order ? old : other);
}

/// Replaces the former name of a key by its present name in an entry of [axes] that pairs keys. @param keys
/// the key of the entry: the names of the paired keys, separated by commas
void rename_paired(std::string& keys, const std::string& former, const std::string& present) {
  std::vector<std::string> parts = split_axis_key(keys);
  if (parts.size() == 1 || std::ranges::find(parts, former) == parts.end()) return;
  std::ranges::replace(parts, former, present);
  keys = fmt::format("{}", fmt::join(parts, ", "));
}

/// Returns the step of the last evaluation before the end; 0 if there is none.
std::int64_t last_before_end(const SgdSettings& sgd) {
  const std::vector<std::int64_t> steps = evaluation_steps(sgd.steps, sgd.evaluations);
  return steps.size() < 2 ? 0 : steps.end()[-2];
}

}  // namespace

SweepReader::SweepReader(Node root, const std::filesystem::path& file, ProblemCatalogue catalogue)
    : root_(std::move(root)), catalogue_(catalogue) {
  sweep_.folder_ = file.parent_path();
  sweep_.title_ = core::one_line(file.stem().string());
}

Sweep SweepReader::read() {
  const std::vector<std::string> sections{"title",   "problem", "sgd",       "grid",  "axes",
                                          "exclude", "search",  "stop_when", "output"};
  read_table(root_, "", sections);
  read_title();
  find_schema();
  find_optimizer();
  read_axes();
  read_problem();
  read_sgd();
  read_grid();
  read_exclusions();
  if (const Node* const search = find_section("search"))
    sweep_.search_ = read_search(*search, std::ssize(sweep_.grid_.seeds));
  sweep_.metric_where_ = where("search.metric").text();
  read_stopping();
  read_output();
  check_size();
  check_axes_points();
  return std::move(sweep_);
}

void SweepReader::read_stopping() {
  const Node* const section = find_section("stop_when");
  if (section == nullptr) return;
  if (sweep_.search_)
    fail_found(section->where, "stop_when", "a section beside [search], which looks at few cells",
               "[search] or [stop_when], not both");
  sweep_.stop_when_ = read_stop_when(*section);
  sweep_.stop_when_where_ = where("stop_when.metric").text();
  if (section->table()->find("from") != nullptr) return;
  double& from = sweep_.stop_when_->from;
  for (core::PointIndex point; point.value < sweep_.grid_.axes_points(); ++point) {
    const SgdSettings sgd = sweep_.sgd(point);
    const double share = static_cast<double>(last_before_end(sgd)) / static_cast<double>(sgd.steps);
    if (share > 0.0 && !sweep_.grid_.is_excluded(point))
      from = std::min(from, std::floor(1000.0 * share) / 1000.0);
  }
}

void SweepReader::require_stopping_point(const SgdSettings& sgd) const {
  if (!sweep_.stop_when_) return;
  const double from = sweep_.stop_when_->from;
  const auto last = static_cast<double>(last_before_end(sgd));
  if (last > 0.0 && last >= from * static_cast<double>(sgd.steps)) return;
  fail_found(where("stop_when.from"), "stop_when.from",
             fmt::format("{}, with no evaluation between this share of the {} steps and the last one", from,
                         sgd.steps),
             last > 0.0 ? fmt::format("at most {:.3g}, or more sgd.evaluations than {}",
                                      last / static_cast<double>(sgd.steps), sgd.evaluations)
                        : "more sgd.evaluations than 1");
}

void SweepReader::read_title() {
  if (const Node* node = find_section("title"))
    sweep_.title_ = std::get<std::string>(read_value(*node, "title", title_key()));
}

void SweepReader::find_schema() {
  KeySpec kind{.name = "kind", .type = ValueType::text, .required = true};
  for (const ProblemSchema& schema : catalogue_) kind.choices.push_back(schema.kind);
  const Node& problem = section("problem");
  const Node* const node = find_entry("problem.kind");
  if (node == nullptr) fail_found(problem.where, "problem.kind", "nothing", kind.allowed());
  sweep_.kind_ = std::get<std::string>(read_value(*node, "problem.kind", kind));
  const auto same = [this](const ProblemSchema& schema) { return schema.kind == sweep_.kind_; };
  schema_ = &*std::find_if(catalogue_.begin(), catalogue_.end(), same);
  problem_keys_ = schema_->keys;
  rename_former_keys();
  if (schema_->open) add_free_keys();
}

void SweepReader::rename_former_keys() {
  Table& root = std::get<Table>(root_.content);
  const auto table = [&](std::string_view section) {
    const auto found = std::ranges::find(root.entries, section, &Entry::key);
    return found == root.entries.end() ? nullptr : std::get_if<Table>(&found->value.content);
  };
  const std::string prefix = "problem.";
  for (const KeySpec& spec : problem_keys_) {
    if (spec.former_name.empty()) continue;
    sweep_.present_names_.emplace(spec.former_name, spec.name);
    rename_entry(*table("problem"), spec.former_name, spec.name, "problem.");
    Table* const axes = table("axes");
    if (axes == nullptr) continue;
    rename_entry(*axes, prefix + spec.former_name, prefix + spec.name, "axes.");
    for (Entry& entry : axes->entries)
      rename_paired(entry.key, prefix + spec.former_name, prefix + spec.name);
  }
}

void SweepReader::add_free_keys() {
  const std::string prefix = "problem.";
  std::map<std::string, ValueType> types;
  if (const Node* const axes = find_section("axes"); axes != nullptr && axes->table() != nullptr)
    for (const Entry& entry : axes->table()->entries) {
      const std::vector<std::string> keys = split_axis_key(entry.key);
      for (std::size_t k = 0; k < keys.size(); ++k)
        if (keys[k].starts_with(prefix))
          types.emplace(keys[k].substr(prefix.size()), type_of_axis(values_of(entry, k)));
    }
  for (const auto& [key, node] : section("problem").table()->entries)
    if (key != "kind") {
      if (node.value() == nullptr) require_known_list(key, node.where);
      types.emplace(key, type_of(node));
    }
  for (const KeySpec& known : schema_->keys) types.erase(known.name);
  for (const auto& [key, type] : types)
    if (core::is_identifier(key, core::Letters::lower)) problem_keys_.push_back({.name = key, .type = type});
}

void SweepReader::require_known_list(const std::string& key, const Location& where) const {
  if (has_key(schema_->keys, key)) return;
  std::vector<std::string> known = names(schema_->keys);
  known.insert(known.begin(), "kind");
  fail(where, "problem." + core::one_line(key_text(key), 80),
       fmt::format("unknown key{}; allowed: {}, or a parameter that is a number, a text or a truth value",
                   suggest_key("problem", key, known), fmt::join(known, ", ")));
}

std::optional<Value> SweepReader::fallback(const std::string& key, const KeySpec& spec) const {
  if (key == "sgd.precision") return Value{name_of(schema_->precision)};
  return spec.fallback;
}

void SweepReader::check_keys(const std::string& name) const {
  std::vector<std::string> allowed = names(keys(name));
  if (name == "problem") allowed.insert(allowed.begin(), "kind");
  read_table(section(name), name, allowed);
}

KeyValues SweepReader::read_section(const std::string& name, std::span<const KeySpec> specs) const {
  const Node& node = section(name);
  KeyValues values;
  for (const KeySpec& spec : specs) {
    const std::string key = name + "." + spec.name;
    const Node* const entry = find_entry(key);
    const Entry* const axis = find_axis(key);
    const auto is_given = [&](const std::string& other) {
      return !other.empty() && find(fmt::format("{}.{}", name, other)) != nullptr;
    };
    const bool is_excluded = is_given(spec.excluded_by) && !is_given(spec.excluded_unless);
    if (is_excluded && find(key) != nullptr)
      fail_found(*find(key), key, fmt::format("nothing, as {}.{} is given", name, spec.excluded_by));
    if (entry != nullptr && axis != nullptr && !entry->where.source->has_lines)
      fail_found(*entry, key,
                 fmt::format("nothing, as an axis ({}) takes its place", axis->value.where.text()));
    std::optional<Value> value;
    if (entry != nullptr)
      value = read_value(*entry, key, spec);
    else if (!is_excluded)
      value = fallback(key, spec);
    if (axis != nullptr) continue;  // the values of the axis replace the value in the section
    if (spec.absent_at_fallback && value == spec.fallback) continue;
    if (value)
      values.emplace_back(spec.stored_name(), *value);
    else if (!is_excluded && spec.required)
      fail_found(node.where, key, "nothing", spec.allowed());
  }
  return values;
}

void SweepReader::read_problem() {
  check_keys("problem");
  for (auto& entry : read_section("problem", keys("problem"))) {
    const auto is_it = [&](const KeySpec& spec) { return spec.stored_name() == entry.first; };
    const bool in_identity = std::find_if(problem_keys_.begin(), problem_keys_.end(), is_it)->in_identity;
    (in_identity ? sweep_.problem_ : sweep_.run_).push_back(std::move(entry));
  }
}

void SweepReader::read_output() {
  const Node* const output = find_section("output");
  if (output == nullptr) return;
  const Table& table = read_table(*output, "output", names(output_keys()));
  const KeySpec& sync_key = key_named(output_keys(), "sync_seconds");
  if (const Node* node = table.find(sync_key.name))
    sweep_.output_.sync_seconds = std::get<double>(read_value(*node, "output.sync_seconds", sync_key));
}

void SweepReader::check_points() const {
  double points = 1.0;
  for (const Axis& axis : sweep_.grid_.axes) points *= static_cast<double>(axis.size());
  if (points > most_axes_points)
    fail_found(where("axes"), "axes", fmt::format("{} combinations of values", points),
               fmt::format("at most {}", most_axes_points));
}

void SweepReader::check_size() const {
  check_points();
  const Grid& grid = sweep_.grid_;
  const auto points = static_cast<double>(grid.axes_points());
  const double trials = points * static_cast<double>(grid.seeds.size()) *
                        static_cast<double>(grid.schedules.size()) * static_cast<double>(grid.rhos.size());
  if (trials > most_trials)
    fail_found(section("grid").where, "grid", fmt::format("{} trials", trials),
               fmt::format("at most {}", most_trials));
  const double curve_values = trials * static_cast<double>(sweep_.sgd(core::PointIndex{0}).evaluations);
  if (curve_values >= most_curve_values)
    fail_found(section("grid").where, "grid", fmt::format("{} points of learning curves", curve_values),
               "fewer than 2^53");
}

void SweepReader::check_axes_points() const {
  for (core::PointIndex point; point.value < sweep_.grid_.axes_points(); ++point) {
    const SgdSettings sgd = sweep_.sgd(point);
    if (sgd.evaluations > sgd.steps)
      fail_found(where("sgd.evaluations"), "sgd.evaluations", fmt::format("{}", sgd.evaluations),
                 fmt::format("at most sgd.steps = {}", sgd.steps));
    if (sweep_.grid_.is_excluded(point)) continue;
    if (sgd.nesterov && sgd.momentum == 0.0)
      fail_found(where("sgd.nesterov"), "sgd.nesterov", "true with sgd.momentum = 0", "with momentum > 0");
    require_stopping_point(sgd);
    if (!schema_->check) continue;
    try {
      schema_->check(sweep_.problem(point));
    } catch (const KeyError& error) {
      fail(where(error.key()), error.key(), error.what());
    }
  }
}

std::span<const KeySpec> SweepReader::keys(const std::string& section) const {
  return section == "sgd" ? sgd_keys_ : problem_keys_;
}

const Node* SweepReader::find_section(const std::string& section) const {
  return root_.table()->find(section);
}

const Node& SweepReader::section(const std::string& section) const {
  const Node* const node = find_section(section);
  const std::string allowed = fmt::format("a table [{}]", section);
  if (node == nullptr) fail_found(root_.where, section, "nothing", allowed);
  if (node->table() == nullptr) fail_found(*node, section, allowed);
  return *node;
}

const Node* SweepReader::find(const std::string& key) const {
  const Entry* const axis = find_axis(key);
  return axis != nullptr ? &axis->value : find_entry(key);
}

const Entry* SweepReader::find_axis(const std::string& key) const {
  const Node* const axes = find_section("axes");
  if (axes == nullptr || axes->table() == nullptr) return nullptr;
  const auto& entries = axes->table()->entries;
  const auto found = std::ranges::find_if(entries, [&](const Entry& entry) {
    const auto keys = split_axis_key(entry.key);
    return std::ranges::find(keys, key) != keys.end();
  });
  return found == entries.end() ? nullptr : &*found;
}

const Node* SweepReader::find_entry(const std::string& key) const {
  const std::size_t dot = key.find('.');
  const Node* const node = find_section(key.substr(0, dot));
  const bool has_keys = node != nullptr && node->table() != nullptr && dot != std::string::npos;
  return has_keys ? node->table()->find(key.substr(dot + 1)) : nullptr;
}

const Location& SweepReader::where(const std::string& key) const {
  if (const Node* node = find(key)) return node->where;
  const Node* const node = find_section(key.substr(0, key.find('.')));
  return node != nullptr ? node->where : root_.where;
}

}  // namespace rhosweep::model
