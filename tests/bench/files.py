"""Measures the cost of the results file: compares the creation of large files with a plain write of the same bytes, and
measures the file's share of the run time.

Usage: files.py [--build FOLDER] [--folder FOLDER ON THE DISK TO MEASURE]
"""

import os
import shutil
import statistics
import time
from pathlib import Path

from measure import REPEATS, SOURCE, Bench, parser, table

CHUNK = b"\0" * (1 << 22)


def plain_write(path, size, durable):
    """Returns the seconds to write this many bytes to a new file, in calls of 4 MiB."""
    start = time.perf_counter()
    with open(path, "wb", buffering=0) as file:
        for _ in range(size // len(CHUNK)):
            file.write(CHUNK)
        file.write(CHUNK[:size % len(CHUNK)])
        if durable:
            os.fsync(file.fileno())
    seconds = time.perf_counter() - start
    os.remove(path)
    return seconds


def main():
    options = parser(__doc__)
    options.add_argument("--folder", help="where the files are written; else the system's temporary folder")
    options = options.parse_args()
    bench = Bench(options.build)
    if options.folder:
        bench.folder = Path(options.folder).resolve()
    # A few steps of a one-dimensional problem, so that the run mostly creates the file and writes its cells.
    sweep = bench.sweep("cells", {
        "problem.kind": "quadratic", "sgd.steps": 8, "sgd.precision": "float32", "sgd.sampling": "full_batch",
        "grid.stepsize": 0.1, "grid.schedule": ["constant", "linear", "cosine", "polynomial(2)", "inverse_sqrt"],
        "grid.rho": {"from": 0.01, "to": 100.0, "points": 200}, "grid.seed": {"from": 0, "count": 1}})
    rows = []
    for cells, repeats in ((10**6, REPEATS), (10**7, 3)):
        made, written, plain, cached = [], [], [], []
        for _ in range(repeats):
            file, times = bench.times(sweep, grid__seed__count=cells // 1000)
            size = os.stat(file).st_size
            os.remove(file)  # the next run creates the file again
            if shutil.disk_usage(file.parent).free < 2 * size:
                raise SystemExit(f"{file.parent} has no room for a plain write of {size} bytes")
            made.append(times["file made"])
            written.append(times["blocks"] * times["writing"] / 100)
            plain.append(plain_write(file.with_suffix(".plain"), size, True))
            cached.append(plain_write(file.with_suffix(".plain"), size, False))
        made, written, plain, cached = map(statistics.median, (made, written, plain, cached))
        rows.append([cells, size, size / cells, made, plain, f"{made / plain:.2f} x", cached, written])
    table("Making the files of large sweeps (filled, and durable on the disk), beside a plain write of their bytes",
          ["cells", "bytes", "bytes per cell", "made, s", "plain durable write, s", "ratio (goal 2 x)",
           "plain write to the system's cache, s", "writing all blocks, s"], rows)

    quick = bench.folder / "quickstart.toml"
    quick.write_text((SOURCE / "jobs" / "sweeps" / "quickstart.toml").read_text())
    rows = []
    for ranks in (1, 2):
        runs = [bench.times(quick, ranks=ranks)[1] for _ in range(REPEATS)]
        whole = [sum(run[name] for name in ("set-up", "file made", "blocks", "file closed")) for run in runs]
        shares = [100 * (run["file made"] + run["file closed"] + run["blocks"] * run["writing"] / 100) / all_of_it
                  for run, all_of_it in zip(runs, whole)]
        rows.append([ranks, statistics.median(whole), statistics.median(run["writing"] for run in runs),
                     1e3 * statistics.median(run["file made"] + run["file closed"] for run in runs),
                     statistics.median(shares)])
    table("The results file's share of jobs/sweeps/quickstart.toml (goal 1 %)",
          ["ranks", "run, s", "writing blocks, % of the blocks' time", "making and closing the file, ms", "all, %"], rows)


if __name__ == "__main__":
    main()
