// Runs the cases under MPI. Every rank runs the selected cases. The exit code is reduced over all ranks, and
// failures on ranks other than 0 are printed with the rank.
#include "support/run_cases.hpp"

#include <iostream>
#include <sstream>

#include <mpi.h>

int run_cases(int& argc, char**& argv, const std::function<int()>& session) {
  MPI_Init(&argc, &argv);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);

  // Holds back the output of ranks other than 0, and prints the output of those that fail.
  std::ostringstream held;
  std::streambuf* const terminal = std::cout.rdbuf();
  if (rank != 0) std::cout.rdbuf(held.rdbuf());
  const int result = session();
  std::cout.rdbuf(terminal);
  if (rank != 0 && result != 0) std::cout << "on rank " << rank << ":\n" << held.str() << std::flush;

  int worst = 0;
  MPI_Allreduce(&result, &worst, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  MPI_Finalize();
  return worst == 0 ? 0 : 1;
}
