#pragma once

namespace rhosweep {

/// The whole program: reads the command line, runs the command and returns the exit code (core::ExitCode).
/// `run` initialises MPI; the other commands are ordinary processes. A program with custom problems registers
/// each with problem::register_problem() and then calls this function.
int main(int argc, char** argv);

}  // namespace rhosweep
