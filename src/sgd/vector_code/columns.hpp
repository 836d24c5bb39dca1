#pragma once

// A tile's columns in registers, and loops over the packs of a tile.

#include "pack.hpp"
#include "vector_code.hpp"

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

namespace {

/// Number of packs that a column of a tile fills.
template <class Real>
constexpr int packs_per_tile = lanes / Pack<Real>::width;

/// A compile-time constant that can be passed as an argument of a function.
template <int number>
struct Count {
  static constexpr int value = number;
};

/// A column of a tile in registers.
template <class Real>
using Column = Pack<Real>[packs_per_tile<Real>];

/// Calls visit(offset, index of the pack in its column) for all packs of a tile with `dimension` columns.
template <class Real, class Visit>
void for_each_pack(std::int64_t dimension, Visit visit) {
  constexpr int width = Pack<Real>::width;
  for (std::int64_t column = 0; column < dimension * lanes; column += lanes) {
#pragma GCC unroll 8
    for (int p = 0; p < packs_per_tile<Real>; ++p) visit(column + p * width, p);
  }
}

template <class Real>
void load_column(const Real* numbers, Column<Real>& column) {
  for (int p = 0; p < packs_per_tile<Real>; ++p) column[p] = load(numbers + p * Pack<Real>::width);
}

template <class Real>
void store_column(const Column<Real>& column, Real* numbers) {
  for (int p = 0; p < packs_per_tile<Real>; ++p) store(numbers + p * Pack<Real>::width, column[p]);
}

/// Calls visit(offset, sum) for all packs of a tile. `sum` is a sum for the pack's lanes, to which visit()
/// adds. Even and odd columns have separate sums, which halves the chain of dependent additions; in the end
/// these are added.
template <class Real, class Visit>
void sum_over_columns(std::int64_t dimension, Column<Real>& sums, Visit visit) {
  Column<Real> odd;
  for (int p = 0; p < packs_per_tile<Real>; ++p) sums[p] = odd[p] = broadcast(Real(0));
  const auto add = [&](std::int64_t column, Column<Real>& own) {
#pragma GCC unroll 8
    for (int p = 0; p < packs_per_tile<Real>; ++p) visit(column * lanes + p * Pack<Real>::width, own[p]);
  };
  std::int64_t j = 0;
  for (; j + 1 < dimension; j += 2) {
    add(j, sums);
    add(j + 1, odd);
  }
  if (j < dimension) add(j, sums);
  for (int p = 0; p < packs_per_tile<Real>; ++p) sums[p] = sums[p] + odd[p];
}

}  // namespace

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
