"""Checks that the stored reason of failure is the complete reason of one trial when three ranks fail in the same seeds
at the same time: all trials of a seed share one string in the results file.

LIBRARY splits small writes into single bytes, so that concurrent writes of the same string by two ranks would
interleave.

Usage: concurrent_failures.py RHOSWEEP MPIEXEC LIBRARY   (LIBRARY is built from failing_write.cpp)
"""

import sys
from pathlib import Path

import h5py

from program import Program, unbroken

# Fails with a message that repeats the first argument, rho.
PROGRAM = 'echo "$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1" >&2; exit 3'
SWEEP = """
[problem]
kind = "command"
command = ["/bin/sh", "fail.sh", "{rho}"]
attempts = 1
[sgd]
steps = 8
evaluations = 1
[grid]
stepsize = 1.0
schedule = ["constant"]
rho = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
seed = { from = 0, count = 60 }
"""
LETTERS = "123456"


def reasons(file):
    with h5py.File(file) as results:
        return [bytes(text).rstrip(b"\0").decode() for text in results["run/failure"][...]]


def main(rhosweep, mpiexec, library):
    program = Program(rhosweep, mpiexec)
    Path("fail.sh").write_text(PROGRAM)
    Path("sweep.toml").write_text(SWEEP)
    torn = {"LD_PRELOAD": library, "RHOSWEEP_FAIL_FILE": "*.h5", "RHOSWEEP_FAIL_WITH": "TORN"}
    expected = {f"exit code 3; standard error ends: {30 * letter}" for letter in LETTERS}
    for master in "working", "dedicated":
        done = program("run", "sweep.toml", "-o", "torn.h5", "--overwrite", "--progress", "none", "--master", master, ranks=3,
                       environment=torn)
        assert done.returncode == 1 and "360 trials failed" in done.stderr, done.stderr[-500:]
        found = reasons("torn.h5")
        assert len(found) == 60
        mixed = [text for text in found if text not in expected]
        assert not mixed, f"{master}: {len(mixed)} of 60 reasons are mixed or missing, such as {mixed[0]!r}"
        status = program.succeed("status", "torn.h5").stdout
        assert "360 failed" in status and "standard error ends" in unbroken(status), status
    print("60 seeds of which three ranks failed at once: each has one whole reason")


if __name__ == "__main__":
    main(*sys.argv[1:])
