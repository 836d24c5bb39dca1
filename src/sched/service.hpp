#pragma once

#include "rhosweep/sched/block_handlers.hpp"
#include "rhosweep/sched/stop.hpp"

#include <exception>
#include <functional>
#include <optional>
#include <utility>

namespace rhosweep::sched {

/// Runs a block and, at its pulses, serves messages; gives the block up when it is overdue. A failure to
/// serve must not pass through `run`, which takes what it catches for its trials' own: it is thrown
/// afterwards.
inline std::optional<model::BlockResult> run_serving(core::BlockIndex block, const RunBlock& run,
                                                     const std::function<void()>& serve, Stop& stop) {
  std::exception_ptr failure;
  const model::Pulse pulse = [&] {
    try {
      serve();
    } catch (...) {
      failure = std::current_exception();
    }
    return failure == nullptr && !stop.overdue();
  };
  auto result = run(block, pulse);
  if (failure) std::rethrow_exception(failure);
  return result;
}

}  // namespace rhosweep::sched
