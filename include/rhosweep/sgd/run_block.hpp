#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/model/trial_runner.hpp"
#include "rhosweep/model/yield.hpp"
#include "rhosweep/problem/problem.hpp"
#include "rhosweep/sgd/multipliers.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace rhosweep::sgd {

using model::Trial;
using model::Yield;

/// Runs T steps of projected SGD for all trials in lockstep, on one stream of samples:
///   w_{t+1} = Π(w_t − η h_t g_t), t = 0 … T−1.
/// Heavy-ball momentum (m ← μ m + g, step along m) and Nesterov's (step along g + μ m) are as in PyTorch. The
/// other optimizers replace η h_t g_t by their own step, for example adamw (as in PyTorch) or sign_momentum
/// (Lion). The problem's metrics are measured at sgd.evaluations steps. A trial has diverged at the first
/// evaluation at which its iterate or training loss is not finite. From then on, its metrics have their worst
/// values; the bits of other trials do not change. Each trial's result is a pure function of the problem, the
/// settings, the seed and its own entry in `trials`.
/// @param multipliers keeps tables of h_t between calls
/// @param yield called after every mini-batch, or after every few mini-batches if they are short, and within
/// long passes over the data of the built-in problems; not called again once it has returned false
/// @return nullopt if `yield` returned false
std::optional<model::BlockResult> run_block(const problem::Problem& problem, const model::SgdSettings& sgd,
                                            std::int64_t seed, std::span<const Trial> trials,
                                            Multipliers& multipliers, const Yield& yield);

/// Returns the predicted number of floating-point operations of a trial. The number determines which blocks
/// run first and what `rhosweep plan` predicts.
double trial_work(const problem::Problem& problem, const model::SgdSettings& sgd);

}  // namespace rhosweep::sgd
