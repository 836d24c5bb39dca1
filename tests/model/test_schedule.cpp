#include "rhosweep/core/error.hpp"
#include "rhosweep/model/schedule.hpp"

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using rhosweep::core::InputError;
using rhosweep::model::Schedule;
using std::numbers::pi;

namespace {

double h(const std::string& spec, std::int64_t t, std::int64_t steps) {
  return Schedule::parse(spec)(t, steps);
}

Approx close_to(double value) {
  return Approx(value).epsilon(1e-14).margin(1e-15);
}

std::string parse_error(const std::string& spec) {
  try {
    Schedule::parse(spec);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

const std::vector<std::string> without_warmup{
    "constant",
    "inverse_sqrt",
    "linear",
    "polynomial(0.3)",
    "polynomial(2)",
    "cosine",
    "cosine(0.1)",
    "wsd(0.2)",
    "wsd(0.2, sqrt)",
    "wsd(1, cosine)",
    "wsd(0.7, square)",
    "exponential(1e-3)",
    "step(0.1, [0.5, 0.75])",
    "cosine_restarts(3)",
    "cosine_restarts(3, growth=2)",
    "chain(0.3, cosine(0.5), linear)",
    "product(cosine, inverse_sqrt)",
    "table([1, 0.2, 0.7, 0])",
};
const std::vector<std::string> with_warmup{"one_cycle(0.3, 0.04)", "warmup(0.1, cosine)",
                                           "warmup(0.95, wsd(0.2))", "warmup(0, linear)"};

}  // namespace

TEST_CASE("every schedule has the values of its formula") {
  struct Golden {
    std::string spec;
    std::int64_t t, steps;
    double value;
  };
  const double root2 = std::sqrt(2.0);
  const std::vector<Golden> table{
      {"constant", 99, 100, 1.0},
      {"inverse_sqrt", 3, 100, 1.0 / 2.0},
      {"inverse_sqrt", 99, 100, 1.0 / 10.0},
      {"linear", 1, 4, 3.0 / 4.0},
      {"linear", 9, 10, 1.0 / 10.0},
      {"polynomial(2)", 5, 10, 1.0 / 4.0},
      {"polynomial(2)", 1, 4, 9.0 / 16.0},
      {"polynomial(0.5)", 3, 4, 1.0 / 2.0},
      {"polynomial(3)", 2, 4, 1.0 / 8.0},
      {"cosine", 5, 10, 1.0 / 2.0},
      {"cosine", 1, 4, (2.0 + root2) / 4.0},
      {"cosine", 3, 4, (2.0 - root2) / 4.0},
      {"cosine", 2, 3, 1.0 / 4.0},
      {"cosine(floor=0.2)", 5, 10, 0.6},
      {"cosine(floor=0.2)", 2, 3, 0.4},
      // The cooldown is the last quarter: t = 30 … 39. The share v = (t − 30)/10 of it has passed at step t.
      {"wsd(cooldown=0.25)", 29, 40, 1.0},
      {"wsd(cooldown=0.25)", 30, 40, 1.0},
      {"wsd(cooldown=0.25)", 34, 40, 0.6},
      {"wsd(cooldown=0.25, shape=sqrt)", 39, 40, 1.0 - 3.0 / std::sqrt(10.0)},
      {"wsd(cooldown=0.25, shape=cosine)", 35, 40, 1.0 / 2.0},
      {"wsd(cooldown=0.25, shape=square)", 35, 40, 3.0 / 4.0},
      {"wsd(cooldown=1, shape=linear)", 3, 4, 1.0 / 4.0},
      // A cooldown that should begin at a whole step begins exactly there, also with shape=sqrt.
      {"wsd(cooldown=0.3, shape=sqrt)", 7, 10, 1.0},
      {"wsd(cooldown=0.7, shape=sqrt)", 3, 10, 1.0},
      {"exponential(final=0.01)", 5, 10, 0.1},
      {"exponential(final=1)", 5, 10, 1.0},
      {"exponential(final=0.0625)", 1, 4, 0.5},
      {"step(factor=0.1, at=[0.5, 0.75])", 49, 100, 1.0},
      {"step(factor=0.1, at=[0.5, 0.75])", 50, 100, 0.1},
      {"step(factor=0.1, at=[0.5, 0.75])", 74, 100, 0.1},
      {"step(factor=0.1, at=[0.5, 0.75])", 75, 100, 0.01},
      {"step(factor=0.5, at=[0.1, 0.3, 0.7])", 7, 10, 0.125},
      {"cosine_restarts(cycles=2)", 25, 100, 1.0 / 2.0},
      {"cosine_restarts(cycles=2)", 50, 100, 1.0},
      {"cosine_restarts(cycles=2)", 75, 100, 1.0 / 2.0},
      {"cosine_restarts(cycles=4)", 1, 16, (2.0 + root2) / 4.0},
      // Cycles of 4, 8 and 16 steps.
      {"cosine_restarts(cycles=3, growth=2)", 1, 28, (2.0 + root2) / 4.0},
      {"cosine_restarts(cycles=3, growth=2)", 4, 28, 1.0},
      {"cosine_restarts(cycles=3, growth=2)", 6, 28, (2.0 + root2) / 4.0},
      {"cosine_restarts(cycles=3, growth=2)", 12, 28, 1.0},
      {"cosine_restarts(cycles=3, growth=2)", 20, 28, 1.0 / 2.0},
      {"cosine_restarts(cycles=3, growth=2)", 24, 28, (2.0 - root2) / 4.0},
      // The first cycle has 10/7 = 1.43 steps, the second one 20/7. Step 2 is 4/7 steps into the second one,
      // so the share v = 1/5 of this cycle has passed.
      {"cosine_restarts(cycles=3, growth=2)", 2, 10, (1.0 + std::cos(pi / 5.0)) / 2.0},
      {"one_cycle(peak=0.5, initial=0.2)", 0, 8, 0.2},
      {"one_cycle(peak=0.5, initial=0.2)", 2, 8, 0.6},
      {"one_cycle(peak=0.5, initial=0.2)", 4, 8, 1.0},
      {"one_cycle(peak=0.5, initial=0.2)", 5, 8, (2.0 + root2) / 4.0},
      // The first schedule has ⌈0.3 · 10⌉ = 3 steps, with u = 0, 1/3, 2/3. The second one has 7 steps.
      {"chain(0.3, polynomial(2), linear)", 2, 10, 1.0 / 9.0},
      {"chain(0.3, polynomial(2), linear)", 3, 10, 1.0},
      {"chain(0.3, polynomial(2), linear)", 9, 10, 1.0 / 7.0},
      {"chain(0.5, warmup(1e-9, constant), chain(0.5, inverse_sqrt, linear))", 7, 8, 1.0 / 2.0},
      {"product(linear, linear)", 1, 4, 9.0 / 16.0},
      {"product(cosine, inverse_sqrt)", 3, 6, 1.0 / 4.0},
      {"table([0.5, 1, 0])", 0, 8, 0.5},
      {"table([0.5, 1, 0])", 1, 8, 0.625},
      {"table([0.5, 1, 0])", 4, 8, 1.0},
      {"table([0.5, 1, 0])", 7, 8, 0.25},
      {"table([0.1, 0.3])", 2, 3, 0.1 / 3.0 + 0.3 * 2.0 / 3.0},
      // The warmup has W = ⌈0.1 · 20⌉ = 2 steps. The inner schedule has the other 18 steps.
      {"warmup(0.1, linear)", 0, 20, 1.0 / 2.0},
      {"warmup(0.1, linear)", 1, 20, 1.0},
      {"warmup(0.1, linear)", 2, 20, 1.0},
      {"warmup(0.1, linear)", 11, 20, 1.0 / 2.0},
      {"warmup(0.1, inverse_sqrt)", 5, 20, 1.0 / 2.0},
      // W is ⌈0.07 · 100⌉ = 7, although 0.07 · 100 is slightly more than 7 in doubles. ⌈0.071 · 100⌉ is 8.
      {"warmup(0.07, constant)", 5, 100, 6.0 / 7.0},
      {"warmup(0.07, linear)", 7, 100, 1.0},
      {"warmup(0.071, constant)", 6, 100, 7.0 / 8.0},
      // The warmup has W = 2 steps. Of the other 18 steps, the last 9 cool down.
      {"warmup(0.1, wsd(cooldown=0.5))", 11, 20, 1.0},
      {"warmup(0.1, wsd(cooldown=0.5))", 14, 20, 2.0 / 3.0},
      {"warmup(0.5, warmup(0.5, linear))", 5, 8, 1.0},
      {"warmup(0.5, warmup(0.5, linear))", 4, 8, 1.0 / 2.0},
      {"warmup(0.5, warmup(0.5, linear))", 7, 8, 1.0 / 2.0},
  };
  for (const auto& [spec, t, steps, value] : table) {
    CAPTURE(spec, t, steps);
    CHECK(h(spec, t, steps) == close_to(value));
  }
  CHECK(h("wsd(0.3, sqrt)", 7, 10) == 1.0);
}

TEST_CASE("a table with one value more than steps gives its values exactly") {
  // Linear interpolation would not always return these decimal fractions bit by bit, even between two equal
  // numbers.
  CHECK(h("table([0.1, 0.7, 0.3, 0.9])", 1, 3) == 0.7);
  CHECK(h("table([0.1, 0.7, 0.3, 0.9])", 2, 3) == 0.3);
  CHECK(h("table([0.1, 0.7, 0.3, 0.9])", 4, 6) == 0.3);
}

TEST_CASE("cycles that do not grow are equal cycles") {
  for (const std::int64_t steps : {1, 7, 1000}) {
    for (std::int64_t t = 0; t < steps; ++t) {
      CAPTURE(t, steps);
      CHECK(h("cosine_restarts(4, growth=1)", t, steps) == h("cosine_restarts(4)", t, steps));
    }
  }
}

TEST_CASE("schedules agree with those of PyTorch and transformers") {
  const std::int64_t steps = 37;
  for (std::int64_t t = 0; t < steps; ++t) {
    const auto u = static_cast<double>(t) / static_cast<double>(steps);
    CAPTURE(t);
    // torch.optim.lr_scheduler.CosineAnnealingLR(T_max=T, eta_min), base_lr = 1.
    const double eta_min = 0.15;
    CHECK(h("cosine(0.15)", t, steps) ==
          close_to(eta_min + (1.0 - eta_min) * (1.0 + std::cos(pi * static_cast<double>(t) / 37.0)) / 2.0));
    // torch.optim.lr_scheduler.PolynomialLR(total_iters=T, power).
    CHECK(h("polynomial(2.5)", t, steps) == close_to(std::pow(1.0 - u, 2.5)));
    // transformers.get_cosine_with_hard_restarts_schedule_with_warmup, after the warm-up.
    CHECK(h("cosine_restarts(4)", t, steps) ==
          close_to(std::max(0.0, 0.5 * (1.0 + std::cos(pi * std::fmod(4.0 * u, 1.0))))));
  }
  // torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(T_0=5, T_mult=3): cycles of 5, 15 and 45 steps.
  for (std::int64_t t = 0; t < 65; ++t) {
    const std::int64_t begin = t < 5 ? 0 : t < 20 ? 5 : 20;
    const double length = begin == 0 ? 5.0 : begin == 5 ? 15.0 : 45.0;
    CAPTURE(t);
    CHECK(h("cosine_restarts(3, growth=3)", t, 65) ==
          close_to((1.0 + std::cos(pi * static_cast<double>(t - begin) / length)) / 2.0));
  }
  // torch.optim.lr_scheduler.OneCycleLR(max_lr=1, total_steps=T+1, pct_start, div_factor=25,
  // final_div_factor=∞). Its two phases end at pct_start·total_steps − 1 and total_steps − 1. Each of them is
  // _annealing_cos(start, end, pct), where pct is the share of the phase that has passed.
  const auto annealing_cos = [](double start, double end, double pct) {
    return end + (start - end) / 2.0 * (std::cos(pi * pct) + 1.0);
  };
  const double total_steps = 41.0;
  const double pct_start = 13.0 / 41.0;
  const double up = pct_start * total_steps - 1.0;  // the first phase ends at step 12 = 0.3 · 40
  for (std::int64_t t = 0; t < 40; ++t) {
    const auto step = static_cast<double>(t);
    const double torch = step <= up ? annealing_cos(1.0 / 25.0, 1.0, step / up)
                                    : annealing_cos(1.0, 0.0, (step - up) / (total_steps - 1.0 - up));
    CAPTURE(t);
    CHECK(h("one_cycle(0.3, 0.04)", t, 40) == Approx(torch).margin(1e-14));
  }
}

TEST_CASE("a schedule starts at 1 unless it warms up, and stays in [0, 1]") {
  for (const std::int64_t steps : {1, 2, 3, 7, 1000}) {
    for (const std::string& spec : without_warmup) {
      CAPTURE(spec, steps);
      CHECK(h(spec, 0, steps) == 1.0);
    }
    for (const auto& list : {without_warmup, with_warmup}) {
      for (const std::string& spec : list) {
        const Schedule schedule = Schedule::parse(spec);
        CAPTURE(spec, steps);
        for (std::int64_t t = 0; t < steps; ++t) {
          REQUIRE(schedule(t, steps) >= 0.0);
          REQUIRE(schedule(t, steps) <= 1.0);
        }
      }
    }
  }
}

TEST_CASE("a schedule remembers nothing between calls") {
  for (const auto& list : {without_warmup, with_warmup}) {
    for (const std::string& spec : list) {
      const Schedule used = Schedule::parse(spec);
      for (std::int64_t t = 99; t >= 0; --t) used(t, 100);
      used(3, 7);
      const Schedule copy = used;
      for (const std::int64_t t : {0, 50, 13, 99}) {
        CHECK(used(t, 100) == h(spec, t, 100));
        CHECK(copy(t, 100) == used(t, 100));
      }
    }
  }
}

TEST_CASE("arguments go by position or by name, and white space does not matter") {
  const auto same = [](const std::string& a, const std::string& b) {
    CAPTURE(a, b);
    CHECK(Schedule::parse(a).canonical() == Schedule::parse(b).canonical());
  };
  same("linear", "polynomial(1)");
  same("polynomial(2)", " polynomial ( p = 2.0 ) ");
  same("cosine", "cosine()");
  same("cosine", "cosine(floor=0)");
  same("wsd(0.2)", "wsd(shape=linear, cooldown=0.2)");
  same("wsd(0.2, sqrt)", "wsd(0.2, shape=sqrt)");
  same("step(0.1, [0.5,0.75])", "step(at=[ 0.5 , 0.75 ], factor=1e-1)");
  same("cosine_restarts(3)", "cosine_restarts(growth=1, cycles=3)");
  same("chain(0.3, cosine, linear)", "chain(share=0.30, second=polynomial(1), first=cosine(0))");
  same("product(cosine, linear)", "product(linear, cosine)");
  same("table([1, 0.50])", "table(values=[1.0,0.5])");
  same("table([1, -0.0])", "table([1, 0])");
  same("cosine(floor=-0)", "cosine");
  same("one_cycle(0.3, 0.04)", "one_cycle(initial=0.04, peak=0.3)");
  same("warmup(0.1, linear)", "warmup(schedule=polynomial(p=1), share=0.1)");
  same("warmup(0.1, cosine(floor=0.5))", "warmup(0.1,\n cosine(0.5))");
}

TEST_CASE("the canonical text names the schedule, and reads back as itself") {
  std::vector<std::string> texts;
  for (const auto& list : {without_warmup, with_warmup}) {
    for (const std::string& spec : list) {
      const std::string text = Schedule::parse(spec).canonical();
      CAPTURE(spec, text);
      CHECK(Schedule::parse(text).canonical() == text);
      CHECK(std::find(texts.begin(), texts.end(), text) == texts.end());
      texts.push_back(text);
    }
  }
  CHECK(Schedule::parse("  cosine( 0.10 ) ").spec() == "cosine( 0.10 )");
}

TEST_CASE("a file gives step t its value t, in the part of the run that follows it") {
  const auto parse = [](const std::string& spec, std::int64_t steps, const std::vector<double>& values) {
    return Schedule::parse(
        spec,
        {.read = [&](const std::string&) { return values; }, .least_steps = steps, .most_steps = steps});
  };
  const std::vector<double> values{0.25, 1.0, 0.75};
  const Schedule whole = parse("table(file)", 3, values);
  const Schedule warm = parse("warmup(0.4, table(file))", 5, values);            // 2 steps of warmup
  const Schedule chained = parse("chain(0.6, table(file), linear)", 5, values);  // 3 steps of the table
  const Schedule doubled = parse("product(constant, table(file))", 3, values);
  for (std::int64_t t = 0; t < 3; ++t) {
    CHECK(whole(t, 3) == values[t]);
    CHECK(warm(2 + t, 5) == values[t]);
    CHECK(chained(t, 5) == values[t]);
    CHECK(doubled(t, 3) == values[t]);
  }
  // A table also has a value at the end of the run, t = T. It continues the line through the last two values,
  // here 2 * 0.75 - 1 = 0.5; a value above 1 becomes 1.
  CHECK(whole.canonical() == Schedule::parse("table([0.25, 1, 0.75, 0.5])").canonical());
  CHECK(whole.canonical() == parse("table(file)", 3, {0.25, 1.0, 0.75, 0.5}).canonical());
  CHECK(warm.spec() == "warmup(0.4, table(values=[0.25, 1, 0.75, 0.5]))");
  CHECK(parse("table(file)", 2, {0.5, 1.0}).spec() == "table(values=[0.5, 1, 1])");
  CHECK(parse("table(file)", 1, {0.5}).spec() == "table(values=[0.5, 0.5])");
  std::vector<double> falling;
  for (int t = 0; t < 100; ++t) falling.push_back((100.0 - t) / 100.0);
  CHECK(parse("table(file)", 100, falling).tail_order() == 1.0);
  // Values may fall to 0 before the end of the run.
  for (const std::vector<double>& ending : {std::vector{1.0, 0.5, 0.0}, std::vector{1.0, 0.0, 0.0}}) {
    const Schedule schedule = parse("table(file)", 3, ending);
    for (std::int64_t t = 0; t < 3; ++t) CHECK(schedule(t, 3) == ending[t]);
    CHECK(schedule.tail_order() == 1.0);
  }
  // A list follows the same rules.
  CHECK(parse("table([0.25, 1, 0.75])", 3, {}).canonical() == whole.canonical());
  CHECK(parse("table([0.25, 1, 0.75])", 3, {}).spec() == whole.canonical());
  CHECK(parse("table([0.25, 1, 0.75, 0.5])", 3, {}).spec() == "table([0.25, 1, 0.75, 0.5])");
  CHECK(parse("warmup(0.4, table([0.25, 1, 0.75]))", 5, {}).spec() == warm.spec());
  CHECK(parse("table([1, 0.5], interpolate)", 4, {})(1, 4) == 0.875);
  CHECK(parse("table([0.5])", 1, {}).canonical() == parse("table(file)", 1, {0.5}).canonical());
  CHECK(parse("chain(0.5, table([1]), table([0.5]))", 2, {})(1, 2) == 0.5);
  CHECK(parse("table([1, 0.5, 0], interpolate)", 2, {}).canonical() ==
        parse("table([1, 0.5, 0])", 2, {}).canonical());
  CHECK(parse("table([1, 0.5], interpolate)", 4, {}).canonical() ==
        parse("table(file, interpolate)", 4, {1.0, 0.5}).canonical());
  CHECK_THROWS_WITH(parse("table([1, 0.5])", 4, {}),
                    Catch::Contains("values: found 2 values for 4 steps; allowed: one for each step") &&
                        Catch::EndsWith("or table([...], interpolate)"));
}

TEST_CASE("a long specification has a short name, which shows its ends") {
  std::string list = "0.5";
  for (int i = 0; i < 100; ++i) list += ", 0.5";
  const Schedule schedule = Schedule::parse("table([" + list + ", 0.25])");
  CHECK(schedule.name() == "table([0.5, 0.5, 0.5, 0. ... 0.5, 0.5, 0.25])");
  CHECK(schedule.spec() == "table([" + list + ", 0.25])");
  CHECK(Schedule::parse("warmup(0.1, cosine)").name() == "warmup(0.1, cosine)");
}

TEST_CASE("cost exponents are 1/(2p+1) for a tail of order p, and 1 without decay to zero") {
  const std::vector<std::pair<std::string, double>> table{
      {"constant", 1.0},
      {"inverse_sqrt", 1.0},
      {"linear", 1.0 / 3.0},
      {"polynomial(2)", 1.0 / 5.0},
      {"polynomial(3)", 1.0 / 7.0},
      {"polynomial(0.5)", 1.0 / 2.0},
      {"cosine", 1.0 / 5.0},
      {"cosine(floor=0.01)", 1.0},
      {"wsd(0.2)", 1.0 / 3.0},
      {"wsd(0.2, sqrt)", 1.0 / 3.0},
      {"wsd(0.2, cosine)", 1.0 / 5.0},
      {"wsd(0.2, square)", 1.0 / 3.0},
      {"exponential(0.01)", 1.0},
      {"step(0.1, [0.5])", 1.0},
      {"cosine_restarts(3)", 1.0 / 5.0},
      {"one_cycle(0.3, 0.04)", 1.0 / 5.0},
      {"warmup(0.1, linear)", 1.0 / 3.0},
      {"chain(0.5, constant, cosine)", 1.0 / 5.0},
      {"chain(0.5, cosine, constant)", 1.0},
      {"product(cosine, linear)", 1.0 / 7.0},  // the orders of decay at the end add up: 2 + 1
      {"product(inverse_sqrt, linear)", 1.0 / 3.0},
      {"product(inverse_sqrt, exponential(0.1))", 1.0},
      {"table([0.2, 1, 0])", 1.0 / 3.0},
      {"table([0, 1, 0.1])", 1.0},
      {"warmup(0.1, warmup(0.1, constant))", 1.0},
  };
  for (const auto& [spec, exponent] : table) {
    CAPTURE(spec);
    CHECK(Schedule::parse(spec).cost_exponent() == close_to(exponent));
    CHECK(Schedule::parse(spec).tail_order().has_value() == (exponent < 1.0));
  }
}

TEST_CASE("a bad schedule is refused by name, with what was found and what is allowed") {
  struct Bad {
    std::string spec, message;
  };
  const std::vector<Bad> table{
      {"cosin",
       "schedule cosin: unknown kind 'cosin', did you mean 'cosine'?; allowed: constant, inverse_sqrt, "},
      {"zigzag(3)", "schedule zigzag(3): unknown kind 'zigzag'; allowed: constant, "},
      {"", "schedule '': no name of a schedule; allowed: name or name(argument, key=argument, ...)"},
      {"   ", "schedule '': no name of a schedule"},
      {"(0.1)", "schedule (0.1): no name of a schedule"},
      {"cosine)", "schedule cosine): no name of a schedule"},
      {"cosine(", "schedule cosine(: missing ')' at the end"},
      {"cosine(0.1", "schedule cosine(0.1: missing ')' at the end"},
      {"cosine(0.1) linear", "schedule cosine(0.1) linear: missing ')' at the end"},
      {"cosine(0.1))", "schedule cosine(0.1)): unexpected ')'"},
      {"warmup(0.1, cosine(0.1)", "schedule warmup(0.1, cosine(0.1): missing ')'"},
      {"step(0.1, [0.5)", "schedule step(0.1, [0.5): missing ']'"},
      {"step(0.1, [0.5, (0.6])", "schedule step(0.1, [0.5, (0.6]): unexpected ']'"},
      {"polynomial(2,)", "schedule polynomial(2,): an empty argument"},
      {"polynomial(=2)", "schedule polynomial(=2): an empty argument"},
      {"polynomial(p=)", "schedule polynomial(p=): an empty argument"},
      {"polynomial(1=2)", "schedule polynomial(1=2): no name of an argument before '='"},
      {"polynomial", "schedule polynomial: p: missing; allowed: polynomial(p)"},
      {"polynomial()", "schedule polynomial(): p: missing; allowed: polynomial(p)"},
      {"polynomial(2, 3)", "schedule polynomial(2, 3): 3: one argument too many; allowed: polynomial(p)"},
      {"constant(1)", "schedule constant(1): 1: one argument too many; allowed: constant"},
      {"polynomial(q=2)", "schedule polynomial(q=2): q: no such parameter; allowed: polynomial(p)"},
      {"polynomial(2, p=3)", "schedule polynomial(2, p=3): p: given twice; allowed: each parameter once"},
      {"wsd(cooldown=0.2, sqrt)",
       "schedule wsd(cooldown=0.2, sqrt): sqrt: a positional argument after a named one"},
      {"polynomial(0)", "schedule polynomial(0): p: found 0; allowed: a number > 0"},
      {"polynomial(-1)", "schedule polynomial(-1): p: found -1; allowed: a number > 0"},
      {"polynomial(inf)", "schedule polynomial(inf): p: found inf; allowed: a number > 0"},
      {"polynomial(nan)", "schedule polynomial(nan): p: found nan; allowed: a number > 0"},
      {"polynomial(1e999)", "schedule polynomial(1e999): p: found 1e999; allowed: a number > 0"},
      {"polynomial(two)", "schedule polynomial(two): p: found two; allowed: a number > 0"},
      {"polynomial(2x)", "schedule polynomial(2x): p: found 2x; allowed: a number > 0"},
      {"cosine(1)", "schedule cosine(1): floor: found 1; allowed: a number in [0, 1)"},
      {"cosine(-0.1)", "schedule cosine(-0.1): floor: found -0.1; allowed: a number in [0, 1)"},
      {"wsd(0)", "schedule wsd(0): cooldown: found 0; allowed: a number in (0, 1]"},
      {"wsd(1.1)", "schedule wsd(1.1): cooldown: found 1.1; allowed: a number in (0, 1]"},
      {"wsd(0.2, cubic)",
       "schedule wsd(0.2, cubic): shape: found cubic; allowed: linear, sqrt, cosine or square"},
      {"wsd", "schedule wsd: cooldown: missing; allowed: wsd(cooldown=c, shape=s)"},
      {"exponential(0)", "schedule exponential(0): final: found 0; allowed: a number in (0, 1]"},
      {"exponential(2)", "schedule exponential(2): final: found 2; allowed: a number in (0, 1]"},
      {"step(0.1)", "schedule step(0.1): at: missing; allowed: step(factor=g, at=[u1, u2, ...])"},
      {"step(0.1, 0.5)", "schedule step(0.1, 0.5): at: found 0.5; allowed: a list [a, b, ...]"},
      {"step(0.1, [])", "schedule step(0.1, []): at: found ''; allowed: a number in (0, 1)"},
      {"step(0.1, [0.5, 0.5])",
       "schedule step(0.1, [0.5, 0.5]): at: milestones out of order; allowed: strictly increasing"},
      {"step(0.1, [0, 0.5])", "schedule step(0.1, [0, 0.5]): at: found 0; allowed: a number in (0, 1)"},
      {"step(0.1, [[0.5]])", "schedule step(0.1, [[0.5]]): at: found [0.5]; allowed: a number in (0, 1)"},
      {"cosine_restarts(0)", "schedule cosine_restarts(0): cycles: found 0; allowed: an integer"},
      {"cosine_restarts(1.5)", "schedule cosine_restarts(1.5): cycles: found 1.5; allowed: an integer"},
      {"cosine_restarts(1e300)", "schedule cosine_restarts(1e300): cycles: found 1e300; allowed: an integer"},
      {"cosine_restarts(3, 0)", "schedule cosine_restarts(3, 0): growth: found 0; allowed: an integer"},
      {"cosine_restarts(60, growth=2)",
       "schedule cosine_restarts(60, growth=2): cycles: a last cycle that is too many times as long as the first; "
       "allowed: cycles with 1 + growth + growth^2 + ... of at most 1e15"},
      {"cosine_restarts(1000000000000000, growth=1000000000000000)",
       "schedule cosine_restarts(1000000000000000, "},
      {"chain(0, linear, linear)",
       "schedule chain(0, linear, linear): share: found 0; allowed: a number in (0, 1)"},
      {"chain(0.5, linear)",
       "schedule chain(0.5, linear): second: missing; allowed: chain(share, SPEC1, SPEC2)"},
      {"product(linear, cosin)", "schedule cosin: unknown kind 'cosin', did you mean 'cosine'?"},
      {"table([1], interpolate)",
       "schedule table([1], interpolate): values: a single value; allowed: at least two values"},
      {"table([1, 2])", "schedule table([1, 2]): values: found 2; allowed: a number in [0, 1]"},
      {"table([0, 0])",
       "schedule table([0, 0]): values: nothing but zeros; allowed: at least one value above"},
      {"one_cycle(0, 0.1)", "schedule one_cycle(0, 0.1): peak: found 0; allowed: a number in (0, 1)"},
      {"one_cycle(0.3, 2)", "schedule one_cycle(0.3, 2): initial: found 2; allowed: a number in [0, 1]"},
      {"one_cycle(0.3)", "schedule one_cycle(0.3): initial: missing; allowed: one_cycle(peak=s, initial=i)"},
      {"warmup(1, linear)", "schedule warmup(1, linear): share: found 1; allowed: a number in [0, 1)"},
      {"warmup(0.1)", "schedule warmup(0.1): schedule: missing; allowed: warmup(share, SPEC)"},
      {"warmup(0.1, linea)", "schedule linea: unknown kind 'linea', did you mean 'linear'?"},
      {"warmup(0.1, polynomial(0))", "schedule polynomial(0): p: found 0; allowed: a number > 0"},
      {"cos\nine", "schedule cos ine: no name of a schedule"},
  };
  for (const auto& [spec, message] : table) {
    CAPTURE(spec);
    CHECK_THAT(parse_error(spec), Catch::StartsWith(message));
  }
}

TEST_CASE("schedules nested without end are refused in a short message") {
  std::string open, closed;
  for (int i = 0; i < 10000; ++i) {
    open += "warmup(0.1, ";
    closed += ")";
  }
  for (const std::string& spec : {open, open + "linear" + closed, open + "linear)", std::string(100000, '('),
                                  "step(0.1, " + std::string(100000, '[') + std::string(100000, ']') + ")"}) {
    const std::string message = parse_error(spec);
    CHECK_THAT(message, Catch::StartsWith("schedule "));
    CHECK(message.size() < 300);
  }
  CHECK_THAT(parse_error(open + "linear" + closed), Catch::Contains("brackets nested too deeply"));
  CHECK(parse_error("warmup(0.1, warmup(0.1, warmup(0.1, linear)))").empty());
}

TEST_CASE("every kind of schedule is documented once") {
  const auto docs = rhosweep::model::schedule_catalogue();
  CHECK(docs.size() == 14);  // as many as jobs/guide/sweep_file.md lists
  for (const auto& doc : docs) {
    CHECK_THAT(doc.usage, Catch::StartsWith(doc.name));
    CHECK_FALSE(doc.formula.empty());
    CHECK_FALSE(doc.exponent.empty());
  }
}
