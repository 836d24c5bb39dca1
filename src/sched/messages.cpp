#include "rhosweep/sched/messages.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <string>

namespace rhosweep::sched {

Failed::Failed(core::BlockIndex failed, std::string_view reason) : block(failed) {
  constexpr std::size_t longest = model::failure_characters - std::size("...");
  const std::string line = core::one_line(reason, longest);
  std::ranges::copy(line, text.begin());
}

std::string_view Failed::reason() const {
  return {text.data(), static_cast<std::size_t>(std::ranges::find(text, '\0') - text.begin())};
}

Tally& Tally::operator+=(const Tally& other) {
  done += other.done;
  diverged += other.diverged;
  failed += other.failed;
  stopped += other.stopped;
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
                    .stopped = count(model::CellStatus::stopped),
                    .seconds = result.seconds};
  core::require(tally.trials() == result.trials(), "a finished block has no pending trials");
  return tally;
}

}  // namespace rhosweep::sched
