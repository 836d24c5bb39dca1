#pragma once

#include "kernel.hpp"
#include "paced_yield.hpp"

#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/problem/linear_model.hpp"

#include <cstdint>
#include <memory>

namespace rhosweep::sgd {

/// Makes the kernel of a linear model. The kernel multiplies each mini-batch by the weights of all trials of
/// a tile together.
template <class Real>
std::unique_ptr<Kernel<Real>> make_linear_kernel(const problem::LinearModel& model,
                                                 const model::SgdSettings& sgd, std::int64_t seed,
                                                 PacedYield& yield);

}  // namespace rhosweep::sgd
