#include "sched/envelopes.hpp"
#include "support/blocks.hpp"

#include "rhosweep/sched/master.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep::sched;
using rhosweep::core::BlockIndex;
using rhosweep::core::Rank;

namespace {

/// Simulates a sweep in which the next event is drawn at random: a worker handles the message at the head of
/// its queue, the master reads a worker's next message, rank 0 finishes its own block, or, if `may_drain`,
/// some rank asks to drain the sweep, that is, to end it early. Messages between the same two ranks keep
/// their order, as Transport guarantees; no other order is guaranteed.
class RandomSweep {
 public:
  RandomSweep(std::int64_t blocks, std::int64_t workers, MasterMode mode, bool may_drain, std::uint32_t seed)
      : times_run_(blocks, 0),
        to_worker_(workers + 1),
        to_master_(workers + 1),
        stopping_(workers + 1, false),
        may_drain_(may_drain),
        last_words_(workers + 1, 0),
        master_(equal_blocks(blocks), workers, mode,
                [this](const Progress& p, BlockIndex) { progress_ = p; }),
        random_(seed) {}

  void run() {
    own_ = master_.take_own();
    deliver(master_.start());
    while (!master_.finished()) step();
  }

  /// Returns how often each block was run.
  const std::vector<int>& times_run() const { return times_run_; }
  /// Returns how many Bye messages each rank has sent.
  const std::vector<int>& last_words() const { return last_words_; }
  std::size_t most_held() const { return most_held_; }
  bool drained() const { return master_.draining(); }
  /// Returns whether a message was sent to or by a rank after its Bye.
  bool spoke_after_bye() const { return spoke_after_bye_; }
  bool all_quiet() const {
    for (std::size_t rank = 0; rank < to_worker_.size(); ++rank)
      if (!to_worker_[rank].empty() || !to_master_[rank].empty()) return false;
    return true;
  }
  const Progress& progress() const { return progress_; }

 private:
  void step() {
    const std::int64_t rank = random_() % to_worker_.size();
    if (may_drain_ && random_() % 50 == 0) return ask_to_stop(rank);
    if (rank == 0) return end_own();
    if (random_() % 2 == 0) return act(rank);
    if (to_master_[rank].empty()) return;
    const Envelope report = to_master_[rank].front();
    to_master_[rank].pop_front();
    deliver(master_.receive(report));
  }

  void ask_to_stop(std::int64_t rank) {
    if (rank == 0) return deliver(master_.drain());
    if (last_words_[rank] > 0 || stopping_[rank]) return;
    stopping_[rank] = true;
    say(rank, Drain{});
  }

  void end_own() {
    if (!own_) return;
    if (master_.draining() && random_() % 2 == 0) {
      master_.own_dropped();
    } else {
      ++times_run_[own_->value];
      master_.own_done(Tally{.done = 1});
    }
    own_ = master_.take_own();
  }

  /// A worker takes the message at the head of its queue.
  void act(std::int64_t rank) {
    if (to_worker_[rank].empty()) return;
    const Message message = to_worker_[rank].front();
    to_worker_[rank].pop_front();
    if (const auto* run = std::get_if<Run>(&message)) {
      if (stopping_[rank] && random_() % 2 == 0) return say(rank, Dropped{run->block});
      ++times_run_[run->block.value];
      say(rank, Done{run->block, Tally{.done = 1}});
    } else if (std::holds_alternative<Drain>(message)) {
      stopping_[rank] = true;
    } else {
      say(rank, Bye{});
      ++last_words_[rank];
    }
  }

  void say(std::int64_t rank, const Message& message) {
    if (last_words_[rank] > 0) spoke_after_bye_ = true;
    to_master_[rank].push_back({Rank{rank}, message});
  }

  void deliver(const Envelopes& sent) {
    for (const auto& [to, message] : sent) {
      if (last_words_[to.value] > 0) spoke_after_bye_ = true;
      to_worker_[to.value].push_back(message);
      const auto is_run = [](const Message& m) { return std::holds_alternative<Run>(m); };
      const auto& queue = to_worker_[to.value];
      const auto held = static_cast<std::size_t>(std::count_if(queue.begin(), queue.end(), is_run));
      most_held_ = std::max(most_held_, held);
    }
  }

  std::vector<int> times_run_;
  std::vector<std::deque<Message>> to_worker_;   ///< by rank
  std::vector<std::deque<Envelope>> to_master_;  ///< by rank
  std::vector<bool> stopping_;                   ///< by rank
  bool may_drain_;
  std::vector<int> last_words_;
  std::optional<BlockIndex> own_;
  std::size_t most_held_ = 0;
  bool spoke_after_bye_ = false;
  Progress progress_;
  Master master_;
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("in any interleaving every block runs once and every worker leaves once, last") {
  const auto mode = GENERATE(MasterMode::working, MasterMode::dedicated);
  const auto may_drain = GENERATE(false, true);
  int drained = 0;
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed, may_drain);
    const std::int64_t workers = 1 + seed % 7;
    const std::int64_t blocks = seed % 41;
    RandomSweep sweep(blocks, workers, mode, may_drain, seed);
    sweep.run();
    std::vector<int> once_per_worker(workers + 1, 1);
    once_per_worker[0] = 0;
    const auto& times = sweep.times_run();
    if (!sweep.drained()) REQUIRE(times == std::vector<int>(blocks, 1));
    REQUIRE(std::all_of(times.begin(), times.end(), [](int n) { return n <= 1; }));
    REQUIRE(sweep.last_words() == once_per_worker);
    REQUIRE(sweep.most_held() <= 2);
    REQUIRE(!sweep.spoke_after_bye());
    REQUIRE(sweep.all_quiet());
    const std::int64_t run = std::count(times.begin(), times.end(), 1);
    REQUIRE(sweep.progress().blocks == run);
    REQUIRE(sweep.progress().tally.done == run);
    drained += sweep.drained() && run < blocks ? 1 : 0;
  }
  CHECK((drained > 200) == may_drain);  // checks that drains really stop sweeps early
}
