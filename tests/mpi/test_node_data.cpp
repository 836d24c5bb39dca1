#include "support/mpi_check.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/mpi/node_data.hpp"
#include "rhosweep/mpi/world.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::mpi;

namespace {

/// Returns bytes with a period of 251, which divides no chunk size.
std::vector<std::byte> some_bytes(std::int64_t size) {
  std::vector<std::byte> bytes(size);
  for (std::int64_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i % 251);
  return bytes;
}

/// Returns what each rank passes to NodeData: a copy of `bytes` on rank 0, nothing on the others.
NodeData::Bytes on_root(const World& world, const std::vector<std::byte>& bytes) {
  if (!world.is_root()) return {};
  const auto copy = std::make_shared<std::vector<std::byte>>(bytes);
  return {std::shared_ptr<const std::byte>(copy, copy->data()), copy->size()};
}

/// Whether MPI_Win_fence raises an error on its window.
bool with_failing_fence = false;

bool holds(const NodeData::Bytes& shared, const std::vector<std::byte>& bytes) {
  return shared.second == bytes.size() && std::equal(bytes.begin(), bytes.end(), shared.first.get());
}

/// Returns whether this rank sees a byte that `writer` writes through its own pointer. Collective.
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

/// Replaces the MPI library's function. With with_failing_fence it accesses a rank that does not exist. This
/// error ends the process, unless the window is set to return errors.
int MPI_Win_fence(int assertion, MPI_Win window) {
  if (!with_failing_fence) return PMPI_Win_fence(assertion, window);
  constexpr int no_rank = 1000;
  return MPI_Put(nullptr, 0, MPI_BYTE, no_rank, 0, 0, MPI_BYTE, window);
}

TEST_CASE("every rank sees the bytes of rank 0, also after rank 0 has dropped them",
          "[np1][np2][np3][np4][np8]") {
  const World world;
  NodeData data(world);
  const std::vector<std::byte> bytes = some_bytes(100'003);
  auto shared = data.share(on_root(world, bytes));
  REQUIRE_ALL(world.comm(), holds(shared, bytes));
  if (world.size() > 1)
    REQUIRE_ALL(world.comm(), reinterpret_cast<std::uintptr_t>(shared.first.get()) % 4096 == 0);
  shared.first.reset();
  data.release();
}

TEST_CASE("the bytes of a rank that reads its copy alone are this copy", "[np1][np2][np3]") {
  const World world;
  NodeData data(world, {.ranks_per_copy = 1});
  const std::vector<std::byte> bytes = some_bytes(100'003);
  NodeData::Bytes handed = on_root(world, bytes);
  const std::byte* const first = handed.first.get();
  auto shared = data.share(std::move(handed));
  REQUIRE_ALL(world.comm(), holds(shared, bytes));
  REQUIRE_ALL(world.comm(), (shared.first.get() == first) == world.is_root());
  shared.first.reset();
  data.release();
}

TEST_CASE("bytes that others read are given back while they are copied, if nobody else owns them",
          "[np2][np3]") {
  const World world;
  NodeData data(world);
  const bool has_other_owner = GENERATE(false, true);
  constexpr std::size_t page = 4096;
  std::vector<std::byte> bytes = some_bytes(10'000'000);  // more than is copied at once (4 MiB)
  for (std::byte& b : bytes) b |= std::byte{128};         // none is zero
  std::size_t pages_left = 0;  // pages not yet given back when rank 0's bytes are freed
  {
    NodeData::Bytes handed;
    if (world.is_root()) {
      auto* const own =
          static_cast<std::byte*>(std::aligned_alloc(page, (bytes.size() + page) / page * page));
      std::ranges::copy(bytes, own);
      const auto count_and_free = [&](const std::byte* begin) {
        for (std::size_t i = page - 1; i < bytes.size(); i += page) pages_left += begin[i] != std::byte{0};
        std::free(const_cast<std::byte*>(begin));
      };
      handed = {std::shared_ptr<const std::byte>(own, count_and_free), bytes.size()};
    }
    const auto other_owner = has_other_owner ? handed.first : nullptr;
    auto shared = data.share(std::move(handed));
    REQUIRE_ALL(world.comm(), holds(shared, bytes));
    shared.first.reset();
  }
  const std::size_t pages = world.is_root() ? bytes.size() / page : 0;
  REQUIRE_ALL(world.comm(), pages_left == (has_other_owner ? pages : 0));
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

  // A write of rank 0 is visible only to the ranks that share its copy.
  const bool same_copy = world.rank().value < ranks_per_copy;
  REQUIRE_ALL(world.comm(), sees_write_of(core::Rank{0}, std::byte{255}, shared.first, world) == same_copy);
  shared.first.reset();
  data.release();
}

TEST_CASE("an error on a shared window is thrown", "[np2]") {
  const World world;
  NodeData data(world);
  with_failing_fence = true;
  CHECK_THROWS_WITH(data.share(on_root(world, some_bytes(10))),
                    Catch::StartsWith("MPI_Win_fence: MPI_ERR_RANK"));
  with_failing_fence = false;
  REQUIRE_ALL(world.comm(), true);
}

TEST_CASE("node data cannot be released while a pointer to it is in use", "[np2]") {
  const World world;
  NodeData data(world);
  auto shared = data.share(on_root(world, some_bytes(10)));
  CHECK_THROWS_AS(data.release(), core::InternalError);
  shared.first.reset();
  data.release();
}
