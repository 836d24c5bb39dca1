#include "example.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using Catch::Matchers::Contains;
using namespace rhosweep;
using core::PointIndex;

namespace {

void write_data(const char* path, double value) {
  std::ofstream(path) << "1 1:" << value << "\n-1 2:0.5\n1 1:2 2:1\n";
}

std::uint64_t point_key(std::vector<std::string> overrides, std::int64_t point = 0) {
  return example::prepare(std::move(overrides)).describe_file().point_keys.at(point);
}

/// Returns the point key (a hash) of the only axes point of a sweep on this data file.
std::uint64_t data_key(const std::string& name) {
  std::ofstream("data.toml") << "[problem]\nkind = \"logistic_regression\"\ndata = \"" << name << "\"\n"
                             << "[sgd]\nsteps = 4\n"
                             << "[grid]\nstepsize = 1.0\nschedule = \"constant\"\nrho = 1.0\nseed = 0\n";
  return study::Study::prepare(study::SweepOptions{.file = "data.toml", .overrides = {}})
      .describe_file()
      .point_keys.at(0);
}

}  // namespace

TEST_CASE("a trial's stepsize is rho times that of its schedule") {
  const study::Study study = example::prepare({"grid.stepsize={constant=0.1,linear=0.3}"});
  for (std::int64_t i = 0; i < 6; ++i) {
    const model::Trial trial = study.trial(PointIndex{0}, 0, i);
    CHECK(trial.schedule->spec() == (i < 3 ? "constant" : "linear"));
    CHECK(trial.stepsize == study.grid().rhos[i % 3] * (i < 3 ? 0.1 : 0.3));
  }
  const auto trials = study.trials({.point = PointIndex{0}, .seed = 1, .first = 2, .trials = 3});
  REQUIRE(trials.size() == 3);
  CHECK(trials[1].stepsize == study.trial(PointIndex{0}, 0, 3).stepsize);
}

TEST_CASE("the stepsize of the theory is D/(G sqrt(S_0 Q_0)) of each schedule and number of steps") {
  const study::Study study =
      example::prepare({"grid.stepsize=\"theory\"", "problem.radius=3.0", "problem.noise=4.0",
                        "problem.curvature=1.0", "axes={\"sgd.steps\"=[8,20]}"});
  const double diameter = 3.0;                            // the radius: the minimiser is the centre
  const double bound = std::sqrt(4.0 * 4.0 + 3.0 * 3.0);  // G: bounds the stochastic gradient
  for (std::int64_t point = 0; point < 2; ++point) {
    const int steps = point == 0 ? 8 : 20;
    // The constant schedule has S_t = T − t, so S_0 = T and Q_0 = Σ 1/(T − t).
    double q = 0.0;
    for (int t = 0; t < steps; ++t) q += 1.0 / (steps - t);
    CHECK(study.trial(PointIndex{point}, 0, 1).stepsize == Approx(diameter / (bound * std::sqrt(steps * q))));
    // The linear schedule has h_t = (T − t)/T and S_t = (T − t)(T − t + 1)/(2T), so Q_0 is the sum of
    // 2(T − t)/(T(T − t + 1)).
    q = 0.0;
    for (int t = 0; t < steps; ++t) q += 2.0 * (steps - t) / (steps * (steps - t + 1.0));
    CHECK(study.trial(PointIndex{point}, 0, 4).stepsize ==
          Approx(diameter / (bound * std::sqrt(0.5 * (steps + 1.0) * q))));
  }
}

TEST_CASE("the stepsize of the theory is an error without a bound on the domain") {
  std::ofstream("unbounded.toml") << "[problem]\nkind = \"least_squares\"\nsamples = 4\ndimension = 2\n"
                                  << "[sgd]\nsteps = 4\n"
                                  << "[grid]\nstepsize = \"theory\"\nschedule = \"constant\"\nrho = 1.0\n"
                                  << "seed = 0\n";
  const auto prepare = [] {
    return study::Study::prepare(study::SweepOptions{.file = "unbounded.toml", .overrides = {}});
  };
  CHECK_THROWS_AS(prepare(), core::InputError);
  CHECK_THROWS_WITH(prepare(),
                    Contains("unbounded.toml") && Contains("grid.stepsize") && Contains("problem.radius"));
}

