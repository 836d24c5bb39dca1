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

  /// Makes ready for step t, whose parameters may then be updated part by part, each once.
  void begin_step(std::int64_t t);
  /// @param stepsizes η h_t (lanes) @param gradients of `count` parameters from `first` on, (lanes, count)
  void update(const Real* stepsizes, std::int64_t first, std::int64_t count, const Real* gradients,
              TileState<Real>& tile) const;

 private:
  const VectorCode<Real>& code_;
  model::SgdSettings sgd_;
  AdamW<Real> adamw_{};
  SignMomentum<Real> sign_momentum_{};
};

}  // namespace rhosweep::sgd
