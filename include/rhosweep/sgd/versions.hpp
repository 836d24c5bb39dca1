#pragma once

#include <string>

namespace rhosweep::sgd {

/// Versions of the numerical libraries that this program was built with.
std::string eigen_version();
std::string libxsmm_version();

}  // namespace rhosweep::sgd
