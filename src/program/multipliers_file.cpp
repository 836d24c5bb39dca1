#include "multipliers_file.hpp"

#include "rhosweep/core/error.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace rhosweep::program {

namespace {

/// Returns the number of seconds after which the kernel breaks a lease and lets a program open the file; 0 if
/// the kernel states none.
std::int64_t lease_seconds() {
  static const std::int64_t seconds = [] {
    std::int64_t read = 0;
    std::ifstream("/proc/sys/fs/lease-break-time") >> read;
    return read;
  }();
  return seconds;
}

/// Takes a lease on a file that no other process has open. @return whether it was granted
bool take_lease(int file) {
  // The kernel sends a signal when a program opens the file. SIGURG, unlike SIGIO, is ignored by default.
  return ::fcntl(file, F_SETSIG, SIGURG) == 0 && ::fcntl(file, F_SETLEASE, F_WRLCK) == 0;
}

/// Returns the header of a table of doubles in the format NPY 1.0, see numpy.lib.format.
std::string npy_header(std::int64_t rows, std::int64_t columns) {
  constexpr std::size_t alignment = 64;
  constexpr std::size_t before = 10;  // the magic number, the version and the length of the description
  const char order = std::endian::native == std::endian::little ? '<' : '>';
  std::string description =
      fmt::format("{{'descr': '{}f8', 'fortran_order': False, 'shape': ({}, {}), }}", order, rows, columns);
  description.append(alignment - (before + description.size() + 1) % alignment, ' ');
  description += '\n';
  const auto length = static_cast<unsigned>(description.size());
  return std::string("\x93NUMPY\x01\0", 8) + static_cast<char>(length % 256) +
         static_cast<char>(length / 256) + description;
}

}  // namespace

MultipliersFile MultipliersFile::text(std::filesystem::path path, const model::Schedule& schedule,
                                      std::int64_t steps) {
  return {std::move(path), {&schedule}, steps, Form::text};
}

MultipliersFile MultipliersFile::table(std::filesystem::path path,
                                       std::vector<const model::Schedule*> schedules, std::int64_t steps) {
  return {std::move(path), std::move(schedules), steps, Form::table};
}

MultipliersFile::MultipliersFile(std::filesystem::path path, std::vector<const model::Schedule*> schedules,
                                 std::int64_t steps, Form form)
    : path_(std::move(path)),
      schedules_(std::move(schedules)),
      steps_(steps),
      form_(form),
      file_(core::Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600))),
      unasked_(Clock::now()) {
  if (!file_.is_open()) throw core::FileError(path_.string(), std::generic_category().message(errno));
  has_lease_ = is_short() && take_lease(file_.number());
}

bool MultipliersFile::is_short() const {
  constexpr std::int64_t numbers_per_second = 4'000'000;  // far below the actual rate
  return steps_ <= numbers_per_second * lease_seconds() / std::ssize(schedules_);
}

bool MultipliersFile::assign(std::vector<const model::Schedule*> schedules, std::int64_t steps) {
  if (!file_.is_open() || !has_lease_ || is_due()) return false;
  schedules_ = std::move(schedules);
  steps_ = steps;
  return is_short();
}

bool MultipliersFile::is_due() {
  if (!file_.is_open()) return false;
  if (!has_lease_ || is_asked_for_) return true;
  is_asked_for_ = ::fcntl(file_.number(), F_GETLEASE) != F_WRLCK;
  if (!is_asked_for_) unasked_ = Clock::now();
  return is_asked_for_;
}

void MultipliersFile::append(fmt::memory_buffer& piece, std::int64_t step) const {
  for (const model::Schedule* schedule : schedules_) {
    const double h = (*schedule)(step, steps_);
    if (form_ == Form::text) {
      fmt::format_to(std::back_inserter(piece), "{}\n", h);
    } else {
      const auto bytes = std::bit_cast<std::array<char, sizeof h>>(h);
      piece.append(bytes.data(), bytes.data() + bytes.size());
    }
  }
}

void MultipliersFile::write() {
  constexpr std::int64_t numbers = 1 << 15;
  fmt::memory_buffer text;
  if (form_ == Form::table && written_ == 0) text.append(npy_header(steps_, std::ssize(schedules_)));
  const std::int64_t count = std::max(std::int64_t{1}, numbers / std::ssize(schedules_));
  const std::int64_t end = std::min(steps_, written_ + count);
  for (; written_ < end; ++written_) append(text, written_);
  for (std::string_view rest(text.data(), text.size()); !rest.empty();) {
    const ssize_t count = ::write(file_.number(), rest.data(), rest.size());
    if (count < 0 && errno != EINTR)
      throw core::FileError(path_.string(),
                            "cannot write the multipliers: " + std::generic_category().message(errno));
    rest.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }
  if (written_ < steps_) return;
  const auto waited = std::chrono::duration<double>(Clock::now() - unasked_).count();
  if (has_lease_ && waited > static_cast<double>(lease_seconds()))
    throw core::Error("writing the multipliers took longer than the system lets the program wait");
  file_.close();
}

}  // namespace rhosweep::program
