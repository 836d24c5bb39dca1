#pragma once

#include "rhosweep/core/elementary.hpp"
#include "rhosweep/core/error.hpp"
#include "rhosweep/model/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rhosweep::model {

/// The kinds of schedules. at(t, T) returns the multiplier of step t of T, tail_order() tells how the
/// multipliers vanish at the end of the run, and canonical() returns the canonical text.
namespace shapes {

namespace elementary = core::elementary;

inline double share_of(std::int64_t t, std::int64_t steps) {
  return static_cast<double>(t) / static_cast<double>(steps);
}

/// Returns (1 + cos(π·v))/2, which falls from 1 at v = 0 to 0 at v = 1.
inline double half_cosine(double v) {
  return 0.5 * (1.0 + elementary::cosine_of_pi(v));
}

/// Returns ⌈share·T⌉. If rounding lifted share·T just above a whole number, returns that whole number.
inline std::int64_t length_of(double share, std::int64_t steps) {
  const double exact = share * static_cast<double>(steps);
  return static_cast<std::int64_t>(std::ceil(exact * (1.0 - 4e-16)));
}

/// The order p to which a shape vanishes at the end of the run, like (1−u)^p; nullopt if it does not vanish.
using TailOrder = std::optional<double>;

struct Constant {
  double at(std::int64_t, std::int64_t) const { return 1.0; }
  TailOrder tail_order() const { return std::nullopt; }
  std::string canonical() const { return "constant"; }
};

struct InverseSqrt {
  double at(std::int64_t t, std::int64_t) const { return 1.0 / std::sqrt(static_cast<double>(t) + 1.0); }
  TailOrder tail_order() const { return std::nullopt; }
  std::string canonical() const { return "inverse_sqrt"; }
};

struct Polynomial {
  double p;

  double at(std::int64_t t, std::int64_t steps) const {
    const double rest = share_of(steps - t, steps);
    return p == 1.0 ? rest : elementary::pow(rest, p);
  }
  TailOrder tail_order() const { return p; }
  std::string canonical() const { return fmt::format("polynomial(p={})", p); }
};

struct Cosine {
  double floor;

  double at(std::int64_t t, std::int64_t steps) const {
    return floor + (1.0 - floor) * half_cosine(share_of(t, steps));
  }
  TailOrder tail_order() const { return floor > 0.0 ? std::nullopt : TailOrder(2.0); }
  std::string canonical() const { return fmt::format("cosine(floor={})", floor); }
};

struct Wsd {
  enum class Shape { linear, sqrt, cosine, square };
  double cooldown;
  Shape shape;

  double at(std::int64_t t, std::int64_t steps) const {
    // v is the position in the cooldown. Computed from the end of the run, it is exactly 0 at the first step
    // of the cooldown.
    const double v = 1.0 - share_of(steps - t, steps) / cooldown;
    if (v <= 0.0) return 1.0;
    switch (shape) {
      case Shape::linear:
        return 1.0 - v;
      case Shape::sqrt:
        return 1.0 - std::sqrt(v);
      case Shape::cosine:
        return half_cosine(v);
      case Shape::square:
        return 1.0 - v * v;
    }
    throw core::InternalError("unknown cooldown shape");
  }
  /// As v goes to 1, the cosine vanishes like a multiple of (1−v)²; the other shapes, 1−v, 1−√v and 1−v²,
  /// vanish like a multiple of 1−v.
  TailOrder tail_order() const { return shape == Shape::cosine ? 2.0 : 1.0; }
  std::string canonical() const {
    return fmt::format("wsd(cooldown={}, shape={})", cooldown, names[static_cast<std::size_t>(shape)]);
  }

  inline static const std::vector<std::string> names{"linear", "sqrt", "cosine", "square"};
};

struct Exponential {
  double final;

  double at(std::int64_t t, std::int64_t steps) const { return elementary::pow(final, share_of(t, steps)); }
  TailOrder tail_order() const { return std::nullopt; }
  std::string canonical() const { return fmt::format("exponential(final={})", final); }
};

struct Step {
  double factor;
  std::vector<double> at_shares;  ///< strictly increasing

  double at(std::int64_t t, std::int64_t steps) const {
    const double u = share_of(t, steps);
    int passed = 0;
    for (const double milestone : at_shares) passed += milestone <= u ? 1 : 0;
    return elementary::pow(factor, passed);
  }
  TailOrder tail_order() const { return std::nullopt; }
  std::string canonical() const {
    return fmt::format("step(factor={}, at=[{}])", factor, fmt::join(at_shares, ", "));
  }
};

/// Repeats half_cosine() in cycles whose lengths are in the ratio 1 : growth : growth² …
struct CosineRestarts {
  std::int64_t cycles;
  std::int64_t growth;

