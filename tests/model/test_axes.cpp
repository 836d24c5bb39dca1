// Tests axes of texts, of truth values and of paired keys, and axes points that are left out.
#include "model/support/sweep_text.hpp"

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/model/shard.hpp"

#include <catch2/catch.hpp>

using namespace rhosweep::model;
using rhosweep::core::PointIndex;

namespace {

using Integers = std::vector<std::int64_t>;
using Words = std::vector<std::string>;

/// Returns a sweep with these axes. Its stepsize is allowed for every optimizer.
Sweep with_axes(const std::string& axes, const std::string& sgd = "steps = 100") {
  return parse_sweep(SweepText{.sgd = sgd, .stepsize = "0.1", .more = "[axes]\n" + axes});
}

/// Returns the settings at an axes point, as the text that identifies the point.
std::string settings(const Sweep& sweep, std::int64_t point) {
  return sweep.settings_toml(PointIndex{point}, {});
}

std::string settings_of_run(const std::string& sgd, const std::string& problem = "kind = 'samples'") {
  return settings(parse_sweep(SweepText{.problem = problem, .sgd = sgd, .stepsize = "0.1"}), 0);
}

/// Checks that the canonical text of a sweep gives the same sweep.
void check_text(const Sweep& sweep) {
  const Sweep again = parse_sweep(sweep.to_toml());
  CHECK(again.to_toml() == sweep.to_toml());
  CHECK(again.grid().axes == sweep.grid().axes);
  CHECK(again.grid().excluded == sweep.grid().excluded);
  const auto stored = read_sgd_settings(sweep.to_toml(), sweep.grid());
  for (PointIndex point; point.value < sweep.grid().axes_points(); ++point) {
    CHECK(settings(again, point.value) == settings(sweep, point.value));
    CHECK(stored[point.value] == sweep.sgd(point));
  }
}

}  // namespace

TEST_CASE("paired keys are one dimension with a coordinate for each key") {
  const Sweep sweep = with_axes(
      "'sgd.steps , sgd.batch_size' = [[1000, 64], [4000, 16], [1000, 16]]\n'problem.radius' = [1, 2]",
      "evaluations = 2");
  REQUIRE(sweep.grid().shape() == Integers{3, 2, 2, 2, 3});
  const Axis& axis = sweep.grid().axes.front();
  CHECK(axis.name() == "sgd.steps, sgd.batch_size");
  CHECK(std::get<Integers>(axis.values) == Integers{1000, 4000, 1000});
  CHECK(std::get<Integers>(*axis.find("sgd.batch_size")) == Integers{64, 16, 16});
  CHECK(sweep.sgd(PointIndex{2}).steps == 4000);
  CHECK(sweep.sgd(PointIndex{2}).batch_size == 16);
  CHECK(sweep.sgd(PointIndex{4}).steps == 1000);
  CHECK_THAT(sweep.to_toml(),
             Catch::Contains("\"sgd.steps, sgd.batch_size\" = [[1000, 64], [4000, 16], [1000, 16]]\n"));
  check_text(sweep);
}

TEST_CASE("texts and truth values are axes, labelled by texts") {
  const Sweep sweep = with_axes("problem.loss = ['log', 'hinge']\nproblem.intercept = [false, true]");
  CHECK(std::get<Words>(sweep.grid().axes[1].values) == Words{"false", "true"});
  CHECK(sweep.problem(PointIndex{1}).text("loss") == "log");
  CHECK(sweep.problem(PointIndex{1}).flag("intercept"));
  CHECK_FALSE(sweep.problem(PointIndex{2}).flag("intercept"));
  CHECK_THAT(sweep.to_toml(), Catch::Contains("\"problem.intercept\" = [false, true]\n"));
  check_text(sweep);
}

