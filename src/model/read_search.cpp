#include "read_search.hpp"

#include "read_value.hpp"

#include "rhosweep/model/sweep_keys.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::model {

SearchSettings read_search(const Node& section, std::int64_t seeds) {
  if (section.table() == nullptr) fail_found(section, "search", "a table [search]");
  std::vector<std::string> names;
  for (const KeySpec& key : search_keys()) names.push_back(key.name);
  const Table& table = read_table(section, "search", names);
  const auto read = [&](const char* name) -> std::optional<Value> {
    const Node* const node = table.find(name);
    if (node == nullptr) return std::nullopt;
    return read_value(*node, fmt::format("search.{}", name), key_named(search_keys(), name));
  };

  SearchSettings settings;
  settings.first_seeds = std::min(settings.first_seeds, seeds);
  if (const auto value = read("metric")) settings.metric = std::get<std::string>(*value);
  if (const auto value = read("tolerance")) settings.tolerance = std::get<double>(*value);
  if (const auto value = read("confidence")) settings.confidence = std::get<double>(*value);
  if (const auto value = read("first_seeds")) settings.first_seeds = std::get<std::int64_t>(*value);
  if (const auto value = read("first_ratio")) settings.first_ratio = std::get<double>(*value);
  if (settings.first_seeds > seeds)
    fail_found(*table.find("first_seeds"), "search.first_seeds",
               fmt::format("an integer from 1 to {}, the number of seeds", seeds));
  return settings;
}

std::string to_toml(const SearchSettings& settings) {
  std::string text = "[search]\n";
  const auto add = [&text](const char* key, const Value& value) {
    text += fmt::format("{} = {}\n", key, to_toml(value));
  };
  if (!settings.metric.empty()) add("metric", settings.metric);
  add("tolerance", settings.tolerance);
  add("confidence", settings.confidence);
  add("first_seeds", settings.first_seeds);
  if (settings.first_ratio) add("first_ratio", *settings.first_ratio);
  return text;
}

}  // namespace rhosweep::model
