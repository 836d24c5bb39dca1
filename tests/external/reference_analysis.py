"""An independent analysis in NumPy, written from the contract alone: recomputes every number of `rhosweep analyze
--format json` from the results file.

Runs sweeps with axes and diverging trials, marks cells as pending and failed, and compares at 1e-12; the intervals
too, for the resamples are defined by counter-based random numbers. Means are over the seeds without a pending trial at
the same axes points; if there is none, over all seeds, where all have finished. A failed trial leaves out its rho.

Usage: reference_analysis.py RHOSWEEP MPIEXEC
"""

import json
import math
import shutil
import sys

import h5py
import numpy as np
from program import Program
from reference_sgd import below, multipliers

BOOTSTRAP, RESAMPLES = 8, 1999
TOLERANCE = 0.1  # of the advice
DECAY_ORDER = {"constant": None, "inverse_sqrt": None, "linear": 1, "polynomial(2)": 2, "cosine": 2,
               "warmup(0.1, cosine)": 2}


def bound_ratios(h, rhos):
    tail = np.array([math.fsum(h[k:]) for k in range(len(h))])
    terms = np.where(h > 0, h * h / np.where(tail > 0, tail, 1), 0)
    q = np.array([math.fsum(terms[k:]) for k in range(len(h))])
    k = np.argmin(q / tail)
    cap = np.sqrt(tail[k] / q[k])  # of G D
    return [min(cap, 0.5 * np.min(tail[k] / (rho * tail) + rho * q / q[k])) for rho in rhos]


def slope(x, y):
    if len(x) < 2 or not np.all(np.isfinite(y)):
        return None
    x, y = np.array(x), np.array(y)
    return float(np.sum((x - x.mean()) * (y - y.mean())) / np.sum((x - x.mean()) ** 2))


def interval(values):
    values = np.sort(values)
    rank = (len(values) + 1) // 40
    if rank < 1 or np.isnan(values).any():
        return None
    return [values[rank - 1], values[-rank]]


class File:
    """What a results file holds, for one metric as a cost (1 minus an accuracy)."""

    def __init__(self, path, metric):
        with h5py.File(path) as file:
            self.seeds = file["seed"][...]
            self.specs = list(file["schedule"].asstr()[...])
            self.rhos = file["rho"][...]
            self.axes = []
            for dimension in list(file["status"].dims)[:-3]:
                name = dimension.label or dimension[0].name.lstrip("/")
                self.axes.append((name, file[name][...]))
            shape = file["status"].shape
            self.status = file["status"][...]
            self.stepsize = file["stepsize"][...]
            values = file["final_" + metric][...]
            self.is_accuracy = metric.endswith("accuracy")
            cost = 1 - values if self.is_accuracy else values
            self.cost = np.where(self.status == 1, cost, np.where(self.status == 2, np.inf, np.nan))
            start = file["initial_" + metric][...]
            self.start = 1 - start if self.is_accuracy else start
            self.f_star = np.broadcast_to(file["f_star"][...], shape[:-3])
            steps = file["step"][...][..., -1]
            names = [name for name, _ in self.axes]
            if "sgd.steps" in names:
                steps = np.moveaxis(np.broadcast_to(steps, shape[:-3][:names.index("sgd.steps")]
                                                    + shape[:-3][names.index("sgd.steps") + 1:] + steps.shape),
                                    -1, names.index("sgd.steps"))
            self.steps = np.broadcast_to(steps, shape[:-3])

    def coverage(self, points):
        """The seeds that count, by their places, and what is said of them."""
        pending = np.any([(self.status[p] == 0).any(axis=(1, 2)) for p in points], axis=0)
        complete = np.flatnonzero(~pending)
        used = complete if len(complete) else np.arange(len(self.seeds))
        left_out = [int(seed) for i, seed in enumerate(self.seeds) if i not in used]
        return used, {"seeds": len(used), "of_seeds": len(self.seeds), "complete_seeds": len(complete),
                      "seeds_left_out": left_out}

    def counts(self, used):
        """(resamples, used seeds): how often each is drawn."""
        order, n = np.argsort(self.seeds[used]), len(used)
        counts = np.zeros((RESAMPLES if n > 1 else 0, n))
        draws = below(n, 0, BOOTSTRAP, np.arange(n)[None, :], np.arange(RESAMPLES)[:, None]).reshape(RESAMPLES, -1)
        for b in range(len(counts)):
            np.add.at(counts[b], order[draws[b]], 1)
        return counts


