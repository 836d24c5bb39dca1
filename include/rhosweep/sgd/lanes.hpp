#pragma once

// The vector code of every instruction set includes this file, so this file includes no header whose inline
// functions the linker might share (see vector_code/pack.hpp).

namespace rhosweep::sgd {

/// Trials run in tiles of this many vector lanes, whatever the width of the block. Because the number is
/// fixed, the bits of a trial do not depend on the other trials of its block. Block widths that are multiples
/// of this number waste no lanes.
inline constexpr int lanes = 32;

}  // namespace rhosweep::sgd
