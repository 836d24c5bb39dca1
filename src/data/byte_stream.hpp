#pragma once

#include <cstddef>
#include <cstdint>

namespace rhosweep::data {

/// A stream of bytes whose length is known.
class ByteStream {
 public:
  ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  virtual ~ByteStream() = default;

  /// Returns the number of bytes that have not been read.
  virtual std::int64_t left() const = 0;
  /// Reads exactly `size` bytes. Throws core::InputError if the file is damaged or cannot be read.
  /// @pre size <= left()
  virtual void read(char* into, std::size_t size) = 0;
};

}  // namespace rhosweep::data
