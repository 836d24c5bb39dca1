#pragma once

#include <memory>
#include <string>

namespace boost::mpi {
class environment;
}

namespace rhosweep::mpi {

/// MPI from construction to destruction, whether started by mpirun, srun or alone. Exceptions must be caught
/// within its scope: it does not abort for them. MPI errors are returned and become exceptions.
class Environment {
 public:
  /// Only the main thread may call MPI.
  Environment(int& argc, char**& argv);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::unique_ptr<boost::mpi::environment> environment_;
};

/// Name and version of the MPI library that the program runs with, in a line.
std::string library_version();

/// Version of Boost that the program was built with, "1.74".
std::string boost_version();

}  // namespace rhosweep::mpi
