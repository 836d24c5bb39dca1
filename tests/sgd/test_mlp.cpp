#include "mlp_kernel.hpp"
#include "problems.hpp"

#include "rhosweep/core/random.hpp"

#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::test;
using data::Dataset;
using problem::Activation;
using problem::Loss;
using problem::Mlp;
using sgd::lanes;
using sgd::Tile;
using sgd::TileState;

namespace {

constexpr std::int64_t input_width = 5;
constexpr std::int64_t classes = 3;

/// Returns samples with labels for the loss; most features are 0.
std::shared_ptr<const Dataset> random_samples(std::int64_t count, Loss loss, Dataset::Storage storage,
                                              model::Precision precision = model::Precision::float64) {
  const core::RandomStream stream(3, core::Purpose::features);
  Dataset::Rows rows;
  rows.features = input_width;
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int32_t j = 0; j < input_width; ++j) {
      const auto [x, chance] = stream.normal_pair(i, static_cast<std::uint32_t>(j));
      if (chance > 0.5) continue;
      rows.columns.push_back(j);
      rows.values.push_back(x);
    }
    rows.offsets.push_back(std::ssize(rows.columns));
    const double label = stream.normal_pair(i, input_width).first;
    rows.labels.push_back(loss == Loss::softmax ? static_cast<double>(i % classes) : label);
  }
  return std::make_shared<const Dataset>(Dataset::from_rows(std::move(rows), precision, storage));
}

Mlp::Settings settings(Loss loss, Activation activation, double l2 = 0.1) {
  return {.hidden = {7, 4}, .activation = activation, .loss = loss, .classes = classes, .l2 = l2};
}

/// Returns a tile whose lanes are all different.
TileState<double> random_tile(const Mlp& mlp) {
  const core::RandomStream stream(9, core::Purpose::features);
  TileState<double> tile;
  tile.iterates = Tile<double>(mlp.dimension());
  for (std::int64_t i = 0; i < lanes * mlp.dimension(); ++i)
    tile.iterates.data()[i] = 0.7 * stream.normal_pair(i, 0).first;
  return tile;
}

/// Returns the gradient of all lanes, computed as w_0 − w_1 of one step with stepsize 1.
Eigen::ArrayXXd gradient(const Mlp& mlp, const model::SgdSettings& sgd, TileState<double> tile) {
  const Eigen::ArrayXXd start = tile.iterates.array();
  const sgd::Yield yield(keep_on);
  sgd::PacedYield paced(yield);
  const auto kernel = sgd::make_mlp_kernel<double>(mlp, sgd, 0, paced);
  sgd::AlignedArray<double> ones(lanes);
  std::fill_n(ones.data(), lanes, 1.0);
  kernel->draw(0, 1);
  kernel->advance({.first = 0, .count = 1, .stepsizes = ones.data()}, tile);
  return start - tile.iterates.array();
}

/// Returns a small softmax perceptron for the run_block() tests.
std::shared_ptr<const problem::Problem> small_mlp(model::Precision precision, Dataset::Storage storage) {
  return std::make_shared<const Mlp>(settings(Loss::softmax, Activation::relu, 0.01),
                                     random_samples(40, Loss::softmax, storage, precision),
                                     random_samples(20, Loss::softmax, storage, precision));
}

}  // namespace

