#include "rhosweep/core/error.hpp"
#include "rhosweep/core/vector_unit.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep::core;

TEST_CASE("a vector unit is chosen by its name, or the widest supported one without a name") {
  VectorUnit widest = VectorUnit::portable;
  CHECK(is_supported(VectorUnit::portable));
  for (const VectorUnit unit :
       {VectorUnit::portable, VectorUnit::neon, VectorUnit::avx2, VectorUnit::avx512}) {
    const std::string name = to_text(unit);
    CAPTURE(name);
    if (is_supported(unit)) {
      CHECK(choose_vector_unit(name) == unit);
      widest = unit;
    } else {
      CHECK_THROWS_WITH(choose_vector_unit(name),
                        Catch::Contains("RHOSWEEP_VECTOR_UNIT: found \"" + name +
                                        "\", which this processor does not support; allowed: portable"));
    }
  }
  CHECK(choose_vector_unit("") == widest);
}

TEST_CASE("an unknown vector unit is an error that names the allowed ones") {
  for (const char* name : {"avx", "AVX2", " avx2", "hsw", "avx512\n"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(choose_vector_unit(name), InputError);
    CHECK_THROWS_WITH(choose_vector_unit(name), Catch::StartsWith("RHOSWEEP_VECTOR_UNIT: found \"") &&
                                                    Catch::Contains("\"; allowed: portable"));
  }
}

#if defined(__x86_64__) && defined(__linux__)
TEST_CASE("a unit is supported if the kernel lists every feature that its code is compiled for") {
  // Linux lists a feature only if it also saves the registers that the feature uses.
  std::ifstream file("/proc/cpuinfo");
  std::set<std::string> features;
  for (std::string line; features.empty() && std::getline(file, line);) {
    if (!line.starts_with("flags")) continue;
    std::istringstream words(line);
    for (std::string word; words >> word;) features.insert(word);
  }
  const auto has_all = [&](const std::vector<std::string>& names) {
    return std::ranges::all_of(names, [&](const std::string& name) { return features.contains(name); });
  };
  REQUIRE(features.contains("sse2"));
  CHECK(is_supported(VectorUnit::avx2) == has_all({"avx2", "fma"}));
  CHECK(is_supported(VectorUnit::avx512) ==
        has_all({"avx2", "fma", "avx512f", "avx512dq", "avx512vl", "avx512bw"}));
}
#endif
