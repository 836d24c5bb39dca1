#pragma once

#include "kernel.hpp"

#include "rhosweep/problem/linear_model.hpp"

#include <memory>

namespace rhosweep::sgd {

/// The kernel of a linear model: per mini-batch one pass of scores and one of outer products, shared by all
/// trials.
template <class Real>
std::unique_ptr<Kernel<Real>> make_linear_kernel(const problem::LinearModel& model,
                                                 const model::SgdSettings& sgd, std::int64_t seed,
                                                 PacedPulse& pulse);

}  // namespace rhosweep::sgd
