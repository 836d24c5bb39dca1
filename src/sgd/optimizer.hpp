#pragma once

#include "kernel.hpp"

#include "rhosweep/model/sgd_settings.hpp"

#include <cstdint>

namespace rhosweep::sgd {

/// What a step makes of its gradient, by the optimizer that the settings name.
template <class Real>
class Optimizer {
 public:
  explicit Optimizer(const model::SgdSettings& sgd);

  /// Makes what it keeps of a tile. @pre the tile has its iterates, the same in all lanes
  void prepare(TileState<Real>& tile) const;

  /// Whether a step is w ← Π(w − η g) and nothing else.
  bool is_plain() const;
  /// Whether a step depends on the whole gradient, as one that uses norms does: then take_step() alone is of
  /// use.
  bool needs_whole_gradient() const;

  /// Makes ready for step t, whose parameters may then be updated part by part, each once.
  void begin_step(std::int64_t t);
  /// @param stepsizes η h_t (lanes) @param gradients of `count` parameters from `first` on, (lanes, count)
  /// @pre not needs_whole_gradient()
  void update(const Real* stepsizes, std::int64_t first, std::int64_t count, const Real* gradients,
              TileState<Real>& tile) const;

  /// The whole of step t, projection included.
  /// @param gradients of all parameters, at the iterates @param radius 0: no projection
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
