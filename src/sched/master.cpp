#include "rhosweep/sched/master.hpp"

#include "rhosweep/core/error.hpp"

#include <utility>

namespace rhosweep::sched {

Master::Master(BlockSource blocks, std::int64_t workers, MasterMode mode, Observer observer,
               Admission admission)
    : blocks_(std::move(blocks)),
      workers_(workers),
      mode_(mode),
      observer_(std::move(observer)),
      admission_(std::move(admission)) {}

std::vector<Envelope> Master::start() {
  // Every worker gets a block before any worker gets a second one.
  std::vector<Envelope> out;
  const auto last = std::ssize(workers_);
  for (core::Rank rank{1}; rank.value <= last; ++rank) fill_hand(rank, out);
  for (core::Rank rank{1}; rank.value <= last; ++rank) fill_ahead(rank, out);
  return out;
}

std::vector<Envelope> Master::receive(const Envelope& envelope) {
  const core::Rank rank = envelope.peer;
  core::require(!worker(rank).gone, "nothing comes from a worker after its Bye");
  if (std::holds_alternative<Drain>(envelope.message)) return drain();
  if (std::holds_alternative<Bye>(envelope.message)) {
    core::require(worker(rank).finished, "a worker leaves after Finish only");
    worker(rank).gone = true;
    ++gone_;
    return {};
  }
  if (const auto* done = std::get_if<Done>(&envelope.message)) {
    let_go(rank, done->block);
    count(done->block, done->tally);
  } else {
    const auto* dropped = std::get_if<Dropped>(&envelope.message);
    core::require(dropped != nullptr, "workers send only Done, Dropped, Drain and Bye");
    core::require(draining_, "a worker drops a block only while draining");
    let_go(rank, dropped->block);
  }
  std::vector<Envelope> out;
  fill_hand(rank, out);
  fill_ahead(rank, out);
  return out;
}

std::vector<Envelope> Master::drain() {
  std::vector<Envelope> out;
  if (std::exchange(draining_, true)) return out;
  for (core::Rank rank{1}; rank.value <= std::ssize(workers_); ++rank)
    if (!worker(rank).finished) out.push_back({rank, Drain{}});
  return out;
}

std::optional<core::BlockIndex> Master::take_own() {
  core::require(!own_, "rank 0 takes one block at a time");
  if (mode_ == MasterMode::working) own_ = next_block();
  return own_;
}

void Master::own_done(const Tally& tally) {
  core::require(own_.has_value(), "rank 0 finishes the block that it has taken");
  const core::BlockIndex block = *std::exchange(own_, std::nullopt);
  count(block, tally);
}

void Master::own_dropped() {
  core::require(own_.has_value() && draining_, "rank 0 drops the block that it has taken, while draining");
  own_.reset();
}

bool Master::finished() const {
  return !own_ && gone_ == std::ssize(workers_);
}

std::optional<core::BlockIndex> Master::next_block() {
  if (draining_) return std::nullopt;
  while (const auto block = blocks_.next())
    if (admission_(*block)) return block;
  return std::nullopt;
}

/// Records that the worker has ended its current block. The block that was sent ahead, if any, becomes the
/// current one.
void Master::let_go(core::Rank rank, core::BlockIndex block) {
  Worker& w = worker(rank);
  core::require(w.in_hand == block, "a worker finishes the block that it has in hand");
  w.in_hand = std::exchange(w.ahead, std::nullopt);
}

void Master::fill_hand(core::Rank rank, std::vector<Envelope>& out) {
  Worker& w = worker(rank);
  if (w.in_hand || w.finished) return;
  w.in_hand = next_block();
  w.finished = !w.in_hand;
  if (w.finished)
    out.push_back({rank, Finish{}});
  else
    out.push_back({rank, Run{*w.in_hand}});
}

void Master::fill_ahead(core::Rank rank, std::vector<Envelope>& out) {
  Worker& w = worker(rank);
  if (w.finished || w.ahead) return;
  // Near the end, blocks stay with the master, so that any idle rank can start them.
  const std::int64_t working_ranks = std::ssize(workers_) + (mode_ == MasterMode::working ? 1 : 0);
  if (blocks_.remaining() <= working_ranks) return;
  w.ahead = next_block();
  if (w.ahead) out.push_back({rank, Run{*w.ahead}});
}

void Master::count(core::BlockIndex block, const Tally& tally) {
  ++progress_.blocks;
  progress_.tally += tally;
  observer_(progress_, block);
}

Master::Worker& Master::worker(core::Rank rank) {
  core::require(rank.value >= 1 && rank.value <= std::ssize(workers_), "workers are the ranks from 1");
  return workers_[rank.value - 1];
}

}  // namespace rhosweep::sched
