#include "rhosweep/core/random.hpp"
#include "rhosweep/data/synthetic.hpp"

#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep::data;
using rhosweep::core::Purpose;
using rhosweep::core::RandomStream;
using rhosweep::model::Precision;

namespace {

/// Returns the features of the first `count` samples, and their labels, as one list.
template <class Real>
std::vector<Real> first_samples(const Dataset& set, std::int64_t count) {
  const Real* features = set.dense_row<Real>(0);
  std::vector<Real> list(features, features + count * set.features());
  const auto labels = set.labels<Real>().first(static_cast<std::size_t>(count));
  list.insert(list.end(), labels.begin(), labels.end());
  return list;
}

}  // namespace

TEST_CASE("synthetic features have the moments of the standard normal distribution") {
  constexpr std::int64_t samples = 20000;
  constexpr std::int64_t dimension = 5;
  const auto set = synthetic_logistic({dimension, 3, 0.1}, SampleSet::training, samples, Precision::float64);
  const double n = samples;
  for (std::int64_t j = 0; j < dimension; ++j) {
    double sum = 0.0;
    double squares = 0.0;
    double products = 0.0;
    for (std::int64_t i = 0; i < samples; ++i) {
      const double* x = set.dense_row<double>(i);
      sum += x[j];
      squares += x[j] * x[j];
      products += x[j] * x[(j + 1) % dimension];
    }
    CHECK(std::abs(sum / n) < 5 / std::sqrt(n));
    CHECK(std::abs(squares / n - 1) < 5 * std::sqrt(2 / n));
    CHECK(std::abs(products / n) < 5 / std::sqrt(n));
  }
}

TEST_CASE("the stated share of labels is flipped from those of a linear model") {
  constexpr std::int64_t samples = 20000;
  const auto clean = synthetic_logistic({4, 3, 0.0}, SampleSet::training, samples, Precision::float64);
  const auto noisy = synthetic_logistic({4, 3, 0.2}, SampleSet::training, samples, Precision::float64);
  // Draws w* from the documented random stream.
  const RandomStream stream(3, Purpose::model);
  const auto [a, b] = stream.normal_pair(0, 0);
  const auto [c, d] = stream.normal_pair(0, 1);
  std::int64_t flipped = 0;
  std::int64_t positive = 0;
  for (std::int64_t i = 0; i < samples; ++i) {
    const double* x = clean.dense_row<double>(i);
    const double score = a * x[0] + b * x[1] + c * x[2] + d * x[3];
    CHECK(clean.labels<double>()[static_cast<std::size_t>(i)] * score >= 0);
    if (noisy.labels<double>()[static_cast<std::size_t>(i)] * score < 0) ++flipped;
    if (score > 0) ++positive;
  }
  const auto share = static_cast<double>(flipped) / samples;
  CHECK(std::abs(share - 0.2) < 5 * std::sqrt(0.2 * 0.8 / samples));
  CHECK(std::abs(static_cast<double>(positive) / samples - 0.5) < 5 * 0.5 / std::sqrt(samples));
}

TEST_CASE("neither the training nor the held-out samples change when a set grows") {
  const SyntheticPopulation population{3, 8, 0.1};
  for (const SampleSet part : {SampleSet::training, SampleSet::held_out}) {
    const auto small = synthetic_logistic(population, part, 10, Precision::float64);
    const auto large = synthetic_logistic(population, part, 1000, Precision::float64);
    CHECK(first_samples<double>(small, 10) == first_samples<double>(large, 10));
  }
  const auto train = synthetic_logistic(population, SampleSet::training, 10, Precision::float64);
  const auto test = synthetic_logistic(population, SampleSet::held_out, 10, Precision::float64);
  CHECK(first_samples<double>(train, 10) != first_samples<double>(test, 10));
}

TEST_CASE("float32 samples are the float64 samples rounded") {
  const SyntheticPopulation population{3, 8, 0.1};
  const auto exact =
      first_samples<double>(synthetic_logistic(population, SampleSet::training, 50, Precision::float64), 50);
  const auto rounded =
      first_samples<float>(synthetic_logistic(population, SampleSet::training, 50, Precision::float32), 50);
  for (std::size_t k = 0; k < exact.size(); ++k) CHECK(rounded[k] == static_cast<float>(exact[k]));
}

TEST_CASE("another data seed gives other samples and another model") {
  const auto one = synthetic_logistic({2, 1, 0.0}, SampleSet::training, 50, Precision::float64);
  const auto two = synthetic_logistic({2, 2, 0.0}, SampleSet::training, 50, Precision::float64);
  CHECK(first_samples<double>(one, 50) != first_samples<double>(two, 50));
}
