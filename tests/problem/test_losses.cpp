#include "rhosweep/problem/losses.hpp"

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

using rhosweep::problem::LogisticLoss;

namespace {

/// Scores on both sides, tiny, moderate and extreme.
template <class Real>
Eigen::ArrayX<Real> scores() {
  Eigen::ArrayXd z(15);
  z << 0, 1e-6, -1e-6, 0.3, -0.7, 2, -5, 15, -15, 40, -40, 80, -80, 1e4, -1e4;
  return z.cast<Real>();
}

}  // namespace

TEMPLATE_TEST_CASE("the logistic loss and its derivative are those of the formulas, also at extreme scores",
                   "", double, float) {
  const TestType y = GENERATE(TestType(-1), TestType(1));
  const Eigen::ArrayX<TestType> z = scores<TestType>();
  const Eigen::ArrayX<TestType> values = LogisticLoss::value(y, z);
  const Eigen::ArrayX<TestType> derivatives = LogisticLoss::derivative(y, z);
  const double precision = 8 * static_cast<double>(std::numeric_limits<TestType>::epsilon());
  const double smallest = static_cast<double>(std::numeric_limits<TestType>::min());
  for (Eigen::Index i = 0; i < z.size(); ++i) {
    CAPTURE(y, z[i]);
    // log(1 + exp(−m)) and −y / (1 + exp(m)); exp(±1e4) is in the range of long double.
    const long double margin = static_cast<long double>(y) * static_cast<long double>(z[i]);
    const long double value = log1pl(expl(-margin));
    const long double derivative = -static_cast<long double>(y) / (1.0L + expl(margin));
    CHECK(values[i] == Approx(static_cast<double>(value)).epsilon(precision).margin(smallest));
    CHECK(derivatives[i] == Approx(static_cast<double>(derivative)).epsilon(precision).margin(smallest));
  }
}

TEST_CASE("the derivative is the slope of the loss") {
  const double y = GENERATE(-1.0, 1.0);
  Eigen::ArrayXd z(9);
  z << 0, 1e-3, -1e-3, 0.4, -0.4, 2.5, -2.5, 7, -7;
  constexpr double h = 1e-4;
  const Eigen::ArrayXd above = LogisticLoss::value(y, z + h);
  const Eigen::ArrayXd below = LogisticLoss::value(y, z - h);
  const Eigen::ArrayXd derivative = LogisticLoss::derivative(y, z);
  for (Eigen::Index i = 0; i < z.size(); ++i)
    CHECK(derivative[i] == Approx((above[i] - below[i]) / (2 * h)).epsilon(1e-6));
}
