#include "rhosweep/model/schedule.hpp"

#include "schedule_shapes.hpp"
#include "schedule_spec.hpp"

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

using namespace shapes;

constexpr Range open_unit{.lower = 0.0, .upper = 1.0, .lower_open = true, .upper_open = true};
constexpr Range half_open_unit{.lower = 0.0, .upper = 1.0, .upper_open = true};
constexpr Range unit_above_zero{.lower = 0.0, .upper = 1.0, .lower_open = true};

constexpr Range table_range{.lower = 0.0, .upper = 1.0};
/// Choices of the argument `between` of a table: it has one value per step (the default), or its values are
/// interpolated.
const std::vector<std::string> between_words{"steps", "interpolate"};

/// A kind of schedule: its documentation and the function that makes a shape from its arguments.
struct Kind {
  ScheduleDoc doc;
  std::vector<std::string> parameters;  ///< names, in the order of positional arguments
  AnyShape (*make)(const SpecArguments&, const ScheduleFiles&);
};

AnyShape make_step(const SpecArguments& arguments, const ScheduleFiles&) {
  Step step{arguments.number("factor", unit_above_zero), arguments.numbers("at", open_unit)};
  for (std::size_t i = 1; i < step.at_shares.size(); ++i) {
    if (step.at_shares[i] <= step.at_shares[i - 1])
      arguments.fail("at", "milestones out of order", "strictly increasing shares of the run");
  }
  return step;
}

AnyShape make_wsd(const SpecArguments& arguments, const ScheduleFiles&) {
  const double cooldown = arguments.number("cooldown", unit_above_zero);
  return Wsd{cooldown, static_cast<Wsd::Shape>(arguments.choice("shape", Wsd::names, "linear"))};
}

AnyShape make_restarts(const SpecArguments& arguments, const ScheduleFiles&) {
  const CosineRestarts restarts{arguments.integer("cycles", at_least_one),
                                arguments.integer("growth", at_least_one, 1)};
  if (restarts.units() > CosineRestarts::most_units)
    arguments.fail("cycles", "a last cycle that is too many times as long as the first",
                   "cycles with 1 + growth + growth^2 + ... of at most 1e15");
  return restarts;
}

/// Reads the numbers of a table: a list, or the content of a file.
std::vector<double> numbers_of_table(const SpecArguments& arguments, const ScheduleFiles& files) {
  const std::string& text = arguments.text("values");
  if (text.front() == '[') return arguments.numbers("values", table_range);
  if (!files.read) arguments.fail("values", fmt::format("found {}", shown(text)), "a list [a, b, ...]");
  return files.read(text);
}

/// Returns the values of a table that is not interpolated, at t = 0, 1, ..., T. The table has one number per
/// step, and may have one more for the end of the run. If the number of steps is not known, returns the
/// numbers as they are.
std::vector<double> values_of_steps(const SpecArguments& arguments, const ScheduleFiles& files,
                                    std::vector<double> values) {
  if (files.most_steps == 0) return values;
  const std::string& text = arguments.text("values");
  const bool is_list = text.front() == '[';
  const auto count = std::ssize(values);
  const bool has_one_length = files.least_steps == files.most_steps;
  if (!has_one_length || (count != files.most_steps && count != files.most_steps + 1)) {
    const std::string steps = has_one_length
                                  ? core::counted(files.most_steps, "step")
                                  : fmt::format("{} to {} steps", files.least_steps, files.most_steps);
    arguments.fail(
        "values",
        fmt::format("found {}{} for {}", core::counted(count, "value"),
                    is_list ? "" : fmt::format(" in {}", shown(text)), steps),
        fmt::format("one for each step, and perhaps one more for the end of the run; or table({}, {})",
                    is_list ? "[...]" : shown(text), between_words.back()));
  }
  if (count > files.most_steps) return values;
  // Extrapolates the missing value at u = 1. Only the theory uses this value, to see whether the schedule
  // falls to 0.
  const double last = values.back();
  const double next = count > 1 ? last - (values[count - 2] - last) : last;
  values.push_back(next <= 1e-9 * last ? 0.0 : std::min(next, 1.0));
  return values;
}

