#pragma once

// The vector code of every instruction set includes this file, so this file must not include any other.

namespace rhosweep::sgd {

/// Trials run in tiles of this many vector lanes, whatever the width of the block. Because the number is
/// fixed, the bits of a trial do not depend on the other trials of its block. Block widths that are multiples
/// of this number waste no lanes.
inline constexpr int lanes = 32;

}  // namespace rhosweep::sgd
