"""Runs the same small sweeps with two builds of rhosweep, on every kind of problem and in both precisions, and compares the
results files bit by bit, except for /run.

Usage: every_kind.py [--quick] H5DIFF RHOSWEEP COMMAND...

COMMAND runs the other build, such as `env GLIBC_TUNABLES=… rhosweep`. Works in the current
folder. --quick leaves out the sweeps that take longest. Prints a line for each sweep; exits with 1 if a file differs.
"""

import subprocess
import sys
from pathlib import Path

SGD = {"steps": 400, "evaluations": 4}
SCHEDULES = ["constant", "inverse_sqrt", "polynomial(1.5)", "cosine", "wsd(cooldown=0.3, shape=cosine)",
             "exponential(final=0.03)", "step(factor=0.3, at=[0.4, 0.7])", "cosine_restarts(cycles=3)",
             "one_cycle(peak=0.3, initial=0.1)", "warmup(0.1, linear)", "cosine_restarts(cycles=3, growth=2)",
             "chain(0.4, table([0.3, 1, 0.7], interpolate), product(cosine, inverse_sqrt))"]
DENSE = {"samples": 300, "dimension": 20, "test_samples": 50}
BALL = {"radius": 5.0}

# name: (kind, keys of [problem], keys of [sgd], η_ref)
SWEEPS = {
    "logistic": ("logistic_regression", DENSE | BALL, {}, "theory"),
    "logistic, batches and momentum": ("logistic_regression", DENSE | {"l2": 0.01},
                                       {"batch_size": 8, "momentum": 0.9, "nesterov": True, "sampling": "shuffle",
                                        "iterate": "average"}, 0.5),
    "logistic, full batch": ("logistic_regression", DENSE | BALL, {"steps": 50, "sampling": "full_batch"}, "theory"),
    "logistic, sparse": ("logistic_regression", {"data": "sparse.libsvm", "radius": 5.0}, {}, "theory"),
    "logistic, conjugate gradients": ("logistic_regression", {"samples": 1300, "dimension": 1010, "radius": 3.0},
                                      {"steps": 20}, "theory"),
    "logistic, few samples": ("logistic_regression", {"samples": 150, "dimension": 1100, "radius": 3.0}, {"steps": 20},
                              "theory"),
    "softmax": ("softmax_regression", DENSE | BALL | {"classes": 5}, {}, "theory"),
    "softmax, sparse": ("softmax_regression", {"data": "sparse.libsvm", "l2": 0.01, "standardize": True}, {}, 0.5),
    "softmax, conjugate gradients": ("softmax_regression", {"samples": 700, "dimension": 110, "radius": 3.0},
                                     {"steps": 20, "batch_size": 4}, "theory"),
    "hinge": ("hinge", DENSE | BALL, {}, "theory"),
    "squared hinge": ("squared_hinge", DENSE | {"l2": 0.1}, {"batch_size": 4}, 0.05),
    "least squares": ("least_squares", DENSE | BALL, {}, "theory"),
    "absolute": ("absolute", DENSE | BALL, {}, "theory"),
    "huber": ("huber", DENSE | BALL, {}, "theory"),
    "huber, few samples": ("huber", {"samples": 100, "dimension": 1100, "radius": 3.0}, {"steps": 20}, "theory"),
    "perceptron": ("mlp", DENSE | {"hidden": [16, 8], "classes": 3}, {"steps": 60, "batch_size": 4}, 0.3),
    "perceptron, tanh": ("mlp", DENSE | {"hidden": [16], "activation": "tanh", "loss": "squared", "l2": 0.001},
                         {"steps": 60, "optimizer": "adamw"}, 0.01),
    "quadratic": ("quadratic", {"dimension": 3, "curvature": 0.3}, {"batch_size": 2}, "theory"),
    "quadratic, denormal weights": ("quadratic", {"dimension": 2, "noise": 0.0}, {"steps": 4000}, 0.3),
    "absolute value": ("absolute_value", {"dimension": 3}, {}, "theory"),
} | {
    optimizer: ("logistic_regression", DENSE, {"optimizer": optimizer, "batch_size": 2}, 0.02)
    for optimizer in ("adamw", "sign_momentum", "dog", "prodigy", "schedule_free")
}


SLOW = {"logistic, conjugate gradients", "softmax, conjugate gradients", "logistic, few samples", "huber, few samples"}


def toml(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def sweep_file(kind, problem, sgd, stepsize, precision):
    sections = {
        "problem": {"kind": kind} | problem,
        "sgd": SGD | sgd | {"precision": precision},
        "grid": {"stepsize": stepsize, "schedule": SCHEDULES, "rho": [0.3, 1.0, 3.7], "seed": [0, 7]},
    }
    return "".join(f"[{name}]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in keys.items())
                   for name, keys in sections.items())


def write_sparse_data(path):
    """Writes 200 samples of two classes with 6 of 900 features each, computed from a formula."""
    with open(path, "w") as file:
        for i in range(200):
            columns = sorted({(i * 37 + k * k * 101) % 900 for k in range(6)})
            values = " ".join(f"{column + 1}:{((i * 31 + column * 17) % 199 - 99) / 64}" for column in columns)
            file.write(f"{1 if (i * 7) % 11 < 5 else -1} {values}\n")


def run(command, sweep, output):
    done = subprocess.run([*command, "run", sweep, "-o", output, "--overwrite", "--progress", "none"], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, f"{command} {sweep}: exit {done.returncode}\n{done.stderr}"


def main(h5diff, rhosweep, *other, is_quick=False):
    write_sparse_data("sparse.libsvm")
    differing = []
    compared = {name: sweep for name, sweep in SWEEPS.items() if not (is_quick and name in SLOW)}
    for name, (kind, problem, sgd, stepsize) in compared.items():
        for precision in ("float64", "float32"):
            title = f"{name}, {precision}"
            Path("sweep.toml").write_text(sweep_file(kind, problem, sgd, stepsize, precision))
            run([rhosweep], "sweep.toml", "plain.h5")
            run(other, "sweep.toml", "other.h5")
            done = subprocess.run([h5diff, "--exclude-path=/run", "plain.h5", "other.h5"], capture_output=True, text=True,
                                  check=False)
            is_equal = done.returncode == 0 and not done.stdout
            print(f"{'equal  ' if is_equal else 'DIFFERS'}  {title}", flush=True)
            if not is_equal:
                differing.append(title)
                print(done.stdout + done.stderr)
    files = 2 * len(compared)
    print(f"{files - len(differing)} of {files} files are equal")
    return 1 if differing else 0


if __name__ == "__main__":
    quick = sys.argv[1:2] == ["--quick"]
    sys.exit(main(*sys.argv[1 + quick:], is_quick=quick))
