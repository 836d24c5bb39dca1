#pragma once
#include <functional>

// Runs the selected cases by calling `session` and returns the exit code of the test program. Tests of one
// process and tests under MPI define it differently (run_alone.cpp, run_under_mpi.cpp).
int run_cases(int& argc, char**& argv, const std::function<int()>& session);
