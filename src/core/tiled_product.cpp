#include "rhosweep/core/tiled_product.hpp"

#include "add_tiles.hpp"

#include "rhosweep/core/vector_unit.hpp"

namespace rhosweep::core {

void add_tiles(VectorUnit unit, const TiledProduct& product) {
  switch (unit) {
#if defined(__x86_64__)
    case VectorUnit::avx512:
      return avx512::add_tiles(product);
    case VectorUnit::avx2:
      return avx2::add_tiles(product);
#elif defined(__aarch64__)
    case VectorUnit::neon:
      return neon::add_tiles(product);
#endif
    default:
      return portable::add_tiles(product);
  }
}

void add_products(std::span<const double> left, std::span<const double> right, double* sums,
                  std::int64_t stride) {
  add_tiles(vector_unit(), {.left = left.data(),
                            .left_size = std::ssize(left),
                            .right = right.data(),
                            .terms = std::ssize(right) / product_columns,
                            .sums = sums,
                            .stride = stride});
}

}  // namespace rhosweep::core
