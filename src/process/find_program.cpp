#include "rhosweep/process/child.hpp"

#include <cstdlib>
#include <sstream>
#include <system_error>

#include <unistd.h>

namespace rhosweep::process {

std::optional<std::filesystem::path> find_program(const std::string& program,
                                                  const std::filesystem::path& folder) {
  const auto is_program = [](const std::filesystem::path& file) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
  };
  if (program.find('/') != std::string::npos) {
    const std::filesystem::path file = folder / program;
    return is_program(file) ? std::optional(file) : std::nullopt;
  }
  const char* const list = std::getenv("PATH");
  std::istringstream places(list != nullptr ? list : "/bin:/usr/bin");
  for (std::string place; std::getline(places, place, ':');) {
    // A relative folder on PATH is relative to the working directory of the program.
    const std::filesystem::path file = folder / place / program;
    if (is_program(file)) return file;
  }
  return std::nullopt;
}

}  // namespace rhosweep::process
