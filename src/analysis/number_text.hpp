#pragma once

#include "rhosweep/analysis/bootstrap.hpp"

#include <cmath>
#include <string>

#include <fmt/format.h>

namespace rhosweep::analysis {

// Return a number as text: "-" for NaN, "diverged" for +∞. number_text() gives so many significant digits,
// fixed_text() so many after the point.
std::string number_text(double value, int digits);
std::string fixed_text(double value, int digits);

/// Returns a cost, which is a factor minus 1, as that factor: "1.34", "12.4", "350".
std::string factor_text(double cost);

/// Returns a grid ratio as text, rounded to two significant digits from 10 on; "beyond" for an infinite
/// ratio, that is, one beyond the sweep.
std::string grid_ratio_text(double value);

/// Returns an interval as "[1.2, 3.4]"; "-" if the interval is unknown.
template <class Format>
std::string interval_text(const Interval& ends, const Format& format) {
  return std::isnan(ends.low) ? "-" : fmt::format("[{}, {}]", format(ends.low), format(ends.high));
}

}  // namespace rhosweep::analysis
