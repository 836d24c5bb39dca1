#include "problems.hpp"
#include "sampler.hpp"
#include "support/dense_data.hpp"

#include "rhosweep/problem/linear_model.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::test;
using data::Dataset;
using problem::Loss;

namespace {

constexpr std::int64_t sample_count = 6;
constexpr std::int64_t feature_count = 3;
constexpr double threshold = 0.4;

/// Six samples of three features. Some features are zero.
const std::vector<double> x{0.5, 0, -1.0, 0, 2.0, 0, 1.5, 0.25, 0, 0, -0.75, 1.0, -2.0, 0, 0, 0.3, 0, 0.6};

struct Case {
  std::string name;
  Loss loss;
  std::vector<double> labels;
  std::int64_t classes = 1;
};

const std::vector<double> signs{1, -1, 1, -1, -1, 1};
const std::vector<double> numbers{0.7, -1.3, 2.1, 0, 0.4, -0.2};
const std::vector<Case> cases{{"hinge", Loss::hinge, signs},
                              {"squared hinge", Loss::squared_hinge, signs},
                              {"least squares", Loss::least_squares, numbers},
                              {"absolute", Loss::absolute, numbers},
                              {"huber", Loss::huber, numbers},
                              {"softmax of two", Loss::softmax, {1, 0, 1, 0, 0, 1}, 2},
                              {"softmax of three", Loss::softmax, {0, 2, 1, 1, 0, 2}, 3}};

problem::LinearModel model_of(const Case& of, Dataset::Storage storage, model::Precision precision, double l2,
                              double radius) {
  Dataset::Rows rows{.features = feature_count};
  for (std::int64_t i = 0; i < sample_count; ++i) {
    for (std::int64_t j = 0; j < feature_count; ++j) {
      if (x[i * feature_count + j] == 0.0) continue;
      rows.columns.push_back(static_cast<std::int32_t>(j));
      rows.values.push_back(x[i * feature_count + j]);
    }
    rows.offsets.push_back(std::ssize(rows.values));
    rows.labels.push_back(of.labels[i]);
  }
  const auto train = std::make_shared<const Dataset>(Dataset::from_rows(rows, precision, storage));
  const problem::LinearModel::Settings settings{
      .loss = of.loss, .threshold = threshold, .classes = of.classes, .l2 = l2, .radius = radius};
  return {settings, train, train, std::nullopt};
}

/// Returns the scores of a sample, one per class.
std::vector<double> scores(const std::vector<double>& w, std::int64_t sample) {
  std::vector<double> z(w.size() / feature_count);
  for (std::size_t c = 0; c < z.size(); ++c)
    for (std::int64_t j = 0; j < feature_count; ++j)
      z[c] += w[c * feature_count + j] * x[sample * feature_count + j];
  return z;
}

double loss(const Case& of, double y, const std::vector<double>& z) {
  switch (of.loss) {
    case Loss::hinge:
      return std::max(0.0, 1 - y * z[0]);
    case Loss::squared_hinge:
      return std::pow(std::max(0.0, 1 - y * z[0]), 2);
    case Loss::least_squares:
      return std::pow(z[0] - y, 2) / 2;
    case Loss::absolute:
      return std::abs(z[0] - y);
    case Loss::huber:
      return std::abs(z[0] - y) <= threshold ? std::pow(z[0] - y, 2) / 2
                                             : threshold * (std::abs(z[0] - y) - threshold / 2);
    default:
      break;
  }
  double sum = 0.0;
  for (const double each : z) sum += std::exp(each);
  return std::log(sum) - z[static_cast<std::size_t>(y)];
}

/// Returns the derivatives of the loss with respect to the scores z, by their formulas.
std::vector<double> slopes(const Case& of, double y, const std::vector<double>& z) {
  switch (of.loss) {
    case Loss::hinge:
      return {y * z[0] < 1 ? -y : 0.0};
    case Loss::squared_hinge:
      return {-2 * y * std::max(0.0, 1 - y * z[0])};
    case Loss::least_squares:
      return {z[0] - y};
    case Loss::absolute:
      return {z[0] > y ? 1.0 : z[0] < y ? -1.0 : 0.0};
    case Loss::huber:
      return {std::clamp(z[0] - y, -threshold, threshold)};
    default:
      break;
  }
  double sum = 0.0;
  for (const double each : z) sum += std::exp(each);
  std::vector<double> slope;
  for (const double each : z) slope.push_back(std::exp(each) / sum);
  slope[static_cast<std::size_t>(y)] -= 1;
  return slope;
}

double objective(const Case& of, const std::vector<double>& w, double l2) {
  double sum = 0.0;
  for (std::int64_t i = 0; i < sample_count; ++i) sum += loss(of, of.labels[i], scores(w, i)) / sample_count;
  for (const double weight : w) sum += l2 / 2 * weight * weight;
  return sum;
}

double accuracy(const Case& of, const std::vector<double>& w) {
  double right = 0.0;
  for (std::int64_t i = 0; i < sample_count; ++i) {
    const std::vector<double> z = scores(w, i);
    if (of.loss != Loss::softmax) {
      right += of.labels[i] * z[0] > 0 ? 1 : 0;
      continue;
    }
    const auto label = static_cast<std::ptrdiff_t>(of.labels[i]);
    const auto best = std::max_element(z.begin(), z.end());
    right += best - z.begin() == label && std::count(z.begin(), z.end(), *best) == 1 ? 1 : 0;
  }
  return right / sample_count;
}

/// Runs one trial in plain scalar code, from the definitions.
std::vector<double> scalar_run(const Case& of, const model::SgdSettings& sgd, double l2, double radius,
                               double eta) {
  const auto h = model::Schedule::parse("cosine");
  std::vector<double> w(of.classes * feature_count, 0.0);
  std::vector<double> m = w;
  for (std::int64_t t = 0; t < sgd.steps; ++t) {
    std::vector<std::int64_t> batch{0, 1, 2, 3, 4, 5};
    if (sgd.sampling != model::Sampling::full_batch) {
      batch.resize(sgd.batch_size);
      sgd::Sampler(sgd.sampling, sample_count, sgd.batch_size, 5).draw(t, batch);
    }
    std::vector<double> g;
    for (const double weight : w) g.push_back(l2 * weight);
    for (const std::int64_t i : batch) {
      const std::vector<double> slope = slopes(of, of.labels[i], scores(w, i));
      for (std::int64_t k = 0; k < std::ssize(g); ++k)
        g[k] += slope[k / feature_count] * x[i * feature_count + k % feature_count] /
                static_cast<double>(batch.size());
    }
    double square = 0.0;
    for (std::size_t k = 0; k < w.size(); ++k) {
      m[k] = sgd.momentum * m[k] + g[k];
      w[k] -= eta * h(t, sgd.steps) * m[k];
      square += w[k] * w[k];
    }
    if (radius > 0 && square > radius * radius)
      for (double& weight : w) weight *= radius / std::sqrt(square);
  }
  return w;
}

}  // namespace

