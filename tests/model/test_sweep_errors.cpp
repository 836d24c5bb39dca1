#include "model/support/sweep_text.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

using namespace rhosweep::model;

namespace {

/// A bad sweep, how its error message goes on after "runs/sweep.toml", and how the message ends.
struct Bad {
  SweepText text;
  std::string start;
  std::string end = "";
};

void check_all(const std::vector<Bad>& cases) {
  for (const Bad& bad : cases) {
    const std::string message = error_of(bad.text);
    CAPTURE(std::string(bad.text));
    CHECK_THAT(message, Catch::StartsWith("runs/sweep.toml" + bad.start));
    CHECK_THAT(message, Catch::EndsWith(bad.end));
    CHECK(message.find('\n') == std::string::npos);
  }
}

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

}  // namespace

// If [problem] and [sgd] of a SweepText have one key each, its lines are: 1 [problem], 3 [sgd], 5 [grid],
// 6 stepsize, 7 schedule, 8 rho, 9 seed, and 10 is the next one.

TEST_CASE("values of a wrong type or out of range are refused with their line") {
  check_all({
      {{.rho = "0"}, ":8: grid.rho: found 0; allowed: numbers > 0"},
      {{.rho = "[1,\n 2,\n -1.5]"}, ":10: grid.rho: found -1.5; allowed: numbers > 0"},
      {{.rho = "nan"}, ":8: grid.rho: found nan; allowed: numbers > 0"},
      {{.rho = "[inf]"}, ":8: grid.rho: found inf; allowed: numbers > 0"},
      {{.rho = "true"},
       ":8: grid.rho: found true; allowed: numbers > 0 as a list or as {from, to, points}, {from, to, ratio} or {from, to, per_decade}"},
      {{.rho = "1979-05-27"}, ":8: grid.rho: found a date or time; allowed: numbers > 0"},
      {{.rho = "[[1]]"}, ":8: grid.rho: found [1]; allowed: numbers > 0"},
      {{.seed = "1.0"}, ":9: grid.seed: found 1.0; allowed: integers >= 0"},
      {{.seed = "[-1]"}, ":9: grid.seed: found -1; allowed: integers >= 0"},
      {{.sgd = "steps = 0"}, ":4: sgd.steps: found 0; allowed: an integer in [1, 1000000000000000]"},
      {{.sgd = "steps = 10.0"}, ":4: sgd.steps: found 10.0; allowed: an integer in [1, 1000000000000000]"},
      {{.sgd = "steps = '10'"}, ":4: sgd.steps: found \"10\"; allowed: an integer in [1, 1000000000000000]"},
      {{.sgd = "steps = 10\nmomentum = 1"}, ":5: sgd.momentum: found 1; allowed: a number in [0, 1)"},
      {{.sgd = "steps = 10\nmomentum = nan"}, ":5: sgd.momentum: found nan; allowed: a number in [0, 1)"},
      {{.sgd = "steps = 10\nnesterov = 1"}, ":5: sgd.nesterov: found 1; allowed: true or false"},
      {{.sgd = "steps = 10\nprecision = 'float16'"},
       ":5: sgd.precision: found \"float16\"",
       "allowed: \"float64\" or \"float32\""},
      {{.sgd = "steps = 10\niterate = ['last']"},
       ":5: sgd.iterate: found [\"last\"]; allowed: \"last\" or \"average\""},
      {{.problem = "kind = 'samples'\nradius = -0.1"},
       ":3: problem.radius: found -0.1; allowed: a number >= 0"},
      {{.problem = "kind = 'samples'\nradius = inf"},
       ":3: problem.radius: found inf; allowed: a number >= 0"},
      {{.problem = "kind = 'samples'\ndata = 3"}, ":3: problem.data: found 3; allowed: a path as text"},
      {{.problem = "kind = 'samples'\ndata = \"a\\u0000\""},
       ":3: problem.data: found \"a\\u0000\"; allowed: a path as text without the character NUL (\\u0000)"},
      {{.more = "[search]\nmetric = \"a\\u0000b\""},
       ":11: search.metric: found \"a\\u0000b\"; allowed: text without the character NUL (\\u0000)"},
      {{.problem = "kind = 'sample'"},
       ":2: problem.kind: found \"sample\", did you mean 'samples'?",
       "allowed: \"samples\" or \"noise\""},
      {{.problem = "kind = 1"}, ":2: problem.kind: found 1; allowed: \"samples\" or \"noise\""},
      {{.stepsize = "0"}, ":6: grid.stepsize: found 0; allowed: a number > 0"},
      {{.stepsize = "inf"}, ":6: grid.stepsize: found inf; allowed: a number > 0"},
      {{.stepsize = "'tuned'"},
       ":6: grid.stepsize: found \"tuned\"; allowed: a number > 0, \"theory\" or {SCHEDULE = number, ...}"},
      {{.stepsize = "[1, 2]"}, ":6: grid.stepsize: found [1, 2]; allowed: a number > 0, \"theory\""},
      {{.schedule = "3"}, ":7: grid.schedule: found 3; allowed: schedules as text"},
      {{.more = "[output]\nsync_seconds = 0"}, ":11: output.sync_seconds: found 0; allowed: a number > 0"},
      {{.more = "[axes]\nproblem.radius = [1, '2']"},
       ":11: axes.\"problem.radius\": found \"2\"; allowed: numbers >= 0"},
      {{.more = "[axes]\nproblem.radius = 1"},
       ":11: axes.\"problem.radius\": found 1; allowed: a list of numbers >= 0"},
      {{.more = "[axes]\n'sgd.batch_size' = [1.0]"},
       ":11: axes.\"sgd.batch_size\": found 1.0; allowed: integers in [1, 1000000000000000]"},
  });
  CHECK_THAT(error_of("title = 3\n" + std::string(SweepText{})),
             Catch::Equals("runs/sweep.toml:1: title: found 3; allowed: text"));
}

