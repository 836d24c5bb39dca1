#pragma once

// This file is part of the vector code of every instruction set, so it may include only headers that keep to
// the rule at the top of vector_code/pack.hpp.

#include "rhosweep/problem/losses.hpp"
#include "rhosweep/problem/slope_shape.hpp"
#include "rhosweep/sgd/lanes.hpp"

#include <cstdint>

namespace rhosweep::core {
enum class VectorUnit;
}

namespace rhosweep::sgd {

/// A chunk of steps for one tile. `stepsizes` holds η h_t of every step and lane, (count, lanes).
template <class Real>
struct Steps {
  std::int64_t first = 0;  ///< t of the first step
  std::int64_t count = 0;
  const Real* stepsizes = nullptr;
};

/// Stepsizes of a tile before rounding: lane i has stepsize[i] · h(row[i], k) at step k.
struct StepsizeRule {
  const double* stepsize;   ///< (lanes)
  const std::int64_t* row;  ///< (lanes)
  const double* h;          ///< (rows, count)
};

/// An objective on a ball.
template <class Real>
struct BallFamily {
  std::int64_t dimension;
  problem::SlopeShape shape;
  Real coefficient;
  Real radius;
};

/// A loss with one score per sample.
template <class Real>
struct LossRule {
  problem::Loss kind = problem::Loss::logistic;  ///< any loss except softmax
  Real threshold = 1;                            ///< threshold of Huber's loss
};

/// A linear model with the regulariser (l2/2)‖w‖².
template <class Real>
struct LinearFamily {
  std::int64_t dimension;
  std::int64_t batch_size;
  Real l2;
  Real radius;  ///< 0: no projection
  LossRule<Real> loss = {};
};

/// Scores or slopes of several classes: (lanes, count, classes), one class after the other. A sample's label
/// is the number of its class.
template <class Real>
struct ClassScores {
  std::int64_t classes;
  std::int64_t count;
  const Real* labels;  ///< (count)
};

/// Dense samples, each at its own address, so that a mini-batch need not copy rows of the data set.
template <class Real>
struct DenseRows {
  const Real* const* rows;            ///< (count), of `dimension` numbers each
  const Real* const* next = nullptr;  ///< (count): the rows needed next, to prefetch; or null
};

/// Mini-batches of one dense sample each.
template <class Real>
struct DenseSamples {
  DenseRows<Real> of;
  const Real* squares;  ///< (count): squared norms of the samples; used only if radius > 0
};

/// The non-zeros of one sample.
template <class Real>
struct SparseSample {
  const std::int32_t* columns;
  const Real* values;
  std::int64_t size;
};

/// Number of bytes that a group of lanes fills in a column. Trials on sparse samples run a chunk group by
/// group.
inline constexpr int sparse_group_bytes = 128;

/// Scratch memory of descend_by_sparse_samples.
template <class Real>
struct SparseScratch {
  Real* slopes;  ///< (batch_size, lanes)
  /// (dimension, sparse_group_bytes): room for a contiguous copy of a group's columns during a chunk. In a
  /// tile of doubles, a group is half of every column, so without the copy only half of the cache would be
  /// useful. If null, the columns stay in the tile, which is faster if the chunk has few non-zeros per
  /// column.
  Real* group;
};

/// Sums over samples, one per lane. The total loss of a lane is sum + log(1 + product). A logistic loss is
/// max(−y z, 0) + log(1 + exp(−|z|)): the first term is added to `sum`, and 1 + product is multiplied by 1 +
/// exp(−|z|). Thus many samples need only one logarithm. `product` is stored without the 1, so that it keeps
/// its relative accuracy if it is small. Softmax works the same way, with scores relative to the largest one.
template <class Real>
struct LossSums {
  Real sum[lanes];
  Real product[lanes];
  /// Losses with labels −1 and +1: number of samples with y z > 0. Softmax: number of samples whose label
  /// alone has the largest score.
  Real right[lanes];
};

/// m ← μ m + g; w ← w − η m, or Nesterov's w ← w − η (g + μ m).
template <class Real>
struct Momentum {
  Real mu;
  bool nesterov;
};

/// A running mean m ← past · m + now · g.
template <class Real>
struct Share {
  Real past;  ///< β
  Real now;   ///< 1 − β, rounded once
};

/// m and v are running means of g and of g²; w ← (1 − η λ) w − (η/c) m / (√v r + ε). c and r correct for the
/// start of the means at zero: c = 1 − β₁ᵗ⁺¹, r = (1 − β₂ᵗ⁺¹)^(−1/2).
template <class Real>
struct AdamW {
  Share<Real> mean;
  Share<Real> square;
  Real mean_weight;          ///< c
  Real inverse_root_weight;  ///< r
  Real epsilon;              ///< ε
  Real weight_decay;         ///< λ
};

/// State of AdamW: two arrays of shape (lanes, dimension).
template <class Real>
struct Moments {
  Real* mean;
  Real* square;
};

/// w ← (1 − η λ) w − η sign(m′), where m′ is the running mean of m and g with the weights `step`. Then m ←
/// the running mean of m and g with the weights `mean`.
template <class Real>
struct SignMomentum {
  Share<Real> step;
  Share<Real> mean;
  Real weight_decay;  ///< λ
};

/// A step of Prodigy; each lane has its own d and c. m is a running mean of d g, and v a running mean of d²
/// g²; s ← β₃ s + c g; w ← w − η d m / (√v + d ε).
template <class Real>
struct Prodigy {
  Share<Real> mean;
  Share<Real> square;
  Real past;             ///< β₃
  Real epsilon;          ///< ε
  const Real* distance;  ///< d (lanes)
  const Real* weight;    ///< c (lanes)
};

/// State of Prodigy, each array of shape (lanes, dimension), and outputs of a step, each of shape (lanes).
template <class Real>
struct ProdigyMemory {
  Real* mean;         ///< m
  Real* square;       ///< v
  Real* sum;          ///< s
  const Real* start;  ///< w_0
  Real* inner;        ///< out: ⟨g, w_0 − w⟩, with w before the step
  Real* norm;         ///< out: ‖s‖₁, with s after the step
};

/// One matrix per lane: (lanes, …), with entry (r, k) in the column r · row_stride + k · depth_stride.
template <class Real>
struct LaneMatrix {
  const Real* numbers;
  std::int64_t rows;
  std::int64_t depth;
  std::int64_t row_stride;
  std::int64_t depth_stride;
};

/// The activation function that is applied to a layer's scores.
enum class Transfer { identity, relu, tanh };

/// The inner loops of the trials, in vector code for one instruction set. Arrays of iterates are (lanes,
/// dimension), column-major and aligned to 64 bytes. Every lane does the same operations in the same order,
/// each rounded according to IEEE 754, so the bits depend neither on the instruction set nor on other lanes.
template <class Real>
struct VectorCode {
  /// out(k, lane) = stepsize · h, computed in double and rounded once.
  void (*multiply_stepsizes)(const StepsizeRule& rule, std::int64_t count, Real* out);

