"""Checks that results files of older versions can be read, verified and resumed: those of programs whose metrics have no
direction, because a metric was a name alone.

Usage: older_files.py RHOSWEEP MPIEXEC H5DIFF
"""

import shutil
import sys
from pathlib import Path

import h5py

from program import Program, differences

PROGRAM = """
import json, sys
stepsize, seed = float(sys.argv[1]), int(sys.argv[2])
print(json.dumps({"step": 8, "train_loss": stepsize, "strangeness": (stepsize - 0.5) ** 2 + seed, "auc": 0.5}))
"""
SWEEP = """
title = "Older"
[problem]
kind = "command"
command = ["PYTHON", "program.py", "{stepsize}", "{seed}"]
metrics = ["train_loss", { name = "strangeness", best = "min" }, { name = "auc", best = "min" }]
[sgd]
steps = 8
evaluations = 1
[grid]
stepsize = 0.5
schedule = ["constant"]
rho = [0.5, 1.0, 2.0]
seed = { from = 0, count = 4 }
"""


def make_older(source, target):
    """Copies a file as an older version would have written it, with half of the trials pending. Then, every metric but
    accuracies was taken as a cost."""
    shutil.copy(source, target)
    with h5py.File(target, "r+") as file:
        text = file.attrs["sweep"]
        for name in "strangeness", "auc":
            assert f'{{ name = "{name}", best = "min" }}' in text, text
            text = text.replace(f'{{ name = "{name}", best = "min" }}', f'"{name}"')
            del file[f"final_{name}"].attrs["best"]
        file.attrs["sweep"] = text
        file["status"][2:] = 0


def main(rhosweep, mpiexec, h5diff):
    program = Program(rhosweep, mpiexec)
    Path("program.py").write_text(PROGRAM)
    Path("sweep.toml").write_text(SWEEP.replace("PYTHON", sys.executable))
    program.succeed("run", "sweep.toml", "-o", "whole.h5", "--overwrite", "--progress", "none")
    for ranks in 0, 2:
        make_older("whole.h5", "older.h5")
        done = program.succeed("verify", "older.h5", "--run-programs")
        assert "6 cells recomputed, 0 differ" in done.stdout, done.stdout
        for command in (("status",), ("analyze", "--metric", "auc"), ("export",)):
            program.succeed(*command, "older.h5")
        # Another direction is another sweep.
        other = SWEEP.replace("PYTHON", sys.executable).replace('"auc", best = "min"', '"auc", best = "max", at_most = 1')
        Path("other.toml").write_text(other)
        done = program("run", "other.toml", "-o", "older.h5", "--resume", ranks=ranks)
        assert done.returncode == 2 and "another sweep: problem.metrics" in done.stderr, done.stderr
        program.succeed("run", "sweep.toml", "-o", "older.h5", "--resume", "--progress", "none", ranks=ranks)
        with h5py.File("whole.h5") as whole, h5py.File("older.h5") as older:
            for name in "status", "checksum", "final_strangeness", "final_auc":
                assert (whole[name][...] == older[name][...]).all(), name
        found = program("verify", "older.h5", "--run-programs", "--trials", "100")
        assert "12 cells recomputed, 0 differ" in found.stdout, found.stdout + found.stderr
    # A name alone is refused in a sweep file that somebody writes.
    Path("bare.toml").write_text(SWEEP.replace('{ name = "strangeness", best = "min" }', '"strangeness"'))
    done = program("plan", "bare.toml")
    assert done.returncode == 2 and "not known whether more is better" in done.stderr, done.stderr
    assert differences(h5diff, "whole.h5", "older.h5"), "the older file keeps its own words"


if __name__ == "__main__":
    main(*sys.argv[1:])
