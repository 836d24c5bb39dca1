#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/sched/block_source.hpp"

#include <cstdint>
#include <vector>

/// Returns this many blocks of one trial each, all with the same predicted cost.
inline rhosweep::sched::BlockSource equal_blocks(std::int64_t blocks) {
  using namespace rhosweep::model;
  Grid grid;
  for (std::int64_t seed = 0; seed < blocks; ++seed) grid.seeds.push_back(seed);
  grid.schedules = {Schedule::parse("constant")};
  grid.rhos = {1.0};
  return rhosweep::sched::BlockSource(Partition(grid, 1, std::vector<double>{1.0}));
}

/// Returns the result of a block whose only trial has the status done.
inline rhosweep::model::BlockResult done_result() {
  rhosweep::model::BlockResult result(1, 1, 1);
  result.status = {rhosweep::model::CellStatus::done};
  return result;
}