AnyShape make_table(const SpecArguments& arguments, const ScheduleFiles& files) {
  const bool is_interpolated = arguments.choice("between", between_words, between_words.front()) == 1;
  std::vector<double> values = numbers_of_table(arguments, files);
  if (!is_interpolated) values = values_of_steps(arguments, files, std::move(values));
  if (values.size() < 2) {
    if (is_interpolated) arguments.fail("values", "a single value", "at least two values");
    values.push_back(values.front());  // of a run of one step
  }
  if (std::ranges::count(values, 0.0) == std::ssize(values))
    arguments.fail("values", "nothing but zeros", "at least one value above 0");
  // Where there is one value per step, and one for the end, there is nothing to interpolate.
  const bool is_of_steps = files.most_steps > 0 && files.least_steps == files.most_steps &&
                           std::ssize(values) == files.most_steps + 1;
  return Interpolated{std::move(values), is_interpolated && !is_of_steps};
}

/// Returns `files` with the numbers of steps of a part of the run: the steps before step ⌈share·T⌉
/// (first_part) or the remaining steps (last_part).
ScheduleFiles first_part(ScheduleFiles files, double share) {
  files.least_steps = length_of(share, files.least_steps);
  files.most_steps = length_of(share, files.most_steps);
  return files;
}
ScheduleFiles last_part(ScheduleFiles files, double share) {
  files.least_steps -= length_of(share, files.least_steps);
  files.most_steps -= length_of(share, files.most_steps);
  return files;
}

AnyShape make_warmup(const SpecArguments& arguments, const ScheduleFiles& files) {
  const double share = arguments.number("share", half_open_unit);
  return Warmup{share, Schedule::parse(arguments.text("schedule"), last_part(files, share))};
}

AnyShape make_chain(const SpecArguments& arguments, const ScheduleFiles& files) {
  const double share = arguments.number("share", open_unit);
  return Chain{share, Schedule::parse(arguments.text("first"), first_part(files, share)),
               Schedule::parse(arguments.text("second"), last_part(files, share))};
}

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> list{
      {{"constant", "constant", "1", "", "1"},
       {},
       [](const SpecArguments&, const ScheduleFiles&) -> AnyShape { return Constant{}; }},
      {{"inverse_sqrt", "inverse_sqrt", "1/sqrt(t+1)", "", "1"},
       {},
       [](const SpecArguments&, const ScheduleFiles&) -> AnyShape { return InverseSqrt{}; }},
      {{"linear", "linear", "1-u", "", "1/3"},
       {},
       [](const SpecArguments&, const ScheduleFiles&) -> AnyShape { return Polynomial{1.0}; }},
      {{"polynomial", "polynomial(p)", "(1-u)^p", "p > 0", "1/(2p+1)"},
       {"p"},
       [](const SpecArguments& a, const ScheduleFiles&) -> AnyShape {
         return Polynomial{a.number("p", positive)};
       }},
      {{"cosine", "cosine or cosine(floor=f)", "f + (1-f)(1+cos(pi u))/2", "0 <= f < 1, default 0",
        "1/5; 1 with a floor"},
       {"floor"},
       [](const SpecArguments& a, const ScheduleFiles&) -> AnyShape {
         return Cosine{a.number("floor", half_open_unit, 0.0)};
       }},
      {{"wsd", "wsd(cooldown=c, shape=s)",
        "1, then over the last share c, v from 0 to 1: linear 1-v, sqrt 1-sqrt(v), cosine (1+cos(pi v))/2, "
        "square 1-v^2",
        "0 < c <= 1; s is linear (default), sqrt, cosine or square", "1/3; 1/5 with shape=cosine"},
       {"cooldown", "shape"},
       make_wsd},
      {{"exponential", "exponential(final=f)", "f^u", "0 < f <= 1", "1"},
       {"final"},
       [](const SpecArguments& a, const ScheduleFiles&) -> AnyShape {
         return Exponential{a.number("final", unit_above_zero)};
       }},
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
       [](const SpecArguments& a, const ScheduleFiles&) -> AnyShape {
         return OneCycle{a.number("peak", open_unit), a.number("initial", Range{.lower = 0.0, .upper = 1.0})};
       }},
      {{"warmup", "warmup(share, SPEC)",
        "(t+1)/W for the first W = ceil(share T) steps, then SPEC over the rest with its own u",
        "0 <= share < 1", "that of SPEC"},
       {"share", "schedule"},
       make_warmup},
      {{"chain", "chain(share, SPEC1, SPEC2)",
        "SPEC1 over the first ceil(share T) steps, then SPEC2 over the rest, each with its own u",
        "0 < share < 1", "that of SPEC2"},
       {"share", "first", "second"},
       make_chain},
      {{"product", "product(SPEC1, SPEC2)", "the product of both", "",
        "1/(2p+1), where p is the sum of the orders to which SPEC1 and SPEC2 fall to 0; 1 if neither does"},
       {"first", "second"},
       [](const SpecArguments& a, const ScheduleFiles& files) -> AnyShape {
         return Product{Schedule::parse(a.text("first"), files), Schedule::parse(a.text("second"), files)};
       }},
      {{"table", "table([h0, ..., hn]) or table(FILE), or table(..., interpolate)",
        "value t at step t; with interpolate, linear between the values at u = 0, 1/n, 2/n, ..., 1",
        "values from 0 to 1, not all 0: T of them, or T + 1 with that of u = 1; with interpolate two or more",
        "1/3 if the value at u = 1 is 0, or if T values go on to 0 there in a straight line; else 1"},
       {"values", "between"},
       make_table},
  };
  return list;
}

}  // namespace

