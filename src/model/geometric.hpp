#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace rhosweep::model {

/// Geometric sequences. Each double argument stands for the shortest decimal that reads as this double, so
/// 0.01 means 1/100. Every result is the double nearest to the exact value. Therefore 0.001 times 10 gives
/// the double 0.01, and a value has the same bits in every sequence that contains it, whatever the sequence's
/// length and start.

/// Returns from·(to/from)^(i/(n−1)) for i = 0 … n−1. @pre 0 < from < to, finite; n ≥ 2
std::vector<double> geometric(double from, double to, std::int64_t n);

/// Returns from·base^(i/parts) for i = 0, 1, … up to the last value that is at most `to`, or nullopt if there
/// are more than `most` such values. @pre 0 < from ≤ to, finite; base > 1; parts ≥ 1
std::optional<std::vector<double>> geometric_steps(double from, double to, double base, std::int64_t parts,
                                                   std::int64_t most);

}  // namespace rhosweep::model
