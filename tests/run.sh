#!/usr/bin/env bash
# Every check of the project: installs what is missing, builds without warnings, runs all tests, then checks the
# format and lints the rooms that changed since they last passed.
source "$(dirname "${BASH_SOURCE[0]}")/../jobs/setup.sh"

install_missing "${build_packages[@]}" \
  bzip2 catch2 doxygen clang clang-format clang-tidy libclang-rt-dev \
  hdf5-tools netcdf-bin python3 python3-h5py python3-h5netcdf python3-netcdf4 python3-pandas python3-sklearn python3-xarray \
  python3-matplotlib python3-jinja2 nco octave octave-netcdf r-cran-ncdf4 \
  slurm-wlm slurmctld slurmd slurm-client munge shellcheck

say "Building"
cmake --preset release -DRHOSWEEP_TESTS=ON -DRHOSWEEP_WERROR=ON
cmake --build --preset release

# The fuzzers are built in the time that waiting tests leave. What fails here is built again, and told of, by
# tests/fuzz/run.sh.
(cmake --preset fuzz && nice -n 19 cmake --build --preset fuzz) >build/release/fuzz_build.log 2>&1 &
fuzzers=$!
trap 'kill "$fuzzers" 2>/dev/null || true' EXIT

say "Testing"
allow_mpi_as_root
# More at a time than there are processors: many tests mostly wait for MPI jobs to start and to end.
ctest --preset release --parallel "$(($(nproc) * 2))" --no-tests=error --label-exclude slurm
wait "$fuzzers" || true

say "The README's first command"
jobs/quickstart.sh >build/release/quickstart.log

# The tests on a Slurm cluster mostly wait for it, so that other checks go on beside them.
ctest --preset release --no-tests=error --label-regex slurm >build/release/slurm_tests.log 2>&1 &
slurm_tests=$!
trap 'kill "$slurm_tests" 2>/dev/null || true' EXIT

say "Fuzzing for some seconds (tests/fuzz/run.sh SECONDS: for longer)"
tests/fuzz/run.sh 10

say "Checking the format and the scripts"
git ls-files '*.hpp' '*.cpp' | xargs clang-format --dry-run --Werror
git ls-files '*.sh' '*.sbatch' ':!jobs/setup.sh' ':!jobs/cluster.sh' | xargs shellcheck --check-sourced --severity=warning
echo "formatted"

# A room is linted when it changed since it last passed here: its sources, any header, or the rules. What is linted is
# the fuzzers' build, which joins the sources of a room into one, so that the headers are read once.
say "Linting the rooms that changed"
state() {
  find "src/$1" include .clang-tidy -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum
}
mkdir -p build/release/lint
changed=()
for room in src/*/; do
  room=$(basename "$room")
  if ! state "$room" | cmp -s - "build/release/lint/$room"; then changed+=("$room"); fi
done
echo "${changed[*]:-none}"
/usr/bin/python3 tests/support/units_of.py build/fuzz/compile_commands.json "${changed[@]}" |
  xargs -0 --no-run-if-empty --max-procs="$(nproc)" --max-args=1 \
    clang-tidy -p build/fuzz --quiet --checks=-bugprone-suspicious-include
for room in "${changed[@]}"; do state "$room" >"build/release/lint/$room"; done
echo "linted"

say "Testing on Slurm"
outcome=0
wait "$slurm_tests" || outcome=$?
trap - EXIT
cat build/release/slurm_tests.log
exit "$outcome"
