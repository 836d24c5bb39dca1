#pragma once

#include "document.hpp"

#include "rhosweep/model/grid.hpp"

#include <string>
#include <vector>

namespace rhosweep::model {

/// The points that a sweep leaves out.
struct Exclusions {
  std::vector<bool> points;  ///< Grid::excluded
  /// The tables [[exclude]] of the canonical sweep file: the same however the points were written.
  std::string toml;
};

/// Reads [[exclude]]: tables of keys that axes vary, each with a value or with a list of values. A table
/// leaves out all points at which every one of its keys has one of its values. Throws core::InputError with
/// the place of the first error, also if a table leaves out nothing or if all points are left out. An empty
/// list of tables leaves out nothing.
/// @param grid the grid, of which only the axes are used
Exclusions read_exclude(const Node& tables, const Grid& grid);

}  // namespace rhosweep::model
