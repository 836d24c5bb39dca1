#!/usr/bin/env bash
# Trains a residual network in PyTorch over a grid of stepsizes and schedules, one trial per rank at a time, and prints
# what a badly guessed stepsize costs under each schedule. Takes some minutes on two cores.
#
#   jobs/examples/torch/run.sh [OPTIONS of rhosweep run...]        e.g. --set grid.seed.count=8
#
# RANKS: number of trials that run at a time [2].
source "$(dirname "${BASH_SOURCE[0]}")/../../setup.sh"

# Debian installs modules for its own Python, but PATH may find another one first.
has_torch() { python3 -c 'import numpy, torch' 2>/dev/null; }
has_torch || install_missing python3 python3-numpy python3-torch
has_torch || export PATH=/usr/bin:$PATH
has_torch || { echo "error: python3 has no module torch" >&2; exit 1; }

provide_rhosweep
say "Running jobs/examples/torch/sweep.toml"
allow_mpi_as_root
mpirun --use-hwthread-cpus -n "${RANKS:-2}" "$rhosweep" run jobs/examples/torch/sweep.toml -o torch.h5 --resume "$@"
"$rhosweep" analyze torch.h5
