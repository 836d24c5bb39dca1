#include "example.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/store/cell_map.hpp"
#include "rhosweep/store/copy_cells.hpp"
#include "rhosweep/store/results_file.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <string>

#include <catch2/catch.hpp>

using namespace rhosweep;
using core::PointIndex;
using store::CellMap;

namespace {

/// Returns two_axes() with a key for each axes point.
store::FileDescription keyed() {
  store::FileDescription description = example::two_axes();
  description.point_keys = {11, 22, 33, 44, 55, 66};
  return description;
}

/// Returns the sweep of keyed() with more cells and in another order: seeds and schedules are reversed, the
/// last three axes points come first, and one seed and one ρ are new.
store::FileDescription grown() {
  const store::FileDescription old = keyed();
  model::Grid grid = old.grid;
  grid.axes[0].values = std::vector<std::int64_t>{16, 8};
  grid.seeds = {11, 5, 3};
  std::reverse(grid.schedules.begin(), grid.schedules.end());
  grid.rhos.insert(grid.rhos.begin(), 0.125);
  store::FileDescription description = example::describe(grid, 4);
  description.point_keys = {44, 55, 66, 11, 22, 33};
  for (std::int64_t p = 0; p < 6; ++p) {
    for (std::int64_t s = 0; s < 3; ++s) {
      const auto to = (p * 3 + s) * 6;
      description.stepsizes[to] = 1e6;
      std::copy_n(old.stepsizes.begin() + ((p + 3) % 6 * 3 + 2 - s) * 5, 5,
                  description.stepsizes.begin() + to + 1);
    }
  }
  return description;
}

/// Makes a file in which every cell is done.
void make(const char* path, const store::FileDescription& description) {
  store::ResultsFile::create(path, description, example::provenance(), store::Existing::overwrite);
  auto file = store::ResultsFile::open(path);
  const model::Grid& grid = description.grid;
  for (PointIndex point; point.value < grid.axes_points(); ++point)
    for (std::int64_t seed = 0; seed < std::ssize(grid.seeds); ++seed) {
      const model::Block block{.point = point, .seed = seed, .first = 0, .trials = grid.trials_per_seed()};
      file.write(block, example::run(description, block), core::Rank{7});
    }
  file.close();
}

/// Copies a file's cells into a new file.
store::CopyCounts copy(const char* from, const char* to, const store::FileDescription& description,
                       model::CellSet& wanted) {
  store::CopyCounts counts;
  const store::ResultsReader reader(from);
  const CellMap map(reader.description(), description);
  store::ResultsFile::create(to, description, example::provenance(), store::Existing::overwrite,
                             {.sources = 1, .copy = [&](store::ResultsFile& file) {
                                counts = store::copy_cells(reader, map, file, file.add_source("the old file"),
                                                           wanted, store::FailedCells::leave);
                              }});
  return counts;
}

}  // namespace

TEST_CASE("trial keys differ where point, schedule, rho or stepsize do", "[np1]") {
  const auto linear = model::Schedule::parse("linear");
  const std::set<std::uint64_t> keys{store::trial_key(1, linear, 2.0, 0.5),
                                     store::trial_key(2, linear, 2.0, 0.5),
                                     store::trial_key(1, linear, 2.0, std::nextafter(0.5, 1.0)),
                                     store::trial_key(1, linear, std::nextafter(2.0, 3.0), 0.5),
                                     store::trial_key(1, model::Schedule::parse("polynomial(2)"), 2.0, 0.5),
                                     store::trial_key(1, model::Schedule::parse("cosine"), 2.0, 0.5)};
  CHECK(keys.size() == 6);
  CHECK(keys.contains(store::trial_key(1, model::Schedule::parse(" linear "), 2.0, 0.5)));
}

TEST_CASE("cells are found by what they are, in whatever order and beside whatever others", "[np1]") {
  const store::FileDescription from = keyed();
  const store::FileDescription to = grown();
  const CellMap map(from, to);
  CHECK(map.is_total());
  CHECK(map.first_gap().empty());
  CHECK(map.point(PointIndex{0}) == PointIndex{3});
  CHECK(map.point(PointIndex{5}) == PointIndex{2});
  CHECK(map.seeds() == std::vector<std::int64_t>{2, 0});
  // Schedule 0 becomes the last of three, and the index of every ρ grows by one, since the first ρ is
  // new.
  CHECK(map.trials(PointIndex{4}).front() == 2 * 6 + 1);
  CHECK(map.trials(PointIndex{4}).back() == 5);

  const CellMap back(to, from);
  CHECK(!back.is_total());
  CHECK(!back.is_empty());
  CHECK(back.first_gap() == "seed 5 is not part of this sweep");
  const store::FileDescription without_keys = example::two_axes();
  CHECK(CellMap(from, without_keys).is_empty());
}

