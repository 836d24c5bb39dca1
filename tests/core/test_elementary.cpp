#include "rhosweep/core/elementary.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <catch2/catch.hpp>
#include <mpfr.h>

namespace elementary = rhosweep::core::elementary;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double least = std::numeric_limits<double>::denorm_min();

/// An MPFR number with 200 bits.
class Exact {
 public:
  explicit Exact(double x) {
    mpfr_init2(number_, 200);
    mpfr_set_d(number_, x, MPFR_RNDN);
  }
  ~Exact() { mpfr_clear(number_); }
  Exact(const Exact&) = delete;
  Exact& operator=(const Exact&) = delete;

  mpfr_ptr get() { return number_; }

  /// Returns the error of `result` compared with this number, in units in the last place. Infinite numbers
  /// must be equal after MPFR has rounded this number to double.
  double error_of(double result) {
    const double rounded = mpfr_get_d(number_, MPFR_RNDN);
    if (!std::isfinite(rounded) || !std::isfinite(result)) return result == rounded ? 0.0 : infinity;
    if (mpfr_zero_p(number_) != 0) return result == 0.0 ? 0.0 : infinity;
    const auto place = std::max<mpfr_exp_t>(mpfr_get_exp(number_) - 53, -1074);
    mpfr_sub_d(number_, number_, result, MPFR_RNDN);
    mpfr_mul_2si(number_, number_, -place, MPFR_RNDN);
    return std::abs(mpfr_get_d(number_, MPFR_RNDN));
  }

 private:
  mpfr_t number_;
};

struct Worst {
  double error = 0.0;  ///< in units in the last place
  double at = 0.0;
  double power = 0.0;
  double of_denormal = 0.0;  ///< the largest error of a denormal result; not in `error`

  /// Takes the error of `result` against `exact` into account. Overwrites `exact`.
  void see(Exact& exact, double result, double x, double y = 0.0) {
    const double found = exact.error_of(result);
    if (std::abs(result) < std::numeric_limits<double>::min()) {
      of_denormal = std::max(of_denormal, found);
    } else if (found > error) {
      error = found;
      at = x;
      power = y;
    }
  }
};

using Unary = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);

Worst worst_error(double (*function)(double), Unary reference, const std::vector<double>& arguments) {
  Worst worst;
  for (const double x : arguments) {
    Exact exact(x);
    reference(exact.get(), exact.get(), MPFR_RNDN);
    worst.see(exact, function(x), x);
  }
  return worst;
}

/// Arguments for a test. std::mt19937_64 with a fixed seed makes them the same on every machine.
class Arguments {
 public:
  std::vector<double> all;

  /// Adds n numbers that are uniform in [from, to).
  void uniform(double from, double to, int n) {
    for (int i = 0; i < n; ++i) all.push_back(from + (to - from) * unit());
  }
  /// Adds n numbers with random mantissas. Their exponents (of 2) are uniform in [from, to).
  void scales(int from, int to, int n) {
    for (int i = 0; i < n; ++i)
      all.push_back(std::ldexp(1 + unit(), from + static_cast<int>((to - from) * unit())));
  }
  /// Adds x and its n nearest doubles on either side.
  void beside(double x, int n) {
    double below = x;
    double above = x;
    all.push_back(x);
    for (int i = 0; i < n; ++i) {
      all.push_back(below = std::nextafter(below, -infinity));
      all.push_back(above = std::nextafter(above, infinity));
    }
  }
  void negate() {
    for (std::size_t i = 0, n = all.size(); i < n; ++i) all.push_back(-all[i]);
  }

 private:
  double unit() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  std::mt19937_64 random_{1};
};

void require_below(double bound, const Worst& worst) {
  CAPTURE(worst.at, worst.power);
  CHECK(worst.error < bound);
  CHECK(worst.of_denormal < 0.8);  // may be above 0.5: denormal results are rounded twice
}

}  // namespace

