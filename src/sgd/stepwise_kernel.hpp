#pragma once

#include "kernel.hpp"
#include "optimizer.hpp"

#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/problem/problem.hpp"

#include <cstdint>

namespace rhosweep::sgd {

/// Runs a chunk of steps one by one, whatever the optimizer and its options are. A kernel that is faster for
/// some options overrides advance().
template <class Real>
class StepwiseKernel : public Kernel<Real> {
 public:
  StepwiseKernel(const problem::Problem& problem, const model::SgdSettings& sgd);

  void advance(const Steps<Real>& steps, TileState<Real>& tile) override;

 protected:
  /// Computes the stochastic gradient at the chunk's step `k`. @param gradients the result; all old numbers
  /// are overwritten
  virtual void gradient(std::int64_t k, const Tile<Real>& iterates, Tile<Real>& gradients) = 0;

  /// w ← w − η g. Called only if this is the whole update of a step.
  virtual void descend(std::int64_t k, const Real* stepsizes, Tile<Real>& iterates);

  /// Returns whether a step is only w ← Π(w − η g).
  bool is_plain() const { return optimizer_.is_plain() && !average_; }
  Real radius() const { return radius_; }
  const VectorCode<Real>& code() const { return code_; }

 private:
  const VectorCode<Real>& code_;
  Real radius_;
  Optimizer<Real> optimizer_;
  bool average_;
  Tile<Real> gradients_;
};

}  // namespace rhosweep::sgd
