#pragma once

// Products of a tile with sparse samples: only the columns of non-zeros are visited.

#include "columns.hpp"

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

namespace {

/// Calls visit(offset, value, pack, half) for the first `packs` packs of each column where a sparse sample
/// has a non-zero. Columns are `stride` numbers apart. `half` alternates between 0 and 1, for two separate
/// sums instead of one long chain of dependent additions.
template <int packs, int stride, class Real, class Visit>
void for_each_nonzero(SparseSample<Real> sample, Visit visit) {
  const auto visit_column = [&](std::int64_t i, int half) {
    const std::int64_t column = std::int64_t{sample.columns[i]} * stride;
    const auto value = broadcast(sample.values[i]);
#pragma GCC unroll 8
    for (int p = 0; p < packs; ++p) visit(column + p * Pack<Real>::width, value, p, half);
  };
  std::int64_t i = 0;
  for (; i + 1 < sample.size; i += 2) {
    visit_column(i, 0);
    visit_column(i + 1, 1);
  }
  if (i < sample.size) visit_column(i, 0);
}

/// Computes the scores of one sample for `packs` packs.
template <int packs, int stride, class Real>
void score_one(const SparseSample<Real>& sample, const Real* iterates, Pack<Real> (&scores)[packs]) {
  Pack<Real> sums[2][packs];
  for (auto& half : sums)
    for (auto& sum : half) sum = broadcast(Real(0));
  for_each_nonzero<packs, stride>(sample, [&](std::int64_t at, Pack<Real> value, int p, int half) {
    sums[half][p] = fma(load(iterates + at), value, sums[half][p]);
  });
  for (int p = 0; p < packs; ++p) scores[p] = sums[0][p] + sums[1][p];
}

template <class Real>
void score_sparse(std::int64_t count, const SparseSample<Real>* samples, const Real* iterates, Real* scores) {
  for (std::int64_t b = 0; b < count; ++b, scores += lanes) {
    Column<Real> sums;
    score_one<packs_per_tile<Real>, lanes>(samples[b], iterates, sums);
    store_column<Real>(sums, scores);
  }
}

template <class Real>
void add_outer_sparse(std::int64_t count, const SparseSample<Real>* samples, const Real* factors,
                      Real* target) {
  for (std::int64_t b = 0; b < count; ++b, factors += lanes) {
    Column<Real> own;
    load_column(factors, own);
    for_each_nonzero<packs_per_tile<Real>, lanes>(samples[b],
                                                  [&](std::int64_t at, Pack<Real> value, int p, int) {
                                                    store(target + at, fma(own[p], value, load(target + at)));
                                                  });
  }
}

}  // namespace

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
