#pragma once

// Products of a tile with dense samples: every sample is multiplied by all lanes.

#include "columns.hpp"
#include "prefetch.hpp"

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

namespace {

/// Number of packs of a column that a product processes together. With few packs, the registers hold the sums
/// of many samples, so that each column is read once for many samples.
constexpr int packs_at_once = 2;
/// Number of samples, or of columns, whose sums are in registers together.
constexpr int block_size = sums_at_once / packs_at_once;

/// Calls visit(first, Count<n>) for blocks of n numbers that cover first … end − 1, with n = size as often as
/// possible.
template <int size, class Visit>
void for_each_block(std::int64_t first, std::int64_t end, const Visit& visit) {
  for (; first + size <= end; first += size) visit(first, Count<size>{});
  if constexpr (size > 1) for_each_block<size - 1>(first, end, visit);
}

/// Sums of products column · number, in registers: `size` sums for each lane of `packs_at_once` packs.
template <int size, class Real>
struct SumBlock {
  Pack<Real> sums[size][packs_at_once];

  /// Calls visit(i, p) for all sums, unrolled so that the sums stay in registers.
  template <class Visit>
  static void for_each(const Visit& visit) {
#pragma GCC unroll 12
    for (int i = 0; i < size; ++i) {
#pragma GCC unroll 2
      for (int p = 0; p < packs_at_once; ++p) visit(i, p);
    }
  }

  void clear() {
    for_each([&](int i, int p) { sums[i][p] = broadcast(Real(0)); });
  }
  template <class Place>
  void load_from(const Place& place) {
    for_each([&](int i, int p) { sums[i][p] = load(place(i) + p * Pack<Real>::width); });
  }
  template <class Place>
  void store_to(const Place& place) const {
    for_each([&](int i, int p) { store(place(i) + p * Pack<Real>::width, sums[i][p]); });
  }

  /// Adds column · number(i) to sum i, for every i.
  template <class Number>
  void add(const Real* column, const Number& number) {
    Pack<Real> own[packs_at_once];
    for (int p = 0; p < packs_at_once; ++p) own[p] = load(column + p * Pack<Real>::width);
#pragma GCC unroll 12
    for (int i = 0; i < size; ++i) {
      const auto x = broadcast(number(i));
#pragma GCC unroll 2
      for (int p = 0; p < packs_at_once; ++p) sums[i][p] = fma(own[p], x, sums[i][p]);
    }
  }
};

/// Computes the scores of `samples` samples for the lanes of `packs_at_once` packs, the first of which begins
/// at `iterates`. If `fetches`, it also prefetches the samples in of.next into the second-level cache,
/// because the first-level cache would not keep them until they are needed.
template <int samples, bool fetches, class Real>
void score_block(std::int64_t dimension, const DenseRows<Real>& of, const Real* iterates, Real* scores) {
  constexpr std::int64_t line = 64 / sizeof(Real);
  const Real* rows[samples];
  for (int i = 0; i < samples; ++i) rows[i] = of.rows[i];
  SumBlock<samples, Real> block;
  block.clear();
  for (std::int64_t j = 0; j < dimension; ++j) {
    if constexpr (fetches) {
      if (j % line == 0)
        for (int i = 0; i < samples; ++i) prefetch<Cache::second_level>(of.next[i] + j, 1);
    }
    block.add(iterates + j * lanes, [&](int i) { return rows[i][j]; });
  }
  block.store_to([&](int i) { return scores + i * lanes; });
}

template <bool fetches, class Real>
void score_rows(std::int64_t dimension, std::int64_t count, const DenseRows<Real>& samples,
                const Real* iterates, Real* scores) {
  constexpr int width = packs_at_once * Pack<Real>::width;
  for_each_block<block_size>(0, count, [&](std::int64_t first, auto size) {
    DenseRows<Real> block{.rows = samples.rows + first};
    if constexpr (fetches) block.next = samples.next + first;
    score_block<decltype(size)::value, fetches>(dimension, block, iterates, scores + first * lanes);
    for (int lane = width; lane < lanes; lane += width)
      score_block<decltype(size)::value, false>(dimension, block, iterates + lane,
                                                scores + first * lanes + lane);
  });
}

template <class Real>
void score(std::int64_t dimension, std::int64_t count, const DenseRows<Real>& samples, const Real* iterates,
           Real* scores) {
  const auto run = samples.next == nullptr ? score_rows<false, Real> : score_rows<true, Real>;
  run(dimension, count, samples, iterates, scores);
}

template <class Real>
void add_outer(std::int64_t dimension, std::int64_t count, const Real* const* rows, const Real* factors,
               Real* target) {
  constexpr int width = packs_at_once * Pack<Real>::width;
  for_each_block<block_size>(0, dimension, [&](std::int64_t first, auto size) {
    for (int lane = 0; lane < lanes; lane += width) {
      const auto place = [&](int i) { return target + (first + i) * lanes + lane; };
      SumBlock<decltype(size)::value, Real> block;
      block.load_from(place);
      for (std::int64_t b = 0; b < count; ++b) {
        const Real* const row = rows[b] + first;
        block.add(factors + b * lanes + lane, [&](int i) { return row[i]; });
      }
      block.store_to(place);
    }
  });
}

}  // namespace

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
