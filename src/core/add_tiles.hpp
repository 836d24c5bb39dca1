#pragma once

#include "rhosweep/core/tiled_product.hpp"

#include <cstdint>

namespace rhosweep::core {

enum class VectorUnit;

/// The arguments of add_products(): both factors and the sums.
struct TiledProduct {
  const double* left;
  std::int64_t left_size;
  const double* right;
  std::int64_t terms;
  double* sums;
  std::int64_t stride;
};

/// Adds the products to the sums with the code compiled for `unit`. @pre is_supported(unit)
void add_tiles(VectorUnit unit, const TiledProduct& product);

// Each function below is compiled from add_tiles.ipp, for the instruction set that its namespace names.
namespace portable {
void add_tiles(const TiledProduct& product);
}
namespace neon {
void add_tiles(const TiledProduct& product);
}
namespace avx2 {
void add_tiles(const TiledProduct& product);
}
namespace avx512 {
void add_tiles(const TiledProduct& product);
}

}  // namespace rhosweep::core
