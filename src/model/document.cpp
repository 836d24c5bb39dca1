#include "document.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace rhosweep::model {

namespace {

constexpr std::size_t longest_description = 80;

/// Appends a node as TOML to `text`. Stops as soon as the text is longer than `most`.
void append(std::string& text, const Node& node, std::size_t most) {
  const auto append_all = [&](std::string_view open, const auto& items, std::string_view close,
                              const auto& append_item) {
    text += open;
    for (std::size_t i = 0; i < items.size() && text.size() <= most; ++i) {
      if (i > 0) text += ", ";
      append_item(items[i]);
    }
    text += close;
  };
  if (const Value* value = node.value()) {
    text += to_toml(*value);
  } else if (const List* list = node.list()) {
    append_all("[", *list, "]", [&](const Node& item) { append(text, item, most); });
  } else if (const Table* table = node.table()) {
    append_all("{", table->entries, "}", [&](const Entry& entry) {
      text += key_text(entry.key) + " = ";
      append(text, entry.value, most);
    });
  } else {
    text += "a date or time";
  }
}

}  // namespace

std::string Location::text() const {
  return line > 0 && source->has_lines ? fmt::format("{}:{}", source->name, line) : source->name;
}

const Node* Table::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [key](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

std::string key_text(const std::string& key) {
  const bool is_bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return is_bare ? key : to_toml(Value{key});
}

std::string to_toml(const Node& node) {
  std::string text;
  append(text, node, std::numeric_limits<std::size_t>::max());
  return text;
}

std::string describe(const Node& node) {
  std::string text;
  append(text, node, longest_description);
  return core::one_line(text, longest_description);
}

void fail(const Location& where, std::string_view key, std::string_view complaint) {
  throw core::InputError(fmt::format("{}: {}: {}", where.text(), key, complaint));
}

void fail_found(const Location& where, std::string_view key, std::string_view found,
                std::string_view allowed) {
  fail(where, key, core::found_allowed(found, allowed));
}

void fail_found(const Node& node, std::string_view key, std::string_view allowed) {
  fail_found(node.where, key, describe(node), allowed);
}

}  // namespace rhosweep::model
