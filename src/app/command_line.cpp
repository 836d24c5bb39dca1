#include "complaint.hpp"
#include "guarded.hpp"
#include "narrow_formatter.hpp"
#include "reference.hpp"
#include "subcommands.hpp"

#include "rhosweep/app/main.hpp"
#include "rhosweep/core/log.hpp"
#include "rhosweep/core/memory.hpp"
#include "rhosweep/core/vector_unit.hpp"
#include "rhosweep/mpi/environment.hpp"
#include "rhosweep/process/child.hpp"
#include "rhosweep/process/prepare.hpp"
#include "rhosweep/study/provenance.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

namespace rhosweep::app {

namespace {

using core::ExitCode;

std::vector<CLI::App*> subcommands_of(CLI::App& program) {
  return program.get_subcommands([](CLI::App*) { return true; });
}

void add_verbosity(CLI::App& command) {
  using core::log::set_verbosity;
  using core::log::Verbosity;
  CLI::Option* quiet = command.add_flag_callback(
      "-q,--quiet", [] { set_verbosity(Verbosity::quiet); }, "Show only warnings, errors and results");
  command
      .add_flag_callback(
          "-v,--verbose", [] { set_verbosity(Verbosity::verbose); }, "Show all messages from all ranks")
      ->excludes(quiet);
}

/// Adds the hidden subcommand `reference`, which only the build calls.
void add_reference(CLI::App& program, Action& action, const std::string& executable) {
  const auto folder = std::make_shared<std::filesystem::path>();
  CLI::App* command =
      program.add_subcommand("reference", "Write the man pages and the completion for bash")->group("");
  command->add_option("folder", *folder, "The folder to write into")->required();
  command->callback([&program, &action, folder, executable] {
    action = [&program, folder, executable] {
      write_reference(program, std::filesystem::path(executable).filename().string(), *folder);
      return ExitCode::success;
    };
  });
}

void add_subcommands(CLI::App& program, Action& action, int& argc, char**& argv) {
  program.require_subcommand(1);
  program.set_version_flag("--version", study::version_text);
  program.formatter(std::make_shared<NarrowFormatter>());
  program.get_formatter()->column_width(34);
  add_run(program, action, argc, argv);
  add_try(program, action);
  add_plan(program, action);
  add_merge(program, action, fmt::format("{}", fmt::join(argv, argv + argc, " ")));
  add_status(program, action);
  add_export(program, action);
  add_verify(program, action);
  add_list(program, action);
  add_schedule(program, action);
  add_theory(program, action);
  add_analyze(program, action);
  for (CLI::App* command : subcommands_of(program)) add_verbosity(*command);
  add_reference(program, action, argv[0]);
}

/// Flushes standard output. Returns the code of a command, or ExitCode::failure if its output cannot be
/// written.
int finish(ExitCode code) {
  const bool is_written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (is_written || code != ExitCode::success) return static_cast<int>(code);
  core::log::error("standard output: {}", std::generic_category().message(errno));
  return static_cast<int>(ExitCode::failure);
}

}  // namespace

}  // namespace rhosweep::app

int rhosweep::main(int argc, char** argv) {
  using namespace app;
  if (const auto code = process::run_guard(argc, argv)) return *code;
  process::prepare();
  core::keep_freed_memory();
  Action action;
  CLI::App program{"Measures what a misspecified learning rate costs under each learning-rate schedule.",
                   "rhosweep"};
  add_subcommands(program, action, argc, argv);
  const bool is_first = mpi::is_first_rank();
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked_for = error.get_exit_code() == 0;  // --help, --version
    // The other ranks exit with 0: a launcher ends the job at the first failing rank, maybe before rank 0 has
    // printed its message.
    if (!is_first) return 0;
    if (asked_for) return finish(static_cast<ExitCode>(program.exit(error)));
    if (argc == 1) {
      fmt::print(stderr, "{}", program.help());
      return static_cast<int>(ExitCode::bad_input);
    }
    const CLI::App* command = named_command(program, argv[1]);
    const bool bare = argc == 2 && command != nullptr;  // only the command's name: show the command's help
    if (bare && isatty(STDERR_FILENO) != 0) fmt::print(stderr, "{}\n", command->help("rhosweep"));
    core::log::error("{} (see rhosweep {}--help)", complaint(program, error, argv[1]),
                     command != nullptr ? command->get_name() + " " : "");
    return static_cast<int>(ExitCode::bad_input);
  } catch (const core::InputError& error) {  // --version throws if RHOSWEEP_VECTOR_UNIT is wrong
    if (!is_first) return 0;
    core::log::error("{}", error.what());
    return static_cast<int>(error.code());
  }
  // Only `run` is parallel: under mpirun, the other commands run on rank 0 alone.
  const bool is_parallel = program.got_subcommand("run");
  if (!is_first && !is_parallel) return 0;
  const ExitCode code = guarded([&] {
    // Throws if RHOSWEEP_VECTOR_UNIT is wrong. `run` makes this check itself, on every rank.
    if (!is_parallel) core::vector_unit();
    return action();
  });
  return finish(code);
}
