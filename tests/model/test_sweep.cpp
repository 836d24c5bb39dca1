#include "model/support/sweep_text.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/hash.hpp"

#include <cmath>
#include <fstream>
#include <set>

#include <catch2/catch.hpp>

using namespace rhosweep::model;
using rhosweep::core::PointIndex;

namespace {

std::vector<std::string> axis_keys(const Sweep& sweep) {
  std::vector<std::string> keys;
  for (const Axis& axis : sweep.grid().axes) keys.push_back(axis.key);
  return keys;
}

std::vector<std::string> specs(const Sweep& sweep) {
  std::vector<std::string> list;
  for (const Schedule& schedule : sweep.grid().schedules) list.push_back(schedule.spec());
  return list;
}

using Integers = std::vector<std::int64_t>;
using Reals = std::vector<double>;
using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a sweep file gives the grid, the problem and the optimiser") {
  const Sweep sweep = parse_sweep(R"toml(
title = "A sweep"
[problem]
kind = "samples"
radius = 5
data = "../x.csv"
loss = "hinge"
intercept = true
[sgd]
steps = 64
batch_size = 4
sampling = "shuffle"
momentum = 0.9
nesterov = true
precision = "float32"
evaluations = 3
iterate = "average"
[grid]
stepsize = 0.1
schedule = ["cosine", "warmup(0.1, linear)"]
rho = [4, 0.25, 1.0]
seed = [7, 3]
[output]
sync_seconds = 2
)toml");
  CHECK(sweep.title() == "A sweep");
  CHECK(sweep.folder() == "runs");
  CHECK(specs(sweep) == Words{"cosine", "warmup(0.1, linear)"});
  CHECK(sweep.grid().rhos == Reals{4.0, 0.25, 1.0});
  CHECK(sweep.grid().seeds == Integers{7, 3});
  CHECK(sweep.grid().cells() == 12);
  CHECK(std::get<double>(sweep.stepsize()) == 0.1);
  CHECK(sweep.output().sync_seconds == 2.0);

  const ProblemSettings problem = sweep.problem(PointIndex{0});
  CHECK(problem.kind() == "samples");
  CHECK(problem.real("radius") == 5.0);
  CHECK(problem.path("data") == "runs/../x.csv");
  CHECK(problem.text("loss") == "hinge");
  CHECK(problem.values().at("intercept") == Value{true});
  CHECK_FALSE(problem.has("samples"));  // excluded by data
  CHECK_FALSE(problem.has("diameter"));

  const SgdSettings sgd = sweep.sgd(PointIndex{0});
  CHECK(sgd.steps == 64);
  CHECK(sgd.batch_size == 4);
  CHECK(sgd.sampling == Sampling::shuffle);
  CHECK(sgd.momentum == 0.9);
  CHECK(sgd.nesterov);
  CHECK(sgd.precision == Precision::float32);
  CHECK(sgd.evaluations == 3);
  CHECK(sgd.iterate == Iterate::average);
}

TEST_CASE("what a sweep file leaves out has its default") {
  const Sweep sweep = parse_sweep(SweepText{});
  CHECK(sweep.title() == "sweep");  // the file's name without its extension
  CHECK(sweep.output().sync_seconds == 30.0);
  CHECK(std::holds_alternative<TheoryStepsize>(sweep.stepsize()));
  CHECK(sweep.grid().axes_points() == 1);
  const ProblemSettings problem = sweep.problem(PointIndex{0});
  CHECK(problem.integer("samples") == 100);
  CHECK(problem.real("radius") == 1.0);
  const SgdSettings sgd = sweep.sgd(PointIndex{0});
  CHECK(sgd.batch_size == 1);
  CHECK(sgd.sampling == Sampling::with_replacement);
  CHECK(sgd.momentum == 0.0);
  CHECK_FALSE(sgd.nesterov);
  CHECK(sgd.precision == Precision::float64);
  CHECK(sgd.evaluations == 8);
  CHECK(sgd.iterate == Iterate::last);
}

TEST_CASE("the learning curve of a short run is as long as the run, unless a length is asked for") {
  CHECK(parse_sweep(SweepText{.sgd = "steps = 5"}).sgd(PointIndex{0}).evaluations == 5);
  const Sweep sweep = parse_sweep(SweepText{.sgd = "", .more = "[axes]\nsgd.steps = [20, 3]"});
  CHECK(sweep.sgd(PointIndex{0}).evaluations == 3);
}

TEST_CASE("an axis takes the place of its section's key") {
  const Sweep sweep = parse_sweep(SweepText{.sgd = "steps = 100", .more = "[axes]\n'sgd.steps' = [10, 20]"});
  CHECK(sweep.sgd(PointIndex{1}).steps == 20);
  CHECK(sweep.hash() == parse_sweep(SweepText{.sgd = "", .more = "[axes]\n'sgd.steps' = [10, 20]"}).hash());
}

