#pragma once

#include <utility>

namespace rhosweep::process {

/// A file descriptor that programs started later do not inherit; closed at its end.
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

/// Numbers below it are those that a guard is given: the pipes of this process stay above, so that none is in
/// the way of another when they are handed over.
inline constexpr int first_free_number = 10;

struct Pipe {
  Descriptor read;
  Descriptor write;
};

/// Throws core::Error if the system has no descriptors left.
Pipe make_pipe();
/// An empty standard input. Throws as make_pipe().
Descriptor open_null();

}  // namespace rhosweep::process