TEST_CASE("every loss runs in lockstep as one scalar trial at a time, dense and sparse") {
  struct Options {
    model::SgdSettings sgd;
    double l2;
    double radius;
  };
  const auto storage = GENERATE(Dataset::Storage::dense, Dataset::Storage::sparse);
  const auto precision = GENERATE(model::Precision::float64, model::Precision::float32);
  const auto options = GENERATE(Options{{.steps = 30, .batch_size = 1}, 0.0, 0.0},
                                Options{{.steps = 30, .batch_size = 1}, 0.1, 0.6},
                                Options{{.steps = 30, .batch_size = 4}, 0.05, 0.0},
                                Options{{.steps = 30, .batch_size = 3, .momentum = 0.6}, 0.0, 0.7},
                                Options{{.steps = 20, .sampling = model::Sampling::full_batch}, 0.02, 0.0});
  for (const Case& of : cases) {
    CAPTURE(of.name, options.l2, options.radius, options.sgd.batch_size);
    model::SgdSettings sgd = options.sgd;
    sgd.precision = precision;
    sgd.evaluations = 2;
    const auto problem = model_of(of, storage, precision, options.l2, options.radius);
    // In float32, rounding can move a score to the other side of a kink. With these stepsizes no score does.
    const std::vector<double> stepsizes{0.013, 0.11, 0.37};
    const auto result = run(problem, sgd, "cosine", stepsizes, 5);
    const double tolerance = precision == model::Precision::float64 ? 1e-12 : 1e-4;
    for (std::size_t i = 0; i < stepsizes.size(); ++i) {
      CAPTURE(stepsizes[i]);
      const auto w = scalar_run(of, sgd, options.l2, options.radius, stepsizes[i]);
      const auto trial = static_cast<std::int64_t>(i);
      CHECK(final_value(result, problem, "train_loss", trial) ==
            Approx(objective(of, w, options.l2)).epsilon(tolerance));
      CHECK(final_value(result, problem, "test_loss", trial) ==
            Approx(objective(of, w, 0.0)).epsilon(tolerance));
      if (!problem.is_classifier()) continue;
      CHECK(final_value(result, problem, "train_accuracy", trial) == Approx(accuracy(of, w)));
      CHECK(final_value(result, problem, "test_accuracy", trial) == Approx(accuracy(of, w)));
    }
  }
}

