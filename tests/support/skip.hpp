#pragma once

#include <iostream>
#include <string>

/// What CTest takes for "skipped".
inline constexpr int skipped_code = 77;

/// Whether a case of this process has been skipped.
inline bool& has_skipped() {
  static bool skipped = false;
  return skipped;
}

/// Says that a case, which returns next, has nothing to check on this machine, and why. The process then ends
/// with skipped_code if nothing fails, so that the test is counted and named as skipped. One sentence,
/// without a line break.
inline void skip_case(const std::string& reason) {
  has_skipped() = true;
  std::cout << "skipped: " << reason << std::endl;
}
