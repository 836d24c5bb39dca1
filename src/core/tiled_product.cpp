#include "rhosweep/core/tiled_product.hpp"

#include <cstring>

// The loader picks the version for the processor's widest instruction set.
#if defined(__x86_64__)
#define RHOSWEEP_BY_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define RHOSWEEP_BY_PROCESSOR
#endif

namespace rhosweep::core {

namespace {

/// Neighbouring columns in one vector register.
using Pack __attribute__((vector_size(64))) = double;
constexpr std::int64_t packs =
    product_columns * static_cast<std::int64_t>(sizeof(double)) / static_cast<std::int64_t>(sizeof(Pack));

RHOSWEEP_BY_PROCESSOR void add_tiles(std::span<const double> left, std::span<const double> right,
                                     double* sums, std::int64_t stride) {
  const std::int64_t terms = std::ssize(right) / product_columns;
  for (const double* factor = left.data(); factor != left.data() + left.size();
       sums += product_rows * stride) {
    Pack sum[product_rows][packs];
    for (std::int64_t i = 0; i < product_rows; ++i) std::memcpy(sum[i], sums + i * stride, sizeof sum[i]);
    for (std::int64_t k = 0; k < terms; ++k, factor += product_rows) {
      Pack number[packs];
      std::memcpy(number, right.data() + k * product_columns, sizeof number);
      for (std::int64_t i = 0; i < product_rows; ++i)
        for (std::int64_t p = 0; p < packs; ++p) sum[i][p] += factor[i] * number[p];
    }
    for (std::int64_t i = 0; i < product_rows; ++i) std::memcpy(sums + i * stride, sum[i], sizeof sum[i]);
  }
}

}  // namespace

void add_products(std::span<const double> left, std::span<const double> right, double* sums,
                  std::int64_t stride) {
  add_tiles(left, right, sums, stride);
}

}  // namespace rhosweep::core
