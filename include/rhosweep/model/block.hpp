#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/grid.hpp"

#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::model {

/// State of a cell, as stored in the results file.
enum class CellStatus : std::uint8_t { pending = 0, done = 1, diverged = 2, failed = 3 };

/// Trials that one rank runs in lockstep: one axes point, one seed, and a contiguous range of the (schedule,
/// ρ) plane. Trial i of the plane has schedule i / |ρ| and ρ index i % |ρ|.
struct Block {
  core::PointIndex point;
  std::int64_t seed = 0;   ///< index into Grid::seeds
  std::int64_t first = 0;  ///< first trial of the plane
  std::int64_t trials = 0;

  bool operator==(const Block&) const = default;
};

/// Cuts the grid into blocks of a given width and numbers them, points of longest predicted time first.
/// Blocks are computed from their index, never listed, so the memory does not grow with their number.
class Partition {
 public:
  /// @param grid whose trials are cut into blocks
  /// @param width trials per block, at least 1; the last block of every stream may be narrower
  /// @param point_costs predicted cost of a full-width block at each axes point, in any unit
  Partition(const Grid& grid, std::int64_t width, std::span<const double> point_costs);

  std::int64_t blocks() const;
  Block operator[](core::BlockIndex index) const;
  /// In the unit of the point costs.
  double predicted_cost(core::BlockIndex index) const;

  std::int64_t width() const { return width_; }

 private:
  std::int64_t seeds_;
  std::int64_t trials_per_stream_;
  std::int64_t width_;
  std::int64_t blocks_per_stream_ = 0;
  std::vector<core::PointIndex> order_;  ///< points, longest first
  std::vector<double> costs_;            ///< by point
};

/// The trials per block, in multiples of `tile`, at most `widest`, that give every rank several blocks;
/// `tile` if there are too few trials for that. Results never depend on it. @pre ranks, tile, widest ≥ 1
std::int64_t block_width(const Grid& grid, std::int64_t ranks, std::int64_t tile, std::int64_t widest);

/// What a block's trials gave.
struct BlockResult {
  std::vector<CellStatus> status;           ///< (trials)
  std::vector<std::int64_t> diverged_step;  ///< (trials): step of the check that saw it, −1 if none
  std::vector<double> final;                ///< (metrics, trials): at the last step
  std::vector<double> curve;                ///< (metrics, trials, evaluations)
  double seconds = 0.0;                     ///< wall time of the block
  std::string failure;                      ///< why trials failed; empty if none did
  std::int32_t attempts = 1;                ///< how often the trials were started

  BlockResult() = default;
  /// Of the given shape, everything pending.
  BlockResult(std::int64_t trials, std::int64_t metrics, std::int64_t evaluations);

  std::int64_t trials() const { return std::ssize(status); }
  /// @pre at least one trial
  std::int64_t metrics() const { return std::ssize(final) / trials(); }
  /// @pre at least one trial and one metric
  std::int64_t evaluations() const { return std::ssize(curve) / std::ssize(final); }

  /// The results of some consecutive trials, with their share of the time.
  BlockResult part(std::int64_t first, std::int64_t count) const;
};

/// The results of several blocks as those of one, in their order; what is one for all trials of a block is
/// the last failure, the most attempts and the sum of the times. @pre not empty, the same metrics and
/// evaluations
BlockResult joined(const std::vector<BlockResult>& parts);

/// Whether two results have the same states, steps and metrics, bit by bit.
bool same_bits(const BlockResult& a, const BlockResult& b);

/// Checksum of every cell's payload: status, diverged_step, then of every metric the final value and the
/// curve.
std::vector<std::uint64_t> checksums(const BlockResult& result);

}  // namespace rhosweep::model
