#pragma once

#include "tile.hpp"
#include "vector_code.hpp"

#include <cstdint>
#include <span>

namespace rhosweep::sgd {

/// The trials of one tile and the optimizer's state for these trials.
template <class Real>
struct TileState {
  Tile<Real> iterates;
  Tile<Real> mean;         ///< mean or decayed sum of gradients: momentum, adamw, sign_momentum, prodigy
  Tile<Real> mean_square;  ///< mean of squared gradients: adamw, prodigy
  Tile<Real> sum;          ///< s of prodigy, a weighted sum of gradients
  Tile<Real> start;        ///< w_0: dog, prodigy
  Tile<Real> base;         ///< z of schedule_free, where iterates holds y
  Tile<Real> average;      ///< average of the iterates, if that is evaluated; x of schedule_free
  /// The largest distance from w_0 so far (dog), or the estimate d of the distance from w_0 to the minimiser
  /// (prodigy).
  Lanes<double> reach = Lanes<double>::Zero();
  /// Sum of ‖g‖² (dog), of weighted ⟨g, w_0 − w⟩ (prodigy) or of η² h² (schedule_free).
  Lanes<double> total = Lanes<double>::Zero();
  bool alive = true;  ///< whether some trial has neither diverged nor been stopped
};

/// Replaces denormal numbers by 0. A weight that decays towards zero stays denormal forever, and many
/// processors take a hundred cycles for an operation on a denormal number. Flush-to-zero modes are not used,
/// because they differ between processors or do not exist.
template <class Real>
void zero_denormals(TileState<Real>& tile) {
  for (Tile<Real>* const numbers :
       {&tile.iterates, &tile.mean, &tile.mean_square, &tile.sum, &tile.base, &tile.average})
    zero_denormals(*numbers);
}

/// Input and output of an evaluation of one tile.
template <class Real>
struct Measurement {
  const Tile<Real>* iterates;
  Tile<double>* values;  ///< the metrics in the problem's order, shape (lanes, metrics)
};

/// Runs chunks of steps for one tile of trials at a time, and evaluates all tiles of a block together. A
/// kernel first draws the samples of a chunk; then every tile of the block runs the chunk with these samples.
/// Every lane does the same arithmetic in the same order.
template <class Real>
class Kernel {
 public:
  virtual ~Kernel() = default;

  /// Returns the number of values that a step reads besides the iterates. This number limits the length of a
  /// chunk.
  virtual double numbers_per_step() const = 0;

  /// Draws the samples and the noise of `count` steps, starting with step `first`.
  virtual void draw(std::int64_t first, std::int64_t count) = 0;

  /// Runs the steps of the drawn chunk.
  virtual void advance(const Steps<Real>& steps, TileState<Real>& tile) = 0;

  /// Measures all tiles together, so that the data need not be read for each tile.
  virtual void evaluate(std::span<const Measurement<Real>> tiles) = 0;
};

}  // namespace rhosweep::sgd
