#pragma once

#include "rhosweep/core/error.hpp"

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace fuzz {

/// Aborts unless the condition holds. libFuzzer then reports the input.
inline void expect(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

/// Checks that a message about bad input is one line and not empty.
inline void expect_one_line(const rhosweep::core::Error& error) {
  const std::string_view message = error.what();
  expect(!message.empty(), "an error says something");
  expect(message.find_first_of(std::string_view("\n\r\0", 3)) == std::string_view::npos,
         "an error is one line");
}

}  // namespace fuzz
