#pragma once

#include <vector>

namespace rhosweep::optimum {

/// The least value of an objective and where it is attained.
struct Minimiser {
  double value = 0.0;         ///< f_star
  std::vector<double> point;  ///< (dimension)
};

}  // namespace rhosweep::optimum
