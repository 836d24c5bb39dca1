#include "rhosweep/core/descriptor.hpp"
#include "rhosweep/core/error.hpp"

#include <utility>

#include <catch2/catch.hpp>
#include <fcntl.h>

using namespace rhosweep::core;

namespace {

bool is_in_use(int number) {
  return ::fcntl(number, F_GETFD) >= 0;
}

}  // namespace

TEST_CASE("a descriptor is closed once, by its last owner") {
  int number = -1;
  {
    Descriptor first("/dev/null", O_RDONLY);
    number = first.number();
    CHECK(::fcntl(number, F_GETFD) == FD_CLOEXEC);
    Descriptor second(std::move(first));
    CHECK_FALSE(first.is_open());  // NOLINT(bugprone-use-after-move)
    Descriptor third;
    third = std::move(second);
    CHECK(third.number() == number);
    CHECK(is_in_use(number));
  }
  CHECK_FALSE(is_in_use(number));

  Descriptor closed("/dev/null", O_RDONLY);
  number = closed.number();
  closed.close();
  closed.close();
  CHECK_FALSE(closed.is_open());
  CHECK_FALSE(is_in_use(number));
}

TEST_CASE("a file that cannot be opened is named with the system's reason") {
  CHECK_THROWS_WITH(Descriptor("/no/such/file", O_RDONLY),
                    Catch::Contains("/no/such/file") && Catch::Contains("No such file or directory"));
  CHECK_THROWS_AS(Descriptor("/no/such/file", O_RDONLY), FileError);
}