  /// Runs a chunk of steps x ← Π(x − η h (λ x + noise)), or with λ sign(x) instead of λ x. λ is
  /// family.coefficient.
  /// @param noise (count, dimension)
  void (*descend_on_ball)(const BallFamily<Real>& family, const Steps<Real>& steps, const Real* noise,
                          Real* iterates);

  /// Runs a chunk of mini-batches of one dense sample each. The update of a step and the scores of the next
  /// step share a pass over the iterates W. During the chunk a trial is stored as a scale times a vector, so
  /// that the regulariser and the projection need no pass of their own.
  /// @param labels (count)
  void (*descend_by_samples)(const LinearFamily<Real>& family, const Steps<Real>& steps,
                             const DenseSamples<Real>& samples, const Real* labels, Real* iterates);

  /// Runs a chunk like descend_by_samples, but with mini-batches of sparse samples. A step touches only the
  /// columns of the samples' non-zeros.
  /// @param samples (count, batch_size)
  /// @param labels (count, batch_size)
  void (*descend_by_sparse_samples)(const LinearFamily<Real>& family, const Steps<Real>& steps,
                                    const SparseSample<Real>* samples, const Real* labels,
                                    const SparseScratch<Real>& scratch, Real* iterates);

  /// Computes the squared norms of dense samples. @param rows (count) @param squares (count)
  void (*measure_samples)(std::int64_t dimension, std::int64_t count, const Real* const* rows, Real* squares);

  /// scores ← W X, shape (lanes, count). Adds over features in order, each product by a fused multiply-add.
  void (*score)(std::int64_t dimension, std::int64_t count, const DenseRows<Real>& samples,
                const Real* iterates, Real* scores);
  void (*score_sparse)(std::int64_t count, const SparseSample<Real>* samples, const Real* iterates,
                       Real* scores);

  /// target ← target + C Xᵀ, where C, of shape (lanes, count), is `factors`. Adds over samples in order, each
  /// product by a fused multiply-add.
  /// @param rows (count)
  void (*add_outer)(std::int64_t dimension, std::int64_t count, const Real* const* rows, const Real* factors,
                    Real* target);
  void (*add_outer_sparse)(std::int64_t count, const SparseSample<Real>* samples, const Real* factors,
                           Real* target);

