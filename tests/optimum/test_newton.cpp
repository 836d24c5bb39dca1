#include "support/dense_data.hpp"
#include "support/samples.hpp"

#include "rhosweep/data/file_data.hpp"
#include "rhosweep/optimum/newton.hpp"

#include <cmath>
#include <filesystem>
#include <numbers>
#include <vector>

#include <catch2/catch.hpp>

using rhosweep::data::Dataset;
using rhosweep::data::FileData;
using rhosweep::model::Precision;
using rhosweep::optimum::Minimiser;

namespace {

/// Returns samples with one feature, equal to 1. Of the labels, `positive` are +1.
std::shared_ptr<const Dataset> coin(int positive, int samples) {
  std::vector<double> labels(static_cast<std::size_t>(samples), -1.0);
  std::fill_n(labels.begin(), positive, 1.0);
  return dense_data(std::vector<double>(labels.size(), 1.0), labels);
}

std::shared_ptr<const Dataset> breast_cancer(Precision precision) {
  const std::filesystem::path data = std::filesystem::path(RHOSWEEP_SOURCE_DIR) / "jobs" / "sweeps" / "data";
  return share(FileData({.training = {data / "breast_cancer.libsvm"}}, precision).training());
}

struct Settings {
  double l2 = 0.0;
  double radius = 0.0;
};

/// A logistic regression and the minimiser that was found for it.
class Solution {
 public:
  Solution(std::shared_ptr<const Dataset> data, const Settings& settings)
      : data_(std::move(data)),
        settings_(settings),
        found_(rhosweep::optimum::minimise_logistic(*data_, settings.l2, settings.radius)) {}

  const Dataset& train() const { return *data_; }
  const Settings& settings() const { return settings_; }
  const Minimiser* minimiser() const { return found_ ? &*found_ : nullptr; }

 private:
  std::shared_ptr<const Dataset> data_;
  Settings settings_;
  std::optional<Minimiser> found_;
};

Solution solve(const std::shared_ptr<const Dataset>& data, const Settings& settings = {}) {
  return {data, settings};
}

/// Objective and gradient by plain sums in long double, independent of the code under test.
struct Reference {
  long double value = 0;
  std::vector<long double> gradient;

  Reference(const Dataset& data, double l2, const std::vector<double>& w) : gradient(w.size()) {
    const auto n = static_cast<long double>(data.samples());
    for (std::int64_t i = 0; i < data.samples(); ++i) {
      std::vector<long double> x(w.size());
      if (data.storage() == Dataset::Storage::sparse) {
        const auto row = data.sparse_row<double>(i);
        for (std::size_t k = 0; k < row.columns.size(); ++k)
          x[static_cast<std::size_t>(row.columns[k])] = row.values[k];
      } else {
        std::copy_n(data.dense_row<double>(i), w.size(), x.begin());
      }
      const long double y = data.labels<double>()[static_cast<std::size_t>(i)];
      long double margin = 0;
      for (std::size_t j = 0; j < w.size(); ++j) margin += y * x[j] * w[j];
      value += log1pl(expl(-margin)) / n;
      for (std::size_t j = 0; j < w.size(); ++j) gradient[j] -= y * x[j] / (1 + expl(margin)) / n;
    }
    for (std::size_t j = 0; j < w.size(); ++j) {
      value += l2 / 2 * static_cast<long double>(w[j]) * w[j];
      gradient[j] += static_cast<long double>(l2) * w[j];
    }
  }

