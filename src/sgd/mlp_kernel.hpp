#pragma once

#include "kernel.hpp"
#include "paced_yield.hpp"

#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/problem/mlp.hpp"

#include <memory>

namespace rhosweep::sgd {

/// The kernel of multi-layer perceptrons. All trials share the samples, so the first layer uses the products
/// of a linear model, with one score per hidden unit. In the other layers, both factors of a product differ
/// between trials, so the products run lane by lane. In the first layer, the weights of a unit are updated
/// and, while they are still in the cache, score the next mini-batch. So the weights of a tile pass through
/// the cache once per step.
template <class Real>
std::unique_ptr<Kernel<Real>> make_mlp_kernel(const problem::Mlp& mlp, const model::SgdSettings& sgd,
                                              std::int64_t seed, PacedYield& yield);

}  // namespace rhosweep::sgd
