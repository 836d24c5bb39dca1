#include "rhosweep/core/memory.hpp"

#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <memory>
#include <new>
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

/// Returns the number after `name` in a file with lines "NAME NUMBER", such as /proc/meminfo.
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

/// Returns the number in a file that holds only that number; nullopt if it holds "max".
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

/// Returns the smallest amount of memory left in this process's control group (version 2) or any ancestor.
/// Inactive page cache counts as free.
std::int64_t left_in_control_groups() {
  std::ifstream lines("/proc/self/cgroup");
  std::string group;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("0::/")) group = line.substr(3);
  std::int64_t least = unlimited;
  for (bool more = true; more;) {
    const std::string folder = "/sys/fs/cgroup" + group;
    more = !group.empty();  // the last folder is the root, which has limits inside a container
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

/// Calls madvise() for the whole pages among these bytes. A refusal is not an error.
void advise(std::span<const std::byte> bytes, int advice) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* first = const_cast<std::byte*>(bytes.data());
  std::size_t space = bytes.size();
  if (std::align(page, page, first, space) != nullptr) ::madvise(first, space / page * page, advice);
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

std::shared_ptr<std::byte> allocate_pages(std::size_t size) {
  constexpr std::size_t large_page = std::size_t{2} << 20;
  const std::size_t whole = (size + large_page - 1) / large_page * large_page;
  std::size_t space = whole + large_page;  // enough to start at a multiple of large_page
  void* const all = ::mmap(nullptr, space, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) throw std::bad_alloc();
  void* first = all;
  std::align(large_page, whole, first, space);
  if (size >= large_page) ::madvise(first, whole, MADV_HUGEPAGE);  // otherwise pages stay small
  return {static_cast<std::byte*>(first), [all, whole](std::byte*) { ::munmap(all, whole + large_page); }};
}

void map_pages(std::span<const std::byte> bytes, Access access) {
#if defined(MADV_POPULATE_READ)
  advise(bytes, access == Access::read ? MADV_POPULATE_READ : MADV_POPULATE_WRITE);
#else
  (void)bytes;
  (void)access;
#endif
}

void give_back_pages(std::span<std::byte> bytes) {
  advise(bytes, MADV_DONTNEED);  // refused for locked pages, which then stay in memory
}

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int mapped_from = 32 << 20;  // the largest value that glibc allows
  constexpr int given_back_beyond = 128 << 20;
  ::mallopt(M_MMAP_THRESHOLD, mapped_from);
  ::mallopt(M_TRIM_THRESHOLD, given_back_beyond);
#endif
}

}  // namespace rhosweep::core
