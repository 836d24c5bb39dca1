#pragma once

#include <string>

namespace rhosweep::sgd {

/// Versions of the libraries that compute, as this program was built with them.
std::string eigen_version();
std::string libxsmm_version();

}  // namespace rhosweep::sgd
