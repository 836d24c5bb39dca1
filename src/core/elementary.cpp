#include "rhosweep/core/elementary.hpp"

#include "double_double.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace rhosweep::core::elementary {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// log 2 and π, each split into a head (42 and 53 bits, rounded down) and a tail.
constexpr double log2_head = 0x1.62e42fefa38p-1;
constexpr double log2_tail = 0x1.ef35793c7673p-45;
constexpr DoubleDouble pi{0x1.921fb54442d18p1, 0x1.1a62633145c07p-53};

/// Adding and then subtracting this constant rounds a number below 2⁵¹ to the nearest integer.
constexpr double rounder = 0x1.8p52;

/// Returns Σ coefficients[i] xⁱ.
template <std::size_t size>
double polynomial(const std::array<double, size>& coefficients, double x) {
  double sum = coefficients[size - 1];
  for (std::size_t i = size - 1; i-- > 0;) sum = coefficients[i] + x * sum;
  return sum;
}

/// Returns the Taylor coefficients sign·1/first!, −sign·1/(first + 2)!, …, whose signs alternate.
template <std::size_t size>
constexpr std::array<double, size> alternating_inverse_factorials(int first, double sign) {
  std::array<double, size> all{};
  double factorial = 1;  // exact up to 18!
  int n = 1;
  for (std::size_t i = 0; i < size; ++i) {
    for (; n <= first + 2 * static_cast<int>(i); ++n) factorial *= n;
    all[i] = (i % 2 == 0 ? sign : -sign) / factorial;
  }
  return all;
}

/// Returns 2ⁿ. @pre −1022 ≤ n ≤ 1023
double power_of_two(std::int64_t n) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(n + 1023) << 52);
}

// exp: x = (64 k + j)·(log 2)/64 + r with |r| ≤ (log 2)/128, and eˣ = 2ᵏ·2^(j/64)·eʳ.

constexpr std::int64_t parts = 64;

/// 2^(j/64) for j = 0, 1, …, 63.
constexpr std::array<DoubleDouble, parts> roots_of_two = [] {
  const DoubleDouble x{log2_head / parts, log2_tail / parts};
  DoubleDouble root{1, 0};
  for (int n = 16; n > 0; --n) root = DoubleDouble{1, 0} + root * x * quotient(1, n);
  std::array<DoubleDouble, parts> powers{{{1, 0}}};
  for (std::size_t j = 1; j < powers.size(); ++j) powers[j] = powers[j - 1] * root;
  return powers;
}();

/// The Taylor coefficients of (eʳ − 1 − r)/r² up to r⁴.
constexpr std::array<double, 5> rest_of_exp{1. / 2, 1. / 6, 1. / 24, 1. / 120, 1. / 720};

/// Returns the exponential of x. @pre |x.high| ≤ 800
double exp_of(DoubleDouble x) {
  constexpr double head = 0x1.62e42fefap-1 / parts;  // 36 bits of (log 2)/64, so that n·head is exact
  constexpr double tail = ((log2_head - 0x1.62e42fefap-1) + log2_tail) / parts;
  const double n = (x.high * (parts * 0x1.71547652b82fep0) + rounder) - rounder;
  const double r = ((x.high - n * head) - n * tail) + x.low;
  const auto whole = static_cast<std::int64_t>(n);
  const DoubleDouble& root = roots_of_two[static_cast<std::size_t>(whole & (parts - 1))];
  const double change = r + r * r * polynomial(rest_of_exp, r);
  const double value = root.high + (root.low + root.high * change);
  // Scales in two steps, because 2ᵏ may be out of the range of doubles where eˣ is not.
  const std::int64_t k = whole >> 6;
  const std::int64_t half = k >> 1;
  return value * power_of_two(half) * power_of_two(k - half);
}

// log: x = 2ᵏ m with m in [1, 2). A factor c of 9 bits gives m c = 1 + f with |f| < 1/127. Then log x =
// k log 2 − log c + log(1 + f). For m above √2, k + 1 and 2c replace k and c in the first two terms: both
// terms are then 0 for x close to 1 on either side, so nothing cancels.

struct LogEntry {
  double factor;       ///< c
  double next;         ///< 1 if k + 1 and 2c replace k and c, else 0
  DoubleDouble value;  ///< −log c, or −log 2c
};

constexpr std::size_t log_entries = 128;  // number of intervals of m

/// Returns log((n + 1)/n) = 2 artanh(1/(2n + 1)). @pre n ≥ 128
constexpr DoubleDouble log_of_next(int n) {
  const DoubleDouble x = quotient(1, 2 * n + 1);
  const DoubleDouble square = x * x;
  DoubleDouble sum = quotient(1, 15);
  for (int term = 13; term > 0; term -= 2) sum = sum * square + quotient(1, term);
  return DoubleDouble{2, 0} * x * sum;
}

constexpr std::array<LogEntry, log_entries> logs = [] {
  constexpr int one = 256;
  std::array<DoubleDouble, one + 1> up{};    // log(n/128)
  std::array<DoubleDouble, one + 1> down{};  // −log(n/256)
  for (int n = one / 2; n < one; ++n) up[n + 1] = up[n] + log_of_next(n);
  for (int n = one; n > one / 2; --n) down[n - 1] = down[n] + log_of_next(n - 1);
  std::array<LogEntry, log_entries> entries{};
  for (std::size_t j = 0; j < log_entries; ++j) {
    const int middle = one + 2 * static_cast<int>(j) + 1;  // midpoint of the interval, times 256
    const int n = j == 0 ? one : (2 * one * one + middle) / (2 * middle);
    const bool is_next = middle > 362;  // 256 √2
    entries[j] = {static_cast<double>(n) / one, is_next ? 1.0 : 0.0,
                  is_next ? DoubleDouble{-up[n].high, -up[n].low} : down[n]};
  }
  return entries;
}();

