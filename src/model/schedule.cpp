#include "rhosweep/model/schedule.hpp"

#include "schedule_spec.hpp"

#include "rhosweep/core/elementary.hpp"
#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::model {

namespace {

namespace elementary = core::elementary;

double share_of(std::int64_t t, std::int64_t steps) {
  return static_cast<double>(t) / static_cast<double>(steps);
}

/// Falls from 1 at v = 0 to 0 at v = 1.
double half_cosine(double v) {
  return 0.5 * (1.0 + elementary::cosine_of_pi(v));
}

/// ⌈share·T⌉. A product that rounding lifted just above a whole number counts as that number.
std::int64_t length_of(double share, std::int64_t steps) {
  const double exact = share * static_cast<double>(steps);
  return static_cast<std::int64_t>(std::ceil(exact * (1.0 - 4e-16)));
}

/// The order p to which a shape vanishes at the end of the run, like (1−u)^p; nullopt if it does not vanish.
using TailOrder = std::optional<double>;

}  // namespace

/// Not in the anonymous namespace, since Schedule::Shape, which holds these types, has external linkage.
namespace shapes {

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
    // Computed from the end of the run, so that v is exactly 0 at the first step of the cooldown.
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
  /// 1−v, 1−√v and 1−v² all vanish like a multiple of 1−v.
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

/// The lengths of the cycles are in the ratio 1 : growth : growth² …
struct CosineRestarts {
  std::int64_t cycles;
  std::int64_t growth;

  static constexpr std::int64_t most_units = 1'000'000'000'000'000;

  /// The lengths of the cycles in units of the first one, added up; most_units + 1 if they are more than
  /// that.
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
    // The position t/T is exact: in units of 1/T of the first cycle's length, so that no product overflows.
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

/// Linear between values at u = 0, 1/n, …, 1.
struct Interpolated {
  std::vector<double> values;  ///< n + 1 of them; at most the last one of a tail is 0

