#pragma once

#include "rhosweep/core/text.hpp"

#include <cstddef>
#include <sstream>
#include <string>

#include <CLI/CLI.hpp>

namespace rhosweep::app {

/// Formats help in lines of at most 80 columns.
class NarrowFormatter : public CLI::Formatter {
 public:
  std::string make_description(const CLI::App* command) const override {
    return core::wrapped(Formatter::make_description(command));
  }
  std::string make_subcommand(const CLI::App* command) const override {
    std::ostringstream out;
    CLI::detail::format_help(out, command->get_name(), beside_names(command->get_description()),
                             column_width_);
    return out.str();
  }
  std::string make_option_desc(const CLI::Option* option) const override {
    return beside_names(option->get_description());
  }

 private:
  std::string beside_names(const std::string& text) const {
    return core::wrapped(text, core::most_columns - column_width_);
  }
};

}  // namespace rhosweep::app
