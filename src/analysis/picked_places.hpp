#pragma once

#include "cost_curve.hpp"

#include <vector>

namespace rhosweep::analysis {

/// Where the best points of all grids of one spacing lie. While a grid moves by its spacing, each of these
/// places is its best point once, so that the places together are as wide as the spacing.
///
/// If nothing outside the dip of that width is as low as its level, they are that dip. Otherwise they come
/// from the lower envelope of the curve's pieces, shifted by multiples of the spacing: between two offsets at
/// which a knot passes, the rise of each of a grid's points is linear in the offset.
/// @param spacing in log ρ, positive, at most curve.width()
std::vector<CurvePiece> picked_places(const CostCurve& curve, double spacing);

/// Whether the places picked are those of the dip.
inline bool are_all_picked(const Dip& dip) {
  return dip.beyond >= dip.level;
}

}  // namespace rhosweep::analysis
