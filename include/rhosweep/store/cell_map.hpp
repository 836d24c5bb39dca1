#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/schedule.hpp"
#include "rhosweep/store/description.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rhosweep::store {

/// A hash of everything that determines what a trial computes, except the seed. Cells with equal trial keys
/// and equal seeds hold the same results, also in different files. ρ is included, because a program that runs
/// trials may read it. Two spellings of the same schedule give the same key.
/// @param point_key the trial's entry in FileDescription::point_keys
std::uint64_t trial_key(std::uint64_t point_key, const model::Schedule& schedule, double rho,
                        double stepsize);

/// Maps the cells of one file to the cells of another by what they compute, not by their place. The files may
/// differ in seeds, schedules, ρ and axes, and in the order of each.
class CellMap {
 public:
  /// Both descriptions must outlive the map. A file without point keys has no cells in common with any other
  /// file.
  CellMap(const FileDescription& from, const FileDescription& to);

  /// The index that stands for an item that `to` lacks.
  static constexpr std::int64_t none = -1;

  /// Returns the axes point of `to` that matches an axes point of `from`; its value is `none` if no point
  /// matches.
  core::PointIndex point(core::PointIndex from) const { return points_[from.value]; }
  /// Index in `to` of each seed of `from`, or `none`; shape (seeds of `from`).
  const std::vector<std::int64_t>& seeds() const { return seeds_; }
  /// Returns the index in `to` of each trial at an axes point of `from`, or `none`. A trial that a sweep
  /// leaves out has no place.
  /// @pre `to` has the axes point
  std::vector<std::int64_t> trials(core::PointIndex from) const;

  /// Whether every cell that `from` does not leave out has a place in `to`.
  bool is_total() const;
  /// Whether no cell of `from` has a place in `to`.
  bool is_empty() const;

  /// Names the first item of `from` that `to` lacks: a setting, data, a seed, a schedule or a stepsize. Empty
  /// if the map is total.
  std::string first_gap() const;

 private:
  /// Returns the first trial at an axes point that `from` does not leave out and `to` lacks, or the number of
  /// trials if there is none.
  std::int64_t first_trial_without_place(core::PointIndex from) const;

  const FileDescription& from_;
  const FileDescription& to_;
  std::vector<core::PointIndex> points_;
  std::vector<std::int64_t> seeds_;
};

}  // namespace rhosweep::store
