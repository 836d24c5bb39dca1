#pragma once

// Vector registers and their arithmetic, for the instruction set that this file is compiled for.
//
// The files of this folder are compiled once for each instruction set: portable.cpp, neon.cpp, avx2.cpp and
// avx512.cpp set RHOSWEEP_VECTOR_UNIT and include all of them. Every function that they define or call is in
// the instruction set's namespace, is a template for types of that namespace, or is always inlined. Other
// inline functions, also those of the standard library, must not be called: the linker keeps one copy of such
// a function for the whole program, possibly a copy for an instruction set that the processor does not have.

#include "vectors.hpp"

#include <cstdint>

#if defined(RHOSWEEP_NEON)
#include "neon.hpp"
#elif defined(__AVX2__)
#pragma GCC diagnostic push
#if defined(__GNUC__) && \
    !defined(__clang__)  // GCC 12 warns about its own undefined vectors in <immintrin.h> (PR 105593)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

/// A register full of numbers, and the operations for which the language has no operator. `Numbers` and
/// `Bits` are vector types of the compiler, so they have the operators of plain numbers, lane by lane. The
/// functions are explained at Pack.
template <class Real>
struct Register;

#if defined(RHOSWEEP_NEON)

// neon.hpp defines its registers.

#elif defined(__AVX512F__)

/// Number of vector registers.
constexpr int register_count = 32;
/// Number of sums that a product of dense samples keeps in registers, besides its operands: enough to hide
/// the latency of fused multiply-adds.
constexpr int sums_at_once = 24;

template <>
struct Register<double> {
  using Numbers = __m512d;
  static constexpr int width = 8;
  using Bits __attribute__((vector_size(64))) = std::uint64_t;
  static Numbers fma(Numbers a, Numbers b, Numbers c) { return _mm512_fmadd_pd(a, b, c); }
  static Numbers negated_fma(Numbers a, Numbers b, Numbers c) { return _mm512_fnmadd_pd(a, b, c); }
  static Numbers root(Numbers a) { return _mm512_sqrt_pd(a); }
  static Numbers min(Numbers a, Numbers b) { return _mm512_min_pd(a, b); }
  static Numbers max(Numbers a, Numbers b) { return _mm512_max_pd(a, b); }
  static bool any_above(Numbers a, Numbers b) { return _mm512_cmp_pd_mask(a, b, _CMP_GT_OQ) != 0; }
  static __m256 to_floats(Numbers a) { return _mm512_cvtpd_ps(a); }
};

template <>
struct Register<float> {
  using Numbers = __m512;
  static constexpr int width = 16;
  using Bits __attribute__((vector_size(64))) = std::uint32_t;
  static Numbers fma(Numbers a, Numbers b, Numbers c) { return _mm512_fmadd_ps(a, b, c); }
  static Numbers negated_fma(Numbers a, Numbers b, Numbers c) { return _mm512_fnmadd_ps(a, b, c); }
  static Numbers root(Numbers a) { return _mm512_sqrt_ps(a); }
  static Numbers min(Numbers a, Numbers b) { return _mm512_min_ps(a, b); }
  static Numbers max(Numbers a, Numbers b) { return _mm512_max_ps(a, b); }
  static bool any_above(Numbers a, Numbers b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ) != 0; }
};

#elif defined(__AVX2__)

constexpr int register_count = 16;
constexpr int sums_at_once = 12;

template <>
struct Register<double> {
  using Numbers = __m256d;
  static constexpr int width = 4;
  using Bits __attribute__((vector_size(32))) = std::uint64_t;
  static Numbers fma(Numbers a, Numbers b, Numbers c) { return _mm256_fmadd_pd(a, b, c); }
  static Numbers negated_fma(Numbers a, Numbers b, Numbers c) { return _mm256_fnmadd_pd(a, b, c); }
  static Numbers root(Numbers a) { return _mm256_sqrt_pd(a); }
  static Numbers min(Numbers a, Numbers b) { return _mm256_min_pd(a, b); }
  static Numbers max(Numbers a, Numbers b) { return _mm256_max_pd(a, b); }
  static bool any_above(Numbers a, Numbers b) {
    return _mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_GT_OQ)) != 0;
  }
  static __m128 to_floats(Numbers a) { return _mm256_cvtpd_ps(a); }
};

template <>
struct Register<float> {
  using Numbers = __m256;
  static constexpr int width = 8;
  using Bits __attribute__((vector_size(32))) = std::uint32_t;
  static Numbers fma(Numbers a, Numbers b, Numbers c) { return _mm256_fmadd_ps(a, b, c); }
  static Numbers negated_fma(Numbers a, Numbers b, Numbers c) { return _mm256_fnmadd_ps(a, b, c); }
  static Numbers root(Numbers a) { return _mm256_sqrt_ps(a); }
  static Numbers min(Numbers a, Numbers b) { return _mm256_min_ps(a, b); }
  static Numbers max(Numbers a, Numbers b) { return _mm256_max_ps(a, b); }
  static bool any_above(Numbers a, Numbers b) {
    return _mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ)) != 0;
  }
};

