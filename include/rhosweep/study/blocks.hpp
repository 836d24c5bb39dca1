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

/// The blocks of a study that have cells to run, and which of their cells these are.
class BlocksToRun {
 public:
  /// @param study only read here
  /// @param ranks that share the blocks
  /// @param to_run the cells, which must outlive this
  BlocksToRun(const Study& study, std::int64_t ranks, const model::CellSet& to_run);
  BlocksToRun(const Study& study, std::int64_t ranks, model::CellSet&& to_run) = delete;

  /// The blocks, also those of which nothing is to be run.
  const model::Partition& partition() const& { return blocks_; }
  model::Partition partition() && { return std::move(blocks_); }
  /// Whether every cell of the study is to be run.
  bool are_all() const { return is_all_; }
  /// Number of cells to run.
  std::int64_t trials() const { return trials_; }
  /// The blocks to be handed out; this must outlive them.
  sched::BlockSource source() const;
  /// The contiguous parts of a block that are to be run, in order.
  std::vector<model::Block> parts(core::BlockIndex index) const;
  /// Predicted cost of these parts, in the unit of the partition.
  double predicted_cost(core::BlockIndex index) const;

 private:
  model::Partition blocks_;
  const model::CellSet& to_run_;
  std::int64_t trials_;
  bool is_all_;  ///< whether every cell is to be run
};

/// The widths of blocks that suit every axes point of a study.
model::BlockWidths block_widths(const Study& study);

/// Cuts a study's grid into blocks for a number of ranks: as wide as its trials like, narrow enough that
/// nobody idles.
model::Partition partition(const Study& study, std::int64_t ranks);

/// Predicted cost of some cells of a study, in floating-point operations.
double cost_of(const Study& study, const model::CellSet& cells);

/// The cells of a shard of a study: the same for any number of ranks.
model::CellSet shard_cells(const Study& study, const model::Shard& shard);

/// Bytes that a rank needs for the iterates of its block.
std::int64_t block_bytes(const Study& study, std::int64_t width);

}  // namespace rhosweep::study
