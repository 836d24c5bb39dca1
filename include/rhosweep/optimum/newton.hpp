#pragma once

#include "rhosweep/data/dataset.hpp"
#include "rhosweep/optimum/minimiser.hpp"

#include <optional>

namespace rhosweep::optimum {

/// The minimiser of mean log(1 + exp(−y x·w)) + (l2/2)‖w‖² over ‖w‖ ≤ radius, or over all w when radius is 0,
/// to about the accuracy of float64, whatever the precision of the data: damped Newton, whose quadratic model
/// is minimised over the ball exactly. Deterministic.
/// None if there is no minimiser (separable data, l2 = 0 and radius = 0), and with a warning if it was not
/// found.
std::optional<Minimiser> minimise_logistic(const data::Dataset& data, double l2, double radius);

/// The same for mean log Σ_c exp(x·w_c) − x·w_y over weights of all classes, one after the other; the Newton
/// steps come from conjugate gradients. With l2 or radius f − f_star ≤ 1e-13·max(1, f) is proven. None, with
/// a warning, also if about 5e10 operations do not suffice.
std::optional<Minimiser> minimise_softmax(const data::Dataset& data, std::int64_t classes, double l2,
                                          double radius);

}  // namespace rhosweep::optimum
