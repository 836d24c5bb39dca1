#pragma once

#include "rhosweep/data/dataset.hpp"
#include "rhosweep/optimum/minimiser.hpp"

#include <cstdint>
#include <optional>

namespace rhosweep::optimum {

/// Computes the minimiser of the mean of log(1 + exp(−y x·w)) over the samples, plus (l2/2)‖w‖², over ‖w‖ ≤
/// radius, or over all w if radius is 0, to about the accuracy of float64 for data of any precision. Uses a
/// damped Newton method that minimises its quadratic model exactly over the ball. Deterministic. Returns
/// nullopt if there is no minimiser (separable data, l2 = 0 and radius = 0). Also returns nullopt, and logs a
/// warning, if the minimiser was not found.
std::optional<Minimiser> minimise_logistic(const data::Dataset& data, double l2, double radius);

/// Computes the minimiser of the mean of log Σ_c exp(x·w_c) − x·w_y over the samples, plus (l2/2)‖w‖². The
/// weights w of all classes are stored one class after another. For large problems, Newton's steps are
/// computed by conjugate gradients. If l2 or radius is positive, proves f − f_star ≤ 1e-13·max(1, f). Returns
/// nullopt in the same cases as minimise_logistic(), and also, with a warning, if about 5e10 operations do
/// not suffice.
std::optional<Minimiser> minimise_softmax(const data::Dataset& data, std::int64_t classes, double l2,
                                          double radius);

}  // namespace rhosweep::optimum
