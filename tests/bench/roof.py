"""The share of this core's peak that `rhosweep run` reaches from end to end, the speed-up by a second rank, and the
share of the results file.

Counts 4·d operations per training sample and trial and 2·d per evaluated sample and trial, divided by the seconds of
the blocks (all work of the trials: sampling, stepsizes, projection, evaluation). The peak of fused multiply-adds is
measured between the runs.
Usage: roof.py [--build FOLDER]
"""

import statistics

from measure import REPEATS, Bench, block_seconds, need, parser, table

# rhosweep makes at least 8 blocks per rank. With 8 seeds on one rank, a block therefore contains all trials of a seed.
SAMPLES, DIMENSION, TRIALS, SEEDS, EVALUATIONS = 10_000, 100, 128, 8, 8
SWEEP = {
    "problem.kind": "logistic_regression", "problem.samples": SAMPLES, "problem.dimension": DIMENSION,
    "problem.radius": 5.0, "sgd.steps": 10_000, "sgd.batch_size": 32,
    "grid.stepsize": "theory", "grid.schedule": ["constant", "inverse_sqrt", "linear", "cosine"],
    "grid.rho": {"from": 0.01, "to": 100.0, "points": TRIALS // 4}, "grid.seed": {"from": 0, "count": SEEDS},
}


def share(bench, sweep, precision, batch_size, steps):
    def once():
        peak = bench.program("bench_roof")[0][precision]
        file, _, _ = bench.run(sweep, sgd__precision=precision, sgd__batch_size=batch_size, sgd__steps=steps)
        per_trial = 4 * steps * batch_size + 2 * SAMPLES * EVALUATIONS
        seconds = block_seconds(file)
        shares.append(per_trial * DIMENSION * TRIALS * SEEDS / seconds / peak)
        nanoseconds.append(1e9 * seconds / (steps * batch_size * TRIALS * SEEDS))
        peaks.append(peak / 1e9)
    shares, nanoseconds, peaks = [], [], []
    for _ in range(REPEATS):
        once()
    return [statistics.median(values) for values in (peaks, nanoseconds, shares)]


def main():
    bench = Bench(parser(__doc__).parse_args().build)
    need({"h5py": "python3-h5py"})
    sweep = bench.sweep("roof", SWEEP)
    rows = []
    for batch_size, steps, goals in ((32, 10_000, (70, 65)), (1, 100_000, (35, 35))):
        for precision, goal in zip(("float64", "float32"), goals):
            peak, ns, reached = share(bench, sweep, precision, batch_size, steps)
            rows.append([precision, batch_size, peak, ns, f"{100 * reached:.1f} %", f"{goal} %"])
    table(f"rhosweep run, logistic regression, d = {DIMENSION}, {TRIALS} trials per block, {EVALUATIONS} evaluations of "
          f"{SAMPLES} samples", ["precision", "B", "peak GF/s", "ns per trial and sample", "of the peak", "goal"], rows)

    # Only rank 0 does the set-up (data, minimiser); the time of the blocks lasts from then until the file is closed.
    # Runs on one and two ranks alternate, so that other changes on the machine affect both alike.
    # Two copies of the loop that measures the peak share nothing, so their speed-up is what the machine allows.
    rows, allowed = [], []
    for seeds in (4, 20):
        runs = {1: [], 2: []}
        for _ in range(REPEATS):
            alone = bench.program("bench_roof")[0]["float64"]
            allowed.append(sum(peak["float64"] for peak in bench.program("bench_roof", ranks=2)) / alone)
            for ranks, times in runs.items():
                times.append(bench.times(sweep, ranks=ranks, sgd__evaluations=1, grid__seed__count=seeds)[1])
        one, two = (statistics.median(run["blocks"] for run in runs[ranks]) for ranks in (1, 2))
        rows.append([f"{seeds * TRIALS} trials", one, two, statistics.median(run["set-up"] for run in runs[2]),
                     f"{one / two:.2f} x"])
    table(f"Two ranks against one (goal 1.95 x); two cores reach {statistics.median(allowed):.2f} x the peak of one",
          ["sweep", "blocks on one rank, s", "on two, s", "set-up on two, s", "gain of the blocks"], rows)


if __name__ == "__main__":
    main()
