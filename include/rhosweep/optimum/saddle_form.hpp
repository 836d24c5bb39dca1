#pragma once

namespace rhosweep::optimum {

/// A loss in the form that the interior-point method needs: max over a in [lower, upper] of a·r −
/// (curvature/2)·a². For a label y and a score z, the residual r is 1 − y z if has_margin, else z − y.
struct SaddleForm {
  bool has_margin;   ///< true for classifiers
  double lower;      ///< −∞ if there is no lower bound
  double upper;      ///< +∞ if there is no upper bound
  double curvature;  ///< ≥ 0; > 0 unless both bounds are finite
};

}  // namespace rhosweep::optimum
