#include "problems.hpp"
#include "sampler.hpp"

#include "rhosweep/problem/linear_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::test;
using data::Dataset;

namespace {

/// Six samples of three features. Some features are zero, so that sparse storage differs from dense.
const Dataset::Rows rows{.features = 3,
                         .offsets = {0, 2, 3, 5, 7, 8, 10},
                         .columns = {0, 2, 1, 0, 1, 1, 2, 0, 0, 2},
                         .values = {0.5, -1.0, 2.0, 1.5, 0.25, -0.75, 1.0, -2.0, 0.3, 0.6},
                         .labels = {1, -1, 1, -1, -1, 1}};

problem::LinearModel model_of(Dataset::Storage storage, model::Precision precision, double l2,
                              double radius) {
  const auto train = std::make_shared<const Dataset>(Dataset::from_rows(rows, precision, storage));
  const problem::LinearModel::Settings settings{.l2 = l2, .radius = radius};
  return {settings, train, nullptr, minimise(settings, *train)};
}

double feature(std::int64_t sample, std::int64_t column) {
  for (std::int64_t i = rows.offsets[sample]; i < rows.offsets[sample + 1]; ++i) {
    if (rows.columns[i] == column) return rows.values[i];
  }
  return 0.0;
}

/// Runs one trial in plain scalar code, from the definitions.
std::vector<double> scalar_run(const model::SgdSettings& sgd, double l2, double radius,
                               const std::string& schedule, double eta, std::int64_t seed) {
  const auto h = model::Schedule::parse(schedule);
  std::vector<double> w(3, 0.0);
  std::vector<double> m(3, 0.0);
  for (std::int64_t t = 0; t < sgd.steps; ++t) {
    std::vector<std::int64_t> batch(sgd.batch_size);
    if (sgd.sampling == model::Sampling::full_batch) {
      batch = {0, 1, 2, 3, 4, 5};
    } else {
      sgd::Sampler(sgd.sampling, 6, sgd.batch_size, seed).draw(t, batch);
    }
    std::vector<double> g(3);
    for (std::int64_t j = 0; j < 3; ++j) g[j] = l2 * w[j];
    for (const std::int64_t i : batch) {
      double z = 0.0;
      for (std::int64_t j = 0; j < 3; ++j) z += w[j] * feature(i, j);
      const double y = rows.labels[i];
      const double slope = -y / (1 + std::exp(y * z)) / static_cast<double>(batch.size());
      for (std::int64_t j = 0; j < 3; ++j) g[j] += slope * feature(i, j);
    }
    double square = 0.0;
    for (std::int64_t j = 0; j < 3; ++j) {
      m[j] = sgd.momentum * m[j] + g[j];
      w[j] -= eta * h(t, sgd.steps) * (sgd.nesterov ? g[j] + sgd.momentum * m[j] : m[j]);
      square += w[j] * w[j];
    }
    if (radius > 0 && square > radius * radius)
      for (double& weight : w) weight *= radius / std::sqrt(square);
  }
  return w;
}

double objective(const std::vector<double>& w, double l2) {
  double loss = 0.0;
  for (std::int64_t i = 0; i < 6; ++i) {
    double z = 0.0;
    for (std::int64_t j = 0; j < 3; ++j) z += w[j] * feature(i, j);
    loss += std::log1p(std::exp(-rows.labels[i] * z)) / 6;
  }
  return loss + l2 / 2 * (w[0] * w[0] + w[1] * w[1] + w[2] * w[2]);
}

}  // namespace

TEST_CASE("one full-batch step from zero moves along the mean of y x / 2") {
  const auto problem = model_of(Dataset::Storage::dense, model::Precision::float64, 0.0, 0.0);
  const model::SgdSettings sgd{.steps = 1, .sampling = model::Sampling::full_batch, .evaluations = 1};
  const double eta = 0.3;
  const auto result = run(problem, sgd, "constant", {eta});
  std::vector<double> w(3, 0.0);
  for (std::int64_t i = 0; i < 6; ++i)
    for (std::int64_t j = 0; j < 3; ++j) w[j] += eta * rows.labels[i] * feature(i, j) / 2 / 6;
  CHECK(final_value(result, problem, "train_loss", 0) == Approx(objective(w, 0.0)).epsilon(1e-14));
}

