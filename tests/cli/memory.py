"""A run takes the memory that plan predicts for the data: once per node, also while it is made and shared.

Usage: memory.py RHOSWEEP MPIEXEC
"""

import os
import re
import sys
from pathlib import Path

from program import ENVIRONMENT, Program

SWEEP = """\
[problem]
kind = "logistic_regression"
samples = 80000
dimension = 100
radius = 5.0
[sgd]
steps = 10
evaluations = 1
[grid]
stepsize = 0.5
schedule = ["constant"]
rho = [1.0]
seed = [0, 1]
"""

UNITS = {"KiB": 2**10, "MiB": 2**20}


def predicted(program, sweep, *options):
    """Bytes of the data, as plan predicts them."""
    plan = program.succeed("plan", sweep, *options).stdout
    number, unit = re.search(r"^  memory +([\d.]+) (\w+) of data per node", plan, re.MULTILINE).groups()
    return float(number) * UNITS[unit]


def peak(command):
    """The largest resident set, in bytes, that a process had of a command and those that it waited for."""
    null = os.open(os.devnull, os.O_RDWR)
    child = os.posix_spawnp(command[0], command, ENVIRONMENT, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
    _, status, usage = os.wait4(child, 0)
    os.close(null)
    assert status == 0, f"{command} ended with {os.waitstatus_to_exitcode(status)}"
    return usage.ru_maxrss * 1024


def main():
    program = Program(*sys.argv[1:3])
    Path("sweep.toml").write_text(SWEEP)
    data = predicted(program, "sweep.toml")
    few = ("--set", "problem.samples=1000")
    for ranks in (0, 1, 2):
        def run(*options):
            return peak(program.command("run", "sweep.toml", "-o", "out.h5", "--overwrite", "--progress", "none", *options,
                                        ranks=ranks))
        # The difference is free of code, libraries and MPI's buffers.
        taken = (run() - run(*few)) / (data - predicted(program, "sweep.toml", *few))
        print(f"{ranks} ranks: {taken:.3f} of the predicted {data / 2**20:.0f} MiB of data")
        # A second copy would make it 2. The search for the minimiser takes some numbers per sample, beside 100 of data;
        # malloc and the pieces in which data is shared take some MiB.
        assert 0.9 < taken < 1.25, f"{ranks} ranks: {taken:.2f} times the memory of the data that plan predicts"


main()
