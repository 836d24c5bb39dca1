#include "rhosweep/problem/registry.hpp"

#include "kinds.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/model/sgd_settings.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::problem {

namespace {

/// All kinds, in the order of the documentation.
std::vector<ProblemKind>& registry() {
  static std::vector<ProblemKind> all = [] {
    std::vector<ProblemKind> built_in = linear_kinds();
    for (ProblemKind (*const kind)() : {mlp_kind, quadratic_kind, absolute_value_kind})
      built_in.push_back(kind());
    return built_in;
  }();
  return all;
}

const ProblemKind* find(const std::string& name) {
  const auto& all = kinds();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const ProblemKind& kind) { return kind.schema.kind == name; });
  return found == all.end() ? nullptr : &*found;
}

const ProblemKind& kind_of(const model::ProblemSettings& settings) {
  const ProblemKind* const kind = find(settings.kind());
  if (kind == nullptr) throw core::InternalError("no problem is of kind " + settings.kind());
  return *kind;
}

bool is_identifier(const std::string& name) {
  return core::is_identifier(name, core::Letters::lower);
}

/// Returns whether a value has the given type.
bool has_type(const model::Value& value, model::ValueType type) {
  switch (type) {
    case model::ValueType::boolean:
      return std::holds_alternative<bool>(value);
    case model::ValueType::integer:
      return std::holds_alternative<std::int64_t>(value);
    case model::ValueType::real:
      return std::holds_alternative<double>(value);
    case model::ValueType::texts:
      return std::holds_alternative<std::vector<std::string>>(value);
    case model::ValueType::integers:
      return std::holds_alternative<std::vector<std::int64_t>>(value);
    case model::ValueType::metrics:
      return std::holds_alternative<std::vector<model::DeclaredMetric>>(value);
    default:
      return std::holds_alternative<std::string>(value);
  }
}

bool is_sampling(const std::string& name) {
  const auto keys = model::sgd_keys();
  const auto key = std::ranges::find(keys, "sampling", &model::KeySpec::name);
  return std::ranges::find(key->choices, name) != key->choices.end();
}

/// Returns what is wrong with the description of a new kind, or "" if the description is valid.
std::string complaint(const ProblemKind& kind) {
  const model::ProblemSchema& schema = kind.schema;
  if (!is_identifier(schema.kind)) return "its name is not an identifier of a-z, _ and, after the first, 0-9";
  if (find(schema.kind) != nullptr) return "there is a kind of this name already";
  std::set<std::string> names{"kind"};
  for (const model::KeySpec& key : schema.keys) {
    for (const std::string& name : {key.name, key.stored_name()})
      if (!is_identifier(name))
        return fmt::format("the key \"{}\" is not an identifier of a-z, _ and, after the first, 0-9", name);
    if (!names.insert(key.name).second) return fmt::format("the key {} is taken already", key.name);
    if (!key.former_name.empty() && !names.insert(key.former_name).second)
      return fmt::format("the key {} is taken already", key.former_name);
    if (key.fallback && !has_type(*key.fallback, key.type))
      return fmt::format("the fallback of the key {} has another type than the key", key.name);
  }
  if (schema.samplings.empty()) return "it allows no sampling";
  for (const std::string& sampling : schema.samplings)
    if (!is_sampling(sampling)) return fmt::format("\"{}\" is not a sampling", sampling);
  return kind.make ? "" : "its function make is empty";
}

}  // namespace

void register_problem(ProblemKind kind) {
  const std::string wrong = complaint(kind);
  if (!wrong.empty())
    throw core::InternalError(fmt::format("problem kind \"{}\": {}", kind.schema.kind, wrong));
  registry().push_back(std::move(kind));
}

std::span<const ProblemKind> kinds() {
  return registry();
}

Needs needs_of(const model::ProblemSettings& settings, model::Precision precision) {
  const ProblemKind& kind = kind_of(settings);
  return kind.needs ? kind.needs(settings, precision) : Needs();
}

std::shared_ptr<const Problem> make_problem(const model::ProblemSettings& settings,
                                            model::Precision precision, const Materials& materials) {
  return kind_of(settings).make(settings, precision, materials);
}

}  // namespace rhosweep::problem
