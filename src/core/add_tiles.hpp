#pragma once

#include "rhosweep/core/tiled_product.hpp"

#include <cstdint>

namespace rhosweep::core {

enum class VectorUnit;

/// The factors and the sums of add_products().
struct TiledProduct {
  const double* left;
  std::int64_t left_size;
  const double* right;
  std::int64_t terms;
  double* sums;
  std::int64_t stride;
};

/// Adds the products to the sums, with the code for a vector unit. @pre is_supported(unit)
void add_tiles(VectorUnit unit, const TiledProduct& product);

// Each of these is compiled for its instruction set from add_tiles.ipp.
namespace portable {
void add_tiles(const TiledProduct& product);
}
namespace avx2 {
void add_tiles(const TiledProduct& product);
}
namespace avx512 {
void add_tiles(const TiledProduct& product);
}

}  // namespace rhosweep::core