TEST_CASE("exp is within 0.55 units of the last place of MPFR's") {
  Arguments x;
  x.uniform(-746, 710, 40000);
  x.uniform(-1, 1, 20000);
  x.scales(-60, 0, 5000);
  x.negate();
  // Adds arguments at which the reduction x = n (log 2)/64 + r, |r| < (log 2)/128, switches to the next n.
  for (int n = -68000; n <= 65000; n += 171) x.beside((n + 0.5) * std::log(2) / 64, 2);
  x.beside(709.782712893384, 200);
  x.beside(-708.3964185322641, 200);  // below this, results are denormal
  x.beside(-745.1332191019411, 200);  // below this, results are 0
  x.beside(0, 10);
  require_below(0.55, worst_error(elementary::exp, mpfr_exp, x.all));
  CHECK(elementary::exp(0) == 1);
  CHECK(elementary::exp(1000) == infinity);
  CHECK(elementary::exp(infinity) == infinity);
  CHECK(elementary::exp(-1000) == 0);
  CHECK(elementary::exp(-infinity) == 0);
  CHECK(std::isnan(elementary::exp(std::nan(""))));
}

TEST_CASE("log is within 0.55 units of the last place of MPFR's") {
  Arguments x;
  x.scales(-1074, 1024, 40000);
  x.uniform(0, 1, 20000);  // normal random numbers take the logarithm of such numbers
  x.uniform(0.98, 1.02, 20000);
  for (int j = 0; j <= 256; ++j) x.beside(0.5 + j / 256.0, 20);  // interval limits of the table
  for (int n = 91; n <= 256; ++n) x.beside(128.0 / n, 20);  // where the mantissa times its table entry is 1
  for (int n = 1; n < 53; ++n) x.beside(1 + std::ldexp(1, -n), 2);
  for (int n = 1; n < 54; ++n) x.beside(1 - std::ldexp(1, -n), 2);
  x.beside(least * 100, 90);
  x.beside(std::numeric_limits<double>::min(), 100);
  require_below(0.55, worst_error(elementary::log, mpfr_log, x.all));
  CHECK(elementary::log(1) == 0);
  CHECK(elementary::log(0) == -infinity);
  CHECK(elementary::log(infinity) == infinity);
  CHECK(std::isnan(elementary::log(-1)));
  CHECK(std::isnan(elementary::log(std::nan(""))));
}

TEST_CASE("log1p is within 0.55 units of the last place of MPFR's") {
  Arguments x;
  x.scales(-1074, -1, 20000);
  x.negate();
  x.scales(-1, 1024, 20000);
  x.uniform(-1, 0, 20000);
  x.uniform(-0.02, 0.02, 20000);
  for (int n = 1; n < 54; ++n) x.beside(-1 + std::ldexp(1, -n), 2);
  for (int n = -60; n < 60; ++n) x.beside(std::ldexp(1, n), 20);
  for (int j = 0; j <= 256; ++j) x.beside(-0.5 + j / 256.0, 20);
  std::erase_if(x.all, [](double argument) { return argument < -1; });
  require_below(0.55, worst_error(elementary::log1p, mpfr_log1p, x.all));
  CHECK(elementary::log1p(0) == 0);
  CHECK(std::signbit(elementary::log1p(-0.0)));
  CHECK(elementary::log1p(-1) == -infinity);
  CHECK(elementary::log1p(infinity) == infinity);
  CHECK(std::isnan(elementary::log1p(-2)));
  CHECK(std::isnan(elementary::log1p(std::nan(""))));
}

