#include "rhosweep/core/error.hpp"
#include "rhosweep/core/temporary_folder.hpp"
#include "rhosweep/store/run_lock.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace rhosweep;
namespace fs = std::filesystem;

namespace {

std::string text_in(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("a lock lies beside its file, says who holds it, and is removed at the end", "[np1]") {
  const fs::path folder = "lock";
  fs::remove_all(folder);
  fs::create_directory(folder);
  {
    const store::RunLock lock(folder / "out.h5");
    lock.note("process 1");
    CHECK(text_in(folder / ".out.h5.lock") == "process 1");
  }
  CHECK(fs::is_empty(folder));
}

TEST_CASE("where the lock of another user cannot be tried, a run is refused", "[np1]") {
  const core::TemporaryFolder folder("locks");
  fs::permissions(folder.path(), fs::perms::all);
  std::ofstream(folder.path() / ".out.h5.lock") << "process 1 of root";
  fs::permissions(folder.path() / ".out.h5.lock", fs::perms::owner_read);
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t nobody = 65534;
    if (::getuid() == 0 && ::setuid(nobody) != 0) ::_exit(99);  // since permissions do not count for root
    try {
      const store::RunLock lock(folder.path() / "out.h5");
    } catch (const core::InputError& refused) {
      const std::string words = refused.what();
      ::_exit(words.find("cannot be known whether another run writes") == std::string::npos ? 1 : 0);
    }
    ::_exit(2);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("what others have put at the name of a lock is neither written, followed nor removed", "[np1]") {
  const fs::path folder = "planted_lock";
  fs::remove_all(folder);
  fs::create_directory(folder);
  const fs::path lock = folder / ".out.h5.lock";
  const fs::path precious = folder / "precious";
  std::ofstream(precious) << "precious";
  const std::string kind = GENERATE("hard link", "symbolic link", "named pipe", "folder");
  CAPTURE(kind);
  if (kind == "hard link") fs::create_hard_link(precious, lock);
  if (kind == "symbolic link") fs::create_symlink("precious", lock);
  if (kind == "named pipe") REQUIRE(::mkfifo(lock.c_str(), 0600) == 0);
  if (kind == "folder") fs::create_directory(lock);
  CHECK_THROWS_AS([&] { store::RunLock(folder / "out.h5").note("process 1"); }(), core::InputError);
  CHECK(text_in(precious) == "precious");
  CHECK(fs::exists(fs::symlink_status(lock)));
}
