#pragma once

#include "rhosweep/model/key_spec.hpp"

#include <vector>

namespace rhosweep::problem {

/// Returns the keys of a problem on a ball: the given key, then radius, noise and dimension.
std::vector<model::KeySpec> ball_keys(model::KeySpec own);

}  // namespace rhosweep::problem
