"""An independent analysis in NumPy, written from the contract alone: recomputes every number of `rhosweep analyze
--format json` from the results file.

Runs sweeps with axes and diverging trials, marks cells as pending and failed, and compares with a tolerance of 1e-12.
The intervals must agree, too, because counter-based random numbers define the resamples. Some cases choose stepsizes by
a metric other than the reported one, and some have baselines. Means are over the seeds without a pending trial at the
same axes points; if there are no such seeds, over all seeds, at the rho where all have finished. A rho with a failed
trial is left out.

Usage: reference_analysis.py RHOSWEEP MPIEXEC
"""

import functools
import json
import math
import sys

import h5py
import numpy as np
from program import Program
from reference_judge import FACTORS, honest_best, is_at_edge, judge_valley, resampled_statistic, seed_interval, statistic
from reference_sgd import below, multipliers
from reference_sweeps import make_files
from reference_valley import Model

BOOTSTRAP, RESAMPLES = 8, 39
EXCLUDED = 5  # state of a cell that the sweep leaves out
TOLERANCES = [0.1, 0.5, 1.0]
LEAST_RATIO = 1.01
RATIOS = [1.5, 2, 3, 5, 10, 20, 50, 100]
DECAY_ORDER = {"constant": None, "inverse_sqrt": None, "linear": 1, "polynomial(2)": 2, "cosine": 2,
               "warmup(0.1, cosine)": 2}


class Bound:
    """Computes the bound divided by its value at the tuned eta. The bound, with D = G = 1, is the minimum over restarts
    k of 1/(2 eta S_k) + eta Q_k/2, and at most 1."""

    def __init__(self, h):
        tail = np.array([math.fsum(h[k:]) for k in range(len(h))])
        terms = np.where(h > 0, h * h / np.where(tail > 0, tail, 1), 0)
        q = np.array([math.fsum(terms[k:]) for k in range(len(h))])
        kept = tail > 0
        self.a, self.q = 1 / tail[kept], q[kept]
        best = int(np.argmin(self.a * self.q))
        self.tuned, self.least = math.sqrt(self.a[best] / self.q[best]), math.sqrt(self.a[best] * self.q[best])

    def ratio(self, rhos):
        eta = np.asarray(rhos, float)[..., None] * self.tuned
        return np.minimum((self.a / (2 * eta) + eta * self.q / 2).min(axis=-1), 1) / self.least

    @functools.cached_property
    def lattice(self):
        """Returns log rho in steps of 0.002, and the ratios there. Linear interpolation between them is exact to
        1e-6."""
        places = np.arange(-10000, 10001) * 0.002
        return places, np.concatenate([self.ratio(np.exp(part)) for part in np.array_split(places, 20)])

    @functools.cache
    def grid_cost(self, g):
        """Returns the worst and the mean bound ratio, minus 1, at the best point of a grid with the ratio g, over the
        places where the grid may begin, by a scan of these places."""
        points = np.arange(-math.ceil(math.log(1e4) / math.log(g)), math.ceil(math.log(1e4) / math.log(g)) + 1)
        places = (np.linspace(0, 1, 2001)[:, None] + points) * math.log(g)
        best = np.interp(places, *self.lattice).min(axis=1)
        return float(best.max()) - 1, float((best[1:] + best[:-1]).mean() / 2) - 1

    def crossing(self, tolerance):
        if 1 / self.least <= 1 + tolerance:
            return None
        ends = []
        for sign in (-1, 1):
            low, high = 0.0, 40.0
            for _ in range(60):
                middle = (low + high) / 2
                low, high = (middle, high) if self.ratio(math.exp(sign * middle)) <= 1 + tolerance else (low, middle)
            ends.append(low)
        return math.exp(sum(ends))


@functools.cache
def bound_of(schedule, steps):
    return Bound(np.array(multipliers(schedule, steps)))


