#pragma once

namespace rhosweep::optimum {

/// A loss as max over a in [lower, upper] of a r − (curvature/2) a², where the residual r is 1 − y z with
/// margins and z − y without, for a label y and a score z: what the interior-point method takes.
struct SaddleForm {
  bool has_margin;
  double lower;
  double upper;
  double curvature;
};

}  // namespace rhosweep::optimum