TEST_CASE("the gradient of a perceptron is that of finite differences, full batch and mini-batch") {
  const auto loss = GENERATE(Loss::softmax, Loss::least_squares);
  const auto activation = GENERATE(Activation::relu, Activation::tanh);
  const auto storage = GENERATE(Dataset::Storage::dense, Dataset::Storage::sparse);
  // With 70 samples the kernel makes one pass of 64 samples and a shorter one.
  const Mlp mlp(settings(loss, activation), random_samples(70, loss, storage), nullptr);
  const model::SgdSettings full{.steps = 1, .sampling = model::Sampling::full_batch, .evaluations = 1};
  TileState<double> tile = random_tile(mlp);
  const Eigen::ArrayXXd found = gradient(mlp, full, random_tile(mlp));

  const sgd::Yield yield(keep_on);
  sgd::PacedYield paced(yield);
  const auto kernel = sgd::make_mlp_kernel<double>(mlp, full, 0, paced);
  Tile<double> values(std::ssize(mlp.metrics()));
  const double h = 1e-5;
  double error = 0.0;
  double size = 0.0;
  for (std::int64_t j = 0; j < mlp.dimension(); ++j) {
    const Eigen::Array<double, lanes, 1> own = tile.iterates.array().col(j);
    tile.iterates.array().col(j) = own + h;
    kernel->evaluate(std::array{sgd::Measurement<double>{&tile.iterates, &values}});
    const Eigen::Array<double, lanes, 1> above = values.array().col(0);
    tile.iterates.array().col(j) = own - h;
    kernel->evaluate(std::array{sgd::Measurement<double>{&tile.iterates, &values}});
    const Eigen::Array<double, lanes, 1> difference = (above - values.array().col(0)) / (2 * h);
    tile.iterates.array().col(j) = own;
    error += (found.col(j) - difference).square().sum();
    size += difference.square().sum();
  }
  CHECK(std::sqrt(error / size) < 1e-6);

  // A shuffled mini-batch of all samples is the full batch.
  const model::SgdSettings one_batch{
      .steps = 1, .batch_size = 70, .sampling = model::Sampling::shuffle, .evaluations = 1};
  const Eigen::ArrayXXd again = gradient(mlp, one_batch, random_tile(mlp));
  CHECK((again - found).abs().maxCoeff() < 1e-12 * found.abs().maxCoeff());
}

TEST_CASE("large mini-batches, summed over passes, give the step of one pass") {
  const Mlp mlp(settings(Loss::softmax, Activation::tanh),
                random_samples(600, Loss::softmax, Dataset::Storage::dense), nullptr);
  model::SgdSettings sgd{
      .steps = 1, .batch_size = 600, .sampling = model::Sampling::shuffle, .evaluations = 1};
  const Eigen::ArrayXXd passes = gradient(mlp, sgd, random_tile(mlp));
  sgd.sampling = model::Sampling::full_batch;
  const Eigen::ArrayXXd full = gradient(mlp, sgd, random_tile(mlp));
  CHECK((passes - full).abs().maxCoeff() < 1e-12 * full.abs().maxCoeff());
}

TEST_CASE("weights of a perceptron start with He's or Glorot's variance by the seed, biases with 0") {
  const bool is_relu = GENERATE(true, false);
  Mlp::Settings wide = settings(Loss::softmax, is_relu ? Activation::relu : Activation::tanh);
  wide.hidden = {400, 300};
  const Mlp mlp(wide, random_samples(10, Loss::softmax, Dataset::Storage::dense), nullptr);
  const std::vector<double> point = mlp.initial_point(4);
  REQUIRE(std::ssize(point) == mlp.dimension());
  CHECK(mlp.dimension() == 5 * 400 + 400 + 400 * 300 + 300 + 300 * 3 + 3);
  const Mlp::Layer layer = mlp.layers()[1];
  double sum = 0.0;
  double squares = 0.0;
  for (std::int64_t j = layer.first; j < layer.biases(); ++j) {
    sum += point[j];
    squares += point[j] * point[j];
  }
  const double count = 400 * 300;
  const double variance = is_relu ? 2.0 / 400 : 2.0 / 700;
  // The tolerances are five standard errors. A standard error is √(variance/count) for the mean and
  // variance·√(2/count) for the variance.
  CHECK(std::abs(sum / count) < 5 * std::sqrt(variance / count));
  CHECK(std::abs(squares / count - variance) < 5 * variance * std::sqrt(2 / count));
  for (const Mlp::Layer& each : mlp.layers())
    for (std::int64_t j = each.biases(); j < each.end(); ++j) CHECK(point[j] == 0.0);
  CHECK(mlp.initial_point(4) == point);
  CHECK(mlp.initial_point(5) != point);
}