def slope(x, y):
    if len(x) < 2 or not np.all(np.isfinite(y)):
        return None
    x, y = np.array(x), np.array(y)
    return float(np.sum((x - x.mean()) * (y - y.mean())) / np.sum((x - x.mean()) ** 2))


class File:
    """One metric of a results file as costs, of which less is better: an accuracy becomes 1 - accuracy."""

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
        """Returns the indices of the seeds that are used, and the expected "coverage" of the JSON."""
        pending = np.any([(self.status[p] == 0).any(axis=(1, 2)) for p in points], axis=0)
        complete = np.flatnonzero(~pending)
        used = complete if len(complete) else np.arange(len(self.seeds))
        left_out = [int(seed) for i, seed in enumerate(self.seeds) if i not in used]
        return used, {"seeds": len(used), "of_seeds": len(self.seeds), "complete_seeds": len(complete),
                      "seeds_left_out": left_out}

    def counts(self, used):
        """Returns how often each resample draws each seed, shape (resamples, used seeds)."""
        order, n = np.argsort(self.seeds[used]), len(used)
        counts = np.zeros((RESAMPLES if n > 1 else 0, n))
        draws = below(n, 0, BOOTSTRAP, np.arange(n)[None, :], np.arange(RESAMPLES)[:, None]).reshape(RESAMPLES, -1)
        for b in range(len(counts)):
            np.add.at(counts[b], order[draws[b]], 1)
        return counts


def missing(status):
    return {"cells": status.size, "pending": int((status == 0).sum()), "failed": int((status == 3).sum()),
            "not_needed": int((status == 4).sum()), "stopped": int((status == 6).sum())}


def number(x):
    return float(x) if x is not None and np.isfinite(x) else None


def in_metric(file, floor):
    """Returns two functions: one converts an error e to a value of the metric, the other an interval of errors to an
    interval of the metric."""
    value = lambda e: None if e is None else number(1 - (e + floor) if file.is_accuracy else e + floor)
    pair = lambda ci: None if ci is None or np.isnan(ci).any() else sorted(
        (value(ci[0]), value(ci[1])), key=lambda x: math.inf if x is None else x)
    return value, pair


def curve_of(file, points, used, s, floor, kind, counts):
    """Returns for each axes point the error e of each trial and the statistic over the seeds. Also returns the
    statistic's resamples, shape (resamples, points, rho)."""
    members = [file.cost[p][used, s, :] - floor for p in points]
    each = np.array([statistic(kind, m) for m in members])
    again = np.stack([resampled_statistic(kind, m, counts) for m in members], axis=1) if len(counts) \
        else np.empty((0, *each.shape))
    return members, each, again


def between(rhos, error, at):
    """Returns the error e at the rho `at`, by linear interpolation of log e over log rho. Returns inf from the first
    diverged rho above the best rho on, and nan where e is unknown."""
    present = np.flatnonzero(~np.isnan(error))
    best = int(np.argmin(np.where(np.isfinite(error), error, np.inf)))
    low = [i for i in present if rhos[i] <= at * (1 + 1e-9)]
    high = [i for i in present if rhos[i] >= at * (1 - 1e-9)]
    if at <= rhos[-1] * (1 + 1e-9) and any(np.isposinf(error[i]) for i in low if i > best):
        return math.inf
    if not low or not high or not all(np.isfinite(error[i]) and error[i] > 0 for i in (low[-1], high[0])):
        return math.nan
    places = np.log(rhos[[low[-1], high[0]]])
    return math.exp(np.interp(math.log(at), places, np.log(error[[low[-1], high[0]]])))


