#pragma once

#include "rhosweep/data/dataset.hpp"
#include "rhosweep/optimum/minimiser.hpp"
#include "rhosweep/optimum/saddle_form.hpp"

#include <optional>

namespace rhosweep::optimum {

/// Computes a minimiser of the mean of losses in saddle form plus (l2/2)‖w‖² over ‖w‖ ≤ radius, or over all w
/// if radius is 0. Uses a primal-dual interior-point method in float64 for data of any precision. The duality
/// gap proves f − f_star ≤ 1e-10·max(1, f_star); if l2 and radius are 0, the proof covers all w whose norm is
/// at most ten times that of the result. If there are several minimisers, returns one of them. If the duality
/// gap stays too large to prove this bound, returns nullopt and logs a warning. Deterministic.
std::optional<Minimiser> minimise_saddle(const data::Dataset& data, const SaddleForm& form, double l2,
                                         double radius);

}  // namespace rhosweep::optimum
