#include "read_exclude.hpp"

#include "read_axes.hpp"

#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rhosweep::model {

namespace {

/// Returns a value along an axis in TOML. Truth values are texts there, and remain texts, so that true and
/// "true" are the same sweep.
std::string item_toml(const AxisValue& value) {
  return std::visit([](const auto& held) { return to_toml(Value{held}); }, value);
}

/// Values of one key.
struct Wanted {
  std::int64_t axis = 0;
  const AxisValues* values = nullptr;  ///< of the key, along the axis
  std::set<AxisValue> of = {};
};

/// Returns the value that a node means on this axis; nullopt if it has another type.
std::optional<AxisValue> value_on(const AxisValues& values, const Node& node) {
  const Value* const value = node.value();
  if (value == nullptr) return std::nullopt;
  const auto* const integer = std::get_if<std::int64_t>(value);
  const auto* const real = std::get_if<double>(value);
  if (std::holds_alternative<std::vector<std::int64_t>>(values))
    return integer != nullptr ? std::optional<AxisValue>(*integer) : std::nullopt;
  if (std::holds_alternative<std::vector<double>>(values)) {
    if (integer != nullptr) return static_cast<double>(*integer);
    return real != nullptr ? std::optional<AxisValue>(*real) : std::nullopt;
  }
  if (const auto* const flag = std::get_if<bool>(value)) return *flag ? "true" : "false";
  const auto* const text = std::get_if<std::string>(value);
  return text != nullptr ? std::optional<AxisValue>(*text) : std::nullopt;
}

/// Returns the values of a key for messages.
std::string allowed_values(const AxisValues& values) {
  constexpr std::size_t most = 8;
  std::vector<std::string> texts;
  const std::int64_t size = std::visit([](const auto& list) { return std::ssize(list); }, values);
  for (std::int64_t i = 0; i < size && texts.size() < most; ++i)
    if (std::string text = item_toml(value_at(values, i)); std::ranges::find(texts, text) == texts.end())
      texts.push_back(std::move(text));
  for (std::string& text : texts) text = core::short_label(text);
  return fmt::format("values of the axis, such as {}", fmt::join(texts, ", "));
}

/// Reads the entry of a table. Returns it in canonical TOML.
std::string read_entry(const Entry& entry, const Grid& grid, std::vector<Wanted>& table) {
  const std::string name = "exclude." + key_text(entry.key);
  const std::int64_t axis = grid.axis_of(entry.key);
  if (axis == std::ssize(grid.axes)) {
    std::vector<std::string> keys;
    for (const Axis& each : grid.axes)
      for_each_coordinate(each, [&](const std::string& key, const AxisValues&) { keys.push_back(key); });
    fail(entry.value.where, name,
         fmt::format(
             "found a key that is no axis{}; allowed: {}", core::hint(entry.key, keys),
             keys.empty() ? "nothing, as there are no axes" : fmt::format("{}", fmt::join(keys, ", "))));
  }
  Wanted wanted{.axis = axis, .values = grid.axes[axis].find(entry.key)};
  const List single{entry.value};
  const List& items = entry.value.list() != nullptr ? *entry.value.list() : single;
  if (items.empty()) fail_found(entry.value, name, allowed_values(*wanted.values));
  for (const Node& item : items) {
    const auto value = value_on(*wanted.values, item);
    const std::int64_t size = grid.axes[axis].size();
    std::int64_t at = 0;
    while (value && at < size && value_at(*wanted.values, at) != *value) ++at;
    if (!value || at == size) fail_found(item, name, allowed_values(*wanted.values));
    wanted.of.insert(*value);
  }
  std::vector<std::string> texts;
  for (const AxisValue& value : wanted.of) texts.push_back(item_toml(value));
  table.push_back(std::move(wanted));
  return fmt::format("{} = {}\n", key_text(entry.key),
                     texts.size() == 1 ? texts.front() : fmt::format("[{}]", fmt::join(texts, ", ")));
}

bool matches(const std::vector<Wanted>& table, const std::vector<std::int64_t>& place) {
  return std::ranges::all_of(
      table, [&](const Wanted& key) { return key.of.contains(value_at(*key.values, place[key.axis])); });
}

}  // namespace

Exclusions read_exclude(const Node& tables, const Grid& grid) {
  const char* const allowed = "tables [[exclude]] with values of axes";
  const List* const list = tables.list();
  if (list == nullptr) fail_found(tables, "exclude", allowed);
  if (list->empty()) return {};
  Exclusions found{.points = std::vector<bool>(grid.axes_points(), false), .toml = {}};
  std::set<std::string> texts;  // of the tables, in an order that does not depend on theirs
  for (const Node& node : *list) {
    if (node.table() == nullptr || node.table()->entries.empty()) fail_found(node, "exclude", allowed);
    std::vector<Wanted> table;
    std::set<std::string> lines;
    for (const Entry& entry : node.table()->entries) lines.insert(read_entry(entry, grid, table));
    texts.insert(fmt::format("\n[[exclude]]\n{}", fmt::join(lines, "")));
    bool is_met = false;
    for (core::PointIndex point; point.value < grid.axes_points(); ++point) {
      if (!matches(table, grid.coordinates(point))) continue;
      found.points[point.value] = true;
      is_met = true;
    }
    if (!is_met) fail_found(node, "exclude", "values of a point of the axes");
  }
  if (std::ranges::find(found.points, false) == found.points.end())
    fail_found(tables.where, "exclude", "all points of the axes", "tables that leave some of them");
  found.toml = fmt::format("{}", fmt::join(texts, ""));
  return found;
}

}  // namespace rhosweep::model
