#pragma once

#include "rhosweep/problem/registry.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

/// Returns the settings that the sweep reader makes from these keys, with defaults filled in. Paths are
/// relative to the current folder.
inline rhosweep::model::ProblemSettings problem_settings(
    const std::string& kind, std::map<std::string, rhosweep::model::Value> values) {
  for (const auto& known : rhosweep::problem::kinds()) {
    if (known.schema.kind != kind) continue;
    for (const auto& key : known.schema.keys)
      if (key.fallback && !key.absent_at_fallback &&
          (!values.contains(key.excluded_by) || values.contains(key.excluded_unless)))
        values.try_emplace(key.name, *key.fallback);
    return {kind, values, std::filesystem::current_path()};
  }
  throw std::out_of_range(kind);
}

/// Makes the problem with these settings, and those of its materials that do not exist yet.
inline std::shared_ptr<const rhosweep::problem::Problem> make_problem_with_needs(
    const rhosweep::model::ProblemSettings& settings, rhosweep::model::Precision precision,
    rhosweep::problem::Materials& materials) {
  materials.make(rhosweep::problem::needs_of(settings, precision));
  return rhosweep::problem::make_problem(settings, precision, materials);
}

/// Makes the problem that these keys describe.
inline std::shared_ptr<const rhosweep::problem::Problem> make_problem(
    const std::string& kind, std::map<std::string, rhosweep::model::Value> values,
    rhosweep::model::Precision precision = rhosweep::model::Precision::float64) {
  rhosweep::problem::Materials materials;
  return make_problem_with_needs(problem_settings(kind, std::move(values)), precision, materials);
}
