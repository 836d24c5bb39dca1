#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/store/cell_map.hpp"
#include "rhosweep/store/description.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace rhosweep::store {

class ResultsFile;
class ResultsReader;

/// Consecutive trials of a stream that one file holds and another has a place for.
struct MatchedCells {
  model::Block block;  ///< their place in the other file
  model::BlockResult result;
  std::vector<std::uint64_t> checksums;
  CellHistory history;
};

/// Calls visit(cells) for everything in a file that is done, diverged or failed, is as its checksum says, and
/// has a place in another file by the map; reads a few MiB at a time.
/// @return cells of the file that are not as their checksums say
std::int64_t for_each_match(const ResultsReader& from, const CellMap& map,
                            const std::function<void(const MatchedCells&)>& visit);

/// Takes the finished cells of a file out of those wanted in another one, as copying them would.
/// @return how many there are
std::int64_t count_matches(const ResultsReader& from, const CellMap& map, model::CellSet& wanted);

/// What to do with cells whose trials failed.
enum class FailedCells {
  leave,  ///< they are to be run again
  copy    ///< but stay wanted: another file may have finished them
};

/// A finished cell that two files hold with different results.
struct Conflict {
  model::Block cell;         ///< one trial, in the file copied to
  std::uint16_t source = 0;  ///< where the results come from that stand there; 0: they were run for it
};

/// What copying the cells of one file did.
struct CopyReport {
  std::int64_t copied = 0;  ///< finished cells
  std::int64_t same = 0;    ///< finished cells that were there already, with the same results
  std::int64_t torn = 0;    ///< cells that are not as their checksums say, hence not copied
  std::int64_t conflicting = 0;
  std::vector<Conflict> conflicts;  ///< the first thousand
};

/// Copies the finished cells of a file, bit for bit, into those wanted in another one, and takes them out of
/// the wanted. Finished cells that are there already are compared, and stay what they are.
/// @param source number of the file, from ResultsFile::add_source
CopyReport copy_cells(const ResultsReader& from, const CellMap& map, ResultsFile& to, std::uint16_t source,
                      model::CellSet& wanted, FailedCells failed);

}  // namespace rhosweep::store
