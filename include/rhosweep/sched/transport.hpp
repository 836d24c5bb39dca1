#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/sched/messages.hpp"

#include <optional>

namespace rhosweep::sched {

/// The rank that hands out the blocks.
inline constexpr core::Rank master_rank{0};

/// Carries messages between ranks. Messages from one rank to another arrive in the order sent.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Sends a message without waiting for the receiver.
  virtual void send(core::Rank to, const Message& message) = 0;
  /// Returns the next message from any rank, if one has arrived.
  virtual std::optional<Envelope> poll() = 0;
};

}  // namespace rhosweep::sched
