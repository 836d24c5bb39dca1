#pragma once

namespace rhosweep::app {

/// The whole program: reads the command line, runs the subcommand and returns the exit code (core::ExitCode).
/// `run` initialises MPI; the other subcommands are ordinary processes.
int main(int argc, char** argv);

}  // namespace rhosweep::app
