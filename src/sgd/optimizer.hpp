#pragma once

#include "kernel.hpp"

#include "rhosweep/model/sgd_settings.hpp"

#include <cstdint>

namespace rhosweep::sgd {

/// What a step makes of its gradient: w_{t+1} before the projection, by the optimizer that the settings name.
template <class Real>
class Optimizer {
 public:
  explicit Optimizer(const model::SgdSettings& sgd);

  /// Makes what it keeps of a tile, zeros. @pre the tile has its iterates
  void prepare(TileState<Real>& tile) const;

  /// Whether a step is w ← w − η g and nothing else.
  bool is_plain() const;

  /// Does step t of all trials of a tile. @param stepsizes η h_t (lanes) @param gradients (lanes, dimension)
  void update(std::int64_t t, const Real* stepsizes, const Tile<Real>& gradients,
              TileState<Real>& tile) const;

 private:
  const VectorCode<Real>& code_;
  model::SgdSettings sgd_;
};

}  // namespace rhosweep::sgd
