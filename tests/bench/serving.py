"""Programs that stay alive between trials: the cost of passing them a trial, and a sweep of 64 small networks in
PyTorch with one program per trial, with programs that serve, and with 16 trials at once.

Usage: serving.py [--build FOLDER] [--only dispatch|torch]
"""

import sys
from pathlib import Path

from measure import SOURCE, Bench, need, parser, table

DOES_NOTHING = """\
import sys
for line in sys.stdin:
    begin = line.index('"trial":') + 8
    number = line[begin:line.index(",", begin)]
    sys.stdout.write('{"trial":' + number + ',"step":1,"train_loss":0.5}\\n{"trial":' + number + ',"done":true}\\n')
    sys.stdout.flush()
"""


def command(*words):
    return [sys.executable, *map(str, words)]


def dispatch(bench):
    program = bench.folder / "does_nothing.py"
    program.write_text(DOES_NOTHING)
    sweep = bench.sweep("nothing", {"problem.kind": "command", "problem.command": command(program), "problem.mode": "serve",
                                    "sgd.steps": 1, "sgd.evaluations": 1, "grid.stepsize": 0.1,
                                    "grid.schedule": ["constant"], "grid.rho": [1.0], "grid.seed": {"from": 0, "count": 1}})
    few, many = 100, 20_000
    rows = []
    for ranks in 0, 2:
        seconds = {count: min(bench.times(sweep, ranks, grid__seed={"from": 0, "count": count})[1]["blocks"] for _ in range(3))
                   for count in (few, many)}
        rows.append([max(ranks, 1), 1e6 * (seconds[many] - seconds[few]) / (many - few)])
    table("A trial of a living program that does nothing (goal: at most 100 us)", ["ranks", "us per trial"], rows)


def torch_network(bench):
    need({"torch": "python3-torch", "h5py": "python3-h5py", "numpy": "python3-numpy"})
    import h5py
    import numpy as np
    here, data = Path(__file__).resolve().parent, SOURCE / "jobs/sweeps/data/digits.libsvm"
    rows, losses = [], []
    for name, how, keys in (("one program per trial", "one", {}), ("serve", "one", {"mode": "serve"}),
                            ("serve, 16 at once", "block", {"mode": "serve", "trials_at_once": 16})):
        sweep = bench.sweep(name.replace(" ", "_"), {
            "problem.kind": "command", "problem.command": command(here / "serving_mlp.py", data, how),
            **{f"problem.{key}": value for key, value in keys.items()}, "sgd.steps": 300, "sgd.batch_size": 32,
            "sgd.evaluations": 4, "grid.stepsize": 0.1, "grid.schedule": ["constant", "linear", "cosine", "polynomial(2)"],
            "grid.rho": {"from": 0.1, "to": 10.0, "points": 8}, "grid.seed": {"from": 0, "count": 2}})
        output, seconds, _ = bench.run(sweep, ranks=2)
        with h5py.File(output) as file:
            assert (file["status"][...] == 1).all(), name
            losses.append(file["train_loss"][...])
        rows.append([name, seconds, rows[0][1] / seconds if rows else 1.0, float(np.nanmax(abs(losses[-1] / losses[0] - 1)))])
    table("64 trials of a perceptron 64-32-10, 300 steps, 2 ranks (goals: serve 4 x, 16 at once 12 x, metrics to 1e-6)",
          ["mode", "seconds", "times as fast", "largest relative difference of train_loss"], rows)


def main():
    options = parser(__doc__)
    options.add_argument("--only", choices=["dispatch", "torch"])
    arguments = options.parse_args()
    bench = Bench(arguments.build)
    for part, run in {"dispatch": dispatch, "torch": torch_network}.items():
        if arguments.only in (None, part):
            run(bench)


if __name__ == "__main__":
    main()
