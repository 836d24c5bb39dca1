#pragma once

#include <utility>

namespace rhosweep::process {

/// Owns a file descriptor and closes it in the destructor. Programs started later do not inherit it.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void close();

 private:
  int number_ = -1;
};

/// Lowest number of this process's pipes. The guard's descriptors have lower numbers, so no pipe is
/// overwritten when the descriptors are passed on.
inline constexpr int first_free_number = 10;

struct Pipe {
  Descriptor read;
  Descriptor write;
};

/// Throws core::Error if the system has no descriptors left.
Pipe make_pipe();
/// Opens /dev/null as an empty standard input. Throws like make_pipe().
Descriptor open_null();

}  // namespace rhosweep::process
