#pragma once

#include "rhosweep/data/dataset.hpp"
#include "rhosweep/optimum/minimiser.hpp"
#include "rhosweep/optimum/saddle_form.hpp"

#include <optional>

namespace rhosweep::optimum {

/// A minimiser of the mean of losses in saddle form plus (l2/2)‖w‖² over ‖w‖ ≤ radius, or over all w when
/// radius is 0, by a primal-dual interior-point method in float64, whatever the precision of the data. The
/// duality gap proves f − f_star ≤ 1e-10·max(1, f_star); without l2 and radius it does so among all weights
/// up to ten times as long as those found. If there are several minimisers, one of them. Deterministic. None,
/// with a warning, if the gap stays larger.
std::optional<Minimiser> minimise_saddle(const data::Dataset& data, const SaddleForm& form, double l2,
                                         double radius);

}  // namespace rhosweep::optimum
