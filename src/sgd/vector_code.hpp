#pragma once

#include <cstdint>

namespace rhosweep::sgd {

/// Lanes of a tile, contiguous for every parameter. run_block.hpp says why they are fixed.
inline constexpr int lanes = 32;

/// A chunk of steps as one tile sees it: η h_t of every step and lane, (count, lanes), in `stepsizes`.
template <class Real>
struct Steps {
  std::int64_t first = 0;  ///< t of the first step
  std::int64_t count = 0;
  const Real* stepsizes = nullptr;
};

/// Stepsizes of a tile before they are rounded: lane i has stepsize[i] · h(row[i], k).
struct StepsizeRule {
  const double* stepsize;   ///< (lanes)
  const std::int64_t* row;  ///< (lanes)
  const double* h;          ///< (rows, count)
};

template <class Real>
struct QuadraticFamily {
  std::int64_t dimension;
  Real curvature;
  Real radius;
};

/// Logistic regression, (l2/2)‖w‖² included. Labels are −1 or +1.
template <class Real>
struct LinearFamily {
  std::int64_t dimension;
  std::int64_t batch_size;
  Real l2;
  Real radius;  ///< 0: no projection
};

/// Non-zeros of one sample.
template <class Real>
struct SparseSample {
  const std::int32_t* columns;
  const Real* values;
  std::int64_t size;
};

/// Sums over samples, one per lane. The logistic losses are Σ hinge + log(1 + product): the product of the
/// 1 + exp(−|z|) less 1, which needs one logarithm for many samples and keeps its relative accuracy.
template <class Real>
struct LossSums {
  Real hinge[lanes];    ///< Σ max(−y z, 0)
  Real product[lanes];  ///< Π (1 + exp(−|z|)) − 1
  Real right[lanes];    ///< how many have y z > 0
};

/// m ← μ m + g; w ← w − η m, or Nesterov's w ← w − η (g + μ m).
template <class Real>
struct Momentum {
  Real mu;
  bool nesterov;
};

/// The inner loops of the trials, in vector code of one instruction set. Arrays of iterates are (lanes,
/// dimension), column-major and aligned to 64 bytes. Every lane does the same operations in the same order,
/// each rounded as IEEE 754 has it, so the bits depend neither on the instruction set nor on other lanes.
template <class Real>
struct VectorCode {
  /// out(k, lane) = stepsize · h, rounded once.
  void (*multiply_stepsizes)(const StepsizeRule& rule, std::int64_t count, Real* out);

  /// x ← Π(x − η h (λ x + noise)) for all steps of the chunk. @param noise (count, dimension)
  void (*descend_quadratic)(const QuadraticFamily<Real>& family, const Steps<Real>& steps, const Real* noise,
                            Real* iterates);

  /// Mini-batches of one dense sample: the update of a step and the scores of the next share a pass over W.
  /// @param samples (count, dimension) @param labels (count)
  void (*descend_by_samples)(const LinearFamily<Real>& family, const Steps<Real>& steps, const Real* samples,
                             const Real* labels, Real* iterates);

  /// Mini-batches of sparse samples. During the chunk a trial is kept as a scale times a vector, so that a
  /// step touches the non-zeros only, whatever the regulariser and the projection do to the others.
  /// @param samples (count, batch_size) @param labels (count, batch_size) @param scratch (batch_size, lanes)
  void (*descend_by_sparse_samples)(const LinearFamily<Real>& family, const Steps<Real>& steps,
                                    const SparseSample<Real>* samples, const Real* labels, Real* scratch,
                                    Real* iterates);

  /// scores ← W X, (lanes, count), for dense samples one after the other.
  void (*score)(std::int64_t dimension, std::int64_t count, const Real* samples, const Real* iterates,
                Real* scores);
  void (*score_sparse)(std::int64_t count, const SparseSample<Real>* samples, const Real* iterates,
                       Real* scores);

  /// W ← W + C Xᵀ, C (lanes, count).
  void (*add_outer)(std::int64_t dimension, std::int64_t count, const Real* samples, const Real* factors,
                    Real* target);
  void (*add_outer_sparse)(std::int64_t count, const SparseSample<Real>* samples, const Real* factors,
                           Real* target);

  /// scores ← −scale · (loss)′(scores) = scale · y / (1 + exp(y z)), the loss being the logistic one.
  /// @param scale (lanes)
  void (*replace_by_slopes)(std::int64_t count, const Real* labels, const Real* scale, Real* scores);

  /// Adds the losses of at most 64 samples, so that the product stays finite.
  void (*add_losses)(std::int64_t count, const Real* labels, const Real* scores, LossSums<Real>& sums);

  /// w ← (1 − η l2) w
  void (*decay)(Real l2, std::int64_t dimension, const Real* stepsizes, Real* iterates);

  /// w ← w − η g
  void (*descend)(std::int64_t dimension, const Real* stepsizes, const Real* gradients, Real* iterates);
  void (*descend_with_momentum)(const Momentum<Real>& momentum, std::int64_t dimension, const Real* stepsizes,
                                const Real* gradients, Real* velocity, Real* iterates);

  /// Π: onto the ball of the radius around 0. A lane whose squared norm overflows becomes NaN.
  void (*project)(Real radius, std::int64_t dimension, Real* iterates);

  /// average ← average + weight (iterates − average)
  void (*average)(Real weight, std::int64_t dimension, const Real* iterates, Real* average);
};

enum class InstructionSet { portable, avx2, avx512 };

/// Whether this processor has it.
bool is_supported(InstructionSet set);

/// The widest that the processor has; the environment variable LIBXSMM_TARGET (hsw, skx, …) may lower it.
InstructionSet chosen_instruction_set();

/// @pre the processor has it
template <class Real>
const VectorCode<Real>& vector_code(InstructionSet set);

/// Of the chosen instruction set.
template <class Real>
const VectorCode<Real>& vector_code();

}  // namespace rhosweep::sgd
