#include "example.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/store/file_size.hpp"
#include "rhosweep/store/results_file.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using Catch::Matchers::Contains;
using namespace rhosweep;
using store::Existing;
using store::ResultsFile;

namespace {

namespace fs = std::filesystem;

void create(const fs::path& path, Existing existing,
            const store::FileDescription& description = example::ones()) {
  ResultsFile::create(path, description, example::provenance(), existing);
}

/// Makes an empty folder.
fs::path fresh_folder(const char* name) {
  fs::remove_all(name);
  fs::create_directory(name);
  return name;
}

std::int64_t entries(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

std::string content(const fs::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

/// Limits the size of files that this process writes.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

}  // namespace

TEST_CASE("a new file stands alone in its folder and can be read", "[np1]") {
  const fs::path folder = fresh_folder("alone");
  create(folder / "new.h5", Existing::refuse);
  CHECK(entries(folder) == 1);
  CHECK(store::ResultsReader(folder / "new.h5").count_status() ==
        std::array<std::int64_t, 7>{1, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("an existing file is refused and left as it is", "[np1]") {
  const fs::path folder = fresh_folder("refused");
  std::ofstream(folder / "mine.h5") << "mine";
  CHECK_THROWS_AS(create(folder / "mine.h5", Existing::refuse), core::InputError);
  CHECK_THROWS_WITH(create(folder / "mine.h5", Existing::refuse),
                    Contains("mine.h5") && Contains("--overwrite"));
  CHECK(content(folder / "mine.h5") == "mine");
  CHECK(entries(folder) == 1);
}

TEST_CASE("an existing file is replaced on request", "[np1]") {
  const fs::path folder = fresh_folder("replaced");
  create(folder / "old.h5", Existing::refuse, example::two_axes());
  create(folder / "old.h5", Existing::overwrite);
  CHECK(store::ResultsReader(folder / "old.h5").description().title == example::ones().title);
  CHECK(entries(folder) == 1);
}

TEST_CASE("what is no results file is never replaced", "[np1]") {
  const fs::path folder = fresh_folder("precious");
  std::ofstream(folder / "sweep.toml") << "title = \"mine\"";
  CHECK_THROWS_AS(create(folder / "sweep.toml", Existing::overwrite), core::InputError);
  CHECK_THROWS_WITH(create(folder / "sweep.toml", Existing::overwrite),
                    Contains("sweep.toml") && Contains("not a results file"));
  CHECK(content(folder / "sweep.toml") == "title = \"mine\"");
  CHECK(entries(folder) == 1);
}

TEST_CASE("damaged results are overwritten, damaged files of others are not", "[np1]") {
  const fs::path folder = fresh_folder("damaged");
  create(folder / "results.h5", Existing::refuse);
  fs::resize_file(folder / "results.h5", fs::file_size(folder / "results.h5") / 2);
  create(folder / "results.h5", Existing::overwrite);
  CHECK_NOTHROW(store::ResultsReader(folder / "results.h5"));
  std::ofstream(folder / "data.h5") << "\x89HDF\r\n\x1a\n and then nothing that HDF5 could read";
  const std::string before = content(folder / "data.h5");
  CHECK_THROWS_WITH(create(folder / "data.h5", Existing::overwrite), Contains("not a results file"));
  CHECK(content(folder / "data.h5") == before);
}

TEST_CASE("where no file can be made, the error names file and reason", "[np1]") {
  const fs::path folder = fresh_folder("impossible");
  std::ofstream(folder / "file") << "not a folder";
  const auto existing = GENERATE(Existing::refuse, Existing::overwrite);
  CHECK_THROWS_AS(create(folder / "missing" / "a.h5", existing), core::FileError);
  CHECK_THROWS_WITH(create(folder / "missing" / "a.h5", existing),
                    Contains("missing/a.h5") && Contains("No such file or directory"));
  CHECK_THROWS_WITH(create(folder / "file" / "a.h5", existing),
                    Contains("file/a.h5") && Contains("Not a directory"));
  CHECK_THROWS_WITH(create("/proc/a.h5", existing), Contains("/proc/a.h5: "));
  CHECK(entries(folder) == 1);
}

TEST_CASE("a folder is not replaced by a results file", "[np1]") {
  const fs::path folder = fresh_folder("kept");
  fs::create_directory(folder / "results.h5");
  CHECK_THROWS_AS(create(folder / "results.h5", Existing::overwrite), core::InputError);
  CHECK(fs::is_directory(folder / "results.h5"));
  CHECK(entries(folder) == 1);
}

TEST_CASE("without enough space, the error names the bytes needed and no file is left", "[np1]") {
  const fs::path folder = fresh_folder("full");
  store::FileDescription description = example::two_axes();
  // The file has 90 000 cells of 113 bytes each, 90 stepsizes, 6 values each of f_star, keys, D and G, 12 000
  // initial values and 6000 failure messages.
  description.grid.seeds.resize(1000);
  description.initial.resize(12000);
  REQUIRE(store::variable_bytes(description.grid, 2, 4) ==
          90000 * (17 + 2 * 5 * 8 + 18) + (90 + 24 + 12000) * 8 + 6000 * 160);
  {
    const FileSizeLimit limit(64 * 1024);
    CHECK_THROWS_AS(create(folder / "big.h5", Existing::refuse, description), core::FileError);
    CHECK_THROWS_WITH(create(folder / "big.h5", Existing::refuse, description),
                      Contains("big.h5") && Contains("11 MiB") && Contains("File too large"));
  }
  CHECK(entries(folder) == 0);
}

TEST_CASE("what a killed creation has left is removed, what a running one makes is not", "[np1]") {
  const fs::path folder = fresh_folder("stale");
  std::ofstream(folder / ".new.h5.tmp-1") << "left by a killed process";
  std::ofstream(folder / ".other.h5.tmp-1") << "of another file";
  std::ofstream(folder / ".new.h5.tmp-2") << "of a process that runs";
  const int running = ::open((folder / ".new.h5.tmp-2").c_str(), O_RDWR);
  REQUIRE(::flock(running, LOCK_EX | LOCK_NB) == 0);
  create(folder / "new.h5", Existing::refuse);
  CHECK(entries(folder) == 3);
  CHECK(!fs::exists(folder / ".new.h5.tmp-1"));
  ::close(running);
}

TEST_CASE("what others have put at a temporary name is neither written, followed nor removed", "[np1]") {
  const fs::path folder = fresh_folder("planted");
  std::ofstream(folder / "victim") << "precious";
  const std::string prefix = ".new.h5.tmp-" + std::to_string(::getpid());
  fs::create_symlink("victim", folder / prefix);
  fs::create_symlink("victim", folder / (prefix + "-0"));
  fs::create_hard_link(folder / "victim", folder / (prefix + "-1"));
  REQUIRE(::mkfifo((folder / (prefix + "-2")).c_str(), 0600) == 0);
  std::ofstream(folder / ".new.h5.tmp-backup") << "a name that a user has chosen";
  create(folder / "new.h5", Existing::refuse);
  CHECK(content(folder / "victim") == "precious");
  CHECK(entries(folder) == 7);
}

TEST_CASE("a file may have the longest name that the system allows", "[np1]") {
  const fs::path folder = fresh_folder("long");
  // The last name has 254 bytes, so a temporary name cannot be made by adding to it. Cutting it could split a
  // two-byte character.
  for (const std::string& name : {std::string(252, 'a') + ".h5", std::string(240, 'b') + ".h5", [] {
                                    std::string umlauts;
                                    for (int i = 0; i < 125; ++i) umlauts += "\xC3\xA4";
                                    return umlauts + "b.h5";
                                  }()}) {
    create(folder / name, Existing::refuse);
    create(folder / name, Existing::overwrite);
    CHECK(fs::file_size(folder / name) > 0);
  }
  CHECK(entries(folder) == 3);
  CHECK_THROWS_WITH(create(folder / std::string(256, 'a'), Existing::refuse),
                    Catch::Matchers::Contains("File name too long"));
}

TEST_CASE("a file that replaces another one keeps its permissions", "[np1]") {
  const fs::path file = fresh_folder("permissions") / "new.h5";
  create(file, Existing::refuse);
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  create(file, Existing::overwrite);
  CHECK(fs::status(file).permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read));
}

TEST_CASE("a file is as large as predicted", "[np1]") {
  store::FileDescription description = example::two_axes();
  description.grid.seeds.resize(GENERATE(1, 100, 1000));
  description.initial.resize(2 * 6 * description.grid.seeds.size());
  create("predicted.h5", Existing::overwrite, description);
  const auto bytes = static_cast<std::int64_t>(fs::file_size("predicted.h5"));
  const std::int64_t predicted = store::file_bytes(description.grid, 2, 4);
  CHECK(std::abs(bytes - predicted) < 12 * 1024);  // the attributes of /run vary in length
  CHECK(bytes > store::variable_bytes(description.grid, 2, 4));
}

TEST_CASE("the same description gives the same bytes", "[np1]") {
  create("first.h5", Existing::overwrite, example::two_axes());
  create("second.h5", Existing::overwrite, example::two_axes());
  CHECK(content("first.h5") == content("second.h5"));
}

TEST_CASE("a description that does not fit together is a bug that is reported", "[np1]") {
  store::FileDescription description = example::two_axes();
  description.stepsizes.pop_back();
  CHECK_THROWS_AS(create("never.h5", Existing::overwrite, description), core::InternalError);
  CHECK_FALSE(fs::exists("never.h5"));
}
