// Simulates how well a master can serve its ranks. The cases differ in the number of ranks, the duration of
// blocks, whether blocks or ranks are equal, and whether the master computes, too. Compares the simulation
// with real runs.
//   bench_simulate_scaling table RECEIVE SEND LATENCY BETWEEN_YIELDS BLOCKS
//       prints a line of JSON per case; the four costs are in us, and BLOCKS is the number of blocks per rank
// Under mpirun:
//   bench_simulate_scaling real BLOCKS SECONDS SPREAD MODE RECEIVE SEND LATENCY
//       runs blocks that sleep SECONDS on average, the longest SPREAD times as long as the shortest; MODE is
//       working or dedicated. Prints measured and predicted times. Exits with 1 if not every block ran once.
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
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <mpi.h>
#include <sys/prctl.h>

namespace {

using namespace rhosweep;
using namespace rhosweep::sched;
using bench::NoStop;
using bench::now;
using core::BlockIndex;

/// Returns the seconds of every block, longest first; their logarithms are uniform.
std::vector<double> block_seconds(std::int64_t blocks, double mean, double spread) {
  const double range = std::log(spread);
  const double mean_of_exp = range > 0.0 ? std::expm1(range) / range : 1.0;
  const core::RandomStream random(0, core::Purpose::sample);
  std::vector<double> seconds(blocks);
  for (std::int64_t i = 0; i < blocks; ++i)
    seconds[i] = mean * std::exp(range * random.uniform(i, 0)) / mean_of_exp;
  std::sort(seconds.rbegin(), seconds.rend());
  return seconds;
}

/// Returns the best possible time: that of all ranks if they are busy until the end, or the time of the
/// longest block if this is longer.
double ideal(const std::vector<double>& seconds, double speed_of_all_ranks) {
  return std::max(std::accumulate(seconds.begin(), seconds.end(), 0.0) / speed_of_all_ranks, seconds.front());
}

const char* name(MasterMode mode) {
  return mode == MasterMode::working ? "working" : "dedicated";
}

// ---- Simulated

struct Case {
  const char* name;
  double spread;      ///< duration of the longest block divided by that of the shortest
  double slow_share;  ///< share of the ranks that have half the speed of the others
};

void print_table(const DispatchCosts& costs, std::int64_t blocks_per_rank) {
  for (const Case& c : {Case{"equal", 1.0, 0.0}, Case{"uneven", 50.0, 0.0}, Case{"slow", 1.0, 0.1}}) {
    for (const std::int64_t ranks : {10, 100, 1'000, 10'000, 100'000}) {
      const std::int64_t slow_every = c.slow_share > 0.0 ? std::llround(1.0 / c.slow_share) : 0;
      const auto is_slow = [&](core::Rank rank) {
        return slow_every > 0 && rank.value % slow_every == slow_every - 1;
      };
      const double speed = static_cast<double>(ranks) * (1.0 - c.slow_share / 2);
      for (const double mean : {1e-3, 1e-2, 1e-1, 1.0, 60.0, 3600.0}) {
        const std::vector<double> seconds = block_seconds(blocks_per_rank * ranks, mean, c.spread);
        for (const MasterMode mode : {MasterMode::working, MasterMode::dedicated}) {
          const Simulation result = simulate(
              equal_blocks(std::ssize(seconds)), ranks, mode,
              [&](BlockIndex block, core::Rank rank) {
                return seconds[block.value] * (is_slow(rank) ? 2 : 1);
              },
              costs);
          std::printf(
              "{\"case\": \"%s\", \"master\": \"%s\", \"ranks\": %lld, \"block_s\": %g, \"makespan_s\": "
              "%.6g, \"over_ideal\": %.5f, \"utilisation\": %.5f, \"master_share\": %.5f, "
              "\"longest_wait_s\": "
              "%.3g}\n",
              c.name, name(mode), static_cast<long long>(ranks), mean, result.makespan,
              result.makespan / ideal(seconds, speed), result.utilisation(ranks),
              result.master_seconds / result.makespan, result.longest_wait);
          std::fflush(stdout);
        }
      }
    }
  }
}

// ---- Real

void sleep_until(double time) {
  std::this_thread::sleep_until(std::chrono::steady_clock::time_point(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(time))));
}

/// Sleeps for this many seconds, and calls `yield` after each slice.
void sleep(double seconds, double slice, const model::Yield& yield) {
  const double start = now();
  for (double passed = slice; passed < seconds; passed += slice) {
    sleep_until(start + passed);
    yield();
  }
  sleep_until(start + seconds);
}

/// Returns by how many seconds a sleep is too long on average while all ranks sleep.
double measure_oversleep(double seconds) {
  constexpr int times = 20;
  MPI_Barrier(MPI_COMM_WORLD);
  const double start = now();
  for (int i = 0; i < times; ++i) sleep(seconds, seconds, [] { return true; });
  double mean = (now() - start) / times - seconds;
  MPI_Allreduce(MPI_IN_PLACE, &mean, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  int ranks = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  return mean / ranks;
}

/// Runs blocks that sleep and prints measured and predicted times. Returns whether every block ran once.
bool run_for_real(const mpi::World& world, std::int64_t blocks, double mean, double spread, MasterMode mode,
                  DispatchCosts costs) {
  prctl(PR_SET_TIMERSLACK, 1UL);
  const std::vector<double> seconds = block_seconds(blocks, mean, spread);
  costs.between_yields = 1e-3;
  costs.per_block = measure_oversleep(mean);
  std::vector<int> times_run(blocks, 0);
  const RunBlock run = [&](BlockIndex block, const model::Yield& yield) {
    ++times_run[block.value];
    sleep(seconds[block.value], world.is_root() ? costs.between_yields : seconds[block.value], yield);
    return done_result();
  };
  const WriteBlock write = [](BlockIndex, const model::BlockResult&) {};
  mpi::MpiTransport transport(world);
  NoStop stop;
  MPI_Barrier(MPI_COMM_WORLD);
  const double start = now();
  if (world.is_root()) {
    Master master(equal_blocks(blocks), world.size() - 1, mode, [](const Progress&, BlockIndex) {});
    run_master(transport, master, run, write, stop);
  } else {
    run_worker(transport, run, write, stop);
  }
  const double measured = now() - start;
  MPI_Allreduce(MPI_IN_PLACE, times_run.data(), static_cast<int>(blocks), MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  const bool is_right = std::all_of(times_run.begin(), times_run.end(), [](int n) { return n == 1; });
  if (!world.is_root()) return is_right;
  const double predicted = simulate(
                               equal_blocks(blocks), world.size(), mode,
                               [&](BlockIndex block, core::Rank) { return seconds[block.value]; }, costs)
                               .makespan;
  std::printf(
      "{\"ranks\": %lld, \"master\": \"%s\", \"blocks\": %lld, \"block_s\": %g, \"spread\": %g, "
      "\"oversleep_us\": %.1f, \"measured_s\": %.5f, \"predicted_s\": %.5f, \"ideal_s\": %.5f, \"error\": "
      "%.4f, \"every_block_once\": %s}\n",
      static_cast<long long>(world.size()), name(mode), static_cast<long long>(blocks), mean, spread,
      1e6 * costs.per_block, measured, predicted, ideal(seconds, static_cast<double>(world.size())),
      predicted / measured - 1.0, is_right ? "true" : "false");
  return is_right;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto number = [&](std::size_t i) { return std::stod(words.at(i)); };
  if (words.size() == 6 && words[0] == "table") {
    print_table({.receive = 1e-6 * number(1),
                 .send = 1e-6 * number(2),
                 .latency = 1e-6 * number(3),
                 .between_yields = 1e-6 * number(4)},
                std::stoll(words[5]));
    return 0;
  }
  if (words.size() != 8 || words[0] != "real" || (words[4] != "working" && words[4] != "dedicated")) {
    std::fputs(
        "usage: bench_simulate_scaling table RECEIVE SEND LATENCY BETWEEN_YIELDS BLOCKS\n"
        "       bench_simulate_scaling real BLOCKS SECONDS SPREAD working|dedicated RECEIVE SEND LATENCY\n",
        stderr);
    return 2;
  }
  const mpi::Environment environment(argc, argv);
  const mpi::World world;
  const bool is_right =
      run_for_real(world, std::stoll(words[1]), number(2), number(3),
                   words[4] == "working" ? MasterMode::working : MasterMode::dedicated,
                   {.receive = 1e-6 * number(5), .send = 1e-6 * number(6), .latency = 1e-6 * number(7)});
  return is_right ? 0 : 1;
}
