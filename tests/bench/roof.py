"""What share of this core's arithmetic `rhosweep run` reaches from end to end, what two ranks gain, and the file's share.

Counts 4·d operations per training sample and trial and 2·d per evaluated one over the seconds of the blocks (all of the
trials' work: sampling, stepsizes, projection, evaluation), beside the peak of fused multiply-adds measured in between.
Usage: roof.py [--build FOLDER]
"""

import statistics

from measure import REPEATS, Bench, block_seconds, need, parser, table

# As many seeds as blocks that a rank wants, so that none is narrower than a seed's trials.
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

    # Set-up (data, minimiser) is rank 0's alone: the blocks' seconds are those between it and the closing of the file.
    # Ranks take turns, so that what else changes on the machine meets both alike.
    # Two copies of the loop that measures the peak, which share nothing, say what the machine itself allows.
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