TEST_CASE("the full batch ignores the batch size") {
  const std::string sgd = "steps = 10\nsampling = 'full_batch'\n";
  CHECK(parse_sweep(SweepText{.sgd = sgd + "batch_size = 3"}).hash() ==
        parse_sweep(SweepText{.sgd = sgd}).hash());
}

TEST_CASE("a range of rho is geometric, with its ends and the powers of ten exact") {
  const Sweep sweep = parse_sweep(SweepText{.rho = "{from = 0.01, to = 100.0, points = 41}"});
  const Reals& rhos = sweep.grid().rhos;
  REQUIRE(rhos.size() == 41);
  const std::set<double> values(rhos.begin(), rhos.end());
  for (const double power : {0.01, 0.1, 1.0, 10.0, 100.0}) CHECK(values.contains(power));
  CHECK(rhos[20] == 1.0);
  const double ratio = std::pow(100.0 / 0.01, 1.0 / 40.0);
  for (std::size_t i = 1; i < rhos.size(); ++i) CHECK(rhos[i] / rhos[i - 1] == Approx(ratio).epsilon(1e-14));

  const Sweep odd = parse_sweep(SweepText{.rho = "{from = 0.3, to = 0.7, points = 2}"});
  CHECK(odd.grid().rhos == Reals{0.3, 0.7});
  const Sweep wide = parse_sweep(SweepText{.rho = "{from = 1e-22, to = 1e22, points = 45}"});
  for (int power = -22; power <= 22; ++power)
    CHECK(wide.grid().rhos[static_cast<std::size_t>(power + 22)] == std::stod(fmt::format("1e{}", power)));
}

TEST_CASE("round ratios give round values, and a finer or longer range has the old values bit by bit") {
  const auto rhos = [](const std::string& text) { return parse_sweep(SweepText{.rho = text}).grid().rhos; };
  CHECK(rhos("{from = 0.5, to = 8, points = 5}") == Reals{0.5, 1.0, 2.0, 4.0, 8.0});
  CHECK(rhos("{from = 0.5, to = 32, points = 7}") == Reals{0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0});
  CHECK(rhos("{from = 0.3, to = 0.0003e6, points = 4}") == Reals{0.3, 3.0, 30.0, 300.0});
  const auto holds = [](const Reals& many, const Reals& few) {
    return std::ranges::all_of(few, [&](double rho) { return std::ranges::find(many, rho) != many.end(); });
  };
  const Reals coarse = rhos("{from = 0.01, to = 10, points = 21}");
  CHECK(holds(rhos("{from = 0.01, to = 10, points = 61}"), coarse));
  CHECK(holds(rhos("{from = 0.001, to = 100, points = 101}"), rhos("{from = 0.01, to = 10, points = 61}")));
}

TEST_CASE("a range may be given by the ratio of neighbours or by points per decade") {
  const auto rhos = [](const std::string& text) { return parse_sweep(SweepText{.rho = text}).grid().rhos; };
  CHECK(rhos("{from = 0.5, to = 8, ratio = 2}") == Reals{0.5, 1.0, 2.0, 4.0, 8.0});
  CHECK(rhos("{from = 0.5, to = 15.9, ratio = 2}") == Reals{0.5, 1.0, 2.0, 4.0, 8.0});
  CHECK(rhos("{from = 0.1, to = 1.6, ratio = 2.0}") == Reals{0.1, 0.2, 0.4, 0.8, 1.6});
  CHECK(rhos("{from = 2, to = 2, ratio = 3}") == Reals{2.0});
  CHECK(rhos("{from = 0.01, to = 100.0, per_decade = 3}") == rhos("{from = 0.01, to = 100.0, points = 13}"));
  CHECK(rhos("{from = 0.01, to = 50, per_decade = 1}") == Reals{0.01, 0.1, 1.0, 10.0});
}