/// The Taylor coefficients of (log(1 + f) − f + f²/2)/f³ up to f⁷.
constexpr std::array<double, 8> rest_of_log{1. / 3, -1. / 4, 1. / 5, -1. / 6,
                                            1. / 7, -1. / 8, 1. / 9, -1. / 10};

/// Returns the logarithm of x, with a relative error below 2⁻⁶⁶. @pre x.high is positive and finite; x.low is
/// 0 unless x.high ≥ 2⁻⁶⁰
DoubleDouble log_of(DoubleDouble x) {
  constexpr std::uint64_t mantissa = (std::uint64_t{1} << 52) - 1;
  constexpr std::uint64_t upper_half = ~std::uint64_t{0} << 27;
  std::int64_t k = -1023;
  if (x.high < std::numeric_limits<double>::min()) {
    x.high *= 0x1p54;
    k -= 54;
  }
  const auto bits = std::bit_cast<std::uint64_t>(x.high);
  k += static_cast<std::int64_t>(bits >> 52);
  const LogEntry& entry = logs[static_cast<std::size_t>(bits >> 45) % log_entries];
  const std::uint64_t of_m = (bits & mantissa) | std::bit_cast<std::uint64_t>(1.0);
  const double m_high = std::bit_cast<double>(of_m & upper_half);
  const double m_low = std::bit_cast<double>(of_m) - m_high;
  DoubleDouble f = exact_sum(m_high * entry.factor - 1, m_low * entry.factor);  // both are exact
  // Parts below 2⁻¹⁰⁰ x are negligible.
  if (x.low != 0 && k < 100) f = exact_sum(f.high, f.low + x.low * power_of_two(-k) * entry.factor);
  const DoubleDouble square = exact_product(f.high, f.high);
  const double twos = static_cast<double>(k) + entry.next;
  const DoubleDouble whole = ordered_sum(twos * log2_head, entry.value.high);
  const DoubleDouble linear = exact_sum(whole.high, f.high);
  const DoubleDouble quadratic = exact_sum(linear.high, -0.5 * square.high);
  const double cubic = square.high * f.high * polynomial(rest_of_log, f.high);
  const double low = (twos * log2_tail + entry.value.low) + whole.low + (f.low - f.high * f.low) +
                     linear.low + quadratic.low - 0.5 * square.low + cubic;
  return ordered_sum(quadratic.high, low);
}

// sine and cosine: x = n/2 + r with |r| ≤ ¼, exactly.

/// Returns sine and cosine of t by their Taylor series. @pre |t| ≤ π/4
SineCosine sine_cosine_of(DoubleDouble t) {
  static constexpr auto rest_of_sine = alternating_inverse_factorials<8>(3, -1);
  static constexpr auto rest_of_cosine = alternating_inverse_factorials<8>(4, 1);
  const DoubleDouble square = exact_product(t.high, t.high);
  const double z = square.high;
  const double half = 0.5 * z;
  const double sine = t.high + (t.low * (1 - half) + t.high * (z * polynomial(rest_of_sine, z)));
  const DoubleDouble parabola = ordered_sum(1, -half);
  const double cosine = parabola.high + (parabola.low - 0.5 * square.low - t.high * t.low +
                                         z * z * polynomial(rest_of_cosine, z));
  return {sine, cosine};
}

}  // namespace

double exp(double x) {
  if (!(x < 710)) return x + infinity;  // NaN stays NaN
  if (x < -746) return 0;
  return exp_of({x, 0});
}

double log(double x) {
  if (!(x > 0)) return x == 0 ? -infinity : nan;
  if (x == infinity) return infinity;
  return log_of({x, 0}).high;
}

double log1p(double x) {
  if (!(x > -1)) return x == -1 ? -infinity : nan;
  if (x == infinity) return infinity;
  if (x == 0) return x;  // keeps the sign
  return log_of(exact_sum(1, x)).high;
}

double pow(double x, double y) {
  if (y == 0 || x == 1) return 1;
  if (std::isnan(y) || !(x >= 0)) return nan;
  if (x == 0) return y > 0 ? 0 : infinity;
  const DoubleDouble log_x = log_of({x, 0});
  const double rough = y * log_x.high;
  if (rough > 710) return infinity;
  if (rough < -746) return 0;
  const DoubleDouble product = exact_product(y, log_x.high);
  return exp_of(ordered_sum(product.high, product.low + y * log_x.low));
}

SineCosine sine_cosine_of_pi(double x) {
  const double n = (2 * x + rounder) - rounder;
  const double r = x - 0.5 * n;
  DoubleDouble t = exact_product(r, pi.high);
  t.low += r * pi.low;
  const auto [sine, cosine] = sine_cosine_of(t);
  switch (static_cast<std::int64_t>(n) & 3) {
    case 0:
      return {sine, cosine};
    case 1:
      return {cosine, -sine};
    case 2:
      return {-sine, -cosine};
    default:
      return {-cosine, sine};
  }
}

double cosine_of_pi(double x) {
  return sine_cosine_of_pi(x).cosine;
}

}  // namespace rhosweep::core::elementary
