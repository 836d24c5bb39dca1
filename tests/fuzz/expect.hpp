#pragma once

#include "rhosweep/core/error.hpp"

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace fuzz {

/// Ends the program, which libFuzzer reports with the input that led here, unless the condition holds.
inline void expect(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

/// What people are told about bad input: one line, never empty.
inline void expect_one_line(const rhosweep::core::Error& error) {
  const std::string_view message = error.what();
  expect(!message.empty(), "an error says something");
  expect(message.find_first_of(std::string_view("\n\r\0", 3)) == std::string_view::npos,
         "an error is one line");
}

}  // namespace fuzz
