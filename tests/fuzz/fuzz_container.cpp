// The input is a list of changes to the bytes of a small results file: after the first byte, groups of two
// bytes for the offset and one for the value. If the first byte is even, the checksums of the blocks of the
// HDF5 container are recomputed, as an attacker would do.
//
// For any input, this process must neither crash nor hang: the reader returns every number of the grid that
// the file describes, or throws an error of one line.
#include "expect.hpp"
#include "results.hpp"
#include "store/example.hpp"

#include "rhosweep/core/error.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <pthread.h>
#include <sanitizer/common_interface_defs.h>
#include <sys/resource.h>

using fuzz::expect;
using namespace rhosweep;

/// The checksum function of the HDF5 library, which its headers do not declare.
extern "C" std::uint32_t H5_checksum_lookup3(const void* data, std::size_t size, std::uint32_t start);

namespace {

/// A block of the HDF5 container. Its checksum is in the four bytes after it.
struct Block {
  std::size_t first;
  std::size_t size;
};

std::uint32_t checksum(const std::string& file, const Block& block) {
  return H5_checksum_lookup3(file.data() + block.first, block.size, 0);
}

/// Finds the blocks of an HDF5 file that start with a signature and end before their checksum.
std::vector<Block> find_blocks(const std::string& file) {
  constexpr std::array signatures{"\211HDF", "OHDR", "OCHK", "FRHP", "FSHD", "FHDB", "FHIB",
                                  "FADB",    "FSSE", "BTHD", "BTLF", "BTIN", "SMTB", "SMLI"};
  constexpr std::size_t longest = 4096;
  std::vector<Block> blocks;
  for (const char* signature : signatures)
    for (std::size_t at = file.find(signature); at != std::string::npos; at = file.find(signature, at + 1))
      for (std::size_t size = 4; size < longest && at + size + 4 <= file.size(); ++size) {
        std::uint32_t stored = 0;
        std::memcpy(&stored, file.data() + at + size, sizeof stored);
        if (stored != checksum(file, {at, size})) continue;
        blocks.push_back({at, size});
        break;
      }
  return blocks;
}

/// Limits every child process to 1 s of CPU time, so that an endless loop does not stop the fuzzing. A child
/// that the sanitizer aborts does not count as a finding.
void limit_children() {
  pthread_atfork(nullptr, nullptr, [] {
    rlimit limits{.rlim_cur = 1, .rlim_max = RLIM_INFINITY};
    setrlimit(RLIMIT_CPU, &limits);
    __sanitizer_set_death_callback(nullptr);
  });
}

}  // namespace

/// Lets allocations that are too large return null, which HDF5 checks: a damaged size may request any amount
/// of memory. Limits the quarantine for freed memory, since a large one slows down each fork.
extern "C" const char* __asan_default_options() {  // NOLINT: the sanitizer's name
  return "allocator_may_return_null=1:quarantine_size_mb=1:print_suppressions=0";
}

/// Ignores leaks of HDF5: it does not free everything when it rejects a file.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT: the sanitizer's name
  return "leak:libhdf5";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::TemporaryFile file;
  static const std::string base = fuzz::make_results(file.path(), example::ones());
  static const std::vector<Block> blocks = find_blocks(base);
  static const bool limited = (limit_children(), true);
  expect(limited && !blocks.empty(), "the container has blocks with checksums");
  if (size == 0) return 0;

  std::string changed = base;
  for (std::size_t i = 1; i + 2 < size; i += 3) {
    const std::size_t place = static_cast<std::size_t>(data[i]) << 8 | data[i + 1];
    changed[place % changed.size()] = static_cast<char>(data[i + 2]);
  }
  if (data[0] % 2 == 0)
    for (const Block& block : blocks) {
      const std::uint32_t right = checksum(changed, block);
      std::memcpy(changed.data() + block.first + block.size, &right, sizeof right);
    }
  // Removes the old file. If it were overwritten in place, its modification time might stay the same, and the
  // file would pass for one that was checked already.
  std::filesystem::remove(file.path());
  std::ofstream(file.path(), std::ios::binary) << changed;
  try {
    fuzz::read_results(file.path());
  } catch (const core::Error& error) {
    fuzz::expect_one_line(error);
  }
  return 0;
}
