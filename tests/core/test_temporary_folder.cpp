#include "support/skip.hpp"

#include "rhosweep/core/temporary_folder.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace rhosweep;
namespace fs = std::filesystem;

namespace {

/// Makes `folder` the system's folder for temporary files while this object exists.
class Parent {
 public:
  explicit Parent(const fs::path& folder) {
    fs::create_directories(folder);
    ::setenv("TMPDIR", folder.c_str(), 1);
  }
  ~Parent() { ::unsetenv("TMPDIR"); }
  Parent(const Parent&) = delete;
  Parent& operator=(const Parent&) = delete;
};

/// Runs an action in a child process without root rights, so that permissions apply. @return the child's exit
/// code
template <class Action>
int as_a_user(Action&& action) {
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t nobody = 65534;
    if (::getuid() == 0 && ::setuid(nobody) != 0) ::_exit(99);
    ::_exit(action());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

/// A folder that every user may write to. It is not in the working directory, which may be inside a home
/// directory that other users cannot enter.
class OpenToAll {
 public:
  OpenToAll() { fs::permissions(folder_.path(), fs::perms::all); }
  const fs::path& path() const { return folder_.path(); }

 private:
  core::TemporaryFolder folder_{"open"};
};

/// Returns the path of a folder whose process was killed.
fs::path abandoned() {
  const pid_t owner = ::fork();
  if (owner == 0) {
    const core::TemporaryFolder folder("test");
    std::ofstream("path") << folder.path().string() << std::flush;
    std::ofstream(folder.path() / "file") << "text" << std::flush;
    std::raise(SIGKILL);
  }
  ::waitpid(owner, nullptr, 0);
  std::string path;
  std::ifstream("path") >> path;
  return path;
}

}  // namespace

TEST_CASE("a temporary folder is new, private, and removed with what it holds") {
  const Parent parent("parent");
  fs::path path;
  {
    const core::TemporaryFolder one("test");
    const core::TemporaryFolder two("test");
    path = one.path();
    CHECK(one.path() != two.path());
    CHECK(fs::status(path).permissions() == fs::perms::owner_all);
    CHECK(path.filename().string().starts_with("rhosweep-test-"));
    fs::create_directories(path / "deep" / "deeper");
    std::ofstream(path / "deep" / "file") << "text";
  }
  CHECK_FALSE(fs::exists(path));
  CHECK(fs::is_empty("parent"));
}

TEST_CASE("the path of a temporary folder is absolute, also where TMPDIR is relative") {
  fs::create_directory("relative");
  for (const char* folder : {".", "./relative", "relative/.."}) {
    const Parent parent(folder);
    const core::TemporaryFolder made("test");
    CHECK(made.path().is_absolute());
    CHECK(made.path().parent_path() == fs::weakly_canonical(folder));
  }
}

TEST_CASE("folders that nobody may read or write are removed") {
  const OpenToAll place_for_all;
  const int code = as_a_user([&] {
    const Parent parent(place_for_all.path());
    fs::path path;
    {
      const core::TemporaryFolder folder("test");
      path = folder.path();
      for (const auto* place : {"a/b/c", "d"}) fs::create_directories(path / place);
      std::ofstream(path / "a" / "b" / "file") << "text";
      fs::create_symlink("/", path / "link");
      for (const fs::path& place : {path / "a" / "b" / "file", path / "a" / "b" / "c", path / "a" / "b",
                                    path / "a", path / "d", path})
        fs::permissions(place, fs::perms::none);
    }
    return fs::exists(path) ? 1 : 0;
  });
  CHECK(code == 0);
}

TEST_CASE("what a killed process has left is removed by the next one, and nothing else") {
  fs::remove_all("shared");
  const Parent parent("shared");
  const fs::path left = abandoned();
  REQUIRE(fs::exists(left / "file"));
  const core::TemporaryFolder in_use("test");
  const core::TemporaryFolder other_purpose("tests");
  std::string elsewhere = left.filename().string();
  elsewhere.insert(elsewhere.rfind('-'), "x");  // a folder of another host
  fs::create_directory(left.parent_path() / elsewhere);
  fs::create_directory("kept");
  const std::string beginning = left.string().substr(0, left.string().size() - 6);
  fs::remove(beginning + "linked");
  fs::create_directory_symlink(fs::absolute("kept"), beginning + "linked");
  // These folders must stay: a user has named the first three, and the last one belongs to another host,
  // whose name starts like this host's.
  const std::vector<fs::path> of_others{beginning + "notes", beginning + "my_results", beginning + "a-note",
                                        beginning + "2-abcdef"};
  for (const fs::path& folder : of_others) fs::create_directory(folder);
  std::vector<fs::path> told;
  core::remove_abandoned("test", [&](const fs::path& folder) {
    CHECK(fs::exists(folder));
    told.push_back(folder);
  });
  for (const fs::path& folder : of_others) CHECK(fs::exists(folder));
  CHECK(told == std::vector<fs::path>{left});
  CHECK_FALSE(fs::exists(left));
  CHECK(fs::exists(in_use.path()));
  CHECK(fs::exists(other_purpose.path()));
  CHECK(fs::exists(left.parent_path() / elsewhere));
  CHECK(fs::exists("kept"));
}

TEST_CASE("a folder is not abandoned while another process holds it") {
  const Parent parent("held");
  const fs::path left = abandoned();
  std::optional<core::Descriptor> hold = core::hold_folder(left);
  REQUIRE(hold->is_open());
  core::remove_abandoned("test");
  CHECK(fs::exists(left));
  hold.reset();
  core::remove_abandoned("test");
  CHECK_FALSE(fs::exists(left));
  CHECK_FALSE(core::hold_folder(left).is_open());
}

TEST_CASE("a folder of another user is left alone") {
  if (::getuid() != 0) return skip_case("only root can make a folder that another user looks at");
  const OpenToAll place_for_all;
  const Parent parent(place_for_all.path());
  const fs::path left = abandoned();
  CHECK(as_a_user([] {
          core::remove_abandoned("test");
          return 0;
        }) == 0);
  CHECK(fs::exists(left));
  core::remove_folder(left);
}
