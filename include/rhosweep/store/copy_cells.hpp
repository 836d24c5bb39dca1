#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/store/cell_map.hpp"
#include "rhosweep/store/stored_cells.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace rhosweep::store {

class ResultsFile;
class ResultsReader;

/// Consecutive trials of one axes point and seed, read from one file, with their place in another file.
struct MatchedCells {
  model::Block block;  ///< the place of the trials in the other file
  model::BlockResult result;
  std::vector<std::uint64_t> checksums;
  CellHistory history;
};

/// Calls visit(cells) for all cells of `from` that have run, match their checksum, and
/// have a place in the other file according to the map. Reads a few MiB at a time.
/// @return number of finished cells that fail their checksum; cells at axes points that the other file lacks
/// do not count
std::int64_t for_each_match(const ResultsReader& from, const CellMap& map,
                            const std::function<void(const MatchedCells&)>& visit);

/// What to do with cells whose trials were stopped early.
enum class StoppedCells {
  leave,  ///< leave them out: their trials will be run again
  copy    ///< copy them like finished cells, because both files have the same section [stop_when]
};

/// Removes from `wanted` the cells that copy_cells() would copy from the file `from`.
/// @return the number of cells removed
std::int64_t count_matches(const ResultsReader& from, const CellMap& map, model::CellSet& wanted,
                           StoppedCells stopped = StoppedCells::leave);

/// What to do with cells whose trials failed.
enum class FailedCells {
  leave,  ///< do not copy failed cells, so that they are run again
  copy    ///< copy failed cells, but keep them in `wanted`: another file may hold their results
};

/// A finished cell for which two files hold different results. Whether and where a trial is stopped early
/// depends on the other trials of a file, so a stopped trial is in no conflict; survey() compares it with the
/// rule.
struct Conflict {
  model::Block cell;         ///< the cell in the file that receives copies, as a block of one trial
  std::uint16_t source = 0;  ///< number of the file that the existing result was copied from; 0: not copied
};

/// Counts what happened to the cells of one file.
struct CopyCounts {
  std::int64_t copied = 0;   ///< finished cells that were copied
  std::int64_t same = 0;     ///< finished cells that were already there with the same results
  std::int64_t damaged = 0;  ///< cells that fail their checksum and are therefore not copied
  std::int64_t conflicting = 0;
  std::vector<Conflict> conflicts;  ///< the first thousand conflicts
};

/// Copies the finished cells of `from`, bit for bit, to those cells of `to` that are in `wanted`, and removes
/// these finished cells from `wanted`. If a cell is already finished in `to`, compares the results and leaves
/// the cell unchanged.
/// @param source number of the file `from`, as returned by ResultsFile::add_source()
CopyCounts copy_cells(const ResultsReader& from, const CellMap& map, ResultsFile& to, std::uint16_t source,
                      model::CellSet& wanted, FailedCells failed, StoppedCells stopped = StoppedCells::leave);

}  // namespace rhosweep::store
