#pragma once

#include <mpi.h>

/// Returns whether the condition holds on every rank. Collective.
inline bool holds_on_all(MPI_Comm comm, bool condition) {
  const int mine = condition ? 1 : 0;
  int all = 0;
  MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_MIN, comm);
  return all == 1;
}

/// Like REQUIRE, for use between collectives: reduces the condition first, so that either all ranks continue
/// or none does. Collective.
#define REQUIRE_ALL(comm, ...)          \
  do {                                  \
    const bool mine_ = (__VA_ARGS__);   \
    CHECK(mine_);                       \
    REQUIRE(holds_on_all(comm, mine_)); \
  } while (false)
