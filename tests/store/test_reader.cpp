#include "example.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/store/communicator.hpp"
#include "rhosweep/store/results_file.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <type_traits>
#include <utility>

#include <catch2/catch.hpp>
#include <hdf5.h>

using Catch::Matchers::Contains;
using namespace rhosweep;
using store::ResultsFile;
using store::ResultsReader;

namespace {

void create(const char* path, const store::FileDescription& description) {
  ResultsFile::create(path, description, example::provenance(), store::Existing::overwrite);
}

ResultsReader read(const char* path) {
  return ResultsReader(path);
}

/// Makes an HDF5 file that is not a results file, with the attribute rhosweep_format if `format` is given.
void make_foreign_file(const char* path, const std::int32_t* format) {
  const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  REQUIRE(file >= 0);
  if (format != nullptr) {
    const hid_t scalar = H5Screate(H5S_SCALAR);
    const hid_t attribute =
        H5Acreate2(file, "rhosweep_format", H5T_STD_I32LE, scalar, H5P_DEFAULT, H5P_DEFAULT);
    CHECK(H5Awrite(attribute, H5T_NATIVE_INT32, format) >= 0);
    CHECK(H5Aclose(attribute) >= 0);
    CHECK(H5Sclose(scalar) >= 0);
  }
  REQUIRE(H5Fclose(file) >= 0);
}

}  // namespace

// On a temporary reader these functions return values, because a reference into the reader would dangle.
static_assert(std::is_same_v<decltype(std::declval<ResultsReader>().provenance()), store::Provenance>);
static_assert(std::is_same_v<decltype(std::declval<ResultsReader>().description()), store::FileDescription>);

TEST_CASE("what a temporary reader returns outlives it", "[np1]") {
  create("temporary.h5", example::ones());
  store::Provenance found;
  for (const auto& attribute : ResultsReader("temporary.h5").provenance()) found.push_back(attribute);
  CHECK(found == example::provenance());
}

TEST_CASE("a description comes back as it was given", "[np1]") {
  const auto given = example::two_axes();
  create("description.h5", given);
  const ResultsReader reader("description.h5");
  const store::FileDescription& found = reader.description();

  CHECK(found.title == given.title);
  CHECK(found.sweep == given.sweep);
  CHECK(found.sweep_hash == given.sweep_hash);
  CHECK(found.data_hashes == given.data_hashes);
  CHECK(reader.provenance() == example::provenance());

  REQUIRE(found.grid.axes.size() == given.grid.axes.size());
  for (std::size_t i = 0; i < given.grid.axes.size(); ++i) {
    CHECK(found.grid.axes[i].key == given.grid.axes[i].key);
    CHECK(found.grid.axes[i].values == given.grid.axes[i].values);
  }
  CHECK(found.grid.seeds == given.grid.seeds);
  REQUIRE(found.grid.schedules.size() == given.grid.schedules.size());
  for (std::size_t i = 0; i < given.grid.schedules.size(); ++i)
    CHECK(found.grid.schedules[i].spec() == given.grid.schedules[i].spec());
  CHECK(found.grid.rhos == given.grid.rhos);

  REQUIRE(found.metrics.size() == given.metrics.size());
  for (std::size_t i = 0; i < given.metrics.size(); ++i) {
    CHECK(found.metrics[i].name == given.metrics[i].name);
    CHECK(found.metrics[i].long_name == given.metrics[i].long_name);
    CHECK(found.metrics[i].units == given.metrics[i].units);
    CHECK(found.metrics[i].diverged == given.metrics[i].diverged);
    CHECK(found.metrics[i].at_most == given.metrics[i].at_most);
  }
  CHECK(found.evaluations == given.evaluations);
  CHECK(found.steps == given.steps);
  CHECK(found.stepsizes == given.stepsizes);
  CHECK(found.diameter == given.diameter);
  CHECK(found.gradient_bound == given.gradient_bound);
  CHECK(found.initial == given.initial);
  CHECK(std::vector(found.f_star.begin(), found.f_star.end() - 1) ==
        std::vector(given.f_star.begin(), given.f_star.end() - 1));
  CHECK(std::isnan(found.f_star.back()));
}

