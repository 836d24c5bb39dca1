#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/schedule.hpp"
#include "rhosweep/store/description.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rhosweep::store {

/// Identity of what a trial computes, the seed apart: a hash of all that determines it. Two cells hold the
/// same results if their trial keys and their seeds are the same, in whatever files and places they are. ρ
/// and the way that a schedule is spelt count, too: a program that is a problem may read both.
/// @param point_key FileDescription::point_keys of its axes point
std::uint64_t trial_key(std::uint64_t point_key, const model::Schedule& schedule, double rho,
                        double stepsize);

/// Where the cells of one file are in another one: by identity, not by place. Files may differ in their
/// seeds, schedules, ρ and axes, and in the order of all of them.
class CellMap {
 public:
  /// Both must outlive the map. Files that lack keys have no cells in common with any.
  CellMap(const FileDescription& from, const FileDescription& to);

  /// What has no place in the other file.
  static constexpr std::int64_t none = -1;

  /// The axes point in `to` of one in `from`; its value is `none` if there is none.
  core::PointIndex point(core::PointIndex from) const { return points_[from.value]; }
  /// (seeds of `from`): their indices in `to`, or `none`.
  const std::vector<std::int64_t>& seeds() const { return seeds_; }
  /// (trials of `from` at an axes point that `to` has): their trials in `to`, or `none`.
  std::vector<std::int64_t> trials(core::PointIndex from) const;

  /// Whether every cell of `from` has a place in `to`.
  bool is_total() const;
  /// Whether none has.
  bool is_empty() const;

  /// In words, what of `from` has no place in `to`: a setting, data, a seed, a schedule or a stepsize. Empty
  /// if the map is total.
  std::string first_gap() const;

 private:
  const FileDescription& from_;
  const FileDescription& to_;
  std::vector<core::PointIndex> points_;
  std::vector<std::int64_t> seeds_;
};

}  // namespace rhosweep::store