TEST_CASE("an axes point means the same however the axis is written, and the same as a run of its own") {
  const Sweep paired = with_axes("'sgd.batch_size, problem.loss' = [[3, 'hinge'], [4, 'log']]");
  const Sweep single = with_axes("problem.loss = ['log', 'hinge']\nsgd.batch_size = [4, 3]");
  CHECK(settings(paired, 0) == settings(single, 3));
  CHECK(settings(paired, 1) == settings(single, 0));
  CHECK(settings(paired, 0) ==
        settings_of_run("steps = 100\nbatch_size = 3", "kind = 'samples'\nloss = 'hinge'"));
  CHECK(settings(paired, 0) != settings(paired, 1));
}

TEST_CASE("each optimizer of an axis has its own keys and defaults") {
  const std::string sgd = "steps = 100\nbeta1 = 0.5\nmomentum = 0.9\n";
  const Sweep sweep = with_axes("sgd.optimizer = ['sgd', 'adamw', 'sign_momentum']", sgd);
  CHECK(sweep.sgd(PointIndex{0}).momentum == 0.9);
  CHECK(sweep.sgd(PointIndex{0}).beta1 == 0.0);
  CHECK(sweep.sgd(PointIndex{1}).beta1 == 0.5);
  CHECK(sweep.sgd(PointIndex{1}).momentum == 0.0);
  CHECK(sweep.sgd(PointIndex{1}).beta2 == 0.999);  // the default in the documentation
  CHECK(sweep.sgd(PointIndex{2}).beta2 == 0.99);
  CHECK(settings(sweep, 0) == settings_of_run("steps = 100\nmomentum = 0.9"));
  CHECK(settings(sweep, 1) == settings_of_run("steps = 100\noptimizer = 'adamw'\nbeta1 = 0.5"));
  CHECK(settings(sweep, 2) == settings_of_run("steps = 100\noptimizer = 'sign_momentum'\nbeta1 = 0.5"));
  check_text(sweep);
  const Sweep with_default =
      with_axes("sgd.optimizer = ['sgd', 'adamw']", "steps = 100\nbeta1 = 0.9\nmomentum = 0");
  CHECK(with_default.to_toml() == with_axes("sgd.optimizer = ['sgd', 'adamw']").to_toml());
}

TEST_CASE("the batch size does not identify points that take all samples") {
  const Sweep sweep = with_axes("sgd.sampling = ['shuffle', 'full_batch']", "steps = 100\nbatch_size = 7");
  CHECK(settings(sweep, 0) == settings_of_run("steps = 100\nbatch_size = 7\nsampling = 'shuffle'"));
  CHECK(settings(sweep, 1) == settings_of_run("steps = 100\nsampling = 'full_batch'"));
}

