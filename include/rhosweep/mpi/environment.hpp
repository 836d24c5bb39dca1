#pragma once

#include "rhosweep/core/temporary_folder.hpp"

#include <memory>
#include <string>

namespace boost::mpi {
class environment;
}

namespace rhosweep::mpi {

/// Initialises MPI in the constructor and finalises it in the destructor, in a process started by mpirun, by
/// srun or alone. Catch exceptions within its scope, because the destructor does not abort the job after an
/// exception. MPI calls return error codes, which become exceptions.
class Environment {
 public:
  /// Initialises MPI so that only the main thread may call MPI functions.
  Environment(int& argc, char**& argv);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::unique_ptr<core::TemporaryFolder> session_folder_;  ///< destroyed after MPI is finalised
  std::unique_ptr<boost::mpi::environment> environment_;
};

/// Returns whether this process is rank 0, or is not part of an MPI job. Works before MPI_Init.
bool is_first_rank();

/// Name and version of the MPI library in use, in one line.
std::string library_version();

/// Version of Boost that the program was built with, such as "1.74".
std::string boost_version();

}  // namespace rhosweep::mpi
