#pragma once

#include <cfloat>

namespace rhosweep::core {

// Every operation below must round once, to double, as IEEE 754 specifies. So the compiler must not fuse
// operations (-ffp-contract=off) or use wider registers.
static_assert(FLT_EVAL_METHOD == 0, "operations of doubles must round to double");

/// The unevaluated sum of two numbers; the second is at most half a unit in the last place of the first. This
/// gives about 106 significant bits. The functions need no fused multiply-add.
struct DoubleDouble {
  double high;
  double low;
};

/// Returns a + b exactly. @pre |a| ≥ |b| or a = 0 (Dekker 1971)
constexpr DoubleDouble ordered_sum(double a, double b) {
  const double high = a + b;
  return {high, b - (high - a)};
}

/// Returns a + b exactly (Knuth 1969).
constexpr DoubleDouble exact_sum(double a, double b) {
  const double high = a + b;
  const double of_b = high - a;
  return {high, (a - (high - of_b)) + (b - of_b)};
}

/// Returns a·b exactly, unless it overflows or underflows (Dekker 1971). @pre |a|, |b| < 2⁹⁹⁵
constexpr DoubleDouble exact_product(double a, double b) {
  constexpr double split = 0x1p27 + 1;
  const double a_high = split * a - (split * a - a);  // 26 bits
  const double a_low = a - a_high;
  const double b_high = split * b - (split * b - b);
  const double b_low = b - b_high;
  const double high = a * b;
  return {high, ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

constexpr DoubleDouble operator+(DoubleDouble x, DoubleDouble y) {
  const DoubleDouble high = exact_sum(x.high, y.high);
  const DoubleDouble low = exact_sum(x.low, y.low);
  const DoubleDouble sum = ordered_sum(high.high, high.low + low.high);
  return ordered_sum(sum.high, sum.low + low.low);
}

constexpr DoubleDouble operator*(DoubleDouble x, DoubleDouble y) {
  const DoubleDouble high = exact_product(x.high, y.high);
  return ordered_sum(high.high, high.low + (x.high * y.low + x.low * y.high));
}

/// Returns x/y. @pre exact_product(x/y, y) is exact
constexpr DoubleDouble quotient(double x, double y) {
  const double high = x / y;
  const DoubleDouble back = exact_product(high, y);
  return {high, ((x - back.high) - back.low) / y};
}

}  // namespace rhosweep::core