TEST_CASE("the values of a schedule's file must be as many as its steps, unless it is asked to interpolate") {
  const auto for_steps = [](const std::string& count) {
    return "4 values in four.txt for " + count +
           "; allowed: one for each step, and perhaps one more for the end of the run; or table(four.txt, interpolate)";
  };
  check_all({
      {{.schedule = "['linear',\n'table(four.txt)']"},
       ":8: grid.schedule: schedule table(four.txt): values: found 4 values",
       for_steps("100 steps")},
      {{.sgd = "steps = 2", .schedule = "'table(four.txt)'"}, ":7: grid.schedule: ", for_steps("2 steps")},
      {{.schedule = "'table(four.txt)'", .more = "[axes]\nsgd.steps = [4, 5]"},
       ":7: grid.schedule: ",
       for_steps("4 to 5 steps")},
      {{.sgd = "steps = 4", .schedule = "'warmup(0.5, table(four.txt))'"},
       ":7: grid.schedule: schedule table(four.txt): ",
       for_steps("2 steps")},
      {{.sgd = "steps = 10", .schedule = "'chain(0.5, linear, table(four.txt))'"},
       ":7: grid.schedule: ",
       for_steps("5 steps")},
      {{.schedule = "'table(five.txt)'"}, ":7: grid.schedule: runs/five.txt: no such file"},
      {{.schedule = "'table(four.txt, linear)'"},
       ":7: grid.schedule: schedule table(four.txt, linear): between: found linear",
       "allowed: steps or interpolate"},
      {{.schedule = "'table([1, 0])'"},
       ":7: grid.schedule: schedule table([1, 0]): values: found 2 values for 100 steps; allowed: one for each "
       "step"},
  });
}

TEST_CASE("empty dimensions and duplicates are refused") {
  check_all({
      {{.rho = "[]"}, ":8: grid.rho: found []; allowed: at least one"},
      {{.seed = "[]"}, ":9: grid.seed: found []; allowed: at least one"},
      {{.schedule = "[]"}, ":7: grid.schedule: found []; allowed: at least one"},
      {{.more = "[axes]\nproblem.radius = []"},
       ":11: axes.\"problem.radius\": found []; allowed: at least one"},
      {{.rho = "[1, 2, 1.0]"}, ":8: grid.rho: found 1.0 twice; allowed: each number once"},
      {{.seed = "[3,\n3]"}, ":10: grid.seed: found 3 twice; allowed: each number once"},
      {{.schedule = "['linear',\n'polynomial(1)']"},
       ":8: grid.schedule: found \"polynomial(1)\", the same schedule as linear; allowed: each schedule once"},
      {{.stepsize = "{constant = 1, linear = 2, 'polynomial(p=1)' = 3}"},
       ":6: grid.stepsize.\"polynomial(p=1)\": found this schedule twice"},
      {{.more = "[axes]\n'sgd.momentum' = [0, 0.0]"}, ":11: axes.\"sgd.momentum\": found 0.0 twice"},
      {{.more = "[axes]\n'sgd.momentum' = [0]\nsgd.momentum = [0.5]"},
       ":12: axes.\"sgd.momentum\": found twice; allowed: each key once"},
  });
}