TEST_CASE("what is copied is the same bits, with its history and the file that it is from", "[np1]") {
  const store::FileDescription from = keyed();
  const store::FileDescription to = grown();
  make("old.h5", from);
  model::CellSet wanted = model::CellSet::all(to.grid);
  const store::CopyCounts counts = copy("old.h5", "new.h5", to, wanted);
  CHECK(counts.copied == from.grid.cells());
  CHECK(wanted.size() == to.grid.cells() - from.grid.cells());
  CHECK(counts.damaged + counts.conflicting + counts.same == 0);

  const store::ResultsReader old_file("old.h5");
  const store::ResultsReader new_file("new.h5");
  const CellMap map(from, to);
  std::int64_t compared = 0;
  for (PointIndex point; point.value < 6; ++point) {
    const auto trials = map.trials(point);
    for (std::int64_t seed = 0; seed < 2; ++seed) {
      const auto then = old_file.read_cells(point, seed, 1);
      const auto now = new_file.read_cells(map.point(point), map.seeds()[seed], 1);
      const auto history = new_file.read_history(map.point(point), map.seeds()[seed], 1);
      for (std::int64_t i = 0; i < 15; ++i) {
        compared += model::same_bits(then.result.part(i, 1), now.result.part(trials[i], 1)) &&
                            then.checksums[i] == now.checksums[trials[i]] && history.ranks[trials[i]] == 7 &&
                            history.attempts[trials[i]] == 1 && history.seconds[trials[i]] == 0.5
                        ? 1
                        : 0;
      }
    }
  }
  CHECK(compared == from.grid.cells());
  CHECK(new_file.sources() == std::vector<std::string>{"the old file"});
  CHECK(new_file.count_sources() == std::vector<std::int64_t>{wanted.size(), counts.copied});
}

TEST_CASE("damaged and failed cells are not copied, and finished ones that are there are compared", "[np1]") {
  const store::FileDescription description = keyed();
  make("first.h5", description);
  make("second.h5", description);
  {
    auto file = store::ResultsFile::open("second.h5");
    const model::Block cell{.point = PointIndex{2}, .seed = 1, .first = 4, .trials = 1};
    model::BlockResult other = example::run(description, cell);
    other.final.front() += 1.0;
    file.write(cell, other, core::Rank{0});
    model::BlockResult failed(1, 2, 4);
    failed.status = {model::CellStatus::failed};
    failed.failure = "out of luck";
    file.write({.point = PointIndex{0}, .seed = 0, .first = 3, .trials = 1}, failed, core::Rank{0});
    file.close();
  }
  model::CellSet wanted = model::CellSet::all(description.grid);
  CHECK(copy("second.h5", "copy.h5", description, wanted).copied == description.grid.cells() - 1);
  CHECK(wanted.size() == 1);

  auto file = store::ResultsFile::open("copy.h5");
  const store::ResultsReader first("first.h5");
  const CellMap map(first.description(), description);
  const auto source = file.add_source("the first");
  CHECK(source == 2);
  CHECK(file.add_source("the first") == 2);
  const auto counts = store::copy_cells(first, map, file, source, wanted, store::FailedCells::leave);
  CHECK(counts.copied == 1);
  CHECK(counts.same == description.grid.cells() - 2);
  REQUIRE(counts.conflicting == 1);
  CHECK(counts.conflicts.front().cell ==
        model::Block{.point = PointIndex{2}, .seed = 1, .first = 4, .trials = 1});
  CHECK(counts.conflicts.front().source == 1);
  file.close();
  CHECK(wanted.size() == 0);
}

TEST_CASE("a failed cell is copied if asked for, but gives way to a finished one", "[np1]") {
  const store::FileDescription description = keyed();
  make("done.h5", description);
  store::ResultsFile::create("failed.h5", description, example::provenance(), store::Existing::overwrite);
  const model::Block cell{.point = PointIndex{0}, .seed = 1, .first = 3, .trials = 1};
  auto failing = store::ResultsFile::open("failed.h5");
  model::BlockResult failed(1, 2, 4);
  failed.status = {model::CellStatus::failed};
  failed.failure = "out of luck";
  failing.write(cell, failed, core::Rank{0});
  failing.close();

  store::ResultsFile::create("both.h5", description, example::provenance(), store::Existing::overwrite);
  auto file = store::ResultsFile::open("both.h5");
  model::CellSet wanted = model::CellSet::all(description.grid);
  const auto copy_of = [&](const char* path) {
    const store::ResultsReader reader(path);
    const CellMap map(reader.description(), description);
    return store::copy_cells(reader, map, file, file.add_source(path), wanted, store::FailedCells::copy);
  };
  CHECK(copy_of("failed.h5").copied == 0);
  CHECK(wanted.size() == description.grid.cells());
  CHECK(file.read_states(cell).status.front() == model::CellStatus::failed);
  CHECK(store::ResultsReader("both.h5").read_failures(PointIndex{0})[1] == "out of luck");
  CHECK(copy_of("done.h5").copied == description.grid.cells());
  CHECK(file.read_states(cell).status.front() == model::CellStatus::done);
  file.close();
}

TEST_CASE("a file whose initial cells cannot be copied is not made", "[np1]") {
  const auto refuse = [](store::ResultsFile&) { throw core::Error("two files contradict each other"); };
  CHECK_THROWS_AS(store::ResultsFile::create("never.h5", keyed(), example::provenance(),
                                             store::Existing::refuse, {.sources = 1, .copy = refuse}),
                  core::Error);
  CHECK(!std::filesystem::exists("never.h5"));
}
