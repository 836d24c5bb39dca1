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

/// Consecutive trials of a stream, read from one file, with their place in another file.
struct MatchedCells {
  model::Block block;  ///< their place in the other file
  model::BlockResult result;
  std::vector<std::uint64_t> checksums;
  CellHistory history;
};

/// Calls visit(cells) for all cells of `from` that are done, diverged or failed, match their checksum, and
/// have a place in the other file according to the map. Reads a few MiB at a time.
/// @return number of finished cells that fail their checksum, at axes points that the other file has
std::int64_t for_each_match(const ResultsReader& from, const CellMap& map,
                            const std::function<void(const MatchedCells&)>& visit);

/// Removes from `wanted` the cells that copy_cells would copy from this file.
/// @return the number of cells removed
std::int64_t count_matches(const ResultsReader& from, const CellMap& map, model::CellSet& wanted);

/// What to do with cells whose trials failed.
enum class FailedCells {
  leave,  ///< they will be run again
  copy    ///< copy them, but keep them in `wanted`: another file may have finished them
};

/// A finished cell for which two files hold different results.
struct Conflict {
  model::Block cell;         ///< one trial, in the file copied to
  std::uint16_t source = 0;  ///< number of the file that the existing result came from; 0: computed
};

/// Counts what happened to the cells of one file.
struct CopyCounts {
  std::int64_t copied = 0;   ///< finished cells
  std::int64_t same = 0;     ///< finished cells that were already there with the same results
  std::int64_t damaged = 0;  ///< cells that fail their checksum and are therefore not copied
  std::int64_t conflicting = 0;
  std::vector<Conflict> conflicts;  ///< the first thousand
};

/// Copies the finished cells of a file, bit for bit, to the wanted cells of another file, and removes them
/// from `wanted`. A cell that is already finished in `to` is compared and left unchanged.
/// @param source number of the file, from ResultsFile::add_source
CopyCounts copy_cells(const ResultsReader& from, const CellMap& map, ResultsFile& to, std::uint16_t source,
                      model::CellSet& wanted, FailedCells failed);

}  // namespace rhosweep::store
