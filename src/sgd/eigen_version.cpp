#include "rhosweep/sgd/eigen_version.hpp"

#include <Eigen/Core>
#include <fmt/format.h>

namespace rhosweep::sgd {

std::string eigen_version() {
  return fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION);
}

}  // namespace rhosweep::sgd
