#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/pulse.hpp"
#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/model/trial_runner.hpp"
#include "rhosweep/problem/problem.hpp"
#include "rhosweep/sgd/multipliers.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace rhosweep::sgd {

/// Trials are computed in tiles of this many vector lanes, whatever the width of the block: a fixed tile is
/// what makes a trial's bits independent of its neighbours. Widths that are multiples of it waste nothing.
inline constexpr std::int64_t tile_width = 32;

using model::Pulse;
using model::Trial;

/// Runs T steps of projected SGD for all trials in lockstep, on one sample stream:
///   w_{t+1} = Π(w_t − η h_t g_t), t = 0 … T−1,
/// with heavy-ball momentum (m ← μ m + g, step along m) or Nesterov's (step along g + μ m) as in PyTorch, or
/// the step of adamw (as in PyTorch) or sign_momentum (Lion) in place of η h_t g_t, and
/// measures the problem's metrics at sgd.evaluations steps. A trial whose iterate or training loss is not
/// finite at an evaluation is diverged from there on: its metrics take their worst values and its neighbours'
/// bits do not change. The result is a pure function of the arguments, trial by trial.
/// @param multipliers keeps tables of h_t between calls
/// @param pulse called after every mini-batch, or every few where they are short, and within long passes over
/// the data of the built-in problems; after it said no it is not called again
/// @return nothing if the pulse gave the block up
std::optional<model::BlockResult> run_block(const problem::Problem& problem, const model::SgdSettings& sgd,
                                            std::int64_t seed, std::span<const Trial> trials,
                                            Multipliers& multipliers, const Pulse& pulse);

/// Predicted floating-point operations of a trial: the weight of a block in longest-first order and in
/// `plan`.
double trial_work(const problem::Problem& problem, const model::SgdSettings& sgd);

}  // namespace rhosweep::sgd
