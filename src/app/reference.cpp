#include "reference.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/model/schedule.hpp"
#include "rhosweep/study/provenance.hpp"

#include <cctype>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::app {

namespace {

namespace fs = std::filesystem;

void write_text(const fs::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) throw core::FileError(path.string(), std::generic_category().message(errno));
}

/// Returns the subcommands that --help shows.
std::vector<const CLI::App*> shown_commands(const CLI::App& program) {
  return program.get_subcommands(
      [](const CLI::App* command) { return !command->get_name().empty() && !command->get_group().empty(); });
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> list;
  for (const std::string& name : option.get_snames()) list.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) list.push_back("--" + name);
  return list;
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

/// Returns the allowed values of an option. CLI11 lists them in braces in the type name: "HOW:{auto,bar}".
std::vector<std::string> choices(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}', open);
  if (close == std::string::npos) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

std::string value_name(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

// Man pages (man(7)).

/// Escapes a text so that roff prints it literally.
std::string roff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

std::string item(const std::string& tag, const std::string& text) {
  return fmt::format(".TP\n{}\n{}\n", tag, roff(text));
}

std::string option_items(const CLI::App& app) {
  std::string text;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) continue;
    std::string tag = fmt::format(".B {}", roff(fmt::format("{}", fmt::join(names_of(*option), ", "))));
    if (takes_value(*option))
      tag = fmt::format(".BI \"{} \" \"{}\"", tag.substr(3), roff(value_name(*option)));
    text += item(tag, option->get_description());
  }
  return text;
}

std::string page(const std::string& title, const CLI::App& app, const std::string& synopsis,
                 const std::string& body, const std::string& see_also) {
  std::string text =
      fmt::format(".\\\" Generated from the same texts as --help.\n.TH \"{}\" 1 \"\" \"rhosweep {}\"\n",
                  roff(title), study::version());
  text += fmt::format(".SH NAME\n{} \\- {}\n.SH SYNOPSIS\n{}.SH DESCRIPTION\n{}\n", roff(title),
                      roff(app.get_description()), synopsis, roff(app.get_description()));
  text += body + ".SH OPTIONS\n" + option_items(app);
  if (const std::string footer = app.get_footer(); !footer.empty())
    text += fmt::format(".SH EXAMPLES\n.nf\n{}\n.fi\n", roff(footer));
  text +=
      ".SH EXIT STATUS\n" +
      item("0", "Every trial is done, diverged or stopped early, or the command succeeded.") +
      item("1", "An error occurred, or trials failed and all have run or --max-failures stopped the run.") +
      item(
          "2",
          "The usage or the sweep file is wrong, or a file is missing; nothing was started, nothing was written.") +
      item("75", "Stopped early by a signal or a time limit; run again with --resume.");
  return text + ".SH SEE ALSO\n" + see_also + "\n";
}

std::string program_page(const CLI::App& program, const std::string& name) {
  std::string list = ".SH COMMANDS\n";
  std::string pages;
  for (const CLI::App* command : shown_commands(program)) {
    list += item(".B " + roff(command->get_name()), command->get_description());
    pages += fmt::format("{}.BR {} (1)", pages.empty() ? "" : ",\n", roff(name + "-" + command->get_name()));
  }
  return page(name, program, fmt::format(".B {}\n.I COMMAND\n[OPTIONS]\n", roff(name)), list, pages);
}

std::string command_page(const CLI::App& command, const std::string& name) {
  std::string synopsis = fmt::format(".B {} {}\n[OPTIONS]\n", roff(name), roff(command.get_name()));
  std::string arguments;
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_positional()) continue;
    synopsis += fmt::format(".I {}\n", roff(value_name(*option)));
    arguments += item(".I " + roff(value_name(*option)), option->get_description());
  }
  if (!arguments.empty()) arguments = ".SH ARGUMENTS\n" + arguments;
  return page(name + "-" + command.get_name(), command, synopsis, arguments,
              fmt::format(".BR {} (1)", roff(name)));
}

// Completion for bash.

std::vector<std::string> schedule_names() {
  std::vector<std::string> names;
  for (const auto& doc : model::schedule_catalogue()) names.push_back(doc.name);
  return names;
}

/// Returns the branch of the shell's `case` that sets the possible options and arguments of a command. Bash
/// completes file names itself.
std::string words_case(const CLI::App& app, const std::string& command, std::vector<std::string> arguments) {
  std::vector<std::string> options;
  for (const CLI::Option* option : app.get_options()) {
    const bool is_argument = option->get_positional();
    auto more = is_argument ? choices(*option) : names_of(*option);
    if (is_argument && value_name(*option) == "SPEC") more = schedule_names();
    auto& words = is_argument ? arguments : options;
    words.insert(words.end(), more.begin(), more.end());
  }
  return fmt::format("    '{}') options='{}' arguments='{}' ;;\n", command, fmt::join(options, " "),
                     fmt::join(arguments, " "));
}

bool has_files(const CLI::Option& option) {
  const std::string name = value_name(option);
  return name.find("FILE") != std::string::npos || name.find("PATH") != std::string::npos ||
         name.find(".toml") != std::string::npos;
}

std::string bash_completion(const CLI::App& program, const std::string& name) {
  std::vector<std::string> all;
  std::string values;  // branches of the script's case statement, for options with a value
  for (const CLI::App* command : shown_commands(program)) all.push_back(command->get_name());
  std::string words = words_case(program, "", all);
  for (const CLI::App* command : shown_commands(program)) {
    words += words_case(*command, command->get_name(), {});
    for (const CLI::Option* option : command->get_options()) {
      if (option->get_positional() || !takes_value(*option)) continue;
      std::vector<std::string> patterns;
      for (const std::string& option_name : names_of(*option))
        patterns.push_back(fmt::format("'{} {}'", command->get_name(), option_name));
      const auto few = choices(*option);
      std::string action = "compopt +o default";
      if (!few.empty())
        action = fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$word\"))", fmt::join(few, " "));
      if (has_files(*option)) action = ":";
      values += fmt::format("    {}) {}; return ;;\n", fmt::join(patterns, " | "), action);
    }
  }
  constexpr const char* script = R"(# bash completion for {0}, generated from the same texts as --help.
_{1}() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} command='' options arguments i
  if [ "$previous" = = ]; then previous=${{COMP_WORDS[COMP_CWORD - 2]}}; fi # --option=value
  if [ "$word" = = ]; then word=''; fi
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${{COMP_WORDS[i]}} in {2}) command=${{COMP_WORDS[i]}} && break ;; esac
  done
  case "$command $previous" in
{3}  esac
  case $command in
{4}  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
    *) COMPREPLY=($(compgen -W "$arguments" -- "$word")) ;;
  esac
}}
complete -o default -F _{1} {0}
)";
  std::string identifier = name;
  for (char& c : identifier)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return fmt::format(script, name, identifier, fmt::join(all, " | "), values, words);
}

}  // namespace

void write_reference(const CLI::App& program, const std::string& name, const fs::path& folder) {
  std::error_code error;
  for (const char* part : {"man", "completions"}) {
    fs::create_directories(folder / part, error);
    if (error) throw core::FileError((folder / part).string(), error.message());
  }
  write_text(folder / "man" / (name + ".1"), program_page(program, name));
  for (const CLI::App* command : shown_commands(program))
    write_text(folder / "man" / fmt::format("{}-{}.1", name, command->get_name()),
               command_page(*command, name));
  write_text(folder / "completions" / name, bash_completion(program, name));
}

}  // namespace rhosweep::app
