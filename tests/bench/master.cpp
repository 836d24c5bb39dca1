// Measures how long a master takes for a number of blocks. The master is the real state machine, and its
// workers answer immediately.
//     bench_master BLOCKS WORKERS fresh|resumed
#include "rhosweep/sched/master.hpp"

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/sched/block_source.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <numeric>
#include <string>
#include <variant>
#include <vector>

#include <sys/resource.h>

using namespace rhosweep;

namespace {

constexpr std::int64_t width = 32;
constexpr std::int64_t points = 10;

double peak_mib() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

/// Returns a grid with this many blocks of 32 trials. It has 10 axes points; each pair of a seed and an
/// axes point has 10 blocks.
model::Grid grid_of(std::int64_t blocks) {
  model::Grid grid;
  std::vector<std::int64_t> steps(points);
  std::iota(steps.begin(), steps.end(), std::int64_t{1});
  grid.axes = {{"sgd.steps", steps}};
  grid.seeds.resize(blocks / points / 10);
  std::iota(grid.seeds.begin(), grid.seeds.end(), std::int64_t{0});
  for (const char* spec : {"constant", "linear", "cosine", "polynomial(2)"})
    grid.schedules.push_back(model::Schedule::parse(spec));
  grid.rhos.resize(80, 1.0);
  return grid;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: bench_master BLOCKS WORKERS fresh|resumed\n");
    return 2;
  }
  const std::int64_t workers = std::atoll(argv[2]);
  const double before = peak_mib();
  const model::Grid grid = grid_of(std::atoll(argv[1]));
  std::vector<double> costs(points);
  std::iota(costs.begin(), costs.end(), 1.0);
  const model::Partition blocks(grid, width, costs);
  // In a resumed sweep every other cell is still to run, so every block has some cells to run.
  model::CellSet to_run =
      std::string(argv[3]) == "resumed" ? model::CellSet::all(grid) : model::CellSet(model::Grid{});
  const bool resumed = to_run.size() > 0;
  for (std::uint64_t& word : to_run.words()) word &= 0x5555555555555555U;

  const auto start = std::chrono::steady_clock::now();
  sched::Master master(resumed ? sched::BlockSource(blocks, to_run) : sched::BlockSource(blocks), workers,
                       sched::MasterMode::dedicated, [](const sched::Progress&, core::BlockIndex) {});
  std::int64_t done = 0;
  std::vector<sched::Envelope> first = master.start();
  std::deque<sched::Envelope> sent(first.begin(), first.end());
  while (!sent.empty()) {
    const auto [worker, message] = sent.front();
    sent.pop_front();
    sched::Message answer = sched::Bye{};
    if (const auto* run = std::get_if<sched::Run>(&message)) {
      answer = sched::Done{run->block, {.done = width}};
      ++done;
    }
    for (const sched::Envelope& next : master.receive({worker, answer})) sent.push_back(next);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%lld of %lld blocks, %lld workers, %s: %.1f MiB above the empty process, %.0f ns per block\n",
              static_cast<long long>(done), static_cast<long long>(blocks.blocks()),
              static_cast<long long>(workers), argv[3], peak_mib() - before,
              1e9 * seconds / static_cast<double>(done));
  return master.finished() && done == blocks.blocks() ? 0 : 1;
}
