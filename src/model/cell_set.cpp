#include "rhosweep/model/cell_set.hpp"

#include "rhosweep/core/error.hpp"

#include <algorithm>
#include <bit>
#include <iterator>

namespace rhosweep::model {

CellSet::CellSet(const Grid& grid)
    : seeds_(std::ssize(grid.seeds)),
      trials_per_seed_(grid.trials_per_seed()),
      words_((grid.cells() + 63) / 64) {}

std::int64_t CellSet::cell(const Block& block, std::int64_t i) const {
  return (block.point.value * seeds_ + block.seed) * trials_per_seed_ + block.first + i;
}

void CellSet::add(const Block& block, std::int64_t i) {
  const std::int64_t index = cell(block, i);
  words_[index / 64] |= std::uint64_t{1} << (index % 64);
}

CellSet CellSet::all(const Grid& grid) {
  CellSet set(grid);
  std::fill(set.words_.begin(), set.words_.end(), ~std::uint64_t{0});
  if (const std::int64_t rest = grid.cells() % 64; rest != 0)
    set.words_.back() = (std::uint64_t{1} << rest) - 1;
  for (core::PointIndex point; point.value < std::ssize(grid.excluded); ++point)
    for (std::int64_t seed = 0; grid.is_excluded(point) && seed < std::ssize(grid.seeds); ++seed)
      set.remove({.point = point, .seed = seed, .first = 0, .trials = grid.trials_per_seed()});
  for (std::int64_t trial = 0; trial < std::ssize(grid.excluded_trials); ++trial)
    for (core::PointIndex point; grid.is_excluded_trial(trial) && point.value < grid.axes_points(); ++point)
      for (std::int64_t seed = 0; seed < std::ssize(grid.seeds); ++seed)
        set.remove({.point = point, .seed = seed, .first = trial, .trials = 1});
  return set;
}

void CellSet::remove(const Block& block) {
  for (std::int64_t i = 0; i < block.trials; ++i) {
    const std::int64_t index = cell(block, i);
    words_[index / 64] &= ~(std::uint64_t{1} << (index % 64));
  }
}

void CellSet::subtract(const CellSet& other) {
  core::require(words_.size() == other.words_.size(), "two sets are of one grid");
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
}

void CellSet::intersect(const CellSet& other) {
  core::require(words_.size() == other.words_.size(), "two sets are of one grid");
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
}

bool CellSet::contains(const Block& block, std::int64_t i) const {
  return has(cell(block, i));
}

bool CellSet::meets(const Block& block) const {
  const std::int64_t end = cell(block, block.trials);
  for (std::int64_t index = cell(block, 0); index < end;) {
    if (index % 64 == 0 && words_[index / 64] == 0) {
      index += 64;
    } else if (has(index)) {
      return true;
    } else {
      ++index;
    }
  }
  return false;
}

std::vector<Block> CellSet::parts(const Block& block) const {
  std::vector<Block> found;
  bool open = false;
  for (std::int64_t i = 0; i < block.trials; ++i) {
    if (!contains(block, i)) {
      open = false;
    } else if (open) {
      ++found.back().trials;
    } else {
      found.push_back({.point = block.point, .seed = block.seed, .first = block.first + i, .trials = 1});
      open = true;
    }
  }
  return found;
}

std::int64_t CellSet::size() const {
  std::int64_t count = 0;
  for (const std::uint64_t word : words_) count += std::popcount(word);
  return count;
}

std::int64_t CellSet::count(const Block& block) const {
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < block.trials; ++i) count += contains(block, i) ? 1 : 0;
  return count;
}

}  // namespace rhosweep::model