TEST_CASE("names of other tools and keys of another section are understood well enough to name the key") {
  check_all({
      {{.sgd = "steps = 9\nlr = 0.1"},
       ":5: sgd.lr: unknown key, did you mean 'grid.stepsize'?; allowed: steps, "},
      {{.sgd = "steps = 9\nlearning_rate = 0.1"},
       ":5: sgd.learning_rate: unknown key, did you mean 'grid.stepsize'?"},
      {{.sgd = "epochs = 9"}, ":4: sgd.epochs: unknown key, did you mean 'steps'?"},
      {{.sgd = "max_iter = 9"}, ":4: sgd.max_iter: unknown key, did you mean 'steps'?"},
      {{.sgd = "steps = 9\nradius = 1"}, ":5: sgd.radius: unknown key, did you mean 'problem.radius'?"},
      {{.sgd = "steps = 9\nseeds = 1"}, ":5: sgd.seeds: unknown key, did you mean 'grid.seed'?"},
      {{.problem = "kind = 'noise'\nmomentum = 0"},
       ":3: problem.momentum: unknown key, did you mean 'sgd.momentum'?"},
      {{.more = "batch_size = 3"}, ":10: grid.batch_size: unknown key, did you mean 'sgd.batch_size'?"},
  });
}

TEST_CASE("unknown keys and sections are refused with a hint") {
  check_all({
      {{.problem = "kind = 'samples'\nsampels = 3"},
       ":3: problem.sampels: unknown key, did you mean 'samples'?; allowed: kind, data, samples, radius, "
       "diameter, loss, intercept"},
      {{.problem = "kind = 'noise'\nradius = 3"},
       ":3: problem.radius: unknown key; allowed: kind, curvature"},
      {{.sgd = "steps = 9\nmomentun = 0.9"},
       ":5: sgd.momentun: unknown key, did you mean 'momentum'?; allowed: steps, "},
      {{.sgd = "steps = 9\n\"a\\nb\" = 0.9"}, ":5: sgd.\"a\\u000Ab\": unknown key"},
      {{.more = "seeds = 3"},
       ":10: grid.seeds: unknown key, did you mean 'seed'?; allowed: stepsize, schedule, rho, rho_every, seed"},
      {{.more = "[ouput]"},
       ":10: ouput: unknown key, did you mean 'output'?; allowed: title, problem, sgd, grid, axes, exclude, search, stop_when, output"},
      {{.more = "[output]\nsync = 3"},
       ":11: output.sync: unknown key, did you mean 'sync_seconds'?; allowed: sync_seconds"},
      {{.rho = "{from = 1, to = 2, point = 2}"},
       ":8: grid.rho.point: unknown key, did you mean 'points'?; allowed: from, to, points, ratio, per_decade"},
      {{.seed = "{from = 1, points = 2}"}, ":9: grid.seed.points: unknown key; allowed: from, count"},
      {{.more = "[axes]\nsgd.step = [1]"},
       ":11: axes.\"sgd.step\": unknown key, did you mean 'sgd.steps'?; allowed: problem.data, "
       "problem.samples, problem.radius, problem.diameter, problem.loss, problem.intercept, sgd.steps, "
       "sgd.batch_size, sgd.sampling, sgd.optimizer, sgd.momentum"},
      {{.more = "[axes]\nsteps = [1]"},
       ":11: axes.steps: unknown key, did you mean 'sgd.steps'?; allowed: problem.data"},
      {{.more = "[axes]\nsgd.epochs = [1]"},
       ":11: axes.\"sgd.epochs\": unknown key, did you mean 'sgd.steps'?; allowed: problem.data"},
      {{.more = "[axes]\ngrid.seed = [1]"}, ":11: axes.\"grid.seed\": unknown key"},
      {{.more = "[axes]\nsgd.evaluations = [2, 3]"},
       ":11: axes.\"sgd.evaluations\": found the length of the learning curve"},
  });
}

