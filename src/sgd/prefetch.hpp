#pragma once

#include <cstdint>

namespace rhosweep::sgd {

/// The cache that prefetched numbers go to. The enumerators have the values of the argument `locality` of
/// __builtin_prefetch.
enum class Cache { second_level = 2, first_level = 3 };

/// Prefetches `size` numbers that will be read. Always inlined, so that the vector code of every instruction
/// set may call it (see vector_code/pack.hpp).
template <Cache cache, class Number>
[[gnu::always_inline]] inline void prefetch(const Number* numbers, std::int64_t size) {
  constexpr std::int64_t line = 64 / sizeof(Number);
  for (std::int64_t i = 0; i < size; i += line) __builtin_prefetch(numbers + i, 0, static_cast<int>(cache));
}

}  // namespace rhosweep::sgd
