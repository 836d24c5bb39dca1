// The main() of all C++ tests. It is a failure to run no test: otherwise CTest would count a name that
// matches no case as passed.
#define CATCH_CONFIG_RUNNER
#include "support/run_cases.hpp"

#include <catch2/catch.hpp>

int main(int argc, char** argv) {
  Catch::Session session;
  if (const int bad = session.applyCommandLine(argc, argv); bad != 0) return bad;
  auto& config = session.configData();
  if (config.listTests || config.listTags || config.listTestNamesOnly || config.showHelp)
    return session.run();
  config.warnings = Catch::WarnAbout::NoTests;
  return run_cases(argc, argv, [&] { return session.run(); });
}
