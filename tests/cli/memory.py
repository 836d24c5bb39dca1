"""Checks that a run needs as much memory for its data as `plan` predicts, once per node, even while the data is
generated and shared.

Usage: memory.py RHOSWEEP MPIEXEC
"""

import os
import re
import sys
from pathlib import Path

from program import ENVIRONMENT, Program

SYNTHETIC = """\
samples = {}
dimension = 100
"""

FILE = """\
data = "{}.libsvm"
"""

SWEEP = """\
[problem]
kind = "logistic_regression"
radius = 0.1                    # close to w = 0, the search for the minimiser takes few steps
{}
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


def write_data(samples):
    """Writes a file of sparse samples with 100 of 498 features each. Writes it line by line to keep this process small:
    until a child process calls exec, its resident set is as large as this process's."""
    lines = [f"{(-1)**i} " + " ".join(f"{5 * j + 1 + (i * j) % 5 // 2}:{1 + (i + j) % 7}" for j in range(100))
             for i in range(11)]
    with open(f"{samples}.libsvm", "w") as file:
        for i in range(samples):
            print(lines[i % 11], file=file)


def predicted(program, sweep):
    """Returns the number of bytes that `plan` predicts for the data."""
    plan = program.succeed("plan", sweep).stdout
    number, unit = re.search(r"^  memory per node +([\d.]+) (\w+) of data", plan, re.MULTILINE).groups()
    return float(number) * UNITS[unit]


def peak(command):
    """Returns the largest resident set, in bytes, of any process of a command."""
    null = os.open(os.devnull, os.O_RDWR)
    child = os.posix_spawnp(command[0], command, ENVIRONMENT, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
    _, status, usage = os.wait4(child, 0)
    os.close(null)
    assert status == 0, f"{command} ended with {os.waitstatus_to_exitcode(status)}"
    return usage.ru_maxrss * 1024


def main():
    program = Program(*sys.argv[1:3])
    few, many = 1000, 60000
    for samples in (few, many):
        write_data(samples)
    for data in (SYNTHETIC, FILE):
        # The difference of two sizes excludes code, libraries and MPI's buffers.
        for samples in (few, many):
            Path(f"{samples}.toml").write_text(SWEEP.format(data.format(samples)))
        bytes_between = predicted(program, f"{many}.toml") - predicted(program, f"{few}.toml")
        for ranks in (0, 1, 2):
            few_peak, many_peak = (peak(program.command("run", f"{samples}.toml", "-o", "out.h5", "--overwrite",
                                                        "--progress", "none", ranks=ranks))
                                   for samples in (few, many))
            taken = (many_peak - few_peak) / bytes_between
            print(f"{ranks} ranks, {data.split()[0]}: {taken:.3f} of the predicted {bytes_between / 2**20:.0f} MiB")
            # With a second copy of the data, `taken` would be 2. The solver for the minimum stores a few numbers per
            # sample in addition to the 100 of the data. The buffers for reading and sharing the data take some MiB.
            assert 0.9 < taken < 1.25, f"{ranks} ranks: {taken:.2f} times the memory of the data that plan predicts"


main()