TEST_CASE("bad axes are refused with what is allowed") {
  const auto message = [](const std::string& axes) {
    return error_of(SweepText{.stepsize = "0.1", .more = "[axes]\n" + axes});
  };
  CHECK_THAT(
      message("'sgd.steps, sgd.batch_size' = [[1, 2], [3]]"),
      Catch::EndsWith(":11: axes.\"sgd.steps, sgd.batch_size\": found [3]; allowed: lists of 2 values, "
                      "for sgd.steps, sgd.batch_size"));
  CHECK_THAT(message("'sgd.steps, sgd.batch_size' = 3"),
             Catch::Contains("allowed: a list of lists of 2 values"));
  CHECK_THAT(message("'sgd.steps, sgd.batch_size' = [[9, 2], [10, 2], [9, 2]]"),
             Catch::EndsWith("found [9, 2] twice; allowed: each combination once"));
  CHECK_THAT(message("'sgd.steps, sgd.batch_size' = [[9, 'two']]"),
             Catch::Contains("sgd.batch_size: found \"two\"; allowed: an integer in [1, "));
  CHECK_THAT(message("'sgd.steps, sgd.bach_size' = [[9, 2]]"),
             Catch::Contains("sgd.bach_size\": unknown key, did you mean 'sgd.batch_size'?"));
  CHECK_THAT(message("'sgd.steps, sgd.batch_size' = [[9, 2]]\nsgd.steps = [8]"),
             Catch::EndsWith(":12: axes.\"sgd.steps\": found sgd.steps twice; allowed: each key once"));
  CHECK_THAT(message("problem.loss = ['log', 'hing']"),
             Catch::EndsWith("found \"hing\", did you mean 'hinge'?; allowed: \"log\" or \"hinge\""));
  CHECK_THAT(message("problem.loss = ['log', 'log']"),
             Catch::EndsWith("found \"log\" twice; allowed: each value once"));
  CHECK_THAT(message("problem.loss = []"),
             Catch::EndsWith("found []; allowed: a list of at least one value"));
  CHECK_THAT(message("problem.intercept = true"),
             Catch::EndsWith("found true; allowed: a list of values that are true or false"));
  CHECK_THAT(message("problem.intercept = ['yes']"),
             Catch::EndsWith("found \"yes\"; allowed: true or false"));
  CHECK_THAT(message("sgd.optimizer = ['sgd', 'adamw']\nsgd.momentum = [0.5]"),
             Catch::EndsWith(
                 "found a key that the optimizer \"adamw\" does not have; allowed: an axis of optimizers "
                 "that all have it (\"sgd\"), with the others in a sweep of their own"));
  CHECK_THAT(message("'sgd.optimizer, sgd.weight_decay' = [['sgd', 0.1], ['adamw', 0.1]]"),
             Catch::Contains(
                 "\"sgd.weight_decay\": found a key that the optimizer \"sgd\" does not have; allowed: an "
                 "axis of optimizers that all have it (\"adamw\" or \"sign_momentum\")"));
  CHECK_THAT(message("sgd.sampling = ['shuffle', 'full_batch']\nsgd.batch_size = [1, 2]"),
             Catch::Contains("allowed: nothing, as sgd.sampling is \"full_batch\""));
  CHECK_THAT(error_of(SweepText{.more = "[axes]\nsgd.optimizer = ['sgd', 'adamw']"}),
             Catch::Contains("with sgd.optimizer = \"adamw\""));
}

TEST_CASE("integers along an axis may be a geometric range, the same sweep as their list") {
  const auto values = [](const std::string& range) {
    return std::get<Integers>(with_axes("sgd.batch_size = " + range).grid().axes.at(0).values);
  };
  CHECK(values("{from = 1, to = 64, ratio = 2}") == Integers{1, 2, 4, 8, 16, 32, 64});
  CHECK(values("{from = 5, to = 134, ratio = 3}") == Integers{5, 15, 45});  // the next value would be 135
  CHECK(values("{from = 7, to = 7, ratio = 10}") == Integers{7});
  CHECK(with_axes("sgd.batch_size = {from = 2, to = 8, ratio = 2}").hash() ==
        with_axes("sgd.batch_size = [2, 4, 8]").hash());
  const auto message = [](const std::string& range) {
    return error_of(SweepText{.stepsize = "0.1", .more = "[axes]\nsgd.batch_size = " + range});
  };
  const std::string key = ":11: axes.\"sgd.batch_size\"";
  CHECK_THAT(message("{from = 1, to = 8, ratio = 1.5}"),
             Catch::Contains(key + ".ratio: found 1.5; allowed: an integer >= 2"));
  CHECK_THAT(message("{from = 1, to = 8, ratio = 1}"),
             Catch::Contains(key + ".ratio: found 1; allowed: an integer >= 2"));
  CHECK_THAT(message("{from = 8, to = 1, ratio = 2}"),
             Catch::Contains(key + ".to: found 1; allowed: an integer"));
  CHECK_THAT(message("{from = 0, to = 8, ratio = 2}"),
             Catch::Contains(key + ".from: found 0; allowed: an integer"));
  CHECK_THAT(message("{from = 1, ratio = 2}"), Catch::Contains(key + ".to: found nothing"));
  CHECK_THAT(message("{from = 1, count = 2, ratio = 2}"), Catch::Contains(key + ".count: unknown key"));
  CHECK_THAT(message("2"), Catch::Contains("a list of integers"));
}

