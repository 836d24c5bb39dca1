#pragma once

#include "kernel.hpp"
#include "paced_yield.hpp"

#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/problem/problem.hpp"

#include <cstdint>
#include <memory>

namespace rhosweep::sgd {

/// Makes the kernel for a problem's family and one seed. Once `yield` has abandoned the block, the kernel's
/// results are ignored.
/// @param yield must outlive the kernel
template <class Real>
std::unique_ptr<Kernel<Real>> make_kernel(const problem::Problem& problem, const model::SgdSettings& sgd,
                                          std::int64_t seed, PacedYield& yield);

}  // namespace rhosweep::sgd
