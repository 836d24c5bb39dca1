#pragma once

#include "kernel.hpp"

#include "rhosweep/model/sgd_settings.hpp"

#include <cstdint>

namespace rhosweep::sgd {

/// Turns gradients into steps, by the optimizer that the settings name.
template <class Real>
class Optimizer {
 public:
  explicit Optimizer(const model::SgdSettings& sgd);

  /// Allocates and initialises the optimizer's state of a tile. @pre the tile has its iterates, the same in
  /// all lanes
  void prepare(TileState<Real>& tile) const;

  /// Whether a step is only w ← Π(w − η g).
  bool is_plain() const;
  /// Whether a step depends on the whole gradient, for example on its norm. Then only take_step() may be
  /// used.
  bool needs_whole_gradient() const;

  /// Prepares step t. After it, every parameter must be updated once, in any number of parts.
  void begin_step(std::int64_t t);
  /// Updates `count` parameters from `first` on.
  /// @param stepsizes η h_t (lanes)
  /// @param gradients of these parameters, (lanes, count)
  /// @pre not needs_whole_gradient()
  void update(const Real* stepsizes, std::int64_t first, std::int64_t count, const Real* gradients,
              TileState<Real>& tile) const;

  /// Does the whole step t, including the projection.
  /// @param gradients of all parameters, at the iterates
  /// @param radius 0: no projection
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
