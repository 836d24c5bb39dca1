#include "example.hpp"
#include "support/mpi_check.hpp"
#include "support/skip.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/store/communicator.hpp"
#include "rhosweep/store/results_file.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <string>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <mpi.h>
#include <semaphore.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

using namespace rhosweep;
using model::Block;
using model::CellStatus;
using store::Existing;
using store::ResultsFile;
using store::ResultsReader;

namespace {

int rank_in(MPI_Comm comm) {
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  return rank;
}

int size_of(MPI_Comm comm) {
  int size = 0;
  MPI_Comm_size(comm, &size);
  return size;
}

/// Creates the file on rank 0 and opens it on all ranks. Collective.
ResultsFile create_and_open(const std::string& path, const store::FileDescription& description,
                            MPI_Comm comm) {
  if (rank_in(comm) == 0) ResultsFile::create(path, description, example::provenance(), Existing::overwrite);
  MPI_Barrier(comm);
  return ResultsFile::open(path, {comm});
}

/// Writes the blocks of a partition except the last `omitted` ones, round-robin over the ranks.
void write_blocks(ResultsFile& file, const store::FileDescription& description, std::int64_t width,
                  std::int64_t omitted, MPI_Comm comm) {
  const std::vector<double> costs(description.grid.axes_points(), 1.0);
  const model::Partition partition(description.grid, width, costs);
  const core::Rank rank{rank_in(comm)};
  for (core::BlockIndex i{rank.value}; i.value < partition.blocks() - omitted; i.value += size_of(comm))
    file.write(partition[i], example::run(description, partition[i]), rank);
}

/// Makes a complete file: the ranks of `comm` write blocks of this width. Collective.
void make_file(const std::string& path, const store::FileDescription& description, std::int64_t width,
               MPI_Comm comm) {
  ResultsFile file = create_and_open(path, description, comm);
  write_blocks(file, description, width, 0, comm);
  file.close();
}

/// Returns the exit code of h5diff: 0 if everything that it compares is equal, 127 without h5diff.
int h5diff(const std::string& a, const std::string& b, const char* option) {
  std::vector<std::string> arguments{"h5diff", option, a, b};
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  if (posix_spawnp(&child, "h5diff", nullptr, nullptr, argv.data(), environ) != 0) return 127;
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/// Counts numbers that differ from the expected ones: the example's in the first `written` cells (in
/// row-major order), NaN in the rest.
std::int64_t wrong_numbers(const ResultsReader& reader, std::int64_t written) {
  const model::Grid& grid = reader.description().grid;
  const std::int64_t evaluations = reader.description().evaluations;
  const std::int64_t cells = grid.cells() / grid.axes_points();  // cells of an axes point
  const auto differs = [](double found, bool pending, double expected) {
    return pending ? !std::isnan(found) : found != expected;
  };
  std::int64_t wrong = 0;
  for (core::PointIndex point; point.value < grid.axes_points(); ++point) {
    const store::StoredCells stored = reader.read_cells(point, 0, std::ssize(grid.seeds));
    const model::BlockResult& found = stored.result;
    for (std::int64_t i = 0; i < cells; ++i) {
      const std::int64_t cell = point.value * cells + i;
      const bool pending = cell >= written;
      const bool diverged = !pending && example::diverged(cell);
      wrong += found.status.at(i) != (pending    ? CellStatus::pending
                                      : diverged ? CellStatus::diverged
                                                 : CellStatus::done);
      wrong += found.diverged_step.at(i) != (diverged ? cell : -1);
      wrong += (stored.checksums.at(i) == 0) != pending;
    }
    for (std::int64_t m = 0; m < std::ssize(reader.description().metrics); ++m) {
      for (std::int64_t i = 0; i < cells; ++i) {
        const std::int64_t cell = point.value * cells + i;
        wrong += differs(found.final.at(m * cells + i), cell >= written, example::final_value(m, cell));
        for (std::int64_t e = 0; e < evaluations; ++e)
          wrong += differs(found.curve.at((m * cells + i) * evaluations + e), cell >= written,
                           example::curve_value(m, cell, e, evaluations));
      }
    }
  }
  return wrong;
}

}  // namespace

TEST_CASE("blocks of any width land in their cells, whichever rank writes them", "[np1][np2][np4]") {
  // The trials of a seed are an array of 3 schedules × 5 ρ. Blocks of these widths are parts of a row, whole
  // rows, one to three rectangles of the array, and all trials.
  const auto width = GENERATE(1, 4, 5, 7, 10, 13, 64);
  const auto description = example::two_axes();
  make_file("blocks.h5", description, width, MPI_COMM_WORLD);
  REQUIRE_ALL(MPI_COMM_WORLD, wrong_numbers(ResultsReader("blocks.h5"), description.grid.cells()) == 0);
}

TEST_CASE("a block that starts and ends inside a row fills exactly its cells", "[np1]") {
  const auto description = example::two_axes();
  const Block block{.point = core::PointIndex{4}, .seed = 1, .first = 3, .trials = 10};
  ResultsFile file = create_and_open("inside.h5", description, MPI_COMM_SELF);
  file.write(block, example::run(description, block), core::Rank{0});
  file.close();

  const ResultsReader reader("inside.h5");
  CHECK(reader.count_status()[static_cast<std::size_t>(CellStatus::pending)] ==
        description.grid.cells() - 10);
  const auto stored = reader.read_cells(block.point, block.seed, 1);
  for (std::int64_t trial = 0; trial < 15; ++trial) {
    const double value = stored.result.final[trial];
    if (trial >= 3 && trial < 13)
      CHECK(value == example::final_value(0, (4 * 2 + 1) * 15 + trial));
    else
      CHECK(std::isnan(value));
  }
}

TEST_CASE("dimensions of size 1 and no axes are written and read", "[np1]") {
  for (const auto& description : {example::ones(), example::no_axes()}) {
    make_file("small.h5", description, 3, MPI_COMM_SELF);
    CHECK(wrong_numbers(ResultsReader("small.h5"), description.grid.cells()) == 0);
  }
}

TEST_CASE("outside /run, files of 1, 2 and 3 ranks and any block width are equal", "[np3]") {
  const auto description = example::two_axes();
  const int rank = rank_in(MPI_COMM_WORLD);
  for (const int ranks : {1, 2, 3}) {
    MPI_Comm part = MPI_COMM_NULL;
    MPI_Comm_split(MPI_COMM_WORLD, rank < ranks ? 0 : MPI_UNDEFINED, rank, &part);
    if (part == MPI_COMM_NULL) continue;
    make_file("ranks" + std::to_string(ranks) + ".h5", description, 4 + 3 * ranks, part);
    MPI_Comm_free(&part);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  if (rank == 0) {
    CHECK(h5diff("ranks1.h5", "ranks2.h5", "--exclude-path=/run") == 0);
    CHECK(h5diff("ranks1.h5", "ranks3.h5", "--exclude-path=/run") == 0);
    CHECK(h5diff("ranks1.h5", "ranks3.h5", "--quiet") == 1);  // /run holds the number of ranks
  }
}

TEST_CASE("a block can be read while the file is open, by a reader opened before it was written", "[np2]") {
  const auto description = example::two_axes();
  ResultsFile file = create_and_open("live.h5", description, MPI_COMM_WORLD);
  const ResultsReader reader("live.h5");
  const auto count = [&](CellStatus status) {
    return reader.count_status()[static_cast<std::size_t>(status)];
  };
  REQUIRE_ALL(MPI_COMM_WORLD, count(CellStatus::pending) == description.grid.cells());
  MPI_Barrier(MPI_COMM_WORLD);

  const Block block{.point = core::PointIndex{0}, .seed = 0, .first = 0, .trials = 6};
  if (rank_in(MPI_COMM_WORLD) == 1) {
    file.write(block, example::run(description, block), core::Rank{1});
    file.sync();
  }
  MPI_Barrier(MPI_COMM_WORLD);
  CHECK(count(CellStatus::done) == 6);  // the seventh cell is the first that diverges
  CHECK(reader.total_seconds() == 3.0);
  CHECK(wrong_numbers(reader, 6) == 0);
  MPI_Barrier(MPI_COMM_WORLD);
  file.close();
}

TEST_CASE("opening a file keeps Open MPI from making lock files beside it, unless the user says otherwise",
          "[np1]") {
  // On a single node Open MPI uses shared memory, so lock files would appear only with several nodes. This
  // test checks the setting instead.
  const char* const variable = "OMPI_MCA_sharedfp";
  const auto setting_after_opening = [&] {
    create_and_open("lockless.h5", example::ones(), MPI_COMM_SELF).close();
    const char* const value = std::getenv(variable);
    return std::string(value == nullptr ? "" : value);
  };
  unsetenv(variable);
  CHECK(setting_after_opening() == "^lockedfile,individual");
  setenv(variable, "sm", 1);
  CHECK(setting_after_opening() == "sm");
}

TEST_CASE("a run that was killed while it opened a file of the same name stops no later one", "[np1][np2]") {
  // Locks Open MPI's semaphore, as if a process had died while it held the semaphore.
  const char* const name = "/OMPIO_killed_before.h5";
  sem_t* const left = ::sem_open(name, O_CREAT, 0644, 0);
  REQUIRE(left != SEM_FAILED);
  MPI_Barrier(MPI_COMM_WORLD);
  create_and_open("killed_before.h5", example::ones(), MPI_COMM_WORLD).close();
  CHECK(::sem_close(left) == 0);
  ::sem_unlink(name);
}

TEST_CASE("files with the longest name that the system allows are opened by all ranks", "[np1][np2]") {
  create_and_open(std::string(252, 'p') + ".h5", example::ones(), MPI_COMM_WORLD).close();
}

TEST_CASE("a file may have a name of one character", "[np1][np2]") {
  create_and_open("p", example::ones(), MPI_COMM_WORLD).close();
}

TEST_CASE("a semaphore of another user is named, and nobody waits for it", "[np1]") {
  if (::getuid() != 0) return skip_case("only root can make what another user meets");
  const char* const name = "/OMPIO_of_two_users.h5";
  sem_t* const theirs = ::sem_open(name, O_CREAT, 0644, 0);
  REQUIRE(theirs != SEM_FAILED);
  ResultsFile::create("of_two_users.h5", example::ones(), example::provenance(), Existing::overwrite);
  REQUIRE(::chmod("of_two_users.h5", 0666) == 0);
  constexpr uid_t nobody = 65534;
  REQUIRE(::seteuid(nobody) == 0);
  const auto open = [] { ResultsFile::open("of_two_users.h5", {MPI_COMM_SELF}); };
  CHECK_THROWS_WITH(
      open(), Catch::Contains("of_two_users.h5: /dev/shm/sem.OMPIO_of_two_users.h5 is another user's") &&
                  Catch::Contains("name the file otherwise"));
  REQUIRE(::seteuid(0) == 0);
  CHECK(::sem_close(theirs) == 0);
  CHECK(::sem_unlink(name) == 0);
}

TEST_CASE("cells that were never written stay pending, and a reopened file takes them", "[np2]") {
  const auto description = example::two_axes();
  const std::int64_t width = 15;  // all trials of a seed: block i holds the cells from 15·i on
  ResultsFile file = create_and_open("resumed.h5", description, MPI_COMM_WORLD);
  write_blocks(file, description, width, 2, MPI_COMM_WORLD);
  file.close();
  REQUIRE_ALL(MPI_COMM_WORLD,
              wrong_numbers(ResultsReader("resumed.h5"), description.grid.cells() - 2 * width) == 0);

  file = ResultsFile::open("resumed.h5", {MPI_COMM_WORLD});
  write_blocks(file, description, width, 0, MPI_COMM_WORLD);
  file.close();
  CHECK(wrong_numbers(ResultsReader("resumed.h5"), description.grid.cells()) == 0);
}

TEST_CASE("checksums in the file are those of the blocks", "[np1]") {
  const auto description = example::two_axes();
  make_file("sums.h5", description, 15, MPI_COMM_SELF);
  const auto stored = ResultsReader("sums.h5").read_cells(core::PointIndex{2}, 1, 1);
  const Block second_seed{.point = core::PointIndex{2}, .seed = 1, .first = 0, .trials = 15};
  CHECK(stored.checksums == checksums(example::run(description, second_seed)));
}

TEST_CASE("a block of another shape than the file's is a bug that is reported", "[np1]") {
  const auto description = example::two_axes();
  ResultsFile file = create_and_open("shapes.h5", description, MPI_COMM_SELF);
  const Block block{.point = core::PointIndex{0}, .seed = 0, .first = 0, .trials = 4};
  const auto moved = [](std::int64_t point, std::int64_t seed, std::int64_t first, std::int64_t trials) {
    return Block{core::PointIndex{point}, seed, first, trials};
  };
  const auto write = [&](const Block& where, const model::BlockResult& what) { file.write(where, what, {}); };
  const auto result = example::run(description, block);
  CHECK_THROWS_AS(write(moved(6, 0, 0, 4), result), core::InternalError);
  CHECK_THROWS_AS(write(moved(0, 2, 0, 4), result), core::InternalError);
  CHECK_THROWS_AS(write(moved(0, 0, 12, 4), result), core::InternalError);
  CHECK_THROWS_AS(write(moved(0, 0, 0, 5), result), core::InternalError);
  CHECK_THROWS_AS(write(block, model::BlockResult(4, 1, 4)), core::InternalError);
  CHECK_THROWS_AS(write(block, model::BlockResult(4, 2, 3)), core::InternalError);
  file.close();
  CHECK_THROWS_AS(write(block, result), core::InternalError);
  CHECK(ResultsReader("shapes.h5").count_status()[0] == description.grid.cells());
}
