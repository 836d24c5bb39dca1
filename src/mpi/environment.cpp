#include "rhosweep/mpi/environment.hpp"

#include "open_mpi_settings.hpp"

#include "rhosweep/core/error.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include <boost/mpi/environment.hpp>
#include <boost/version.hpp>
#include <mpi.h>

namespace rhosweep::mpi {

namespace {

/// Makes a temporary session folder for a process without a launcher. Open MPI treats all such processes of a
/// user as one job, so in a common folder the first process that ends removes the files of the others. Throws
/// core::FileError if the folder cannot be made; Open MPI's own message would have fifty lines.
std::unique_ptr<core::TemporaryFolder> make_session_folder() {
  constexpr const char* purpose = "mpi";
  core::remove_abandoned(purpose);
  return std::make_unique<core::TemporaryFolder>(purpose);
}

#if defined(OMPI_MAJOR_VERSION) && OMPI_MAJOR_VERSION >= 5
constexpr const char* session_variable = "TMPDIR";  // Open MPI 5 has no parameter for its session folder
#else
constexpr const char* session_variable = "OMPI_MCA_orte_tmpdir_base";
#endif

/// Sets an environment variable while it exists.
class TemporaryVariable {
 public:
  TemporaryVariable(const char* name, const char* value) : name_(name) {
    if (const char* const before = std::getenv(name)) before_ = before;
    ::setenv(name, value, replace);
  }
  ~TemporaryVariable() {
    if (before_)
      ::setenv(name_, before_->c_str(), replace);
    else
      ::unsetenv(name_);
  }
  TemporaryVariable(const TemporaryVariable&) = delete;
  TemporaryVariable& operator=(const TemporaryVariable&) = delete;

 private:
  static constexpr int replace = 1;
  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace

Environment::Environment(int& argc, char**& argv) {
  adapt_open_mpi();
  std::optional<TemporaryVariable> session;
  if (is_alone() && std::getenv("OMPI_MCA_orte_tmpdir_base") == nullptr) {
    session_folder_ = make_session_folder();
    session.emplace(session_variable, session_folder_->path().c_str());
  }
  constexpr bool abort_on_exception = false;
  environment_ = std::make_unique<boost::mpi::environment>(argc, argv, boost::mpi::threading::funneled,
                                                           abort_on_exception);
}

Environment::~Environment() = default;

bool is_first_rank() {
  const char* rank = std::getenv("OMPI_COMM_WORLD_RANK");
  if (rank == nullptr) rank = std::getenv("PMIX_RANK");
  return rank == nullptr || std::string_view(rank) == "0";
}

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
