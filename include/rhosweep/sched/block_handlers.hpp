#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/block.hpp"
#include "rhosweep/model/yield.hpp"

#include <functional>
#include <optional>

namespace rhosweep::sched {

/// Runs a block; returns nullopt if its yield returned false. A failed trial is data and does not throw.
using RunBlock = std::function<std::optional<model::BlockResult>(core::BlockIndex, const model::Yield&)>;

/// Stores a block's result.
using WriteBlock = std::function<void(core::BlockIndex, const model::BlockResult&)>;

}  // namespace rhosweep::sched
