#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rhosweep::study {

/// The sweep that a command works on.
struct SweepOptions {
  std::filesystem::path file;
  std::vector<std::string> overrides;  ///< KEY=VALUE with VALUE in TOML
};

}  // namespace rhosweep::study
