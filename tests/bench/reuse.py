"""The cost of extending a sweep: jobs/sweeps/quickstart.toml from 16 to 32 seeds by --reuse, compared with running all
32.

Usage: reuse.py [--build FOLDER]
"""

import statistics
import subprocess

from measure import REPEATS, SOURCE, Bench, parser, table


def main():
    bench = Bench(parser(__doc__).parse_args().build)
    quick = bench.folder / "quickstart.toml"
    quick.write_text((SOURCE / "jobs" / "sweeps" / "quickstart.toml").read_text())
    full, grown = bench.folder / "full.h5", bench.folder / "grown.h5"
    rows = []
    for ranks in (0, 2):
        old = bench.run(quick, ranks=ranks)[0]
        times = {full: [], grown: []}
        for _ in range(REPEATS):
            for file, reuse in ((full, ()), (grown, ("--reuse", old))):
                times[file].append(bench.call(
                    [bench.rhosweep, "run", quick, "--set", "grid.seed.count=32", "-o", file, "--overwrite",
                     "--progress", "none", *reuse], ranks)[1])
            subprocess.run(["h5diff", "--exclude-path=/run", full, grown], check=True)
        whole, rest = (statistics.median(times[file]) for file in (full, grown))
        rows.append([f"mpirun -n {ranks}" if ranks else "1, alone", whole, rest, f"{100 * rest / whole:.1f} %"])
    table("Growing the quickstart from 16 to 32 seeds; the files are the same",
          ["ranks", "all 32 seeds, s", "with --reuse of 16, s", "share (goal 55 %)"], rows)


if __name__ == "__main__":
    main()
