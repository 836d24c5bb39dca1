#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/grid.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::model {

/// State of a cell, as stored in the results file. Cells that a search has skipped are not_needed. Cells at
/// axes points that the sweep leaves out are excluded. Trials that [stop_when] has ended early are stopped:
/// their learning curve is known up to the evaluation that stopped them, and their result is unknown.
enum class CellStatus : std::uint8_t {
  pending = 0,
  done = 1,
  diverged = 2,
  failed = 3,
  not_needed = 4,
  excluded = 5,
  stopped = 6
};
/// The names of the states. The index of a name is the value of its state in CellStatus.
inline constexpr std::array<const char*, 7> status_names{"pending",    "done",     "diverged", "failed",
                                                         "not_needed", "excluded", "stopped"};
/// Returns whether a trial with this state has run: it has a result, has been stopped or has failed.
constexpr bool has_run(CellStatus status) {
  return status != CellStatus::pending && status != CellStatus::not_needed && status != CellStatus::excluded;
}
/// Returns the name of a state; "pending" for an invalid value, which a damaged file may have.
constexpr const char* name_of(CellStatus status) {
  const auto value = static_cast<std::size_t>(status);
  return value < status_names.size() ? status_names[value] : status_names.front();
}

/// Number of cells in each state.
struct StatusCounts : std::array<std::int64_t, status_names.size()> {
  using array::operator[];
  constexpr std::int64_t& operator[](CellStatus status) { return (*this)[static_cast<std::size_t>(status)]; }
  constexpr std::int64_t operator[](CellStatus status) const {
    return (*this)[static_cast<std::size_t>(status)];
  }
};

/// Trials that one rank runs in lockstep: one axes point, one seed, and a contiguous range of the (schedule,
/// ρ) plane. With n values of ρ, trial i of the plane has schedule i / n and ρ index i % n.
struct Block {
  core::PointIndex point;
  std::int64_t seed = 0;   ///< index into Grid::seeds
  std::int64_t first = 0;  ///< index of the first trial in the plane
  std::int64_t trials = 0;

  bool operator==(const Block&) const = default;
};

/// Cuts the grid into blocks of a given width and numbers them, beginning with the axes points whose trials
/// take longest. A block is computed from its index, so memory does not grow with the number of blocks.
class Partition {
 public:
  /// @param grid the grid, which only the constructor reads
  /// @param width trials per block, at least 1; the last block of each (axes point, seed) may be narrower
  /// @param point_costs predicted computing time of a full-width block at each axes point, in any unit
  Partition(const Grid& grid, std::int64_t width, std::span<const double> point_costs);

  std::int64_t blocks() const;
  Block operator[](core::BlockIndex index) const;
  /// Predicted computing time of a block, in the unit of the constructor's point_costs.
  double predicted_cost(core::BlockIndex index) const;

  std::int64_t width() const { return width_; }

 private:
  std::int64_t seeds_;
  std::int64_t trials_per_seed_;
  std::int64_t width_;
  std::int64_t blocks_per_seed_ = 0;
  std::vector<core::PointIndex> order_;  ///< axes points, those with the slowest trials first
  std::vector<double> costs_;            ///< predicted time of a full-width block at each axes point
};

/// Returns the number of trials per block: a multiple of `tile`, at most `widest`, such that every rank gets
/// several blocks. Returns `tile` if there are too few trials for several blocks per rank. The width does not
/// affect the results of trials.
/// @pre ranks, tile, widest ≥ 1
std::int64_t block_width(const Grid& grid, std::int64_t ranks, std::int64_t tile, std::int64_t widest);

/// Largest length in bytes of an error message of failed trials, in results files and in messages between
/// ranks.
inline constexpr std::size_t failure_characters = 160;

/// The results of a block's trials.
struct BlockResult {
  std::vector<CellStatus> status;  ///< state of each trial
  /// Step at which divergence was detected, shape (trials); −1 if none was detected.
  std::vector<std::int64_t> diverged_step;
  std::vector<double> final;  ///< metrics at the last step, shape (metrics, trials)
  std::vector<double> curve;  ///< learning curves, shape (metrics, trials, evaluations)
  double seconds = 0.0;       ///< wall time of the block
  std::string failure;        ///< error message of the failed trials; empty if no trial failed
  std::int32_t attempts = 1;  ///< number of times the trials were started

  BlockResult() = default;
  /// Makes a result of the given shape with all trials pending.
  BlockResult(std::int64_t trials, std::int64_t metrics, std::int64_t evaluations);

  std::int64_t trials() const { return std::ssize(status); }
  /// @pre at least one trial
  std::int64_t metrics() const { return std::ssize(final) / trials(); }
  /// @pre at least one trial and one metric
  std::int64_t evaluations() const { return std::ssize(curve) / std::ssize(final); }

  /// Returns the results of `count` consecutive trials, with their share of the block's wall time.
  BlockResult part(std::int64_t first, std::int64_t count) const;
};

/// Joins the results of several blocks in the given order. The joined result has the last failure message,
/// the largest number of attempts and the sum of the times.
/// @pre `parts` is not empty, and all have the same numbers of metrics and evaluations
BlockResult joined(const std::vector<BlockResult>& parts);

/// Returns whether two results have the same states, steps of divergence and metrics, bit by bit.
bool same_bits(const BlockResult& a, const BlockResult& b);

/// Returns the checksum of every cell's payload: status, diverged_step, then the final value and the curve of
/// every metric.
std::vector<std::uint64_t> checksums(const BlockResult& result);

}  // namespace rhosweep::model