  double gradient_norm() const {
    long double square = 0;
    for (const long double g : gradient) square += g * g;
    return static_cast<double>(sqrtl(square));
  }
};

double norm(const std::vector<double>& w) {
  double square = 0;
  for (const double x : w) square += x * x;
  return std::sqrt(square);
}

double entropy(double p) {
  return -p * std::log(p) - (1 - p) * std::log(1 - p);
}

/// Checks a minimiser on the sphere: −gradient = multiplier · w with a multiplier ≥ 0, and hence by convexity
/// f(w) − f_star ≤ gradient · w + radius ‖gradient‖ (the Frank–Wolfe gap).
void check_on_sphere(const Solution& solution) {
  const Minimiser* found = solution.minimiser();
  REQUIRE(found != nullptr);
  const double radius = solution.settings().radius;
  const Reference reference(solution.train(), solution.settings().l2, found->w);
  CHECK(found->value == Approx(static_cast<double>(reference.value)).epsilon(1e-13));
  CHECK(norm(found->w) == Approx(radius).epsilon(1e-14));
  long double along = 0;
  for (std::size_t j = 0; j < found->w.size(); ++j) along += reference.gradient[j] * found->w[j];
  const auto multiplier = static_cast<double>(-along) / (radius * radius);
  CHECK(multiplier >= 0);
  for (std::size_t j = 0; j < found->w.size(); ++j)
    CHECK(static_cast<double>(reference.gradient[j]) ==
          Approx(-multiplier * found->w[j]).margin(1e-9 * reference.gradient_norm()));
  CHECK(static_cast<double>(along) + radius * reference.gradient_norm() < 1e-11);
}

}  // namespace

TEST_CASE("one constant feature: the minimiser is the log odds, its value the entropy") {
  const auto [positive, samples] = GENERATE(table<int, int>({{1, 2}, {1, 3}, {7, 10}, {999, 1000}}));
  const double p = static_cast<double>(positive) / samples;
  const Solution solution = solve(coin(positive, samples));
  REQUIRE(solution.minimiser() != nullptr);
  CHECK(solution.minimiser()->w[0] == Approx(std::log(p / (1 - p))).epsilon(1e-12).margin(1e-14));
  CHECK(solution.minimiser()->value == Approx(entropy(p)).epsilon(1e-13));
}

TEST_CASE("a ball in one dimension stops the minimiser at its end, if it is smaller") {
  CHECK(solve(coin(3, 4), {.radius = 0.5}).minimiser()->w[0] == Approx(0.5).epsilon(1e-15));
  CHECK(solve(coin(1, 4), {.radius = 0.5}).minimiser()->w[0] == Approx(-0.5).epsilon(1e-15));
  CHECK(solve(coin(3, 4), {.radius = 2.0}).minimiser()->w[0] == Approx(std::log(3.0)).epsilon(1e-12));
}

TEST_CASE("two opposite points with l2: the minimiser solves 1 / (1 + exp(w)) = l2 w") {
  // The minimiser satisfies 2 l2 w* = 1 − tanh(w*/2); w* = 1 gives l2 = 1 / (1 + e).
  const double l2 = 1 / (1 + std::numbers::e);
  const Solution solution = solve(dense_data({1, -1}, {1, -1}), {.l2 = l2});
  CHECK(solution.minimiser()->w[0] == Approx(1.0).epsilon(1e-13));
  CHECK(solution.minimiser()->value == Approx(std::log1p(std::exp(-1.0)) + l2 / 2).epsilon(1e-13));
}

TEST_CASE("separable data has no minimiser unless l2 or a ball holds it back") {
  const auto data = coin(5, 5);
  const Solution solution = solve(data);
  CHECK(solution.minimiser() == nullptr);
  CHECK(solve(data, {.l2 = 1e-6}).minimiser() != nullptr);
  const Solution on_ball = solve(data, {.radius = 30.0});
  CHECK(on_ball.minimiser()->w[0] == Approx(30.0).epsilon(1e-15));
  CHECK(on_ball.minimiser()->value == Approx(std::log1p(std::exp(-30.0))).epsilon(1e-12));
}

TEST_CASE("data separable but for samples on the separating plane has no minimiser") {
  // The classes overlap in the first feature; with it alone the minimiser is log 2. The second feature occurs
  // with one label only, so the loss falls for ever as its weight grows.
  const std::vector<double> values{1, 0, 1, 0, 1, 0, 0, 1};
  const std::vector<double> labels{1, 1, -1, 1};
  const auto data = dense_data(values, labels);
  CHECK(solve(data).minimiser() == nullptr);
  const Solution regularised = solve(data, {.l2 = 1e-3});
  REQUIRE(regularised.minimiser() != nullptr);
  CHECK(Reference(*data, 1e-3, regularised.minimiser()->w).gradient_norm() < 1e-14);
  check_on_sphere(solve(data, {.radius = 10.0}));
}

