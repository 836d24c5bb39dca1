#pragma once

// Steps of linear models with mini-batches of sparse samples.

#include "losses.hpp"
#include "prefetch.hpp"
#include "scaled_iterates.hpp"
#include "sparse_products.hpp"

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

namespace {

/// Number of packs in a group of lanes. A group fills two cache lines of a column. A chunk of steps is run
/// group by group, so that the columns of a sample stay in the first-level cache between the sample's score
/// and its update.
template <class Real>
constexpr int sparse_packs = sparse_group_bytes / (Pack<Real>::width * static_cast<int>(sizeof(Real)));

/// Replaces w by w′ = w + slope · x, and adds slope · x·(w + w′) to ‖w‖². This form of the change of ‖w‖²
/// neither cancels nor overflows early.
template <bool has_norm, int stride, class Real>
void add_sparse(const SparseSample<Real>& sample, const Real* slopes,
                ScaledIterates<sparse_packs<Real>, Real>& group, Real* iterates) {
  constexpr int packs = sparse_packs<Real>;
  Pack<Real> factor[packs];
  Pack<Real> change[2][packs];
  for (int p = 0; p < packs; ++p) {
    factor[p] = load(slopes + p * Pack<Real>::width) / group.scale[p];
    change[0][p] = change[1][p] = broadcast(Real(0));
  }
  for_each_nonzero<packs, stride>(sample, [&](std::int64_t at, Pack<Real> value, int p, int half) {
    const auto old = load(iterates + at);
    const auto moved = fma(factor[p], value, old);
    if constexpr (has_norm) change[half][p] = fma(value, old + moved, change[half][p]);
    store(iterates + at, moved);
  });
  if constexpr (has_norm) {
    for (int p = 0; p < packs; ++p)
      group.squares[p] = fma(load(slopes + p * Pack<Real>::width),
                             group.scale[p] * (change[0][p] + change[1][p]), group.squares[p]);
  }
}

/// Runs a chunk of steps for one group of lanes. Computes ‖w‖² at the start of the chunk and updates ‖w‖² at
/// each step.
/// @param slopes scratch memory for the slopes of a mini-batch: (batch_size, lanes)
/// @param iterates the iterates, in columns that are `stride` numbers apart
/// @param out receives the final iterates, in columns that are `lanes` numbers apart
template <bool has_norm, int stride, class Loss, class Real>
void descend_sparse_group(const Loss& loss, const LinearFamily<Real>& family, const Steps<Real>& steps,
                          const SparseSample<Real>* samples, const Real* labels, Real* slopes, Real* iterates,
                          Real* out) {
  constexpr int width = Pack<Real>::width;
  constexpr int packs = sparse_packs<Real>;
  const auto one = broadcast(Real(1));
  const auto batch = broadcast(static_cast<Real>(family.batch_size));
  ScaledIterates<packs, Real> group;
  if constexpr (has_norm) group.measure(family.dimension, stride, iterates);
  for (std::int64_t k = 0; k < steps.count; ++k, samples += family.batch_size, labels += family.batch_size) {
    const Real* const stepsizes = steps.stepsizes + k * lanes;
    for (std::int64_t b = 0; b < family.batch_size; ++b) {
      Pack<Real> sums[packs];
      score_one<packs, stride>(samples[b], iterates, sums);
      for (int p = 0; p < packs; ++p) {
        const auto eta = load(stepsizes + p * width) / batch;
        store(slopes + b * lanes + p * width,
              loss.slope(eta, broadcast(labels[b]), group.scale[p] * sums[p]));
      }
    }
    for (int p = 0; p < packs; ++p)
      group.shrink(p, negated_fma(load(stepsizes + p * width), broadcast(family.l2), one));
    group.merge(family.dimension, stride, iterates);
    if (k + 1 < steps.count) {
      // Prefetches the next samples, since samples are scattered and too short for the hardware prefetcher.
      for (std::int64_t b = family.batch_size; b < 2 * family.batch_size; ++b) {
        prefetch<Cache::first_level>(samples[b].columns, samples[b].size);
        prefetch<Cache::first_level>(samples[b].values, samples[b].size);
      }
    }
    for (std::int64_t b = 0; b < family.batch_size; ++b)
      add_sparse<has_norm, stride>(samples[b], slopes + b * lanes, group, iterates);
    if constexpr (has_norm) group.project(broadcast(family.radius));
  }
  for (std::int64_t j = 0; j < family.dimension; ++j) {
    for (int p = 0; p < packs; ++p)
      store(out + j * lanes + p * width, group.scale[p] * load(iterates + j * stride + p * width));
  }
}

/// Runs a chunk of steps for one group of lanes after another.
template <bool has_norm, class Loss, class Real>
void descend_sparse_groups(const Loss& loss, const LinearFamily<Real>& family, const Steps<Real>& steps,
                           const SparseSample<Real>* samples, const Real* labels,
                           const SparseScratch<Real>& scratch, Real* iterates) {
  constexpr int width = Pack<Real>::width;
  constexpr int group = sparse_packs<Real> * width;
  for (int lane = 0; lane < lanes; lane += group) {
    Real* const own = iterates + lane;
    const Steps<Real> rest{.first = steps.first, .count = steps.count, .stepsizes = steps.stepsizes + lane};
    if (group == lanes || scratch.group == nullptr) {
      descend_sparse_group<has_norm, lanes>(loss, family, rest, samples, labels, scratch.slopes, own, own);
      continue;
    }
    for (std::int64_t j = 0; j < family.dimension; ++j) {
      for (int at = 0; at < group; at += width)
        store(scratch.group + j * group + at, load(own + j * lanes + at));
    }
    descend_sparse_group<has_norm, group>(loss, family, rest, samples, labels, scratch.slopes, scratch.group,
                                          own);
  }
}

template <class Real>
void descend_by_sparse_samples(const LinearFamily<Real>& family, const Steps<Real>& steps,
                               const SparseSample<Real>* samples, const Real* labels,
                               const SparseScratch<Real>& scratch, Real* iterates) {
  with_loss(family.loss, [&](auto loss) {
    const auto run = family.radius > Real(0) ? descend_sparse_groups<true, decltype(loss), Real>
                                             : descend_sparse_groups<false, decltype(loss), Real>;
    run(loss, family, steps, samples, labels, scratch, iterates);
  });
}

}  // namespace

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
