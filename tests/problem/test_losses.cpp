#include "rhosweep/problem/losses.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep::problem;

namespace {

constexpr double threshold = 0.8;

/// The definition of a loss, in long double.
struct Definition {
  Loss loss;
  std::string name;
  std::function<long double(long double y, long double z)> value;
  std::vector<double> labels;
};

long double square(long double x) {
  return x * x;
}

const std::vector<Definition>& definitions() {
  using Real = long double;
  static const std::vector<Definition> all{
      {Loss::logistic, "logistic", [](Real y, Real z) { return log1pl(expl(-y * z)); }, {-1, 1}},
      {Loss::least_squares, "least_squares", [](Real y, Real z) { return square(z - y) / 2; }, {-1.7, 0, 3}},
      {Loss::hinge, "hinge", [](Real y, Real z) { return fmaxl(0, 1 - y * z); }, {-1, 1}},
      {Loss::squared_hinge,
       "squared_hinge",
       [](Real y, Real z) { return square(fmaxl(0, 1 - y * z)); },
       {-1, 1}},
      {Loss::absolute, "absolute", [](Real y, Real z) { return fabsl(z - y); }, {-1.7, 0, 3}},
      {Loss::huber,
       "huber",
       [](Real y, Real z) {
         const Real size = fabsl(z - y);
         return size <= threshold ? square(size) / 2 : threshold * (size - Real(threshold) / 2);
       },
       {-1.7, 0, 3}},
  };
  return all;
}

const std::vector<double> scores{0.0, 1e-6, -1e-6, 0.3, -0.7, 2, -5, 15, -15, 40, -40, 0.99, -1.01, 2.3};

}  // namespace

TEST_CASE("losses have the values of their definitions") {
  for (const Definition& definition : definitions()) {
    if (definition.loss == Loss::logistic) continue;  // it has no value(); tests/sgd tests its sums
    CAPTURE(definition.name);
    with_loss(definition.loss, threshold, [&](auto loss) {
      if constexpr (requires { loss.value(0.0, 0.0); }) {
        for (const double y : definition.labels)
          for (const double z : scores)
            CHECK(loss.value(y, z) ==
                  Approx(static_cast<double>(definition.value(y, z))).epsilon(1e-15).margin(1e-15));
      }
    });
  }
}

TEST_CASE("a slope is the scaled finite difference of the loss's definition") {
  constexpr long double h = 1e-6L;
  for (const Definition& definition : definitions()) {
    CAPTURE(definition.name);
    with_loss(definition.loss, threshold, [&](auto loss) {
      for (const double y : definition.labels) {
        for (const double z : scores) {
          CAPTURE(y, z);
          const long double difference = (definition.value(y, z + h) - definition.value(y, z - h)) / (2 * h);
          CHECK(loss.slope(-2.5, y, z) ==
                Approx(2.5 * static_cast<double>(difference)).epsilon(1e-6).margin(1e-12));
          CHECK(std::abs(loss.slope(-1.0, y, z)) <= loss.slope_bound(y, std::abs(z)) * (1 + 1e-15));
          CHECK(std::abs(loss.slope(-1.0, y, z)) <= loss.slope_bound(y, losses::infinity));
        }
      }
    });
  }
}

TEST_CASE("the derivative that is chosen at a kink is 0") {
  CHECK(losses::Hinge<double>{}.slope(1.0, 1.0, 1.0) == 0.0);
  CHECK(losses::Hinge<double>{}.slope(1.0, -1.0, -1.0) == 0.0);
  CHECK(losses::Absolute<double>{}.slope(1.0, 0.5, 0.5) == 0.0);
}

TEST_CASE("the saddle form of a loss has its value") {
  for (const Definition& definition : definitions()) {
    CAPTURE(definition.name);
    with_loss(definition.loss, threshold, [&](auto loss) {
      if constexpr (requires { loss.saddle_form(); }) {
        const rhosweep::optimum::SaddleForm form = loss.saddle_form();
        for (const double y : definition.labels) {
          for (const double z : scores) {
            const double r = form.has_margin ? 1 - y * z : z - y;
            // The value is the maximum of a r − (curvature/2) a² over a in [lower, upper]. As a function of
            // a, this is a concave parabola or, if curvature is 0, a line.
            const double free = form.curvature > 0 ? r / form.curvature : r > 0 ? form.upper : form.lower;
            const double a = std::fmax(form.lower, std::fmin(form.upper, free));
            CHECK(a * r - form.curvature / 2 * a * a ==
                  Approx(static_cast<double>(definition.value(y, z))).epsilon(1e-14).margin(1e-15));
          }
        }
      }
    });
  }
}

TEST_CASE("the smoothness of a loss bounds how fast its slope changes, and is reached") {
  for (const Definition& definition : definitions()) {
    CAPTURE(definition.name);
    with_loss(definition.loss, threshold, [&](auto loss) {
      double steepest = 0.0;
      for (double z = -3; z < 3; z += 1.0 / 64)
        steepest = std::fmax(steepest, 64 * (loss.slope(-1.0, 1.0, z + 1.0 / 64) - loss.slope(-1.0, 1.0, z)));
      if (std::isinf(loss.smoothness))
        CHECK(steepest >= 64 * (1 - 1e-15));
      else
        CHECK(steepest == Approx(loss.smoothness).epsilon(1e-3));
    });
  }
}