TEST_CASE("keys of another optimizer, and stepsizes of the theory for other steps than sgd's, are refused") {
  check_all({
      {{.sgd = "steps = 9\noptimizer = 'adam'"},
       ":5: sgd.optimizer: found \"adam\"",
       "allowed: \"sgd\", \"adamw\", \"sign_momentum\", \"dog\", \"prodigy\" or \"schedule_free\""},
      {{.sgd = "steps = 9\noptimizer = 'dog'\nmomentum = 0.9"},
       ":6: sgd.momentum: found 0.9; allowed: nothing, as sgd.optimizer is \"dog\""},
      {{.sgd = "steps = 9\noptimizer = 'schedule_free'\niterate = 'average'"},
       ":6: sgd.iterate: found \"average\"; allowed: nothing, as sgd.optimizer is \"schedule_free\""},
      {{.sgd = "steps = 9\noptimizer = 'prodigy'\nr_epsilon = 1e-3"},
       ":6: sgd.r_epsilon: found 0.001; allowed: nothing, as sgd.optimizer is \"prodigy\""},
      {{.sgd = "steps = 9\noptimizer = 'schedule_free'\nbeta = 1.5"},
       ":6: sgd.beta: found 1.5; allowed: a number in [0, 1]"},
      {{.sgd = "steps = 9\noptimizer = 'adamw'\nmomentum = 0.9"},
       ":6: sgd.momentum: found 0.9; allowed: nothing, as sgd.optimizer is \"adamw\""},
      {{.sgd = "nesterov = false\nsteps = 9\noptimizer = 'sign_momentum'"},
       ":4: sgd.nesterov: found false; allowed: nothing, as sgd.optimizer is \"sign_momentum\""},
      {{.sgd = "steps = 9\noptimizer = 'sign_momentum'\nepsilon = 1e-8"},
       ":6: sgd.epsilon: found 1e-08; allowed: nothing, as sgd.optimizer is \"sign_momentum\""},
      {{.sgd = "steps = 9\nweight_decay = 0.1"},
       ":5: sgd.weight_decay: found 0.1; allowed: nothing, as sgd.optimizer is \"sgd\""},
      {{.sgd = "steps = 9\noptimizer = 'adamw'\nbeta2 = 1"},
       ":6: sgd.beta2: found 1; allowed: a number in [0, 1)"},
      {{.sgd = "steps = 9\noptimizer = 'adamw'\nepsilon = 0"},
       ":6: sgd.epsilon: found 0; allowed: a number >= 1e-30"},
      {{.sgd = "steps = 9\noptimizer = 'adamw'", .more = "[axes]\nsgd.momentum = [0.5]"},
       ":12: axes.\"sgd.momentum\": found a key that the optimizer \"adamw\" does not have; allowed: "},
      {{.sgd = "steps = 9\noptimizer = 'adamw'"},
       ":7: grid.stepsize: found \"theory\", which exists only for the optimizer sgd, with sgd.optimizer = "
       "\"adamw\"; allowed: a number > 0"},
  });
}

TEST_CASE("missing keys and sections are named, at the line of their section") {
  check_all({
      {{.problem = ""}, ":1: problem.kind: found nothing; allowed: \"samples\" or \"noise\""},
      {{.problem = "kind = 'noise'"}, ":1: problem.curvature: found nothing; allowed: a number > 0"},
      {{.sgd = ""}, ":3: sgd.steps: found nothing; allowed: an integer in [1, 1000000000000000]"},
      {{.rho = "{from = 1, to = 2}"},
       ":8: grid.rho: found {from = 1, to = 2}; allowed: from, to and points, ratio or per_decade"},
      {{.rho = "{from = 1, to = 2, ratio = 2, points = 2}"},
       ":8: grid.rho: found {from = 1, to = 2, ratio = 2, points = 2}; allowed: only one of points, ratio, "
       "per_decade"},
      {{.seed = "{count = 2}"}, ":9: grid.seed.from: found nothing; allowed: an integer >= 0"},
      {{.stepsize = "{constant = 1}"},
       ":6: grid.stepsize: found no entry for linear; allowed: one for each of constant, linear"},
      {{.stepsize = "{constant = 1, linear = 2, cosine = 3}"},
       ":6: grid.stepsize.cosine: found a schedule that the grid does not have; allowed: constant or linear"},
      {{.stepsize = "{constant = 0, linear = 2}"},
       ":6: grid.stepsize.constant: found 0; allowed: a number > 0"},
  });
  CHECK(error_of("") == "runs/sweep.toml: problem: found nothing; allowed: a table [problem]");
  CHECK(error_of("[problem]\nkind = 'samples'") ==
        "runs/sweep.toml: sgd: found nothing; allowed: a table [sgd]");
  CHECK(error_of("problem = 3") == "runs/sweep.toml:1: problem: found 3; allowed: a table [problem]");
  CHECK_THAT(error_of("axes = 3\n" + std::string(SweepText{})),
             Catch::Equals("runs/sweep.toml:1: axes: found 3; allowed: a table [axes]"));
  CHECK_THAT(error_of("output = [1]\n" + std::string(SweepText{})),
             Catch::StartsWith("runs/sweep.toml:1: output: found [1]; allowed: a table"));
  const std::string head = "[problem]\nkind = 'samples'\n[sgd]\nsteps = 8\n[grid]\n";
  const std::vector<std::string> keys{"stepsize = 1", "schedule = 'constant'", "rho = 1", "seed = 1"};
  for (std::size_t missing = 0; missing < keys.size(); ++missing) {
    std::string text = head;
    for (std::size_t i = 0; i < keys.size(); ++i) text += i == missing ? "" : keys[i] + "\n";
    const std::string name = keys[missing].substr(0, keys[missing].find(' '));
    CHECK_THAT(error_of(text),
               Catch::StartsWith("runs/sweep.toml:5: grid." + name + ": found nothing; allowed: "));
  }
}