def expected_schedule(file, points, s, window, floor, kind, applies, by=None):
    """Analyses one schedule. points: index tuples of the axes points over which the worst is taken; by: the pair (file,
    floor) of the metric that chooses stepsizes, if this is another metric. Returns the schedule's row, which contains
    for every ratio the error e of the worst grid with its resamples."""
    used, _ = file.coverage(points)
    n, counts = len(used), file.counts(used)
    value, pair = in_metric(file, floor)
    plain = lambda ci: None if ci is None else [number(ci[0]), number(ci[1])]
    members, each, again_each = curve_of(file, points, used, s, floor, kind, counts)
    error, again = np.max(each, axis=0), np.max(again_each, axis=1)
    by_members, by_each, by_again = curve_of(by[0], points, used, s, by[1], kind, counts) if by \
        else (members, each, again_each)
    by_error = np.max(by_each, axis=0)
    status = np.array([file.status[p][used, s, :] for p in points])
    diverged, finished = (status == 2).sum(axis=1).max(axis=0), np.isin(status, (1, 2)).sum()
    pending, failed, not_needed, stopped = (sum((file.status[p][:, s, :] == state).sum(axis=0) for p in points)
                                            for state in (0, 3, 4, 6))
    present, finite = ~np.isnan(error), np.isfinite(error)
    row = {"schedule": file.specs[s], "missing": missing(np.array([file.status[p][:, s, :] for p in points])),
           "diverged_share": number((status == 2).sum() / finished) if finished else None}
    naive = int(np.argmin(np.where(finite, by_error, np.inf))) if finite.any() else None
    found = judge_valley(file.rhos, each, again_each, n, RATIOS, TOLERANCES, by and (by_each, by_again)) \
        if naive is not None else None
    row["residual"] = found and number(found["residual"])
    keys = ("best_rho", "best_rho_ci", "best_stepsize", "best_stepsize_ci", "best", "best_ci", "naive_best",
            "naive_best_ci", "naive_best_rho", "naive_best_stepsize")
    row |= dict.fromkeys(keys)
    tuned = None
    if naive is not None:
        best_rho = found["rho"]["value"] if found else file.rhos[naive]
        tuned = found["least"]["value"] if found else error[naive]
        etas = {file.stepsize[p][s, naive] for p in points}
        eta = etas.pop() if len(etas) == 1 else None
        row |= {"naive_best_rho": file.rhos[naive], "naive_best_stepsize": eta, "naive_best": value(error[naive]),
                "naive_best_ci": pair(seed_interval(again[:, naive], n, False)), "best_rho": number(best_rho),
                "best_stepsize": eta and float(eta * (best_rho / file.rhos[naive]))}
        row["best_rho_ci"] = found and plain(found["rho"]["ci"])
        row["best_stepsize_ci"] = row["best_rho_ci"] and eta and [
            end and float(end * eta / file.rhos[naive]) for end in row["best_rho_ci"]]
        below_floor = any((e <= 0).any() for e in (error, by_error, again, by_again.max(axis=1)))
        at_edge = found is None and is_at_edge(file.rhos, by_each, each)
        honest = None if below_floor or at_edge else honest_best(file.rhos, members, file.seeds[used], kind, counts,
                                                                 found and found["may_round"], by and by_members)
        row["best"] = value(honest[1]) if honest else row["naive_best"]
        row["best_ci"] = pair(honest[2]) if honest else row["naive_best_ci"]
    ratios = file.rhos / row["best_rho"] if naive is not None else np.full(len(error), np.nan)
    lengths = {int(file.steps[p]) for p in points}
    bound = bound_of(file.specs[s], lengths.pop()) if applies and len(lengths) == 1 else None
    theory = bound.ratio(ratios) if bound and naive is not None else np.full(len(error), np.nan)
    inside = [i for i in range(len(error)) if finite[i] and max(window[0], 1) * (1 - 1e-9) <= ratios[i]
              <= window[1] * (1 + 1e-9)]
    with np.errstate(divide="ignore", invalid="ignore"):
        x, logs, logs_again = np.log(file.rhos[inside]), np.log(error[inside]), np.log(again[:, inside])
    slopes = [slope(x, y) for y in logs_again]
    row |= {"exponent": slope(x, logs), "exponent_points": len(inside), "bound_slope": slope(x, np.log(theory[inside])),
            "exponent_ci": None if None in slopes else plain(seed_interval(slopes, n, False))}
    row["exponent_range"] = [ratios[inside[0]], ratios[inside[-1]]] if inside else None
    row["cost_at"] = []
    for i, factor in enumerate(FACTORS):
        cost, ci = (found["costs"][i]["value"], found["costs"][i]["ci"]) if found else (math.nan, None)
        here = math.nan
        if naive is not None:
            here = between(file.rhos, error, row["best_rho"] * factor)
        if math.isnan(cost) and tuned and tuned > 0 and (not found or here == math.inf):
            cost = here / tuned
        if ci and not by:
            ci[0] = max(ci[0], 1.0)  # no stepsize is better than the best
        row["cost_at"].append({"factor": factor, "error_ratio": number(cost), "error_ratio_ci": plain(ci),
                               "theory_ratio": float(bound.ratio(factor)) if bound and naive is not None else None})
    with np.errstate(invalid="ignore"):
        clipped = np.max([statistic(kind, np.fmin(m, file.start[p][used][:, None] - floor))
                          if not np.isnan(m).all() else np.full(len(error), np.nan)
                          for p, m in zip(points, members)], axis=0)
    clipped = np.where(present, clipped, np.nan)
    row["lr_sensitivity"] = number(np.mean(clipped[present] - np.nanmin(clipped))) if naive is not None else None
    row["curve"] = [
        {"rho": file.rhos[i], "ratio_to_best": number(ratios[i]), "value": value(error[i]),
         "ci": pair(seed_interval(again[:, i], n, False)), "diverged": int(diverged[i]), "theory_ratio": number(theory[i]),
         "pending": int(pending[i]), "failed": int(failed[i]), "not_needed": int(not_needed[i]),
         "stopped": int(stopped[i]),
         "error_ratio": number(error[i] / tuned) if tuned and tuned > 0 else None}
        for i in range(len(error)) if present[i]]
    row["left_out"] = [{"rho": file.rhos[i], "pending": int(pending[i]), "failed": int(failed[i]), "not_needed": int(not_needed[i]),
                        "stopped": int(stopped[i])}
                       for i in range(len(error)) if not present[i]]
    steps = Model(file.rhos)
    refused = lambda answer: steps.coarsest_step(by_each, answer["level"]) > 1.6 or answer["poor"]
    grids = [None if found is None or "worst" not in g or refused(g) else g
             for g in (found["grids"] if found else [None] * len(RATIOS))]
    row["grid"], row["random"] = [], []
    for i, ratio in enumerate(RATIOS):
        g = grids[i]
        costs = bound.grid_cost(ratio) if bound else (None, None)
        row["grid"].append({"ratio": ratio, "judged": g is not None, "theory_worst": costs[0], "theory_mean": costs[1]}
                           | {"quantiles": g["quantiles"] if g else []}
                           | {key: g and number(g[key]["value"]) for key in ("worst", "mean")}
                           | {key + "_ci": g and plain(g[key]["ci"]) for key in ("worst", "mean")}
                           | {key + "_value": g and value(g[key + "_error"]["value"]) for key in ("worst", "mean")})
        random = found["grids"][i] if found else {"random_mean": None}
        mean = random["random_mean"]
        if mean is not None and (refused(random) if "worst" in random
                                 else steps.coarsest_step(by_each, mean) > 1.6 or random["random_poor"]):
            mean = None
        row["random"].append({"ratio": ratio, "trials": math.log(file.rhos[-1] / file.rhos[0]) / math.log(ratio),
                              "mean": mean, "mean_value": None if mean is None else value(tuned * (1 + mean)),
                              "all_diverge": random["random_all_diverge"] if mean is not None else None})
    order = DECAY_ORDER[file.specs[s]]
    exponent = (1 / (2 * order + 1) if order else 1) if applies else None
    row |= {"theory_exponent": exponent, "theory_grid_growth": exponent and exponent / (1 + exponent)}
    coarse = [i for i, ratio in enumerate(RATIOS) if ratio >= 4 and grids[i]]
    growth = lambda costs: slope([math.log(RATIOS[i]) for i in coarse], np.log1p(costs))
    row["grid_growth"] = growth([grids[i]["worst"]["value"] for i in coarse])
    row["grid_growth_range"] = [float(RATIOS[coarse[0]]), float(RATIOS[coarse[-1]])] if coarse else None
    growths = [growth(costs) for costs in np.transpose([grids[i]["worst"]["again"] for i in coarse])]
    row["grid_growth_ci"] = None if None in growths else plain(seed_interval(growths, n, False))
    row["worst_error"] = [g and g["worst_error"] for g in grids]
    row["seeds"] = n
    row["advice"] = []
    for i, tolerance in enumerate(TOLERANCES):
        a = found["advice"][i] if found else {"worst_crossing": None, "mean_crossing": None}
        judged = a["worst_crossing"] and not refused(a)
        entry = {"tolerance": tolerance, "theory_ratio": bound.crossing(tolerance) if bound else None}
        for key, name in (("ratio", "worst_crossing"), ("mean_ratio", "mean_crossing")):
            entry[key] = a[name]["value"] if judged and a[name] else None
            entry[key + "_ci"] = plain(a[name]["ci"]) if judged and a[name] else None
        ci = entry["ratio_ci"]
        entry["advised"] = ci[0] if ci and ci[0] and ci[0] >= LEAST_RATIO else None
        entry["points_per_decade"] = entry["advised"] and math.log(10) / math.log(entry["advised"])
        row["advice"].append(entry)
    return row


