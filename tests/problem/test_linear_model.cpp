#include "support/dense_data.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/data/file_data.hpp"
#include "rhosweep/data/synthetic.hpp"
#include "rhosweep/problem/linear_model.hpp"

#include <cmath>
#include <filesystem>
#include <numbers>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep::problem;
using rhosweep::core::InternalError;
using rhosweep::data::Dataset;
using rhosweep::data::FileData;
using rhosweep::data::SampleSet;
using rhosweep::model::Precision;
using rhosweep::optimum::Minimiser;

namespace {

std::shared_ptr<const Dataset> share(Dataset set) {
  return std::make_shared<const Dataset>(std::move(set));
}

/// One feature, equal to 1 in every sample; `positive` of the labels are +1.
std::shared_ptr<const Dataset> coin(int positive, int samples) {
  std::vector<double> labels(static_cast<std::size_t>(samples), -1.0);
  std::fill_n(labels.begin(), positive, 1.0);
  return dense_data(std::vector<double>(labels.size(), 1.0), labels);
}

std::shared_ptr<const Dataset> breast_cancer(Precision precision) {
  const std::filesystem::path source = RHOSWEEP_SOURCE_DIR;
  return share(
      FileData({.training = {source / "jobs" / "data" / "breast_cancer.libsvm"}}, precision).training());
}

std::shared_ptr<const Dataset> synthetic(std::int64_t samples, std::int64_t dimension) {
  return share(rhosweep::data::synthetic_logistic({dimension, 1, 0.1}, SampleSet::training, samples,
                                                  Precision::float64));
}

/// A fixed pseudo-random sparse data set with `per_row` of the features in each sample and noisy labels.
Dataset::Rows sparse_rows(std::int64_t samples, std::int64_t features, std::int64_t per_row) {
  Dataset::Rows rows;
  rows.features = features;
  for (std::int64_t i = 0; i < samples; ++i) {
    for (std::int64_t k = 0; k < per_row; ++k) {
      rows.columns.push_back(
          static_cast<std::int32_t>(k * (features / per_row) + i * (k + 3) % (features / per_row)));
      rows.values.push_back(std::sin(static_cast<double>(i * per_row + k)));
    }
    rows.offsets.push_back(std::ssize(rows.values));
    rows.labels.push_back(i * i % 7 < 3 ? 1.0 : -1.0);
  }
  return rows;
}

LinearModel model_of(const std::shared_ptr<const Dataset>& data, const LinearModel::Settings& settings = {}) {
  return {settings, data, nullptr, minimise(settings, *data)};
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
void check_on_sphere(const LinearModel& model) {
  const Minimiser* found = model.minimiser();
  REQUIRE(found != nullptr);
  const double radius = model.settings().radius;
  const Reference reference(model.train(), model.settings().l2, found->point);
  CHECK(found->value == Approx(static_cast<double>(reference.value)).epsilon(1e-13));
  CHECK(norm(found->point) == Approx(radius).epsilon(1e-14));
  long double along = 0;
  for (std::size_t j = 0; j < found->point.size(); ++j) along += reference.gradient[j] * found->point[j];
  const auto multiplier = static_cast<double>(-along) / (radius * radius);
  CHECK(multiplier >= 0);
  for (std::size_t j = 0; j < found->point.size(); ++j)
    CHECK(static_cast<double>(reference.gradient[j]) ==
          Approx(-multiplier * found->point[j]).margin(1e-9 * reference.gradient_norm()));
  CHECK(static_cast<double>(along) + radius * reference.gradient_norm() < 1e-11);
}

}  // namespace

TEST_CASE("one constant feature: the minimiser is the log odds, its value the entropy") {
  const auto [positive, samples] = GENERATE(table<int, int>({{1, 2}, {1, 3}, {7, 10}, {999, 1000}}));
  const double p = static_cast<double>(positive) / samples;
  const LinearModel model = model_of(coin(positive, samples));
  REQUIRE(model.minimiser() != nullptr);
  CHECK(model.minimiser()->point[0] == Approx(std::log(p / (1 - p))).epsilon(1e-12).margin(1e-14));
  CHECK(model.minimiser()->value == Approx(entropy(p)).epsilon(1e-13));
}

TEST_CASE("a ball in one dimension stops the minimiser at its end, if it is smaller") {
  CHECK(model_of(coin(3, 4), {.radius = 0.5}).minimiser()->point[0] == Approx(0.5).epsilon(1e-15));
  CHECK(model_of(coin(1, 4), {.radius = 0.5}).minimiser()->point[0] == Approx(-0.5).epsilon(1e-15));
  CHECK(model_of(coin(3, 4), {.radius = 2.0}).minimiser()->point[0] == Approx(std::log(3.0)).epsilon(1e-12));
}

TEST_CASE("two opposite points with l2: the minimiser solves 1 / (1 + exp(w)) = l2 w") {
  // With 2 l2 w* = 1 − tanh(w*/2); for w* = 1 this gives l2 = 1 / (1 + e).
  const double l2 = 1 / (1 + std::numbers::e);
  const LinearModel model = model_of(dense_data({1, -1}, {1, -1}), {.l2 = l2});
  CHECK(model.minimiser()->point[0] == Approx(1.0).epsilon(1e-13));
  CHECK(model.minimiser()->value == Approx(std::log1p(std::exp(-1.0)) + l2 / 2).epsilon(1e-13));
}

TEST_CASE("separable data has no minimiser unless l2 or a ball holds it back") {
  const auto data = coin(5, 5);
  const LinearModel model = model_of(data);
  CHECK(model.minimiser() == nullptr);
  CHECK(model_of(data, {.l2 = 1e-6}).minimiser() != nullptr);
  const LinearModel on_ball = model_of(data, {.radius = 30.0});
  CHECK(on_ball.minimiser()->point[0] == Approx(30.0).epsilon(1e-15));
  CHECK(on_ball.minimiser()->value == Approx(std::log1p(std::exp(-30.0))).epsilon(1e-12));
}

TEST_CASE("data separable but for samples on the separating plane has no minimiser") {
  // The first feature overlaps (its minimiser alone is log 2); the second one occurs with one label only.
  const std::vector<double> values{1, 0, 1, 0, 1, 0, 0, 1};
  const std::vector<double> labels{1, 1, -1, 1};
  const auto data = dense_data(values, labels);
  CHECK(model_of(data).minimiser() == nullptr);
  const LinearModel regularised = model_of(data, {.l2 = 1e-3});
  REQUIRE(regularised.minimiser() != nullptr);
  CHECK(Reference(*data, 1e-3, regularised.minimiser()->point).gradient_norm() < 1e-14);
  check_on_sphere(model_of(data, {.radius = 10.0}));
}

TEST_CASE("a sample of zeros does not hide that data is separable") {
  CHECK(model_of(dense_data({1, -2, 0}, {1, -1, 1})).minimiser() == nullptr);
}

TEST_CASE("at the minimiser the gradient vanishes") {
  const double l2 = GENERATE(0.0, 1e-4, 1.0);
  const LinearModel model = model_of(synthetic(500, 20), {.l2 = l2});
  REQUIRE(model.minimiser() != nullptr);
  const Reference reference(model.train(), l2, model.minimiser()->point);
  CHECK(reference.gradient_norm() < 1e-14);
  CHECK(model.minimiser()->value == Approx(static_cast<double>(reference.value)).epsilon(1e-14));
}

TEST_CASE("the minimiser on breast cancer data agrees with SciPy") {
  // SciPy 1.10, X and y of jobs/data/breast_cancer.libsvm, Z = y[:, None] * X, s(w) = 1 / (1 + exp(Z @ w)):
  // minimize(lambda w: logaddexp(0, -Z @ w).mean() + 0.005 * w @ w, zeros(30), method="trust-exact",
  //          jac=lambda w: -Z.T @ s(w) / 569 + 0.01 * w,
  //          hess=lambda w: (Z.T * (s(w) * (1 - s(w)))) @ Z / 569 + 0.01 * eye(30), options={"gtol": 1e-13})
  constexpr double scipy_value = 0.10241656577017627;
  constexpr double scipy_norm = 2.420662632728293;
  const LinearModel exact = model_of(breast_cancer(Precision::float64), {.l2 = 0.01});
  CHECK(exact.minimiser()->value == Approx(scipy_value).epsilon(1e-12));
  CHECK(norm(exact.minimiser()->point) == Approx(scipy_norm).epsilon(1e-10));
  // Data rounded to float32 moves the solution by about that much.
  const LinearModel rounded = model_of(breast_cancer(Precision::float32), {.l2 = 0.01});
  CHECK(rounded.minimiser()->value == Approx(scipy_value).epsilon(1e-6));
}

TEST_CASE("the minimiser over a ball agrees with SciPy") {
  // As above with l2 = 0 and minimize(..., full(30, 0.1), method="SLSQP", options={"ftol": 1e-15},
  // constraints={"type": "ineq", "fun": lambda w: 4 - w @ w, "jac": lambda w: -2 * w})
  constexpr double scipy_value = 0.08586247183446374;
  const LinearModel model = model_of(breast_cancer(Precision::float64), {.radius = 2.0});
  CHECK(model.minimiser()->value == Approx(scipy_value).epsilon(1e-9));
  check_on_sphere(model);
}

TEST_CASE("on the sphere the gradient points inwards along the minimiser") {
  const double radius = GENERATE(1e-3, 0.5, 1.5);
  const double l2 = GENERATE(0.0, 1e-3);
  check_on_sphere(model_of(synthetic(500, 20), {.l2 = l2, .radius = radius}));
}

TEST_CASE("a ball that holds the minimiser does not change it") {
  const auto data = synthetic(500, 5);
  const LinearModel open = model_of(data);
  const LinearModel ball = model_of(data, {.radius = 2 * norm(open.minimiser()->point)});
  CHECK(ball.minimiser()->value == Approx(open.minimiser()->value).epsilon(1e-14));
  for (std::size_t j = 0; j < 5; ++j)
    CHECK(ball.minimiser()->point[j] == Approx(open.minimiser()->point[j]).epsilon(1e-12));
}

TEST_CASE("the storage of the data does not matter to the minimiser") {
  const auto rows = sparse_rows(300, 40, 4);
  const auto dense = share(Dataset::from_rows(rows, Precision::float64, Dataset::Storage::dense));
  const auto sparse = share(Dataset::from_rows(rows, Precision::float64, Dataset::Storage::sparse));
  const LinearModel by_dense = model_of(dense, {.l2 = 1e-3});
  const LinearModel by_sparse = model_of(sparse, {.l2 = 1e-3});
  CHECK(by_dense.minimiser()->value == Approx(by_sparse.minimiser()->value).epsilon(1e-14));
  CHECK(*by_dense.gradient_bound() == Approx(*by_sparse.gradient_bound()).epsilon(1e-14));
}

TEST_CASE("more dimensions than a direct factorisation is meant for") {
  const auto data = share(Dataset::from_rows(sparse_rows(400, 1200, 6), Precision::float64));
  REQUIRE(data->storage() == Dataset::Storage::sparse);
  const LinearModel model = model_of(data, {.l2 = 1e-3});
  REQUIRE(model.minimiser() != nullptr);
  // Strong convexity: f(w) − f_star ≤ ‖gradient‖² / (2 l2).
  CHECK(std::pow(Reference(*data, 1e-3, model.minimiser()->point).gradient_norm(), 2) / 2e-3 < 1e-12);
  check_on_sphere(model_of(data, {.radius = 2.0}));
}

TEST_CASE("features that are constant zero or copies of each other change nothing") {
  const auto data = synthetic(200, 3);
  std::vector<double> values;  // x0, x1, x2, x0, 0
  for (std::int64_t i = 0; i < 200; ++i) {
    const double* x = data->dense_row<double>(i);
    values.insert(values.end(), {x[0], x[1], x[2], x[0], 0.0});
  }
  const auto labels = data->labels<double>();
  const auto doubled = dense_data(values, {labels.begin(), labels.end()});
  const LinearModel plain = model_of(data);
  const LinearModel copied = model_of(doubled);
  REQUIRE(copied.minimiser() != nullptr);
  CHECK(copied.minimiser()->value == Approx(plain.minimiser()->value).epsilon(1e-13));
  const auto& w = copied.minimiser()->point;
  CHECK(w[0] + w[3] == Approx(plain.minimiser()->point[0]).epsilon(1e-9));
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
  CHECK(model_of(scaled).minimiser()->value == Approx(model_of(data).minimiser()->value).epsilon(1e-13));
}

TEST_CASE("a linear model's metrics are those that make sense") {
  const auto names = [](const LinearModel& model) {
    std::string list;
    for (const auto& metric : model.metrics()) list += metric.name + " ";
    return list;
  };
  const auto data = coin(1, 3);
  CHECK(names(LinearModel({}, data, data, std::nullopt)) ==
        "train_loss excess_loss test_loss train_accuracy test_accuracy distance ");
  CHECK(names(model_of(data)) == "train_loss excess_loss train_accuracy distance ");
}

TEST_CASE("the theory's constants come from the ball and the data") {
  // ‖x‖ is 5 and 0: the mean of the squares is 25/2.
  const auto data = dense_data({3, 4, 0, 0}, {1, -1});
  const LinearModel on_ball = model_of(data, {.l2 = 0.1, .radius = 2.0});
  CHECK(on_ball.diameter() == 4.0);
  CHECK(on_ball.is_convex());
  // The regulariser's gradient is at most l2 times the radius.
  CHECK(*on_ball.gradient_bound() == Approx(std::sqrt(12.5) + 0.1 * 2.0));
  const LinearModel open = model_of(data, {.l2 = 0.1, .diameter = 7.0});
  CHECK(open.diameter() == 7.0);
  // No iterate is farther from w_0 = 0 than twice the distance to the minimiser.
  CHECK(*open.gradient_bound() == Approx(std::sqrt(12.5) + 0.1 * 14.0));
  CHECK(*model_of(data, {.diameter = 7.0}).gradient_bound() == Approx(std::sqrt(12.5)));
  CHECK_FALSE(model_of(data, {.l2 = 0.1}).gradient_bound().has_value());
  CHECK_FALSE(model_of(data, {.l2 = 0.1}).diameter().has_value());
}

TEST_CASE("the predicted work grows with what there is to do") {
  using namespace rhosweep::model;
  const LinearModel model = model_of(synthetic(100, 10), {.radius = 1.0});
  const SgdSettings one{.steps = 1};
  const SgdSettings many{.steps = 1, .batch_size = 32};
  const SgdSettings full{.steps = 1, .sampling = Sampling::full_batch};
  CHECK(model.step_work(many) - model.step_work(one) == 4.0 * 10 * 31);
  CHECK(model.step_work(full) - model.step_work(one) == 4.0 * 10 * 99);
  CHECK(model.evaluation_work() == (2 * 10 + 20) * 100.0);
  const auto sparse = share(Dataset::from_rows(sparse_rows(100, 200, 4), Precision::float64));
  const LinearModel thin = model_of(sparse, {.radius = 1.0});
  CHECK(thin.step_work(many) - thin.step_work(one) == 4.0 * 4 * 31);
}

TEST_CASE("held-out data of another shape is a bug of the caller") {
  CHECK_THROWS_AS(LinearModel({}, synthetic(10, 3), synthetic(10, 4), std::nullopt), InternalError);
}

namespace {

LinearModel model_of(Loss loss, const std::vector<double>& values, const std::vector<double>& labels,
                     LinearModel::Settings settings = {}) {
  settings.loss = loss;
  return model_of(dense_data(values, labels), settings);
}

}  // namespace

TEST_CASE("least squares and least absolute deviations of a constant are the mean and the median") {
  const std::vector<double> ones(5, 1.0);
  const std::vector<double> labels{-3, 1, 2, 4, 100};
  const LinearModel squares = model_of(Loss::least_squares, ones, labels);
  REQUIRE(squares.minimiser() != nullptr);
  CHECK(squares.minimiser()->point[0] == Approx(20.8).epsilon(1e-12));  // 104/5
  const LinearModel sizes = model_of(Loss::absolute, ones, labels);
  REQUIRE(sizes.minimiser() != nullptr);
  CHECK(sizes.minimiser()->point[0] == Approx(2).epsilon(1e-9));
  CHECK(sizes.minimiser()->value == Approx((5 + 1 + 0 + 2 + 98) / 5.0).epsilon(1e-12));
  // Huber's: the outlier and −3 pull by the threshold each, so the mean of 1, 2 and 4 remains.
  const LinearModel huber = model_of(Loss::huber, ones, labels, {.threshold = 2.5});
  REQUIRE(huber.minimiser() != nullptr);
  CHECK(huber.minimiser()->point[0] == Approx(7.0 / 3).epsilon(1e-9));
}

TEST_CASE("a ball stops the minimiser of every loss at its end in one dimension") {
  for (const Loss loss :
       {Loss::least_squares, Loss::absolute, Loss::huber, Loss::hinge, Loss::squared_hinge}) {
    CAPTURE(static_cast<int>(loss));
    const LinearModel model = model_of(loss, {1, 1, -1}, {1, 1, -1}, {.radius = 0.25});
    REQUIRE(model.minimiser() != nullptr);
    CHECK(model.minimiser()->point[0] == Approx(0.25).epsilon(1e-9));
    CHECK(model_of(loss, {1, 1, -1}, {1, 1, -1}, {.radius = 50.0}).minimiser()->point[0] >= 1 - 1e-6);
  }
}

TEST_CASE("hinge losses of separable data have the minimum 0, at finite weights") {
  for (const Loss loss : {Loss::hinge, Loss::squared_hinge}) {
    const LinearModel model = model_of(loss, {2, 1, -1, 1}, {1, 1, -1, 1});
    REQUIRE(model.minimiser() != nullptr);
    CHECK(model.minimiser()->value == Approx(0).margin(1e-12));
  }
}

TEST_CASE(
    "softmax of a constant feature finds the frequencies of the classes; separable data has no minimum") {
  const std::vector<double> labels{0, 1, 1, 2, 2, 2};
  const LinearModel model = model_of(Loss::softmax, std::vector<double>(6, 1.0), labels, {.classes = 3});
  REQUIRE(model.minimiser() != nullptr);
  const auto& w = model.minimiser()->point;
  CHECK(w[0] + w[1] + w[2] == Approx(0).margin(1e-12));
  CHECK(w[1] - w[0] == Approx(std::log(2.0)).epsilon(1e-9));
  CHECK(w[2] - w[0] == Approx(std::log(3.0)).epsilon(1e-9));
  CHECK(model.minimiser()->value ==
        Approx(-(std::log(1 / 6.0) + 2 * std::log(2 / 6.0) + 3 * std::log(3 / 6.0)) / 6).epsilon(1e-13));
  const std::vector<double> apart{1, 0, 0, 1};
  CHECK(model_of(Loss::softmax, apart, {0, 1}, {.classes = 2}).minimiser() == nullptr);
  CHECK(model_of(Loss::softmax, apart, {0, 1}, {.classes = 2, .l2 = 0.1}).minimiser() != nullptr);
  CHECK(model_of(Loss::softmax, apart, {0, 1}, {.classes = 2, .radius = 3.0}).minimiser() != nullptr);
}

TEST_CASE("more dimensions than a factorisation is meant for, whatever the loss") {
  const auto data = share(Dataset::from_rows(sparse_rows(200, 1200, 6), Precision::float64));
  for (const Loss loss :
       {Loss::least_squares, Loss::huber, Loss::squared_hinge, Loss::softmax, Loss::hinge}) {
    CAPTURE(static_cast<int>(loss));
    auto labelled = sparse_rows(200, 1200, 6);
    for (double& label : labelled.labels) label = loss == Loss::softmax ? (label > 0 ? 1 : 0) : label;
    const auto own = share(Dataset::from_rows(labelled, Precision::float64));
    CHECK(model_of(own, {.loss = loss, .l2 = 0.01}).minimiser() != nullptr);
  }
}

TEST_CASE("the gradient bound is that of the loss") {
  // ‖x‖ is 5 and 0, with the label −3 of the first sample or class 1.
  const std::vector<double> values{3, 4, 0, 0};
  const auto bound = [&](Loss loss, LinearModel::Settings settings = {}) {
    return model_of(loss, values, {-3, 1}, settings).gradient_bound();
  };
  const double root = std::sqrt(12.5);  // of the mean of ‖x‖²
  CHECK(*bound(Loss::absolute) == Approx(root));
  CHECK(*bound(Loss::huber, {.threshold = 0.3}) == Approx(0.3 * root));
  CHECK(*bound(Loss::huber, {.threshold = 100, .radius = 2.0}) == Approx(13 * root));
  CHECK(*bound(Loss::least_squares, {.radius = 2.0}) == Approx((3 + 2 * 5) * root));
  CHECK_FALSE(bound(Loss::least_squares, {.diameter = 1.0}).has_value());
  const auto of_classifier = [&](Loss loss, double radius) {
    return LinearModel({.loss = loss, .classes = 2, .radius = radius}, dense_data(values, {1, 0}), nullptr,
                       std::nullopt)
        .gradient_bound();
  };
  CHECK(*of_classifier(Loss::hinge, 0) == Approx(root));
  CHECK(*of_classifier(Loss::squared_hinge, 2) == Approx(2 * (1 + 10) * root));
  CHECK_FALSE(of_classifier(Loss::squared_hinge, 0).has_value());
  CHECK(*of_classifier(Loss::softmax, 0) == Approx(std::numbers::sqrt2 * root));
}

TEST_CASE("numbers have no accuracies") {
  std::string list;
  const LinearModel model = model_of(Loss::huber, {1, 2}, {0.5, 1});
  for (const auto& metric : model.metrics()) list += metric.name + " ";
  CHECK(list == "train_loss excess_loss distance ");
}
