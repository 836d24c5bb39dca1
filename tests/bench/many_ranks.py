"""Runs more ranks than cores: start-up time and files by number of ranks, and 100,000 blocks of 1 ms on 256 ranks.

h5diff compares every file with the file that one rank writes. Usage: many_ranks.py [--build FOLDER] [--ranks N]...
"""

import subprocess
import sys

from measure import Bench, parser, table

SWEEP = {
    "problem.kind": "logistic_regression", "problem.samples": 60, "problem.dimension": 5, "sgd.steps": 200,
    "grid.stepsize": 0.5, "grid.schedule": ["constant", "linear"], "grid.rho": {"from": 0.01, "to": 100.0, "points": 32},
    "grid.seed": {"from": 0, "count": 600},
}


def main():
    options = parser(__doc__.splitlines()[0])
    options.add_argument("--ranks", type=int, action="append", help="instead of 1, 4, 16, 64 and 256")
    chosen = options.parse_args()
    bench, ranks_list = Bench(chosen.build), chosen.ranks or [1, 4, 16, 64, 256]
    sweep, rows = bench.sweep("many_ranks", SWEEP), []
    alone, *_ = bench.run(sweep)
    reference = alone.rename(bench.folder / "alone.h5")
    for ranks in ranks_list:
        bare = bench.call([sys.executable, "-c", ""], ranks)[1]
        file, seconds, _ = bench.run(sweep, ranks=ranks)
        again = bench.call([bench.rhosweep, "run", sweep, "-o", file, "--resume", "--progress", "none"], ranks)[1]
        done = subprocess.run(["h5diff", "--exclude-path=/run", reference, file], capture_output=True, text=True)
        if done.returncode or done.stdout:
            sys.exit(f"{ranks} ranks give another file:\n{done.stdout}{done.stderr}")
        rows.append([ranks, bare, again, seconds, "the same"])
    table("600 blocks of some 0.1 ms: seconds of the whole process",
          ["ranks", "mpirun alone", "start and end of a finished sweep", "the sweep", "file"], rows)
    [run] = bench.program("bench_simulate_scaling", "real", 100_000, 1e-3, 1, "dedicated", 0.5, 0.5, 1, ranks=max(ranks_list))
    table("100,000 blocks of 1 ms", ["ranks", "every block once", "seconds", "ideal", "predicted"],
          [[run["ranks"], str(run["every_block_once"]), run["measured_s"], run["ideal_s"], run["predicted_s"]]])


if __name__ == "__main__":
    main()
