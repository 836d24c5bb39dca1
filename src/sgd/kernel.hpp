#pragma once

#include "tile.hpp"
#include "vector_code.hpp"

#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/problem/problem.hpp"

#include <cstdint>
#include <memory>

namespace rhosweep::sgd {

/// Trials of one tile and what the optimizer keeps of them.
template <class Real>
struct TileState {
  Tile<Real> iterates;
  Tile<Real> mean;         ///< of gradients, or their sum: with momentum, adamw and sign_momentum
  Tile<Real> mean_square;  ///< of gradients: with adamw
  Tile<Real> average;      ///< with averaging
  bool alive = true;       ///< some trial has not diverged
};

/// What a chunk of steps and an evaluation do with one tile of trials. A kernel first draws the chunk, which
/// every tile of the block then runs; every lane does the same arithmetic in the same order.
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

  /// The metrics, (tile_width, metrics) in the problem's order.
  virtual void evaluate(const Tile<Real>& iterates, Tile<double>& values) = 0;
};

/// The kernel of a problem's family for one seed.
template <class Real>
std::unique_ptr<Kernel<Real>> make_kernel(const problem::Problem& problem, const model::SgdSettings& sgd,
                                          std::int64_t seed);

}  // namespace rhosweep::sgd
