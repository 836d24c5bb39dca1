"""Checks that failed trials are reported and counted, that --resume tries them again, and that --max-failures ends a
run.

Usage: failed_trials.py RHOSWEEP MPIEXEC
"""

import re
import sys
from pathlib import Path

import h5py

from program import SAMPLES, Program, unbroken

# No machine has enough memory for the larger mini-batch.
SWEEP = """\
[problem]
kind = "logistic_regression"
data = "some.libsvm"
l2 = 0.01
[sgd]
steps = 20
evaluations = 4
[grid]
stepsize = 0.5
schedule = ["constant", "linear", "cosine"]
rho = { from = 0.01, to = 1.0, points = 23 }
seed = { from = 0, count = 40 }
[axes]
"sgd.batch_size" = [2, 1000000000000]
"""


def failed_trials_are_told_counted_and_run_again(program):
    Path("failing.toml").write_text(SWEEP)
    for ranks in 0, 3:
        done = program("run", "failing.toml", "-o", "failing.h5", "--overwrite", ranks=ranks)
        assert done.returncode == 1 and "2760 trials failed" in done.stderr, done.stderr
        assert "trials of seed 0 failed: out of memory" in done.stderr, done.stderr
        # Each rank prints at most three messages about failed trials and then the number of further failed trials.
        said = unbroken(done.stderr)
        shown = [int(count) for count in re.findall(r"(\d+) trials? of seed \d+ failed: .*; at sgd.batch_size = 1000000000000\n", said)]
        left_out = [int(count) for count in re.findall(r"warning: … and (\d+) more for the same reason: out of memory", said)]
        assert 3 <= len(shown) <= 3 * max(1, ranks) and 1 <= len(left_out) <= max(1, ranks), said
        assert sum(shown) + sum(left_out) == 2760, said
        status = program.succeed("status", "failing.h5").stdout
        assert "2760 done, 0 diverged, 2760 failed, 0 pending" in status, status
        assert "failed: sgd.batch_size = 1000000000000, seed = 0" in status and "out of memory" in status, status
    done = program("run", "failing.toml", "-o", "failing.h5", "--resume", ranks=2)
    assert done.returncode == 1 and "2760 trials in" in done.stderr, done.stderr
    with h5py.File("failing.h5") as file:
        assert [set(part.ravel()) for part in file["run/attempt"]] == [{1}, {2}]
    done = program("run", "failing.toml", "-o", "few.h5", "--overwrite", "--max-failures", 100, ranks=2)
    assert done.returncode == 1 and "stopped by more than 100 failed trials" in done.stderr, done.stderr
    assert "2760 failed" not in program.succeed("status", "few.h5").stdout


if __name__ == "__main__":
    Path("some.libsvm").write_text(SAMPLES)
    failed_trials_are_told_counted_and_run_again(Program(*sys.argv[1:3]))
