#pragma once

#include "kernel.hpp"
#include "paced_yield.hpp"

#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/problem/mlp.hpp"

#include <memory>

namespace rhosweep::sgd {

/// The kernel of multi-layer perceptrons. All trials share the samples, so the first layer is computed
/// like a linear model with one score per hidden unit. As soon as the weights of a unit are updated, its
/// scores for the next mini-batch are computed, while the weights are still in the cache. So the weights of
/// the first layer pass through the cache once per step. In the other layers, both factors of a product
/// differ between trials, so the products run lane by lane.
template <class Real>
std::unique_ptr<Kernel<Real>> make_mlp_kernel(const problem::Mlp& mlp, const model::SgdSettings& sgd,
                                              std::int64_t seed, PacedYield& yield);

}  // namespace rhosweep::sgd
