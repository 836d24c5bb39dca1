// The main() of all C++ tests. It is a failure to run no test: otherwise CTest would count a name that
// matches no case as passed.
#define CATCH_CONFIG_RUNNER
#include "support/run_cases.hpp"

#include <catch2/catch.hpp>

namespace {

bool only_prints(const Catch::ConfigData& config) {
#if CATCH_VERSION_MAJOR < 3
  if (config.listTestNamesOnly) return true;
#endif
  return config.listTests || config.listTags || config.listReporters || config.showHelp;
}

}  // namespace

int main(int argc, char** argv) {
  Catch::Session session;
  if (const int bad = session.applyCommandLine(argc, argv); bad != 0) return bad;
  auto& config = session.configData();
  if (only_prints(config)) return session.run();
#if CATCH_VERSION_MAJOR < 3
  config.warnings = Catch::WarnAbout::NoTests;  // the default of version 3
#endif
  return run_cases(argc, argv, [&] { return session.run(); });
}
