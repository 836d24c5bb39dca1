#include "read_metrics.hpp"

#include "read_value.hpp"

#include "rhosweep/core/text.hpp"

#include <array>
#include <variant>

#include <fmt/format.h>

namespace rhosweep::model {

namespace {

const KeySpec best_spec{.name = "best", .type = ValueType::text, .choices = {"min", "max"}};
const KeySpec bound_spec{.name = "at_most", .type = ValueType::real};

std::string table_text(const std::string& name, const char* rest) {
  return fmt::format("{{ name = \"{}\", {} }}", name, rest);
}

/// Reads the name of a metric, which must be valid as the name of a variable of the results file.
std::string read_name(const Node& node, const std::string& key) {
  const auto* name = node.value() != nullptr ? std::get_if<std::string>(node.value()) : nullptr;
  if (name == nullptr || !core::is_identifier(*name))
    fail_found(node, key, "names of letters, digits and _, or tables with the key name");
  return *name;
}

class MetricReader {
 public:
  MetricReader(const Node& node, const std::string& key) : node_(node), key_(key) {}

  DeclaredMetric read() {
    const Table* const table = node_.table();
    if (table != nullptr)
      read_entries(*table);
    else
      name_ = read_name(node_, key_);
    // A bare name in a results file keeps the meaning that it had in older versions, which had no key `best`.
    if (table == nullptr && node_.where.source->origin == Origin::stored)
      return {.name = name_, .at_most = former_at_most(name_)};
    const auto known = known_measure(name_);
    if (!is_more_better_ && !known)
      fail_found(node_.where, key_,
                 fmt::format("\"{}\", of which it is not known whether more is better", name_),
                 fmt::format("{} or {}", table_text(name_, "best = \"min\""),
                             table_text(name_, "best = \"max\", at_most = BOUND")));
    const bool is_more_better = is_more_better_ ? *is_more_better_ : known->more_is_better;
    if (!is_more_better) {
      if (at_most_)
        fail_found(node_.where, key_, fmt::format("\"{}\" with at_most, but less of it is better", name_),
                   "at_most only with best = \"max\"");
      return {.name = name_};
    }
    if (!at_most_ && known && known->more_is_better) at_most_ = known->at_most;
    if (!at_most_)
      fail_found(node_.where, key_, fmt::format("\"{}\", of which more is better, without a bound", name_),
                 table_text(name_, "best = \"max\", at_most = BOUND") +
                     "; if it has no bound, report its negative as a cost");
    return {.name = name_, .at_most = at_most_};
  }

 private:
  void read_entries(const Table& table) {
    static const std::array<std::string, 3> keys{"name", "best", "at_most"};
    read_table(node_, key_, keys);
    const auto entry = [&](const KeySpec& spec) -> std::optional<Value> {
      const Node* const found = table.find(spec.name);
      if (found == nullptr) return std::nullopt;
      return read_value(*found, fmt::format("{}.{}", key_, spec.name), spec);
    };
    const Node* const name = table.find("name");
    if (name == nullptr) fail_found(node_, key_, "a table with the key name");
    name_ = read_name(*name, key_);
    if (const auto best = entry(best_spec)) is_more_better_ = std::get<std::string>(*best) == "max";
    if (const auto bound = entry(bound_spec)) at_most_ = std::get<double>(*bound);
  }

  const Node& node_;
  const std::string& key_;
  std::string name_;
  std::optional<bool> is_more_better_;
  std::optional<double> at_most_;
};

}  // namespace

std::vector<DeclaredMetric> read_metrics(const Node& node, const std::string& key) {
  std::vector<DeclaredMetric> metrics;
  for (const Node& item : node.list() != nullptr ? *node.list() : List())
    metrics.push_back(MetricReader(item, key).read());
  if (metrics.empty()) fail_found(node, key, KeySpec{.name = key, .type = ValueType::metrics}.allowed());
  return metrics;
}

}  // namespace rhosweep::model
