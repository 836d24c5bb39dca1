#!/usr/bin/env bash
# From a clone to a first result: installs what is missing, builds, runs jobs/sweeps/quickstart.toml on all cores, and
# prints the best stepsize of every schedule and what a stepsize that is too large costs.
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

provide_rhosweep

say "Running jobs/sweeps/quickstart.toml on $(nproc) cores"
allow_mpi_as_root
mpirun --use-hwthread-cpus -n "$(nproc)" "$rhosweep" run jobs/sweeps/quickstart.toml -o quickstart.h5 --overwrite

printf '\nResults file: %s\n' "$PWD/quickstart.h5"
