#pragma once

#include <string>

namespace rhosweep::sgd {

/// Version of Eigen that this program was built with.
std::string eigen_version();

}  // namespace rhosweep::sgd
