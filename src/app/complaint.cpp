#include "complaint.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace rhosweep::app {

namespace {

std::vector<std::string> shown_names(const CLI::App& program) {
  std::vector<std::string> names;
  for (const CLI::App* command : program.get_subcommands({}))
    if (!command->get_group().empty()) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

/// Returns how the help names an argument or an option: "SWEEP.toml", "--steps".
std::string shown_name(const CLI::App& command, const std::string& name) {
  for (const CLI::Option* option : command.get_options())
    if (option->get_positional() && option->get_name() == name) {  // CLI11's messages use this name, too
      const std::string type = option->get_type_name();
      return type.substr(0, type.find(':'));
    }
  return name;
}

std::string unknown_option(const CLI::App& app, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  const std::vector<std::string> options = options_of(app);
  const std::string hint = core::hint(name, options);
  return fmt::format("{}: unknown option{}", name,
                     hint.empty() ? "; allowed: " + core::either(options) : hint);
}

std::string surplus(const CLI::App& app, const std::string& word) {
  std::vector<std::string> arguments;
  for (const CLI::Option* option : app.get_options())
    if (option->get_positional()) arguments.push_back(shown_name(app, option->get_name()));
  return core::found_allowed(fmt::format("the argument {} too many", word),
                             arguments.empty() ? "no arguments" : core::all_of(arguments));
}

}  // namespace

const CLI::App* named_command(const CLI::App& program, const std::string& name) {
  for (const CLI::App* command : program.get_subcommands({}))
    if (command->check_name(name)) return command;
  return nullptr;
}

std::string complaint(const CLI::App& program, const CLI::ParseError& error, const std::string& first_word) {
  const CLI::App* const command = named_command(program, first_word);
  const CLI::App& app = command != nullptr ? *command : program;
  const std::vector<std::string> rest = program.remaining(true);
  // A misspelt option is reported first, since it causes other errors: the intended option is missing.
  const auto unknown = std::ranges::find_if(
      rest, [](const std::string& word) { return word.size() > 1 && word.starts_with('-') && word != "--"; });
  if (unknown != rest.end()) return unknown_option(app, *unknown);
  if (command == nullptr && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    const std::vector<std::string> commands = shown_names(program);
    const std::string& word = rest.empty() ? first_word : rest.front();
    return fmt::format("{}: unknown command{}; allowed: {}", word, core::hint(word, commands),
                       core::either(commands));
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !rest.empty())
    return surplus(app, rest.front());
  std::string text = error.what();
  const std::string named = text.substr(0, text.find(':'));
  if (shown_name(app, named) != named) return shown_name(app, named) + text.substr(named.size());
  const std::string required = " is required";
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && text.ends_with(required))
    return shown_name(app, text.substr(0, text.size() - required.size())) + required;
  return text;
}

}  // namespace rhosweep::app
