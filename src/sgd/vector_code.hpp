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

/// @pre the processor has it
template <class Real>
const VectorCode<Real>& vector_code(InstructionSet set);

/// The widest that the processor has.
template <class Real>
const VectorCode<Real>& vector_code();

}  // namespace rhosweep::sgd