def floor_of(file, metric, points):
    floors = {float(file.f_star[p]) for p in points}
    floor = floors.pop() if metric == "train_loss" and len(floors) == 1 else 0.0
    return 0.0 if math.isnan(floor) else floor


def expected_baselines(paths, metric, points, floor, kind):
    """Returns a row for every schedule of other files, with the worst value over the points at rho = 1. paths: pairs
    (path, optimizer) of these files."""
    rows = []
    for path, optimizer in paths:
        file = File(path, metric)
        used, _ = file.coverage(points)
        value, pair = in_metric(file, floor)
        one = int(np.flatnonzero(file.rhos == 1)[0])
        for s, spec in enumerate(file.specs):
            _, each, again = curve_of(file, points, used, s, floor, kind, file.counts(used))
            status = np.array([file.status[p][used, s, one] for p in points])
            stepsizes = {float(file.stepsize[p][s, one]) for p in points}
            rows.append({"file": path, "optimizer": optimizer, "schedule": spec,
                         "stepsize": stepsizes.pop() if len(stepsizes) == 1 else None,
                         "value": value(each[:, one].max()),
                         "ci": pair(seed_interval(again[:, :, one].max(axis=1), len(used), False)),
                         "diverged_share": number((status == 2).sum() / np.isin(status, (1, 2)).sum())})
    return rows


