#pragma once
#include <functional>

// Runs the selected cases by calling `session` and returns the exit code of the test program. There is one
// definition for tests of one process (run_alone.cpp) and one for tests under MPI (run_under_mpi.cpp).
int run_cases(int& argc, char**& argv, const std::function<int()>& session);
