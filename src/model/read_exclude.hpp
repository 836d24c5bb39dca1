#pragma once

#include "document.hpp"

#include "rhosweep/model/grid.hpp"

#include <string>
#include <vector>

namespace rhosweep::model {

/// The points that a sweep leaves out.
struct Exclusions {
  std::vector<bool> points;  ///< whether each axes point is left out, as in Grid::excluded
  /// The tables [[exclude]] of the canonical sweep file. The text depends only on which points are left out,
  /// not on how the sweep file lists them.
  std::string toml;
};

/// Reads [[exclude]], a list of tables. A table has keys that axes vary, each with a value or a list of
/// values. It leaves out the points at which each of its keys has one of the values given for this key. A
/// list without tables leaves out nothing. Throws core::InputError with the place of the first error, also if
/// a table leaves out no point or if all points are left out.
/// @param grid the grid, of which only the axes are used
Exclusions read_exclude(const Node& tables, const Grid& grid);

}  // namespace rhosweep::model
