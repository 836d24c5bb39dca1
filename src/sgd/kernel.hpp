#pragma once

#include "paced_pulse.hpp"
#include "tile.hpp"
#include "vector_code.hpp"

#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/problem/problem.hpp"

#include <cstdint>
#include <memory>
#include <span>

namespace rhosweep::sgd {

/// Trials of one tile and what the optimizer keeps of them.
template <class Real>
struct TileState {
  Tile<Real> iterates;
  Tile<Real> mean;         ///< of gradients, or their sum: with momentum, adamw, sign_momentum and prodigy
  Tile<Real> mean_square;  ///< of gradients: with adamw and prodigy
  Tile<Real> sum;          ///< of gradients, weighted: s of prodigy
  Tile<Real> start;        ///< w_0: with dog and prodigy
  Tile<Real> base;         ///< z of schedule_free, whose iterates are y
  Tile<Real> average;      ///< with averaging, and x of schedule_free
  Lanes<double> reach =
      Lanes<double>::Zero();  ///< the distance from w_0 that dog has seen, prodigy estimates
  Lanes<double> total =
      Lanes<double>::Zero();  ///< sum over steps: of ‖g‖² (dog), ⟨g, w_0 − w⟩ (prodigy), η² h²
  bool alive = true;          ///< some trial has not diverged
};

/// What an evaluation reads and writes of one tile.
template <class Real>
struct Measurement {
  const Tile<Real>* iterates;
  Tile<double>* values;  ///< the metrics, (tile_width, metrics) in the problem's order
};

/// What a chunk of steps does with one tile of trials, and an evaluation with all of a block. A kernel first
/// draws the chunk, which every tile of the block then runs; every lane does the same arithmetic in the same
/// order.
template <class Real>
class Kernel {
 public:
  virtual ~Kernel() = default;

  /// How many numbers a step reads beside the iterates: it bounds the length of a chunk.
  virtual double numbers_per_step() const = 0;

  /// Draws what `count` steps from `first` on need.
  virtual void draw(std::int64_t first, std::int64_t count) = 0;

  /// Runs the drawn steps.
  virtual void advance(const Steps<Real>& steps, TileState<Real>& tile) = 0;

  /// Measures tiles together, so that the data need not be read for each of them.
  virtual void evaluate(std::span<const Measurement<Real>> tiles) = 0;
};

/// The kernel of a problem's family for one seed. What it computes after the pulse gave the block up does not
/// count. @param pulse must outlive it
template <class Real>
std::unique_ptr<Kernel<Real>> make_kernel(const problem::Problem& problem, const model::SgdSettings& sgd,
                                          std::int64_t seed, PacedPulse& pulse);

}  // namespace rhosweep::sgd