def expected(path, metric, worst_over, window, kind, applies, select_by=None, baselines=()):
    file = File(path, metric)
    by = File(path, select_by) if select_by else None
    shape = tuple(len(values) for _, values in file.axes)
    names = [name for name, _ in file.axes]
    along = names.index(worst_over) if worst_over else None
    groups = []
    for index in np.ndindex(*(1 if a == along else size for a, size in enumerate(shape))):
        points = [index] if along is None else [index[:along] + (i,) + index[along + 1:] for i in range(shape[along])]
        floor = floor_of(file, metric, points)
        choosing = by and (by, floor_of(by, select_by, points))
        groups.append({"axes": {name: values[index[a]].item() for a, (name, values) in enumerate(file.axes)
                                if a != along},
                       "coverage": file.coverage(points)[1],
                       "schedules": [expected_schedule(file, points, s, window, floor, kind, applies, choosing)
                                     for s in range(len(file.specs))],
                       "baselines": expected_baselines(baselines, metric, points, floor, kind)})
    for group in groups:
        with_ = next((row for row in group["schedules"] if row["schedule"] == "constant"), group["schedules"][0])
        for row in group["schedules"]:
            row["comparison"] = []
            for ratio, own, other in zip(RATIOS, row["worst_error"], with_["worst_error"]):
                entry = {"ratio": ratio, "with": with_["schedule"], "worst": None, "worst_ci": None}
                if own and other:
                    ci = seed_interval(own["again"] / other["again"], row["seeds"])
                    entry |= {"worst": own["value"] / other["value"], "worst_ci": ci and [number(v) for v in ci]}
                if row is not with_:
                    row["comparison"].append(entry)
        for row in group["schedules"]:
            del row["worst_error"], row["seeds"]
        for i in range(len(TOLERANCES)):
            advised = [row["advice"][i]["advised"] for row in group["schedules"]]
            least = min((a for a in advised if a), default=None)
            for row, a in zip(group["schedules"], advised):
                row["advice"][i]["saved_share"] = 1 - math.log(least) / math.log(a) if a else None
    return {"metric": metric, "select_by": select_by, "worst_over": worst_over, "seeds": len(file.seeds),
            "resamples": RESAMPLES, "missing": missing(file.status), "groups": groups,
            "excluded_points": int((file.status == EXCLUDED).all(axis=(-3, -2, -1)).sum())}


