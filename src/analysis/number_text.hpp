#pragma once

#include "rhosweep/analysis/bootstrap.hpp"

#include <cmath>
#include <string>

#include <fmt/format.h>

namespace rhosweep::analysis {

// Numbers as text: "-" for NaN, "diverged" for +∞.
std::string number_text(double value, int digits);
std::string fixed_text(double value, int digits);

/// A cost minus 1 as a factor: "1.34", "12.4", "350".
std::string factor_text(double cost);

/// A grid ratio, to two digits from 10 on; infinite where it lies beyond what the sweep can judge.
std::string grid_ratio_text(double value);

/// "[1.2, 3.4]"; "-" if it is not known.
template <class Format>
std::string interval_text(const Interval& ends, const Format& format) {
  return std::isnan(ends.low) ? "-" : fmt::format("[{}, {}]", format(ends.low), format(ends.high));
}

}  // namespace rhosweep::analysis
