#pragma once

// The exponential function.

#include "pack.hpp"

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

/// Constants of exp(x) = 2ⁿ (1 + r + r² q(r)) with x = n log 2 + r and |r| ≤ (log 2)/2. The result is exact
/// to about one unit in the last place. The polynomial q interpolates at Chebyshev nodes. Arguments are
/// clamped to [least, most], where exponentials are finite normal numbers.
template <class Real>
struct Exponential;

template <>
struct Exponential<double> {
  static constexpr double least = -708.0;
  static constexpr double most = 709.0;
  static constexpr double log2_head = 0x1.62e42fecp-1;  // 31 bits of log 2: n · log2_head is exact
  static constexpr double log2_tail = 0x1.d1cf79abc9e3bp-32;
  static constexpr double rounder = 0x1.8p52;  // the low bits of x + rounder are the integer nearest to x
  static constexpr double q[] = {0x1.0000000000001p-1,  0x1.5555555555556p-3,  0x1.5555555553d68p-5,
                                 0x1.11111111109b5p-7,  0x1.6c16c17889ef1p-10, 0x1.a01a01a7c2efep-13,
                                 0x1.a019b9149a41cp-16, 0x1.71de0db2f6b19p-19, 0x1.28917c89a43a7p-22,
                                 0x1.af389ecfc4b9cp-26};
};

template <>
struct Exponential<float> {
  static constexpr float least = -87.0F;
  static constexpr float most = 88.0F;
  static constexpr float log2_head = 0x1.62cp-1F;
  static constexpr float log2_tail = 0x1.217f7ep-12F;
  static constexpr float rounder = 0x1.8p23F;
  static constexpr float q[] = {0x1.0p-1F, 0x1.5554dep-3F, 0x1.55551ap-5F, 0x1.120b62p-7F, 0x1.6d10fcp-10F};
};

/// Returns exp(x) in every lane; NaN gives NaN.
template <class Real>
Pack<Real> exponential(Pack<Real> x) {
  using E = Exponential<Real>;
  constexpr int terms = sizeof(E::q) / sizeof(Real);
  x = min(broadcast(E::most), max(broadcast(E::least), x));
  const auto shifted = fma(x, broadcast(Real(0x1.71547652b82fep0)), broadcast(E::rounder));
  const auto n = shifted - broadcast(E::rounder);
  const auto r = negated_fma(n, broadcast(E::log2_tail), negated_fma(n, broadcast(E::log2_head), x));
  auto p = broadcast(E::q[terms - 1]);
#pragma GCC unroll 16
  for (int i = terms - 2; i >= 0; --i) p = fma(p, r, broadcast(E::q[i]));
  const auto one = broadcast(Real(1));
  return add_to_exponent(fma(fma(p, r, one), r, one), shifted);
}

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
