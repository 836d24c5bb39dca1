#pragma once

#include <vector>

namespace rhosweep::optimum {

/// The minimum of an objective and a point that attains it.
struct Minimiser {
  double value = 0.0;         ///< f_star
  std::vector<double> point;  ///< (dimension)
};

}  // namespace rhosweep::optimum
