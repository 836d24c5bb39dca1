#include "example.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/change_states.hpp"
#include "rhosweep/study/merge_files.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

using Catch::Matchers::Contains;
using namespace rhosweep;

namespace {

study::MergedCells merge(std::vector<std::filesystem::path> files, bool overwrite = true) {
  return study::merge_files({.files = std::move(files),
                             .output = "all.h5",
                             .overwrite = overwrite,
                             .command_line = "rhosweep merge"});
}

/// Makes the files of both shards of the example.
study::Study make_shards() {
  study::Study study = example::prepare();
  example::make_file(study, "1.h5", study::shard_cells(study, {.index = 1, .count = 2}));
  example::make_file(study, "2.h5", study::shard_cells(study, {.index = 2, .count = 2}));
  return study;
}

}  // namespace

TEST_CASE("the shards of a sweep are merged into the file that one run makes") {
  const study::Study study = make_shards();
  const study::MergedCells cells = merge({"1.h5", "2.h5"});
  CHECK(cells.all == 18);
  CHECK(cells.finished == 18);
  CHECK(cells.failed == 0);
  CHECK(cells.missing == 0);
  const store::ResultsReader merged("all.h5");
  CHECK(merged.description().sweep_hash == study.describe_file().sweep_hash);
  for (std::int64_t seed = 0; seed < 3; ++seed)
    CHECK(same_bits(merged.read_cells(core::PointIndex{0}, seed, 1).result,
                    example::results(study, example::trials_of_seed(study, seed))));
}

TEST_CASE("cells that failed or that no file has are counted") {
  const study::Study study = make_shards();
  const model::CellSet first = study::shard_cells(study, {.index = 1, .count = 2});
  CHECK(merge({"1.h5"}).missing == 18 - first.size());
  model::BlockResult result = example::results(study, example::cell(2, 5));
  result.status.front() = model::CellStatus::failed;
  example::make_file(study, "failed.h5");
  example::write("failed.h5", example::cell(2, 5), result);
  const study::MergedCells cells = merge({"failed.h5"});
  CHECK(cells.finished == 0);
  CHECK(cells.failed == 1);
  CHECK(cells.missing == 17);
  // A finished cell takes precedence over a failed one of another file.
  CHECK(merge({"failed.h5", "1.h5", "2.h5"}).finished == 18);
}

TEST_CASE("a merged search whose results ask for more cells has not ended") {
  const study::Study study = example::prepare({"search={}"});
  example::make_file(study, "search.h5");
  store::ResultsFile file = store::ResultsFile::open("search.h5");
  study::change_states(file, study.grid(), model::CellSet::all(study.grid()), model::CellStatus::pending,
                       model::CellStatus::not_needed);
  file.close();
  const study::Study grid = example::prepare();
  example::make_file(grid, "grid.h5");
  example::write("grid.h5", example::cell(0, 0), example::results(grid, example::cell(0, 0)));
  const study::MergedCells cells = merge({"search.h5", "grid.h5"});
  CHECK(cells.finished == 1);
  CHECK(cells.missing == 17);
  CHECK(store::ResultsReader("all.h5").count_status()[model::CellStatus::not_needed] == 0);
}

TEST_CASE("the largest file says what sweep the merged one is of") {
  const study::Study study = make_shards();
  const study::Study grown = example::prepare({"grid.seed=[0,1,2,3]"});
  example::make_file(grown, "grown.h5");
  const study::MergedCells cells = merge({"1.h5", "grown.h5", "2.h5"});
  CHECK(cells.all == 24);
  CHECK(cells.finished == 18);
  CHECK(cells.missing == 6);
}

TEST_CASE("a file of another sweep cannot be merged, and nothing is written") {
  make_shards();
  example::make_file(example::prepare({"sgd.steps=9"}), "other.h5");
  std::filesystem::remove("all.h5");
  CHECK_THROWS_AS(merge({"1.h5", "other.h5"}), core::InputError);
  CHECK_THROWS_WITH(merge({"1.h5", "other.h5"}), Contains("other.h5") && Contains("steps"));
  CHECK(!std::filesystem::exists("all.h5"));
}

TEST_CASE("an existing file is not overwritten without being asked to") {
  make_shards();
  merge({"1.h5"});
  CHECK_THROWS_AS(merge({"1.h5", "2.h5"}, false), core::InputError);
  CHECK(store::ResultsReader("all.h5").count_status()[0] > 0);
}
