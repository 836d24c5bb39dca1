#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rhosweep::study {

/// The sweep file of a command, and the keys that --set overrides.
struct SweepOptions {
  std::filesystem::path file;
  std::vector<std::string> overrides;  ///< KEY=VALUE with VALUE in TOML
  std::filesystem::path results = {};  ///< the results file of a run; empty: there is no results file
};

}  // namespace rhosweep::study
