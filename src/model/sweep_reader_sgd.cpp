// Implements the functions of SweepReader that read [sgd], whose keys depend on the optimizers of the grid.
#include "optimizer_keys.hpp"
#include "read_axes.hpp"
#include "read_value.hpp"
#include "sweep_reader.hpp"

#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::model {

namespace {

/// Returns the key of a pair (key, value).
constexpr auto first_of = [](const auto& pair) -> const std::string& { return pair.first; };

/// Returns the names of optimizers in quotes, joined by "or": "adamw" or "dog".
std::string names_of(std::span<const Optimizer> optimizers) {
  std::vector<std::string> quoted;
  for (const Optimizer optimizer : optimizers) quoted.push_back(fmt::format("\"{}\"", name_of(optimizer)));
  return core::either(quoted);
}

}  // namespace

bool has_key(std::span<const KeySpec> keys, const std::string& name) {
  return std::ranges::find(keys, name, &KeySpec::name) != keys.end();
}

/// Returns the first optimizer of `among` that lacks a key of [sgd], or nullopt if all of them have the key.
/// A key that no optimizer of rhosweep has also gives nullopt. @param key name of the key with its section
std::optional<Optimizer> lacking(const std::string& key, std::span<const Optimizer> among) {
  if (!key.starts_with("sgd.")) return std::nullopt;
  const auto has = [name = key.substr(4)](Optimizer optimizer) { return has_key(sgd_keys(optimizer), name); };
  const auto found = std::ranges::find_if_not(among, has);
  return found != among.end() && std::ranges::any_of(optimizers(), has) ? std::optional(*found)
                                                                        : std::nullopt;
}

std::string names_of_optimizers_with(const std::string& key) {
  std::vector<Optimizer> found;
  for (const Optimizer optimizer : optimizers())
    if (!lacking(key, std::span(&optimizer, 1))) found.push_back(optimizer);
  return names_of(found);
}

void SweepReader::find_optimizer() {
  const auto specs = sgd_keys();
  const KeySpec& spec = *std::ranges::find(specs, "optimizer", &KeySpec::name);
  const auto read = [&](const Node& node, const std::string& name) {
    return to_sgd_settings({{"optimizer", read_value(node, name, spec)}}).optimizer;
  };
  if (const Entry* const axis = find_axis("sgd.optimizer")) {
    const auto keys = split_axis_key(axis->key);
    const Node values = values_of(*axis, std::ranges::find(keys, "sgd.optimizer") - keys.begin());
    std::vector<Optimizer> found;
    for (const Node& item : values.list() != nullptr ? *values.list() : List())
      if (const Optimizer each = read(item, axis_name(axis->key));
          std::ranges::find(found, each) == found.end())
        found.push_back(each);
    if (!found.empty()) optimizers_ = std::move(found);
  } else if (const Node* const node = find_entry("sgd.optimizer")) {
    optimizers_ = {read(*node, "sgd.optimizer")};
  }
  for (const Optimizer optimizer : optimizers_)
    for (const KeySpec& key : sgd_keys(optimizer))
      if (!has_key(sgd_keys_, key.name)) sgd_keys_.push_back(key);
}

void SweepReader::check_optimizer_keys() const {
  const Table* const table = section("sgd").table();
  for (const auto& [name, node] : table->entries) {
    const std::string key = "sgd." + name;
    if (!has_key(sgd_keys_, name) && lacking(key, optimizers_))
      fail_found(node, key, fmt::format("nothing, as sgd.optimizer is {}", names_of(optimizers_)));
  }
}

void SweepReader::check_samplings() {
  const auto& samplings = schema_->samplings;
  const KeySpec spec{.name = "sampling", .type = ValueType::text, .choices = samplings};
  const auto check = [&](const std::string& sampling) {
    if (std::ranges::find(samplings, sampling) == samplings.end())
      fail(where("sgd.sampling"), "sgd.sampling",
           fmt::format("found {}; allowed for {}: {}", to_toml(Value{sampling}), schema_->kind,
                       spec.allowed()));
    return sampling == "full_batch";
  };
  const Grid& grid = sweep_.grid_;
  bool has_full_batch = false;
  if (const std::int64_t axis = grid.axis_of("sgd.sampling"); axis < std::ssize(grid.axes)) {
    for (const auto& each : std::get<std::vector<std::string>>(*grid.axes[axis].find("sgd.sampling")))
      has_full_batch |= check(each);
    has_full_batch &= grid.axis_of("sgd.batch_size") != axis;
  } else {
    has_full_batch =
        check(std::get<std::string>(std::ranges::find(sweep_.sgd_, "sampling", first_of)->second));
    // The batch size has no effect with full_batch, so sgd.batch_size is not part of the sweep's identity.
    if (has_full_batch)
      std::erase_if(sweep_.sgd_, [](const auto& pair) { return pair.first == "batch_size"; });
  }
  if (const Entry* const axis = find_axis("sgd.batch_size"); axis != nullptr && has_full_batch)
    fail_found(axis->value, axis_name(axis->key), "nothing, as sgd.sampling is \"full_batch\"");
}

KeyValues SweepReader::shared_values() const {
  KeyValues shared;
  for (const KeySpec& spec : sgd_keys_) {
    std::vector<Value> values;
    bool is_a_default = true;
    for (const Optimizer optimizer : optimizers_) {
      const KeyValues& own = sweep_.sgd_of_.at(name_of(optimizer));
      const auto found = std::ranges::find(own, spec.name, first_of);
      if (found == own.end()) continue;
      values.push_back(found->second);
      const auto specs = sgd_keys(optimizer);
      is_a_default &= found->second == std::ranges::find(specs, spec.name, &KeySpec::name)->fallback;
    }
    if (values.empty()) continue;
    const bool is_same = std::ranges::count(values, values.front()) == std::ssize(optimizers_);
    if (is_same || (find_entry("sgd." + spec.name) != nullptr && !is_a_default))
      shared.emplace_back(spec.name, values.front());
  }
  return shared;
}

void SweepReader::read_sgd() {
  check_optimizer_keys();
  check_keys("sgd");
  sweep_.sgd_ = read_section("sgd", sgd_keys(optimizers_.front()));
  if (find_axis("sgd.optimizer") != nullptr) {
    for (const Optimizer optimizer : optimizers_)
      sweep_.sgd_of_.emplace(name_of(optimizer), read_section("sgd", sgd_keys(optimizer)));
    sweep_.sgd_ = shared_values();
  }
  check_samplings();
  if (find("sgd.evaluations") != nullptr) return;
  const auto limit = [fewest = least_and_most_steps().first](KeyValues& values) {
    auto& evaluations = std::get<std::int64_t>(std::ranges::find(values, "evaluations", first_of)->second);
    evaluations = std::min(evaluations, fewest);
  };
  limit(sweep_.sgd_);
  for (auto& [optimizer, values] : sweep_.sgd_of_) limit(values);
}

std::pair<std::int64_t, std::int64_t> SweepReader::least_and_most_steps() const {
  const Grid& grid = sweep_.grid_;
  const std::int64_t axis = grid.axis_of("sgd.steps");
  if (axis == std::ssize(grid.axes)) {
    const KeyValues& values = sweep_.sgd_;
    const std::int64_t steps =
        to_sgd_settings(std::map<std::string, Value>(values.begin(), values.end())).steps;
    return {steps, steps};
  }
  const auto& all = std::get<std::vector<std::int64_t>>(*grid.axes[axis].find("sgd.steps"));
  const auto [least, most] = std::ranges::minmax_element(all);
  return {*least, *most};
}

}  // namespace rhosweep::model
