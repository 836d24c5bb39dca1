#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/model/shard.hpp"
#include "rhosweep/sched/block_source.hpp"
#include "rhosweep/study/study.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace rhosweep::study {

/// The blocks of a study, with the cells of each block that are left to run.
class BlocksToRun {
 public:
  /// @param study the study, which only the constructor reads
  /// @param ranks number of ranks that share the blocks
  /// @param to_run cells to run; must outlive this object
  BlocksToRun(const Study& study, std::int64_t ranks, const model::CellSet& to_run);
  BlocksToRun(const Study& study, std::int64_t ranks, model::CellSet&& to_run) = delete;

  /// All blocks, including those without a cell to run.
  const model::Partition& partition() const& { return blocks_; }
  model::Partition partition() && { return std::move(blocks_); }
  /// Returns whether every cell of the study is to be run.
  bool are_all() const { return is_all_; }
  /// Number of cells to run.
  std::int64_t trials() const { return trials_; }
  /// Returns the blocks that have cells to run, for the master. This object must outlive the result.
  sched::BlockSource source() const;
  /// Returns the trials of a block that are to be run, as maximal contiguous parts in order.
  std::vector<model::Block> parts(core::BlockIndex index) const;
  /// Predicted cost of the parts of a block that are to be run, in the unit of Partition::predicted_cost.
  double predicted_cost(core::BlockIndex index) const;

 private:
  model::Partition blocks_;
  const model::CellSet& to_run_;
  std::int64_t trials_;
  bool is_all_;
};

/// Returns the block widths that all axes points of a study allow.
model::BlockWidths block_widths(const Study& study);

/// Cuts a study's grid into blocks: as wide as its runners prefer, but narrow enough to keep `ranks` ranks
/// busy.
model::Partition partition(const Study& study, std::int64_t ranks);

/// Predicted cost of the given cells in floating-point operations, or in steps if the operations cannot be
/// counted (model::TrialCost::work).
double cost_of(const Study& study, const model::CellSet& cells);

/// Returns the cells of a shard, which do not depend on the number of ranks. Throws core::InputError for a
/// sweep with [search].
model::CellSet shard_cells(const Study& study, const model::Shard& shard);

/// Bytes that a rank needs for the iterates and the mini-batches of a block of `width` trials.
std::int64_t block_bytes(const Study& study, std::int64_t width);

}  // namespace rhosweep::study
