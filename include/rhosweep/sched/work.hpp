#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/block.hpp"
#include "rhosweep/model/pulse.hpp"

#include <functional>

namespace rhosweep::sched {

using model::Pulse;

/// Runs a block. A trial that fails is data, so this does not throw for it.
using RunBlock = std::function<model::BlockResult(core::BlockIndex, const Pulse&)>;

/// Stores a block's result.
using WriteBlock = std::function<void(core::BlockIndex, const model::BlockResult&)>;

}  // namespace rhosweep::sched
