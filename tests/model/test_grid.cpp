#include "rhosweep/model/grid.hpp"

#include <catch2/catch.hpp>

using rhosweep::core::PointIndex;
using rhosweep::model::Axis;
using rhosweep::model::Grid;

TEST_CASE("axes points are numbered row-major, the last axis fastest") {
  Grid grid;
  grid.axes = {Axis{"sgd.steps", std::vector<std::int64_t>{8, 16}},
               Axis{"problem.l2", std::vector<double>{0.0, 0.1, 0.2}}};
  grid.seeds = {4, 5};
  grid.rhos = {1.0};
  CHECK(grid.axes_points() == 6);
  CHECK(grid.coordinates(PointIndex{0}) == std::vector<std::int64_t>{0, 0});
  CHECK(grid.coordinates(PointIndex{2}) == std::vector<std::int64_t>{0, 2});
  CHECK(grid.coordinates(PointIndex{3}) == std::vector<std::int64_t>{1, 0});
}

TEST_CASE("a grid without axes has one point") {
  const Grid grid;
  CHECK(grid.axes_points() == 1);
  CHECK(grid.coordinates(PointIndex{0}).empty());
}
