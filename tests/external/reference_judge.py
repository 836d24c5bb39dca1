"""Independent NumPy versions of what the analysis says of coarse grids, with intervals over the seeds, and of the
cross-fitted best.

Written from the definitions. e has the shape (rho), or (resamples, rho): inf where the statistic has diverged, nan where a
trial is missing.
"""

import math

import numpy as np
import scipy.stats
from reference_choice import ChosenValley
from reference_valley import Fit, Model, points_around_best

FOLDS, TRIMMED_SHARE = 8, 0.1


def seed_interval(values, seeds, logarithmic=True):
    """Percentiles, moved away from the median by Student's over the normal quantile and sqrt(n/(n-1))."""
    values = np.asarray(values, float)
    rank = (len(values) + 1) // 40
    if seeds < 2 or rank < 1 or np.isnan(values).any():
        return None
    if logarithmic:
        values = np.log(values)
    values = np.sort(values)
    middle = values[len(values) // 2]
    factor = scipy.stats.t(seeds - 1).ppf(0.975) / scipy.stats.norm.ppf(0.975) * math.sqrt(seeds / (seeds - 1))
    ends = [end if np.isinf(end) or np.isinf(middle) else middle + factor * (end - middle)
            for end in (values[rank - 1], values[-rank])]
    return [float(np.exp(end)) for end in ends] if logarithmic else [float(end) for end in ends]


def statistic(kind, values):
    """Over the first axis. kind: "mean", "trimmed" or the level of a quantile."""
    values = np.sort(np.asarray(values, float), axis=0)  # nan comes last
    n = len(values)
    if kind == "mean":
        return values.sum(axis=0) / n
    if kind == "trimmed":
        cut = int(TRIMMED_SHARE * n)
        found = values[cut:n - cut].sum(axis=0) / (n - 2 * cut)
    else:
        place = kind * (n - 1)
        low = min(int(place), n - 1)
        found = values[low].copy() if values.ndim > 1 else values[low]
        if place > low:
            with np.errstate(invalid="ignore"):
                found = np.where(values[low] == values[low + 1], found,
                                 values[low] + (place - low) * (values[low + 1] - values[low]))
    return np.where(np.isnan(values[-1]), np.nan, found)


def resampled_statistic(kind, values, counts):
    """Returns the statistic of resamples, (resamples, columns). values: (seeds, columns), counts: (resamples, seeds)."""
    if kind == "mean" and np.isfinite(values).all():
        return counts @ values / len(values)
    return np.array([statistic(kind, np.repeat(values, c.astype(int), axis=0)) for c in counts])


class Misfit:
    """How the model of a curve misses it: its points by more than noise explains, or a kink at the optimum, which it rounds off.
    The latter shows if half the window lowers log e there by more than 0.01 and by more than four standard deviations."""

    def __init__(self, model, narrow, errors, again, seeds):
        self.model, self.errors = model, errors
        spread = seeds / (seeds - 1) if seeds > 1 else math.nan
        self.at = model.residuals(errors)
        moved = np.array([(model.residuals(e) - self.at) ** 2 for e in again]).reshape(-1, len(errors))
        self.counts = np.isfinite(moved).sum(axis=0)
        self.squares = np.where(np.isfinite(moved), moved, 0).sum(axis=0) * spread
        places = [valley.log_rho for valley in (model.valley(errors), narrow.valley(errors)) if valley]
        self.is_rounded = any(self.is_rounded_at(at, narrow, errors, again, spread) for at in places)

    def is_rounded_at(self, at, narrow, errors, again, spread):
        rounding = self.rounding_of(narrow, errors, at)
        shifts = np.array([self.rounding_of(narrow, e, at) for e in again]) - rounding
        shifts = shifts[~np.isnan(shifts)]
        noise = math.sqrt(np.mean(shifts ** 2) * spread) if len(shifts) else 0.0
        return rounding > 0.01 and rounding > 4 * noise

    def rounding_of(self, narrow, errors, at):
        fits = self.model.fit(errors), narrow.fit(errors)
        return fits[0].log_at(errors, at) - fits[1].log_at(errors, at) if fits[0].ok and fits[1].ok else math.nan

    def is_poor(self, tolerance):
        low = self.model.points_below(self.errors, tolerance)
        if not len(low):
            return True
        residual = self.model.residual(self.errors, tolerance)
        count = self.counts[low].sum()
        noise = math.sqrt(self.squares[low].sum() / count) if count else 0.0
        return residual > 0.5 * math.log1p(tolerance) and residual > noise * (1 + 3 / math.sqrt(len(low)))

    def rounds_off_optimum(self):
        return self.is_rounded


def include(interval, value, of_half_window, logarithmic):
    """Widens an interval by what half the window says, and by as much again."""
    if interval is None or math.isnan(of_half_window):
        return interval
    limit = of_half_window ** 2 / value if logarithmic else 2 * of_half_window - value
    reached = [each for each in (of_half_window, limit) if not math.isnan(each)]
    return [min(interval[0], *reached), max(interval[1], *reached)]


def judge_valley(rhos, errors, again, seeds, ratios, tolerances, choosing=None):
    """Returns what analysis::judge_valley returns, without the reasons; None stands for what is not judged, and "poor" for a
    model that does not fit. The caller applies the rule for too coarse a sweep, with the largest rise of a picked stepsize
    as "level".
    choosing: errors of the metric that chooses stepsizes, and their resamples; None: the reported metric chooses."""
    model = Model(rhos)
    errors, again = np.asarray(errors, float), np.reshape(again, (-1, len(rhos)))
    by, by_again = (errors, again) if choosing is None else (choosing[0], np.reshape(choosing[1], (-1, len(rhos))))
    first = model.valley(by)
    edge = first is not None and first.is_at_end and not first.fit.walls[int(first.log_rho > first.fit.lattice[0])]
    at_floor = any((each <= 0).any() for each in (errors, by, again, by_again))
    if first is None or model.valley(errors) is None or edge or at_floor:
        return None

    def valley_of(model, by, errors):
        own, reported = model.valley(by), model.valley(errors)
        if choosing is None or own is None or reported is None:
            return own if reported else None
        return ChosenValley(own, reported)

    narrow = Model(rhos, half_width=0.575, least_points=4)
    fits = [Misfit(model, narrow, *curve, seeds) for curve in ((by, by_again), (errors, again))[:1 if choosing is None else 2]]
    is_poor = lambda tolerance: any(fit.is_poor(tolerance) for fit in fits)
    valley, resampled = valley_of(model, by, errors), [valley_of(model, *each) for each in zip(by_again, again)]
    half = valley_of(narrow, by, errors) if any(fit.rounds_off_optimum() for fit in fits) else None

    def number(of, logarithmic=True):
        """@param of a valley's number"""
        value, values = of(valley), np.array([of(v) if v else math.nan for v in resampled])
        ci = seed_interval(values, seeds, logarithmic)
        return {"value": value, "again": values, "ci": include(ci, value, of(half), logarithmic) if half else ci}

    out = {"rho": number(lambda v: math.exp(v.log_rho)), "least": number(lambda v: v.least),
           "residual": model.residual(errors, 2.0), "grids": [], "advice": []}
    for ratio in ratios:
        found = valley.worst_and_mean(ratio)
        draws = max(1.0, math.log(rhos[-1] / rhos[0]) / math.log(ratio))
        mean, none = valley.random_search(rhos[0], rhos[-1], draws)
        row = {"ratio": ratio, "random_mean": mean, "random_all_diverge": none}
        if found:
            row["level"] = valley.level(ratio)
            row["poor"] = is_poor(max(row["level"], 0.1))
            row["quantiles"] = [float(cost) for cost in valley.cost_quantiles(ratio)]
            for i, key in enumerate(("worst", "mean")):
                cost = lambda v, i=i: (v.worst_and_mean(ratio) or (math.inf, math.inf))[i]
                row[key] = number(cost, choosing is None)  # may be negative if another metric chooses
                row[key + "_error"] = number(lambda v: v.least * (1 + cost(v)))
        out["grids"].append(row)
    for tolerance in tolerances:
        row = {"tolerance": tolerance}
        for key in ("worst_crossing", "mean_crossing"):
            crossing = lambda v: getattr(v, key)(tolerance)
            row[key] = number(crossing) if math.isfinite(crossing(valley)) else None
        if row["worst_crossing"] and row["worst_crossing"]["ci"]:
            row["worst_crossing"]["ci"][0] = max(1.0, row["worst_crossing"]["ci"][0])  # no grid is finer
        if row["worst_crossing"]:
            at = row["worst_crossing"]["value"] ** 2, half.worst_crossing(tolerance) ** 2 if half else None
            row["poor"] = is_poor(tolerance) or (half and not (at[1] < 2 * at[0] and at[0] < 2 * at[1]))
            row["level"] = tolerance if choosing is None else valley.level(row["worst_crossing"]["value"])
        out["advice"].append(row)
    return out


def honest_best(rhos, members, seeds, kind, counts, choosing=None):
    """Returns (rho, e, interval), or None. members: list of (seeds, rho), the e of each trial; choosing: the same for the
    metric that chooses rho, if it is another one."""
    model, n = Model(rhos), len(seeds)
    x = model.x
    if n < 2:
        return None
    folds = min(FOLDS, n)
    fold = np.empty(n, int)
    fold[np.argsort(seeds)] = np.arange(n) % folds
    members = [np.asarray(m, float) for m in members]
    worst = lambda which, of=members: np.max([statistic(kind, np.asarray(m, float)[which]) for m in of], axis=0)
    whole, chosen = worst(np.full(n, True)), []
    for k in range(folds):
        curve = worst(fold != k)
        valley, fit = model.valley(worst(fold != k, choosing or members)), model.fit(curve)
        if valley is None or not fit.ok:
            return None
        chosen.append((curve, fit, valley.log_rho, int(np.argmin(np.abs(x - valley.log_rho)))))
    usable = lambda curve, i: 0 <= i < len(x) and np.isfinite(whole[i]) and np.isfinite(curve[i]) and curve[i] > 0
    lags = [lag for lag in range(-len(x), len(x) + 1) if all(usable(c, near + lag) for c, _, _, near in chosen)]
    weights = dict.fromkeys(lags, 0.0)
    for k, (curve, _, log_rho, near) in enumerate(chosen):
        masked = np.where(np.isposinf(whole) | np.isposinf(curve), np.inf, np.nan)
        for lag in lags:
            masked[near + lag] = curve[near + lag]
        fit = Fit(x, *points_around_best(x, masked))
        if not fit.ok:
            return None
        for i, weight in zip(fit.points, fit.weights(log_rho)):
            weights[i - near] += weight * np.mean(fold == k)
    lags = [lag for lag in lags if weights[lag] != 0]
    w = np.array([weights[lag] for lag in lags])
    total, total_again = -np.inf, -np.inf
    for m in members:
        moved = np.empty((n, len(lags)))
        for s in range(n):
            curve, fit, log_rho, near = chosen[fold[s]]
            here = fit.log_at(curve, log_rho)
            moved[s] = [m[s, near + lag] * math.exp(here - fit.log_at(curve, x[near + lag])) for lag in lags]
        total = np.maximum(total, statistic(kind, moved))
        if len(counts):
            total_again = np.maximum(total_again, resampled_statistic(kind, moved, counts))
    again = np.where(np.isinf(total_again).any(axis=1), np.inf, np.where(np.isinf(total_again), 0, total_again) @ w) \
        if len(counts) else []
    return math.exp(np.mean([c[2] for c in chosen])), float(total @ w), seed_interval(again, n)
