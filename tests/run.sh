#!/usr/bin/env bash
# Runs every check of the project: installs what is missing, builds without warnings and runs all tests, including
# format, lint, fuzzing and the job scripts on a Slurm cluster. See --help.
source "$(dirname "${BASH_SOURCE[0]}")/../jobs/setup.sh"

# Labels of the tests that run after all others, and of those that --quick leaves out because they take longest.
apart='slurm|fuzz|lint'
slow="$apart|quickstart|external|faults"

usage() {
  cat <<END
usage: tests/run.sh [--quick]

Installs what the checks need, builds without warnings and runs every check, also if another fails.

  --quick  leaves out the checks with these labels: ${slow//|/, }

The last lines name each check that failed or was left out, and why. The very last one counts them:
N passed, N failed, N skipped. The exit code is 0 if none failed.

Single checks, once it is built:  ctest --preset release -L LABEL -R NAME
END
}

without='' left_out=()
case ${1:-} in
  '') ;;
  --quick)
    without=$slow
    left_out=(--left-out "left out by --quick" build/release/all_tests.json)
    ;;
  --help | -h)
    usage
    exit 0
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac

install_missing "${build_packages[@]}" \
  bzip2 catch2 chromium doxygen dpkg-dev file clang clang-format clang-tidy libclang-rt-dev libmpfr-dev make locales \
  hdf5-tools netcdf-bin python3 python3-h5py python3-h5netcdf python3-netcdf4 python3-pandas python3-sklearn \
  python3-xarray python3-matplotlib python3-jinja2 python3-pyflakes python3-torch \
  nco octave octave-netcdf r-cran-ncdf4 \
  slurm-wlm slurmctld slurmd slurm-client munge shellcheck

say "Building"
build=PASSED
mkdir -p build/release
rm -f build/release/*_tests.xml
cmake --preset release -DRHOSWEEP_TESTS=ON -DRHOSWEEP_WERROR=ON &&
  cmake --build --preset release -- -k 0 || build=FAILED

say "Testing"
allow_mpi_as_root
ctest --preset release --show-only=json-v1 >build/release/all_tests.json || echo '{"tests": []}' >build/release/all_tests.json
# Three times as many tests as processors run at a time: they mostly wait for MPI jobs to start and end, and a test that
# starts MPI jobs declares two processors.
results=(build/release/most_tests.xml)
ctest --preset release --parallel "$(($(nproc) * 3))" --no-tests=error --output-junit "$PWD/${results[0]}" \
  --label-exclude "^($apart${without:+|$without})\$" || true
# The Slurm tests mostly wait, so the two builds with Clang run concurrently with six of them. With the first tests they
# would take longer, because those keep the processors busy.
if [ -z "$without" ]; then
  results+=(build/release/other_tests.xml)
  ctest --preset release --parallel 8 --no-tests=error --output-junit "$PWD/${results[1]}" \
    --label-regex "^($apart)\$" || true
fi

say "Outcome"
exec /usr/bin/python3 tests/support/closing_lines.py "${results[@]}" --build "$build" "${left_out[@]}"