TEST_CASE(
    "a range may be given by the regret, from which the theory of the schedules finds the points per decade") {
  const auto sweep = [](const std::string& rho, const std::string& schedule,
                        const std::string& steps = "100") {
    return parse_sweep(SweepText{.problem = "kind = 'noise'\ncurvature = 1",
                                 .sgd = "steps = " + steps,
                                 .stepsize = "1",
                                 .schedule = schedule,
                                 .rho = rho});
  };
  const auto rhos = [&](const auto&... words) { return sweep(words...).grid().rhos; };
  const std::string regret = "{from = 0.01, to = 100, regret = 0.1}";
  // The theory allows ratios of 2 for constant, 4 for linear, and 1.5 for constant above 100 steps. So a
  // decade needs ln 10/ln 2 = 3.3, ln 10/ln 4 = 1.7 and ln 10/ln 1.5 = 5.7 points, rounded up.
  CHECK(rhos(regret, "['constant']") == rhos("{from = 0.01, to = 100, per_decade = 4}", "['constant']"));
  CHECK(rhos(regret, "['linear']") == rhos("{from = 0.01, to = 100, per_decade = 2}", "['linear']"));
  CHECK(rhos(regret, "['linear', 'constant']") == rhos(regret, "['constant']"));
  CHECK(rhos(regret, "['constant']", "101") ==
        rhos("{from = 0.01, to = 100, per_decade = 6}", "['constant']"));
  CHECK(rhos(regret, "['cosine']") == Reals{0.01, 0.1, 1.0, 10.0, 100.0});
  CHECK(sweep(regret, "['constant']").hash() ==
        sweep("{from = 0.01, to = 100, points = 17}", "['constant']").hash());
  const auto message = [](const std::string& rho) {
    return error_of(SweepText{.problem = "kind = 'noise'\ncurvature = 1", .rho = rho});
  };
  // ρ of linear may lie a factor of 4 apart and those of constant a factor of 2. The common axis has 4 points
  // per decade, a factor of 1.78. Two steps of it are at most 4, three are not. cosine may visit the ends
  // only.
  const Sweep several = sweep(regret, "['linear', 'constant', 'cosine']");
  const auto visited = [&](const Grid& grid, std::int64_t schedule) {
    Reals found;
    for (const std::int64_t rho : grid.rhos_of(schedule)) found.push_back(grid.rhos[rho]);
    return found;
  };
  CHECK(visited(several.grid(), 0) == rhos(regret, "['linear']"));
  CHECK(visited(several.grid(), 1) == rhos(regret, "['constant']"));
  CHECK(visited(several.grid(), 2) == Reals{0.01, 100.0});
  CHECK(several.grid().included_cells() == std::ssize(several.grid().seeds) * (9 + 17 + 2));
  CHECK_THAT(several.to_toml(), Catch::Contains("rho_every = { \"linear\" = 2, \"cosine\" = 16 }"));
  CHECK(parse_sweep(several.to_toml()).hash() == several.hash());
  CHECK(read_excluded_trials(several.to_toml(), several.grid()) == several.grid().excluded_trials);
  CHECK_THAT(message("{from = 0.1, to = 10, regret = 0}"),
             Catch::EndsWith(":9: grid.rho.regret: found 0; allowed: a number > 0"));
  CHECK_THAT(message("{from = 0.1, to = 10, regret = 1e-300}"),
             Catch::Contains("for which there is no ratio by the theory of constant"));
  CHECK_THAT(message("{from = 0.1, to = 10, regret = 0.1, points = 3}"),
             Catch::EndsWith("allowed: only one of points, ratio, per_decade, regret"));
  CHECK_THAT(error_of(SweepText{.rho = regret}), Catch::Contains("grid.rho.regret: unknown key"));
}

TEST_CASE("a schedule may visit every so many-th rho, and always the largest") {
  const SweepText text{.schedule = "['constant', 'linear']", .rho = "[4, 0.5, 1, 2]"};
  const auto with = [&](const std::string& every) { return parse_sweep(text, {"grid.rho_every=" + every}); };
  using Indices = std::vector<std::int64_t>;
  CHECK(with("{linear = 2}").grid().rhos_of(0) == Indices{1, 2, 3, 0});
  CHECK(with("{linear = 2}").grid().rhos_of(1) == Indices{1, 3, 0});
  CHECK(with("{linear = 3}").grid().rhos_of(1) == Indices{1, 0});
  const std::vector<bool> left_out{false, false, false, false, false, false, true, true};
  CHECK(with("{linear = 3}").grid().excluded_trials == left_out);
  CHECK(with("{linear = 1}").hash() == parse_sweep(text).hash());
  CHECK(with("{'polynomial(1)' = 3}").hash() == with("{linear = 8}").hash());
  CHECK(with("{linear = 2}").hash() != with("{linear = 3}").hash());
  const auto message = [&](const std::string& every) { return error_of(text, {"grid.rho_every=" + every}); };
  CHECK_THAT(message("2"), Catch::EndsWith("found 2; allowed: {SCHEDULE = integer >= 1, ...}"));
  CHECK_THAT(message("{linear = 0}"), Catch::EndsWith("rho_every.linear: found 0; allowed: an integer >= 1"));
  CHECK_THAT(message("{cosine = 2}"),
             Catch::Contains("rho_every.cosine: found a schedule that the grid does"));
  CHECK_THAT(message("{linear = 2, 'polynomial(1)' = 2}"), Catch::Contains("found this schedule twice"));
}

