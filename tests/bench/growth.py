"""The growth of the run time: tables over steps, samples, dimension, batch size, trials and ranks, with log-log slopes.

The times are those of the blocks; the table over ranks has the times of the process without its start.
Usage: growth.py [--build FOLDER]
"""

from measure import Bench, block_seconds, median, need, parser, slope, table

BASE = {
    "problem.kind": "logistic_regression", "problem.samples": 10_000, "problem.dimension": 100, "problem.radius": 5.0,
    "sgd.steps": 4_000, "sgd.batch_size": 8, "sgd.evaluations": 1, "grid.stepsize": "theory",
    "grid.schedule": ["constant", "inverse_sqrt", "linear", "cosine"],
    "grid.rho": {"from": 0.01, "to": 100.0, "points": 32}, "grid.seed": {"from": 0, "count": 4},
}


def main():
    bench = Bench(parser(__doc__).parse_args().build)
    need({"h5py": "python3-h5py"})
    sweep = bench.sweep("growth", BASE)
    for name, key, values in (
            ("steps T", "sgd__steps", (2_000, 8_000, 32_000)),
            ("samples N (8 evaluations of all of them)", "problem__samples", (10_000, 40_000, 160_000)),
            ("dimension d", "problem__dimension", (50, 100, 200, 400, 800)),
            ("batch size B", "sgd__batch_size", (1, 4, 16, 64, 256)),
            ("seeds, 128 trials each", "grid__seed__count", (2, 8, 32))):
        changes = {"sgd__evaluations": 8} if key == "problem__samples" else {}
        times = [median(lambda: block_seconds(bench.run(sweep, **{key: value}, **changes)[0])) for value in values]
        rows = [[value, seconds, 1e3 * seconds / value] for value, seconds in zip(values, times)]
        table(f"Over {name}: slope {slope(values, times):.2f}", [name, "s", "ms per unit"], rows)
    rows, start = [], {}
    for ranks in (1, 2):
        start[ranks] = median(lambda: bench.run(sweep, ranks=ranks, sgd__steps=1)[1])
        seconds = median(lambda: bench.run(sweep, ranks=ranks, sgd__steps=32_000, grid__seed__count=8)[1])
        rows.append([ranks, seconds - start[ranks], start[ranks]])
    table(f"Over ranks: slope {slope((1, 2), [row[1] for row in rows]):.2f} (ideal -1)",
          ["ranks", "s", "start and set-up, s"], rows)


if __name__ == "__main__":
    main()
