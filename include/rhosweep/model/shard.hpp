#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/model/grid.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace rhosweep::model {

/// One of several parts that a sweep is cut into, to be run apart from each other.
struct Shard {
  std::int64_t index = 1;  ///< from 1 to count
  std::int64_t count = 1;

  /// Reads "I/N" with I from 1 to N; nothing if it is not of that form.
  static std::optional<Shard> parse(std::string_view text);
  /// "I/N"
  std::string text() const;

  bool operator==(const Shard&) const = default;
};

/// The cells of a shard. Together the shards are the grid, no two share a cell, and the predicted cost of
/// each is an N-th of the whole up to that of one tile. A pure function of the arguments.
///
/// Cells are counted seed by seed, so that a shard holds seeds of all axes points: a point that takes longer
/// than predicted then does so for all shards alike.
/// @param tile trials of a stream that stay together; at least 1
/// @param trial_costs predicted cost of one trial at each axes point, in any unit
CellSet cells_of_shard(const Grid& grid, const Shard& shard, std::int64_t tile,
                       std::span<const double> trial_costs);

}  // namespace rhosweep::model
