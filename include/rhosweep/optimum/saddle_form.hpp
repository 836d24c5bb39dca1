#pragma once

namespace rhosweep::optimum {

/// A loss in the form that the interior-point method needs: max over a in [lower, upper] of a r −
/// (curvature/2) a². For a label y and a score z, the residual r is 1 − y z if has_margin, else z − y.
struct SaddleForm {
  bool has_margin;   ///< for classifiers
  double lower;      ///< −∞ if there is none
  double upper;      ///< +∞ if there is none
  double curvature;  ///< ≥ 0; > 0 unless both bounds are finite
};

}  // namespace rhosweep::optimum
