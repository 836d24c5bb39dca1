#!/usr/bin/env bash
# Every check of the project: installs what is missing, builds without warnings, runs all tests, then the format and
# the lint of the rooms that changed. RHOSWEEP_LINT=all lints every room.
source "$(dirname "${BASH_SOURCE[0]}")/../jobs/setup.sh"

install_missing "${build_packages[@]}" \
  catch2 clang-format clang-tidy \
  hdf5-tools netcdf-bin python3 python3-h5py python3-h5netcdf python3-netcdf4 python3-xarray

say "Building"
cmake --preset release -DRHOSWEEP_TESTS=ON -DRHOSWEEP_WERROR=ON
cmake --build --preset release

say "Testing"
allow_mpi_as_root
ctest --preset release --parallel "$(nproc)" --no-tests=error

say "Checking the format"
git ls-files '*.hpp' '*.cpp' | xargs clang-format --dry-run --Werror
echo "formatted"

# The rooms that differ from the last commit that was not part of this work: the one before HEAD, or the empty tree.
changed_rooms() {
  local base=${RHOSWEEP_LINT_BASE:-HEAD~1}
  if [ "${RHOSWEEP_LINT:-}" = all ] || ! git rev-parse --quiet --verify "$base" >/dev/null; then
    ls src
  else
    git diff --name-only "$base" -- src include | sed -E 's,^(src|include/rhosweep)/([^/]+)/.*,\2,' | sort -u
  fi
}

rooms=$(changed_rooms | tr '\n' ' ')
say "Linting: ${rooms:-no room changed}"
for room in $rooms; do
  if [ -d "src/$room" ]; then find "src/$room" -name '*.cpp'; fi
done | xargs --no-run-if-empty --max-procs="$(nproc)" --max-args=1 clang-tidy -p build/release --quiet
echo "linted"
