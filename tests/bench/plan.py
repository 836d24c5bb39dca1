"""Compares the predictions of `rhosweep plan` with a run: bytes of the file, memory of the data, time.

Usage: plan.py [--build FOLDER]
"""

import os
import re

from measure import Bench, parser, table
from roof import SWEEP

UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
SECONDS = {"ms": 1e-3, "s": 1, "min": 60, "h": 3600}


def number(text, name, units):
    """Returns the number in the plan's line `name`, in bytes or seconds."""
    found = re.search(rf"^  {name} +([\d.]+) ?(\w+)", text, re.MULTILINE)
    if not found or found[2] not in units:
        raise SystemExit(f"the plan does not say its {name}:\n{text}")
    return float(found[1]) * units[found[2]]


def main():
    bench = Bench(parser(__doc__).parse_args().build)
    rows = []
    for name, changes in (
            ("logistic, B = 32", {}),
            ("logistic, B = 1", {"sgd.batch_size": 1, "sgd.steps": 100_000}),
            ("logistic, float32", {"sgd.precision": "float32", "sgd.steps": 20_000}),
            ("quadratic", {"problem": None, "problem.kind": "quadratic", "problem.curvature": 0.1,
                           "sgd.steps": 100_000, "grid.seed": {"from": 0, "count": 64}})):
        settings = {key: value for key, value in SWEEP.items() if "problem" not in changes or "problem." not in key}
        settings |= {key: value for key, value in changes.items() if key != "problem"}
        sweep = bench.sweep(name.split(",")[0].replace(" ", ""), settings)
        for ranks in (1, 2):
            plan = bench.call([bench.rhosweep, "plan", sweep, "--ranks", ranks])[0]
            file, times = bench.times(sweep, ranks=ranks)
            bytes_found, seconds = os.stat(file).st_size, times["blocks"]
            rows.append([name, ranks, f"{number(plan, 'results file', UNITS) / bytes_found:.3f}",
                         number(plan, "predicted time", SECONDS), seconds,
                         f"{number(plan, 'predicted time', SECONDS) / seconds:.2f}"])
    table("What plan predicts over what the run took",
          ["sweep", "ranks", "bytes", "predicted, s", "blocks of the run, s", "time"], rows)

    # The memory of the data is the difference between the memory of two runs. The second run has almost no data, but
    # the same code, libraries and file.
    rows = []
    for precision in ("float64", "float32"):
        sweep = bench.sweep("memory", SWEEP | {"sgd.precision": precision, "sgd.steps": 64, "problem.samples": 400_000})
        plan = bench.call([bench.rhosweep, "plan", sweep])[0]
        predicted = number(plan, "memory per node", UNITS) / UNITS["MiB"]
        run = ("run", sweep, "-o", sweep.with_suffix(".h5"), "--overwrite", "--progress", "none")
        taken = bench.resources(*run)[1] - bench.resources(*run, "--set", "problem.samples=1000")[1]
        rows.append([precision, predicted, taken, f"{predicted / taken:.2f}"])
    table("400 000 samples of 100 features, one rank: the memory of the data",
          ["precision", "predicted, MiB", "taken, MiB", "memory"], rows)


if __name__ == "__main__":
    main()
