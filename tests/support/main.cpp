// Runs Catch2 in one process. It is a failure if no test runs: otherwise a name that matches no case would
// pass. A case can be skipped (skip.hpp).
#define CATCH_CONFIG_RUNNER
#include "support/skip.hpp"

#include <catch2/catch.hpp>

int main(int argc, char** argv) {
  Catch::Session session;
  if (const int bad = session.applyCommandLine(argc, argv); bad != 0) return bad;
  session.configData().warnings = Catch::WarnAbout::NoTests;
  const int result = session.run();
  return result == 0 && has_skipped() ? skipped_code : result;
}
