#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/block.hpp"
#include "rhosweep/model/yield.hpp"

#include <functional>
#include <optional>
#include <string_view>

namespace rhosweep::sched {

/// Runs a block; returns nullopt if its yield returned false. A failed trial is data and does not throw.
using RunBlock = std::function<std::optional<model::BlockResult>(core::BlockIndex, const model::Yield&)>;

/// Stores a block's result.
using WriteBlock = std::function<void(core::BlockIndex, const model::BlockResult&)>;

/// Stores the reason why trials failed in a block that another rank ran.
using WriteFailure = std::function<void(core::BlockIndex, std::string_view reason)>;

}  // namespace rhosweep::sched
