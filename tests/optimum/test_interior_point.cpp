#include "support/dense_data.hpp"

#include "rhosweep/optimum/interior_point.hpp"

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

using namespace rhosweep;

TEST_CASE("the size of a ball that holds the minimiser does not matter to the minimum of least squares") {
  // numpy.linalg.lstsq: the minimiser has the norm 2.43.
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
