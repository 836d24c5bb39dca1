#include "example.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/reuse.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using Catch::Matchers::Contains;
using namespace rhosweep;
using model::CellStatus;
using store::FailedCells;

namespace {

/// Copies the cells of files into a new file of a study. Returns the cells that are still to run.
model::CellSet copy(const std::vector<std::filesystem::path>& from, const study::Study& study, const char* to,
                    FailedCells failed = FailedCells::leave) {
  const study::Sources sources(from);
  const store::FileDescription description = study.describe_file();
  model::CellSet wanted = model::CellSet::all(study.grid());
  store::ResultsFile::create(to, description, {}, store::Existing::overwrite,
                             {.sources = sources.size(), .copy = [&](store::ResultsFile& file) {
                                sources.copy(file, description, wanted, failed);
                              }});
  return wanted;
}

/// Makes a file of the example with the results of seed 0, in which one trial has failed.
void make_source(const study::Study& study, const char* path) {
  example::make_file(study, path);
  model::BlockResult result = example::results(study, example::trials_of_seed(study, 0));
  result.status[4] = CellStatus::failed;
  example::write(path, example::trials_of_seed(study, 0), result);
}

}  // namespace

TEST_CASE("finished cells of another file are copied bit by bit, failed and pending ones are left") {
  const study::Study study = example::prepare();
  make_source(study, "old.h5");
  const study::Study grown = example::prepare({"grid.seed=[5,0,1,2]", "grid.rho=[0.25,0.5,1.0,2.0]"});
  model::CellSet left = copy({"old.h5"}, grown, "new.h5");

  // In the new file, seed 0 has the index 1, and the first ρ of each schedule is new. So the trials 0 and 4
  // are new, and trial 6 is the failed one.
  const std::vector<std::int64_t> finished{1, 2, 3, 5, 7};
  std::vector<model::Block> copied;
  for (const std::int64_t trial : finished) copied.push_back(example::cell(1, trial));
  CHECK(example::same(left, example::without(model::CellSet::all(grown.grid()), copied)));

  const auto old_cells = store::ResultsReader("old.h5").read_cells(core::PointIndex{0}, 0, 1);
  const auto new_cells = store::ResultsReader("new.h5").read_cells(core::PointIndex{0}, 1, 1);
  const std::vector<std::int64_t> old_trials{0, 1, 2, 3, 5};
  for (std::size_t i = 0; i < finished.size(); ++i)
    CHECK(same_bits(new_cells.result.part(finished[i], 1), old_cells.result.part(old_trials[i], 1)));
  CHECK(new_cells.result.status[6] == CellStatus::pending);
}

TEST_CASE("counting takes out of the wanted what copying would") {
  const study::Study study = example::prepare();
  make_source(study, "old.h5");
  model::CellSet wanted = model::CellSet::all(study.grid());
  study::Sources({"old.h5"}).count(study.describe_file(), wanted);
  CHECK(wanted.size() == 18 - 5);
  CHECK(example::same(wanted, copy({"old.h5"}, study, "new.h5")));
}

TEST_CASE("a failed cell is copied on demand, but stays wanted") {
  const study::Study study = example::prepare();
  make_source(study, "old.h5");
  CHECK(copy({"old.h5"}, study, "new.h5", FailedCells::copy).size() == 18 - 5);
  const auto status = store::ResultsReader("new.h5").read_status(core::PointIndex{0});
  CHECK(status[4] == CellStatus::failed);
}

TEST_CASE("results of another problem, optimiser or stepsize are not reused") {
  make_source(example::prepare(), "old.h5");
  const auto setting =
      GENERATE("problem.noise=0.25", "sgd.momentum=0.5", "sgd.steps=9", "grid.stepsize=0.25");
  const study::Study other = example::prepare({setting});
  // A cell with the same stepsize but another ρ is another cell, since a program may read ρ.
  CHECK(copy({"old.h5"}, other, "new.h5").size() == 18);
}

TEST_CASE("two files with different results of a cell are refused and nothing is made") {
  const study::Study study = example::prepare();
  make_source(study, "a.h5");
  example::make_file(study, "b.h5");
  model::BlockResult other = example::results(study, example::trials_of_seed(study, 0));
  other.final.front() += 1.0;
  example::write("b.h5", example::trials_of_seed(study, 0), other);
  std::filesystem::remove("new.h5");
  const auto join = [&] { copy({"a.h5", "b.h5"}, study, "new.h5"); };
  CHECK_THROWS_AS(join(), core::Error);
  CHECK_THROWS_WITH(join(), Contains("1 cell has more than one result"));
  CHECK(!std::filesystem::exists("new.h5"));
}

TEST_CASE("a source that is missing or no results file is refused at once") {
  CHECK_THROWS_AS(study::Sources({"missing.h5"}), core::InputError);
  std::ofstream("text.h5") << "no HDF5";
  CHECK_THROWS_AS(study::Sources({"text.h5"}), core::Error);
}
