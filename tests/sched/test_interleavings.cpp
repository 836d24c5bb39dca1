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

/// A sweep in which the next event is drawn at random: some worker finishes the block at the head of its
/// queue, the master reads some worker's next message, or rank 0 finishes its own block. Messages of one pair
/// keep their order, as Transport promises; nothing else does.
class RandomSweep {
 public:
  RandomSweep(std::int64_t blocks, std::int64_t workers, MasterMode mode, std::uint32_t seed)
      : times_run_(blocks, 0),
        orders_(workers + 1),
        reports_(workers + 1),
        finishes_(workers + 1, 0),
        master_(equal_blocks(blocks), workers, mode, [this](const Progress& p) { progress_ = p; }),
        random_(seed) {}

  void run() {
    own_ = master_.take_own();
    deliver(master_.start());
    while (!master_.finished()) step();
  }

  /// How often each block was run.
  const std::vector<int>& times_run() const { return times_run_; }
  /// How many Finish each rank got.
  const std::vector<int>& finishes() const { return finishes_; }
  std::size_t most_held() const { return most_held_; }
  bool order_after_finish() const { return order_after_finish_; }
  bool all_quiet() const {
    for (std::size_t rank = 0; rank < orders_.size(); ++rank)
      if (!orders_[rank].empty() || !reports_[rank].empty()) return false;
    return true;
  }
  const Progress& progress() const { return progress_; }

 private:
  void step() {
    const std::int64_t rank = random_() % orders_.size();
    auto& orders = orders_[rank];
    auto& reports = reports_[rank];
    if (rank == 0) {
      if (!own_) return;
      ++times_run_[own_->value];
      master_.own_done(Tally{.done = 1});
      own_ = master_.take_own();
    } else if (random_() % 2 == 0 && !orders.empty()) {
      ++times_run_[orders.front().value];
      reports.push_back(done_report(rank, orders.front().value));
      orders.pop_front();
    } else if (!reports.empty()) {
      const Envelope report = reports.front();
      reports.pop_front();
      deliver(master_.receive(report));
    }
  }

  void deliver(const Envelopes& sent) {
    for (const auto& [to, message] : sent) {
      if (finishes_[to.value] > 0) order_after_finish_ = true;
      if (const auto* run = std::get_if<Run>(&message)) {
        orders_[to.value].push_back(run->block);
        most_held_ = std::max(most_held_, orders_[to.value].size() + reports_[to.value].size());
      } else {
        ++finishes_[to.value];
        if (!orders_[to.value].empty()) order_after_finish_ = true;
      }
    }
  }

  std::vector<int> times_run_;
  std::vector<std::deque<BlockIndex>> orders_;  ///< by rank
  std::vector<std::deque<Envelope>> reports_;   ///< by rank
  std::vector<int> finishes_;
  std::optional<BlockIndex> own_;
  std::size_t most_held_ = 0;
  bool order_after_finish_ = false;
  Progress progress_;
  Master master_;
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("in any interleaving every block runs once and every worker finishes once, last") {
  const auto mode = GENERATE(MasterMode::working, MasterMode::dedicated);
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    const std::int64_t workers = 1 + seed % 7;
    const std::int64_t blocks = seed % 41;
    RandomSweep sweep(blocks, workers, mode, seed);
    sweep.run();
    std::vector<int> once_per_worker(workers + 1, 1);
    once_per_worker[0] = 0;
    REQUIRE(sweep.times_run() == std::vector<int>(blocks, 1));
    REQUIRE(sweep.finishes() == once_per_worker);
    REQUIRE(sweep.most_held() <= 2);
    REQUIRE(!sweep.order_after_finish());
    REQUIRE(sweep.all_quiet());
    REQUIRE(sweep.progress().blocks == blocks);
    REQUIRE(sweep.progress().tally.done == blocks);
  }
}
