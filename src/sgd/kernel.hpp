#pragma once

#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/problem/problem.hpp"
#include "rhosweep/sgd/run_block.hpp"

#include <cstdint>
#include <memory>

#include <Eigen/Core>

namespace rhosweep::sgd {

/// One number per trial of a tile.
template <class Real>
using Lanes = Eigen::Array<Real, tile_width, 1>;

/// (tile_width, dimension), column-major: one parameter of all trials of a tile is contiguous.
template <class Real>
using Tile = Eigen::Array<Real, tile_width, Eigen::Dynamic>;

/// What a step and an evaluation do with one tile of trials. A kernel first draws a chunk of steps, which
/// every tile of the block then runs; every lane does the same arithmetic in the same order.
template <class Real>
class Kernel {
 public:
  virtual ~Kernel() = default;

  /// Draws the mini-batches of `count` steps from `first` on.
  virtual void draw(std::int64_t first, std::int64_t count) = 0;

  /// The mean gradient over the mini-batch of the chunk's step `k`. @param gradients all written
  virtual void gradient(std::int64_t k, const Tile<Real>& iterates, Tile<Real>& gradients) = 0;

  /// iterates −= stepsizes × gradient, in one pass where the kernel can.
  /// @param scratch of the same shape, for gradients
  virtual void descend(std::int64_t k, const Lanes<Real>& stepsizes, Tile<Real>& iterates,
                       Tile<Real>& scratch) {
    gradient(k, iterates, scratch);
    iterates -= scratch.colwise() * stepsizes;
  }

  /// The metrics, (tile_width, metrics) in the problem's order.
  virtual void evaluate(const Tile<Real>& iterates, Tile<double>& values) = 0;
};

/// The kernel of a problem's family for one seed.
template <class Real>
std::unique_ptr<Kernel<Real>> make_kernel(const problem::Problem& problem, const model::SgdSettings& sgd,
                                          std::int64_t seed);

}  // namespace rhosweep::sgd
