#include "rhosweep/sched/messages.hpp"

#include "rhosweep/core/error.hpp"

#include <algorithm>

namespace rhosweep::sched {

Tally& Tally::operator+=(const Tally& other) {
  done += other.done;
  diverged += other.diverged;
  failed += other.failed;
  seconds += other.seconds;
  return *this;
}

Tally tally(const model::BlockResult& result) {
  const auto count = [&result](model::CellStatus status) {
    return std::int64_t{std::count(result.status.begin(), result.status.end(), status)};
  };
  const Tally tally{.done = count(model::CellStatus::done),
                    .diverged = count(model::CellStatus::diverged),
                    .failed = count(model::CellStatus::failed),
                    .seconds = result.seconds};
  core::require(tally.trials() == result.trials(), "a finished block has no pending trials");
  return tally;
}

}  // namespace rhosweep::sched
