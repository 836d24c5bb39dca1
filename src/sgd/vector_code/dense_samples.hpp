#pragma once

// Steps of linear models with mini-batches of one dense sample.

#include "dense_products.hpp"
#include "losses.hpp"
#include "prefetch.hpp"
#include "scaled_iterates.hpp"

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

namespace {

/// Number of packs of a column that a pass over the dimensions processes. It is so small that the sums of
/// these packs stay in registers, and at most half of a tile, so that the processor computes the slopes of
/// one pass while another runs.
template <class Real>
constexpr int packs_per_pass = packs_per_tile<Real> < 4 ? 1 : 2;

/// w ← w + factor · sample, then score ← w · next. Even and odd columns have separate sums, which halves the
/// chain of dependent additions.
template <int packs, class Real>
void run_pass(std::int64_t dimension, const Real* sample, const Real* next, const Pack<Real> (&factor)[packs],
              Real* iterates, Pack<Real> (&score)[packs]) {
  Pack<Real> sums[2][packs];
  for (auto& half : sums)
    for (auto& sum : half) sum = broadcast(Real(0));
  const auto column = [&](std::int64_t j, int half) {
    const auto x = broadcast(sample[j]);
    const auto x_next = broadcast(next[j]);
#pragma GCC unroll 2
    for (int p = 0; p < packs; ++p) {
      Real* const at = iterates + j * lanes + p * Pack<Real>::width;
      const auto w = fma(factor[p], x, load(at));
      store(at, w);
      sums[half][p] = fma(w, x_next, sums[half][p]);
    }
  };
  std::int64_t j = 0;
  for (; j + 1 < dimension; j += 2) {
    column(j, 0);
    column(j + 1, 1);
  }
  if (j < dimension) column(j, 0);
  for (int p = 0; p < packs; ++p) score[p] = sums[0][p] + sums[1][p];
}

/// Runs a chunk of steps. Computes ‖w‖² at the start of the chunk, and updates ‖w‖² in each step from the
/// score.
/// @param is_scaled whether there is a regulariser or a projection
/// @param has_norm whether there is a projection, which needs ‖w‖²
template <bool is_scaled, bool has_norm, class Loss, class Real>
void descend_by_samples(const Loss& loss, const LinearFamily<Real>& family, const Steps<Real>& steps,
                        const DenseSamples<Real>& samples, const Real* labels, Real* iterates) {
  constexpr int width = Pack<Real>::width;
  constexpr int packs = packs_per_pass<Real>;
  constexpr int passes = packs_per_tile<Real> / packs;
  const auto one = broadcast(Real(1));
  const auto two = broadcast(Real(2));
  const auto radius = broadcast(family.radius);
  const auto l2 = broadcast(family.l2);
  const std::int64_t dimension = family.dimension;
  alignas(64) Real first_scores[lanes];
  score(dimension, 1, {.rows = samples.of.rows}, iterates, first_scores);
  Pack<Real> scores[passes][packs];  // scores of the stored vectors, without the scale
  ScaledIterates<packs, Real> scaled[passes];
  for (int pass = 0; pass < passes; ++pass) {
    for (int p = 0; p < packs; ++p) scores[pass][p] = load(first_scores + (pass * packs + p) * width);
    if constexpr (has_norm) scaled[pass].measure(dimension, lanes, iterates + pass * packs * width);
  }
  for (std::int64_t k = 0; k < steps.count; ++k) {
    const Real* const sample = samples.of.rows[k];
    const Real* const next = samples.of.rows[k + 1 < steps.count ? k + 1 : k];
    if (samples.of.next != nullptr) prefetch<Cache::second_level>(samples.of.next[k], dimension);
    const auto y = broadcast(labels[k]);
    for (int pass = 0; pass < passes; ++pass) {
      const Real* const stepsizes = steps.stepsizes + k * lanes + pass * packs * width;
      Real* const own = iterates + pass * packs * width;
      Pack<Real> factor[packs];
      for (int p = 0; p < packs; ++p) {
        const auto eta = load(stepsizes + p * width);
        if constexpr (!is_scaled) {
          factor[p] = loss.slope(eta, y, scores[pass][p]);
          continue;
        }
        const auto z = scaled[pass].scale[p] * scores[pass][p];
        const auto shrink = negated_fma(eta, l2, one);
        factor[p] = loss.slope(eta, y, z);
        scaled[pass].shrink(p, shrink);
        if constexpr (has_norm) {
          const auto change = fma(factor[p], broadcast(samples.squares[k]), two * (shrink * z));
          scaled[pass].squares[p] = fma(factor[p], change, scaled[pass].squares[p]);
        }
      }
      if constexpr (is_scaled) {
        scaled[pass].merge(dimension, lanes, own);
        for (int p = 0; p < packs; ++p) factor[p] = factor[p] / scaled[pass].scale[p];
        if constexpr (has_norm) scaled[pass].project(radius);
      }
      run_pass(dimension, sample, next, factor, own, scores[pass]);
    }
  }
  if constexpr (is_scaled) {
    for_each_pack<Real>(dimension, [&](std::int64_t at, int p) {
      store(iterates + at, scaled[p / packs].scale[p % packs] * load(iterates + at));
    });
  }
}

template <class Real>
void descend_by_dense_samples(const LinearFamily<Real>& family, const Steps<Real>& steps,
                              const DenseSamples<Real>& samples, const Real* labels, Real* iterates) {
  with_loss(family.loss, [&](auto loss) {
    using Loss = decltype(loss);
    const auto run = family.radius > Real(0) ? descend_by_samples<true, true, Loss, Real>
                     : family.l2 != Real(0)  ? descend_by_samples<true, false, Loss, Real>
                                             : descend_by_samples<false, false, Loss, Real>;
    run(loss, family, steps, samples, labels, iterates);
  });
}

/// Uses `lanes` partial sums, whatever the width of a pack is, so that all instruction sets give the same
/// bits.
template <class Real>
void measure_samples(std::int64_t dimension, std::int64_t count, const Real* const* rows, Real* squares) {
  for (std::int64_t k = 0; k < count; ++k) {
    const Real* const sample = rows[k];
    Column<Real> sums;
    for (auto& sum : sums) sum = broadcast(Real(0));
    const auto add = [&](const Real* numbers) {
      for (int p = 0; p < packs_per_tile<Real>; ++p) {
        const auto x = load(numbers + p * Pack<Real>::width);
        sums[p] = fma(x, x, sums[p]);
      }
    };
    std::int64_t j = 0;
    for (; j + lanes <= dimension; j += lanes) add(sample + j);
    alignas(64) Real rest[lanes] = {};
    for (int i = 0; j + i < dimension; ++i) rest[i] = sample[j + i];
    add(rest);
    store_column<Real>(sums, rest);
    for (int half = lanes / 2; half > 0; half /= 2)
      for (int i = 0; i < half; ++i) rest[i] += rest[i + half];
    squares[k] = rest[0];
  }
}

}  // namespace

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
