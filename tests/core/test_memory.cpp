#include "support/skip.hpp"

#include "rhosweep/core/memory.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/resource.h>

using namespace rhosweep::core;

namespace {

std::int64_t physical_memory() {
  std::ifstream lines("/proc/meminfo");
  std::string word;
  std::int64_t kibibytes = 0;
  lines >> word >> kibibytes;
  return kibibytes * 1024;
}

}  // namespace

TEST_CASE("available memory is some and no more than the machine has") {
  CHECK(available_memory() > 0);
  CHECK(available_memory() <= physical_memory());
}

TEST_CASE("more memory than there is is refused with what needs it and how much") {
  CHECK_NOTHROW(require_memory(1, "a byte"));
  CHECK_THROWS_AS(require_memory(physical_memory() + 1, "a set"), MemoryError);
  CHECK_THROWS_WITH(require_memory(std::int64_t{1} << 50, "a set"),
                    Catch::Matchers::StartsWith("a set needs 1.0 PiB of memory, "));
}

TEST_CASE("memory that is given back in exchange counts as available") {
  const std::int64_t more = std::int64_t{1} << 50;
  CHECK(available_memory(more) >= more);
  CHECK_NOTHROW(require_memory(physical_memory() + 1, "a set", physical_memory() + 1));
}

TEST_CASE("whole pages among bytes are given back, and what is around them stays") {
  constexpr std::size_t page = 4096;
  std::vector<std::byte> bytes(5 * page, std::byte{7});
  give_back_pages(std::span(bytes).subspan(10, 4 * page));
  // The span contains three whole pages and two partial ones, wherever the pages begin.
  CHECK(std::ranges::count(bytes, std::byte{0}) == 3 * page);
  CHECK(std::ranges::all_of(std::span(bytes).first(10), [](std::byte b) { return b == std::byte{7}; }));
  give_back_pages(std::span(bytes).first(10));
  CHECK(std::ranges::count(bytes, std::byte{0}) == 3 * page);
}

TEST_CASE("pages are zero, aligned and can be written to their end, however many") {
  for (const std::size_t size : {std::size_t{1}, std::size_t{5000}, (std::size_t{2} << 20) + 1}) {
    const auto pages = allocate_pages(size);
    const std::span bytes(pages.get(), size);
    CHECK(reinterpret_cast<std::uintptr_t>(bytes.data()) % 4096 == 0);
    CHECK(std::ranges::count(bytes, std::byte{0}) == static_cast<std::ptrdiff_t>(size));
    std::ranges::fill(bytes, std::byte{7});
    CHECK(std::ranges::count(bytes, std::byte{7}) == static_cast<std::ptrdiff_t>(size));
  }
}

TEST_CASE("a limit of the address space counts") {
#ifdef __SANITIZE_ADDRESS__
  skip_case("AddressSanitizer reserves more address space than the limit");
  return;
#endif
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_AS, &before) == 0);
  const rlimit limit{rlim_t{1} << 30, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_AS, &limit) == 0);
  CHECK(available_memory() < std::int64_t{1} << 30);
  CHECK_THROWS_AS(require_memory(std::int64_t{1} << 30, "a set"), MemoryError);
  CHECK_THROWS_AS(require_memory(std::int64_t{1} << 30, "a set", std::int64_t{1} << 30), MemoryError);
  setrlimit(RLIMIT_AS, &before);
}
