#pragma once

#include "rhosweep/model/key_spec.hpp"
#include "rhosweep/model/problem_settings.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rhosweep::problem {

/// Returns the keys of a problem on a ball: the given key, then radius, noise, dimension and gradient_bound.
/// @param least_gradient_bound the formula of the least allowed gradient_bound, which is also the default
std::vector<model::KeySpec> ball_keys(model::KeySpec own, const std::string& least_gradient_bound);

/// Returns gradient_bound if it is set, otherwise nullopt.
std::optional<double> gradient_bound_of(const model::ProblemSettings& settings);

/// Throws model::KeyError if gradient_bound is set and below `least`. @param formula the formula of `least`,
/// for the message
void require_gradient_bound(const model::ProblemSettings& settings, double least, const std::string& formula);

}  // namespace rhosweep::problem
