#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace rhosweep::model {

/// Geometric sequences. A double stands for its shortest decimal, so 0.01 is 1/100, and every result is the
/// double nearest to the exact value. So round ratios give round values, and an exact value has the same bits
/// in every sequence that contains it, whatever its length and start.

/// from·(to/from)^(i/(n−1)), i = 0 … n−1. @pre 0 < from < to, finite; n ≥ 2
std::vector<double> geometric(double from, double to, std::int64_t n);

/// from·base^(i/parts), i = 0, 1, …, up to the last value that is at most `to`. nullopt if there are more
/// than `most` of them. @pre 0 < from ≤ to, finite; base > 1; parts ≥ 1
std::optional<std::vector<double>> geometric_steps(double from, double to, double base, std::int64_t parts,
                                                   std::int64_t most);

}  // namespace rhosweep::model
