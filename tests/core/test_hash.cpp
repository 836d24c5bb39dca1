#include "rhosweep/core/hash.hpp"

#include <catch2/catch.hpp>

using rhosweep::core::Hash;
using rhosweep::core::to_hex;

TEST_CASE("the hash of nothing is XXH3's published value") {
  // xxHash specification: XXH3_64bits("") with seed 0.
  CHECK(to_hex(Hash().digest()) == "2d06800538d394c2");
}

TEST_CASE("a hash depends on the bytes and not on how they were cut") {
  CHECK(Hash().text("abcdef").digest() == Hash().text("abc").text("").text("def").digest());
  CHECK(Hash().text("abcdef").digest() != Hash().text("abcdeg").digest());
}

TEST_CASE("numbers are hashed by their bytes, so -0.0 and 0.0 differ") {
  CHECK(Hash().number(0.0).digest() != Hash().number(-0.0).digest());
  CHECK(Hash().number(std::int32_t{1}).digest() != Hash().number(std::int64_t{1}).digest());
}
