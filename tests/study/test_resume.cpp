#include "example.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/hash.hpp"
#include "rhosweep/h5/hdf5.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/store/survey.hpp"
#include "rhosweep/study/change_states.hpp"
#include "rhosweep/study/resume.hpp"
#include "rhosweep/study/rounds.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using Catch::Matchers::Contains;
using namespace rhosweep;
using model::CellStatus;

namespace {

/// Replaces one number of a variable. If `place` is empty, the variable is a scalar.
void replace(const char* path, const char* name, const std::vector<hsize_t>& place, double value) {
  const h5::File file(H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT));
  const h5::Dataset dataset = h5::open_dataset(file, name);
  const h5::Dataspace space = h5::space_of(dataset);
  if (!place.empty()) REQUIRE(H5Sselect_elements(space, H5S_SELECT_SET, 1, place.data()) >= 0);
  const h5::Dataspace one = h5::make_space({});
  REQUIRE(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, one, space, H5P_DEFAULT, &value) >= 0);
}

/// Replaces the state of a cell in a file with one axis.
void replace_state(const char* path, const std::vector<hsize_t>& place, CellStatus status) {
  const h5::File file(H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT));
  const h5::Dataset dataset = h5::open_dataset(file, "status");
  const h5::Dataspace space = h5::space_of(dataset);
  REQUIRE(H5Sselect_elements(space, H5S_SELECT_SET, 1, place.data()) >= 0);
  const auto value = static_cast<std::uint8_t>(status);
  REQUIRE(H5Dwrite(dataset, H5T_NATIVE_UINT8, h5::make_space({}), space, H5P_DEFAULT, &value) >= 0);
}

/// Reads every cell of a results file.
std::vector<store::StoredCells> contents(const char* path) {
  const store::ResultsReader file(path);
  const model::Grid& grid = file.description().grid;
  std::vector<store::StoredCells> all;
  for (core::PointIndex point; point.value < grid.axes_points(); ++point)
    all.push_back(file.read_cells(point, 0, std::ssize(grid.seeds)));
  return all;
}

bool same_contents(const std::vector<store::StoredCells>& a, const std::vector<store::StoredCells>& b) {
  return std::ranges::equal(a, b, [](const auto& one, const auto& other) {
    return model::same_bits(one.result, other.result) && one.checksums == other.checksums;
  });
}

void write_data(const char* path, const char* label) {
  std::ofstream(path) << "1.5 1:1\n-2 2:0.5\n" << label << " 1:2 2:1\n";
}

study::Study study_of_data() {
  std::ofstream("data.toml") << R"(
[problem]
kind = "least_squares"
data = "data.libsvm"
[sgd]
steps = 4
[grid]
stepsize = 0.125
schedule = "constant"
rho = 1.0
seed = 0
)";
  return study::Study::prepare(study::SweepOptions{.file = "data.toml", .overrides = {}});
}

}  // namespace

TEST_CASE("pending, failed and damaged cells are run again, done and diverged ones are not") {
  const study::Study study = example::prepare();
  example::make_file(study, "out.h5");
  model::BlockResult result = example::results(study, example::trials_of_seed(study, 1));
  result.status = {CellStatus::done, CellStatus::diverged, CellStatus::failed,
                   CellStatus::done, CellStatus::pending,  CellStatus::done};
  example::write("out.h5", example::trials_of_seed(study, 1), result);
  const std::vector<hsize_t> damaged{1, 1, 0};  // seed, schedule, ρ: trial 3 of seed 1
  replace("out.h5", "final_train_loss", damaged, 12345.0);

  const auto expected = example::without(model::CellSet::all(study.grid()),
                                         {example::cell(1, 0), example::cell(1, 1), example::cell(1, 5)});
  CHECK(example::same(study::cells_to_resume("out.h5", study), expected));
}

TEST_CASE("of a complete file nothing is run again") {
  const study::Study study = example::prepare();
  example::make_file(study, "out.h5", model::CellSet::all(study.grid()));
  CHECK(study::cells_to_resume("out.h5", study).size() == 0);
}

