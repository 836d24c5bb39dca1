#include "session_folder.hpp"

#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rhosweep::mpi {

namespace {

constexpr std::string_view prefix = "rhosweep-mpi-";

/// Opens a folder of this user and locks it. @return a closed descriptor if it is another user's, or in use
core::Descriptor locked(const std::filesystem::path& folder) {
  core::Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat found {};
  if (opened.is_open() && (::fstat(opened.number(), &found) != 0 || found.st_uid != ::geteuid() ||
                           ::flock(opened.number(), LOCK_EX | LOCK_NB) != 0))
    opened.close();
  return opened;
}

void remove_stale(const std::filesystem::path& parent) {
  std::error_code ignored;  // a folder that stays does no harm
  for (const auto& entry : std::filesystem::directory_iterator(parent, ignored))
    if (entry.path().filename().string().starts_with(prefix))
      if (const core::Descriptor stale = locked(entry.path()); stale.is_open())
        std::filesystem::remove_all(entry.path(), ignored);
}

}  // namespace

SessionFolder::SessionFolder() {
  std::error_code none;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(none);
  if (none) return;
  remove_stale(parent);
  std::string made = (parent / prefix).string() + "XXXXXX";
  if (::mkdtemp(made.data()) == nullptr) return;
  lock_ = locked(made);
  // Another process may have found the folder before it was locked, and removed it as stale.
  if (lock_.is_open() && lock_.is_at(made)) path_ = made;
}

SessionFolder::~SessionFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace rhosweep::mpi
