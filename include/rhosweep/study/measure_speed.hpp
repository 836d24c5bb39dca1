#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/study/study.hpp"

namespace rhosweep::study {

/// Measures the floating-point operations per second of one core on the first steps of the longest block.
/// Takes about a second.
/// @param study its trials must not be programs
/// @param blocks at least one block
double measure_speed(const Study& study, const model::Partition& blocks);

}  // namespace rhosweep::study
