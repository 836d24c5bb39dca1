#include "add_tiles.hpp"

#include "rhosweep/core/random.hpp"
#include "rhosweep/core/tiled_product.hpp"
#include "rhosweep/core/vector_unit.hpp"

#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep::core;

TEST_CASE("sums of tiled products have the bits of a plain loop over their terms") {
  constexpr std::int64_t tiles = 3;
  constexpr std::int64_t terms = 37;
  constexpr std::int64_t stride = 2 * product_columns;
  const RandomStream stream(1, Purpose::features);
  const auto numbers = [&](std::int64_t count, std::uint32_t lane) {
    std::vector<double> list(count);
    for (std::int64_t i = 0; i < count; ++i) list[i] = stream.normal_pair(i, lane).first;
    return list;
  };
  const auto left = numbers(tiles * terms * product_rows, 1);
  const auto right = numbers(terms * product_columns, 2);
  auto found = numbers(tiles * product_rows * stride, 3);
  auto expected = found;
  for (std::int64_t row = 0; row < tiles * product_rows; ++row) {
    for (std::int64_t column = 0; column < product_columns; ++column) {
      for (std::int64_t k = 0; k < terms; ++k) {
        const double factor = left[(row / product_rows * terms + k) * product_rows + row % product_rows];
        expected[row * stride + column] += factor * right[k * product_columns + column];
      }
    }
  }
  for (const VectorUnit unit :
       {VectorUnit::portable, VectorUnit::neon, VectorUnit::avx2, VectorUnit::avx512}) {
    if (!is_supported(unit)) continue;
    auto sums = found;
    add_tiles(unit, {.left = left.data(),
                     .left_size = std::ssize(left),
                     .right = right.data(),
                     .terms = terms,
                     .sums = sums.data(),
                     .stride = stride});
    CAPTURE(to_text(unit));
    CHECK(sums == expected);
  }
  add_products(left, right, found.data(), stride);
  CHECK(found == expected);
}
