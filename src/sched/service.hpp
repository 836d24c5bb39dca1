#pragma once

#include "rhosweep/sched/block_handlers.hpp"
#include "rhosweep/sched/stop.hpp"

#include <exception>
#include <functional>
#include <optional>
#include <utility>

namespace rhosweep::sched {

/// Runs a block and serves messages whenever it yields. The block is abandoned once it is overdue.
/// An exception from `serve` is rethrown after `run` returns, because `run` would record it as a failed
/// trial.
inline std::optional<model::BlockResult> run_serving(core::BlockIndex block, const RunBlock& run,
                                                     const std::function<void()>& serve, Stop& stop) {
  std::exception_ptr failure;
  const model::Yield yield = [&] {
    try {
      serve();
    } catch (...) {
      failure = std::current_exception();
    }
    return failure == nullptr && !stop.overdue();
  };
  auto result = run(block, yield);
  if (failure) std::rethrow_exception(failure);
  return result;
}

}  // namespace rhosweep::sched
