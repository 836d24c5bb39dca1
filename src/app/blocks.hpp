#pragma once

#include "study.hpp"

#include "rhosweep/model/block.hpp"

#include <cstdint>

namespace rhosweep::app {

/// Cuts a study's grid into blocks for a number of ranks: wide enough that a mini-batch serves many trials,
/// narrow enough that nobody idles and that the iterates stay in a core's second-level cache.
model::Partition partition(const Study& study, std::int64_t ranks);

/// Bytes that a rank needs for the iterates of its block.
std::int64_t block_bytes(const Study& study, std::int64_t width);

}  // namespace rhosweep::app