TEST_CASE("a sample of zeros does not hide that data is separable") {
  CHECK(solve(dense_data({1, -2, 0}, {1, -1, 1})).minimiser() == nullptr);
}

TEST_CASE("at the minimiser the gradient vanishes") {
  const double l2 = GENERATE(0.0, 1e-4, 1.0);
  const Solution solution = solve(synthetic(500, 20), {.l2 = l2});
  REQUIRE(solution.minimiser() != nullptr);
  const Reference reference(solution.train(), l2, solution.minimiser()->w);
  CHECK(reference.gradient_norm() < 1e-14);
  CHECK(solution.minimiser()->value == Approx(static_cast<double>(reference.value)).epsilon(1e-14));
}

TEST_CASE("the minimiser on breast cancer data agrees with SciPy") {
  // SciPy 1.10, X and y of breast_cancer.libsvm, Z = y[:, None] * X, s(w) = 1 / (1 + exp(Z @ w)):
  // minimize(lambda w: logaddexp(0, -Z @ w).mean() + 0.005 * w @ w, zeros(30), method="trust-exact",
  //          jac=lambda w: -Z.T @ s(w) / 569 + 0.01 * w,
  //          hess=lambda w: (Z.T * (s(w) * (1 - s(w)))) @ Z / 569 + 0.01 * eye(30), options={"gtol": 1e-13})
  constexpr double scipy_value = 0.10241656577017627;
  constexpr double scipy_norm = 2.420662632728293;
  const Solution exact = solve(breast_cancer(Precision::float64), {.l2 = 0.01});
  CHECK(exact.minimiser()->value == Approx(scipy_value).epsilon(1e-12));
  CHECK(norm(exact.minimiser()->w) == Approx(scipy_norm).epsilon(1e-10));
  // Rounding the data to float32 changes the minimum by about 1e-6 of its value.
  const Solution rounded = solve(breast_cancer(Precision::float32), {.l2 = 0.01});
  CHECK(rounded.minimiser()->value == Approx(scipy_value).epsilon(1e-6));
}

TEST_CASE("the minimiser over a ball agrees with SciPy") {
  // SciPy 1.10 with the objective and jac of the test above, but without their terms of l2:
  // minimize(..., full(30, 0.1), method="SLSQP", options={"ftol": 1e-15},
  //          constraints={"type": "ineq", "fun": lambda w: 4 - w @ w, "jac": lambda w: -2 * w})
  constexpr double scipy_value = 0.08586247183446374;
  const Solution solution = solve(breast_cancer(Precision::float64), {.radius = 2.0});
  CHECK(solution.minimiser()->value == Approx(scipy_value).epsilon(1e-9));
  check_on_sphere(solution);
}

TEST_CASE("on the sphere the gradient points inwards along the minimiser") {
  const double radius = GENERATE(1e-3, 0.5, 1.5);
  const double l2 = GENERATE(0.0, 1e-3);
  check_on_sphere(solve(synthetic(500, 20), {.l2 = l2, .radius = radius}));
}

TEST_CASE("a ball that holds the minimiser does not change it") {
  const auto data = synthetic(500, 5);
  const Solution open = solve(data);
  const Solution ball = solve(data, {.radius = 2 * norm(open.minimiser()->w)});
  CHECK(ball.minimiser()->value == Approx(open.minimiser()->value).epsilon(1e-14));
  for (std::size_t j = 0; j < 5; ++j)
    CHECK(ball.minimiser()->w[j] == Approx(open.minimiser()->w[j]).epsilon(1e-12));
}

