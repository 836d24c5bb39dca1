#include "rhosweep/core/error.hpp"
#include "rhosweep/mpi/environment.hpp"
#include "rhosweep/mpi/world.hpp"

#include <cstdlib>
#include <string>

#include <catch2/catch.hpp>
#include <mpi.h>

using namespace rhosweep::mpi;

namespace {

const char* const variable = "OMPI_MCA_sharedfp";

void make_environment() {
  int argc = 0;
  char** argv = nullptr;
  const Environment environment(argc, argv);
}

}  // namespace

TEST_CASE("the environment keeps Open MPI from leaving lock files beside the results", "[np1]") {
  unsetenv(variable);
  make_environment();
  REQUIRE(std::getenv(variable) != nullptr);
  CHECK(std::getenv(variable) == std::string("^lockedfile,individual"));
}

TEST_CASE("the environment keeps the user's settings", "[np1]") {
  setenv(variable, "sm", 1);
  make_environment();
  CHECK(std::getenv(variable) == std::string("sm"));
}

TEST_CASE("an environment within one that exists does not end MPI", "[np1]") {
  make_environment();
  int finalized = 1;
  MPI_Finalized(&finalized);
  CHECK(!finalized);
}

TEST_CASE("an MPI error is an exception with MPI's text", "[np1]") {
  make_environment();
  CHECK_THROWS_WITH(World(MPI_COMM_NULL),
                    Catch::Contains("MPI_Comm_rank") && Catch::Contains("MPI_ERR_COMM"));
}