TEST_CASE("pow is within 0.55 units of the last place of MPFR's") {
  Arguments bases;
  bases.uniform(0, 1, 400);
  bases.scales(-1074, 1024, 200);
  bases.beside(1, 20);  // where a relative error of the logarithm has the largest effect
  bases.beside(std::sqrt(2), 5);
  bases.beside(least, 1);
  for (int n = 1; n <= 53; n += 4) bases.beside(1 - std::ldexp(1, -n), 1);
  Worst worst;
  for (const double x : bases.all) {
    if (!(x > 0)) continue;
    Arguments powers;
    powers.uniform(0, 4, 20);
    powers.uniform(0, 1, 20);
    powers.scales(0, 20, 5);
    const double most = 745 / std::abs(std::log(x));
    if (std::isfinite(most))
      powers.uniform(0.7 * most, most, 20);  // results near overflow; negate() adds underflow
    for (const double y : {0.25, 0.5, 2.0, 3.0, 1.5}) powers.beside(y, 1);
    powers.negate();
    for (const double y : powers.all) {
      Exact exact(x);
      Exact power(y);
      mpfr_pow(exact.get(), exact.get(), power.get(), MPFR_RNDN);
      worst.see(exact, elementary::pow(x, y), x, y);
    }
  }
  require_below(0.55, worst);
  CHECK(elementary::pow(0, 0) == 1);
  CHECK(elementary::pow(0, 2) == 0);
  CHECK(elementary::pow(0, -2) == infinity);
  CHECK(elementary::pow(1, 1e300) == 1);
  CHECK(elementary::pow(0.5, 1e300) == 0);
  CHECK(elementary::pow(2, 1e300) == infinity);
  CHECK(elementary::pow(std::nextafter(1, 0), 1e307) == 0);
  CHECK(elementary::pow(0.0625, 0.25) == 0.5);
  CHECK(elementary::pow(3, 4) == 81);
  CHECK(std::isnan(elementary::pow(-1, 2)));
  CHECK(std::isnan(elementary::pow(2, std::nan(""))));
  CHECK(std::isnan(elementary::pow(std::nan(""), 2)));
}

TEST_CASE("sine and cosine of multiples of pi are within 0.75 units of the last place of MPFR's") {
  Arguments x;
  x.uniform(0, 2, 30000);
  x.uniform(-50, 50, 10000);
  x.scales(-1000, 10, 10000);
  x.scales(10, 50, 2000);
  for (int n = -8; n <= 8; ++n) x.beside(n / 4.0, 100);  // zeros, and places where the polynomial changes
  Worst worst;
  int different = 0;
  Exact pi(0);
  mpfr_set_prec(pi.get(), 200);
  mpfr_const_pi(pi.get(), MPFR_RNDN);
  for (const double argument : x.all) {
    const auto [sine, cosine] = elementary::sine_cosine_of_pi(argument);
    if (elementary::cosine_of_pi(argument) != cosine) ++different;
    // Subtracts the nearest multiple of ½. This subtraction is exact, so the reference has no error at zeros.
    const double n = std::nearbyint(2 * argument);
    const double rest = argument - n / 2;
    Exact exact_sine(rest);
    mpfr_mul(exact_sine.get(), exact_sine.get(), pi.get(), MPFR_RNDN);
    Exact exact_cosine(0);
    mpfr_sin_cos(exact_sine.get(), exact_cosine.get(), exact_sine.get(), MPFR_RNDN);
    const auto quarter = static_cast<std::int64_t>(n) & 3;
    const bool is_swapped = quarter % 2 == 1;
    const double sign_of_sine = quarter < 2 ? 1 : -1;
    const double sign_of_cosine = quarter == 0 || quarter == 3 ? 1 : -1;
    worst.see(is_swapped ? exact_cosine : exact_sine, sign_of_sine * sine, argument);
    worst.see(is_swapped ? exact_sine : exact_cosine, sign_of_cosine * cosine, argument);
  }
  require_below(0.75, worst);
  CHECK(different == 0);
  CHECK(elementary::cosine_of_pi(0) == 1);
  CHECK(elementary::cosine_of_pi(0.5) == 0);
  CHECK(elementary::cosine_of_pi(1) == -1);
  CHECK(elementary::sine_cosine_of_pi(0.5).sine == 1);
  CHECK(elementary::sine_cosine_of_pi(-1.5).sine == 1);
  CHECK(elementary::sine_cosine_of_pi(1).sine == 0);
}
