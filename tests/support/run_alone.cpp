// Runs the cases in one process. A case can be skipped (skip.hpp).
#include "support/run_cases.hpp"
#include "support/skip.hpp"

int run_cases(int&, char**&, const std::function<int()>& session) {
  const int result = session();
  return result == 0 && has_skipped() ? skipped_code : result;
}
