#include "read_axes.hpp"

#include "read_value.hpp"

#include "rhosweep/core/text.hpp"

#include <set>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rhosweep::model {

namespace {

/// Converts the value of a key to a value along an axis. A boolean becomes the text "true" or "false".
AxisValue to_axis_value(const Value& value) {
  if (const auto* const flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* const integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* const real = std::get_if<double>(&value)) return *real;
  return std::get<std::string>(value);
}

AxisValues no_values(ValueType type) {
  if (type == ValueType::integer) return std::vector<std::int64_t>();
  if (type == ValueType::real) return std::vector<double>();
  return std::vector<std::string>();
}

/// Reads a value of the key and appends it to the values. Returns the value as canonical TOML.
std::string append(AxisValues& values, const Node& item, const std::string& key, const KeySpec& spec) {
  const Value value = read_value(item, key, spec);
  std::visit(
      [&](auto& list) {
        using Item = typename std::decay_t<decltype(list)>::value_type;
        list.push_back(std::get<Item>(to_axis_value(value)));
      },
      values);
  return to_toml(value);
}

std::string allowed_values(const KeySpec& spec) {
  if (spec.is_number()) return spec.allowed_numbers();
  return spec.type == ValueType::boolean || !spec.choices.empty() ? "values that are " + spec.allowed()
                                                                  : "texts";
}

/// Reads the items of a list, which must be distinct, and sets `toml` to the list as canonical TOML.
template <class Append>
void read_distinct(const List& list, const std::string& name, const char* once, std::string& toml,
                   const Append& append_item) {
  std::vector<std::string> texts;
  std::set<std::string> seen;
  for (const Node& item : list) {
    texts.push_back(append_item(item));
    if (!seen.insert(texts.back()).second) fail_found(item.where, name, describe(item) + " twice", once);
  }
  toml = fmt::format("[{}]", fmt::join(texts, ", "));
}

WrittenAxis read_single(const Entry& entry, const KeySpec& spec, const std::string& stored) {
  const Node& node = entry.value;
  const std::string name = axis_name(entry.key);
  if (node.list() == nullptr && (node.table() == nullptr || !spec.is_number()))
    fail_found(node, name, "a list of " + allowed_values(spec));
  if (spec.type == ValueType::integer) {
    auto values = read_integers(node, name, spec, IntegerRanges::counted_or_geometric);
    return {{stored, std::move(values.list)}, std::move(values.toml)};
  }
  if (spec.type == ValueType::real) {
    auto values = read_reals(node, name, spec);
    return {{stored, std::move(values.list)}, std::move(values.toml)};
  }
  if (node.list()->empty()) fail_found(node, name, "a list of at least one value");
  WrittenAxis read{{stored, no_values(spec.type)}, {}};
  read_distinct(*node.list(), name, "each value once", read.toml,
                [&](const Node& item) { return append(read.axis.values, item, name, spec); });
  return read;
}

}  // namespace

std::vector<std::string> split_axis_key(std::string_view key) {
  std::vector<std::string> keys;
  for (std::size_t start = 0; start <= key.size();) {
    const std::size_t end = std::min(key.find(',', start), key.size());
    keys.emplace_back(core::trim(key.substr(start, end - start)));
    start = end + 1;
  }
  return keys;
}

std::string axis_name(const std::string& key) {
  return "axes." + key_text(key);
}

Node values_of(const Entry& entry, std::size_t index) {
  if (split_axis_key(entry.key).size() == 1) return entry.value;
  List column;
  if (const List* const rows = entry.value.list())
    for (const Node& row : *rows)
      if (const List* const items = row.list(); items != nullptr && index < items->size())
        column.push_back((*items)[index]);
  return {.where = entry.value.where, .content = std::move(column)};
}

WrittenAxis read_axis(const Entry& entry, std::span<const KeySpec* const> specs,
                      const std::vector<std::string>& names) {
  if (specs.size() == 1) return read_single(entry, *specs.front(), names.front());
  const std::string name = axis_name(entry.key);
  const std::string allowed = fmt::format("lists of {} values, for {}", specs.size(), fmt::join(names, ", "));
  const List* const rows = entry.value.list();
  if (rows == nullptr || rows->empty()) fail_found(entry.value, name, "a list of " + allowed);
  WrittenAxis read{{names.front(), no_values(specs.front()->type)}, {}};
  for (std::size_t k = 1; k < specs.size(); ++k)
    read.axis.paired.push_back({names[k], no_values(specs[k]->type)});
  read_distinct(*rows, name, "each combination once", read.toml, [&](const Node& row) {
    const List* const items = row.list();
    if (items == nullptr || items->size() != specs.size()) fail_found(row, name, allowed);
    std::vector<std::string> texts;
    for (std::size_t k = 0; k < specs.size(); ++k)
      texts.push_back(append(k == 0 ? read.axis.values : read.axis.paired[k - 1].values, (*items)[k],
                             fmt::format("{}: {}", name, names[k]), *specs[k]));
    return fmt::format("[{}]", fmt::join(texts, ", "));
  });
  return read;
}

Value to_value(const AxisValue& value, ValueType type) {
  const auto* const text = std::get_if<std::string>(&value);
  if (type == ValueType::boolean && text != nullptr && (*text == "true" || *text == "false"))
    return *text == "true";
  return std::visit([](const auto& held) { return Value{held}; }, value);
}

}  // namespace rhosweep::model
