#include "rhosweep/core/processors.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep::core;

namespace {

/// Returns the text after "NAME:" in /proc/self/status.
std::string told_by_kernel(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(name + ":\t")) return line.substr(name.size() + 2);
  return "";
}

}  // namespace

TEST_CASE("numbers are listed in ranges") {
  CHECK(to_list_text({}).empty());
  CHECK(to_list_text({7}) == "7");
  CHECK(to_list_text({0, 1}) == "0-1");
  CHECK(to_list_text({0, 2, 3, 4, 9}) == "0,2-4,9");
}

TEST_CASE("the usable processors are those that the kernel tells") {
  CHECK(to_list_text(usable_processors()) == told_by_kernel("Cpus_allowed_list"));
}

TEST_CASE("processor time counts this process at work and children that have ended, not sleep") {
  const double before = processor_seconds();
  REQUIRE(std::system("sleep 0.3") == 0);
  const double slept = processor_seconds() - before;
  CHECK(slept < 0.2);
  REQUIRE(std::system("i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done") == 0);
  const double child = processor_seconds() - before - slept;
  CHECK(child > 0.01);
  const double own_before = processor_seconds();
  const auto start = std::chrono::steady_clock::now();
  while (processor_seconds() - own_before < 0.1) {
    REQUIRE(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
  }
}