def missing(status):
    return {"cells": status.size, "pending": int((status == 0).sum()), "failed": int((status == 3).sum())}


def expected_schedule(file, points, s, window, floor):
    """points: index tuples of the axes points that the worst is taken over."""
    used, _ = file.coverage(points)
    n, counts = len(used), file.counts(used)
    finals = [file.cost[p][used, s, :] for p in points]
    means = np.max([[math.fsum(x[:, r]) / n for r in range(len(file.rhos))] if not np.isnan(x).all() else
                    [np.nan] * len(file.rhos) for x in finals], axis=0)
    with np.errstate(invalid="ignore"):
        again = np.max([np.reshape([[np.sum((c * x[:, r])[c > 0]) / n for r in range(len(file.rhos))] for c in counts],
                                   (len(counts), len(file.rhos))) for x in finals], axis=0)
    diverged = np.max([(file.status[p][used, s, :] == 2).sum(axis=0) for p in points], axis=0)
    pending, failed = (sum((file.status[p][:, s, :] == state).sum(axis=0) for p in points) for state in (0, 3))
    present = ~np.isnan(means)
    metric = (lambda c: 1 - c) if file.is_accuracy else (lambda c: c)
    number = lambda x: float(x) if np.isfinite(x) else None
    pair = lambda p: None if p is None else sorted((number(metric(p[0])), number(metric(p[1]))),
                                                   key=lambda x: math.inf if x is None else x)
    error, error_again = means - floor, again - floor
    out = {"schedule": file.specs[s], "best_rho": None, "best_stepsize": None, "best": None, "best_ci": None,
           "exponent": None, "exponent_ci": None, "exponent_points": 0, "theory_slope": None, "lr_sensitivity": None}
    out["missing"] = missing(np.array([file.status[p][:, s, :] for p in points]))
    order = DECAY_ORDER[file.specs[s]]
    out["theory_exponent"] = 1 / (2 * order + 1) if order else 1
    best = int(np.nanargmin(error)) if present.any() and np.isfinite(np.nanmin(error)) else None
    ratios = theory = [None] * len(means)
    if best is not None:
        out["best_rho"] = file.rhos[best]
        etas = {file.stepsize[p][s, best] for p in points}
        out["best_stepsize"] = etas.pop() if len(etas) == 1 else None
        out["best"] = metric(means[best])
        out["best_ci"] = pair(interval(again[:, best]))
        ratios = file.rhos / file.rhos[best]
        lengths = {int(file.steps[p]) for p in points}
        if len(lengths) == 1:
            theory = bound_ratios(np.array(multipliers(file.specs[s], lengths.pop())), ratios)
        inside = [i for i in range(best, len(means)) if present[i] and np.isfinite(error[i])
                  and window[0] * (1 - 1e-9) <= ratios[i] <= window[1] * (1 + 1e-9)]
        x = np.log(file.rhos[inside])
        with np.errstate(divide="ignore", invalid="ignore"):
            out["exponent"] = slope(x, np.log(error[inside]))
            slopes = [slope(x, y) for y in np.log(error_again[:, inside])]
        out["exponent_points"] = len(inside)
        out["exponent_ci"] = None if None in slopes else interval(slopes)
        if theory[0] is not None:
            out["theory_slope"] = slope(x, np.log([theory[i] for i in inside]))
        start = max(math.fsum(file.start[p][used]) / n for p in points)
        out["lr_sensitivity"] = float(np.mean(np.minimum(means[present], start) - np.nanmin(means)))
    out["curve"] = [
        {"rho": file.rhos[i], "ratio_to_best": None if best is None else ratios[i], "mean": number(metric(means[i])),
         "ci": pair(interval(again[:, i])), "diverged": int(diverged[i]), "theory_ratio": theory[i],
         "pending": int(pending[i]), "failed": int(failed[i]),
         "error_ratio": None if best is None or error[best] <= 0 else number(error[i] / error[best])}
        for i in range(len(means)) if present[i]]
    out["left_out"] = [{"rho": file.rhos[i], "pending": int(pending[i]), "failed": int(failed[i])}
                       for i in range(len(means)) if not present[i]]
    out["coarse_grid"], advised = [], None
    g = (file.rhos[-1] / file.rhos[0]) ** (1 / (len(means) - 1))
    for stride in range(1, len(means)):
        grids = [range(offset, len(means), stride) for offset in range(stride)]
        chosen = [min((i for i in grid if present[i]), key=lambda i: error[i]) for grid in grids
                  if any(present[i] for i in grid)]
        row = {"stride": stride, "ratio": g**stride, "mean_regret": None, "worst_regret": None,
               "mean_regret_ci": None, "worst_regret_ci": None}
        if best is not None and error[best] > 0:
            regrets = error[chosen] / error[best] - 1
            regrets_again = error_again[:, chosen] / error_again[:, [best]] - 1
            row |= {"mean_regret": number(regrets.mean()), "worst_regret": number(regrets.max())}
            for key, values in (("mean_regret_ci", regrets_again.mean(axis=1)),
                                ("worst_regret_ci", regrets_again.max(axis=1))):
                found = interval(values)
                row[key] = found and [number(v) for v in found]
            if regrets.max() <= TOLERANCE:
                advised = stride
        out["coarse_grid"].append(row)
    points_left = advised and math.ceil(len(means) / advised)
    out["advice"] = {"tolerance": TOLERANCE, "ratio": advised and g**advised, "grid_points": points_left or 0,
                     "of_points": len(means), "saved_share": advised and 1 - points_left / len(means)}
    return out