TEST_CASE("cells that the sweep rules out are found, and resuming restores what the sweep says") {
  const std::string axes = R"(axes={"sgd.momentum"=[0.0,0.5]})";
  const std::string rule = R"(exclude=[{"sgd.momentum"=0.5}])";
  const auto study = example::prepare({axes, rule});
  auto all = model::CellSet::all(study.grid());
  REQUIRE(all.size() == 18);
  example::make_file(study, "out.h5", all);
  const auto sound = contents("out.h5");
  CHECK(store::survey(store::ResultsReader("out.h5")).misfits.empty());
  model::Block cell = example::cell(1, 4);  // the trial with schedule index 1 and ρ index 1
  bool is_run_again = false;
  std::string complaint;
  SECTION("a cell is marked as excluded") {
    replace_state("out.h5", {0, 1, 1, 1}, CellStatus::excluded);
    complaint = "marked as excluded, but not excluded by the sweep";
    is_run_again = true;
  }
  SECTION("a cell is marked as not needed, without a search") {
    replace_state("out.h5", {0, 1, 1, 1}, CellStatus::not_needed);
    CHECK(store::ResultsReader("out.h5").count_status()[CellStatus::not_needed] == 0);
    complaint = "marked as not needed, but the sweep has no [search]";
    is_run_again = true;
  }
  SECTION("an excluded cell has another state") {
    const auto status = GENERATE(CellStatus::pending, CellStatus::done, CellStatus::not_needed);
    replace_state("out.h5", {1, 1, 1, 1}, status);
    complaint = "excluded by the sweep, but not marked as excluded";
  }
  SECTION("an excluded cell has results") {
    replace("out.h5", "final_train_loss", {1, 1, 1, 1}, 0.25);
    complaint = "excluded by the sweep, but with results";
  }
  if (!is_run_again) cell.point = core::PointIndex{1};
  const store::Survey found = store::survey(store::ResultsReader("out.h5"));
  REQUIRE(found.misfits.size() == 1);
  CHECK(found.misfits.front().cell == cell);
  CHECK(found.misfits.front().complaint == complaint);

  const model::CellSet to_run = study::cells_to_resume("out.h5", study);
  CHECK(to_run.size() == (is_run_again ? 1 : 0));
  if (is_run_again) {
    CHECK(to_run.contains(cell, 0));
    example::write("out.h5", cell, example::results(study, cell));
  }
  CHECK(same_contents(contents("out.h5"), sound));
  CHECK(store::survey(store::ResultsReader("out.h5")).misfits.empty());
}

TEST_CASE("a cell that a search did not need has no results") {
  const auto study = example::prepare({"search={}"});
  example::make_file(study, "out.h5");
  replace_state("out.h5", {1, 1, 1}, CellStatus::not_needed);
  const auto sound = contents("out.h5");
  CHECK(store::survey(store::ResultsReader("out.h5")).misfits.empty());
  replace("out.h5", "final_train_loss", {1, 1, 1}, 0.25);
  const store::Survey found = store::survey(store::ResultsReader("out.h5"));
  REQUIRE(found.misfits.size() == 1);
  CHECK(found.misfits.front().complaint == "marked as not needed, but with results");
  CHECK(study::cells_to_resume("out.h5", study).size() == 18);
  replace_state("out.h5", {1, 1, 1}, CellStatus::not_needed);
  CHECK(same_contents(contents("out.h5"), sound));
}

TEST_CASE("a cell that a search asks for may not be marked as not needed once the search has ended") {
  const auto study = example::prepare({"search={}"});
  example::make_file(study, "out.h5");
  const auto left_out = [](const model::CellSet& unfinished) {
    return study::needed_cells_left_out(store::ResultsReader("out.h5"), unfinished);
  };
  model::CellSet unfinished = model::CellSet::all(study.grid());
  CHECK(left_out(unfinished).empty());  // pending cells: the search has not ended
  const auto mark = [&](CellStatus from, CellStatus to) {
    store::ResultsFile file = store::ResultsFile::open("out.h5");
    study::change_states(file, study.grid(), unfinished, from, to);
    file.close();
  };
  mark(CellStatus::pending, CellStatus::not_needed);
  CHECK(std::ssize(left_out(unfinished)) == study::first_cells(study).size());
  while (true) {
    const model::CellSet wanted = study::next_cells(store::ResultsReader("out.h5"), unfinished);
    if (wanted.size() == 0) break;
    for (std::int64_t seed = 0; seed < 3; ++seed)
      for (const model::Block& part : wanted.parts(example::trials_of_seed(study, seed)))
        example::write("out.h5", part, example::results(study, part));
    unfinished.subtract(wanted);
  }
  REQUIRE(unfinished.size() < 18);
  CHECK(left_out(unfinished).empty());
  model::Block last{};
  for (std::int64_t i = 0; i < 6; ++i)
    if (const model::Block cell = example::cell(0, i); !unfinished.contains(cell, 0)) last = cell;
  store::ResultsFile file = store::ResultsFile::open("out.h5");
  file.clear(last, CellStatus::not_needed);
  file.close();
  unfinished.add(last, 0);
  const auto found = left_out(unfinished);
  REQUIRE(found.size() == 1);
  CHECK(found.front().cell == last);
}

