"""A sweep with very many cells: time and memory of plan, run, status, resume and analyze.

The trials are a few steps of a one-dimensional problem, so that the handling of cells dominates the time. A cell needs
83 bytes on disk. Usage: large.py [--build FOLDER] [--cells 1e8] [--folder FOLDER ON A DISK WITH ROOM]
"""

import shutil
from pathlib import Path

from measure import Bench, parser, table

POINTS, SCHEDULES, RHOS = 10, 5, 200
BYTES_PER_CELL = 83


def main():
    options = parser(__doc__)
    options.add_argument("--cells", type=float, default=1e8, help="a multiple of 10 000")
    options.add_argument("--folder", type=Path, help="where the file is written; else the system's temporary folder")
    options = options.parse_args()
    bench = Bench(options.build)
    if options.folder:
        bench.folder = options.folder.resolve()
    cells = int(options.cells)
    seeds = cells // (POINTS * SCHEDULES * RHOS)
    if seeds * POINTS * SCHEDULES * RHOS != cells or seeds < 1:
        raise SystemExit(f"--cells: found {options.cells:g}; allowed: a multiple of {POINTS * SCHEDULES * RHOS}")
    if shutil.disk_usage(bench.folder).free < 1.1 * BYTES_PER_CELL * cells:
        raise SystemExit(f"{bench.folder} has no room for {BYTES_PER_CELL * cells} bytes; see --folder")
    sweep = bench.sweep("large", {
        "problem.kind": "quadratic", "sgd.steps": 8, "sgd.precision": "float32", "sgd.sampling": "full_batch",
        "sgd.evaluations": 1, "grid.stepsize": 0.1,
        "grid.schedule": ["constant", "linear", "cosine", "polynomial(2)", "inverse_sqrt"],
        "grid.rho": {"from": 0.01, "to": 100.0, "points": RHOS}, "grid.seed": {"from": 0, "count": seeds},
        "axes.problem.curvature": [0.1 * (point + 1) for point in range(POINTS)]})
    file = sweep.with_suffix(".h5")
    try:
        rows = [[name, *bench.resources(*arguments)] for name, arguments in (
            ("plan", ("plan", sweep)),
            ("plan --ranks 64", ("plan", sweep, "--ranks", 64)),
            ("run", ("run", sweep, "-o", file, "--progress", "none")),
            ("status", ("status", file)),
            ("run --resume, with nothing left to run", ("run", sweep, "-o", file, "--resume", "--progress", "none")),
            ("analyze", ("analyze", file)))]
        size = file.stat().st_size
    finally:
        file.unlink(missing_ok=True)
    table(f"{cells:,d} cells in a file of {size / 2**30:.2f} GiB: {POINTS} axes points, {seeds:,d} seeds, {SCHEDULES} "
          f"schedules, {RHOS} rho; one rank, each command once", ["command", "s", "largest resident set, MiB"], rows)


if __name__ == "__main__":
    main()
