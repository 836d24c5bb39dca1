#include "rhosweep/mpi/environment.hpp"
#include "rhosweep/mpi/world.hpp"

#include <catch2/catch.hpp>
#include <mpi.h>

using namespace rhosweep::mpi;

namespace {

void make_environment() {
  int argc = 0;
  char** argv = nullptr;
  const Environment environment(argc, argv);
}

}  // namespace

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
