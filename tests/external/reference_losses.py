"""Compares every linear model with NumPy and SciPy, on dense and sparse data, with and without l2 and radius.

NumPy runs the same full-batch SGD from the definitions. SciPy finds the optimum of an equivalent smooth problem: losses
with kinks become linear in slack variables, and the ball becomes a constraint (SLSQP).
Usage: reference_losses.py RHOSWEEP MPIEXEC
"""

import sys
from pathlib import Path

import h5py
import numpy as np
from program import Program
from scipy.optimize import minimize

L2, RADIUS = [0.0, 0.05], [0.0, 0.4]
THRESHOLD = 0.6
STEPS, MOMENTUM, RHOS = 40, 0.5, [0.05, 0.8]
OPTIMUM_TOLERANCE, RUN_TOLERANCE = 1e-8, 1e-10


def make_data(name, sparse):
    random = np.random.default_rng(7)
    n, d = 48, 10 if sparse else 3
    x = random.standard_normal((n, d))
    if sparse:  # keeps two of ten features in each sample
        x *= np.argsort(random.random((n, d)), axis=1) < 2
    z = x @ random.standard_normal(d)
    noise = random.standard_normal(n)
    labels = {"numbers": z + noise * np.where(random.random(n) < 0.2, 3, 0.3), "two": np.where(z + noise > 0, 1, -1),
              "many": np.digitize(z + noise, [-0.7, 0.7]) * 5 - 3}
    for kind, y in labels.items():
        with open(f"{name}_{kind}.libsvm", "w") as file:
            for label, row in zip(y.tolist(), x.tolist()):
                pairs = [f"{j + 1}:{v!r}" for j, v in enumerate(row) if v != 0 or j == d - 1]
                file.write(f"{label!r} {' '.join(pairs)}\n")
    return x, labels


def signs(z, y):
    return np.sign(z - y)


# Each loss takes (x, y) and returns two functions, the mean loss and its gradient. Their argument is the weights of all
# classes, one class after another.
def scalar(value, slope):
    return lambda x, y: (lambda w: value(x @ w, y).mean(), lambda w: slope(x @ w, y) @ x / len(y))


def softmax(x, y):
    classes, label = np.unique(y, return_inverse=True)
    k, n = len(classes), len(y)

    def scores(w):
        z = x @ w.reshape(k, -1).T
        return z - z.max(1, keepdims=True)

    def value(w):
        z = scores(w)
        return (np.log(np.exp(z).sum(1)) - z[np.arange(n), label]).mean()

    def gradient(w):
        p = np.exp(scores(w))
        p /= p.sum(1, keepdims=True)
        p[np.arange(n), label] -= 1
        return (p.T @ x / n).ravel()
    return value, gradient


# Returns SciPy's constraints for a loss with kinks: the mean of the slack variables s is minimised subject to
# s >= offsets + rows w for all pairs (rows, offsets).
def slack(rows, offsets):
    n, d = rows[0].shape
    return [{"type": "ineq", "fun": lambda v, a=a, b=b: v[d:] - b - a @ v[:d],
             "jac": lambda v, a=a: np.hstack([-a, np.eye(n)])} for a, b in zip(rows, offsets)]


KINDS = {  # name: (labels, loss, constraints of the slack variables or None)
    "logistic_regression": ("two", scalar(lambda z, y: np.logaddexp(0, -y * z), lambda z, y: -y / (1 + np.exp(y * z))), None),
    "softmax_regression": ("many", softmax, None),
    "hinge": ("two", scalar(lambda z, y: np.maximum(0, 1 - y * z), lambda z, y: -y * (y * z < 1)),
              lambda x, y: slack([-y[:, None] * x, 0 * x], [np.ones(len(y)), np.zeros(len(y))])),
    "squared_hinge": ("two", scalar(lambda z, y: np.maximum(0, 1 - y * z) ** 2,
                                    lambda z, y: -2 * y * np.maximum(0, 1 - y * z)), None),
    "least_squares": ("numbers", scalar(lambda z, y: (z - y) ** 2 / 2, lambda z, y: z - y), None),
    "absolute": ("numbers", scalar(lambda z, y: abs(z - y), signs), lambda x, y: slack([x, -x], [-y, y])),
    "huber": ("numbers", scalar(lambda z, y: np.where(abs(z - y) <= THRESHOLD, (z - y) ** 2 / 2,
                                                      THRESHOLD * (abs(z - y) - THRESHOLD / 2)),
                                lambda z, y: np.clip(z - y, -THRESHOLD, THRESHOLD)), None),
}