# Not compared are texts, and numbers that other tests check: the theory's bound, and the worst member of a family.
NOT_COMPARED = {"reason", "remark", "best_reason", "grid_growth_reason", "theory", "bound", "worst_at", "format", "statistic",
                "warnings"}


def tolerance_of(where, wanted):
    """Returns the tolerance for a number. rhosweep and NumPy agree up to rounding, with the exceptions below."""
    key = [part for part in where.replace("]", "").replace("[", ".").split(".") if not part.isdigit()]
    if key[-2:] == ["grid", key[-1]] and key[-1] in ("theory_worst", "theory_mean"):
        return 2e-3 * (1 + abs(wanted))  # costs computed from the bound: NumPy scans only 2000 beginnings of a grid
    if key[-1] == "saved_share":  # a difference of numbers near 1
        return 1e-8
    # Costs near 0 and their slopes are differences of numbers near 1; a root of the mean cost is found to 1e-13. If
    # another metric chooses the stepsizes and its curve has several dips, the program finds a crossing only if the cost
    # stays above the tolerance for a step of the search (grid_cost.hpp: a quarter of the lattice's step, or 3 % of log
    # ratio). In the cases here it does.
    is_of_grid = key[-2] in ("grid", "random", "advice", "comparison") or key[-1].startswith("grid_growth")
    return 1e-8 * max(abs(wanted), 1e-2) if is_of_grid else 1e-9 * max(abs(wanted), 1e-3)


def compare(found, wanted, where):
    """Returns the number of compared values, and one line for each difference."""
    if isinstance(wanted, dict):
        keys = set(found) - NOT_COMPARED
        parts = [compare(found[key], wanted[key], f"{where}.{key}") for key in wanted if key in keys]
        parts += [(0, [f"{where}: only one side has {keys ^ set(wanted)}"])] if keys != set(wanted) else []
    elif isinstance(wanted, list) and found is not None and len(found) == len(wanted):
        parts = [compare(f, w, f"{where}[{i}]") for i, (f, w) in enumerate(zip(found, wanted))]
    else:
        is_near = isinstance(wanted, float) and found is not None and abs(found - wanted) <= tolerance_of(where, wanted)
        parts = [(1, [] if is_near or found == wanted else [f"{where}: found {found!r}, NumPy {wanted!r}"])]
    return sum(count for count, _ in parts), [line for _, lines in parts for line in lines]


