#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace rhosweep::core {

/// A streaming 64-bit hash (XXH3). The result depends only on the bytes, not on how the bytes are split over
/// calls.
class Hash {
 public:
  Hash();
  ~Hash();
  Hash(const Hash&) = delete;
  Hash& operator=(const Hash&) = delete;

  /// Hashes the `size` bytes that begin at `data`.
  Hash& bytes(const void* data, std::size_t size);

  /// Hashes the characters of a text but not its length, so "ab" and "c" have the same hash as "a" and "bc".
  Hash& text(std::string_view text) { return bytes(text.data(), text.size()); }

  /// Hashes the bytes of a number.
  template <class Number>
  requires std::is_arithmetic_v<Number> Hash& number(Number value) { return bytes(&value, sizeof value); }

  /// Hashes the bytes of several numbers but not how many there are.
  template <class Number>
  requires std::is_arithmetic_v<Number> Hash& numbers(std::span<const Number> values) {
    return bytes(values.data(), values.size_bytes());
  }

  /// Returns the hash of all data so far; more data may follow.
  std::uint64_t digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Formats a hash as 16 hexadecimal digits.
std::string to_hex(std::uint64_t hash);

}  // namespace rhosweep::core