  double at(std::int64_t t, std::int64_t steps) const {
    // The place between two values is exact, so that a table with T + 1 values gives them as they are.
    __extension__ using Wide = __int128;
    const Wide place = static_cast<Wide>(values.size() - 1) * t;
    const auto i = static_cast<std::size_t>(place / steps);
    const double share = share_of(static_cast<std::int64_t>(place % steps), steps);
    return share == 0.0 ? values[i] : (1.0 - share) * values[i] + share * values[i + 1];
  }
  TailOrder tail_order() const { return values.back() > 0.0 ? std::nullopt : TailOrder(1.0); }
  std::string canonical() const { return fmt::format("table(values=[{}])", fmt::join(values, ", ")); }
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
  /// Where both factors vanish, their orders add up.
  TailOrder tail_order() const {
    const TailOrder p = a.tail_order();
    const TailOrder q = b.tail_order();
    return p && q ? *p + *q : p ? p : q;
  }
  /// The order of the factors does not matter.
  std::string canonical() const {
    const auto [first, second] = std::minmax({a.canonical(), b.canonical()});
    return fmt::format("product({}, {})", first, second);
  }
};

using AnyShape = std::variant<Constant, InverseSqrt, Polynomial, Cosine, Wsd, Exponential, Step,
                              CosineRestarts, OneCycle, Warmup, Interpolated, Chain, Product>;

}  // namespace shapes

namespace {

using namespace shapes;

constexpr Range open_unit{.lower = 0.0, .upper = 1.0, .lower_open = true, .upper_open = true};
constexpr Range half_open_unit{.lower = 0.0, .upper = 1.0, .upper_open = true};
constexpr Range unit_above_zero{.lower = 0.0, .upper = 1.0, .lower_open = true};

/// A kind of schedule: its documentation and the function that makes a shape from its arguments.
struct Kind {
  ScheduleDoc doc;
  std::vector<std::string> parameters;  ///< in the order of positional arguments
  AnyShape (*make)(const SpecArguments&);
};

AnyShape make_step(const SpecArguments& arguments) {
  Step step{arguments.number("factor", unit_above_zero), arguments.numbers("at", open_unit)};
  for (std::size_t i = 1; i < step.at_shares.size(); ++i) {
    if (step.at_shares[i] <= step.at_shares[i - 1])
      arguments.fail("at", "milestones out of order", "strictly increasing shares of the run");
  }
  return step;
}

AnyShape make_wsd(const SpecArguments& arguments) {
  const double cooldown = arguments.number("cooldown", unit_above_zero);
  return Wsd{cooldown, static_cast<Wsd::Shape>(arguments.choice("shape", Wsd::names, "linear"))};
}

AnyShape make_restarts(const SpecArguments& arguments) {
  const CosineRestarts restarts{arguments.integer("cycles", at_least_one),
                                arguments.integer("growth", at_least_one, 1)};
  if (restarts.units() > CosineRestarts::most_units)
    arguments.fail("cycles", "a last cycle that is too many times as long as the first",
                   "cycles with 1 + growth + growth^2 + ... of at most 1e15");
  return restarts;
}

AnyShape make_table(const SpecArguments& arguments) {
  Interpolated table{arguments.numbers("values", Range{.lower = 0.0, .upper = 1.0})};
  const auto& values = table.values;
  if (values.size() < 2) arguments.fail("values", "a single value", "at least two values");
  if (values.back() == 0.0 && values[values.size() - 2] == 0.0)
    arguments.fail("values", "zeros at the end", "at most one zero at the end: a shorter run does the same");
  return table;
}

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> list{
      {{"constant", "constant", "1", "", "1"},
       {},
       [](const SpecArguments&) -> AnyShape { return Constant{}; }},
      {{"inverse_sqrt", "inverse_sqrt", "1/sqrt(t+1)", "", "1"},
       {},
       [](const SpecArguments&) -> AnyShape { return InverseSqrt{}; }},
      {{"linear", "linear", "1-u", "", "1/3"},
       {},
       [](const SpecArguments&) -> AnyShape { return Polynomial{1.0}; }},
      {{"polynomial", "polynomial(p)", "(1-u)^p", "p > 0", "1/(2p+1)"},
       {"p"},
       [](const SpecArguments& a) -> AnyShape { return Polynomial{a.number("p", positive)}; }},
      {{"cosine", "cosine or cosine(floor=f)", "f + (1-f)(1+cos(pi u))/2", "0 <= f < 1, default 0",
        "1/5; 1 with a floor"},
       {"floor"},
       [](const SpecArguments& a) -> AnyShape { return Cosine{a.number("floor", half_open_unit, 0.0)}; }},
      {{"wsd", "wsd(cooldown=c, shape=s)",
        "1, then over the last share c, v from 0 to 1: linear 1-v, sqrt 1-sqrt(v), cosine (1+cos(pi v))/2, "
        "square 1-v^2",
        "0 < c <= 1; s is linear (default), sqrt, cosine or square", "1/3; 1/5 with shape=cosine"},
       {"cooldown", "shape"},
       make_wsd},
      {{"exponential", "exponential(final=f)", "f^u", "0 < f <= 1", "1"},
       {"final"},
       [](const SpecArguments& a) -> AnyShape { return Exponential{a.number("final", unit_above_zero)}; }},
      {{"step", "step(factor=g, at=[u1, u2, ...])", "g^(milestones passed)",
        "0 < g <= 1; 0 < u1 < u2 < ... < 1", "1"},
       {"factor", "at"},
       make_step},
      {{"cosine_restarts", "cosine_restarts(cycles=n, growth=g)",
        "(1+cos(pi v))/2, v from 0 to 1 in each of n cycles; each is g times as long as the one before",
        "n >= 1, an integer; g >= 1, an integer, default 1", "1/5"},
       {"cycles", "growth"},
       make_restarts},
      {{"one_cycle", "one_cycle(peak=s, initial=i)", "cosine from i to 1 until u = s, then cosine to 0",
        "0 < s < 1; 0 <= i <= 1", "1/5"},
       {"peak", "initial"},
       [](const SpecArguments& a) -> AnyShape {
         return OneCycle{a.number("peak", open_unit), a.number("initial", Range{.lower = 0.0, .upper = 1.0})};
       }},
      {{"warmup", "warmup(share, SPEC)",
        "(t+1)/W for the first W = ceil(share T) steps, then SPEC over the rest with its own u",
        "0 <= share < 1", "that of SPEC"},
       {"share", "schedule"},
       [](const SpecArguments& a) -> AnyShape {
         return Warmup{a.number("share", half_open_unit), Schedule::parse(a.text("schedule"))};
       }},
      {{"chain", "chain(share, SPEC1, SPEC2)",
        "SPEC1 over the first ceil(share T) steps, then SPEC2 over the rest, each with its own u",
        "0 < share < 1", "that of SPEC2"},
       {"share", "first", "second"},
       [](const SpecArguments& a) -> AnyShape {
         return Chain{a.number("share", open_unit), Schedule::parse(a.text("first")),
                      Schedule::parse(a.text("second"))};
       }},
      {{"product", "product(SPEC1, SPEC2)", "the product of both", "",
        "1/(2p+1), where p is the sum of the orders to which SPEC1 and SPEC2 fall to 0; 1 if neither does"},
       {"first", "second"},
       [](const SpecArguments& a) -> AnyShape {
         return Product{Schedule::parse(a.text("first")), Schedule::parse(a.text("second"))};
       }},
      {{"table", "table([h0, h1, ..., hn])", "linear between the values at u = 0, 1/n, 2/n, ..., 1",
        "two or more values from 0 to 1", "1/3 if the last value is 0, else 1"},
       {"values"},
       make_table},
  };
  return list;
}

}  // namespace

