// The tiled product for one instruction set. Each add_tiles_<unit>.cpp defines RHOSWEEP_VECTOR_UNIT, includes
// this file and is compiled with the options of the instruction set. This file must not call functions from
// included headers: the linker could use their code for this instruction set in the whole program.
#include "add_tiles.hpp"

namespace rhosweep::core::RHOSWEEP_VECTOR_UNIT {

namespace {

/// A vector of numbers from adjacent columns.
using Pack __attribute__((vector_size(64))) = double;
constexpr std::int64_t packs = product_columns * std::int64_t{sizeof(double)} / std::int64_t{sizeof(Pack)};

}  // namespace

void add_tiles(const TiledProduct& product) {
  const double* factor = product.left;
  double* sums = product.sums;
  for (; factor != product.left + product.left_size; sums += product_rows * product.stride) {
    Pack sum[product_rows][packs];
    for (std::int64_t i = 0; i < product_rows; ++i)
      __builtin_memcpy(sum[i], sums + i * product.stride, sizeof sum[i]);
    for (std::int64_t k = 0; k < product.terms; ++k, factor += product_rows) {
      Pack number[packs];
      __builtin_memcpy(number, product.right + k * product_columns, sizeof number);
      for (std::int64_t i = 0; i < product_rows; ++i)
        for (std::int64_t p = 0; p < packs; ++p) sum[i][p] += factor[i] * number[p];
    }
    for (std::int64_t i = 0; i < product_rows; ++i)
      __builtin_memcpy(sums + i * product.stride, sum[i], sizeof sum[i]);
  }
}

}  // namespace rhosweep::core::RHOSWEEP_VECTOR_UNIT