def weights(kind, x, y):
    return x.shape[1] * (len(np.unique(y)) if kind == "softmax_regression" else 1)


def optimum(kind, x, y, l2, radius):
    _, loss, kinks = KINDS[kind]
    value, gradient = loss(x, y)
    d, n, constraints = weights(kind, x, y), 0, []
    if kinks:
        n, constraints = len(y), kinks(x, y)
        value = lambda v: v[d:].mean()
        gradient = lambda v: np.concatenate([np.zeros(d), np.full(n, 1 / n)])
    if radius > 0:
        constraints.append({"type": "ineq", "fun": lambda v: radius**2 - v[:d] @ v[:d],
                            "jac": lambda v: np.concatenate([-2 * v[:d], np.zeros(n)])})
    return minimize(lambda v: value(v) + l2 / 2 * v[:d] @ v[:d], np.concatenate([np.full(d, 0.01), np.full(n, 10.0)]),
                    jac=lambda v: gradient(v) + l2 * np.concatenate([v[:d], np.zeros(n)]), method="SLSQP",
                    constraints=constraints, options={"ftol": 1e-16, "maxiter": 2000}).fun


def full_batch(kind, x, y, l2, radius, eta):
    """Runs heavy ball with the cosine schedule. Returns the final training loss and accuracy."""
    labels, loss, _ = KINDS[kind]
    value, gradient = loss(x, y)
    w = velocity = np.zeros(weights(kind, x, y))
    for t in range(STEPS):
        velocity = MOMENTUM * velocity + gradient(w) + l2 * w
        w = w - eta * (1 + np.cos(np.pi * t / STEPS)) / 2 * velocity
        if radius > 0 and np.linalg.norm(w) > radius:
            w = w * (radius / np.linalg.norm(w))
    found = {"train_loss": value(w) + l2 / 2 * w @ w}
    if labels == "two":
        found["train_accuracy"] = np.mean(y * (x @ w) > 0)
    if labels == "many":
        classes, label = np.unique(y, return_inverse=True)
        found["train_accuracy"] = np.mean((x @ w.reshape(len(classes), -1).T).argmax(1) == label)
    return found


def check(kind, storage, x, y, program):
    threshold = f"threshold = {THRESHOLD}\n" if kind == "huber" else ""
    Path("losses.toml").write_text(
        f'[problem]\nkind = "{kind}"\ndata = "{storage}_{KINDS[kind][0]}.libsvm"\n{threshold}'
        f'[sgd]\nsteps = {STEPS}\nsampling = "full_batch"\nmomentum = {MOMENTUM}\nevaluations = 1\n'
        f'[grid]\nstepsize = 1\nschedule = ["cosine"]\nrho = {RHOS}\nseed = 0\n'
        f'[axes]\n"problem.l2" = {L2}\n"problem.radius" = {RADIUS}\n')
    program.succeed("run", "losses.toml", "-o", "losses.h5", "--overwrite", "--progress", "none")
    from_optimum = from_run = 0.0
    with h5py.File("losses.h5") as file:
        for i, j in np.ndindex(len(L2), len(RADIUS)):
            case = (kind, x, y, L2[i], RADIUS[j])
            place = f"{kind}, {storage}, l2 {L2[i]}, radius {RADIUS[j]}"
            f_star, expected = file["f_star"][i, j], optimum(*case)
            from_optimum = max(from_optimum, abs(f_star - expected))
            assert abs(f_star - expected) <= OPTIMUM_TOLERANCE, f"{place}: f_star {f_star!r}, SciPy {expected!r}"
            for k, rho in enumerate(RHOS):
                metrics = full_batch(*case, rho)
                metrics["excess_loss"] = metrics["train_loss"] - f_star
                for metric, expected in metrics.items():
                    found = file[f"final_{metric}"][i, j, 0, 0, k]
                    error = abs(found - expected) / abs(metrics["train_loss"])
                    from_run = max(from_run, error)
                    assert error <= RUN_TOLERANCE, f"{place}, rho {rho}: {metric} {found!r}, NumPy {expected!r}"
    print(f"{kind}, {storage}: f_star differs from SciPy's by at most {from_optimum:.1e}, a run from NumPy's by {from_run:.1e}")


if __name__ == "__main__":
    program = Program(*sys.argv[1:3])
    for storage in ("dense", "sparse"):
        x, labels = make_data(storage, storage == "sparse")
        for kind in KINDS:
            check(kind, storage, x, labels[KINDS[kind][0]], program)
