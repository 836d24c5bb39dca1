#pragma once

#include "kernel.hpp"

#include "rhosweep/problem/mlp.hpp"

#include <memory>

namespace rhosweep::sgd {

/// The kernel of multi-layer perceptrons. All trials share the samples, so that the products of the first
/// layer are those of a linear model with a score per hidden unit; those of the others have an operand of
/// every trial's own and run lane by lane. While a row of the first layer is at hand, it is updated and
/// scores the next mini-batch: the weights of a tile then pass through the cache once a step.
template <class Real>
std::unique_ptr<Kernel<Real>> make_mlp_kernel(const problem::Mlp& mlp, const model::SgdSettings& sgd,
                                              std::int64_t seed, PacedPulse& pulse);

}  // namespace rhosweep::sgd
