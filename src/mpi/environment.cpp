#include "rhosweep/mpi/environment.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include <boost/mpi/environment.hpp>
#include <boost/version.hpp>
#include <mpi.h>

namespace rhosweep::mpi {

namespace {

/// Whether all ranks run on this node, known before MPI_Init from the variables that mpirun sets. If no
/// launcher has set any, the process runs alone. False if unknown.
bool is_on_one_node() {
  const char* const ranks = std::getenv("OMPI_COMM_WORLD_SIZE");
  const char* const ranks_here = std::getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
  if (ranks != nullptr && ranks_here != nullptr) return std::string_view(ranks) == ranks_here;
  return ranks == nullptr && std::getenv("PMIX_RANK") == nullptr && std::getenv("PMI_RANK") == nullptr;
}

/// On a single node, stops Open MPI from searching for networks, and from starting a daemon for a process
/// without mpirun: both are useless there and take most of its start-up time. Values that the user has set
/// are kept.
void spare_one_node() {
  if (!is_on_one_node()) return;
  constexpr int keep_the_users = 0;
  ::setenv("OMPI_MCA_pml", "ob1", keep_the_users);
  ::setenv("OMPI_MCA_btl", "^openib,usnic,ofi,uct", keep_the_users);
  ::setenv("OMPI_MCA_ess_singleton_isolated", "1", keep_the_users);
}

}  // namespace

Environment::Environment(int& argc, char**& argv) {
  spare_one_node();
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
  return whole.substr(0, whole.find(','));  // keeps "Open MPI v4.1.4" of a long line
}

std::string boost_version() {
  std::string version = BOOST_LIB_VERSION;
  std::replace(version.begin(), version.end(), '_', '.');
  return version;
}

}  // namespace rhosweep::mpi
