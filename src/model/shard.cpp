#include "rhosweep/model/shard.hpp"

#include "rhosweep/core/error.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <numeric>
#include <tuple>

#include <fmt/format.h>

namespace rhosweep::model {

namespace {

/// Limits the number of shards, so that its product with the number of seeds does not overflow.
constexpr std::int64_t most_shards = 1'000'000;

/// A place in the grid. Places are ordered by seed, then axes point, then trial.
struct Place {
  std::int64_t seed = 0;
  std::int64_t point = 0;
  std::int64_t trial = 0;

  bool operator<(const Place& other) const {
    return std::tie(seed, point, trial) < std::tie(other.seed, other.point, other.trial);
  }
};

/// Returns the place at which shard k ends and shard k + 1 begins. Shards are numbered from 1.
Place boundary(const Grid& grid, std::int64_t k, std::int64_t shards, std::int64_t tile,
               std::span<const double> costs) {
  const std::int64_t seeds = std::ssize(grid.seeds);
  const std::int64_t per_seed = grid.trials_per_seed();
  Place place{.seed = seeds * k / shards};
  // The boundary lies within the seed with index place.seed, after this share of its work.
  const auto share = static_cast<double>(seeds * k % shards) / static_cast<double>(shards);
  double left = share * std::accumulate(costs.begin(), costs.end(), 0.0);
  while (left > 0.0 && place.point < std::ssize(costs)) {
    const double cost = costs[place.point];
    if (left < cost) {
      const double tiles = left / cost * static_cast<double>(per_seed) / static_cast<double>(tile);
      place.trial = std::min<std::int64_t>(per_seed, std::llround(tiles) * tile);
      break;
    }
    left -= cost;
    ++place.point;
  }
  return place;
}

std::optional<std::int64_t> parse_count(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  return is_number && number >= 1 && number <= most_shards ? std::optional(number) : std::nullopt;
}

}  // namespace

std::optional<Shard> Shard::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto index = parse_count(text.substr(0, slash));
  const auto count = parse_count(text.substr(slash + 1));
  if (!index || !count || *index > *count) return std::nullopt;
  return Shard{.index = *index, .count = *count};
}

std::string Shard::text() const {
  return fmt::format("{}/{}", index, count);
}

CellSet cells_of_shard(const Grid& grid, const Shard& shard, std::int64_t tile,
                       std::span<const double> trial_costs) {
  core::require(tile >= 1, "a tile has at least one trial");
  core::require(std::ssize(trial_costs) == grid.axes_points(), "one cost per axes point");
  const Place begin = boundary(grid, shard.index - 1, shard.count, tile, trial_costs);
  const Place end = boundary(grid, shard.index, shard.count, tile, trial_costs);
  const std::int64_t per_seed = grid.trials_per_seed();
  const auto trial_of = [&](const Place& place, std::int64_t seed, std::int64_t point) {
    const Place first{.seed = seed, .point = point};
    const bool is_inside = place.seed == seed && place.point == point;
    return is_inside ? place.trial : first < place ? per_seed : 0;
  };
  CellSet cells(grid);
  for (std::int64_t seed = begin.seed; seed < std::ssize(grid.seeds) && Place{.seed = seed} < end; ++seed) {
    for (std::int64_t point = 0; point < grid.axes_points(); ++point) {
      const std::int64_t last = trial_of(end, seed, point);
      const std::int64_t first = trial_of(begin, seed, point);
      if (first >= last || grid.is_excluded(core::PointIndex{point})) continue;
      const Block block{
          .point = core::PointIndex{point}, .seed = seed, .first = first, .trials = last - first};
      for (std::int64_t i = 0; i < block.trials; ++i)
        if (!grid.is_excluded_trial(first + i)) cells.add(block, i);
    }
  }
  return cells;
}

}  // namespace rhosweep::model
