#include "rhosweep/store/copy_cells.hpp"

#include "layout.hpp"

#include "rhosweep/store/results_file.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <algorithm>
#include <string>

namespace rhosweep::store {

using core::PointIndex;
using model::CellStatus;

namespace {

constexpr std::size_t most_conflicts = 1000;

bool is_finished(CellStatus status, StoppedCells stopped) {
  return status == CellStatus::done || status == CellStatus::diverged ||
         (status == CellStatus::stopped && stopped == StoppedCells::copy);
}

/// Some consecutive seeds at an axes point, as stored in a file.
struct Slab {
  std::int64_t first_seed = 0;
  StoredCells cells;
  CellHistory history;
  std::vector<bool> sound;  ///< whether each cell has run and matches its checksum, shape (seeds, trials)
  std::vector<std::string> failures;  ///< why trials failed, shape (seeds of the file); empty if none failed
};

Slab read_slab(const ResultsReader& from, PointIndex point, std::int64_t first_seed, std::int64_t seeds) {
  Slab slab{.first_seed = first_seed,
            .cells = from.read_cells(point, first_seed, seeds),
            .history = from.read_history(point, first_seed, seeds),
            .sound = {},
            .failures = {}};
  if (std::ranges::count(slab.cells.result.status, CellStatus::failed) > 0)
    slab.failures = from.read_failures(point);
  return slab;
}

/// Marks the sound cells and returns the number of damaged ones.
std::int64_t verify_payload(Slab& slab) {
  const std::vector<std::uint64_t> sums = model::checksums(slab.cells.result);
  std::int64_t damaged = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const CellStatus status = slab.cells.result.status[i];
    const bool is_sound = model::has_run(status) && sums[i] == slab.cells.checksums[i];
    // A failed cell is run again anyway, so its checksum does not matter.
    if (!is_sound && model::has_run(status) && status != CellStatus::failed) ++damaged;
    slab.sound.push_back(is_sound);
  }
  return damaged;
}

/// Calls visit for every sequence of sound cells of one seed that are adjacent in the slab's file and in the
/// other file. The seed's first cell is at `start` in the slab. `place` contains the index of each trial in
/// the other file, or none. `target` is the seed's block in the other file; this function sets the block's
/// trials.
void visit_seed(const Slab& slab, std::int64_t start, const std::vector<std::int64_t>& place,
                model::Block target, const std::function<void(const MatchedCells&)>& visit) {
  const std::int64_t trials = std::ssize(place);
  const auto is_wanted = [&](std::int64_t i) { return place[i] != CellMap::none && slab.sound[start + i]; };
  for (std::int64_t i = 0; i < trials;) {
    if (!is_wanted(i)) {
      ++i;
      continue;
    }
    std::int64_t end = i + 1;
    while (end < trials && is_wanted(end) && place[end] == place[end - 1] + 1) ++end;
    target.first = place[i];
    target.trials = end - i;
    MatchedCells matched{
        .block = target,
        .result = slab.cells.result.part(start + i, target.trials),
        .checksums = {slab.cells.checksums.begin() + start + i, slab.cells.checksums.begin() + start + end},
        .history = slab.history.part(start + i, target.trials)};
    const bool some_failed = std::ranges::count(matched.result.status, CellStatus::failed) > 0;
    matched.result.failure = some_failed ? slab.failures[slab.first_seed + start / trials] : "";
    visit(matched);
    i = end;
  }
}

/// Splits the indices 0 … count − 1 into maximal runs of consecutive indices i with the same kind(i), and
/// calls use(first, length, kind) for each run.
template <class Kind, class Use>
void for_each_run(std::int64_t count, const Kind& kind, const Use& use) {
  for (std::int64_t first = 0; first < count;) {
    std::int64_t end = first + 1;
    while (end < count && kind(end) == kind(first)) ++end;
    use(first, end - first, kind(first));
    first = end;
  }
}

model::Block part_of(const model::Block& block, std::int64_t first, std::int64_t count) {
  return {.point = block.point, .seed = block.seed, .first = block.first + first, .trials = count};
}

}  // namespace

