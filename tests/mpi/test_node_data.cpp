#include "support/mpi_check.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/mpi/node_data.hpp"
#include "rhosweep/mpi/world.hpp"

#include <algorithm>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::mpi;

namespace {

/// Bytes without a period that a chunk could share.
std::vector<std::byte> some_bytes(std::int64_t size) {
  std::vector<std::byte> bytes(size);
  for (std::int64_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i % 251);
  return bytes;
}

/// What rank 0 hands in; the other ranks have nothing.
std::vector<std::byte> on_root(const World& world, const std::vector<std::byte>& bytes) {
  return world.is_root() ? bytes : std::vector<std::byte>{};
}

bool holds(const std::pair<std::shared_ptr<const std::byte>, std::size_t>& shared,
           const std::vector<std::byte>& bytes) {
  return shared.second == bytes.size() && std::equal(bytes.begin(), bytes.end(), shared.first.get());
}

/// Whether a byte that one rank writes through its pointer is what this rank reads through its own.
/// Collective.
bool sees_write_of(core::Rank writer, std::byte value, const std::shared_ptr<const std::byte>& shared,
                   const World& world) {
  auto* const byte = const_cast<volatile std::byte*>(shared.get());
  MPI_Barrier(world.comm());
  if (world.rank() == writer) *byte = value;
  MPI_Barrier(world.comm());
  const bool seen = *byte == value;
  MPI_Barrier(world.comm());
  return seen;
}

}  // namespace

TEST_CASE("every rank sees the bytes of rank 0, also after rank 0 has dropped them",
          "[np1][np2][np3][np4][np8]") {
  const World world;
  NodeData data(world);
  const std::vector<std::byte> bytes = some_bytes(100'003);
  auto shared = data.share(on_root(world, bytes));
  REQUIRE_ALL(world.comm(), holds(shared, bytes));
  REQUIRE_ALL(world.comm(), reinterpret_cast<std::uintptr_t>(shared.first.get()) % 4096 == 0);
  shared.first.reset();
  data.release();
}

TEST_CASE("several data sets live side by side, an empty one among them", "[np1][np3]") {
  const World world;
  NodeData data(world);
  const std::vector<std::byte> first = some_bytes(5000);
  const std::vector<std::byte> last = some_bytes(1);
  {
    const auto shared_first = data.share(on_root(world, first));
    const auto shared_empty = data.share({});
    const auto shared_last = data.share(on_root(world, last));
    REQUIRE_ALL(world.comm(), holds(shared_first, first));
    REQUIRE_ALL(world.comm(), shared_empty.second == 0 && shared_empty.first == nullptr);
    REQUIRE_ALL(world.comm(), holds(shared_last, last));
  }
  data.release();
}

TEST_CASE("the ranks of a node read one copy", "[np2][np4]") {
  const World world;
  NodeData data(world);
  auto shared = data.share(on_root(world, some_bytes(100)));
  const core::Rank last{world.size() - 1};
  REQUIRE_ALL(world.comm(), sees_write_of(core::Rank{0}, std::byte{77}, shared.first, world));
  REQUIRE_ALL(world.comm(), sees_write_of(last, std::byte{78}, shared.first, world));
  shared.first.reset();
  data.release();
}

TEST_CASE("copies are filled in chunks from leader to leader", "[np2][np3][np4]") {
  const World world;
  const auto ranks_per_copy = GENERATE(1, 2);
  const auto chunk_bytes = GENERATE(7, 1000, 1001, 4096);
  NodeData data(world, {.chunk_bytes = chunk_bytes, .ranks_per_copy = ranks_per_copy});
  const std::vector<std::byte> bytes = some_bytes(1001);
  auto shared = data.share(on_root(world, bytes));
  REQUIRE_ALL(world.comm(), holds(shared, bytes));

  // A write of rank 0 shows in its own copy and in no other.
  const bool same_copy = world.rank().value < ranks_per_copy;
  REQUIRE_ALL(world.comm(), sees_write_of(core::Rank{0}, std::byte{255}, shared.first, world) == same_copy);
  shared.first.reset();
  data.release();
}

TEST_CASE("node data cannot be released while a pointer to it is in use", "[np2]") {
  const World world;
  NodeData data(world);
  auto shared = data.share(on_root(world, some_bytes(10)));
  CHECK_THROWS_AS(data.release(), core::InternalError);
  shared.first.reset();
  data.release();
}
