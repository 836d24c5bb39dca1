#include "rhosweep/core/memory.hpp"

#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

namespace rhosweep::core {

namespace {

constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

/// The number behind a name in a file of lines "NAME NUMBER", as the kernel tells its figures.
std::optional<std::int64_t> figure(const std::string& file, const std::string& name) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    std::int64_t value = 0;
    if (words >> word >> value && word == name) return value;
  }
  return std::nullopt;
}

/// The number that a file consists of; none for "max".
std::optional<std::int64_t> figure(const std::string& file) {
  std::ifstream in(file);
  std::int64_t value = 0;
  if (in >> value) return value;
  return std::nullopt;
}

std::int64_t left_in_system() {
  const auto kibibytes = figure("/proc/meminfo", "MemAvailable:");
  return kibibytes ? *kibibytes * 1024 : unlimited;
}

/// Of this process's control group (version 2) and those above it. What only caches files can be taken.
std::int64_t left_in_control_groups() {
  std::ifstream lines("/proc/self/cgroup");
  std::string group;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("0::/")) group = line.substr(3);
  std::int64_t least = unlimited;
  for (bool more = true; more;) {
    const std::string folder = "/sys/fs/cgroup" + group;
    more = !group.empty();  // the last one is the root, which has limits in a container
    if (more) group.resize(group.rfind('/'));
    const auto most = figure(folder + "/memory.max");
    const auto used = figure(folder + "/memory.current");
    if (!most || !used) continue;
    const std::int64_t cache = figure(folder + "/memory.stat", "inactive_file").value_or(0);
    least = std::min(least, *most - *used + cache);
  }
  return least;
}

std::int64_t left_in_address_space() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return unlimited;
  const auto used_kibibytes = figure("/proc/self/status", "VmSize:");
  return static_cast<std::int64_t>(limit.rlim_cur) - used_kibibytes.value_or(0) * 1024;
}

}  // namespace

std::int64_t available_memory(std::int64_t given_back) {
  const std::int64_t left = std::min(left_in_system(), left_in_control_groups());
  return std::max(std::int64_t{0},
                  std::min(std::min(left, unlimited - given_back) + given_back, left_in_address_space()));
}

void require_memory(std::int64_t bytes, const std::string& what, std::int64_t given_back) {
  const std::int64_t available = available_memory(given_back);
  if (bytes <= available) return;
  throw MemoryError(fmt::format("{} needs {} of memory, {} are available", what,
                                to_byte_text(static_cast<double>(bytes)),
                                to_byte_text(static_cast<double>(available))));
}

void give_back_pages(std::span<std::byte> bytes) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* first = bytes.data();
  std::size_t space = bytes.size();
  if (std::align(page, page, first, space) == nullptr) return;
  ::madvise(first, space / page * page, MADV_DONTNEED);  // refused for pages that are locked: they stay
}

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int mapped_from = 32 << 20;  // the most that glibc allows
  constexpr int given_back_beyond = 128 << 20;
  ::mallopt(M_MMAP_THRESHOLD, mapped_from);
  ::mallopt(M_TRIM_THRESHOLD, given_back_beyond);
#endif
}

}  // namespace rhosweep::core