TEST_CASE("what means the same is the same sweep") {
  const auto hash = [](const SweepText& text) { return parse_sweep(text).hash(); };
  const auto of_rho = [&](const std::string& rho) { return hash({.rho = rho}); };
  CHECK(of_rho("[0.5, 1, 2, 4]") == of_rho("{from = 0.5, to = 4.0, points = 4}"));
  CHECK(of_rho("[0.5, 1, 2, 4]") == of_rho("{from = 0.5, to = 5.0, ratio = 2}"));
  CHECK(of_rho("[0.5, 1, 2, 4]") != of_rho("[0.5, 1, 4, 2]"));
  CHECK(of_rho("2") == of_rho("{from = 2, to = 2, points = 1}"));
  CHECK(hash({.seed = "[3, 4, 5]"}) == hash({.seed = "{from = 3, count = 3}"}));
  CHECK(hash({.seed = "[3, 5, 4]"}) != hash({.seed = "{from = 3, count = 3}"}));
  const auto of_schedule = [&](const std::string& spec) {
    return hash(
        {.stepsize = "{'" + spec + "' = 0.1, constant = 0.2}", .schedule = "['" + spec + "', 'constant']"});
  };
  CHECK(of_schedule("wsd(0.2)") == of_schedule("wsd( cooldown=0.2 )"));
  CHECK(of_schedule("linear") == of_schedule("polynomial(p=1)"));
  CHECK(of_schedule("wsd(0.2)") != of_schedule("wsd(0.25)"));
}

TEST_CASE("rho, seeds and schedules are a list, a range or one value alone") {
  CHECK(parse_sweep(SweepText{.rho = "2"}).grid().rhos == Reals{2.0});
  CHECK(parse_sweep(SweepText{.rho = "{from = 2, to = 2.0, points = 1}"}).grid().rhos == Reals{2.0});
  CHECK(parse_sweep(SweepText{.seed = "5"}).grid().seeds == Integers{5});
  CHECK(parse_sweep(SweepText{.seed = "{from = 3, count = 4}"}).grid().seeds == Integers{3, 4, 5, 6});
  CHECK(parse_sweep(SweepText{.seed = "{from = 9223372036854775806, count = 2}"}).grid().seeds ==
        Integers{9223372036854775806, 9223372036854775807});
  CHECK(specs(parse_sweep(SweepText{.schedule = "' cosine '"})) == Words{"cosine"});
}

TEST_CASE("a schedule's file is read once: the sweep has its values, and another name is the same sweep") {
  const SweepText four{.sgd = "steps = 4",
                       .stepsize = "{'table(four.txt)' = 2, constant = 0.5}",
                       .schedule = "['constant', 'table(four.txt)']"};
  const Sweep sweep = parse_sweep(four);
  // The table also has a value at the end of the run, which continues the line through its last two values.
  CHECK(specs(sweep) == Words{"constant", "table(values=[1, 0.5, 0.25, 0.125, 0])"});
  CHECK(std::get<Reals>(sweep.stepsize()) == Reals{0.5, 2.0});
  const std::string text = sweep.to_toml();
  CHECK(text.find("four.txt") == std::string::npos);
  CHECK(Sweep::parse_stored(text, "runs/sweep.toml", {}, small_catalogue()).to_toml() == text);
  CHECK(parse_sweep(SweepText{.sgd = "steps = 4",
                              .stepsize = "{'table([1, 0.5, 0.25, 0.125, 0.0])' = 2, constant = 0.5}",
                              .schedule = "['constant', 'table([1, 0.50, 0.25, 0.125, 0])']"})
            .hash() == sweep.hash());
  CHECK(specs(parse_sweep(SweepText{.schedule = "'table(four.txt, interpolate)'"})) ==
        Words{"table(values=[1, 0.5, 0.25, 0.125], between=interpolate)"});
}

TEST_CASE("a results file cannot make a sweep read the file of a schedule") {
  const std::string text = SweepText{.sgd = "steps = 4", .schedule = "'table(four.txt)'"};
  CHECK_THROWS_WITH(Sweep::parse_stored(text, "runs/sweep.toml", {}, small_catalogue()),
                    Catch::Contains("values: found four.txt; allowed: a list [a, b, ...]"));
}

TEST_CASE("stepsizes per schedule are matched whatever their order and spelling") {
  const Sweep sweep = parse_sweep(
      SweepText{.stepsize = "{'polynomial(1)' = 2, constant = 0.5}", .schedule = "['constant', 'linear']"});
  CHECK(std::get<Reals>(sweep.stepsize()) == Reals{0.5, 2.0});
}

