#include "option_checks.hpp"

#include <cmath>
#include <cstdint>

#include <CLI/CLI.hpp>

namespace rhosweep::app {

CLI::Validator positive_number() {
  return {[](const std::string& text) {
            double value = 0.0;
            const bool is_fine =
                CLI::detail::lexical_cast(text, value) && value > 0.0 && std::isfinite(value);
            return is_fine ? std::string() : "found " + text + "; allowed: a positive number";
          },
          "NUMBER > 0"};
}

CLI::Validator above_one() {
  return {[](const std::string& text) {
            double value = 0.0;
            const bool is_fine =
                CLI::detail::lexical_cast(text, value) && value > 1.0 && std::isfinite(value);
            return is_fine ? std::string() : "found " + text + "; allowed: a number above 1";
          },
          "NUMBER > 1"};
}

std::string complaint_about_trials(const std::string& text) {
  std::uint32_t number = 0;
  return text == "all" || CLI::detail::lexical_cast(text, number)
             ? ""
             : "found " + text + "; allowed: a number or all";
}

}  // namespace rhosweep::app
