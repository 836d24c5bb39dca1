#include "rhosweep/mpi/environment.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include <boost/mpi/environment.hpp>
#include <boost/version.hpp>
#include <mpi.h>

namespace rhosweep::mpi {

namespace {

/// Whether all ranks run on this node, before MPI can tell: by the variables of mpirun, or for want of any
/// launcher's. False where that is not known.
bool is_on_one_node() {
  const char* const ranks = std::getenv("OMPI_COMM_WORLD_SIZE");
  const char* const ranks_here = std::getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
  if (ranks != nullptr && ranks_here != nullptr) return std::string_view(ranks) == ranks_here;
  return ranks == nullptr && std::getenv("PMIX_RANK") == nullptr && std::getenv("PMI_RANK") == nullptr;
}

/// Keeps Open MPI, where there is one node only, from what nobody needs there and takes most of its start:
/// the look for networks, and a daemon for a process alone. What the user has set stays.
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
  return whole.substr(0, whole.find(','));  // "Open MPI v4.1.4" of a long line
}

std::string boost_version() {
  std::string version = BOOST_LIB_VERSION;
  std::replace(version.begin(), version.end(), '_', '.');
  return version;
}

}  // namespace rhosweep::mpi
