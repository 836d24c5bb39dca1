#include "rhosweep/problem/registry.hpp"

#include "kinds.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/memory.hpp"

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::problem {

std::shared_ptr<const Dataset> Materials::data_set(const std::string& name,
                                                   const std::function<Dataset()>& make) {
  const auto found = data_sets_.find(name);
  if (found != data_sets_.end()) return found->second;
  try {
    return data_sets_.emplace(name, std::make_shared<const Dataset>(make())).first->second;
  } catch (const core::MemoryError& error) {
    throw core::MemoryError(fmt::format("{}: {}", name, error.what()));
  } catch (const std::bad_alloc&) {
    throw core::MemoryError(name + ": out of memory");
  }
}

std::optional<Minimiser> Materials::minimiser(const std::string& name,
                                              const std::function<std::optional<Minimiser>()>& solve) {
  const auto found = minimisers_.find(name);
  if (found != minimisers_.end()) return found->second;
  return minimisers_.emplace(name, solve()).first->second;
}

std::span<const ProblemKind> kinds() {
  static const std::vector<ProblemKind> all = [] {
    std::vector<ProblemKind> list = linear_kinds();
    list.push_back(mlp_kind());
    list.push_back(quadratic_kind());
    list.push_back(command_kind());
    return list;
  }();
  return all;
}

model::ProblemCatalogue catalogue() {
  static const std::vector<model::ProblemSchema> schemas = [] {
    std::vector<model::ProblemSchema> list;
    for (const ProblemKind& kind : kinds()) list.push_back(kind.schema);
    return list;
  }();
  return schemas;
}

std::shared_ptr<const Problem> make_problem(const model::ProblemSettings& settings,
                                            model::Precision precision, Materials& materials) {
  const auto all = kinds();
  const auto kind = std::find_if(all.begin(), all.end(), [&](const ProblemKind& candidate) {
    return candidate.schema.kind == settings.kind();
  });
  if (kind == all.end()) throw core::InternalError("no problem is of kind " + settings.kind());
  return kind->make(settings, precision, materials);
}

}  // namespace rhosweep::problem
