// Vector registers and their arithmetic, for the instruction set that this file is compiled for. Only
// vector_code.ipp includes it, which is compiled once per set. Nothing here may be an inline function outside
// the namespace of the instruction set: the linker could use one set's code in place of another's.
#include <cstdint>

#if defined(__AVX2__)
#pragma GCC diagnostic push
#if defined(__GNUC__) && \
    !defined(__clang__)  // GCC 12 warns about its own undefined vectors in <immintrin.h> (PR 105593)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif

// NOLINTBEGIN(bugprone-macro-parentheses): the arguments are types

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

/// Several lanes in a register. Every operation works lane by lane and rounds once, according to IEEE 754, so
/// all instruction sets give the same bits. Sums of products are written as fma explicitly: the compiler
/// contracts nothing.
template <class Real>
struct Pack;

#define RHOSWEEP_PACK(REAL, NATIVE, WIDTH)                  \
  template <>                                               \
  struct Pack<REAL> {                                       \
    using Native = NATIVE;                                  \
    static constexpr int width = WIDTH;                     \
    Native v;                                               \
  };                                                        \
  inline Pack<REAL> operator+(Pack<REAL> a, Pack<REAL> b) { \
    return {a.v + b.v};                                     \
  }                                                         \
  inline Pack<REAL> operator-(Pack<REAL> a, Pack<REAL> b) { \
    return {a.v - b.v};                                     \
  }                                                         \
  inline Pack<REAL> operator*(Pack<REAL> a, Pack<REAL> b) { \
    return {a.v * b.v};                                     \
  }                                                         \
  inline Pack<REAL> operator/(Pack<REAL> a, Pack<REAL> b) { \
    return {a.v / b.v};                                     \
  }

#if defined(__AVX512F__)
#define RHOSWEEP_INTRINSIC(name) _mm512_##name
RHOSWEEP_PACK(double, __m512d, 8)
RHOSWEEP_PACK(float, __m512, 16)
#elif defined(__AVX2__)
#define RHOSWEEP_INTRINSIC(name) _mm256_##name
RHOSWEEP_PACK(double, __m256d, 4)
RHOSWEEP_PACK(float, __m256, 8)
#else
RHOSWEEP_PACK(double, double, 1)
RHOSWEEP_PACK(float, float, 1)
#endif

/// The operations: load, store, broadcast; fma: a·b + c; negated_fma: c − a·b; min: a < b ? a : b, so b if
/// either is NaN (max likewise); root: √a; add_to_exponent: p·2ⁿ, where n is in the low bits of `shifted`;
/// any_above: a > b in some lane; any_differs: a != b in some lane, always true for NaN; choose_above:
/// a > b ? yes : no.
#if defined(__AVX2__)

