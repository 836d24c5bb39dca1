#pragma once

namespace rhosweep::problem {

/// What a gradient is without its noise, coordinate by coordinate: coefficient · x or coefficient · sign(x),
/// with sign(0) = 0.
enum class SlopeShape { proportional, sign };

}  // namespace rhosweep::problem
