// Implements the functions of SweepReader that read [axes] and [[exclude]].
#include "optimizer_keys.hpp"
#include "read_axes.hpp"
#include "read_exclude.hpp"
#include "suggest_key.hpp"
#include "sweep_reader.hpp"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rhosweep::model {

namespace {

/// Returns the tables of [[exclude]] with the keys of [problem] renamed to their names in results files.
Node renamed(Node tables, std::span<const KeySpec> keys) {
  auto* const list = std::get_if<List>(&tables.content);
  for (Node& table : list != nullptr ? *list : List()) {
    if (table.table() == nullptr) continue;
    for (Entry& entry : std::get<Table>(table.content).entries)
      for (const KeySpec& spec : keys)
        if (entry.key == "problem." + spec.name) entry.key = "problem." + spec.stored_name();
  }
  return tables;
}

}  // namespace

void SweepReader::read_axes() {
  const Node* const axes = find_section("axes");
  if (axes == nullptr) return;
  if (axes->table() == nullptr) fail_found(*axes, "axes", "a table [axes]");
  for (const Entry& entry : axes->table()->entries) {
    std::vector<const KeySpec*> specs;
    std::vector<std::string> stored;
    for (const std::string& key : split_axis_key(entry.key)) {
      specs.push_back(&axis_spec(key, entry));
      stored.push_back(key.substr(0, key.find('.') + 1) + specs.back()->stored_name());
      if (!sweep_.axis_specs_.emplace(stored.back(), *specs.back()).second)
        fail_found(entry.value.where, axis_name(entry.key), key + " twice", "each key once");
    }
    WrittenAxis read = read_axis(entry, specs, stored);
    sweep_.grid_.axes.push_back(std::move(read.axis));
    sweep_.axes_toml_.push_back(std::move(read.toml));
  }
}

void SweepReader::read_exclusions() {
  const Node* const tables = find_section("exclude");
  if (tables == nullptr) return;
  check_points();  // read_exclude() visits each point
  Exclusions read = read_exclude(renamed(*tables, problem_keys_), sweep_.grid_);
  sweep_.grid_.excluded = std::move(read.points);
  sweep_.exclude_toml_ = std::move(read.toml);
}

const KeySpec& SweepReader::axis_spec(const std::string& key, const Entry& entry) const {
  std::string complaint = "unknown key";
  std::vector<std::string> allowed;
  const auto lacks = [](Optimizer optimizer) {
    return fmt::format("found a key that the optimizer \"{}\" does not have", name_of(optimizer));
  };
  for (const std::string section : {"problem", "sgd"}) {
    for (const KeySpec& spec : keys(section)) {
      const std::string candidate = section + "." + spec.name;
      const bool is_asked = candidate == key;
      if (candidate == "sgd.evaluations") {
        if (is_asked)
          complaint = "found the length of the learning curve, which is the same for the whole grid";
      } else if (spec.is_list()) {
        if (is_asked) complaint = "found a key that holds a list";
      } else if (const auto other = lacking(candidate, optimizers_)) {
        if (is_asked) complaint = lacks(*other);
      } else if (!spec.in_identity) {
        if (is_asked) complaint = "found a key that changes no result";
      } else {
        if (is_asked) return spec;
        allowed.push_back(candidate);
      }
    }
  }
  if (const auto other = lacking(key, optimizers_); complaint == "unknown key" && other)
    complaint = lacks(*other);
  if (complaint == "unknown key") complaint += suggest_axis(key, allowed);
  const std::string which = key == entry.key ? "" : key_text(key) + ": ";
  if (const auto other = lacking(key, optimizers_); other && optimizers_.size() > 1)
    fail(entry.value.where, axis_name(entry.key),
         fmt::format(
             "{}{}; allowed: an axis of optimizers that all have it ({}), with the others in a sweep of "
             "their own",
             which, lacks(*other), names_of_optimizers_with(key)));
  fail(entry.value.where, axis_name(entry.key),
       fmt::format("{}{}; allowed: {}", which, complaint, fmt::join(allowed, ", ")));
}

}  // namespace rhosweep::model
