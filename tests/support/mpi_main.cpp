// Runs Catch2 under MPI. Every rank runs the selected cases. The exit code is reduced over all ranks,
// failures on ranks other than 0 are printed with the rank, and it is a failure if no test runs.
#define CATCH_CONFIG_RUNNER
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>
#include <mpi.h>

int main(int argc, char** argv) {
  Catch::Session session;
  if (const int bad = session.applyCommandLine(argc, argv); bad != 0) return bad;
  const auto& config = session.configData();
  if (config.listTests || config.listTags || config.listTestNamesOnly || config.showHelp)
    return session.run();

  MPI_Init(&argc, &argv);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  session.configData().warnings = Catch::WarnAbout::NoTests;

  // Holds back the output of ranks other than 0 and prints it only if they fail.
  std::ostringstream held;
  std::streambuf* const terminal = std::cout.rdbuf();
  if (rank != 0) std::cout.rdbuf(held.rdbuf());
  const int result = session.run();
  std::cout.rdbuf(terminal);
  if (rank != 0 && result != 0) std::cout << "on rank " << rank << ":\n" << held.str() << std::flush;

  int worst = 0;
  MPI_Allreduce(&result, &worst, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  MPI_Finalize();
  return worst == 0 ? 0 : 1;
}
