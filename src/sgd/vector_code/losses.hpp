#pragma once

// The losses of linear models and of softmax, and the slopes of these losses, computed from scores.

#include "columns.hpp"
#include "exponential.hpp"

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

namespace {

/// Calls visit(loss), where `loss` is the struct of problem::losses for the rule's loss, with functions of
/// packs.
template <class Real, class Visit>
void with_loss(const LossRule<Real>& rule, Visit visit) {
  problem::with_loss(rule.kind, broadcast(rule.threshold), visit);
}

template <class Real>
void replace_by_slopes(const LossRule<Real>& rule, std::int64_t count, const Real* labels, const Real* scale,
                       Real* scores) {
  Column<Real> factor;
  load_column(scale, factor);
  with_loss(rule, [&](auto loss) {
    for (std::int64_t b = 0; b < count; ++b) {
      const auto y = broadcast(labels[b]);
#pragma GCC unroll 8
      for (int p = 0; p < packs_per_tile<Real>; ++p) {
        Real* const z = scores + b * lanes + p * Pack<Real>::width;
        store(z, loss.slope(factor[p], y, load(z)));
      }
    }
  });
}

/// The sums of a LossSums, held in registers.
template <class Real>
struct LossColumns {
  Column<Real> sum;
  Column<Real> product;
  Column<Real> right;

  explicit LossColumns(const LossSums<Real>& sums) {
    load_column(sums.sum, sum);
    load_column(sums.product, product);
    load_column(sums.right, right);
  }

  void put(LossSums<Real>& sums) const {
    store_column<Real>(sum, sums.sum);
    store_column<Real>(product, sums.product);
    store_column<Real>(right, sums.right);
  }

  /// product ← (1 + product)(1 + e) − 1
  void multiply(int p, Pack<Real> e) { product[p] = fma(product[p], e, product[p] + e); }

  /// Adds the loss of a sample with label y and score z to the lanes of pack p.
  void add(const problem::losses::Logistic<Pack<Real>>& /*loss*/, int p, Pack<Real> y, Pack<Real> z) {
    const auto margin = y * z;
    const auto opposite = broadcast(Real(0)) - margin;
    sum[p] = sum[p] + max(0, opposite);
    multiply(p, exponential(min(margin, opposite)));
    right[p] = right[p] + positive(margin);
  }
  template <class Loss>
  void add(const Loss& loss, int p, Pack<Real> y, Pack<Real> z) {
    sum[p] = sum[p] + loss.value(y, z);
    if constexpr (Loss::is_classifier) right[p] = right[p] + positive(y * z);
  }
};

template <class Real>
void add_losses(const LossRule<Real>& rule, std::int64_t count, const Real* labels, const Real* scores,
                LossSums<Real>& sums) {
  LossColumns<Real> columns(sums);
  with_loss(rule, [&](auto loss) {
    for (std::int64_t b = 0; b < count; ++b) {
      const auto y = broadcast(labels[b]);
#pragma GCC unroll 8
      for (int p = 0; p < packs_per_tile<Real>; ++p)
        columns.add(loss, p, y, load(scores + b * lanes + p * Pack<Real>::width));
    }
  });
  columns.put(sums);
}

template <class Real>
void replace_by_softmax_slopes(const ClassScores<Real>& of, const Real* scale, Real* scores) {
  const std::int64_t stride = of.count * lanes;  // distance from one class to the next
  for (std::int64_t b = 0; b < of.count; ++b) {
    const auto label = static_cast<std::int64_t>(of.labels[b]);
    for (int lane = 0; lane < lanes; lane += Pack<Real>::width) {
      Real* const first = scores + b * lanes + lane;
      auto largest = load(first);
      for (std::int64_t c = 1; c < of.classes; ++c) largest = max(largest, load(first + c * stride));
      auto total = broadcast(Real(0));
      for (std::int64_t c = 0; c < of.classes; ++c) {
        const auto e = exponential(load(first + c * stride) - largest);
        total = total + e;
        store(first + c * stride, e);
      }
      const auto factor = load(scale + lane);
      const auto share = factor / total;
      for (std::int64_t c = 0; c < of.classes; ++c) {
        const auto right = c == label ? factor : broadcast(Real(0));
        store(first + c * stride, negated_fma(share, load(first + c * stride), right));
      }
    }
  }
}

/// The loss is log Σ exp(z) − z_label = (largest − z_label) + log(1 + e), where e is the sum of exp(z −
/// largest) over all classes except one with the largest score.
template <class Real>
void add_softmax_losses(const ClassScores<Real>& of, std::int64_t first, std::int64_t count,
                        const Real* scores, LossSums<Real>& sums) {
  const std::int64_t stride = of.count * lanes;
  const auto one = broadcast(Real(1));
  LossColumns<Real> columns(sums);
  for (std::int64_t b = first; b < first + count; ++b) {
    const auto label = static_cast<std::int64_t>(of.labels[b]);
#pragma GCC unroll 8
    for (int p = 0; p < packs_per_tile<Real>; ++p) {
      const Real* const own = scores + b * lanes + p * Pack<Real>::width;
      const auto right = load(own + label * stride);
      auto largest = load(own);
      auto rival = broadcast(Real(-__builtin_inf()));  // largest score of the classes other than the label's
      auto e = broadcast(Real(0));
      for (std::int64_t c = 0; c < of.classes; ++c) {
        const auto z = load(own + c * stride);
        if (c != label) rival = max(rival, z);
        if (c == 0) continue;
        const auto above = z - largest;
        const auto rest = exponential(min(above, broadcast(Real(0)) - above));
        e = choose_above(z, largest, fma(e, rest, rest), e + rest);
        largest = max(largest, z);
      }
      columns.sum[p] = columns.sum[p] + (largest - right);
      columns.multiply(p, e);
      columns.right[p] = columns.right[p] + choose_above(right, rival, one, broadcast(Real(0)));
    }
  }
  columns.put(sums);
}

}  // namespace

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
