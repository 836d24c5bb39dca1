#pragma once

#include <vector>

namespace rhosweep::optimum {

/// The minimum of an objective, and a point at which the objective has this minimum.
struct Minimiser {
  double value = 0.0;     ///< the minimum, f_star
  std::vector<double> w;  ///< the point, shape (dimension)
};

}  // namespace rhosweep::optimum
