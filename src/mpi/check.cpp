#include "check.hpp"

#include "rhosweep/core/error.hpp"

#include <string>

#include <mpi.h>

namespace rhosweep::mpi {

void check(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw core::Error(std::string(call) + ": " + std::string(text, length));
}

}  // namespace rhosweep::mpi
