#pragma once

// Operations on numbers or on vector types of the compiler. pack.hpp says which functions may be called here.

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

/// Reads a vector from memory.
template <class Real, class Numbers>
void read(const Real* from, Numbers& v) {
  using Unaligned [[gnu::aligned(alignof(Real)), gnu::may_alias]] = Numbers;
  v = *reinterpret_cast<const Unaligned*>(from);
}

/// Writes a vector to memory.
template <class Real, class Numbers>
void write(Real* to, const Numbers& v) {
  using Unaligned [[gnu::aligned(alignof(Real)), gnu::may_alias]] = Numbers;
  *reinterpret_cast<Unaligned*>(to) = v;
}

/// Returns a > b ? yes : no, lane by lane.
template <class Numbers>
Numbers select_above(Numbers a, Numbers b, Numbers yes, Numbers no) {
  return a > b ? yes : no;
}

/// Returns p·2ⁿ, where n is in the low bits of `shifted`. @param Bits unsigned integers as wide as the
/// numbers
template <class Bits, int mantissa_bits, class Numbers>
Numbers scale_by_power(Numbers p, Numbers shifted) {
  const Bits n = __builtin_bit_cast(Bits, shifted) << mantissa_bits;
  return __builtin_bit_cast(Numbers, __builtin_bit_cast(Bits, p) + n);
}

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
