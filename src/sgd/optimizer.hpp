#pragma once

#include "kernel.hpp"

#include "rhosweep/model/sgd_settings.hpp"

#include <cstdint>

namespace rhosweep::sgd {

/// Turns gradients into steps of the optimizer that the settings name.
template <class Real>
class Optimizer {
 public:
  explicit Optimizer(const model::SgdSettings& sgd);

  /// Allocates and initialises the optimizer's state of a tile. @pre the tile's iterates are set, to the same
  /// values in all lanes
  void prepare(TileState<Real>& tile) const;

  /// Returns whether a step is only w ← Π(w − η g).
  bool is_plain() const;
  /// Returns whether a step depends on the whole gradient, for example on its norm. If it does, only
  /// take_step() may be used, not update().
  bool needs_whole_gradient() const;

  /// Prepares step t. Afterwards, update() must cover every parameter once, in any number of parts.
  void begin_step(std::int64_t t);
  /// Updates the parameters first … first + count − 1.
  /// @param stepsizes η h_t, shape (lanes)
  /// @param gradients the gradients of these parameters, (lanes, count)
  /// @pre not needs_whole_gradient()
  void update(const Real* stepsizes, std::int64_t first, std::int64_t count, const Real* gradients,
              TileState<Real>& tile) const;

  /// Runs the whole step t, including the projection.
  /// @param gradients the gradients of all parameters at the iterates
  /// @param radius the radius of the ball; 0: no projection
  void take_step(std::int64_t t, const Real* stepsizes, const Real* gradients, Real radius,
                 TileState<Real>& tile);

 private:
  void take_dog_step(const Real* stepsizes, const Real* gradients, TileState<Real>& tile) const;
  void take_prodigy_step(const Real* stepsizes, const Real* gradients, TileState<Real>& tile) const;
  void take_schedule_free_step(const Real* stepsizes, const Real* gradients, Real radius,
                               TileState<Real>& tile) const;

  const VectorCode<Real>& code_;
  model::SgdSettings sgd_;
  AdamW<Real> adamw_{};
  SignMomentum<Real> sign_momentum_{};
};

}  // namespace rhosweep::sgd
