// Tests how a run begins its results file, on several ranks.
#include "example.hpp"
#include "support/mpi_check.hpp"

#include "rhosweep/mpi/failed_together.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/begin_file.hpp"
#include "rhosweep/study/blocks.hpp"
#include "rhosweep/study/provenance.hpp"

#include <optional>
#include <string>

#include <catch2/catch.hpp>

using namespace rhosweep;
using study::FileOptions;

namespace {

/// Makes the same study on every rank. Only rank 0 writes files.
study::Study prepare(const mpi::World& world, std::vector<std::string> overrides = {}) {
  mpi::NodeData node_data(world);
  world.on_root([] { example::prepare(); });
  auto study = study::Study::prepare(
      study::SweepOptions{.file = "sweep.toml", .overrides = std::move(overrides)}, world, node_data);
  node_data.release();
  return study;
}

bool begins_with(const study::Study& study, const FileOptions& options, const mpi::World& world,
                 const model::CellSet& expected) {
  return example::same(begin_file(study, options, world), expected);
}

/// Returns whether begin_file throws on all ranks, with the exit code of bad input.
bool is_refused(const study::Study& study, const FileOptions& options, const mpi::World& world) {
  try {
    begin_file(study, options, world);
  } catch (const mpi::FailedTogether& failure) {
    return failure.code() == core::ExitCode::bad_input;
  }
  return false;
}

std::optional<std::string> attribute(const char* name) {
  for (const auto& [key, text] : store::ResultsReader("out.h5").provenance())
    if (key == name) return text;
  return std::nullopt;
}

}  // namespace

TEST_CASE("every rank learns that a new file needs every cell", "[np1][np3]") {
  const mpi::World world;
  const study::Study study = prepare(world);
  const FileOptions options{.path = "out.h5", .overwrite = true, .command_line = "rhosweep run"};
  REQUIRE_ALL(world.comm(), begins_with(study, options, world, model::CellSet::all(study.grid())));
  store::ResultsFile file = open_file(study, "out.h5", world);
  file.close();
  world.on_root([] {
    CHECK(attribute("command_line") == "rhosweep run");
    CHECK(!attribute(study::shard_attribute));
  });
}

TEST_CASE("a file that exists is neither replaced nor continued without being asked to", "[np1][np3]") {
  const mpi::World world;
  const study::Study study = prepare(world);
  begin_file(study, {.path = "out.h5", .overwrite = true}, world);
  REQUIRE_ALL(world.comm(), is_refused(study, {.path = "out.h5"}, world));
}

TEST_CASE("a resumed run has left what the file lacks", "[np1][np3]") {
  const mpi::World world;
  const study::Study study = prepare(world);
  begin_file(study, {.path = "out.h5", .overwrite = true}, world);
  world.on_root([&] {
    const model::Block cell = example::cell(1, 2);
    example::write("out.h5", cell, example::results(study, cell));
  });
  const auto expected = example::without(model::CellSet::all(study.grid()), {example::cell(1, 2)});
  REQUIRE_ALL(world.comm(), begins_with(study, {.path = "out.h5", .resume = true}, world, expected));
}

TEST_CASE("resuming a file that is not there makes it", "[np1]") {
  const mpi::World world;
  const study::Study study = prepare(world);
  std::filesystem::remove("out.h5");
  CHECK(begins_with(study, {.path = "out.h5", .resume = true}, world, model::CellSet::all(study.grid())));
  CHECK(std::filesystem::exists("out.h5"));
}

TEST_CASE("a shard has its cells, and its file takes no other shard", "[np1][np3]") {
  const mpi::World world;
  const study::Study study = prepare(world);
  const model::Shard first{.index = 1, .count = 2};
  const model::CellSet cells = study::shard_cells(study, first);
  const FileOptions options{.path = "out.h5", .overwrite = true, .shard = first};
  REQUIRE_ALL(world.comm(), begins_with(study, options, world, cells));
  world.on_root([&] {
    CHECK(attribute(study::shard_attribute) == "1/2");
    CHECK(attribute(study::shard_cells_attribute) == std::to_string(cells.size()));
  });
  const model::Shard second{.index = 2, .count = 2};
  REQUIRE_ALL(world.comm(), is_refused(study, {.path = "out.h5", .resume = true, .shard = second}, world));
  REQUIRE_ALL(world.comm(),
              begins_with(study, {.path = "out.h5", .resume = true, .shard = first}, world, cells));
  // A resumed run without a shard takes all that is left of the whole sweep.
  REQUIRE_ALL(world.comm(), begins_with(study, {.path = "out.h5", .resume = true}, world,
                                        model::CellSet::all(study.grid())));
}

TEST_CASE("cells of other files are copied into a new and into a resumed file", "[np1][np3]") {
  const mpi::World world;
  const study::Study study = prepare(world);
  world.on_root([&] {
    model::CellSet seed(study.grid());
    for (std::int64_t i = 0; i < 6; ++i) seed.add(example::trials_of_seed(study, 1), i);
    example::make_file(study, "old.h5", seed);
  });
  const auto expected =
      example::without(model::CellSet::all(study.grid()), {example::trials_of_seed(study, 1)});
  REQUIRE_ALL(world.comm(), begins_with(study, {.path = "out.h5", .overwrite = true, .reuse = {"old.h5"}},
                                        world, expected));
  begin_file(study, {.path = "out.h5", .overwrite = true}, world);
  REQUIRE_ALL(world.comm(),
              begins_with(study, {.path = "out.h5", .resume = true, .reuse = {"old.h5"}}, world, expected));
}
