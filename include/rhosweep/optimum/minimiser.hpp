#pragma once

#include <vector>

namespace rhosweep::optimum {

/// The minimum of an objective and an argument that attains it.
struct Minimiser {
  double value = 0.0;     ///< f_star
  std::vector<double> w;  ///< the argument, shape (dimension)
};

}  // namespace rhosweep::optimum
