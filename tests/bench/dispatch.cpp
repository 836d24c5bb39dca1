// Measures the cost of distributing blocks to ranks. Under mpirun:
//   bench_dispatch empty BLOCKS     all blocks are empty: the master's time per block and per message
//                                   received and sent; with two ranks also a message's latency
//   bench_dispatch working BLOCKS   the master computes, too: the time that workers wait between blocks
// Without mpirun:
//   bench_dispatch makespan         simulates the same master with uneven blocks: with and without the order
//                                   longest first, with and without a next block that a worker already holds
//                                   (one block ahead); prints the times divided by the ideal time
#include "support/blocks.hpp"
#include "undisturbed.hpp"

#include "rhosweep/core/random.hpp"
#include "rhosweep/mpi/environment.hpp"
#include "rhosweep/mpi/mpi_transport.hpp"
#include "rhosweep/mpi/world.hpp"
#include "rhosweep/sched/master.hpp"
#include "rhosweep/sched/run_master.hpp"
#include "rhosweep/sched/run_worker.hpp"
#include "rhosweep/sched/simulation.hpp"
#include "rhosweep/sched/transport.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include <mpi.h>

namespace {

using namespace rhosweep;
using namespace rhosweep::sched;
using bench::NoStop;
using bench::now;
using core::BlockIndex;

/// Returns the median, or 0 if there are no values.
double median(std::vector<double>& values) {
  if (values.empty()) return 0.0;
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Measures the time the master spends on a message. The median excludes disturbances by other processes.
class TimedTransport : public Transport {
 public:
  explicit TimedTransport(Transport& transport) : transport_(transport) {}

  void send(core::Rank to, const Message& message) override {
    const double start = now();
    transport_.send(to, message);
    const double seconds = now() - start;
    sends_.push_back(seconds);
    sent_meanwhile_ += seconds;
  }
  std::optional<Envelope> poll() override {
    const double start = now();
    if (taken_at_ > 0.0) receives_.push_back(start - taken_at_ - sent_meanwhile_);
    auto envelope = transport_.poll();
    taken_at_ = envelope ? start : 0.0;
    sent_meanwhile_ = 0.0;
    return envelope;
  }

  /// Returns the median time from the start of a poll that finds a message to the start of the next poll,
  /// minus the time spent sending.
  double receive_seconds() { return median(receives_); }
  double send_seconds() { return median(sends_); }

 private:
  Transport& transport_;
  std::vector<double> receives_;
  std::vector<double> sends_;
  double taken_at_ = 0.0;  ///< start of the poll that found the current message; 0 if there is none
  double sent_meanwhile_ = 0.0;
};

/// Returns the median latency of a message in seconds: half a round trip. Only the first two ranks measure.
double measure_latency(const mpi::World& world, Transport& transport) {
  constexpr int times = 10'000;
  if (world.rank().value > 1) return 0.0;
  const core::Rank other{1 - world.rank().value};
  const auto wait = [&] {
    while (!transport.poll()) {
    }
  };
  std::vector<double> round_trips;
  for (int i = 0; i < times; ++i) {
    const double start = now();
    if (world.is_root()) transport.send(other, Finish{});
    wait();
    if (!world.is_root()) transport.send(other, Finish{});
    round_trips.push_back(now() - start);
  }
  return median(round_trips) / 2;
}

/// Computes for this many seconds, and calls `yield` after each slice.
void compute(double seconds, double slice, const model::Yield& yield) {
  const double end = now() + seconds;
  for (double next = now() + slice; next < end; next += slice) {
    while (now() < next) {
    }
    yield();
  }
}

/// The times that a worker waited between the end of a block and the start of the next one.
struct Waits {
  double sum = 0.0;
  double longest = 0.0;
  double count = 0.0;
  double since = 0.0;

  void end() {
    if (since == 0.0) return;
    sum += now() - since;
    longest = std::max(longest, now() - since);
    ++count;
  }
};

/// Runs empty blocks or, if `is_working`, blocks of 2 ms on the workers and of 20 ms on the master, with a
/// yield every 0.2 ms.
void measure(const mpi::World& world, bool is_working, std::int64_t blocks) {
  Waits waits;
  std::int64_t own = 0;
  const RunBlock run = [&](BlockIndex, const model::Yield& yield) {
    waits.end();
    ++own;
    if (is_working) compute(world.is_root() ? 20e-3 : 2e-3, 0.2e-3, yield);
    return done_result();
  };
  const WriteBlock write = [&](BlockIndex, const model::BlockResult&) { waits.since = now(); };
  mpi::MpiTransport transport(world);
  const double latency = measure_latency(world, transport);
  TimedTransport timed(transport);
  NoStop stop;
  MPI_Barrier(MPI_COMM_WORLD);
  const double start = now();
  if (world.is_root()) {
    Master master(equal_blocks(blocks), world.size() - 1,
                  is_working ? MasterMode::working : MasterMode::dedicated,
                  [](const Progress&, BlockIndex) {});
    run_master(timed, master, run, write, stop);
  } else {
    run_worker(transport, run, write, stop);
  }
  const double seconds = now() - start;
  double sums[2] = {world.is_root() ? 0.0 : waits.sum, world.is_root() ? 0.0 : waits.count};
  double longest = world.is_root() ? 0.0 : waits.longest;
  MPI_Allreduce(MPI_IN_PLACE, sums, 2, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  MPI_Allreduce(MPI_IN_PLACE, &longest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  if (!world.is_root()) return;
  std::printf(
      "{\"ranks\": %lld, \"blocks\": %lld, \"us_per_block\": %.3f, \"receive_us\": %.3f, \"send_us\": %.3f, "
      "\"latency_us\": %.3f, \"mean_wait_us\": %.2f, \"longest_wait_us\": %.1f, \"by_rank_0\": %lld}\n",
      static_cast<long long>(world.size()), static_cast<long long>(blocks),
      1e6 * seconds / static_cast<double>(blocks), 1e6 * timed.receive_seconds(), 1e6 * timed.send_seconds(),
      1e6 * latency, 1e6 * sums[0] / std::max(1.0, sums[1]), 1e6 * longest, static_cast<long long>(own));
}

/// Returns blocks of one trial each that have these costs.
model::Partition uneven(const std::vector<double>& costs) {
  model::Grid grid;
  std::vector<std::int64_t> numbers(costs.size());
  std::iota(numbers.begin(), numbers.end(), std::int64_t{1});
  grid.axes = {{"sgd.steps", numbers}};
  grid.seeds = {0};
  grid.schedules = {model::Schedule::parse("constant")};
  grid.rhos = {1.0};
  return {grid, 1, costs};
}

/// Returns the time at which the last block ends if a worker gets the answer to a message after `latency`
/// seconds.
double simulate_real(const model::Partition& blocks, const std::vector<double>& cost_of_point,
                     std::int64_t workers, double latency) {
  const auto seconds = [&](BlockIndex block, core::Rank) { return cost_of_point[blocks[block].point.value]; };
  const DispatchCosts costs{.receive = 0.0, .send = 0.0, .latency = latency / 2};
  return simulate(BlockSource(blocks), workers + 1, MasterMode::dedicated, seconds, costs).makespan;
}

/// Returns the same as simulate_real(), but without blocks ahead: a worker requests its next block only when
/// it has finished the previous one.
double simulate_without_ahead(const model::Partition& blocks, const std::vector<double>& cost_of_point,
                              std::int64_t workers, double latency) {
  std::priority_queue<double, std::vector<double>, std::greater<>> free_at;
  for (std::int64_t i = 0; i < workers; ++i) free_at.push(0.0);
  double last = 0.0;
  for (std::int64_t i = 0; i < blocks.blocks(); ++i) {
    const double end = free_at.top() + latency + cost_of_point[blocks[BlockIndex{i}].point.value];
    free_at.pop();
    free_at.push(end);
    last = std::max(last, end);
  }
  return last;
}

void makespan() {
  const core::RandomStream stream(0, core::Purpose::sample);
  for (const std::int64_t workers : {7, 63}) {
    for (const std::int64_t per_worker : {8, 64}) {
      std::vector<double> costs(workers * per_worker);
      for (std::int64_t i = 0; i < std::ssize(costs); ++i)
        costs[i] = 1e-3 * std::exp(4 * stream.uniform(i, 0));  // 1 to 55 ms
      const double sum = std::accumulate(costs.begin(), costs.end(), 0.0);
      const double ideal =
          std::max(sum / static_cast<double>(workers), *std::max_element(costs.begin(), costs.end()));
      const auto longest_first = uneven(costs);
      const auto as_they_come = [&] {
        const std::vector<double> unknown(costs.size(), 1.0);
        return uneven(unknown);
      }();
      for (const double latency : {5e-6, 1e-3}) {
        std::printf(
            "{\"workers\": %lld, \"blocks\": %lld, \"answer_us\": %g, \"longest_first_ahead\": %.4f, "
            "\"longest_first\": %.4f, \"ahead\": %.4f, \"neither\": %.4f}\n",
            static_cast<long long>(workers), static_cast<long long>(costs.size()), 1e6 * latency,
            simulate_real(longest_first, costs, workers, latency) / ideal,
            simulate_without_ahead(longest_first, costs, workers, latency) / ideal,
            simulate_real(as_they_come, costs, workers, latency) / ideal,
            simulate_without_ahead(as_they_come, costs, workers, latency) / ideal);
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "makespan") {
    makespan();
    return 0;
  }
  const std::int64_t blocks = argc > 2 ? std::stoll(argv[2]) : 0;
  if ((what != "empty" && what != "working") || blocks < 1) {
    std::fputs("usage: bench_dispatch empty BLOCKS | working BLOCKS | makespan\n", stderr);
    return 2;
  }
  const mpi::Environment environment(argc, argv);
  const mpi::World world;
  if (world.size() < 2) {
    std::fputs("bench_dispatch: at least two ranks hand out blocks\n", stderr);
    return 2;
  }
  measure(world, what == "working", blocks);
}
