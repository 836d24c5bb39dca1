#!/usr/bin/env bash
# tests/asan.sh [CTEST ARGUMENT...]: builds the preset asan and runs tests under the address and undefined-behaviour
# sanitizers: the tests that the arguments select, by default the unit, MPI and command-line tests. Takes half an hour.
# tests/run.sh does not run this script, so run it by hand before each larger change lands.
source "$(dirname "${BASH_SOURCE[0]}")/../jobs/setup.sh"
[ $# -gt 0 ] || set -- --label-regex '^(unit|mpi|cli)$'

cmake --preset asan
cmake --build --preset asan
allow_mpi_as_root
export LSAN_OPTIONS="suppressions=$PWD/tests/support/leaks_of_libraries.txt:print_suppressions=0"
exec ctest --preset asan --parallel "$(nproc)" --no-tests=error "$@"