TEST_CASE("ranges that are none are refused, and so are more values than a dimension may have") {
  check_all({
      {{.rho = "{from = 0, to = 1, points = 3}"}, ":8: grid.rho.from: found 0; allowed: a number > 0"},
      {{.rho = "{from = 2, to = 1, points = 3}"}, ":8: grid.rho.to: found 1; allowed: a number >= 2"},
      {{.rho = "{from = 1, to = inf, points = 3}"}, ":8: grid.rho.to: found inf"},
      {{.rho = "{from = 1, to = 2, points = 1}"},
       ":8: grid.rho: found {from = 1, to = 2, points = 1}; allowed: from < to with at least 2 points"},
      {{.rho = "{from = 2, to = 2, points = 2}"}, ":8: grid.rho: found {from = 2, to = 2, points = 2}"},
      {{.rho = "{from = 1, to = 1.0000000000000002, points = 9}"},
       ":8: grid.rho: found",
       "allowed: fewer points, since some of these are equal after rounding"},
      {{.rho = "{from = 1, to = 2, points = 1000000000000}"},
       ":8: grid.rho.points: found 1000000000000; allowed: an integer in [1, 10000000]"},
      {{.rho = "{from = 1, to = 2, points = 2.0}"}, ":8: grid.rho.points: found 2.0"},
      {{.rho = "{from = 1, count = 2}"},
       ":8: grid.rho.count: unknown key; allowed: from, to, points, ratio, per_decade"},
      {{.seed = "{from = 0, count = 1000000000000}"},
       ":9: grid.seed.count: found 1000000000000; allowed: an integer in [1, 10000000]"},
      {{.seed = "{from = 0, count = 0}"}, ":9: grid.seed.count: found 0"},
      {{.seed = "{from = -1, count = 2}"}, ":9: grid.seed.from: found -1; allowed: an integer >= 0"},
      {{.seed = "{from = 9223372036854775807, count = 2}"},
       ":9: grid.seed: found {from = 9223372036854775807, count = 2}"},
      {{.more = "[axes]\nproblem.radius = {from = 0, to = 1, points = 3}"},
       ":11: axes.\"problem.radius\".from: found 0; allowed: a number > 0"},
      {{.more = "[axes]\nsgd.momentum = {from = 0.5, to = 1, points = 3}"},
       ":11: axes.\"sgd.momentum\".to: found 1; allowed: a number in [0.5, 1)"},
      {{.more = "[axes]\nproblem.samples = {from = 1, to = 10, points = 3}"},
       ":11: axes.\"problem.samples\".to: unknown key; allowed: from, count"},
      {{.more =
            "[axes]\nproblem.samples = {from = 1, count = 2000}\nsgd.batch_size = {from = 1, count = 2000}"},
       ":10: axes: found 4000000 combinations of values; allowed: at most 1000000"},
      {{.rho = "{from = 1, to = 2, points = 1000000}",
        .seed = "{from = 0, count = 10000000}",
        .more = "[axes]\nproblem.samples = {from = 1, count = 1000}"},
       ":5: grid: found ",
       " trials; allowed: at most 1000000000"},
      {{.sgd = "steps = 10000000\nevaluations = 10000000",
        .rho = "{from = 1, to = 2, points = 1000000}",
        .seed = "{from = 0, count = 500}"},
       ":6: grid: found ",
       "points of learning curves; allowed: fewer than 2^53"},
  });
}

