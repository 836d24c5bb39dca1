#pragma once

#include "cost_curve.hpp"

#include <vector>

namespace rhosweep::analysis {

/// Returns the places of the curve that are the best point of some grid of the given spacing. While a grid
/// moves by its spacing, each of these places is its best point once, so their total width is the spacing.
///
/// If the rise outside the dip that is as wide as the spacing is nowhere below the dip's level, the places
/// are this dip. Otherwise they come from the lower envelope of the curve's pieces, shifted by multiples of
/// the spacing: the rise at each point of a grid is piecewise linear in the grid's offset.
/// @param spacing the spacing in log ρ, positive, at most curve.width()
std::vector<CurvePiece> picked_places(const CostCurve& curve, double spacing);

/// Whether the best points of all grids with a spacing of the dip's width are exactly the places of the dip.
inline bool are_all_picked(const Dip& dip) {
  return dip.beyond >= dip.level;
}

}  // namespace rhosweep::analysis