TEST_CASE("after a search, a failed cell counts as diverged, so that the search asks for other cells") {
  // The first round has two seeds of some ρ. Where the ρ between them are left out although the best of the
  // round is known, the search asks for them; it does not wait for the failed cell.
  const auto study = example::prepare({"search={}", "grid.rho={from=0.0078125,to=2.0,points=9}"});
  example::make_file(study, "out.h5");
  const model::CellSet first = study::first_cells(study);
  std::optional<model::Block> failed;
  for (std::int64_t seed = 0; seed < 3; ++seed)
    for (std::int64_t i = 0; i < study.grid().trials_per_seed(); ++i)
      if (const model::Block cell = example::cell(seed, i); first.contains(cell, 0)) {
        model::BlockResult result = example::results(study, cell);
        if (!failed) result.status.front() = CellStatus::failed;
        if (!failed) failed = cell;
        example::write("out.h5", cell, result);
      }
  const model::CellSet all = model::CellSet::all(study.grid());
  model::CellSet unfinished = all;
  unfinished.subtract(first);
  unfinished.add(*failed, 0);
  store::ResultsFile file = store::ResultsFile::open("out.h5");
  study::change_states(file, study.grid(), all, CellStatus::pending, CellStatus::not_needed);
  file.close();
  const auto found = study::needed_cells_left_out(store::ResultsReader("out.h5"), unfinished);
  const auto is_of_its_schedule = [&](const store::Misfit& misfit) {
    return misfit.cell.first / std::ssize(study.grid().rhos) == failed->first / std::ssize(study.grid().rhos);
  };
  CHECK(std::ranges::any_of(found, is_of_its_schedule));
}

TEST_CASE("a sweep with other settings is not resumed; the message names the setting and a way out") {
  example::make_file(example::prepare(), "out.h5");
  const auto [setting, key] = GENERATE(table<std::string, std::string>({
      {"grid.stepsize=0.25", "stepsize"},
      {"grid.seed=[0,1]", "seed"},
      {"grid.rho=[0.5,1.0]", "rho"},
      {"grid.schedule=[\"linear\",\"constant\"]", "schedule"},
      {"sgd.steps=9", "steps"},
      {"sgd.evaluations=1", "evaluations"},
      {"problem.noise=0.25", "noise"},
      {"axes={\"sgd.momentum\"=[0.0,0.5]}", "momentum"},
  }));
  const study::Study other = example::prepare({setting});
  const auto resume = [&] { study::cells_to_resume("out.h5", other); };
  CHECK_THROWS_AS(resume(), core::InputError);
  CHECK_THROWS_WITH(resume(), Contains("out.h5") && Contains(key) && Contains("--reuse out.h5 -o FILE"));
}

TEST_CASE("a sweep that differs only in how it is run is resumed") {
  example::make_file(example::prepare(), "out.h5");
  CHECK(study::cells_to_resume("out.h5", example::prepare({"output.sync_seconds=1"})).size() == 18);
}

TEST_CASE("results are not resumed once their data has changed") {
  write_data("data.libsvm", "0.25");
  example::make_file(study_of_data(), "out.h5");
  CHECK(study::cells_to_resume("out.h5", study_of_data()).size() == 1);
  write_data("data.libsvm", "0.5");
  const auto resume = [] { study::cells_to_resume("out.h5", study_of_data()); };
  CHECK_THROWS_AS(resume(), core::InputError);
  CHECK_THROWS_WITH(resume(), Contains("data.libsvm") && Contains("has changed"));
}

TEST_CASE("results at other stepsizes or with another minimum than this program computes are not resumed") {
  const study::Study study = example::prepare();
  example::make_file(study, "out.h5");
  SECTION("stepsize") {
    replace("out.h5", "stepsize", {0, 2}, 0.3);
  }
  SECTION("minimum, by its bits") {  // f_star is the scalar 0, so −0 equals it
    replace("out.h5", "f_star", {}, -0.0);
  }
  CHECK_THROWS_AS(study::cells_to_resume("out.h5", study), core::InputError);
}

TEST_CASE("a file whose coordinates are not those of its sweep is damaged") {
  const study::Study study = example::prepare();
  example::make_file(study, "out.h5");
  CHECK_NOTHROW(study::require_own_coordinates(store::ResultsReader("out.h5")));
  CHECK_NOTHROW(study::open_results("out.h5"));
  replace("out.h5", "rho", {1}, 1.5);
  CHECK_THROWS_AS(study::open_results("out.h5"), core::FileError);
  const store::ResultsReader damaged("out.h5");
  CHECK_THROWS_AS(study::require_own_coordinates(damaged), core::FileError);
  CHECK_THROWS_WITH(study::require_own_coordinates(damaged), Contains("out.h5") && Contains("coordinates"));
  CHECK_THROWS_AS(study::cells_to_resume("out.h5", study), core::InputError);
}

TEST_CASE("the hash of a sweep's text, which older versions wrote, is its hash, too; another one is damage") {
  const auto study = example::prepare();
  const std::string text = study.describe_file().sweep;
  const auto with_hash = [&](const std::string& hash) {
    example::make_file(study, "older.h5");
    const h5::File file(H5Fopen("older.h5", H5F_ACC_RDWR, H5P_DEFAULT));
    REQUIRE(H5Adelete(file, "sweep_hash") >= 0);
    h5::write_attribute(file, "sweep_hash", hash);
  };
  with_hash(core::to_hex(core::Hash().text(text).digest()));
  CHECK_NOTHROW(study::require_own_coordinates(store::ResultsReader("older.h5")));
  with_hash("0123456789abcdef");
  CHECK_THROWS_WITH(study::require_own_coordinates(store::ResultsReader("older.h5")),
                    Contains("does not match its hash"));
}