class Schedule::Shape {
 public:
  explicit Shape(AnyShape any) : any(std::move(any)) {}

  AnyShape any;
};

Schedule::Schedule(std::string spec, std::shared_ptr<const Shape> shape)
    : spec_(std::move(spec)), shape_(std::move(shape)) {}

Schedule Schedule::parse(std::string_view spec) {
  const SpecCall call = parse_spec_call(spec);
  std::vector<std::string> names;
  for (const Kind& kind : kinds()) {
    if (kind.doc.name == call.name) {
      const SpecArguments arguments(call, kind.parameters, kind.doc.usage);
      return {std::string(core::trim(spec)), std::make_shared<const Shape>(kind.make(arguments))};
    }
    names.push_back(kind.doc.name);
  }
  throw core::InputError(fmt::format("schedule {}: unknown kind '{}'{}; allowed: {}", shown(call.spec),
                                     shown(call.name), core::hint(call.name, names), core::either(names)));
}

double Schedule::operator()(std::int64_t t, std::int64_t steps) const {
  return std::visit([=](const auto& shape) { return shape.at(t, steps); }, shape_->any);
}

std::string Schedule::canonical() const {
  return std::visit([](const auto& shape) { return shape.canonical(); }, shape_->any);
}

std::optional<double> Schedule::tail_order() const {
  return std::visit([](const auto& shape) { return shape.tail_order(); }, shape_->any);
}

double Schedule::cost_exponent() const {
  const std::optional<double> p = tail_order();
  return p ? 1.0 / (2.0 * *p + 1.0) : 1.0;
}

std::span<const ScheduleDoc> schedule_catalogue() {
  static const std::vector<ScheduleDoc> docs = [] {
    std::vector<ScheduleDoc> list;
    for (const Kind& kind : kinds()) list.push_back(kind.doc);
    return list;
  }();
  return docs;
}

}  // namespace rhosweep::model
