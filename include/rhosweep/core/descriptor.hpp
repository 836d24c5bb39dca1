#pragma once

#include <filesystem>
#include <utility>

namespace rhosweep::core {

/// A file descriptor, closed by the destructor.
class Descriptor {
 public:
  Descriptor() = default;
  /// Takes over an open descriptor. A negative number means that there is no descriptor.
  explicit Descriptor(int number) : number_(number) {}
  /// Opens a file with flags of open(2). Programs started later do not inherit the descriptor. Throws
  /// FileError with the system's reason if the file cannot be opened.
  Descriptor(const std::filesystem::path& path, int flags);
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  /// Returns the number to pass to system calls; negative if no descriptor is open.
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  /// Closes the descriptor if it is open. An error of close(2) is ignored.
  void close();

  /// Returns whether the path leads to the file that this descriptor has open.
  /// @param path a path; no file needs to exist there
  /// @param flags of fstatat(2): with AT_SYMLINK_NOFOLLOW, a link to the file does not count
  bool is_at(const std::filesystem::path& path, int flags = 0) const;

 private:
  int number_ = -1;
};

}  // namespace rhosweep::core
