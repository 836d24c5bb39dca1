#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/grid.hpp"

#include <cstdint>
#include <vector>

namespace rhosweep::model {

/// A set of cells of a grid, a bit each: what a resumed sweep, or a shard of one, has to run.
class CellSet {
 public:
  /// No cells.
  explicit CellSet(const Grid& grid);
  /// Every cell.
  static CellSet all(const Grid& grid);

  /// Adds trial `block.first + i` of the block's stream.
  void add(const Block& block, std::int64_t i);
  /// Takes out all trials of a block.
  void remove(const Block& block);
  /// Takes out what the other set, of the same grid, lacks.
  void intersect(const CellSet& other);

  bool contains(const Block& block, std::int64_t i) const;
  /// Whether some trial of the block is in the set.
  bool meets(const Block& block) const;
  /// The longest contiguous parts of the block whose trials are all in the set, in order.
  std::vector<Block> parts(const Block& block) const;
  /// Number of cells in the set.
  std::int64_t size() const;
  /// Number of the block's trials in the set.
  std::int64_t count(const Block& block) const;

  /// The bits, 64 cells a word in the order of the grid, to be sent to other ranks.
  std::vector<std::uint64_t>& words() { return words_; }

 private:
  std::int64_t cell(const Block& block, std::int64_t i) const;
  bool has(std::int64_t cell) const { return (words_[cell / 64] >> (cell % 64) & 1U) != 0; }

  std::int64_t seeds_;
  std::int64_t trials_per_stream_;
  std::vector<std::uint64_t> words_;
};

}  // namespace rhosweep::model
