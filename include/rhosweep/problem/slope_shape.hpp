#pragma once

namespace rhosweep::problem {

/// The form of each coordinate of a gradient without noise, as a function of the same coordinate x of the
/// iterate: coefficient·x, or coefficient·sign(x) with sign(0) = 0.
enum class SlopeShape { proportional, sign };

}  // namespace rhosweep::problem
