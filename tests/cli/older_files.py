"""Checks that results files of older versions can be read, verified, resumed, copied from and merged. In these versions
a program declared only the names of its metrics, without the direction (`best`).

Usage: older_files.py RHOSWEEP MPIEXEC H5DIFF
"""

import ctypes
import ctypes.util
import shutil
import sys
from pathlib import Path

import h5py

from program import Program, differences, unbroken

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


def hash_of(text):
    """Returns the XXH3 hash of a text, computed by the xxHash library. In older versions it is the hash of a sweep."""
    library = ctypes.CDLL(ctypes.util.find_library("xxhash"))
    library.XXH3_64bits.restype = ctypes.c_uint64
    library.XXH3_64bits.argtypes = ctypes.c_char_p, ctypes.c_size_t
    return f"{library.XXH3_64bits(text.encode(), len(text.encode())):016x}"


def make_older(source, target):
    """Copies a file as an older version would have written it, with half of the trials pending. In older versions
    less was better for every metric except accuracies."""
    shutil.copy(source, target)
    with h5py.File(target, "r+") as file:
        text = file.attrs["sweep"]
        for name in "strangeness", "auc":
            assert f'{{ name = "{name}", best = "min" }}' in text, text
            text = text.replace(f'{{ name = "{name}", best = "min" }}', f'"{name}"')
            del file[f"final_{name}"].attrs["best"]
        file.attrs["sweep"], file.attrs["sweep_hash"] = text, hash_of(text)
        file["point_key"][...] = 5555  # an arbitrary number: older versions hashed a different text
        file["status"][2:] = 0


def cells_are_copied_and_merged(program, h5diff, other):
    make_older("whole.h5", "older.h5")
    assert "reused                    6, which leaves 6" in program.succeed("plan", "sweep.toml", "--reuse", "older.h5").stdout
    for ranks in 0, 2:
        done = program.succeed("run", "sweep.toml", "-o", "copied.h5", "--overwrite", "--progress", "none", "--reuse",
                               "older.h5", ranks=ranks)
        assert "older.h5: 6 cells copied" in done.stderr, done.stderr
        assert not differences(h5diff, "whole.h5", "copied.h5")
    for files in ("older.h5", "whole.h5"), ("whole.h5", "older.h5"):
        program.succeed("merge", "-o", "merged.h5", "--overwrite", *files)
        assert not differences(h5diff, "whole.h5", "merged.h5"), files
    # With the opposite direction, a metric has another value for a diverged trial, so no cells are copied.
    done = program.succeed("plan", other, "--reuse", "older.h5")
    line = unbroken(done.stderr)
    assert "reused                    0" in done.stdout and len(line.splitlines()) == 1, done
    assert line.endswith('; to copy them, declare as in the file: { name = "auc", best = "min" }\n'), line


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
        # A sweep whose metric has the opposite direction is a different sweep.
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
    assert differences(h5diff, "whole.h5", "older.h5"), "the older file keeps its own words"
    cells_are_copied_and_merged(program, h5diff, "other.toml")
    # In a new sweep file, a metric without a direction is an error.
    Path("bare.toml").write_text(SWEEP.replace('{ name = "strangeness", best = "min" }', '"strangeness"'))
    done = program("plan", "bare.toml")
    assert done.returncode == 2 and "not known whether more is better" in done.stderr, done.stderr


if __name__ == "__main__":
    main(*sys.argv[1:])
