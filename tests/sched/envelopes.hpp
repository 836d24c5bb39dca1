#pragma once

#include "rhosweep/sched/messages.hpp"

#include <ostream>
#include <vector>

namespace rhosweep::sched {

inline Envelope run_order(std::int64_t rank, std::int64_t block) {
  return {core::Rank{rank}, Run{core::BlockIndex{block}}};
}

inline Envelope finish_order(std::int64_t rank) {
  return {core::Rank{rank}, Finish{}};
}

/// A worker reports a block of one trial that is done.
inline Envelope done_report(std::int64_t rank, std::int64_t block) {
  return {core::Rank{rank}, Done{core::BlockIndex{block}, Tally{.done = 1}}};
}

using Envelopes = std::vector<Envelope>;

/// For Catch's messages.
inline std::ostream& operator<<(std::ostream& out, const Envelope& envelope) {
  if (const auto* run = std::get_if<Run>(&envelope.message))
    return out << "Run " << run->block.value << " to rank " << envelope.peer.value;
  if (const auto* done = std::get_if<Done>(&envelope.message))
    return out << "Done " << done->block.value << " by rank " << envelope.peer.value;
  return out << "Finish to rank " << envelope.peer.value;
}

}  // namespace rhosweep::sched
