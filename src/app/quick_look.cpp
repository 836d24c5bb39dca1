#include "quick_look.hpp"

namespace rhosweep::app {

analysis::Options quick_look() {
  analysis::Options options;
  options.with_intervals = false;
  options.with_theory = false;
  options.with_grids = false;
  return options;
}

}  // namespace rhosweep::app
