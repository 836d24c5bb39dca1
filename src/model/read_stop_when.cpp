#include "read_stop_when.hpp"

#include "read_value.hpp"

#include "rhosweep/model/sweep_keys.hpp"

#include <vector>

#include <fmt/format.h>

namespace rhosweep::model {

StopWhen read_stop_when(const Node& section) {
  if (section.table() == nullptr) fail_found(section, "stop_when", "a table [stop_when]");
  std::vector<std::string> names;
  for (const KeySpec& key : stop_when_keys()) names.push_back(key.name);
  const Table& table = read_table(section, "stop_when", names);
  StopWhen settings;
  const auto read = [&](const char* name, auto& into) {
    if (const Node* const node = table.find(name))
      into = std::get<std::decay_t<decltype(into)>>(
          read_value(*node, fmt::format("stop_when.{}", name), key_named(stop_when_keys(), name)));
  };
  read("metric", settings.metric);
  read("factor", settings.factor);
  read("from", settings.from);
  read("first_every", settings.first_every);
  return settings;
}

std::string to_toml(const StopWhen& settings) {
  std::string text = "[stop_when]\n";
  const auto add = [&text](const char* key, const Value& value) {
    text += fmt::format("{} = {}\n", key, to_toml(value));
  };
  if (!settings.metric.empty()) add("metric", settings.metric);
  add("factor", settings.factor);
  add("from", settings.from);
  add("first_every", settings.first_every);
  return text;
}

}  // namespace rhosweep::model
