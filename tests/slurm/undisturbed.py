"""Runs the sweep of the job tests without disturbance. The results files of all other runs must equal its file.

Usage: undisturbed.py RHOSWEEP MPIEXEC   (writes undisturbed.h5)
"""

import sys
from pathlib import Path

from program import Program

# The run takes some seconds and has many blocks, so that a test can interrupt it halfway.
SWEEP = """\
title = "Job scripts on Slurm"
[problem]
kind = "logistic_regression"
samples = 2000
dimension = 50
[sgd]
steps = 400000
[grid]
stepsize = 0.1
schedule = ["constant", "linear"]
rho = { from = 0.01, to = 100.0, points = 8 }
seed = { from = 0, count = 64 }
"""

if __name__ == "__main__":
    Path("sweep.toml").write_text(SWEEP)
    Program(*sys.argv[1:3]).succeed("run", "sweep.toml", "-o", "undisturbed.h5", "--overwrite", "--progress", "none",
                                    ranks=2)
