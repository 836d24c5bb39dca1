#include "rhosweep/sched/master.hpp"

#include "rhosweep/core/error.hpp"

#include <algorithm>
#include <utility>

namespace rhosweep::sched {

Master::Master(BlockSource blocks, std::int64_t workers, MasterMode mode, Observer observer)
    : blocks_(blocks), workers_(workers), mode_(mode), observer_(std::move(observer)) {}

std::vector<Envelope> Master::start() {
  // Everybody gets a block before anybody gets a second one.
  std::vector<Envelope> out;
  const auto last = std::ssize(workers_);
  for (core::Rank rank{1}; rank.value <= last; ++rank) fill_hand(rank, out);
  for (core::Rank rank{1}; rank.value <= last; ++rank) fill_ahead(rank, out);
  return out;
}

std::vector<Envelope> Master::receive(const Envelope& envelope) {
  const core::Rank rank = envelope.peer;
  const auto* done = std::get_if<Done>(&envelope.message);
  core::require(done != nullptr, "workers say nothing but Done");
  core::require(worker(rank).in_hand == done->block, "a worker finishes the block that it has in hand");

  worker(rank).in_hand = std::exchange(worker(rank).ahead, std::nullopt);
  count(done->tally);
  std::vector<Envelope> out;
  fill_hand(rank, out);
  fill_ahead(rank, out);
  return out;
}

std::optional<core::BlockIndex> Master::take_own() {
  core::require(!own_, "rank 0 takes one block at a time");
  if (mode_ == MasterMode::working) own_ = blocks_.next();
  return own_;
}

void Master::own_done(const Tally& tally) {
  core::require(own_.has_value(), "rank 0 finishes the block that it has taken");
  own_.reset();
  count(tally);
}

bool Master::finished() const {
  return !own_ && std::all_of(workers_.begin(), workers_.end(), [](const Worker& w) { return w.finished; });
}

void Master::fill_hand(core::Rank rank, std::vector<Envelope>& out) {
  Worker& w = worker(rank);
  if (w.in_hand) return;
  w.in_hand = blocks_.next();
  w.finished = !w.in_hand;
  if (w.finished)
    out.push_back({rank, Finish{}});
  else
    out.push_back({rank, Run{*w.in_hand}});
}

void Master::fill_ahead(core::Rank rank, std::vector<Envelope>& out) {
  Worker& w = worker(rank);
  if (w.finished || w.ahead) return;
  // Near the end nobody sits on a block that another rank could start.
  const std::int64_t working_ranks = std::ssize(workers_) + (mode_ == MasterMode::working ? 1 : 0);
  if (blocks_.remaining() <= working_ranks) return;
  w.ahead = blocks_.next();
  out.push_back({rank, Run{*w.ahead}});
}

void Master::count(const Tally& tally) {
  ++progress_.blocks;
  progress_.tally += tally;
  observer_(progress_);
}

Master::Worker& Master::worker(core::Rank rank) {
  core::require(rank.value >= 1 && rank.value <= std::ssize(workers_), "workers are the ranks from 1");
  return workers_[rank.value - 1];
}

}  // namespace rhosweep::sched
