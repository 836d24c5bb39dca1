#pragma once

namespace rhosweep {

/// The whole program: reads the command line, runs the command and returns the exit code (core::ExitCode).
/// `run` initialises MPI; the other commands are ordinary processes. A program with problems of its own calls
/// problem::register_problem() for each of them and then this.
int main(int argc, char** argv);

}  // namespace rhosweep
