#pragma once

#include "rhosweep/problem/registry.hpp"

#include <vector>

namespace rhosweep::problem {

/// Returns the kinds that are linear models, one per loss.
std::vector<ProblemKind> linear_kinds();
ProblemKind mlp_kind();
ProblemKind quadratic_kind();
ProblemKind absolute_value_kind();

}  // namespace rhosweep::problem
