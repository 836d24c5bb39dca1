#include "environment.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

namespace rhosweep::program {

namespace {

/// Prefixes of the variables that are removed. With them, a program would take itself for a rank of this MPI
/// job or read the values of another trial.
constexpr std::array<std::string_view, 9> of_a_rank{"OMPI_", "PMIX_",  "PMI_", "PMI2_",    "ORTE_",
                                                    "PRTE_", "HYDRA_", "MPI_", "RHOSWEEP_"};
/// Prefix of the variables with which a user allows any MPI program to run as root. They are kept.
constexpr std::string_view of_the_user = "OMPI_ALLOW_RUN_AS_ROOT";

bool is_kept(std::string_view variable) {
  return variable.starts_with(of_the_user) ||
         std::none_of(of_a_rank.begin(), of_a_rank.end(),
                      [&](std::string_view prefix) { return variable.starts_with(prefix); });
}

}  // namespace

std::vector<std::string> environment_with(const Placeholders& values) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (is_kept(*variable)) variables.emplace_back(*variable);
  for (const auto& [name, value] : values) {
    std::string capitals = name;
    for (char& c : capitals) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    variables.push_back(fmt::format("RHOSWEEP_{}={}", capitals, value));
  }
  return variables;
}

}  // namespace rhosweep::program