  /// scores ← −scale · loss′(scores); for the logistic loss this is scale · y / (1 + exp(y z)).
  /// @param scale (lanes)
  void (*replace_by_slopes)(const LossRule<Real>& loss, std::int64_t count, const Real* labels,
                            const Real* scale, Real* scores);
  /// scores ← scale · (δ − exp(z)/Σ exp(z)), with the sum over the classes; δ is 1 for the label's class and
  /// 0 for the other classes.
  void (*replace_by_softmax_slopes)(const ClassScores<Real>& of, const Real* scale, Real* scores);

  /// Adds the losses of `count` samples to the sums. `count` must be at most 64, so that LossSums::product
  /// stays finite.
  void (*add_losses)(const LossRule<Real>& loss, std::int64_t count, const Real* labels, const Real* scores,
                     LossSums<Real>& sums);
  /// Adds the softmax losses of samples first … first + count − 1 of `of` to the sums. `count` must be so
  /// small that classes^count is finite.
  void (*add_softmax_losses)(const ClassScores<Real>& of, std::int64_t first, std::int64_t count,
                             const Real* scores, LossSums<Real>& sums);

  /// w ← (1 − η l2) w
  void (*decay)(Real l2, std::int64_t dimension, const Real* stepsizes, Real* iterates);

  /// w ← w − η g
  void (*descend)(std::int64_t dimension, const Real* stepsizes, const Real* gradients, Real* iterates);
  void (*descend_with_momentum)(const Momentum<Real>& momentum, std::int64_t dimension, const Real* stepsizes,
                                const Real* gradients, Real* velocity, Real* iterates);
  /// A parameter whose mean square overflows becomes NaN.
  void (*descend_by_adamw)(const AdamW<Real>& rule, std::int64_t dimension, const Real* stepsizes,
                           const Real* gradients, Moments<Real> moments, Real* iterates);
  /// The sign of 0 is 0, the sign of NaN is NaN.
  void (*descend_by_sign)(const SignMomentum<Real>& rule, std::int64_t dimension, const Real* stepsizes,
                          const Real* gradients, Real* mean, Real* iterates);

  /// A parameter whose mean square overflows becomes NaN.
  void (*descend_by_prodigy)(const Prodigy<Real>& rule, std::int64_t dimension, const Real* stepsizes,
                             const Real* gradients, const ProdigyMemory<Real>& memory, Real* iterates);
  /// x ← x + c (z − x), then y ← x + share (z − x), with the new x. @param weights c (lanes)
  void (*follow_average)(Real share, std::int64_t dimension, const Real* weights, const Real* z, Real* x,
                         Real* y);

  /// squares ← ‖a‖², shape (lanes). Even and odd columns have separate sums, each in order.
  void (*square_norms)(std::int64_t dimension, const Real* a, Real* squares);
  /// squares ← ‖a − b‖², summed like square_norms.
  void (*square_distances)(std::int64_t dimension, const Real* a, const Real* b, Real* squares);

  /// out(r, b) = Σ_k matrix(r, k) · in(k, b), lane by lane.
  /// @param in (lanes, count, depth)
  /// @param out (lanes, count, rows)
  void (*multiply_lanes)(const LaneMatrix<Real>& matrix, std::int64_t count, const Real* in, Real* out);
  /// target(k) += Σ_b factor(b) · in(k, b).
  /// @param in (lanes, count, depth)
  /// @param target (lanes, depth)
  void (*add_lane_outer)(std::int64_t depth, std::int64_t count, const Real* in, const Real* factors,
                         Real* target);
  /// target += Σ_b factor(b). @param target (lanes)
  void (*add_lane_sum)(std::int64_t count, const Real* factors, Real* target);
  /// scores ← f(scores + bias), (lanes, count). The absolute error of tanh is about the rounding error of a
  /// number near 1.
  /// @param bias (lanes)
  void (*transfer)(Transfer f, std::int64_t count, const Real* bias, Real* scores);
  /// slopes ← slopes · f′, where f′ is computed from the outputs of f.
  void (*multiply_by_transfer_slopes)(Transfer f, std::int64_t count, const Real* outputs, Real* slopes);

  /// Projects onto the ball of this radius around 0. A lane whose squared norm overflows becomes NaN.
  void (*project)(Real radius, std::int64_t dimension, Real* iterates);

  /// average ← average + weight (iterates − average)
  void (*average)(Real weight, std::int64_t dimension, const Real* iterates, Real* average);
};

/// Returns the functions that are compiled for a vector unit. @pre core::is_supported(unit)
template <class Real>
const VectorCode<Real>& vector_code(core::VectorUnit unit);

/// Returns the functions that are compiled for the vector unit core::vector_unit().
template <class Real>
const VectorCode<Real>& vector_code();

}  // namespace rhosweep::sgd