TEST_CASE("a stepsize that rho makes infinite or zero is an error") {
  for (const char* setting : {"grid.stepsize=1e308", "grid.stepsize=3e-308"}) {
    const auto prepare = [&] { example::prepare({setting, "grid.rho=[0.5,1.0,2.0]"}); };
    CHECK_THROWS_AS(prepare(), core::InputError);
    CHECK_THROWS_WITH(prepare(), Contains("grid.stepsize") && Contains("rho"));
  }
}

TEST_CASE("axes points must measure the same") {
  std::ofstream("mixed.toml") << "[problem]\nkind = \"least_squares\"\nsamples = 8\ndimension = 2\n"
                              << "[sgd]\nsteps = 4\n"
                              << "[grid]\nstepsize = 0.1\nschedule = \"constant\"\nrho = 1.0\nseed = 0\n"
                              << "[axes]\n\"problem.test_samples\" = [0, 4]\n";
  const auto prepare = [] {
    return study::Study::prepare(study::SweepOptions{.file = "mixed.toml", .overrides = {}});
  };
  CHECK_THROWS_AS(prepare(), core::InputError);
  CHECK_THROWS_WITH(prepare(), Contains("mixed.toml") && Contains("test_loss"));
}

TEST_CASE("a results file gives back the study that it is of") {
  const study::Study study = example::prepare({"grid.stepsize=\"theory\"", "axes={\"sgd.steps\"=[8,20]}"});
  example::make_file(study, "out.h5");
  const store::FileDescription there = study.describe_file();
  const store::FileDescription here = study::Study::prepare(store::ResultsReader("out.h5")).describe_file();
  CHECK(here.sweep == there.sweep);
  CHECK(here.sweep_hash == there.sweep_hash);
  CHECK(here.stepsizes == there.stepsizes);
  CHECK(here.f_star == there.f_star);
  CHECK(here.point_keys == there.point_keys);
  CHECK(here.initial == there.initial);
}

TEST_CASE("the metrics at w_0 are those of the objective there") {
  const study::Study study = example::prepare({"problem.curvature=3.0", "problem.radius=2.0"});
  const store::FileDescription file = study.describe_file();
  // On the sphere of radius 2: curvature/2·|x|² = 6, f_star = 0, the minimiser is the centre.
  REQUIRE(file.metrics.size() == 3);
  REQUIRE(file.initial.size() == 9);
  for (std::int64_t seed = 0; seed < 3; ++seed) {
    CHECK(file.initial[seed] == Approx(6.0));
    CHECK(file.initial[3 + seed] == Approx(6.0));
    CHECK(file.initial[6 + seed] == Approx(2.0));
  }
}

TEST_CASE("a point's key is the same whether a value stands in its section or on an axis") {
  const std::string axis = "axes={\"sgd.momentum\"=[0.0,0.5]}";
  CHECK(point_key({axis}, 0) == point_key({}));
  CHECK(point_key({axis}, 1) == point_key({"sgd.momentum=0.5"}));
  CHECK(point_key({axis}, 1) != point_key({}));
}

TEST_CASE("what a cell's place says already does not change a point's key") {
  CHECK(point_key({"grid.seed=[7]", "grid.rho=[4.0]", "grid.schedule=\"cosine\""}) == point_key({}));
  CHECK(point_key({"output.sync_seconds=1", "title=\"another\""}) == point_key({}));
}

TEST_CASE("a point's key depends on what stands in data files, not on their names") {
  write_data("a.libsvm", 0.5);
  write_data("b.libsvm", 0.5);
  write_data("c.libsvm", 0.75);
  CHECK(data_key("a.libsvm") == data_key("b.libsvm"));
  CHECK(data_key("a.libsvm") != data_key("c.libsvm"));
}
