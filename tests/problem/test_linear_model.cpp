#include "support/dense_data.hpp"
#include "support/samples.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/problem/linear_model.hpp"

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep::problem;
using rhosweep::core::InternalError;
using rhosweep::data::Dataset;
using rhosweep::model::Precision;

namespace {

LinearModel model_of(const std::shared_ptr<const Dataset>& data, const LinearModel::Settings& settings = {}) {
  return {settings, data, nullptr, minimise(settings, *data)};
}

}  // namespace

TEST_CASE("a linear model's metrics are those that make sense") {
  const auto names = [](const LinearModel& model) {
    std::string list;
    for (const auto& metric : model.metrics()) list += metric.name + " ";
    return list;
  };
  const auto data = dense_data({1, 1, 1}, {1, -1, -1});
  CHECK(names(LinearModel({}, data, data, std::nullopt)) ==
        "train_loss excess_loss test_loss train_accuracy test_accuracy distance ");
  CHECK(names(model_of(data)) == "train_loss excess_loss train_accuracy distance ");
}

TEST_CASE("the storage of the data does not matter to the gradient bound") {
  const auto rows = sparse_rows(300, 40, 4);
  const auto bound = [&](Dataset::Storage storage) {
    const auto data = share(Dataset::from_rows(rows, Precision::float64, storage));
    return *model_of(data, {.l2 = 1e-3, .diameter = 2.0}).gradient_bound();
  };
  CHECK(bound(Dataset::Storage::dense) == Approx(bound(Dataset::Storage::sparse)).epsilon(1e-14));
}

TEST_CASE("the theory's constants come from the ball and the data") {
  // The samples have ‖x‖ = 5 and 0, so the mean of ‖x‖² is 25/2.
  const auto data = dense_data({3, 4, 0, 0}, {1, -1});
  const LinearModel on_ball = model_of(data, {.l2 = 0.1, .radius = 2.0});
  CHECK(on_ball.diameter() == 4.0);
  CHECK(on_ball.is_convex());
  // The regulariser's gradient is at most l2 times the radius.
  CHECK(*on_ball.gradient_bound() == Approx(std::sqrt(12.5) + 0.1 * 2.0));
  const LinearModel open = model_of(data, {.l2 = 0.1, .diameter = 7.0});
  CHECK(open.diameter() == 7.0);
  // The diameter bounds the distance from w_0 = 0 to the minimiser, and no iterate is farther from w_0 than
  // twice this distance. The regulariser's gradient is at most l2 times that.
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
  CHECK(squares.minimiser()->w[0] == Approx(20.8).epsilon(1e-12));  // the mean of the labels, 104/5
  const LinearModel sizes = model_of(Loss::absolute, ones, labels);
  REQUIRE(sizes.minimiser() != nullptr);
  CHECK(sizes.minimiser()->w[0] == Approx(2).epsilon(1e-9));
  CHECK(sizes.minimiser()->value == Approx((5 + 1 + 0 + 2 + 98) / 5.0).epsilon(1e-12));
  // Under Huber's loss the gradients of 100 and −3 are plus and minus the threshold and cancel, so the
  // minimiser is the mean of 1, 2 and 4.
  const LinearModel huber = model_of(Loss::huber, ones, labels, {.threshold = 2.5});
  REQUIRE(huber.minimiser() != nullptr);
  CHECK(huber.minimiser()->w[0] == Approx(7.0 / 3).epsilon(1e-9));
}

TEST_CASE("a ball stops the minimiser of every loss at its end in one dimension") {
  for (const Loss loss :
       {Loss::least_squares, Loss::absolute, Loss::huber, Loss::hinge, Loss::squared_hinge}) {
    CAPTURE(static_cast<int>(loss));
    const LinearModel model = model_of(loss, {1, 1, -1}, {1, 1, -1}, {.radius = 0.25});
    REQUIRE(model.minimiser() != nullptr);
    CHECK(model.minimiser()->w[0] == Approx(0.25).epsilon(1e-9));
    CHECK(model_of(loss, {1, 1, -1}, {1, 1, -1}, {.radius = 50.0}).minimiser()->w[0] >= 1 - 1e-6);
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
  const auto& w = model.minimiser()->w;
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
  // The samples have ‖x‖ = 5 and 0. The first one has the label −3; as a class, this label is number 0.
  const std::vector<double> values{3, 4, 0, 0};
  const auto bound = [&](Loss loss, LinearModel::Settings settings = {}) {
    return model_of(loss, values, {-3, 1}, settings).gradient_bound();
  };
  const double root = std::sqrt(12.5);  // root of the mean of ‖x‖²
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
