// Tests files on which the HDF5 library crashes or hangs.
#include "file.hpp"
#include "support/skip.hpp"

#include "rhosweep/h5/hdf5.hpp"
#include "rhosweep/h5/require_readable.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <new>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using namespace rhosweep;

namespace {

constexpr const char* crash = "damaged: the HDF5 library crashes while reading it";
constexpr const char* no_end = "damaged: the HDF5 library does not come to an end while reading it";

/// Writes a file with two strings and 1000 zeros. HDF5 stores the strings in a global heap, which has no
/// checksum.
void write_base(const char* path) {
  h5::File file = files::make(path);
  h5::write_attribute(file, "first", std::string("one"));
  h5::write_attribute(file, "second", std::string("two"));
  files::write<double>(file, "X", {1000}, std::vector<double>(1000, 0.0));
  file.close("cannot close the file");
}

std::string content_of(const char* path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

/// Writes the file of write_base() with one byte of its global heap changed.
void damage(const char* path, std::size_t place_in_heap, char value) {
  write_base(path);
  std::string content = content_of(path);
  const std::size_t heap = content.find("GCOL");
  REQUIRE(heap != std::string::npos);
  content[heap + place_in_heap] = value;
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary) << content;
}

/// The first object starts at offset 16 of the global heap and takes 24 bytes. An object begins with 8 bytes
/// for its index, reference count and reserved space; the 8 bytes of its size follow.
constexpr std::size_t high_byte_of_size_of_second_text = 16 + 24 + 15;
constexpr std::size_t low_byte_of_size_of_heap = 8;

/// A filter that keeps data as they are when they are written and crashes when they are read.
std::size_t crash_on_reading(unsigned flags, std::size_t, const unsigned*, std::size_t bytes, std::size_t*,
                             void**) {
  if ((flags & H5Z_FLAG_REVERSE) != 0) std::raise(SIGSEGV);
  return bytes;
}

/// Writes a file with data sets X and Y. The library crashes on Y.
void write_crashing(const char* path) {
  std::filesystem::remove(path);
  h5::File file = files::make(path);
  constexpr H5Z_filter_t of_tests = 300;  // HDF5 keeps 256 to 511 for tests
  const H5Z_class2_t filter{H5Z_CLASS_T_VERS,   of_tests, 1,       1,
                            "crash on reading", nullptr,  nullptr, crash_on_reading};
  h5::check(H5Zregister(&filter), "cannot register a filter");
  const h5::PropertyList properties(h5::check(H5Pcreate(H5P_DATASET_CREATE), "cannot make properties"));
  const h5::Extents extents{4};
  h5::check(H5Pset_chunk(properties, 1, extents.data()), "cannot set chunks");
  h5::check(H5Pset_filter(properties, of_tests, 0, 0, nullptr), "cannot set a filter");
  const h5::Dataset dataset(h5::check(
      H5Dcreate2(file, "Y", H5T_IEEE_F64LE, h5::make_space(extents), H5P_DEFAULT, properties, H5P_DEFAULT),
      "cannot make Y"));
  const std::array<double, 4> values{1, 2, 3, 4};
  h5::check(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
            "cannot write Y");
  files::write<double>(file, "X", {3}, {1.0, 2.0, 3.0});
}

/// Whether the library reads some damaged files without a crash; then marks the case as skipped.
bool is_too_robust() {
  if (!H5_VERSION_GE(1, 14, 0)) return false;
  skip_case("HDF5 from 1.14 on reads this damaged file without a crash");
  return true;
}

}  // namespace

TEST_CASE("a whole file passes, a missing one and one that is no HDF5 file too") {
  write_base("whole.h5");
  CHECK_NOTHROW(h5::require_readable("whole.h5"));
  CHECK_NOTHROW(h5::require_readable("missing.h5"));
  std::ofstream("text.h5") << "not HDF5";
  CHECK_NOTHROW(h5::require_readable("text.h5"));
}

TEST_CASE("a file on which the library crashes is refused") {
  write_crashing("crash.h5");
  CHECK_THROWS_WITH(h5::require_readable("crash.h5"), StartsWith(crash));
  CHECK_THROWS_AS(h5::require_readable("crash.h5"), h5::Hdf5Error);
}

TEST_CASE("a file with a damaged size of a string is refused") {
  if (is_too_robust()) return;
  damage("crash.h5", high_byte_of_size_of_second_text, '\x02');
  CHECK_THROWS_WITH(h5::require_readable("crash.h5"), StartsWith(crash));
  CHECK_THROWS_AS(h5::require_readable("crash.h5"), h5::Hdf5Error);
}