TEST_CASE("paired keys, texts and points that are left out come back as they were given", "[np1]") {
  model::Grid grid;
  grid.axes = {{"sgd.steps",
                std::vector<std::int64_t>{8, 16, 8},
                {{"sgd.optimizer", std::vector<std::string>{"sgd", "dog", "dog"}},
                 {"problem.l2", std::vector<double>{0.5, 0.5, 0.0}}}},
               {"problem.intercept", std::vector<std::string>{"false", "true"}}};
  grid.seeds = {3, 11};
  grid.schedules = {model::Schedule::parse("linear")};
  grid.rhos = {1.0, 2.0};
  grid.excluded = {false, true, false, false, true, true};
  store::FileDescription given = example::describe(grid, 2);
  given.sweep +=
      "\n[[exclude]]\n\"sgd.optimizer\" = \"sgd\"\n\"problem.intercept\" = true\n"
      "\n[[exclude]]\n\"problem.l2\" = 0.0\n";
  create("axes.h5", given);
  const ResultsReader reader("axes.h5");
  CHECK(reader.description().grid.axes == grid.axes);
  CHECK(reader.description().grid.excluded == grid.excluded);
  CHECK(reader.steps(core::PointIndex{2})[0] == given.steps[2]);
  const auto counts = reader.count_status();
  CHECK(counts[model::CellStatus::excluded] == 3 * 2 * 2);
  CHECK(counts[model::CellStatus::pending] == 3 * 2 * 2);
}

