#pragma once

#include "rhosweep/model/key_spec.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rhosweep::model {

/// Where a text comes from: the user wrote it, or a version of rhosweep, perhaps an older one, stored it in a
/// results file.
enum class Origin { written, stored };

/// A text that is read: a sweep file or an override.
struct Source {
  std::string name;       ///< the file, or "--set KEY=VALUE"
  bool has_lines = true;  ///< whether messages name the line
  Origin origin = Origin::written;
  std::int64_t order = 0;  ///< position among the sources; a later source overrides an earlier one
};

/// A place in a source.
struct Location {
  std::shared_ptr<const Source> source;
  std::int64_t line = 0;  ///< 0 for the source as a whole
  std::int64_t column = 0;

  /// Returns the text with which error messages begin: "FILE:LINE" or "--set KEY=VALUE".
  std::string text() const;
};

struct Node;
struct Entry;
using List = std::vector<Node>;

/// A table with its entries in the order in which they were written.
struct Table {
  std::vector<Entry> entries;
  /// Whether written as { key = … }. An override with an inline table replaces the whole old value of its
  /// key.
  bool is_inline = false;

  /// Returns the value of a key, or nullptr if the table does not have the key.
  const Node* find(std::string_view key) const;
};

/// A date or a time. TOML has these types, but no key of a sweep file has a value of these types.
struct Foreign {};

/// A value, a list or a table of the sweep file, with its place in the file.
struct Node {
  Location where;
  std::variant<Value, List, Table, Foreign> content;

  /// These functions return nullptr if the content is of another type.
  const Value* value() const { return std::get_if<Value>(&content); }
  const List* list() const { return std::get_if<List>(&content); }
  const Table* table() const { return std::get_if<Table>(&content); }
};

struct Entry {
  std::string key;
  Node value;
};

/// Returns a key as TOML text, in quotes if TOML requires them.
std::string key_text(const std::string& key);

/// Returns a node as TOML text.
std::string to_toml(const Node& node);

/// Returns a node as TOML text on one line, shortened if it is long.
std::string describe(const Node& node);

/// Throws core::InputError "FILE:LINE: KEY: complaint".
[[noreturn]] void fail(const Location& where, std::string_view key, std::string_view complaint);

/// Throws core::InputError "FILE:LINE: KEY: found …; allowed: …".
[[noreturn]] void fail_found(const Location& where, std::string_view key, std::string_view found,
                             std::string_view allowed);
/// Throws core::InputError "FILE:LINE: KEY: found …; allowed: …", with the place and the text of the node.
[[noreturn]] void fail_found(const Node& node, std::string_view key, std::string_view allowed);

}  // namespace rhosweep::model
