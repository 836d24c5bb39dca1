#include "rhosweep/problem/registry.hpp"

#include "kinds.hpp"

#include "rhosweep/core/error.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace rhosweep::problem {

std::shared_ptr<const Dataset> DataStore::get(const std::string& name, const Make& make) {
  const auto found = sets_.find(name);
  if (found != sets_.end()) return found->second;
  if (sealed_) throw core::InternalError("the data set was not shared: " + name);
  return sets_.emplace(name, std::make_shared<const Dataset>(make())).first->second;
}

std::span<const ProblemKind> kinds() {
  static const std::vector<ProblemKind> all{logistic_regression_kind(), quadratic_kind()};
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
                                            model::Precision precision, DataStore& data,
                                            const std::optional<Minimiser>& known) {
  const auto all = kinds();
  const auto kind = std::find_if(all.begin(), all.end(), [&](const ProblemKind& candidate) {
    return candidate.schema.kind == settings.kind();
  });
  if (kind == all.end()) throw core::InternalError("no problem is of kind " + settings.kind());
  return kind->make(settings, precision, data, known);
}

}  // namespace rhosweep::problem
