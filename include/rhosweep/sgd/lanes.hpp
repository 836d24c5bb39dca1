#pragma once

// The vector code of every instruction set includes this file, so it includes no other.

namespace rhosweep::sgd {

/// Trials run in tiles of this many vector lanes, whatever the width of the block. The fixed number makes a
/// trial's bits independent of its neighbours. Block widths that are multiples of it waste no lanes.
inline constexpr int lanes = 32;

}  // namespace rhosweep::sgd
