#pragma once

#include "rhosweep/problem/registry.hpp"

namespace rhosweep::problem {

/// The built-in kinds of problem, one per file.
ProblemKind logistic_regression_kind();
ProblemKind quadratic_kind();
ProblemKind command_kind();

}  // namespace rhosweep::problem
