#pragma once

#include "rhosweep/model/sgd_settings.hpp"

namespace rhosweep::model {

/// Calls a generic function with a number of the type that the precision means.
template <class Function>
auto with_real(Precision precision, Function&& function) {
  return precision == Precision::float64 ? function(double{}) : function(float{});
}

}  // namespace rhosweep::model