def main(program):
    # File, metric, worst over, window, statistic, whether the theory applies, metric that chooses, and baselines.
    cases = [("fine", None, "problem.curvature", None, "mean", True),
             ("fine", None, None, None, "median", False, None, [("untuned.h5", "sgd"), ("untuned_begun.h5", "sgd")]),
             ("fine", "train_loss", "problem.curvature", None, "trimmed", False, None, [("adamw.h5", "adamw")]),
             ("fine", "distance", "problem.curvature", None, "mean", False, "excess_loss", []),
             ("quadratic", None, None, None, "mean", True),
             ("quadratic", None, "problem.curvature", (2, 50), "mean", True),
             ("quadratic", "distance", "sgd.steps", None, "mean", False),
             ("quadratic_damaged", None, "problem.curvature", None, "mean", True),
             ("quadratic_begun", None, None, None, "mean", True),
             ("diverging_begun", "train_loss", None, (1, 1000), "mean", False),
             ("diverging_one_seed", None, None, None, "mean", False),
             ("quadratic_damaged", None, "problem.curvature", None, "quantile=0.8", False),
             ("diverging", None, None, None, "mean", False), ("diverging", None, None, None, "median", False),
             ("diverging", "train_loss", None, (1, 1000), "mean", False),
             ("diverging", "test_accuracy", None, None, "mean", False, None, [("unstable.h5", "sgd")]),
             ("diverging", "test_accuracy", None, None, "mean", False, "test_loss", []),
             ("diverging_damaged", "test_loss", None, None, "mean", False)]
    kinds = {"mean": "mean", "trimmed": "trimmed", "median": 0.5, "quantile=0.8": 0.8}
    make_files(program)
    with h5py.File("diverging.h5") as file:
        assert (file["status"][...] == 2).any() and (file["status"][...] == 1).any(), "some trials diverge"
    failures = []
    for name, metric, worst_over, window, kind, applies, *rest in cases:
        select_by, baselines = rest or (None, [])
        arguments = ["analyze", f"{name}.h5", "--format", "json", "--statistic", kind, "--resamples", str(RESAMPLES)]
        arguments += ["--metric", metric] if metric else []
        arguments += ["--worst-over", worst_over] if worst_over else []
        arguments += ["--window", f"{window[0]},{window[1]}"] if window else []
        arguments += ["--select-by", select_by] if select_by else []
        for baseline, _ in baselines:
            arguments += ["--baseline", baseline]
        done = program.succeed(*arguments)
        found = json.loads(done.stdout)
        stated = {group["theory"]["applies"] for group in found["groups"]}
        assert stated == {applies}, f"{name}: theory applies {stated}, expected {applies}"
        warnings = found.pop("warnings")
        assert len([line for line in done.stderr.splitlines() if "warning" in line]) >= min(len(warnings), 20)
        assert any("left out" in line for line in warnings) == ("damaged" in name or "begun" in name), warnings
        lack_stepsize = [row for group in found["groups"] for row in group["schedules"]
                         if row["best_rho"] and not row["best_stepsize"]]
        assert any("no single best stepsize" in line for line in warnings) == bool(lack_stepsize), warnings
        wanted = expected(f"{name}.h5", metric or "excess_loss", worst_over, window or (4, 100), kinds[kind], applies,
                          select_by, baselines)
        count, differences = compare(found, wanted, name)
        failures += differences
        print(f"{name}, {metric or 'default metric'} chosen by {select_by or 'itself'}, {kind}, worst over",
              f"{worst_over or 'nothing'}, {len(baselines)} baselines: {count} numbers compared, {len(differences)} differ",
              flush=True)
    assert not failures, "\n".join(failures)


if __name__ == "__main__":
    main(Program(*sys.argv[1:3]))