TEST_CASE("a table of [[exclude]] leaves out the points at which all its keys have one of its values") {
  const std::string axes = "problem.intercept = [false, true]\nsgd.batch_size = [1, 2, 3]\n";
  const Sweep sweep = with_axes(axes + "[[exclude]]\nproblem.intercept = true\nsgd.batch_size = [3, 1]");
  const Grid& grid = sweep.grid();
  CHECK(grid.excluded == std::vector<bool>{false, false, false, true, false, true});
  CHECK(grid.cells() == 6 * 2 * 6);
  CHECK(grid.included_points() == 4);
  CHECK(grid.included_cells() == 4 * 2 * 6);
  CHECK(CellSet::all(grid).size() == grid.included_cells());
  check_text(sweep);
  const Sweep same = with_axes(axes +
                               "[[exclude]]\n'sgd.batch_size' = [1, 3]\n'problem.intercept' = true\n"
                               "[[exclude]]\nsgd.batch_size = [1, 3]\nproblem.intercept = true");
  CHECK(same.hash() == sweep.hash());
  CHECK(with_axes(axes).hash() != sweep.hash());
}

TEST_CASE("the identity of a sweep has the points that it leaves out, not how they are written") {
  struct Case {
    std::string axes, one, other;
    std::vector<bool> excluded;
  };
  const std::string two = "problem.intercept = [false, true]\nsgd.batch_size = [1, 2, 3]\n";
  const std::string pairs = "'sgd.steps, sgd.batch_size' = [[100, 1], [200, 2], [300, 3]]\n";
  // Each value of sgd.steps and each of sgd.batch_size is in two of these pairs, so one value identifies no
  // pair.
  const std::string grid_of_pairs =
      "'sgd.steps, sgd.batch_size' = [[100, 1], [100, 2], [200, 1], [200, 2]]\n";
  const std::vector<Case> cases{
      {pairs, "[[exclude]]\nsgd.steps = 200", "[[exclude]]\nsgd.batch_size = 2", {false, true, false}},
      {pairs,
       "[[exclude]]\nsgd.steps = [100, 200]\nsgd.batch_size = [2, 3]",
       "[[exclude]]\nsgd.steps = 200\nsgd.batch_size = 2",
       {false, true, false}},
      {grid_of_pairs,
       "[[exclude]]\nsgd.steps = 100\nsgd.batch_size = 2\n[[exclude]]\nsgd.steps = 200\nsgd.batch_size = 1",
       "[[exclude]]\nsgd.batch_size = 1\nsgd.steps = 200\n[[exclude]]\nsgd.batch_size = [2]\nsgd.steps = [100]",
       {false, true, true, false}},
      {grid_of_pairs,
       "[[exclude]]\nsgd.batch_size = 2",
       "[[exclude]]\nsgd.steps = 100\nsgd.batch_size = 2\n[[exclude]]\nsgd.steps = 200\nsgd.batch_size = 2",
       {false, true, false, true}},
      // In the first text both tables exclude one of the points; in the second text no point is excluded
      // twice.
      {two,
       "[[exclude]]\nproblem.intercept = true\n[[exclude]]\nsgd.batch_size = 2",
       "[[exclude]]\nproblem.intercept = true\nsgd.batch_size = [1, 3]\n[[exclude]]\nsgd.batch_size = 2",
       {false, true, false, true, true, true}},
      {two,
       "[[exclude]]\nproblem.intercept = [false, true]\nsgd.batch_size = 3",
       "[[exclude]]\nsgd.batch_size = 3",
       {false, false, true, false, false, true}},
  };
  for (const Case& each : cases) {
    CAPTURE(each.axes, each.one, each.other);
    const Sweep one = with_axes(each.axes + each.one);
    const Sweep other = with_axes(each.axes + each.other);
    CHECK(one.grid().excluded == each.excluded);
    CHECK(other.grid().excluded == each.excluded);
    CHECK(one.to_toml() == other.to_toml());
    CHECK(one.hash() == other.hash());
    CHECK(one.hash() != with_axes(each.axes).hash());
    check_text(one);
  }
}

