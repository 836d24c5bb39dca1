#pragma once

#include <iostream>
#include <string>

/// The exit code that CTest counts as skipped.
inline constexpr int skipped_code = 77;

/// Returns whether a case of this process was skipped; can be assigned to.
inline bool& has_skipped() {
  static bool skipped = false;
  return skipped;
}

/// Marks the case as skipped and prints the reason, which is a property of this machine; the case must then
/// return. The process exits with skipped_code if nothing fails, so that CTest lists the test as skipped.
/// `reason` is one sentence without a line break.
inline void skip_case(const std::string& reason) {
  has_skipped() = true;
  std::cout << "skipped: " << reason << std::endl;
}
