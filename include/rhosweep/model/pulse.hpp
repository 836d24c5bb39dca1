#pragma once

#include <functional>

namespace rhosweep::model {

/// Called between the mini-batches of a block and within long passes over the data: there rank 0 serves its
/// workers. False asks to give the block up. Does not throw.
using Pulse = std::function<bool()>;

}  // namespace rhosweep::model
