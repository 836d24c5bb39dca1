#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/block.hpp"

#include <cstdint>
#include <type_traits>
#include <variant>

namespace rhosweep::sched {

/// How trials ended, and the wall time that their blocks took.
struct Tally {
  std::int64_t done = 0;
  std::int64_t diverged = 0;
  std::int64_t failed = 0;
  double seconds = 0.0;

  std::int64_t trials() const { return done + diverged + failed; }
  Tally& operator+=(const Tally& other);
  bool operator==(const Tally&) const = default;
};

/// Counts a finished block's trials. Throws core::InternalError if one is still pending.
Tally tally(const model::BlockResult& result);

/// Master to worker: run this block after those handed out before.
struct Run {
  core::BlockIndex block;

  bool operator==(const Run&) const = default;
};

/// Master to worker: the sweep stops early; bring to an end soon, or drop, what was handed out. Worker to
/// master: this worker was asked to stop, so let all do so.
struct Drain {
  bool operator==(const Drain&) const = default;
};

/// Master to worker: nothing more will come.
struct Finish {
  bool operator==(const Finish&) const = default;
};

/// Worker to master: the block is run and written.
struct Done {
  core::BlockIndex block;
  Tally tally;

  bool operator==(const Done&) const = default;
};

/// Worker to master: the block was given up or not begun; nothing of it is written.
struct Dropped {
  core::BlockIndex block;

  bool operator==(const Dropped&) const = default;
};

/// Worker to master: Finish has arrived; nothing more will come from here.
struct Bye {
  bool operator==(const Bye&) const = default;
};

/// All that ranks ever say to each other during a sweep. Results are not among it: workers write their own.
using Message = std::variant<Run, Drain, Finish, Done, Dropped, Bye>;
static_assert(std::is_trivially_copyable_v<Message>);

/// A message and its other side: the sender of one received, the receiver of one to be sent.
struct Envelope {
  core::Rank peer;
  Message message;

  bool operator==(const Envelope&) const = default;
};

}  // namespace rhosweep::sched
