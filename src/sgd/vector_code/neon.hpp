#pragma once

// The registers of NEON, for pack.hpp.

#include "vectors.hpp"

#include <arm_neon.h>

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

/// Two registers of 128 bits. NEON has twice as many registers as AVX2, of half the width, so pairs let it
/// use the same block sizes: a block of sums then needs few loads for each multiply-add.
template <class Half>
struct Pair {
  Half low;
  Half high;

  friend Pair operator+(Pair a, Pair b) { return {a.low + b.low, a.high + b.high}; }
  friend Pair operator-(Pair a, Pair b) { return {a.low - b.low, a.high - b.high}; }
  friend Pair operator*(Pair a, Pair b) { return {a.low * b.low, a.high * b.high}; }
  friend Pair operator/(Pair a, Pair b) { return {a.low / b.low, a.high / b.high}; }
  template <class Real>
  friend Pair operator-(Real a, Pair b) {
    return {a - b.low, a - b.high};
  }
};

template <class Real, class Half>
void read(const Real* from, Pair<Half>& v) {
  read(from, v.low);
  read(from + sizeof(Half) / sizeof(Real), v.high);
}

template <class Real, class Half>
void write(Real* to, const Pair<Half>& v) {
  write(to, v.low);
  write(to + sizeof(Half) / sizeof(Real), v.high);
}

template <class Half>
Pair<Half> select_above(Pair<Half> a, Pair<Half> b, Pair<Half> yes, Pair<Half> no) {
  return {select_above(a.low, b.low, yes.low, no.low), select_above(a.high, b.high, yes.high, no.high)};
}

template <class Bits, int mantissa_bits, class Half>
Pair<Half> scale_by_power(Pair<Half> p, Pair<Half> shifted) {
  return {scale_by_power<Bits, mantissa_bits>(p.low, shifted.low),
          scale_by_power<Bits, mantissa_bits>(p.high, shifted.high)};
}

/// Number of pairs of registers.
constexpr int register_count = 16;
/// Number of pairs of sums that a product of dense samples keeps in registers, besides its operands: with two
/// more, compilers keep some of them in memory.
constexpr int sums_at_once = 10;

template <class Real>
struct Register;

template <>
struct Register<double> {
  using Numbers = Pair<float64x2_t>;
  static constexpr int width = 4;
  using Bits = uint64x2_t;
  static Numbers fma(Numbers a, Numbers b, Numbers c) {
    return {vfmaq_f64(c.low, a.low, b.low), vfmaq_f64(c.high, a.high, b.high)};
  }
  static Numbers negated_fma(Numbers a, Numbers b, Numbers c) {
    return {vfmsq_f64(c.low, a.low, b.low), vfmsq_f64(c.high, a.high, b.high)};
  }
  static Numbers root(Numbers a) { return {vsqrtq_f64(a.low), vsqrtq_f64(a.high)}; }
  static Numbers min(Numbers a, Numbers b) { return select_above(b, a, a, b); }
  static Numbers max(Numbers a, Numbers b) { return select_above(a, b, a, b); }
  static bool any_above(Numbers a, Numbers b) {
    const uint64x2_t above = vorrq_u64(vcgtq_f64(a.low, b.low), vcgtq_f64(a.high, b.high));
    return vmaxvq_u32(vreinterpretq_u32_u64(above)) != 0;
  }
  static float32x4_t to_floats(Numbers a) { return vcvt_high_f32_f64(vcvt_f32_f64(a.low), a.high); }
};

template <>
struct Register<float> {
  using Numbers = Pair<float32x4_t>;
  static constexpr int width = 8;
  using Bits = uint32x4_t;
  static Numbers fma(Numbers a, Numbers b, Numbers c) {
    return {vfmaq_f32(c.low, a.low, b.low), vfmaq_f32(c.high, a.high, b.high)};
  }
  static Numbers negated_fma(Numbers a, Numbers b, Numbers c) {
    return {vfmsq_f32(c.low, a.low, b.low), vfmsq_f32(c.high, a.high, b.high)};
  }
  static Numbers root(Numbers a) { return {vsqrtq_f32(a.low), vsqrtq_f32(a.high)}; }
  static Numbers min(Numbers a, Numbers b) { return select_above(b, a, a, b); }
  static Numbers max(Numbers a, Numbers b) { return select_above(a, b, a, b); }
  static bool any_above(Numbers a, Numbers b) {
    return vmaxvq_u32(vorrq_u32(vcgtq_f32(a.low, b.low), vcgtq_f32(a.high, b.high))) != 0;
  }
};

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