TEST_CASE("integers of the scale-offset filter that claim to have 32 MiB each are refused") {
  if (is_too_robust()) return;
  // HDF5 1.10 overflows its stack when it converts several such integers at once.
  {
    const h5::File file = files::make("scale_offset.h5");
    const h5::PropertyList properties(h5::check(H5Pcreate(H5P_DATASET_CREATE), "cannot make properties"));
    const h5::Extents chunk{20, 2};
    REQUIRE(H5Pset_chunk(properties, 2, chunk.data()) >= 0);
    REQUIRE(H5Pset_scaleoffset(properties, H5Z_SO_INT, H5Z_SO_INT_MINBITS_DEFAULT) >= 0);
    const h5::Dataset dataset(h5::check(
        H5Dcreate2(file, "X", H5T_STD_I32LE, h5::make_space(chunk), H5P_DEFAULT, properties, H5P_DEFAULT),
        "cannot make X"));
    std::vector<std::int32_t> values(40);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int32_t>(i % 7);
    REQUIRE(H5Dwrite(dataset, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
  }
  CHECK_NOTHROW(h5::require_readable("scale_offset.h5"));
  std::string content = content_of("scale_offset.h5");
  // The class, bits, size, offset and precision of the type of 4-byte integers.
  const std::string type("\x10\x08\0\0\x04\0\0\0\0\0\x20\0", 12);
  const std::size_t place = content.find(type);
  REQUIRE(place != std::string::npos);
  content[place + 7] = '\x02';
  std::ofstream("scale_offset.h5", std::ios::binary) << content;
  CHECK_THROWS_WITH(h5::require_readable("scale_offset.h5"), StartsWith(crash));
}

TEST_CASE("a file on which the library loops is refused") {
  damage("loop.h5", low_byte_of_size_of_heap, '\xff');
  CHECK_THROWS_WITH(h5::require_readable("loop.h5"), no_end);
}

TEST_CASE("a file that changes is read again") {
  write_base("changing.h5");
  CHECK_NOTHROW(h5::require_readable("changing.h5"));
  write_crashing("changing.h5");
  CHECK_THROWS_WITH(h5::require_readable("changing.h5"), StartsWith(crash));
}

TEST_CASE("only the named variables are read") {
  write_crashing("named.h5");
  const std::vector<std::string> names{"X"};
  CHECK_NOTHROW(h5::require_readable("named.h5", names));
}

TEST_CASE("any signal of the child is a crash and prints nothing") {
  const int error = ::dup(STDERR_FILENO);
  const int log = ::open("stderr.txt", O_RDWR | O_CREAT | O_TRUNC, 0600);
  ::dup2(log, STDERR_FILENO);
  CHECK_THROWS_WITH(h5::require_survivable([] { std::abort(); }, {}), StartsWith(crash) && Contains("Abort"));
  CHECK_THROWS_WITH(h5::require_survivable(
                        [] {
                          std::fputs("the library's last words\n", stderr);
                          std::raise(SIGSEGV);
                        },
                        {}),
                    StartsWith(crash) && Contains("Segmentation fault"));
  CHECK_THROWS_WITH(h5::require_survivable([] { ::_exit(1); }, {}), crash);
  ::dup2(error, STDERR_FILENO);
  ::close(error);
  ::close(log);
  CHECK(std::filesystem::file_size("stderr.txt") == 0);
}

TEST_CASE("a loop and a wait end") {
  const auto loop = [] {
    volatile bool is_over = false;
    while (!is_over) {
    }
  };
  CHECK_THROWS_WITH(h5::require_survivable(loop, {.processor_time = std::chrono::seconds(1)}), no_end);
  CHECK_THROWS_WITH(h5::require_survivable([] { ::pause(); }, {.time = std::chrono::seconds(1)}), no_end);
}

TEST_CASE("errors of the child are not errors of the parent") {
  CHECK_NOTHROW(h5::require_survivable([] { throw h5::Hdf5Error("cannot read"); }, {}));
  CHECK_NOTHROW(h5::require_survivable([] { throw std::bad_alloc(); }, {}));
}

TEST_CASE("a signal that interrupts the wait is left to its handler") {
  static volatile std::sig_atomic_t signalled = 0;
  struct sigaction before {};
  struct sigaction handler {};
  handler.sa_handler = [](int) { signalled = 1; };  // without SA_RESTART, so that the signal interrupts
  REQUIRE(::sigaction(SIGUSR1, &handler, &before) == 0);
  const pid_t self = ::getpid();
  CHECK_NOTHROW(h5::require_survivable(
      [self] {
        ::kill(self, SIGUSR1);
        ::usleep(200'000);
      },
      {}));
  CHECK(signalled == 1);
  ::sigaction(SIGUSR1, &before, nullptr);
}

TEST_CASE("other children are left to those who wait for them") {
  const pid_t other = ::fork();
  if (other == 0) ::_exit(7);
  ::usleep(100'000);
  CHECK_NOTHROW(h5::require_survivable([] {}, {}));
  int status = 0;
  REQUIRE(::waitpid(other, &status, 0) == other);
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("a child is waited for even where the ends of children are ignored") {
  std::signal(SIGCHLD, SIG_IGN);
  CHECK_NOTHROW(h5::require_survivable([] {}, {}));
  CHECK_THROWS_WITH(h5::require_survivable([] { std::abort(); }, {}), StartsWith(crash));
  CHECK(std::signal(SIGCHLD, SIG_DFL) == SIG_IGN);
}