  static constexpr std::int64_t most_units = 1'000'000'000'000'000;

  /// Returns the total length of all cycles in units of the first cycle's length, or most_units + 1 if the
  /// total exceeds most_units.
  std::int64_t units() const {
    if (growth == 1) return cycles;
    std::int64_t length = 1, sum = 1;
    for (std::int64_t cycle = 1; cycle < cycles; ++cycle) {
      if (length > most_units / growth) return most_units + 1;
      length *= growth;
      sum += length;
      if (sum > most_units) return most_units + 1;
    }
    return sum;
  }

  double at(std::int64_t t, std::int64_t steps) const {
    // `position` is where step t lies in the run, as an exact integer: its unit is the first cycle's length
    // divided by T. With 128 bits, no product overflows.
    __extension__ using Wide = __int128;
    Wide position = static_cast<Wide>(units()) * t;
    if (growth == 1) return half_cosine(share_of(static_cast<std::int64_t>(position % steps), steps));
    Wide length = steps;
    for (; position >= length; length *= growth) position -= length;
    return half_cosine(static_cast<double>(position) / static_cast<double>(length));
  }
  TailOrder tail_order() const { return 2.0; }
  std::string canonical() const {
    return growth == 1 ? fmt::format("cosine_restarts(cycles={})", cycles)
                       : fmt::format("cosine_restarts(cycles={}, growth={})", cycles, growth);
  }
};

struct OneCycle {
  double peak;
  double initial;

  double at(std::int64_t t, std::int64_t steps) const {
    const double u = share_of(t, steps);
    if (u < peak) return initial + (1.0 - initial) * half_cosine(1.0 - u / peak);
    return half_cosine((u - peak) / (1.0 - peak));
  }
  TailOrder tail_order() const { return 2.0; }
  std::string canonical() const { return fmt::format("one_cycle(peak={}, initial={})", peak, initial); }
};

struct Warmup {
  double share;
  Schedule rest;

  double at(std::int64_t t, std::int64_t steps) const {
    const std::int64_t warm = length_of(share, steps);
    if (t < warm) return static_cast<double>(t + 1) / static_cast<double>(warm);
    return rest(t - warm, steps - warm);
  }
  TailOrder tail_order() const { return rest.tail_order(); }
  std::string canonical() const { return fmt::format("warmup({}, {})", share, rest.canonical()); }
};

/// Interpolates linearly between values at u = 0, 1/n, …, 1.
struct Interpolated {
  std::vector<double> values;  ///< (n + 1)
  bool has_any_length;         ///< whether the specification asks for interpolation; if not, n = T

  double at(std::int64_t t, std::int64_t steps) const {
    // The position between two values is computed exactly, so with a table of T + 1 values, h_t is exactly
    // the value of index t.
    __extension__ using Wide = __int128;
    const Wide place = static_cast<Wide>(values.size() - 1) * t;
    const auto i = static_cast<std::size_t>(place / steps);
    const double share = share_of(static_cast<std::int64_t>(place % steps), steps);
    return share == 0.0 ? values[i] : (1.0 - share) * values[i] + share * values[i + 1];
  }
  TailOrder tail_order() const { return values.back() > 0.0 ? std::nullopt : TailOrder(1.0); }
  std::string canonical() const {
    return fmt::format("table(values=[{}]{})", fmt::join(values, ", "),
                       has_any_length ? ", between=interpolate" : "");
  }
};

struct Chain {
  double share;
  Schedule first;
  Schedule rest;

  double at(std::int64_t t, std::int64_t steps) const {
    const std::int64_t length = length_of(share, steps);
    return t < length ? first(t, length) : rest(t - length, steps - length);
  }
  TailOrder tail_order() const { return rest.tail_order(); }
  std::string canonical() const {
    return fmt::format("chain({}, {}, {})", share, first.canonical(), rest.canonical());
  }
};

struct Product {
  Schedule a;
  Schedule b;

  double at(std::int64_t t, std::int64_t steps) const { return a(t, steps) * b(t, steps); }
  /// If both factors vanish at the end of the run, the order of the product is the sum of their orders.
  TailOrder tail_order() const {
    const TailOrder p = a.tail_order();
    const TailOrder q = b.tail_order();
    return p && q ? *p + *q : p ? p : q;
  }
  /// Exchanging the factors changes nothing, so the canonical text has them in sorted order.
  std::string canonical() const {
    const auto [first, second] = std::minmax({a.canonical(), b.canonical()});
    return fmt::format("product({}, {})", first, second);
  }
};

using AnyShape = std::variant<Constant, InverseSqrt, Polynomial, Cosine, Wsd, Exponential, Step,
                              CosineRestarts, OneCycle, Warmup, Interpolated, Chain, Product>;

}  // namespace shapes

}  // namespace rhosweep::model
