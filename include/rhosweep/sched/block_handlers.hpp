#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/block.hpp"
#include "rhosweep/model/yield.hpp"

#include <functional>
#include <optional>
#include <string_view>

namespace rhosweep::sched {

/// Runs a block and returns its result, or nullopt if the Yield function returned false. A failed trial is
/// part of the result and does not throw.
using RunBlock = std::function<std::optional<model::BlockResult>(core::BlockIndex, const model::Yield&)>;

/// Stores a block's result.
using WriteBlock = std::function<void(core::BlockIndex, const model::BlockResult&)>;

/// Stores the reason why trials failed in a block that another rank ran.
using WriteFailure = std::function<void(core::BlockIndex, std::string_view reason)>;

}  // namespace rhosweep::sched
