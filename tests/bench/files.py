"""What the results file costs: the creation of large ones against a plain write of the same bytes, and its share of a run.

Usage: files.py [--build FOLDER] [--folder FOLDER ON THE DISK TO MEASURE]
"""

import os
import shutil
import time
from pathlib import Path

from measure import REPEATS, SOURCE, Bench, block_seconds, median, need, parser, table

CHUNK = b"\0" * (1 << 22)


def plain_write(path, size):
    """Seconds to write so many bytes to a new file, in calls of 4 MiB."""
    start = time.perf_counter()
    with open(path, "wb", buffering=0) as file:
        for _ in range(size // len(CHUNK)):
            file.write(CHUNK)
        file.write(CHUNK[:size % len(CHUNK)])
    seconds = time.perf_counter() - start
    os.remove(path)
    return seconds


def main():
    options = parser(__doc__)
    options.add_argument("--folder", help="where the files are written; else the system's temporary folder")
    options = options.parse_args()
    bench = Bench(options.build)
    need({"h5py": "python3-h5py"})
    if options.folder:
        bench.folder = Path(options.folder).resolve()
    # One step of a one-dimensional problem: the run is creating the file and writing its cells. A sweep of a thousandth
    # of the cells tells what starting costs.
    sweep = bench.sweep("cells", {
        "problem.kind": "quadratic", "sgd.steps": 8, "sgd.precision": "float32", "sgd.sampling": "full_batch",
        "grid.stepsize": 0.1, "grid.schedule": ["constant", "linear", "cosine", "polynomial(2)", "inverse_sqrt"],
        "grid.rho": {"from": 0.01, "to": 100.0, "points": 200}, "grid.seed": {"from": 0, "count": 1}})
    rows = []
    for cells in (10**6, 10**7):
        file, whole, _ = bench.run(sweep, grid__seed__count=cells // 1000)
        size = os.stat(file).st_size
        free = shutil.disk_usage(file.parent).free
        if free < 2 * size:
            raise SystemExit(f"{file.parent} has {free} bytes left, a plain write needs {size}")
        repeats = REPEATS if cells == 10**6 else 3

        def once():
            start = bench.run(sweep, grid__seed__count=1)[1]
            return bench.run(sweep, grid__seed__count=cells // 1000)[1] - start
        seconds = median(once, repeats)
        compute = block_seconds(file)
        plain = median(lambda: plain_write(file.with_suffix(".plain"), size), repeats)
        rows.append([cells, size, size / cells, seconds, compute, plain, f"{(seconds - compute) / plain:.2f} x"])
        os.remove(file)
    table("Sweeps of many cells, one rank: whole run less start; the file's part is what the blocks' computing leaves",
          ["cells", "bytes", "bytes per cell", "run, s", "of which computing, s", "plain write, s",
           "file's part over the plain write (goal 2 x)"], rows)

    quick = bench.folder / "quickstart.toml"
    quick.write_text((SOURCE / "jobs" / "quickstart.toml").read_text())

    # Start, data, minimiser, file and summary together bound the file's share from above.
    def bounds():
        file, wall, _ = bench.run(quick)
        return 100 * (wall - block_seconds(file)) / wall
    print(f"\nquickstart: start, data, minimiser, file and summary together are {median(bounds):.1f} % of the process")


if __name__ == "__main__":
    main()
