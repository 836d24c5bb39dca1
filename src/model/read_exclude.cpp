#include "read_exclude.hpp"

#include "read_axes.hpp"

#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rhosweep::model {

namespace {

/// Returns a value along an axis as TOML. Axes hold booleans as texts, so a boolean is written as a text, and
/// true and "true" give the same sweep.
std::string item_toml(const AxisValue& value) {
  return std::visit([](const auto& held) { return to_toml(Value{held}); }, value);
}

/// Returns a node's value in the type of an axis's values, or nullopt if the types do not fit.
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

/// Describes the values that an axis gives to a key, for messages.
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

/// The points that a table leaves out, as marks (axes, indices). The table leaves out a point if the point's
/// index along every axis is marked.
using Box = std::vector<std::vector<bool>>;

/// Reads an entry of a table. Removes the mark of every index at which the entry's key has a value that the
/// entry does not list.
void read_entry(const Entry& entry, const Grid& grid, Box& box) {
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
  const AxisValues& values = *grid.axes[axis].find(entry.key);
  const List single{entry.value};
  const List& items = entry.value.list() != nullptr ? *entry.value.list() : single;
  if (items.empty()) fail_found(entry.value, name, allowed_values(values));
  std::map<AxisValue, std::vector<std::int64_t>> places;
  for (std::int64_t i = 0; i < grid.axes[axis].size(); ++i) places[value_at(values, i)].push_back(i);
  std::vector<bool> wanted(grid.axes[axis].size(), false);
  for (const Node& item : items) {
    const auto value = value_on(values, item);
    const auto found = value ? places.find(*value) : places.end();
    if (found == places.end()) fail_found(item, name, allowed_values(values));
    for (const std::int64_t i : found->second) wanted[i] = true;
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) box[axis][i] = box[axis][i] && wanted[i];
}

/// Marks the points of a box that have the given indices along the axes before `axis`. @param point the
/// row-major number of these indices
void mark(const Box& box, std::size_t axis, std::int64_t point, std::vector<bool>& points) {
  if (axis == box.size()) {
    points[point] = true;
    return;
  }
  const std::int64_t size = std::ssize(box[axis]);
  for (std::int64_t i = 0; i < size; ++i)
    if (box[axis][i]) mark(box, axis + 1, point * size + i, points);
}

/// Writes the tables for a set of points. The text depends on the set alone, not on the tables in the sweep
/// file.
class TableWriter {
 public:
  explicit TableWriter(const Grid& grid) : grid_(grid) {}

  std::string write(const std::vector<bool>& points) && {
    add(points, 0, {});
    return fmt::format("{}", fmt::join(texts_, ""));
  }

 private:
  using Lines = std::set<std::string>;

  /// Adds tables for points that have the same indices along the axes before `axis`. @param lines the lines
  /// of a table that select these indices
  void add(const std::vector<bool>& points, std::size_t axis, const Lines& lines) {
    if (std::ranges::find(points, true) == points.end()) return;
    if (axis == grid_.axes.size()) {
      texts_.insert(fmt::format("\n[[exclude]]\n{}", fmt::join(lines, "")));
      return;
    }
    // Indices share their tables if the same points of the later axes are left out at each of these indices.
    std::map<std::vector<bool>, std::vector<std::int64_t>> groups;
    const std::int64_t size = grid_.axes[axis].size();
    const std::int64_t stride = std::ssize(points) / size;
    for (std::int64_t i = 0; i < size; ++i)
      groups[{points.begin() + i * stride, points.begin() + (i + 1) * stride}].push_back(i);
    for (const auto& [rest, indices] : groups)
      for (Lines& chosen : lines_of(grid_.axes[axis], indices)) {
        chosen.insert(lines.begin(), lines.end());
        add(rest, axis + 1, chosen);
      }
  }

  /// Returns the lines that select the given indices of an axis. If some key has a different value at each
  /// index of the axis, one table lists these values; otherwise there is one table per given index.
  static std::vector<Lines> lines_of(const Axis& axis, const std::vector<std::int64_t>& indices) {
    if (std::ssize(indices) == axis.size()) return {{}};
    std::optional<Lines> by_one_key;
    std::vector<Lines> by_all_keys(indices.size());
    for_each_coordinate(axis, [&](const std::string& key, const AxisValues& values) {
      std::set<AxisValue> all;
      for (std::int64_t i = 0; i < axis.size(); ++i) all.insert(value_at(values, i));
      std::set<AxisValue> chosen;
      for (std::size_t k = 0; k < indices.size(); ++k) {
        chosen.insert(value_at(values, indices[k]));
        by_all_keys[k].insert(line(key, {value_at(values, indices[k])}));
      }
      if (!by_one_key && std::ssize(all) == axis.size()) by_one_key = Lines{line(key, chosen)};
    });
    return by_one_key ? std::vector<Lines>{*by_one_key} : by_all_keys;
  }

  static std::string line(const std::string& key, const std::set<AxisValue>& values) {
    std::vector<std::string> texts;
    texts.reserve(values.size());
    for (const AxisValue& value : values) texts.push_back(item_toml(value));
    return fmt::format("{} = {}\n", key_text(key),
                       texts.size() == 1 ? texts.front() : fmt::format("[{}]", fmt::join(texts, ", ")));
  }

  const Grid& grid_;
  std::set<std::string> texts_;
};

}  // namespace

Exclusions read_exclude(const Node& tables, const Grid& grid) {
  const char* const allowed = "tables [[exclude]] with values of axes";
  const List* const list = tables.list();
  if (list == nullptr) fail_found(tables, "exclude", allowed);
  if (list->empty()) return {};
  Exclusions found{.points = std::vector<bool>(grid.axes_points(), false), .toml = {}};
  for (const Node& node : *list) {
    if (node.table() == nullptr || node.table()->entries.empty()) fail_found(node, "exclude", allowed);
    Box box;
    for (const Axis& axis : grid.axes) box.emplace_back(axis.size(), true);
    for (const Entry& entry : node.table()->entries) read_entry(entry, grid, box);
    const bool is_met = std::ranges::none_of(
        box, [](const auto& wanted) { return std::ranges::find(wanted, true) == wanted.end(); });
    if (!is_met) fail_found(node, "exclude", "values of a point of the axes");
    mark(box, 0, 0, found.points);
  }
  if (std::ranges::find(found.points, false) == found.points.end())
    fail_found(tables.where, "exclude", "all points of the axes", "tables that leave some of them");
  found.toml = TableWriter(grid).write(found.points);
  return found;
}

}  // namespace rhosweep::model
