#include "read_document.hpp"

#include "toml_text.hpp"
#include "tomlplusplus.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::model {

namespace {

using SourcePointer = std::shared_ptr<const Source>;

Location location(const toml::source_position& position, const SourcePointer& source) {
  return {source, static_cast<std::int64_t>(position.line), static_cast<std::int64_t>(position.column)};
}

Node convert(const toml::node& node, const SourcePointer& source);

Table convert(const toml::table& table, const SourcePointer& source) {
  Table result{.entries = {}, .is_inline = table.is_inline()};
  std::vector<std::pair<toml::source_position, Entry>> placed;
  for (const auto& [key, value] : table)
    placed.emplace_back(key.source().begin, Entry{std::string(key.str()), convert(value, source)});
  std::sort(placed.begin(), placed.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first.line, a.first.column) < std::tie(b.first.line, b.first.column);
  });
  for (auto& [position, entry] : placed) result.entries.push_back(std::move(entry));
  return result;
}

Node convert(const toml::node& node, const SourcePointer& source) {
  Node result{.where = location(node.source().begin, source), .content = Foreign{}};
  if (const auto* table = node.as_table()) {
    result.content = convert(*table, source);
  } else if (const auto* array = node.as_array()) {
    List list;
    for (const toml::node& item : *array) list.push_back(convert(item, source));
    result.content = std::move(list);
  } else if (const auto* flag = node.as_boolean()) {
    result.content = Value{flag->get()};
  } else if (const auto* integer = node.as_integer()) {
    result.content = Value{integer->get()};
  } else if (const auto* real = node.as_floating_point()) {
    result.content = Value{real->get()};
  } else if (const auto* text = node.as_string()) {
    result.content = Value{text->get()};
  }
  return result;
}

Node* find(Table& table, std::string_view key) {
  const auto found = std::find_if(table.entries.begin(), table.entries.end(),
                                  [key](const Entry& entry) { return entry.key == key; });
  return found == table.entries.end() ? nullptr : &found->value;
}

/// Flattens the entries of [axes] or [[exclude]]: sgd.steps = …, which TOML reads as a nested table, becomes
/// "sgd.steps" = ….
void flatten(Table& table, const std::string& name) {
  std::vector<Entry> flat;
  for (Entry& entry : table.entries) {
    if (entry.key.find('.') == std::string::npos && entry.value.table() != nullptr) {
      for (Entry& inner : std::get<Table>(entry.value.content).entries)
        flat.push_back({entry.key + "." + inner.key, std::move(inner.value)});
    } else {
      flat.push_back(std::move(entry));
    }
  }
  std::stable_sort(flat.begin(), flat.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.value.where.line, a.value.where.column) <
           std::tie(b.value.where.line, b.value.where.column);
  });
  std::set<std::string_view> seen;
  for (const Entry& entry : flat) {
    if (!seen.insert(entry.key).second)
      fail_found(entry.value.where, name + key_text(entry.key), "twice", "each key once");
  }
  table.entries = std::move(flat);
}

/// Flattens all keys of [axes] and of [[exclude]] to the form "section.key".
void flatten_keys(Table& root) {
  if (Node* const axes = find(root, "axes"); axes != nullptr && axes->table() != nullptr)
    flatten(std::get<Table>(axes->content), "axes.");
  if (Node* const exclude = find(root, "exclude"); exclude != nullptr && exclude->list() != nullptr)
    for (Node& table : std::get<List>(exclude->content))
      if (table.table() != nullptr) flatten(std::get<Table>(table.content), "exclude.");
}

Node convert_document(const toml::table& document, const SourcePointer& source) {
  Table root = convert(document, source);
  flatten_keys(root);
  return {.where = {.source = source}, .content = std::move(root)};
}

/// Applies an override to a table: merges nested tables, and replaces the whole value of the key that the
/// override names. A replaced value keeps its position in the table.
void merge(Table& table, Table changes) {
  for (Entry& change : changes.entries) {
    Node* const old = find(table, change.key);
    const Table* const inner = change.value.table();
    if (old == nullptr) {
      table.entries.push_back(std::move(change));
    } else if (old->table() != nullptr && inner != nullptr && !inner->is_inline) {
      merge(std::get<Table>(old->content), std::get<Table>(std::move(change.value.content)));
    } else {
      *old = std::move(change.value);
    }
  }
}

Node read_file(std::string_view text, const std::string& file, Origin origin) {
  const auto source = std::make_shared<const Source>(Source{.name = file, .origin = origin});
  if (text.starts_with("\x89HDF\r\n"))
    core::refuse(file, "an HDF5 file",
                 "a sweep file (TOML); the attribute sweep of a results file holds its text");
  const std::string safe = safe_toml(text, source);
  try {
    return convert_document(toml::parse(safe, file), source);
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    throw core::InputError(
        core::one_line(fmt::format("{}:{}:{}: {}", file, at.line, at.column, error.description())));
  }
}

/// Returns whether `KEY = 0` is valid TOML that sets a key.
bool is_key(std::string_view key) {
  try {
    return !toml::parse(fmt::format("{} = 0", key)).empty();
  } catch (const toml::parse_error&) {
    return false;
  }
}

Node read_override(const std::string& written, std::int64_t order) {
  const std::string line = core::one_line(written);
  const auto source = std::make_shared<const Source>(
      Source{.name = "--set " + core::one_line(line, 200), .has_lines = false, .order = order});
  const std::string text = safe_toml(line, source);
  const std::size_t equals = text.find('=');
  const std::string_view key = core::trim(std::string_view(text).substr(0, equals));
  if (equals == std::string::npos || !is_key(key))
    core::refuse(source->name, "no KEY=VALUE",
                 "a key of the sweep file and its value, such as sgd.steps=100");
  const std::string_view value = core::trim(std::string_view(text).substr(equals + 1));
  try {
    return convert_document(toml::parse(fmt::format("{} = {}", key, value)), source);
  } catch (const toml::parse_error& error) {
    fail_found({.source = source}, key, core::one_line(value, 80),
               fmt::format("a value in TOML, where text needs quotes ({})", error.description()));
  }
}

}  // namespace

Node read_document(std::string_view text, const std::string& file, std::span<const std::string> overrides,
                   Origin origin) {
  Node root =
      origin == Origin::stored ? read_file(core::as_utf8(text), file, origin) : read_file(text, file, origin);
  std::int64_t order = 0;
  for (const std::string& written : overrides)
    merge(std::get<Table>(root.content), std::get<Table>(read_override(written, ++order).content));
  return root;
}

}  // namespace rhosweep::model
