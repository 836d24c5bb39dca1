#include "rhosweep/process/child.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <catch2/catch.hpp>

namespace fs = std::filesystem;
using rhosweep::process::find_program;

namespace {

void make(const fs::path& file, bool is_program) {
  fs::create_directories(fs::absolute(file).parent_path());
  std::ofstream(file) << "#!/bin/sh\n";
  fs::permissions(file, is_program ? fs::perms::owner_all : fs::perms::owner_read | fs::perms::owner_write);
}

bool is_found(const std::string& program, const fs::path& expected) {
  const std::optional<fs::path> found = find_program(program, fs::current_path());
  return found && fs::equivalent(*found, expected);
}

}  // namespace

TEST_CASE("a program is the first on PATH that can be executed") {
  make("a/tool", false);
  make("b/tool", true);
  make("c/tool", true);
  fs::create_directories("a/other");  // a folder is not a program
  make("c/other", true);
  const std::string here = fs::current_path().string();
  ::setenv("PATH", (here + "/none:" + here + "/a:" + here + "/b:" + here + "/c").c_str(), 1);
  CHECK(is_found("tool", "b/tool"));
  CHECK(is_found("other", "c/other"));
  CHECK(!find_program("missing", fs::current_path()));
}

TEST_CASE("relative places on PATH begin at the program's folder") {
  make("folder/bin/tool", true);
  ::setenv("PATH", "bin", 1);
  CHECK(find_program("tool", fs::current_path() / "folder"));
  CHECK(!find_program("tool", fs::current_path()));
}

TEST_CASE("a program with a slash is not looked for on PATH") {
  make("bin/tool", true);
  make("tool2", false);
  ::setenv("PATH", (fs::current_path() / "bin").c_str(), 1);
  CHECK(is_found("bin/tool", "bin/tool"));
  CHECK(is_found(fs::absolute("bin/tool").string(), "bin/tool"));
  CHECK(!find_program("./tool", fs::current_path()));
  CHECK(!find_program("./tool2", fs::current_path()));
}