TEST_CASE("softmax of two classes is the logistic loss of the difference of their weights") {
  // With weights −w/2 and w/2 the loss is the logistic loss of w. A step with stepsize η changes the
  // difference of the two weights like a logistic step with 2η.
  const Case two{"softmax of two", Loss::softmax, {1, 0, 1, 0, 0, 1}, 2};
  const Case logistic{"logistic", Loss::logistic, signs};
  const auto softmax = model_of(two, Dataset::Storage::dense, model::Precision::float64, 0.0, 0.0);
  const auto one = model_of(logistic, Dataset::Storage::dense, model::Precision::float64, 0.0, 0.0);
  const model::SgdSettings sgd{.steps = 50, .batch_size = 2, .evaluations = 1};
  const auto by_softmax = run(softmax, sgd, "linear", {0.1, 0.4});
  const auto by_logistic = run(one, sgd, "linear", {0.2, 0.8});
  for (const std::int64_t trial : {0, 1}) {
    CHECK(final_value(by_softmax, softmax, "train_loss", trial) ==
          Approx(final_value(by_logistic, one, "train_loss", trial)).epsilon(1e-13));
    CHECK(final_value(by_softmax, softmax, "train_accuracy", trial) ==
          final_value(by_logistic, one, "train_accuracy", trial));
  }
}

TEST_CASE("many classes with large scores neither overflow nor lose small losses") {
  // With stepsize 0 the run stays at w = 0, where the loss is log(classes).
  const std::int64_t classes = GENERATE(3, 17, 300);
  std::vector<double> values(400, 1.0);
  std::vector<double> labels(400);
  for (std::size_t i = 0; i < labels.size(); ++i)
    labels[i] = static_cast<double>(static_cast<std::int64_t>(i) % classes);
  const auto precision = GENERATE(model::Precision::float64, model::Precision::float32);
  const auto data = dense_data(values, labels, precision);
  const problem::LinearModel model({.loss = Loss::softmax, .classes = classes}, data, nullptr, std::nullopt);
  const model::SgdSettings sgd{.steps = 1, .precision = precision, .evaluations = 1};
  const auto result = run(model, sgd, "constant", {0.0});
  CHECK(final_value(result, model, "train_loss", 0) ==
        Approx(std::log(static_cast<double>(classes)))
            .epsilon(precision == model::Precision::float64 ? 1e-13 : 1e-5));
  CHECK(final_value(result, model, "train_accuracy", 0) == 0.0);  // all scores are equal, so none is right
}

TEST_CASE("a trial's bits do not depend on the block that it runs in, whatever the loss") {
  const auto storage = GENERATE(Dataset::Storage::dense, Dataset::Storage::sparse);
  const auto precision = GENERATE(model::Precision::float64, model::Precision::float32);
  const std::int64_t batch_size = GENERATE(1, 3);
  const auto linear = model::Schedule::parse("linear");
  const auto constant = model::Schedule::parse("constant");
  constexpr std::int64_t count = 70;
  std::vector<sgd::Trial> trials;
  for (int i = 0; i < count; ++i) trials.push_back({i % 3 == 0 ? &constant : &linear, 0.01 * (i + 1)});
  for (const Case& of : cases) {
    CAPTURE(of.name);
    const auto problem = model_of(of, storage, precision, 0.01, 0.8);
    const model::SgdSettings sgd{
        .steps = 40, .batch_size = batch_size, .precision = precision, .evaluations = 3};
    sgd::Multipliers multipliers;
    const auto sums = model::checksums(sgd::run_block(problem, sgd, 1, trials, multipliers, keep_on).value());
    for (const std::int64_t width : {1, 33}) {
      for (std::int64_t first = 0; first < count; first += width) {
        const auto some = std::span(trials).subspan(first, std::min<std::int64_t>(width, count - first));
        const auto part =
            model::checksums(sgd::run_block(problem, sgd, 1, some, multipliers, keep_on).value());
        CHECK(std::equal(part.begin(), part.end(), sums.begin() + first));
      }
    }
  }
}

TEST_CASE("a diverging trial of any loss without a bounded slope is marked, its neighbours go on") {
  for (const Case& of : cases) {
    if (of.loss != Loss::least_squares && of.loss != Loss::squared_hinge) continue;
    const auto problem = model_of(of, Dataset::Storage::dense, model::Precision::float32, 0.0, 0.0);
    const model::SgdSettings sgd{
        .steps = 2000, .batch_size = 2, .precision = model::Precision::float32, .evaluations = 4};
    const auto mixed = run(problem, sgd, "constant", {0.05, 50.0, 0.01});
    const auto calm = run(problem, sgd, "constant", {0.05, 0.01});
    CHECK(mixed.status[1] == model::CellStatus::diverged);
    CHECK(model::checksums(mixed)[0] == model::checksums(calm)[0]);
    CHECK(model::checksums(mixed)[2] == model::checksums(calm)[1]);
  }
}