TEST_CASE("lockstep SGD agrees with one scalar trial at a time, dense and sparse, with every option") {
  const auto storage = GENERATE(Dataset::Storage::dense, Dataset::Storage::sparse);
  const auto precision = GENERATE(model::Precision::float64, model::Precision::float32);
  struct Case {
    model::SgdSettings sgd;
    double l2;
    double radius;
  };
  const auto [settings, l2, radius] = GENERATE(
      Case{{.steps = 60, .batch_size = 1, .evaluations = 3}, 0.0, 0.0},
      Case{{.steps = 60, .batch_size = 1, .evaluations = 3}, 0.1, 0.4},
      Case{{.steps = 60, .batch_size = 5, .sampling = model::Sampling::shuffle, .evaluations = 3}, 0.05, 0.0},
      Case{{.steps = 60, .batch_size = 3, .momentum = 0.7, .evaluations = 3}, 0.1, 0.5},
      Case{{.steps = 60, .batch_size = 2, .momentum = 0.6, .nesterov = true, .evaluations = 3}, 0.0, 0.6},
      Case{{.steps = 40, .sampling = model::Sampling::full_batch, .momentum = 0.5, .evaluations = 3},
           0.02,
           0.0},
      Case{{.steps = 40, .sampling = model::Sampling::full_batch, .evaluations = 3}, 0.02, 0.3});
  model::SgdSettings sgd = settings;
  sgd.precision = precision;
  const auto problem = model_of(storage, precision, l2, radius);
  const std::vector<double> stepsizes{0.02, 0.3, 1.7};
  const auto result = run(problem, sgd, "cosine", stepsizes, 5);
  const double tolerance = precision == model::Precision::float64 ? 1e-12 : 1e-4;
  for (std::size_t i = 0; i < stepsizes.size(); ++i) {
    const auto w = scalar_run(sgd, l2, radius, "cosine", stepsizes[i], 5);
    const auto trial = static_cast<std::int64_t>(i);
    CHECK(result.status[i] == model::CellStatus::done);
    CHECK(final_value(result, problem, "train_loss", trial) == Approx(objective(w, l2)).epsilon(tolerance));
    double right = 0.0;
    for (std::int64_t s = 0; s < 6; ++s) {
      const double z = w[0] * feature(s, 0) + w[1] * feature(s, 1) + w[2] * feature(s, 2);
      right += rows.labels[s] * z > 0 ? 1.0 / 6 : 0.0;
    }
    CHECK(final_value(result, problem, "train_accuracy", trial) == Approx(right));
    const auto* minimiser = problem.minimiser();
    if (minimiser == nullptr) continue;
    double square = 0.0;
    for (std::size_t j = 0; j < 3; ++j) square += (w[j] - minimiser->w[j]) * (w[j] - minimiser->w[j]);
    CHECK(final_value(result, problem, "distance", trial) ==
          Approx(std::sqrt(square)).epsilon(tolerance).margin(tolerance));
  }
}

TEST_CASE("a trial's bits do not depend on the block that it runs in") {
  const auto precision = GENERATE(model::Precision::float64, model::Precision::float32);
  struct Case {
    std::string name;
    std::shared_ptr<const problem::Problem> problem;
    model::SgdSettings sgd;
  };
  const auto dense = make_problem(
      "logistic_regression",
      {{"samples", std::int64_t{50}}, {"dimension", std::int64_t{13}}, {"radius", 2.0}}, precision);
  const auto sparse =
      std::make_shared<problem::LinearModel>(model_of(Dataset::Storage::sparse, precision, 0.01, 0.5));
  const auto [name, problem, settings] =
      GENERATE_COPY(Case{"one sample", dense, {.steps = 100, .batch_size = 1}},
                    Case{"batches", dense, {.steps = 100, .batch_size = 3}},
                    Case{"momentum",
                         dense,
                         {.steps = 50, .batch_size = 3, .momentum = 0.8, .iterate = model::Iterate::average}},
                    Case{"full batch", dense, {.steps = 20, .sampling = model::Sampling::full_batch}},
                    Case{"sparse", sparse, {.steps = 100, .batch_size = 2}},
                    Case{"quadratic", quadratic(0.3, 1.0, 1.0, precision), {.steps = 300}});
  model::SgdSettings sgd = settings;
  sgd.precision = precision;
  sgd.evaluations = 4;
  CAPTURE(name);
  const auto linear = model::Schedule::parse("linear");
  const auto constant = model::Schedule::parse("constant");
  const auto cosine = model::Schedule::parse("cosine");
  constexpr std::int64_t count = 200;
  std::vector<sgd::Trial> trials;
  for (int i = 0; i < count; ++i)
    trials.push_back({i % 3 == 0 ? &constant : i % 7 == 0 ? &cosine : &linear, 0.01 * (i + 1)});
  sgd::Multipliers multipliers;
  const auto whole = sgd::run_block(*problem, sgd, 1, trials, multipliers, keep_on).value();
  const auto sums = model::checksums(whole);
  // Other block widths put the same trials into other lanes, next to other trials.
  for (const std::int64_t width : {1, 8, 32, 33, 64}) {
    CAPTURE(width);
    for (std::int64_t first = 0; first < count; first += width) {
      const auto some = std::span(trials).subspan(first, std::min<std::int64_t>(width, count - first));
      sgd::Multipliers fresh(0);  // keeps no tables of multipliers, which must not matter
      const auto part = sgd::run_block(*problem, sgd, 1, some, fresh, keep_on).value();
      const auto part_sums = model::checksums(part);
      CHECK(std::equal(part_sums.begin(), part_sums.end(), sums.begin() + first));
    }
  }
}

TEST_CASE("seeds differ in their sample streams") {
  const auto problem =
      make_problem("logistic_regression", {{"samples", std::int64_t{50}}, {"dimension", std::int64_t{4}}});
  const model::SgdSettings sgd{.steps = 20, .evaluations = 1};
  CHECK(final_value(run(*problem, sgd, "constant", {0.5}, 1), *problem, "train_loss", 0) !=
        final_value(run(*problem, sgd, "constant", {0.5}, 2), *problem, "train_loss", 0));
}