#else

constexpr int register_count = 16;
constexpr int sums_at_once = 12;

/// A register of one plain number, because compilers have no special registers for vectors of one number.
template <>
struct Register<double> {
  using Numbers = double;
  static constexpr int width = 1;
  using Bits = std::uint64_t;
  static double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
  static double negated_fma(double a, double b, double c) { return __builtin_fma(-a, b, c); }
  static double root(double a) { return __builtin_sqrt(a); }
  static double min(double a, double b) { return a < b ? a : b; }
  static double max(double a, double b) { return a > b ? a : b; }
  static bool any_above(double a, double b) { return a > b; }
  static float to_floats(double a) { return static_cast<float>(a); }
};

template <>
struct Register<float> {
  using Numbers = float;
  static constexpr int width = 1;
  using Bits = std::uint32_t;
  static float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
  static float negated_fma(float a, float b, float c) { return __builtin_fmaf(-a, b, c); }
  static float root(float a) { return __builtin_sqrtf(a); }
  static float min(float a, float b) { return a < b ? a : b; }
  static float max(float a, float b) { return a > b ? a : b; }
  static bool any_above(float a, float b) { return a > b; }
};

#endif

/// Several lanes in a register. Every operation works lane by lane and rounds once, according to IEEE 754, so
/// all instruction sets give the same bits. Sums of products call fma explicitly: the compiler fuses nothing.
template <class Real>
struct Pack {
  using Native = Register<Real>;
  using Numbers = typename Native::Numbers;
  static constexpr int width = Native::width;

  Numbers v;

  friend Pack operator+(Pack a, Pack b) { return {a.v + b.v}; }
  friend Pack operator-(Pack a, Pack b) { return {a.v - b.v}; }
  friend Pack operator*(Pack a, Pack b) { return {a.v * b.v}; }
  friend Pack operator/(Pack a, Pack b) { return {a.v / b.v}; }

  /// a·b + c
  friend Pack fma(Pack a, Pack b, Pack c) { return {Native::fma(a.v, b.v, c.v)}; }
  /// c − a·b
  friend Pack negated_fma(Pack a, Pack b, Pack c) { return {Native::negated_fma(a.v, b.v, c.v)}; }
  /// √a
  friend Pack root(Pack a) { return {Native::root(a.v)}; }
  /// a < b ? a : b, so b if either is NaN
  friend Pack min(Pack a, Pack b) { return {Native::min(a.v, b.v)}; }
  /// a > b ? a : b, so b if either is NaN
  friend Pack max(Pack a, Pack b) { return {Native::max(a.v, b.v)}; }
  /// Whether a > b in some lane.
  friend bool any_above(Pack a, Pack b) { return Native::any_above(a.v, b.v); }
  /// a > b ? yes : no
  friend Pack choose_above(Pack a, Pack b, Pack yes, Pack no) {
    return {select_above(a.v, b.v, yes.v, no.v)};
  }
  /// p·2ⁿ, where n is in the low bits of `shifted`
  friend Pack add_to_exponent(Pack p, Pack shifted) {
    constexpr int mantissa_bits = sizeof(Real) == sizeof(double) ? 52 : 23;
    return {scale_by_power<typename Native::Bits, mantissa_bits>(p.v, shifted.v)};
  }
};

/// Returns a pack with x in every lane: x − 0 is x, also if x is −0 or NaN.
template <class Real>
Pack<Real> broadcast(Real x) {
  return {x - typename Pack<Real>::Numbers{}};
}

template <class Real>
Pack<Real> load(const Real* numbers) {
  Pack<Real> pack;
  read(numbers, pack.v);
  return pack;
}

template <class Real>
void store(Real* numbers, Pack<Real> pack) {
  write(numbers, pack.v);
}

/// Stores numbers, rounded to the type of the destination.
inline void store_rounded(double* numbers, Pack<double> pack) {
  store(numbers, pack);
}
inline void store_rounded(float* numbers, Pack<double> pack) {
  const auto rounded = Register<double>::to_floats(pack.v);
  __builtin_memcpy(numbers, &rounded, sizeof rounded);
}

// Operations with a plain number, which stands for the same number in every lane, so that losses read like
// formulas.
template <class Real>
Pack<Real> operator+(double a, Pack<Real> b) {
  return broadcast(static_cast<Real>(a)) + b;
}
template <class Real>
Pack<Real> operator-(double a, Pack<Real> b) {
  return broadcast(static_cast<Real>(a)) - b;
}
template <class Real>
Pack<Real> operator*(double a, Pack<Real> b) {
  return broadcast(static_cast<Real>(a)) * b;
}
template <class Real>
Pack<Real> max(double a, Pack<Real> b) {
  return max(broadcast(static_cast<Real>(a)), b);
}
/// Returns 1 where a > 0, else 0.
template <class Real>
Pack<Real> positive(Pack<Real> a) {
  return choose_above(a, broadcast(Real(0)), broadcast(Real(1)), broadcast(Real(0)));
}

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
