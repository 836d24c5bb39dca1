#include "number_options.hpp"

#include "rhosweep/core/error.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace rhosweep::app {

CLI::Option* add_numbers(CLI::App& command, const std::string& name, std::vector<double>& numbers,
                         const std::string& description) {
  return command.add_option(name, numbers, description)->delimiter(',')->allow_extra_args(false);
}

CLI::Validator positive_number() {
  return {[](const std::string& text) {
            double value = 0.0;
            const bool is_fine =
                CLI::detail::lexical_cast(text, value) && value > 0.0 && std::isfinite(value);
            return is_fine ? std::string() : core::found_allowed(text, "a positive number");
          },
          "NUMBER > 0"};
}

CLI::Validator ratio_of_grid() {
  return {[](const std::string& text) {
            constexpr double least = 1.01;
            double value = 0.0;
            const bool is_fine =
                CLI::detail::lexical_cast(text, value) && value >= least && std::isfinite(value);
            return is_fine ? std::string() : core::found_allowed(text, "a number from 1.01 on");
          },
          "NUMBER >= 1.01"};
}

void require_distinct(const std::string& option, const std::vector<double>& values) {
  for (auto value = values.begin(); value != values.end(); ++value)
    if (std::find(values.begin(), value, *value) != value)
      throw CLI::ValidationError(option,
                                 core::found_allowed(fmt::format("{} twice", *value), "each number once"));
}

std::string complaint_about_trials(const std::string& text) {
  std::uint32_t number = 0;
  return text == "all" || CLI::detail::lexical_cast(text, number)
             ? ""
             : core::found_allowed(text, "a number or all");
}

}  // namespace rhosweep::app
