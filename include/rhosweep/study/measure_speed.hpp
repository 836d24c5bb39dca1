#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/study/study.hpp"

namespace rhosweep::study {

/// Floating-point operations per second of a core of this machine, measured on the first steps of the longest
/// block: takes about a second.
/// @param study not of a program
/// @param blocks at least one
double measure_speed(const Study& study, const model::Partition& blocks);

}  // namespace rhosweep::study
