#pragma once

#include "kernel.hpp"
#include "paced_yield.hpp"

#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/problem/mlp.hpp"

#include <memory>

namespace rhosweep::sgd {

/// The kernel of multi-layer perceptrons. All trials share the samples, so the products of the first layer
/// are those of a linear model with one score per hidden unit. In the other layers both operands differ
/// between trials, so their products run lane by lane. Each row of the first layer is updated and then scores
/// the next mini-batch while it is in the cache, so the weights of a tile pass through the cache once per
/// step.
template <class Real>
std::unique_ptr<Kernel<Real>> make_mlp_kernel(const problem::Mlp& mlp, const model::SgdSettings& sgd,
                                              std::int64_t seed, PacedYield& yield);

}  // namespace rhosweep::sgd
