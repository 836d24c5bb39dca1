#!/usr/bin/env bash
# From nothing to a first result: installs what is missing, builds, runs jobs/quickstart.toml on all cores and prints
# the best stepsize of every schedule and what a too large one costs.
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

install_missing "${build_packages[@]}"

say "Building build/release/bin/rhosweep"
[ -f build/release/CMakeCache.txt ] || cmake --preset release -DRHOSWEEP_TESTS=OFF >&2
cmake --build --preset release --target rhosweep >&2

say "Running jobs/quickstart.toml on $(nproc) cores"
allow_mpi_as_root
mpirun --use-hwthread-cpus -n "$(nproc)" build/release/bin/rhosweep run jobs/quickstart.toml -o quickstart.h5 --overwrite

printf '\nResults file: %s\n' "$PWD/quickstart.h5"
