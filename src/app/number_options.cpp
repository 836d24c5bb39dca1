#include "number_options.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <limits>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace rhosweep::app {

namespace {

std::string range_text(std::int64_t least, std::int64_t most) {
  const bool has_end = most < std::numeric_limits<std::int64_t>::max();
  return has_end ? fmt::format("an integer from {} to {}", least, most)
                 : fmt::format("an integer from {} on", least);
}

/// Returns a validator that rewrites a number in the form that CLI11 reads, or fails with the message of
/// `rewrite`.
template <class Rewrite>
CLI::Validator rewriting(const Rewrite& rewrite, const std::string& shown) {
  return {[rewrite](std::string& text) { return rewrite(text); }, shown};
}

CLI::Validator number_from(double least, bool open, const std::string& allowed, const std::string& shown) {
  return rewriting(
      [=](std::string& text) -> std::string {
        const auto number = core::parse_number(text);
        if (!number || !(open ? *number > least : *number >= least))
          return core::found_allowed(text, allowed);
        text = core::to_text(*number);
        return {};
      },
      shown);
}

}  // namespace

CLI::Option* add_numbers(CLI::App& command, const std::string& name, std::vector<double>& numbers,
                         const std::string& description) {
  return command.add_option(name, numbers, description)->delimiter(',')->allow_extra_args(false);
}

CLI::Validator whole_number(std::int64_t least, std::int64_t most) {
  return rewriting(
      [=](std::string& text) -> std::string {
        const auto number = core::parse_integer(text);
        if (!number || *number < least || *number > most)
          return core::found_allowed(text, range_text(least, most));
        text = std::to_string(*number);  // CLI11 would read 010 as octal
        return {};
      },
      fmt::format(">= {}", least));
}

CLI::Validator positive_number() {
  return number_from(0.0, true, "a positive number", "NUMBER > 0");
}

CLI::Validator ratio_of_grid() {
  return number_from(1.01, false, "a number from 1.01 on", "NUMBER >= 1.01");
}

void require_distinct(const std::string& option, const std::vector<double>& values) {
  for (auto value = values.begin(); value != values.end(); ++value)
    if (std::find(values.begin(), value, *value) != value)
      throw CLI::ValidationError(option,
                                 core::found_allowed(fmt::format("{} twice", *value), "each number once"));
}

std::string complaint_about_trials(const std::string& text) {
  const auto number = core::parse_integer(text);
  return text == "all" || (number && *number >= 0)
             ? ""
             : core::found_allowed(text, "an integer from 0 on, or all");
}

}  // namespace rhosweep::app