TEST_CASE("axes become dimensions in the order as listed, and settings follow the axes point") {
  const Sweep sweep = parse_sweep(SweepText{
      .sgd = "evaluations = 2",
      .more = "[axes]\n'sgd.steps' = [8, 4]\n'problem.radius' = [1, 0.5, 2]\n'sgd.batch_size' = [16]"});
  CHECK(axis_keys(sweep) == Words{"sgd.steps", "problem.radius", "sgd.batch_size"});
  CHECK(std::get<Integers>(sweep.grid().axes[0].values) == Integers{8, 4});
  CHECK(std::get<Reals>(sweep.grid().axes[1].values) == Reals{1.0, 0.5, 2.0});
  CHECK(sweep.grid().shape() == Integers{2, 3, 1, 2, 2, 3});
  CHECK(sweep.sgd(PointIndex{2}).steps == 8);
  CHECK(sweep.problem(PointIndex{2}).real("radius") == 2.0);
  CHECK(sweep.sgd(PointIndex{3}).steps == 4);
  CHECK(sweep.sgd(PointIndex{3}).batch_size == 16);
  CHECK(sweep.problem(PointIndex{3}).real("radius") == 1.0);
}

TEST_CASE("an axis key may be quoted or dotted, its values a list or a range") {
  const Sweep sweep = parse_sweep(SweepText{.more = R"toml([axes]
sgd.momentum = [0, 0.5]
problem.radius = {from = 0.01, to = 1, points = 3}
sgd.batch_size = {from = 2, count = 3}
"problem.samples" = [50])toml"});
  CHECK(axis_keys(sweep) == Words{"sgd.momentum", "problem.radius", "sgd.batch_size", "problem.samples"});
  CHECK(std::get<Reals>(sweep.grid().axes[1].values) == Reals{0.01, 0.1, 1.0});
}

TEST_CASE("canonical text has everything in its order, ranges as ranges, axes as listed") {
  const Sweep sweep = parse_sweep(R"toml(
[axes]
sgd.momentum = [0, 0.5]
"problem.radius" = {from = 0.1, to = 1, points = 3}
[grid]
seed = {count = 4, from = 1}
rho = [1, 2]
schedule = "cosine( floor=0.5 )"
stepsize = {'cosine(0.5)' = 1e-3}
[sgd]
sampling = "full_batch"   # no batches
steps = 1_000
[problem]
data = 'C:\x "y".csv'
kind = "samples"
)toml");
  CHECK(sweep.to_toml() == R"toml(title = "sweep"

[problem]
kind = "samples"
data = "C:\\x \"y\".csv"
loss = "log"
intercept = false

[sgd]
steps = 1000
sampling = "full_batch"
nesterov = false
precision = "float64"
evaluations = 8
iterate = "last"

[grid]
stepsize = { "cosine( floor=0.5 )" = 0.001 }
schedule = ["cosine( floor=0.5 )"]
rho = [1.0, 2.0]
seed = { from = 1, count = 4 }

[axes]
"sgd.momentum" = [0.0, 0.5]
"problem.radius" = { from = 0.1, to = 1.0, points = 3 }
)toml");
  CHECK(sweep.output_toml() == "[output]\nsync_seconds = 30.0\n");
}

TEST_CASE("reading the canonical text again gives the same sweep") {
  const SweepText texts[] = {
      {},
      {.problem = "kind = 'noise'\ncurvature = 1e-3", .stepsize = "1e300", .seed = "{from = 0, count = 5}"},
      {.problem = "kind = 'samples'\ndata = \"\\u00e4\\t\\\"\\\\.csv\"",
       .stepsize = "{constant = 0.1, linear = 1}",
       .rho = "{from = 0.01, to = 3.3, points = 7}"},
      {.sgd = "steps = 100\noptimizer = 'adamw'", .stepsize = "1"},
      {.sgd = "sampling = 'full_batch'\nmomentum = 0.1",
       .more = "[axes]\nsgd.steps = [10, 20]\nproblem.samples = {from = 1, count = 3}"},
  };
  for (const SweepText& text : texts) {
    const Sweep sweep = parse_sweep(text, {"title='from above'"});
    const Sweep again = parse_sweep(sweep.to_toml());
    CHECK(again.to_toml() == sweep.to_toml());
    CHECK(again.hash() == sweep.hash());
    CHECK(again.grid().rhos == sweep.grid().rhos);
    CHECK(again.grid().seeds == sweep.grid().seeds);
    CHECK(again.stepsize() == sweep.stepsize());
    CHECK(again.problem(PointIndex{0}).values() == sweep.problem(PointIndex{0}).values());
    CHECK(parse_sweep(sweep.to_toml() + again.output_toml()).hash() == sweep.hash());
  }
}

TEST_CASE(
    "an optimizer brings its keys and its defaults, and sgd leaves the canonical text as it always was") {
  const std::string sgd_text = parse_sweep(SweepText{}).to_toml();
  CHECK(parse_sweep(SweepText{}, {"sgd.optimizer='sgd'"}).to_toml() == sgd_text);
  CHECK_THAT(sgd_text,
             !Catch::Contains("optimizer") && Catch::Contains("momentum = 0.0\nnesterov = false\n"));

  // Defaults of PyTorch and of the Lion paper.
  const SweepText text{.sgd = "steps = 100\noptimizer = 'adamw'\nbeta1 = 0.8", .stepsize = "1"};
  const Sweep adamw = parse_sweep(text);
  CHECK_THAT(
      adamw.to_toml(),
      Catch::Contains("sampling = \"with_replacement\"\noptimizer = \"adamw\"\nbeta1 = 0.8\nbeta2 = 0.999\n"
                      "epsilon = 1e-08\nweight_decay = 0.01\nprecision = "));
  CHECK_THAT(adamw.to_toml(), !Catch::Contains("momentum"));
  CHECK(adamw.sgd(PointIndex{0}).optimizer == Optimizer::adamw);
  CHECK(adamw.sgd(PointIndex{0}).beta1 == 0.8);
  const SweepText lion{.sgd = "steps = 100\noptimizer = 'sign_momentum'", .stepsize = "1"};
  CHECK_THAT(
      parse_sweep(lion).to_toml(),
      Catch::Contains("optimizer = \"sign_momentum\"\nbeta1 = 0.9\nbeta2 = 0.99\nweight_decay = 0.0\n"));

  // An optimizer's defaults are those of its paper and of the authors' implementation.
  const auto canonical = [](const std::string& optimizer) {
    return parse_sweep(SweepText{.sgd = "steps = 100\noptimizer = '" + optimizer + "'", .stepsize = "1"})
        .to_toml();
  };
  CHECK_THAT(canonical("dog"), Catch::Contains("optimizer = \"dog\"\nr_epsilon = 1e-06\nprecision = "));
  CHECK_THAT(
      canonical("prodigy"),
      Catch::Contains(
          "optimizer = \"prodigy\"\nbeta1 = 0.9\nbeta2 = 0.999\nepsilon = 1e-08\nd0 = 1e-06\nprecision"));
  CHECK_THAT(canonical("schedule_free"),
             Catch::Contains("optimizer = \"schedule_free\"\nbeta = 0.9\nprecision = ") &&
                 !Catch::Contains("iterate"));

  const SweepText axis{.sgd = text.sgd, .stepsize = "1", .more = "[axes]\n'sgd.weight_decay' = [0, 0.1]"};
  CHECK(parse_sweep(axis).sgd(PointIndex{1}).weight_decay == 0.1);
}

TEST_CASE("the hash is that of what the text means, whatever the order, spacing, comments and output") {
  const Sweep sweep = parse_sweep(SweepText{.problem = "kind = 'samples'\nradius = 2"});
  CHECK(sweep.hash() == sweep_hash(sweep.to_toml()));
  const Sweep other = parse_sweep(R"toml(
output.sync_seconds = 1
grid = {seed=[ 0,
  1 ], rho=[5e-1, 1.0, 2.0], schedule=["constant","linear"], stepsize="theory"}
[sgd]          # as above
  momentum = 0 # the default
  steps = 100
[problem]
  radius   = 2.0
  kind     = "samples"
)toml");
  CHECK(other.hash() == sweep.hash());
}

TEST_CASE("the hash changes with every key of the sweep's identity") {
  const std::string axes = "[axes]\nproblem.radius = [1, 2]\nsgd.momentum = [0.0, 0.5]";
  const SweepText text{.sgd = "steps = 100", .more = axes};
  const std::vector<std::vector<std::string>> changes{
      {},
      {"problem.samples=99"},
      {"problem.data='x'"},
      {"problem.diameter=9.0"},
      {"problem.loss='hinge'"},
      {"problem.intercept=true"},
      {"sgd.steps=99"},
      {"sgd.batch_size=2"},
      {"sgd.sampling='shuffle'"},
      {"sgd.precision='float32'"},
      {"sgd.evaluations=7"},
      {"sgd.iterate='average'"},
      {"axes.sgd.momentum=[0.1, 0.5]", "sgd.nesterov=true"},
      {"axes.sgd.momentum=[0.1, 0.5]"},
      {"axes.sgd.momentum=[0.5, 0.0]"},
      {"axes.problem.radius=[1]"},
      {"axes.problem.samples=[100]"},
      {"grid.stepsize=0.1"},
      {"grid.schedule=['linear', 'constant']"},
      {"grid.rho=[0.5, 1, 3]"},
      {"grid.seed=[0, 2]"},
      {"axes={}", "problem.radius=2", "sgd.momentum=0.5"},
  };
  std::set<std::uint64_t> hashes;
  for (const auto& overrides : changes) {
    CAPTURE(overrides);
    CHECK(hashes.insert(parse_sweep(text, overrides).hash()).second);
  }
  CHECK(parse_sweep(text, {"output.sync_seconds=1"}).hash() == parse_sweep(text).hash());
  CHECK(parse_sweep(text, {"title='other'"}).hash() == parse_sweep(text).hash());
}

TEST_CASE("lists of integers, and a default of the precision that depends on the kind") {
  const std::vector<ProblemSchema> catalogue{
      {.kind = "deep",
       .summary = "",
       .keys =
           {{.name = "widths", .type = ValueType::integers, .fallback = Integers{7}, .range = at_least_one}},
       .samplings = {"with_replacement"},
       .precision = Precision::float32,
       .check = {}}};
  const auto parse = [&](const std::string& problem, const std::string& sgd) {
    return Sweep::parse("[problem]\nkind = \"deep\"\n" + problem + "[sgd]\nsteps = 8\n" + sgd +
                            "[grid]\nstepsize = 1\nschedule = \"linear\"\nrho = 1\nseed = 0\n",
                        "deep.toml", {}, catalogue);
  };
  const Sweep sweep = parse("widths = [3, 1, 3]\n", "");
  CHECK(sweep.problem(PointIndex{0}).integers("widths") == Integers{3, 1, 3});
  CHECK(sweep.sgd(PointIndex{0}).precision == Precision::float32);
  CHECK_THAT(sweep.to_toml(),
             Catch::Contains("widths = [3, 1, 3]\n") && Catch::Contains("precision = \"float32\"\n"));
  CHECK(Sweep::parse(sweep.to_toml(), "again.toml", {}, catalogue).to_toml() == sweep.to_toml());
  CHECK(parse("", "precision = \"float64\"\n").sgd(PointIndex{0}).precision == Precision::float64);
  CHECK(parse("", "").problem(PointIndex{0}).integers("widths") == Integers{7});
  for (const char* wrong :
       {"widths = []\n", "widths = 3\n", "widths = [0]\n", "widths = [1.0]\n", "widths = [\"1\"]\n"})
    CHECK_THROWS_WITH(parse(wrong, ""), Catch::StartsWith("deep.toml:3: problem.widths: found ") &&
                                            Catch::EndsWith("allowed: a list of integers >= 1"));
}

TEST_CASE("lists of texts, the user's own keys, and keys outside the identity") {
  using T = ValueType;
  const std::vector<ProblemSchema> catalogue{
      {.kind = "open",
       .summary = "",
       .keys =
           {{.name = "words", .type = T::texts, .required = true},
            {.name = "patience", .type = T::real, .fallback = 1.0, .range = positive, .in_identity = false}},
       .samplings = {"with_replacement"},
       .check = {},
       .open = true}};
  const auto parse = [&](const std::string& problem, const std::string& axes) {
    return Sweep::parse(
        "[problem]\nkind = \"open\"\n" + problem +
            "[sgd]\nsteps = 8\n[grid]\nstepsize = 1\nschedule = \"linear\"\nrho = 1\nseed = 0\n" + axes,
        "open.toml", {}, catalogue);
  };
  const Sweep sweep = parse("zeal = 2\nwords = [\"a b\", \"\\\"\"]\npatience = 3\nbold = true\n",
                            "[axes]\nproblem.age = [0, 0.5]\n");
  const ProblemSettings settings = sweep.problem(PointIndex{1});
  CHECK(settings.texts("words") == Words{"a b", "\""});
  CHECK(settings.integer("zeal") == 2);
  CHECK(settings.flag("bold"));
  CHECK(settings.real("age") == 0.5);
  CHECK(settings.real("patience") == 3.0);

  // The user's own keys follow the others, sorted by name. Keys that only say how to run are not part of the
  // sweep.
  const std::string text = sweep.to_toml();
  CHECK(text.find("words = [\"a b\", \"\\\"\"]\nbold = true\nzeal = 2\n") != std::string::npos);
  CHECK(text.find("patience") == std::string::npos);
  CHECK(sweep.run_overrides() == Words{"problem.patience=3.0"});
  const Sweep again = Sweep::parse(text, "again.toml", sweep.run_overrides(), catalogue);
  CHECK(again.to_toml() == text);
  CHECK(again.run_overrides() == sweep.run_overrides());
  CHECK(again.hash() ==
        parse("bold = true\nwords = [\"a b\", \"\\\"\"]\nzeal = 2\n", "[axes]\nproblem.age = [0, 0.5]\n")
            .hash());

  for (const char* wrong : {"words = []\n", "words = \"a\"\n", "words = [1]\n", "words = [\"a\"]\nBad = 1\n",
                            "words = [\"a\"]\nlist = [1]\n", "words = [\"a\"]\n\"a b\" = 1\n"})
    CHECK_THROWS_AS(parse(wrong, ""), rhosweep::core::InputError);
  CHECK_THROWS_AS(parse("words = [\"a\"]\n", "[axes]\nproblem.patience = [1, 2]\n"),
                  rhosweep::core::InputError);
}

TEST_CASE("overrides replace values, merge into tables, and the later one wins") {
  const SweepText text{.rho = "{from = 0.1, to = 10, points = 3}", .seed = "{from = 0, count = 9}"};
  CHECK(parse_sweep(text, {"grid.rho.points=5"}).grid().rhos.size() == 5);
  CHECK(parse_sweep(text, {"grid.rho=[3]"}).grid().rhos == Reals{3.0});
  CHECK(parse_sweep(SweepText{}, {"grid.rho={from=1,to=2,points=2}"}).grid().rhos == Reals{1.0, 2.0});
  CHECK(parse_sweep(text, {"grid.seed={from=4,count=1}"}).grid().seeds == Integers{4});
  CHECK(parse_sweep(text, {"grid.seed.count=2", "grid.seed.from=1"}).grid().seeds == Integers{1, 2});
  CHECK(parse_sweep(text, {"sgd.steps = 50", "sgd.steps=60"}).sgd(PointIndex{0}).steps == 60);
  CHECK(parse_sweep(text, {"sgd={steps=9}"}).sgd(PointIndex{0}).steps == 9);
  CHECK(parse_sweep(text, {R"(title="a = 'b'")"}).title() == "a = 'b'");
  CHECK(parse_sweep(text, {"grid.schedule='cosine'"}).grid().schedules.size() == 1);
  CHECK(parse_sweep(text, {"grid.seed=[\n1,\n2]"}).grid().seeds == Integers{1, 2});
  const SweepText per_schedule{.stepsize = "{constant = 1, linear = 2}"};
  CHECK(std::get<Reals>(parse_sweep(per_schedule, {"grid.stepsize.linear=3"}).stepsize()) == Reals{1.0, 3.0});
}

TEST_CASE("an override of an axis keeps the axis's place, and new axes come last in the order given") {
  const SweepText text{.more =
                           "[axes]\nsgd.momentum = [0.1]\n'problem.radius' = {from = 1, to = 2, points = 2}"};
  const Sweep sweep =
      parse_sweep(text, {R"(axes."sgd.batch_size"=[1, 2])", "axes.problem.diameter=[9]",
                         "axes.sgd.momentum=[0.2, 0.3]", R"(axes."problem.radius".points=3)"});
  CHECK(axis_keys(sweep) == Words{"sgd.momentum", "problem.radius", "sgd.batch_size", "problem.diameter"});
  CHECK(std::get<Reals>(sweep.grid().axes[0].values) == Reals{0.2, 0.3});
  CHECK(sweep.grid().axes[1].size() == 3);
}

TEST_CASE("a sweep file is loaded from disk, and its folder is where paths start") {
  std::filesystem::create_directories("loaded/here");
  std::ofstream("loaded/here/my_sweep.toml")
      << std::string(SweepText{.problem = "kind='samples'\ndata='x.csv'"});
  const std::vector<std::string> overrides{"sgd.steps=50"};
  const Sweep sweep = Sweep::load("loaded/here/my_sweep.toml", overrides, small_catalogue());
  CHECK(sweep.title() == "my_sweep");
  CHECK(sweep.sgd(PointIndex{0}).steps == 50);
  CHECK(sweep.problem(PointIndex{0}).path("data") == "loaded/here/x.csv");
}

TEST_CASE("the first key in which two sweeps differ is named with both values") {
  const auto text = [](const std::vector<std::string>& overrides) {
    return parse_sweep(SweepText{}, overrides).to_toml();
  };
  CHECK(first_difference(text({}), text({})).empty());
  CHECK(first_difference(text({"sgd.steps=50"}), text({"sgd.steps=60"})) ==
        "sgd.steps is 50 in the file, 60 in the sweep");
  const auto axis = text({R"(axes."sgd.batch_size"=[1, 2])"});
  CHECK(first_difference(text({}), axis) ==
        "axes.\"sgd.batch_size\" is absent in the file, [1, 2] in the sweep");
  CHECK(first_difference(axis, text({})).find("sgd.batch_size is absent in the file, ") == 0);
}

TEST_CASE("sweeps are compared by what their text means, not by its lines") {
  const std::string plain = "title = \"a\"\n[sgd]\nsteps = 50\n";
  CHECK(first_difference(plain, "title='a' # the same\n[sgd]\nsteps   =   50").empty());
  CHECK(first_difference(plain, "title = \"\"\"a\n[sgd]\nsteps = 60\"\"\"\n[sgd]\nsteps = 50\n").empty());
  CHECK(first_difference(plain, "title = 'b'\n[sgd]\nsteps = 60").starts_with("sgd.steps is"));
  CHECK_THROWS_AS(first_difference(plain, "steps = = 50"), rhosweep::core::InputError);
}
