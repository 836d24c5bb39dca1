#include "support/mpi_check.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/mpi/failed_together.hpp"
#include "rhosweep/mpi/world.hpp"

#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::mpi;

TEST_CASE("a world knows its ranks and their hosts", "[np1][np3]") {
  const World world;
  int rank = -1;
  int size = -1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  CHECK(world.rank() == core::Rank{rank});
  CHECK(world.is_root() == (rank == 0));
  CHECK(world.size() == size);
  CHECK(world.node_rank() == rank);  // the tests run on one node
  CHECK(!world.host().empty());
  const std::size_t expected = world.is_root() ? size : 0;  // the tests run on one host
  CHECK(world.gather(world.host()) == std::vector<std::string>(expected, world.host()));
}

TEST_CASE("rank 0 gathers the texts of all ranks, whatever their lengths", "[np1][np3]") {
  const World world;
  const auto text_of = [](std::int64_t rank) { return std::string(rank * 1000, 'x'); };
  std::vector<std::string> expected;
  for (std::int64_t rank = 0; world.is_root() && rank < world.size(); ++rank)
    expected.push_back(text_of(rank));
  CHECK(world.gather(text_of(world.rank().value)) == expected);
}

TEST_CASE("every rank of a node gets the texts of all of them", "[np1][np3]") {
  const World world;
  const auto text_of = [](std::int64_t rank) { return std::string(rank * 1000, 'x'); };
  std::vector<std::string> expected;
  for (std::int64_t rank = 0; rank < world.size(); ++rank) expected.push_back(text_of(rank));
  const std::vector<std::string> found = world.gather_on_node(text_of(world.rank().value));
  REQUIRE_ALL(world.comm(), found == expected);  // the tests run on one node
}

TEST_CASE("rank 0 gathers the numbers of all ranks", "[np1][np3]") {
  const World world;
  std::vector<double> expected;
  for (std::int64_t rank = 0; world.is_root() && rank < world.size(); ++rank)
    expected.push_back(0.5 + static_cast<double>(rank));
  CHECK(world.gather(0.5 + static_cast<double>(world.rank().value)) == expected);
}

TEST_CASE("a broadcast gives every rank the value of rank 0, whatever its length", "[np1][np3]") {
  const World world;
  const auto length = GENERATE(0, 1, 5'000'000);
  std::string expected_text(length, 'x');
  std::vector<double> expected_numbers(length);
  for (int i = 0; i < length; ++i) {
    expected_text[i] = static_cast<char>('a' + i % 26);
    expected_numbers[i] = 0.1 * i;
  }
  std::string text = world.is_root() ? expected_text : "something else";
  std::vector<double> numbers = world.is_root() ? expected_numbers : std::vector<double>{1.0, 2.0};
  world.broadcast(text);
  world.broadcast(numbers);
  REQUIRE_ALL(world.comm(), text == expected_text);
  REQUIRE_ALL(world.comm(), numbers == expected_numbers);
}

TEST_CASE("an action on the root runs once, on rank 0", "[np3]") {
  const World world;
  int times = 0;
  world.on_root([&] { ++times; });
  REQUIRE_ALL(world.comm(), times == (world.is_root() ? 1 : 0));
}

TEST_CASE("an error on the root reaches every rank with its exit code, its message rank 0 alone",
          "[np1][np2][np4]") {
  const World world;
  const auto fail = [&](const std::function<void()>& action) -> std::pair<std::string, core::ExitCode> {
    try {
      world.on_root(action);
    } catch (const FailedTogether& failure) {
      return {failure.what(), failure.code()};
    }
    return {"none", core::ExitCode::success};
  };
  const auto [message, code] = fail([] { throw core::InputError("a.toml: line 3: unknown key"); });
  REQUIRE_ALL(world.comm(), code == core::ExitCode::bad_input);
  REQUIRE_ALL(world.comm(), message == (world.is_root() ? "a.toml: line 3: unknown key" : ""));
  const auto [bug, bug_code] = fail([] { throw std::runtime_error("a bug"); });
  REQUIRE_ALL(world.comm(), bug_code == core::ExitCode::failure);
  REQUIRE_ALL(world.comm(), bug == (world.is_root() ? "a bug" : ""));
  const auto [memory, memory_code] = fail([] { throw std::bad_alloc(); });
  REQUIRE_ALL(world.comm(), memory_code == core::ExitCode::failure);
  REQUIRE_ALL(world.comm(), memory == (world.is_root() ? "out of memory" : ""));
}