def expected(path, metric, worst_over, window):
    file = File(path, metric)
    shape = tuple(len(values) for _, values in file.axes)
    names = [name for name, _ in file.axes]
    along = names.index(worst_over) if worst_over else None
    groups = []
    for index in np.ndindex(*(1 if a == along else size for a, size in enumerate(shape))):
        points = [index] if along is None else [index[:along] + (i,) + index[along + 1:] for i in range(shape[along])]
        floors = {float(file.f_star[p]) for p in points}
        floor = floors.pop() if metric == "train_loss" and len(floors) == 1 else 0.0
        floor = 0.0 if math.isnan(floor) else floor
        groups.append({"axes": {name: values[index[a]].item() for a, (name, values) in enumerate(file.axes)
                                if a != along},
                       "coverage": file.coverage(points)[1],
                       "schedules": [expected_schedule(file, points, s, window, floor)
                                     for s in range(len(file.specs))]})
    return {"metric": metric, "worst_over": worst_over, "seeds": len(file.seeds), "resamples": RESAMPLES,
            "missing": missing(file.status), "theory": {"applies": True, "caveat": None}, "groups": groups}


def compare(found, wanted, where, tolerance):
    """@return how many numbers were compared"""
    if isinstance(wanted, dict):
        assert set(found) == set(wanted), f"{where}: keys {set(found) ^ set(wanted)}"
        return sum(compare(found[key], wanted[key], f"{where}.{key}", tolerance) for key in wanted)
    if isinstance(wanted, list):
        assert len(found) == len(wanted), f"{where}: {len(found)} entries, expected {len(wanted)}"
        return sum(compare(f, w, f"{where}[{i}]", tolerance) for i, (f, w) in enumerate(zip(found, wanted)))
    if isinstance(wanted, float):
        # Regrets and sensitivities are differences of numbers near 1 or near the metric.
        scale = max(abs(wanted), 1e-3) if "regret" in where else abs(wanted)
        assert found is not None and abs(found - wanted) <= tolerance * scale, \
            f"{where}: found {found!r}, NumPy {wanted!r}"
        return 1
    assert found == wanted, f"{where}: found {found!r}, NumPy {wanted!r}"
    return 1


