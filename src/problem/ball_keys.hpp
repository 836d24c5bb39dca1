#pragma once

#include "rhosweep/model/key_spec.hpp"

#include <vector>

namespace rhosweep::problem {

/// The keys of a problem on a ball: the one that names the member of its family, then radius, noise and
/// dimension.
std::vector<model::KeySpec> ball_keys(model::KeySpec own);

}  // namespace rhosweep::problem
