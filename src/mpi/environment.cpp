#include "rhosweep/mpi/environment.hpp"

#include <algorithm>

#include <boost/mpi/environment.hpp>
#include <boost/version.hpp>
#include <mpi.h>

namespace rhosweep::mpi {

Environment::Environment(int& argc, char**& argv) {
  constexpr bool abort_on_exception = false;
  environment_ = std::make_unique<boost::mpi::environment>(argc, argv, boost::mpi::threading::funneled,
                                                           abort_on_exception);
}

Environment::~Environment() = default;

std::string library_version() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  MPI_Get_library_version(text, &length);
  const std::string whole(text, length);
  return whole.substr(0, whole.find(','));  // "Open MPI v4.1.4" of a long line
}

std::string boost_version() {
  std::string version = BOOST_LIB_VERSION;
  std::replace(version.begin(), version.end(), '_', '.');
  return version;
}

}  // namespace rhosweep::mpi