TEST_CASE("the storage of the data does not matter to the minimiser") {
  const auto rows = sparse_rows(300, 40, 4);
  const auto dense = share(Dataset::from_rows(rows, Precision::float64, Dataset::Storage::dense));
  const auto sparse = share(Dataset::from_rows(rows, Precision::float64, Dataset::Storage::sparse));
  const Solution by_dense = solve(dense, {.l2 = 1e-3});
  const Solution by_sparse = solve(sparse, {.l2 = 1e-3});
  CHECK(by_dense.minimiser()->value == Approx(by_sparse.minimiser()->value).epsilon(1e-14));
}

TEST_CASE("more dimensions than a direct factorisation is meant for") {
  // With 400 samples the minimiser is sought in the space that the samples span (RowSpace), with 1100 it is
  // not.
  const std::int64_t samples = GENERATE(400, 1100);
  const auto data = share(Dataset::from_rows(sparse_rows(samples, 1200, 6), Precision::float64));
  REQUIRE(data->storage() == Dataset::Storage::sparse);
  const Solution solution = solve(data, {.l2 = 1e-3});
  REQUIRE(solution.minimiser() != nullptr);
  // By strong convexity, f(w) − f_star ≤ ‖gradient‖² / (2 l2).
  CHECK(std::pow(Reference(*data, 1e-3, solution.minimiser()->w).gradient_norm(), 2) / 2e-3 < 1e-12);
  check_on_sphere(solve(data, {.radius = 2.0}));
}

TEST_CASE("classes of large and nearly empty data are told apart, however many products there is time for") {
  // Each sample has a feature of its own, so a product of the data with a vector takes few operations. A
  // limit of 5e10 operations then allows more products than an int can count.
  Dataset::Rows rows{.features = 600};
  for (const std::int32_t column : {0, 599}) {
    rows.columns.push_back(column);
    rows.values.push_back(1.0);
    rows.offsets.push_back(std::ssize(rows.values));
    rows.labels.push_back(column == 0 ? 0.0 : 1.0);
  }
  const auto data = share(Dataset::from_rows(std::move(rows), Precision::float64));
  constexpr double l2 = 0.5;
  const auto found = rhosweep::optimum::minimise_softmax(*data, 2, l2, 0.0);
  REQUIRE(found);
  // By symmetry the weights of a sample's feature are a and -a. The objective log(1 + exp(-2 a)) + 2 l2 a^2
  // is least where a (1 + exp(2 a)) = 1.
  double low = 0.0;
  double high = 1.0;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (middle * (1 + std::exp(2 * middle)) < 1 ? low : high) = middle;
  }
  CHECK(found->value == Approx(std::log1p(std::exp(-2 * low)) + 2 * l2 * low * low).epsilon(1e-10));
}

TEST_CASE("features that are constant zero or copies of each other change nothing") {
  const auto data = synthetic(200, 3);
  std::vector<double> values;  // of a sample: x0, x1, x2, a copy of x0, and 0
  for (std::int64_t i = 0; i < 200; ++i) {
    const double* x = data->dense_row<double>(i);
    values.insert(values.end(), {x[0], x[1], x[2], x[0], 0.0});
  }
  const auto labels = data->labels<double>();
  const auto doubled = dense_data(values, {labels.begin(), labels.end()});
  const Solution plain = solve(data);
  const Solution copied = solve(doubled);
  REQUIRE(copied.minimiser() != nullptr);
  CHECK(copied.minimiser()->value == Approx(plain.minimiser()->value).epsilon(1e-13));
  const auto& w = copied.minimiser()->w;
  CHECK(w[0] + w[3] == Approx(plain.minimiser()->w[0]).epsilon(1e-9));
  CHECK(w[4] == 0.0);
}

TEST_CASE("the scale of a feature does not matter to the minimum") {
  const auto data = synthetic(200, 3);
  std::vector<double> values;
  for (std::int64_t i = 0; i < 200; ++i) {
    const double* x = data->dense_row<double>(i);
    values.insert(values.end(), {1e6 * x[0], x[1], 1e-6 * x[2]});
  }
  const auto labels = data->labels<double>();
  const auto scaled = dense_data(values, {labels.begin(), labels.end()});
  CHECK(solve(scaled).minimiser()->value == Approx(solve(data).minimiser()->value).epsilon(1e-13));
}
