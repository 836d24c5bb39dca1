#include "rhosweep/model/block.hpp"

#include "rhosweep/core/divide_up.hpp"
#include "rhosweep/core/error.hpp"
#include "rhosweep/core/hash.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

namespace rhosweep::model {

namespace {

/// Wanted number of blocks per rank. With this many, ranks wait only briefly for the last blocks of a run.
constexpr std::int64_t blocks_per_rank = 8;

}  // namespace

Partition::Partition(const Grid& grid, std::int64_t width, std::span<const double> point_costs)
    : seeds_(std::ssize(grid.seeds)),
      trials_per_seed_(grid.trials_per_seed()),
      width_(width),
      costs_(point_costs.begin(), point_costs.end()) {
  core::require(width >= 1, "a block has at least one trial");
  core::require(std::ssize(point_costs) == grid.axes_points(), "one cost per axes point");
  blocks_per_seed_ = core::divide_up(trials_per_seed_, width);
  order_.resize(costs_.size());
  for (std::size_t i = 0; i < order_.size(); ++i) order_[i].value = static_cast<std::int64_t>(i);
  std::stable_sort(order_.begin(), order_.end(), [this](core::PointIndex a, core::PointIndex b) {
    return costs_[a.value] > costs_[b.value];
  });
}

std::int64_t Partition::blocks() const {
  return std::ssize(order_) * seeds_ * blocks_per_seed_;
}

Block Partition::operator[](core::BlockIndex index) const {
  const std::int64_t seed_and_point = index.value / blocks_per_seed_;
  const std::int64_t first = index.value % blocks_per_seed_ * width_;
  return {.point = order_[seed_and_point / seeds_],
          .seed = seed_and_point % seeds_,
          .first = first,
          .trials = std::min(width_, trials_per_seed_ - first)};
}

double Partition::predicted_cost(core::BlockIndex index) const {
  const Block block = (*this)[index];
  return costs_[block.point.value] * static_cast<double>(block.trials) / static_cast<double>(width_);
}

std::int64_t block_width(const Grid& grid, std::int64_t ranks, std::int64_t tile, std::int64_t widest) {
  const std::int64_t seeds = grid.axes_points() * std::ssize(grid.seeds);
  // If there are more ranks than cells, the surplus ranks get no block and are not counted.
  const std::int64_t wanted_per_seed =
      core::divide_up(blocks_per_rank * std::min(ranks, grid.cells()), seeds);
  // Split the trials of a seed evenly, in whole tiles, into at least the wanted number of blocks.
  const std::int64_t tiles = core::divide_up(grid.trials_per_seed(), tile);
  const std::int64_t tiles_per_block =
      std::clamp(tiles / wanted_per_seed, std::int64_t{1}, std::max(std::int64_t{1}, widest / tile));
  const std::int64_t blocks_per_seed = core::divide_up(tiles, tiles_per_block);
  return core::divide_up(tiles, blocks_per_seed) * tile;
}

BlockResult::BlockResult(std::int64_t trials, std::int64_t metrics, std::int64_t evaluations)
    : status(trials, CellStatus::pending),
      diverged_step(trials, -1),
      final(metrics * trials, std::numeric_limits<double>::quiet_NaN()),
      curve(metrics * trials * evaluations, std::numeric_limits<double>::quiet_NaN()) {}

BlockResult BlockResult::part(std::int64_t first, std::int64_t count) const {
  const std::int64_t evaluations = this->evaluations();
  BlockResult result(count, metrics(), evaluations);
  std::copy_n(status.begin() + first, count, result.status.begin());
  std::copy_n(diverged_step.begin() + first, count, result.diverged_step.begin());
  for (std::int64_t m = 0; m < metrics(); ++m) {
    const std::int64_t from = m * trials() + first;
    std::copy_n(final.begin() + from, count, result.final.begin() + m * count);
    std::copy_n(curve.begin() + from * evaluations, count * evaluations,
                result.curve.begin() + m * count * evaluations);
  }
  result.seconds = seconds * static_cast<double>(count) / static_cast<double>(trials());
  result.failure = failure;
  result.attempts = attempts;
  return result;
}

BlockResult joined(const std::vector<BlockResult>& parts) {
  const std::int64_t metrics = parts.front().metrics();
  const std::int64_t evaluations = parts.front().evaluations();
  std::int64_t trials = 0;
  for (const BlockResult& part : parts) trials += part.trials();
  BlockResult whole(trials, metrics, evaluations);
  std::int64_t first = 0;
  for (const BlockResult& part : parts) {
    const std::int64_t count = part.trials();
    std::copy_n(part.status.begin(), count, whole.status.begin() + first);
    std::copy_n(part.diverged_step.begin(), count, whole.diverged_step.begin() + first);
    for (std::int64_t m = 0; m < metrics; ++m) {
      const std::int64_t to = m * trials + first;
      std::copy_n(part.final.begin() + m * count, count, whole.final.begin() + to);
      std::copy_n(part.curve.begin() + m * count * evaluations, count * evaluations,
                  whole.curve.begin() + to * evaluations);
    }
    first += count;
    whole.seconds += part.seconds;
    whole.attempts = std::max(whole.attempts, part.attempts);
    if (!part.failure.empty()) whole.failure = part.failure;
  }
  return whole;
}

bool same_bits(const BlockResult& a, const BlockResult& b) {
  const auto same = [](const std::vector<double>& x, const std::vector<double>& y) {
    return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(double)) == 0;
  };
  return a.status == b.status && a.diverged_step == b.diverged_step && same(a.final, b.final) &&
         same(a.curve, b.curve);
}

std::vector<std::uint64_t> checksums(const BlockResult& result) {
  const std::int64_t trials = result.trials();
  const std::int64_t evaluations = result.evaluations();
  std::vector<std::uint64_t> sums(trials);
  for (std::int64_t i = 0; i < trials; ++i) {
    core::Hash hash;
    hash.number(static_cast<std::uint8_t>(result.status[i])).number(result.diverged_step[i]);
    for (std::int64_t m = 0; m < result.metrics(); ++m) {
      const std::int64_t cell = m * trials + i;
      hash.number(result.final[cell]);
      hash.numbers(std::span<const double>(result.curve).subspan(cell * evaluations, evaluations));
    }
    sums[i] = hash.digest();
  }
  return sums;
}

}  // namespace rhosweep::model
