#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/grid.hpp"

#include <cstdint>
#include <vector>

namespace rhosweep::model {

/// A set of cells of a grid, with one bit per cell. It holds, for example, the cells that are left to run.
class CellSet {
 public:
  /// Makes an empty set.
  explicit CellSet(const Grid& grid);
  /// Returns the set of all cells that the sweep does not leave out.
  static CellSet all(const Grid& grid);

  /// Adds trial i of the block.
  void add(const Block& block, std::int64_t i);
  /// Removes all trials of a block.
  void remove(const Block& block);
  /// Removes the cells of the other set. @pre both sets belong to the same grid
  void subtract(const CellSet& other);
  /// Removes the cells that are not in the other set. @pre both sets belong to the same grid
  void intersect(const CellSet& other);

  bool contains(const Block& block, std::int64_t i) const;
  /// Returns whether any trial of the block is in the set.
  bool meets(const Block& block) const;
  /// Splits the trials of the block that are in the set into maximal contiguous parts. Returns them in order.
  std::vector<Block> parts(const Block& block) const;
  /// Number of cells in the set.
  std::int64_t size() const;
  /// Number of the block's trials in the set.
  std::int64_t count(const Block& block) const;

  /// The bits of the set, 64 cells per word in the order of the grid, so that the set can be sent to other
  /// ranks.
  std::vector<std::uint64_t>& words() { return words_; }

 private:
  std::int64_t cell(const Block& block, std::int64_t i) const;
  bool has(std::int64_t cell) const { return (words_[cell / 64] >> (cell % 64) & 1U) != 0; }

  std::int64_t seeds_;
  std::int64_t trials_per_seed_;
  std::vector<std::uint64_t> words_;
};

}  // namespace rhosweep::model