SWEEPS = {
    "quadratic": """
[problem]
kind = "quadratic"
gradient_bound = 1.5
[sgd]
steps = 100
evaluations = 1
[grid]
stepsize = "theory"
schedule = ["constant", "inverse_sqrt", "linear", "polynomial(2)", "cosine", "warmup(0.1, cosine)"]
rho = { from = 0.1, to = 100.0, points = 13 }
seed = { from = 3, count = 12 }
[axes]
"problem.curvature" = [0.01, 0.1, 1.0]
"sgd.steps" = [64, 256]
""",
    "diverging": """
[problem]
kind = "logistic_regression"
samples = 200
dimension = 5
l2 = 0.1
test_samples = 100
[sgd]
steps = 200
evaluations = 2
[grid]
stepsize = { constant = 0.1, linear = 0.2 }
schedule = ["constant", "linear"]
rho = { from = 0.01, to = 10000.0, points = 19 }
seed = [9, 2, 4, 7, 11, 1, 0, 30, 29, 28, 27]
"""}


# What becomes of a file, as (axes points, seeds, schedules, rho) and their status.
DAMAGES = {
    # Seeds 0 and 7 have begun; seed 2 has failed at a rho; so has seed 0, which does not count.
    "damaged": [(0, 0, 0, 3, 0), (0, 7, 1, slice(2, 9), 0), (0, 2, 0, 3, 3), (0, 5, 1, 12, 3), (0, 0, 1, 5, 3)],
    # No seed is complete, and of the first schedule half of the rho are.
    "begun": [(..., slice(None), 0, slice(0, 6), 0), (..., slice(3, None), 1, slice(4, None), 0), (..., 1, 0, 8, 3)],
    "one_seed": [(..., slice(1, None), slice(None), slice(None), 0)],
}


def damage(path, target, changes):
    """Leaves cells pending and failed."""
    shutil.copy(path, target)
    with h5py.File(target, "r+") as file:
        status = file["status"][...]
        for first, *rest, state in changes:
            status[(first,) * (1 if first is ... else status.ndim - 3) + tuple(rest)] = state
        file["status"][...] = status
        for name in file:
            if name.startswith("final_"):
                file[name][...] = np.where((status == 0) | (status == 3), np.nan, file[name][...])


def main(program):
    cases = [("quadratic", None, None, None), ("quadratic", None, "problem.curvature", (2, 50)),
             ("quadratic", "distance", "sgd.steps", None), ("quadratic_damaged", None, "problem.curvature", None),
             ("quadratic_begun", None, None, None), ("diverging_begun", "train_loss", None, (1, 1000)),
             ("diverging_one_seed", None, None, None), ("quadratic_damaged", None, None, None),
             ("diverging", None, None, None), ("diverging", "train_loss", None, (1, 1000)),
             ("diverging", "test_accuracy", None, None), ("diverging_damaged", "test_loss", None, None)]
    for name, text in SWEEPS.items():
        with open(f"{name}.toml", "w") as file:
            file.write(text)
        program.succeed("run", f"{name}.toml", "--overwrite", "--progress", "none", ranks=2)
        for how, changes in DAMAGES.items():
            damage(f"{name}.h5", f"{name}_{how}.h5", changes)
    with h5py.File("diverging.h5") as file:
        assert (file["status"][...] == 2).any() and (file["status"][...] == 1).any(), "some trials diverge"
    for name, metric, worst_over, window in cases:
        arguments = ["analyze", f"{name}.h5", "--format", "json"]
        arguments += ["--metric", metric] if metric else []
        arguments += ["--worst-over", worst_over] if worst_over else []
        arguments += ["--window", f"{window[0]},{window[1]}"] if window else []
        done = program.succeed(*arguments)
        found = json.loads(done.stdout)
        warnings = found.pop("warnings")
        assert len([line for line in done.stderr.splitlines() if "warning" in line]) >= min(len(warnings), 20)
        assert any("left out" in line for line in warnings) == ("damaged" in name or "begun" in name), warnings
        wanted = expected(f"{name}.h5", metric or "excess_loss", worst_over, window or (4, 100))
        count = compare(found, wanted, name, 1e-12)
        print(f"{name}, {metric or 'default metric'}, worst over {worst_over or 'nothing'}: {count} numbers agree")


if __name__ == "__main__":
    main(Program(*sys.argv[1:3]))
