#include "rhosweep/sgd/versions.hpp"

#include <Eigen/Core>
#include <fmt/format.h>
#include <libxsmm_version.h>

namespace rhosweep::sgd {

std::string eigen_version() {
  return fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION);
}

std::string libxsmm_version() {
  return LIBXSMM_CONFIG_VERSION;
}

}  // namespace rhosweep::sgd