TEST_CASE("every cell that is not left out is in one shard") {
  const Sweep sweep = with_axes("sgd.batch_size = [1, 2, 3]\n[[exclude]]\nsgd.batch_size = 2");
  CellSet left = CellSet::all(sweep.grid());
  std::int64_t cells = 0;
  for (std::int64_t i = 1; i <= 5; ++i) {
    const CellSet shard =
        cells_of_shard(sweep.grid(), {.index = i, .count = 5}, 1, std::vector{1.0, 0.0, 1.0});
    cells += shard.size();
    left.subtract(shard);
  }
  CHECK(cells == 2 * 2 * 6);
  CHECK(left.size() == 0);
}

TEST_CASE("what makes no sense only at a point that is left out is allowed") {
  const std::string axes = "sgd.nesterov = [false, true]\nsgd.momentum = [0, 0.9]\n";
  CHECK_THROWS_AS(with_axes(axes), rhosweep::core::InputError);
  const Sweep sweep = with_axes(axes + "[[exclude]]\nsgd.nesterov = true\nsgd.momentum = 0");
  CHECK(sweep.grid().first_point().value == 0);
  CHECK(sweep.grid().included_points() == 3);
}

TEST_CASE("truth values of [[exclude]] are texts of the axis, however they are written") {
  const auto toml = [&](const std::string& axes, const std::string& value) {
    return with_axes(axes + "[[exclude]]\n" + value).to_toml();
  };
  CHECK(toml("sgd.nesterov = [true, false]\nsgd.momentum = [0.5, 0.9]\n", "sgd.nesterov = true") ==
        toml("sgd.nesterov = [true, false]\nsgd.momentum = [0.5, 0.9]\n", "sgd.nesterov = 'true'"));
}

TEST_CASE("bad tables of [[exclude]] are refused with what is allowed") {
  const auto message = [](const std::string& tables) {
    return error_of(SweepText{
        .more = "[axes]\n'sgd.batch_size, sgd.momentum' = [[1, 0], [2, 0.5]]\nproblem.loss = ['log']\n" +
                tables});
  };
  CHECK_THAT(
      message("[[exclude]]\nsgd.batch_size = 3"),
      Catch::EndsWith(":14: exclude.\"sgd.batch_size\": found 3; allowed: values of the axis, such as 1, 2"));
  CHECK_THAT(message("[[exclude]]\nsgd.batch_size = 'two'"),
             Catch::Contains(":14: exclude.\"sgd.batch_size\": found \"two\""));
  CHECK_THAT(
      message("[[exclude]]\nsgd.batch_size = 1\nsgd.momentum = 0.5"),
      Catch::Contains(":13: exclude: found {") && Catch::EndsWith("allowed: values of a point of the axes"));
  CHECK_THAT(message("[[exclude]]\nsgd.steps = 100"),
             Catch::Contains(":14: exclude.\"sgd.steps\": found a key that is no axis") &&
                 Catch::EndsWith("allowed: sgd.batch_size, sgd.momentum, problem.loss"));
  CHECK_THAT(
      message("[[exclude]]\nproblem.loss = 'log'"),
      Catch::EndsWith("exclude: found all points of the axes; allowed: tables that leave some of them"));
  CHECK_THAT(message("[[exclude]]"), Catch::Contains(":13: exclude: found {}; allowed: tables [[exclude]]"));
  CHECK_THAT(message("[exclude]\nsgd.batch_size = 1"), Catch::Contains("allowed: tables [[exclude]]"));
}
