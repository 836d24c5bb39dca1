#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/model/grid.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace rhosweep::model {

/// One of several parts of a sweep, which can be run independently of each other.
struct Shard {
  std::int64_t index = 1;  ///< from 1 to count
  std::int64_t count = 1;

  /// Reads "I/N" with I from 1 to N. Returns nullopt if the text does not have this form.
  static std::optional<Shard> parse(std::string_view text);
  /// Returns "I/N".
  std::string text() const;

  bool operator==(const Shard&) const = default;
};

/// Returns the cells of a shard. Every cell that the grid does not leave out belongs to exactly one shard.
/// The predicted computing time of each of N shards is 1/N of the total, up to the time of one tile. The
/// result depends on the arguments only.
///
/// Shards follow each other in the order of seed, axes point and trial, so most seeds of a shard are
/// complete, with all axes points. If an axes point takes longer than predicted, this affects all shards
/// alike.
/// @param tile number of consecutive trials of an axes point and a seed that stay together; at least 1
/// @param trial_costs predicted time of one trial at each axes point, in any unit; 0 where the grid leaves
/// the point out
CellSet cells_of_shard(const Grid& grid, const Shard& shard, std::int64_t tile,
                       std::span<const double> trial_costs);

}  // namespace rhosweep::model