class Schedule::Shape {
 public:
  explicit Shape(AnyShape any)
      : any(std::move(any)),
        canonical(std::visit([](const auto& shape) { return std::string(shape.canonical()); }, this->any)) {}

  AnyShape any;
  std::string canonical;  ///< computed once, since the text may be long
};

Schedule::Schedule(std::string spec, std::shared_ptr<const Shape> shape)
    : spec_(std::move(spec)), shape_(std::move(shape)) {}

Schedule Schedule::parse(std::string_view spec, const ScheduleFiles& files) {
  const SpecCall call = parse_spec_call(spec);
  bool has_read = false;
  ScheduleFiles noted = files;
  if (files.read)
    noted.read = [&](const std::string& file) {
      has_read = true;
      return files.read(file);
    };
  std::vector<std::string> names;
  for (const Kind& kind : kinds()) {
    if (kind.doc.name == call.name) {
      const SpecArguments arguments(call, kind.parameters, kind.doc.usage);
      auto shape = std::make_shared<const Shape>(kind.make(arguments, noted));
      // A table with one value per step needs the number of steps: only its canonical text stands for it.
      const bool is_own_text = !has_read && (files.most_steps == 0 ||
                                             Shape(kind.make(arguments, {})).canonical == shape->canonical);
      std::string text = is_own_text ? std::string(core::trim(spec)) : shape->canonical;
      return {std::move(text), std::move(shape)};
    }
    names.push_back(kind.doc.name);
  }
  throw core::InputError(fmt::format("schedule {}: unknown kind '{}'{}; allowed: {}", shown(call.spec),
                                     shown(call.name), core::hint(call.name, names), core::either(names)));
}

double Schedule::operator()(std::int64_t t, std::int64_t steps) const {
  return std::visit([=](const auto& shape) { return shape.at(t, steps); }, shape_->any);
}

const std::string& Schedule::canonical() const {
  return shape_->canonical;
}

std::string Schedule::name() const {
  return schedule_name(spec_);
}

std::string schedule_name(std::string_view spec) {
  constexpr std::size_t longest = 120, begin = 24, end = 16;
  if (spec.size() <= longest) return std::string(spec);
  return fmt::format("{} ... {}", spec.substr(0, begin), spec.substr(spec.size() - end));
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
