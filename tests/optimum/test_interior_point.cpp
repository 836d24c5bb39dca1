#include "support/dense_data.hpp"

#include "rhosweep/optimum/interior_point.hpp"
#include "rhosweep/optimum/newton.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include <catch2/catch.hpp>

using namespace rhosweep;

TEST_CASE("the size of a ball that holds the minimiser does not matter to the minimum of least squares") {
  // The value is from numpy.linalg.lstsq. Its minimiser has the norm 2.43.
  constexpr double numpy_value = 0.4792131948109898;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const auto data = dense_data({0.0, 0.5, -0.0445, 0.0, 0.0, 0.0, 0.0, 0.0, 1.4787, -1.0454},
                               {0.914, 0.317, 0.127, 2.15, 0.606});
  const double radius = GENERATE(0.0, 3.0, 10.0, 100.0, 300.0, 1e3, 3e3, 1e4, 1e6, 1e9);
  CAPTURE(radius);
  const optimum::SaddleForm least_squares{false, -infinity, infinity, 1};
  const auto found = optimum::minimise_saddle(*data, least_squares, 0.0, radius);
  REQUIRE(found.has_value());
  CHECK(found->value == Approx(numpy_value).epsilon(2e-10));
  CHECK(std::hypot(found->w[0], found->w[1]) <= std::max(radius, 3.0));
}

TEST_CASE("two samples of millions of features have the minimum of two numbers") {
  // The samples x and x′ are orthogonal, so w = v x/‖x‖ + v′ x′/‖x′‖. The objective is the sum of a
  // function of v and a function of v′, so v and v′ can be found separately.
  constexpr std::int64_t features = 3'500'000;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr double l2 = 0.1;
  data::Dataset::Rows rows{.features = features, .offsets = {0, 2, 5}};
  for (const std::int32_t column : {0, 3'499'999, 1, 1000, 3'000'000}) rows.columns.push_back(column);
  for (const double value : {3.0, 4.0, 2.0, -3.0, 6.0}) rows.values.push_back(value);
  rows.labels = {1.0, -1.0};
  const auto data = data::Dataset::from_rows(std::move(rows), model::Precision::float64);
  const std::array norms{5.0, 7.0};
  SECTION("least squares") {
    // With s = ‖x‖ and the label y = ±1, (s v − y)²/4 + l2 v²/2 is least at v = s y / (s² + 2 l2), where its
    // value is l2 / (2 s² + 4 l2).
    const auto found = optimum::minimise_saddle(data, {false, -infinity, infinity, 1}, l2, 0.0);
    REQUIRE(found.has_value());
    CHECK(found->value == Approx(l2 / (2 * 25 + 4 * l2) + l2 / (2 * 49 + 4 * l2)).epsilon(1e-10));
    REQUIRE(std::ssize(found->w) == features);
    CHECK(found->w[3'499'999] == Approx(4.0 / (25 + 2 * l2)).epsilon(1e-6));
    CHECK(found->w[3'000'000] == Approx(-6.0 / (49 + 2 * l2)).epsilon(1e-6));
    CHECK(found->w[2] == 0.0);
  }
  SECTION("logistic regression") {
    const auto found = optimum::minimise_logistic(data, l2, 0.0);
    REQUIRE(found.has_value());
    double value = 0.0;
    for (const auto& [s, v] : {std::pair(norms[0], found->w[0] * norms[0] / 3.0),
                               std::pair(norms[1], -found->w[1] * norms[1] / 2.0)}) {
      CHECK(s / (1 + std::exp(s * v)) / 2 == Approx(l2 * v).epsilon(1e-10));
      value += std::log1p(std::exp(-s * v)) / 2 + l2 / 2 * v * v;
    }
    CHECK(found->value == Approx(value).epsilon(1e-13));
  }
  SECTION("softmax regression of two classes has the minimum of logistic regression") {
    data::Dataset::Rows classes{.features = features, .offsets = {0, 2, 5}};
    for (const std::int32_t column : {0, 3'499'999, 1, 1000, 3'000'000}) classes.columns.push_back(column);
    for (const double value : {3.0, 4.0, 2.0, -3.0, 6.0}) classes.values.push_back(value);
    classes.labels = {0.0, 1.0};
    const auto found = optimum::minimise_softmax(
        data::Dataset::from_rows(std::move(classes), model::Precision::float64), 2, 2 * l2, 0.0);
    const auto logistic = optimum::minimise_logistic(data, l2, 0.0);
    REQUIRE((found.has_value() && logistic.has_value()));
    CHECK(found->value == Approx(logistic->value).epsilon(1e-12));
    CHECK(found->w[0] - found->w[features] == Approx(logistic->w[0]).epsilon(1e-6));
  }
}
