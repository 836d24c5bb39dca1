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

/// Returns a worker's report that a block of one trial is done.
inline Envelope done_report(std::int64_t rank, std::int64_t block) {
  return {core::Rank{rank}, Done{core::BlockIndex{block}, Tally{.done = 1}}};
}

inline Envelope drain_order(std::int64_t rank) {
  return {core::Rank{rank}, Drain{}};
}

inline Envelope dropped_report(std::int64_t rank, std::int64_t block) {
  return {core::Rank{rank}, Dropped{core::BlockIndex{block}}};
}

/// Returns a worker's last message, with which it leaves.
inline Envelope bye(std::int64_t rank) {
  return {core::Rank{rank}, Bye{}};
}

using Envelopes = std::vector<Envelope>;

/// Prints messages for Catch2.
struct Describe {
  std::ostream& out;

  void operator()(const Run& run) const { out << "Run " << run.block.value; }
  void operator()(const Drain&) const { out << "Drain"; }
  void operator()(const Finish&) const { out << "Finish"; }
  void operator()(const Failed& failed) const { out << "Failed " << failed.block.value << failed.reason(); }
  void operator()(const Done& done) const { out << "Done " << done.block.value; }
  void operator()(const Dropped& dropped) const { out << "Dropped " << dropped.block.value; }
  void operator()(const Bye&) const { out << "Bye"; }
};

inline std::ostream& operator<<(std::ostream& out, const Envelope& envelope) {
  std::visit(Describe{out}, envelope.message);
  return out << " to or from rank " << envelope.peer.value;
}

}  // namespace rhosweep::sched