TEST_CASE("keys that do not go together are refused") {
  check_all({
      {{.sgd = "steps = 10\nevaluations = 11"},
       ":5: sgd.evaluations: found 11; allowed: at most sgd.steps = 10"},
      {{.sgd = "evaluations = 10", .more = "[axes]\nsgd.steps = [20, 9]"},
       ":4: sgd.evaluations: found 10; allowed: at most sgd.steps = 9"},
      {{.sgd = "steps = 10\nevaluations = 1000000000000"},
       ":5: sgd.evaluations: found 1000000000000; allowed: an integer in [1, 10000000]"},
      {{.sgd = "steps = 10\nnesterov = true"},
       ":5: sgd.nesterov: found true with sgd.momentum = 0; allowed: with momentum > 0"},
      {{.sgd = "steps = 10\nnesterov = true", .more = "[axes]\nsgd.momentum = [0.9, 0]"},
       ":5: sgd.nesterov: found true with sgd.momentum = 0"},
      {{.sgd = "steps = 10\nsampling = 'full_batch'", .more = "[axes]\nsgd.batch_size = [2]"},
       ":12: axes.\"sgd.batch_size\": found [2]; allowed: nothing"},
      {{.problem = "kind = 'noise'\ncurvature = 1", .sgd = "steps = 10\nsampling = 'shuffle'"},
       ":6: sgd.sampling: found \"shuffle\"; allowed for noise: \"with_replacement\""},
      {{.problem = "kind = 'samples'\ndata = 'x'\nsamples = 3"},
       ":4: problem.samples: found 3; allowed: nothing, as problem.data is given"},
      {{.problem = "kind = 'samples'\ndata = 'x'", .more = "[axes]\nproblem.samples = [3]"},
       ":12: problem.samples: found [3]; allowed: nothing, as problem.data is given"},
  });
}

TEST_CASE("what a problem refuses at any axes point is an error at the line of the key, or of its section") {
  check_all({
      {{.problem = "kind = 'samples'\nradius = 9"},
       ":3: problem.radius: found more than 8; allowed: at most 8"},
      {{.more = "[axes]\nproblem.diameter = [9, 2]\nproblem.radius = [1, 4]"},
       ":11: problem.diameter: found less than the radius"},
      {{.problem = "kind = 'samples'\nsamples = 13"},
       ":1: problem.diameter: found nothing; allowed: a number, with 13 samples"},
  });
}

TEST_CASE("bad schedules are refused with the schedule's own message") {
  check_all({
      {{.schedule = "['constant',\n'cosin']"},
       ":8: grid.schedule: schedule cosin: unknown kind 'cosin', did you mean 'cosine'?; allowed: "
       "constant, "},
      {{.schedule = "'polynomial(0)'"},
       ":7: grid.schedule: schedule polynomial(0): p: found 0; allowed: a number > 0"},
      {{.schedule = "\"cos\\nine\""}, ":7: grid.schedule: schedule cos ine: "},
      {{.stepsize = "{constant = 1, lin = 2}"}, ":6: grid.stepsize.lin: schedule lin: unknown kind 'lin'"},
  });
}

TEST_CASE("text that is not TOML is refused with line and column") {
  CHECK_THAT(error_of("a = 1\nb = = 2"), Catch::StartsWith("runs/sweep.toml:2:5: "));
  CHECK_THAT(error_of("a = 1\na = 2"), Catch::StartsWith("runs/sweep.toml:2:"));
  CHECK_THAT(error_of("a = 9223372036854775808"), Catch::StartsWith("runs/sweep.toml:1:"));
  CHECK_THAT(error_of("a = \"\xff\""), Catch::StartsWith("runs/sweep.toml:1:"));
  CHECK_THAT(error_of("a = 1\u00e9"), Catch::StartsWith("runs/sweep.toml:1:6: "));
  CHECK_THAT(error_of("[(a]"), Catch::StartsWith("runs/sweep.toml:1:2: "));
  CHECK_THAT(error_of("a = 'x\n"), Catch::StartsWith("runs/sweep.toml:1:"));
  CHECK_THAT(error_of(std::string("a\0b", 3)), Catch::StartsWith("runs/sweep.toml:1:"));
}

