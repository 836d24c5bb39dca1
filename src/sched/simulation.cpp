#include "rhosweep/sched/simulation.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/sched/master.hpp"
#include "rhosweep/sched/run_master.hpp"
#include "rhosweep/sched/stop.hpp"
#include "rhosweep/sched/transport.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <queue>
#include <utility>
#include <variant>
#include <vector>

namespace rhosweep::sched {

namespace {

class NoStop : public Stop {
 public:
  bool requested() override { return false; }
  void request() override {}
  bool overdue() override { return false; }
};

/// The workers as rank 0 sees them. A worker only follows its orders, so its answer to an order and the time
/// of the answer are known as soon as the order is sent.
class SimulatedWorkers : public Transport {
 public:
  SimulatedWorkers(std::int64_t workers, const BlockSeconds& seconds, const DispatchCosts& costs)
      : seconds_(seconds), costs_(costs), free_at_(workers, -1.0) {}

  void send(core::Rank to, const Message& message) override {
    spend(costs_.send);
    double& free_at = free_at_[to.value - 1];
    const double begin = std::max(free_at, clock_ + costs_.latency);
    if (const auto* order = std::get_if<Run>(&message)) {
      if (free_at >= 0.0) result_.longest_wait = std::max(result_.longest_wait, begin - free_at);
      const double seconds = seconds_(order->block, to);
      result_.busy_seconds += seconds;
      free_at = begin + seconds + costs_.per_block;
      answer(free_at, {to, Done{order->block, {.done = 1, .seconds = seconds}}});
    } else {
      core::require(std::holds_alternative<Finish>(message), "an undisturbed master sends Run and Finish");
      answer(begin, {to, Bye{}});
    }
  }

  /// A master that polls again after finding no message has nothing else to do, so the clock advances to the
  /// next message.
  std::optional<Envelope> poll() override {
    if (answers_.empty()) return std::nullopt;
    const double arrival = answers_.top().arrival;
    if (arrival > clock_) {
      if (!std::exchange(waits_, true)) return std::nullopt;
      clock_ = arrival;
    }
    waits_ = false;
    spend(costs_.receive);
    ++result_.messages;
    const Envelope envelope = answers_.top().envelope;
    answers_.pop();
    return envelope;
  }

  /// Simulates a block that rank 0 runs itself.
  void compute(core::BlockIndex block, const model::Yield& yield) {
    const double seconds = seconds_(block, master_rank);
    result_.busy_seconds += seconds;
    ++result_.own_blocks;
    double left = seconds + costs_.per_block;
    while (left > 0.0) {
      double slice = left;
      if (!answers_.empty()) {  // skips yields that would find no message
        const double yields = std::ceil((answers_.top().arrival - clock_) / costs_.between_yields);
        slice = std::min(left, costs_.between_yields * std::max(1.0, yields));
      }
      clock_ += slice;
      left -= slice;
      waits_ = false;
      yield();
    }
    waits_ = false;
  }

  Simulation result() const {
    Simulation result = result_;
    result.makespan = clock_;
    return result;
  }

 private:
  struct Answer {
    double arrival;
    std::int64_t number;  ///< sending order, which decides between messages that arrive at the same time
    Envelope envelope;

    bool operator>(const Answer& other) const {
      return arrival != other.arrival ? arrival > other.arrival : number > other.number;
    }
  };

  void answer(double sent, const Envelope& envelope) {
    answers_.push({sent + costs_.latency, answers_so_far_++, envelope});
  }

  void spend(double seconds) {
    clock_ += seconds;
    result_.master_seconds += seconds;
  }

  const BlockSeconds& seconds_;
  DispatchCosts costs_;
  double clock_ = 0.0;
  /// For each worker, the time at which all its orders so far are done; negative before the first order.
  std::vector<double> free_at_;
  std::priority_queue<Answer, std::vector<Answer>, std::greater<>> answers_;
  std::int64_t answers_so_far_ = 0;
  bool waits_ = false;
  Simulation result_;
};

}  // namespace

Simulation simulate(BlockSource blocks, std::int64_t ranks, MasterMode mode, const BlockSeconds& seconds,
                    const DispatchCosts& costs) {
  core::require(ranks >= 1, "a sweep has at least one rank");
  SimulatedWorkers workers(ranks - 1, seconds, costs);
  Master master(std::move(blocks), ranks - 1, choose_master_mode(mode, ranks),
                [](const Progress&, core::BlockIndex) {});
  const RunBlock run = [&](core::BlockIndex block, const model::Yield& yield) {
    workers.compute(block, yield);
    model::BlockResult result(1, 1, 1);
    result.status = {model::CellStatus::done};
    return result;
  };
  NoStop stop;
  run_master(
      workers, master, run, [](core::BlockIndex, const model::BlockResult&) {}, stop);
  return workers.result();
}

}  // namespace rhosweep::sched
