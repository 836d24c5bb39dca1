// The tiled product for one instruction set. Each add_tiles_<unit>.cpp defines RHOSWEEP_VECTOR_UNIT, includes
// this file and is compiled with the options of the instruction set. This file must not call functions from
// included headers: the linker could use their code for this instruction set in the whole program.
#include "add_tiles.hpp"

namespace rhosweep::core::RHOSWEEP_VECTOR_UNIT {

namespace {

#if defined(__aarch64__)
/// A vector of numbers from adjacent columns.
using Pack __attribute__((vector_size(16))) = double;
/// Number of columns whose sums are in registers together: all sums of a tile would need all registers.
constexpr std::int64_t columns_at_once = product_columns / 2;
#else
using Pack __attribute__((vector_size(64))) = double;
constexpr std::int64_t columns_at_once = product_columns;
#endif
constexpr std::int64_t packs = columns_at_once * std::int64_t{sizeof(double)} / std::int64_t{sizeof(Pack)};

/// Adds the products to the sums of one tile, or of a half of its columns.
void add_columns(const double* factor, const double* right, std::int64_t terms, double* sums,
                 std::int64_t stride) {
  Pack sum[product_rows][packs];
  for (std::int64_t i = 0; i < product_rows; ++i) __builtin_memcpy(sum[i], sums + i * stride, sizeof sum[i]);
  for (std::int64_t k = 0; k < terms; ++k, factor += product_rows) {
    Pack number[packs];
    __builtin_memcpy(number, right + k * product_columns, sizeof number);
    for (std::int64_t i = 0; i < product_rows; ++i)
      for (std::int64_t p = 0; p < packs; ++p) sum[i][p] += factor[i] * number[p];
  }
  for (std::int64_t i = 0; i < product_rows; ++i) __builtin_memcpy(sums + i * stride, sum[i], sizeof sum[i]);
}

}  // namespace

void add_tiles(const TiledProduct& product) {
  const std::int64_t size = product.terms * product_rows;
  double* sums = product.sums;
  for (const double* left = product.left; left != product.left + product.left_size; left += size) {
    for (std::int64_t column = 0; column < product_columns; column += columns_at_once)
      add_columns(left, product.right + column, product.terms, sums + column, product.stride);
    sums += product_rows * product.stride;
  }
}

}  // namespace rhosweep::core::RHOSWEEP_VECTOR_UNIT
