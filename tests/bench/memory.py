"""Shows that there is one copy of the data per node: measures the proportional set size of all ranks during a sweep, by
number of ranks.

Usage: memory.py [--build FOLDER] [--libsvm FILE]   (without FILE: 40 000 sparse samples are made)
"""

import random
import subprocess
import sys
import time
from pathlib import Path

from measure import ENVIRONMENT, Bench, parser, table
from peers import split_classes


def make_sparse(path):
    stream = random.Random(1)
    with open(path, "w") as file:
        for _ in range(40_000):
            columns = sorted(stream.sample(range(1, 2001), 100))
            file.write(f"{stream.choice((-1, 1))} " + " ".join(f"{j}:{stream.random():.6f}" for j in columns) + "\n")


def rollup(pid):
    """Returns {"Pss": bytes, "Pss_Shmem": bytes, …} of a process."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {line.split(":")[0]: 1024 * int(line.split()[1]) for line in lines}


def ranks_of(launcher, executable):
    """Returns the process ids of the ranks: children of mpiexec, or the launched process if it is the program."""
    found, queue = [], [launcher]
    while queue:
        pid = queue.pop()
        try:
            if Path(f"/proc/{pid}/exe").resolve() == executable.resolve():
                found.append(pid)
            queue += [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue
    return found


def measure(bench, sweep, ranks):
    output = bench.folder / f"memory-{ranks}.h5"
    command = bench.command([bench.rhosweep, "run", sweep, "-o", output, "--overwrite", "--progress", "none"], ranks)
    process = subprocess.Popen(command, env=ENVIRONMENT, cwd=bench.folder, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        while not output.exists():  # the file appears after the data is shared and before the first block
            if process.poll() is not None:
                sys.exit(f"the sweep ended with {process.returncode} before it was measured")
            time.sleep(0.05)
        time.sleep(2.0)
        pids = ranks_of(process.pid, bench.rhosweep)
        if len(pids) != ranks:
            sys.exit(f"{len(pids)} processes of rhosweep where {ranks} ranks were started")
        sizes = [rollup(pid) for pid in pids]
    finally:
        process.terminate()
        process.wait()
    return sum(size["Pss"] for size in sizes), sum(size.get("Pss_Shmem", 0) for size in sizes)


def main():
    options = parser(__doc__)
    options.add_argument("--libsvm", help="a LIBSVM file, of any number of classes")
    options = options.parse_args()
    bench = Bench(options.build)
    data = bench.folder / "data.libsvm"
    if options.libsvm:
        split_classes(options.libsvm, data)
    else:
        make_sparse(data)
    # The sweep has far more steps than the test waits for. A strong regulariser makes finding the minimiser fast.
    sweep = bench.sweep("memory", {
        "problem.kind": "logistic_regression", "problem.data": "data.libsvm", "problem.l2": 1.0,
        "sgd.steps": 10**9, "grid.stepsize": 0.01, "grid.schedule": ["constant"],
        "grid.rho": {"from": 0.1, "to": 1.0, "points": 32}, "grid.seed": {"from": 0, "count": 64}})
    lines = [line.split() for line in data.read_text().splitlines()]
    # Bytes: 12 for the value and the column of a non-zero entry, 16 for the offset and the label of a sample.
    size = sum(12 * (len(line) - 1) + 16 for line in lines)
    rows = []
    for ranks in (1, 2, 4, 8):
        total, shared = measure(bench, sweep, ranks)
        held = "in its own memory" if ranks == 1 else f"{shared / size:.2f} x"
        rows.append([ranks, total / 2**20, shared / 2**20, held])
    table(f"Proportional set size of all ranks of a node; one copy of the data is {size / 2**20:.2f} MiB",
          ["ranks", "all, MiB", "shared memory (data, MPI's buffers), MiB", "over one copy (goal 1.2 x)"], rows)


if __name__ == "__main__":
    main()