TEST_CASE("nesting of any depth is an error, not a crash") {
  CHECK_THAT(error_of("\na = " + repeated("[", 100000)), Catch::StartsWith("runs/sweep.toml:2:"));
  CHECK_THAT(error_of("a = " + repeated("{a = ", 100000)), Catch::StartsWith("runs/sweep.toml:1:"));
  const std::string parts = "found a dotted key of more than 32 parts; allowed: SECTION.KEY";
  const std::string dotted = repeated("a.", 1000000) + "a";
  CHECK(error_of("\n" + dotted + " = 1") == "runs/sweep.toml:2: " + parts);
  CHECK(error_of("[" + dotted + "]") == "runs/sweep.toml:1: " + parts);
  CHECK(error_of("x = [{b = '\"', " + dotted + " = 1}]") == "runs/sweep.toml:1: " + parts);
  CHECK(error_of("x = ['''\n' ''''', {" + dotted + " = 1}]") == "runs/sweep.toml:2: " + parts);
  CHECK(error_of("x = \"\\\"\" # '\n\"=\"." + dotted + " = 1") == "runs/sweep.toml:2: " + parts);
  CHECK_THAT(error_of("", {dotted + "=1"}), Catch::StartsWith("--set a.a.") && Catch::EndsWith(parts));
  const std::string dots = "title = \"" + repeated("a.", 100) + "\" # " + repeated("a.", 100) + "\n";
  CHECK(error_of(dots + std::string(SweepText{})).empty());
}

TEST_CASE("a bad override is refused by its own text instead of a line") {
  const SweepText text{.more = "[axes]\nsgd.batch_size = [1, 2]"};
  const auto refused = [&](const std::string& override) { return error_of(text, {override}); };
  CHECK(refused("grid.rho=0") == "--set grid.rho=0: grid.rho: found 0; allowed: numbers > 0");
  CHECK(refused("grid.rho.points=9") ==
        "--set grid.rho.points=9: grid.rho.from: found nothing; allowed: a number > 0");
  CHECK(refused("sgd.batch_size=3") ==
        "--set sgd.batch_size=3: sgd.batch_size: found 3; allowed: nothing, as an axis (runs/sweep.toml:11) "
        "takes its place");
  CHECK_THAT(refused("sgd.stepz=3"),
             Catch::StartsWith("--set sgd.stepz=3: sgd.stepz: unknown key, did you mean 'steps'?"));
  CHECK_THAT(refused("steps=3"), Catch::StartsWith("--set steps=3: steps: unknown key"));
  CHECK_THAT(refused("sgd.precision=float32"),
             Catch::StartsWith(
                 "--set sgd.precision=float32: sgd.precision: found float32; allowed: a value in TOML, "
                 "where text needs quotes"));
  CHECK_THAT(refused("sgd=3"), Catch::StartsWith("--set sgd=3: sgd: found 3; allowed: a table [sgd]"));
  for (const std::string none : {"sgd.steps", "=3", "", "a b=3", "#=3", "[sgd]=3", "sgd.=3"}) {
    CAPTURE(none);
    CHECK_THAT(refused(none), Catch::StartsWith("--set " + none + ": found no KEY=VALUE; allowed: "));
  }
  CHECK_THAT(refused("sgd.steps="), Catch::StartsWith("--set sgd.steps=: sgd.steps: found ; allowed: "));
  CHECK_THAT(refused("sgd.steps=1\nsgd.momentum=2"), Catch::StartsWith("--set sgd.steps=1 sgd.momentum=2: "));
}

TEST_CASE("a sweep file that cannot be read is bad input") {
  const auto load = [](const std::string& file) { Sweep::load(file, {}, small_catalogue()); };
  using rhosweep::core::InputError;
  CHECK_THROWS_MATCHES(load("none/sweep.toml"), InputError,
                       Catch::Message("none/sweep.toml: No such file or directory"));
  std::filesystem::create_directory("folder");
  CHECK_THROWS_MATCHES(load("folder"), InputError, Catch::Message("folder: Is a directory"));
  std::ofstream("folder/big.toml") << std::string((std::size_t{16} << 20) + 1, '#');
  CHECK_THROWS_MATCHES(load("folder/big.toml"), InputError,
                       Catch::Message("folder/big.toml: found more than 16 MiB; allowed: a sweep file"));
}