std::int64_t for_each_match(const ResultsReader& from, const CellMap& map,
                            const std::function<void(const MatchedCells&)>& visit) {
  const model::Grid& grid = from.description().grid;
  const std::int64_t all_seeds = std::ssize(grid.seeds);
  const std::int64_t per_seed = grid.trials_per_seed();
  const std::int64_t at_once = seeds_per_slab(from.description());
  std::int64_t damaged = 0;
  for (PointIndex point; point.value < grid.axes_points(); ++point) {
    const PointIndex target = map.point(point);
    if (target.value == CellMap::none || grid.is_excluded(point)) continue;
    const std::vector<std::int64_t> place = map.trials(point);
    for (std::int64_t first = 0; first < all_seeds; first += at_once) {
      Slab slab = read_slab(from, point, first, std::min(at_once, all_seeds - first));
      damaged += verify_payload(slab);
      for (std::int64_t s = 0; s * per_seed < std::ssize(slab.sound); ++s) {
        const std::int64_t seed = map.seeds()[first + s];
        if (seed == CellMap::none) continue;
        visit_seed(slab, s * per_seed, place, {.point = target, .seed = seed}, visit);
      }
    }
  }
  return damaged;
}

std::int64_t count_matches(const ResultsReader& from, const CellMap& map, model::CellSet& wanted,
                           StoppedCells stopped) {
  const std::int64_t before = wanted.size();
  for_each_match(from, map, [&](const MatchedCells& matched) {
    for (std::int64_t i = 0; i < matched.block.trials; ++i)
      if (is_finished(matched.result.status[i], stopped)) wanted.remove(part_of(matched.block, i, 1));
  });
  return before - wanted.size();
}

CopyCounts copy_cells(const ResultsReader& from, const CellMap& map, ResultsFile& to, std::uint16_t source,
                      model::CellSet& wanted, FailedCells failed, StoppedCells stopped) {
  CopyCounts counts;
  const auto copy = [&](const MatchedCells& matched, std::int64_t first, std::int64_t count) {
    model::BlockResult result = matched.result.part(first, count);
    to.copy(part_of(matched.block, first, count), result, matched.history.part(first, count), source);
  };
  /// Compares finished cells that are not wanted, because they are already in `to` or belong to another
  /// shard.
  const auto compare = [&](const MatchedCells& matched, std::int64_t first, std::int64_t count) {
    const model::Block block = part_of(matched.block, first, count);
    const StoredStates there = to.read_states(block);
    for (std::int64_t i = 0; i < count; ++i) {
      if (!is_finished(there.status[i], stopped)) continue;
      if (there.checksums[i] == matched.checksums[first + i]) {
        ++counts.same;
      } else if (there.status[i] != CellStatus::stopped &&
                 matched.result.status[first + i] != CellStatus::stopped) {
        ++counts.conflicting;
        if (counts.conflicts.size() < most_conflicts)
          counts.conflicts.push_back({.cell = part_of(block, i, 1), .source = there.sources[i]});
      }
    }
  };
  enum class Kind { copied, compared, failed, left };
  counts.damaged = for_each_match(from, map, [&](const MatchedCells& matched) {
    const auto kind = [&](std::int64_t i) {
      const bool is_wanted = wanted.contains(matched.block, i);
      const CellStatus status = matched.result.status[i];
      if (is_finished(status, stopped)) return is_wanted ? Kind::copied : Kind::compared;
      const bool is_failed = status == CellStatus::failed && failed == FailedCells::copy;
      return is_wanted && is_failed ? Kind::failed : Kind::left;
    };
    for_each_run(matched.block.trials, kind, [&](std::int64_t first, std::int64_t count, Kind of) {
      if (of == Kind::copied || of == Kind::failed) copy(matched, first, count);
      if (of == Kind::compared) compare(matched, first, count);
      if (of != Kind::copied) return;
      counts.copied += count;
      wanted.remove(part_of(matched.block, first, count));
    });
  });
  return counts;
}

}  // namespace rhosweep::store