TEST_CASE("a perceptron's trial has the same bits in a block of any width, with every optimizer") {
  const auto precision = GENERATE(model::Precision::float64, model::Precision::float32);
  const auto storage = GENERATE(Dataset::Storage::dense, Dataset::Storage::sparse);
  const auto optimizer = GENERATE(model::Optimizer::sgd, model::Optimizer::adamw);
  model::SgdSettings sgd{.steps = 60,
                         .batch_size = 3,
                         .optimizer = optimizer,
                         .beta1 = 0.9,
                         .beta2 = 0.99,
                         .epsilon = 1e-8,
                         .precision = precision,
                         .evaluations = 4};
  const auto mlp = small_mlp(precision, storage);
  std::vector<double> stepsizes;
  for (int i = 0; i < 40; ++i) stepsizes.push_back(1e-4 * std::pow(1.3, i));
  check_same_bits_alone(*mlp, sgd, "cosine", stepsizes);
}

TEST_CASE("plain descent of a perceptron is descent with a momentum that is next to nothing") {
  const auto storage = GENERATE(Dataset::Storage::dense, Dataset::Storage::sparse);
  const auto mlp = small_mlp(model::Precision::float64, storage);
  model::SgdSettings sgd{.steps = 50, .batch_size = 4, .evaluations = 1};
  const auto plain = run(*mlp, sgd, "linear", {0.01, 0.1});
  sgd.momentum = 1e-300;
  const auto kept = run(*mlp, sgd, "linear", {0.01, 0.1});
  for (std::size_t i = 0; i < plain.final.size(); ++i)
    CHECK(plain.final[i] == Approx(kept.final[i]).epsilon(1e-11));
}

TEST_CASE("a perceptron's steps beyond a chunk are those within it") {
  // A chunk is the steps that a block does before it yields. It ends at the latest at an evaluation. The
  // larger the mini-batches, the fewer steps a chunk has.
  const auto mlp = small_mlp(model::Precision::float64, Dataset::Storage::dense);
  const model::SgdSettings many{.steps = 30, .batch_size = 2, .evaluations = 30};  // chunks of one step
  const model::SgdSettings few{.steps = 30, .batch_size = 2, .evaluations = 1};
  const auto each = run(*mlp, many, "cosine", {0.05});
  const auto once = run(*mlp, few, "cosine", {0.05});
  CHECK(each.final == once.final);
}

TEST_CASE("a perceptron that diverges is data, and its neighbours keep their bits") {
  const auto precision = GENERATE(model::Precision::float64, model::Precision::float32);
  const auto mlp = small_mlp(precision, Dataset::Storage::dense);
  const model::SgdSettings sgd{.steps = 400, .batch_size = 2, .precision = precision, .evaluations = 3};
  const auto mixed = run(*mlp, sgd, "constant", {0.01, 1e30, 0.02});
  CHECK(mixed.status ==
        std::vector{model::CellStatus::done, model::CellStatus::diverged, model::CellStatus::done});
  const auto calm = model::checksums(run(*mlp, sgd, "constant", {0.01, 0.02}));
  CHECK(model::checksums(mixed)[0] == calm[0]);
  CHECK(model::checksums(mixed)[2] == calm[1]);
}

TEST_CASE("metrics of a perceptron are those that its loss and data have") {
  const auto names = [](Loss loss, bool has_test) {
    const auto data = random_samples(9, loss, Dataset::Storage::dense);
    const Mlp mlp(settings(loss, Activation::relu), data, has_test ? data : nullptr);
    std::string text;
    for (const model::Metric& each : mlp.metrics()) text += each.name + ' ';
    return text;
  };
  CHECK(names(Loss::softmax, true) == "train_loss test_loss train_accuracy test_accuracy ");
  CHECK(names(Loss::softmax, false) == "train_loss train_accuracy ");
  CHECK(names(Loss::least_squares, true) == "train_loss test_loss ");
}
