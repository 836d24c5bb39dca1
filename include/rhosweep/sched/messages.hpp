#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/block.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <variant>

namespace rhosweep::sched {

/// The numbers of trials that are done, diverged and failed, and the total wall time of their blocks in
/// seconds.
struct Tally {
  std::int64_t done = 0;
  std::int64_t diverged = 0;
  std::int64_t failed = 0;
  std::int64_t stopped = 0;
  double seconds = 0.0;

  std::int64_t trials() const { return done + diverged + failed + stopped; }
  Tally& operator+=(const Tally& other);
  bool operator==(const Tally&) const = default;
};

/// Counts the trials of a finished block. Throws core::InternalError if a trial is still pending.
Tally tally(const model::BlockResult& result);

/// Master to worker: run this block after the blocks sent before.
struct Run {
  core::BlockIndex block;

  bool operator==(const Run&) const = default;
};

/// Master to worker: the sweep stops early, so finish the blocks that you hold soon, or drop them. Worker to
/// master: this worker was asked to stop, so stop all workers.
struct Drain {
  bool operator==(const Drain&) const = default;
};

/// Master to worker: this is the last message to you.
struct Finish {
  bool operator==(const Finish&) const = default;
};

/// Worker to master, before Done: why trials of the block failed. Trials of a seed share one message in the
/// results file, and several ranks may run trials of a seed. Only the master writes the message, because two
/// ranks must not write to the same place.
struct Failed {
  core::BlockIndex block;
  std::array<char, model::failure_characters> text{};  ///< padded with NUL

  /// Shortens a text that is longer than the array.
  Failed(core::BlockIndex block, std::string_view text);

  std::string_view reason() const;
  bool operator==(const Failed&) const = default;
};

/// Worker to master: the block has been run and written.
struct Done {
  core::BlockIndex block;
  Tally tally;

  bool operator==(const Done&) const = default;
};

/// Worker to master: the block was abandoned or not started; none of it is written.
struct Dropped {
  core::BlockIndex block;

  bool operator==(const Dropped&) const = default;
};

/// Worker to master: Finish has arrived; this is my last message.
struct Bye {
  bool operator==(const Bye&) const = default;
};

/// All messages between ranks during a sweep. Results are not sent: workers write their own results.
using Message = std::variant<Run, Drain, Finish, Failed, Done, Dropped, Bye>;
static_assert(std::is_trivially_copyable_v<Message>);

/// A message and its peer: the sender of a received message, or the receiver of a message to be sent.
struct Envelope {
  core::Rank peer;
  Message message;

  bool operator==(const Envelope&) const = default;
};

}  // namespace rhosweep::sched