TEST_CASE("files without the constants of the theory, as older ones are, give none", "[np1]") {
  auto given = example::two_axes();
  given.diameter.clear();
  given.gradient_bound.clear();
  create("older.h5", given);
  const hid_t file = H5Fopen("older.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
  CHECK(H5Lexists(file, "diameter", H5P_DEFAULT) == 0);
  CHECK(H5Lexists(file, "gradient_bound", H5P_DEFAULT) == 0);
  H5Fclose(file);
  const ResultsReader reader("older.h5");
  CHECK(reader.description().diameter.empty());
  CHECK(reader.description().gradient_bound.empty());
  CHECK(reader.description().f_star.size() == 6);
}

TEST_CASE("stepsizes, steps and f_star belong to their axes point", "[np1]") {
  create("points.h5", example::two_axes());
  const ResultsReader reader("points.h5");
  const core::PointIndex point{4};  // the second of 2 sgd.steps, the second of 3 curvatures
  CHECK(reader.stepsizes(point).size() == 15);
  CHECK(reader.stepsizes(point).front() == 4 * 15 + 0.5);
  const auto steps = reader.steps(point);
  CHECK(std::vector(steps.begin(), steps.end()) == std::vector<std::int64_t>{5, 6, 7, 8});
  CHECK(reader.f_star(point) == 3.0);
  // The shape is (2 metrics, 6 points, 2 seeds); the values count up from 2.25.
  CHECK(reader.initial("test_accuracy", point).front() == 2.25 + (1 * 6 + 4) * 2);
  CHECK(reader.initial("test_accuracy", point).size() == 2);
}

TEST_CASE("a schedule's cells of some seeds are those of the whole axes point", "[np1]") {
  const auto given = example::two_axes();
  create("slab.h5", given);
  const core::PointIndex point{3};
  {
    ResultsFile file = ResultsFile::open("slab.h5", {MPI_COMM_SELF});
    for (std::int64_t seed = 0; seed < 2; ++seed) {
      const model::Block block{.point = point, .seed = seed, .first = 0, .trials = 15};
      file.write(block, example::run(given, block), core::Rank{0});
    }
    file.close();
  }
  const ResultsReader reader("slab.h5");
  const auto finals = reader.read_cells(point, 0, 2).result.final;  // train_loss is the first metric
  const auto states = reader.read_status(point);
  for (std::int64_t schedule = 0; schedule < 3; ++schedule) {
    for (const store::SeedRange seeds : {store::SeedRange{0, 1}, {1, 1}, {0, 2}}) {
      const auto some = reader.read_final("train_loss", point, schedule, seeds);
      const auto some_states = reader.read_status(point, schedule, seeds);
      REQUIRE(std::ssize(some) == seeds.count * 5);
      for (std::int64_t i = 0; i < seeds.count * 5; ++i) {
        const std::int64_t cell = ((seeds.first + i / 5) * 3 + schedule) * 5 + i % 5;
        CHECK(some[i] == finals[cell]);
        CHECK(some_states[i] == states[cell]);
      }
    }
  }
}

TEST_CASE("a sweep text of any length and no data files come back", "[np1]") {
  auto given = example::ones();
  given.sweep.assign(200'000, '#');  // HDF5 stores at most 64 KiB in an attribute itself
  given.data_hashes.clear();
  create("long.h5", given);
  CHECK(read("long.h5").description().sweep == given.sweep);
  CHECK(read("long.h5").description().data_hashes.empty());
}

TEST_CASE("a file that is missing or no HDF5 file is refused with the reason", "[np1]") {
  std::filesystem::remove("missing.h5");
  CHECK_THROWS_AS(read("missing.h5"), core::InputError);
  CHECK_THROWS_WITH(read("missing.h5"), Contains("missing.h5: No such file or directory"));
  std::ofstream("text.h5") << "title = \"a sweep file\"\n";
  CHECK_THROWS_AS(read("text.h5"), core::InputError);
  CHECK_THROWS_WITH(read("text.h5"), Contains("text.h5") && Contains("not an HDF5 file"));
  CHECK_THROWS_AS(read("."), core::InputError);
}

TEST_CASE("a truncated file is damaged", "[np1]") {
  create("truncated.h5", example::two_axes());
  std::filesystem::resize_file("truncated.h5", std::filesystem::file_size("truncated.h5") / 2);
  CHECK_THROWS_AS(read("truncated.h5"), core::FileError);
  CHECK_THROWS_WITH(read("truncated.h5"), Contains("truncated.h5") && Contains("truncated file"));
}

TEST_CASE("other HDF5 files and newer formats are refused by name", "[np1]") {
  make_foreign_file("foreign.h5", nullptr);
  CHECK_THROWS_AS(read("foreign.h5"), core::InputError);
  CHECK_THROWS_WITH(read("foreign.h5"), Contains("foreign.h5") && Contains("not made by rhosweep"));
  const std::int32_t newer = 2;
  make_foreign_file("newer.h5", &newer);
  CHECK_THROWS_AS(read("newer.h5"), core::InputError);
  CHECK_THROWS_WITH(read("newer.h5"),
                    Contains("newer.h5") && Contains("format is 2") && Contains("format 1"));
}

TEST_CASE("a file that cannot be read cannot be written either", "[np1]") {
  std::filesystem::remove("missing.h5");
  CHECK_THROWS_AS(ResultsFile::open("missing.h5", {MPI_COMM_SELF}), core::FileError);
  make_foreign_file("foreign.h5", nullptr);
  CHECK_THROWS_AS(ResultsFile::open("foreign.h5", {MPI_COMM_SELF}), core::InputError);
}

TEST_CASE("in files without the attribute best, a finite value of diverged trials tells an accuracy",
          "[np1]") {
  create("older.h5", example::two_axes());
  const hid_t file = H5Fopen("older.h5", H5F_ACC_RDWR, H5P_DEFAULT);
  for (const char* name : {"final_train_loss", "final_test_accuracy"})
    REQUIRE(H5Adelete_by_name(file, name, "best", H5P_DEFAULT) >= 0);
  REQUIRE(H5Adelete_by_name(file, "final_test_accuracy", "at_most", H5P_DEFAULT) >= 0);
  H5Fclose(file);
  const auto metrics = read("older.h5").description().metrics;
  CHECK_FALSE(metrics[0].at_most);
  CHECK(metrics[1].at_most == 1.0);
}