#define RHOSWEEP_OPERATIONS(REAL, suffix, integer, shift)                                                  \
  inline Pack<REAL> load(const REAL* p) {                                                                  \
    return {RHOSWEEP_INTRINSIC(loadu_##suffix)(p)};                                                        \
  }                                                                                                        \
  inline void store(REAL* p, Pack<REAL> a) {                                                               \
    RHOSWEEP_INTRINSIC(storeu_##suffix)(p, a.v);                                                           \
  }                                                                                                        \
  inline Pack<REAL> broadcast(REAL x) {                                                                    \
    return {RHOSWEEP_INTRINSIC(set1_##suffix)(x)};                                                         \
  }                                                                                                        \
  inline Pack<REAL> fma(Pack<REAL> a, Pack<REAL> b, Pack<REAL> c) {                                        \
    return {RHOSWEEP_INTRINSIC(fmadd_##suffix)(a.v, b.v, c.v)};                                            \
  }                                                                                                        \
  inline Pack<REAL> negated_fma(Pack<REAL> a, Pack<REAL> b, Pack<REAL> c) {                                \
    return {RHOSWEEP_INTRINSIC(fnmadd_##suffix)(a.v, b.v, c.v)};                                           \
  }                                                                                                        \
  inline Pack<REAL> min(Pack<REAL> a, Pack<REAL> b) {                                                      \
    return {RHOSWEEP_INTRINSIC(min_##suffix)(a.v, b.v)};                                                   \
  }                                                                                                        \
  inline Pack<REAL> max(Pack<REAL> a, Pack<REAL> b) {                                                      \
    return {RHOSWEEP_INTRINSIC(max_##suffix)(a.v, b.v)};                                                   \
  }                                                                                                        \
  inline Pack<REAL> root(Pack<REAL> a) {                                                                   \
    return {RHOSWEEP_INTRINSIC(sqrt_##suffix)(a.v)};                                                       \
  }                                                                                                        \
  inline Pack<REAL> add_to_exponent(Pack<REAL> p, Pack<REAL> shifted) {                                    \
    const auto n = RHOSWEEP_INTRINSIC(slli_##integer)(RHOSWEEP_CAST(suffix)(shifted.v), shift);            \
    return {RHOSWEEP_CAST_BACK(suffix)(RHOSWEEP_INTRINSIC(add_##integer)(n, RHOSWEEP_CAST(suffix)(p.v)))}; \
  }

#if defined(__AVX512F__)
#define RHOSWEEP_CAST(suffix) _mm512_cast##suffix##_si512
#define RHOSWEEP_CAST_BACK(suffix) _mm512_castsi512_##suffix
#define RHOSWEEP_COMPARISONS(REAL, suffix)                                                              \
  inline bool any_above(Pack<REAL> a, Pack<REAL> b) {                                                   \
    return _mm512_cmp_##suffix##_mask(a.v, b.v, _CMP_GT_OQ) != 0;                                       \
  }                                                                                                     \
  inline bool any_differs(Pack<REAL> a, Pack<REAL> b) {                                                 \
    return _mm512_cmp_##suffix##_mask(a.v, b.v, _CMP_NEQ_UQ) != 0;                                      \
  }                                                                                                     \
  inline Pack<REAL> choose_above(Pack<REAL> a, Pack<REAL> b, Pack<REAL> yes, Pack<REAL> no) {           \
    return {_mm512_mask_blend_##suffix(_mm512_cmp_##suffix##_mask(a.v, b.v, _CMP_GT_OQ), no.v, yes.v)}; \
  }
#else
#define RHOSWEEP_CAST(suffix) _mm256_cast##suffix##_si256
#define RHOSWEEP_CAST_BACK(suffix) _mm256_castsi256_##suffix
#define RHOSWEEP_COMPARISONS(REAL, suffix)                                                    \
  inline bool any_above(Pack<REAL> a, Pack<REAL> b) {                                         \
    return _mm256_movemask_##suffix(_mm256_cmp_##suffix(a.v, b.v, _CMP_GT_OQ)) != 0;          \
  }                                                                                           \
  inline bool any_differs(Pack<REAL> a, Pack<REAL> b) {                                       \
    return _mm256_movemask_##suffix(_mm256_cmp_##suffix(a.v, b.v, _CMP_NEQ_UQ)) != 0;         \
  }                                                                                           \
  inline Pack<REAL> choose_above(Pack<REAL> a, Pack<REAL> b, Pack<REAL> yes, Pack<REAL> no) { \
    return {_mm256_blendv_##suffix(no.v, yes.v, _mm256_cmp_##suffix(a.v, b.v, _CMP_GT_OQ))};  \
  }
#endif
RHOSWEEP_OPERATIONS(double, pd, epi64, 52)
RHOSWEEP_OPERATIONS(float, ps, epi32, 23)
RHOSWEEP_COMPARISONS(double, pd)
RHOSWEEP_COMPARISONS(float, ps)

#else

#define RHOSWEEP_OPERATIONS(REAL, INTEGER, fused, square_root, shift)                         \
  inline Pack<REAL> load(const REAL* p) {                                                     \
    return {*p};                                                                              \
  }                                                                                           \
  inline void store(REAL* p, Pack<REAL> a) {                                                  \
    *p = a.v;                                                                                 \
  }                                                                                           \
  inline Pack<REAL> broadcast(REAL x) {                                                       \
    return {x};                                                                               \
  }                                                                                           \
  inline Pack<REAL> fma(Pack<REAL> a, Pack<REAL> b, Pack<REAL> c) {                           \
    return {fused(a.v, b.v, c.v)};                                                            \
  }                                                                                           \
  inline Pack<REAL> negated_fma(Pack<REAL> a, Pack<REAL> b, Pack<REAL> c) {                   \
    return {fused(-a.v, b.v, c.v)};                                                           \
  }                                                                                           \
  inline Pack<REAL> min(Pack<REAL> a, Pack<REAL> b) {                                         \
    return {a.v < b.v ? a.v : b.v};                                                           \
  }                                                                                           \
  inline Pack<REAL> max(Pack<REAL> a, Pack<REAL> b) {                                         \
    return {a.v > b.v ? a.v : b.v};                                                           \
  }                                                                                           \
  inline Pack<REAL> root(Pack<REAL> a) {                                                      \
    return {square_root(a.v)};                                                                \
  }                                                                                           \
  inline Pack<REAL> add_to_exponent(Pack<REAL> p, Pack<REAL> shifted) {                       \
    INTEGER n;                                                                                \
    INTEGER bits;                                                                             \
    __builtin_memcpy(&n, &shifted.v, sizeof n);                                               \
    __builtin_memcpy(&bits, &p.v, sizeof bits);                                               \
    bits += n << shift;                                                                       \
    __builtin_memcpy(&p.v, &bits, sizeof bits);                                               \
    return p;                                                                                 \
  }                                                                                           \
  inline bool any_above(Pack<REAL> a, Pack<REAL> b) {                                         \
    return a.v > b.v;                                                                         \
  }                                                                                           \
  inline bool any_differs(Pack<REAL> a, Pack<REAL> b) {                                       \
    return a.v != b.v;                                                                        \
  }                                                                                           \
  inline Pack<REAL> choose_above(Pack<REAL> a, Pack<REAL> b, Pack<REAL> yes, Pack<REAL> no) { \
    return a.v > b.v ? yes : no;                                                              \
  }
RHOSWEEP_OPERATIONS(double, std::uint64_t, __builtin_fma, __builtin_sqrt, 52)
RHOSWEEP_OPERATIONS(float, std::uint32_t, __builtin_fmaf, __builtin_sqrtf, 23)

#endif

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
/// 1 where a > 0, else 0.
template <class Real>
Pack<Real> positive(Pack<Real> a) {
  return choose_above(a, broadcast(Real(0)), broadcast(Real(1)), broadcast(Real(0)));
}

// NOLINTEND(bugprone-macro-parentheses)

/// Stores doubles rounded to Real.
inline void store_rounded(double* p, Pack<double> a) {
  store(p, a);
}
inline void store_rounded(float* p, Pack<double> a) {
#if defined(__AVX512F__)
  _mm256_storeu_ps(p, _mm512_cvtpd_ps(a.v));
#elif defined(__AVX2__)
  _mm_storeu_ps(p, _mm256_cvtpd_ps(a.v));
#else
  *p = static_cast<float>(a.v);
#endif
}

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
