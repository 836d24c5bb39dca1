#pragma once

// Stepsizes of a chunk of steps: base stepsizes times schedules.

#include "columns.hpp"

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

namespace {

/// Multiplies the stepsizes of one pack by h at `count` steps. The trials in these lanes have `rows`
/// different schedules. masked[r] holds the stepsizes of the lanes with schedule r, and zeros in the other
/// lanes. So each lane has only one nonzero product, and the sum of the products is exact.
template <int rows, class Real>
void multiply_pack(const double (*masked)[Pack<double>::width], const double* const* h, std::int64_t count,
                   Real* out) {
  Pack<double> stepsizes[rows];
  for (int r = 0; r < rows; ++r) stepsizes[r] = load(masked[r]);
  for (std::int64_t k = 0; k < count; ++k) {
    Pack<double> product = stepsizes[0] * broadcast(h[0][k]);
    for (int r = 1; r < rows; ++r) product = fma(stepsizes[r], broadcast(h[r][k]), product);
    store_rounded(out + k * lanes, product);
  }
}

template <class Real>
void multiply_stepsizes(const StepsizeRule& rule, std::int64_t count, Real* out) {
  constexpr int width = Pack<double>::width;
  for (int lane = 0; lane < lanes; lane += width) {
    double masked[width][width] = {};
    const double* h[width];
    int rows = 0;
    for (int i = 0; i < width; ++i) {
      const double* const own = rule.h + rule.row[lane + i] * count;
      int r = 0;
      while (r < rows && h[r] != own) ++r;
      if (r == rows) h[rows++] = own;
      masked[r][i] = rule.stepsize[lane + i];
    }
    if (rows == 1) {
      multiply_pack<1>(masked, h, count, out + lane);
    } else if (rows == 2) {
      multiply_pack<2 < width ? 2 : width>(masked, h, count, out + lane);
    } else {
      for (int r = rows; r < width; ++r) h[r] = h[0];  // any row will do: the stepsizes are 0
      multiply_pack<width>(masked, h, count, out + lane);
    }
  }
}

}  // namespace

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
