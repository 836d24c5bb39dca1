#pragma once

#include "rhosweep/model/sgd_settings.hpp"

namespace rhosweep::model {

/// Calls a generic function with a double or a float, whichever has the given precision.
template <class Function>
auto with_real(Precision precision, Function&& function) {
  return precision == Precision::float64 ? function(double{}) : function(float{});
}

}  // namespace rhosweep::model
