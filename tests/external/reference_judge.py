"""Independent NumPy versions of the analysis of coarse grids, with intervals over the seeds, and of the cross-fitted
best.

Written from the definitions. e has the shape (members, rho), or (resamples, members, rho): inf where the statistic has
diverged, nan where a trial is missing. The worst is taken over the members; without a family there is one member.
"""

import functools
import math

import numpy as np
import scipy.stats
from reference_choice import ChosenValley
from reference_valley import Fit, Model, points_around_best

FOLDS, TRIMMED_SHARE, FEWEST_SEEDS, FEWEST_RESAMPLES = 8, 0.1, 3, 39
HALF_WINDOW = {"half_width": 0.575, "least_points": 4}
FACTORS = (0.25, 0.5, 2, 4, 16, 64)


def is_of_two_parts(values, low, high):
    """Returns whether a gap splits the middle 95 % of sorted values, values[low] to values[high], into two parts. The
    gap must exceed half the range of these values and, if all values are positive, a factor of 2. Otherwise it must
    exceed the absolute value of the median."""
    if np.isinf(values[high]):
        return False
    middle, far = values[low:high + 1], abs(values[len(values) // 2])
    if values[0] > 0:
        middle, far = np.log(middle), math.log(2)
    gap = np.diff(middle).max(initial=0)
    return gap > far and gap > (middle[-1] - middle[0]) / 2


@functools.cache
def widening(seeds):
    return scipy.stats.t(seeds - 1).ppf(0.975) / scipy.stats.norm.ppf(0.975) * math.sqrt(seeds / (seeds - 1))


def seed_interval(values, seeds, logarithmic=True):
    """Returns percentiles whose distances from the median are scaled by sqrt(n/(n-1)) and by the ratio of Student's
    quantile to the normal one. Returns None if there is no interval."""
    values = np.sort(np.asarray(values, float))
    rank = (len(values) + 1) // 40
    if seeds < FEWEST_SEEDS or rank < 1 or np.isnan(values).any() or is_of_two_parts(values, rank - 1, len(values) - rank):
        return None
    with np.errstate(divide="ignore"):
        values = np.log(values) if logarithmic else values
    middle = values[len(values) // 2]
    if middle == np.inf and np.isfinite(values).any():
        middle = values[np.isfinite(values)].max()
    ends = [end if np.isinf(end) or np.isinf(middle) else middle + widening(seeds) * (end - middle)
            for end in (values[rank - 1], values[-rank])]
    return [float(np.exp(end)) for end in ends] if logarithmic else [float(end) for end in ends]


def statistic(kind, values):
    """Returns the statistic over the first axis. kind: "mean", "trimmed" or the level of a quantile."""
    values = np.sort(np.asarray(values, float), axis=0)  # nan is sorted to the end
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
    """Returns the statistic of each resample, shape (resamples, columns), from values, shape (seeds, columns), and
    counts, shape (resamples, seeds). If a column lacks the value of a seed, the column's statistic is nan in every
    resample, even in those that do not draw the seed."""
    if kind == "mean" and np.isfinite(values).all():
        return counts @ values / len(values)
    found = np.array([statistic(kind, np.repeat(values, c.astype(int), axis=0)) for c in counts])
    return np.where(np.isnan(values).any(axis=0), np.nan, found.reshape(len(counts), values.shape[1]))


class Misfit:
    """Detects whether the model misfits a curve: it misses the points by more than noise explains, or it rounds off a
    kink at the optimum. A kink is rounded off if the model with half the window has a log e at the optimum that is
    lower by more than 0.01 and by more than some standard deviations. `rounding` contains a pair for the optimum of
    each of the two models: the difference in log e, and the same in standard deviations (nan if the noise is
    unknown)."""

    def __init__(self, model, narrow, errors, again, seeds):
        self.model, self.errors = model, errors
        spread = seeds / (seeds - 1) if seeds > 1 else math.nan
        self.at = model.residuals(errors)
        moved = np.array([(model.residuals(e) - self.at) ** 2 for e in again]).reshape(-1, errors.shape[-1])
        self.counts = np.isfinite(moved).sum(axis=0)
        self.squares = np.where(np.isfinite(moved), moved, 0).sum(axis=0) * spread
        places = [valley.log_rho for valley in (model.valley(errors), narrow.valley(errors)) if valley]
        self.rounding = [self.rounding_at(at, narrow, errors, again, spread) for at in places]

    def rounding_at(self, at, narrow, errors, again, spread):
        rounding = self.rounding_of(narrow, errors, at)
        shifts = np.array([self.rounding_of(narrow, e, at) for e in again]) - rounding
        shifts = shifts[~np.isnan(shifts)]
        noise = math.sqrt(np.mean(shifts ** 2) * spread) if len(shifts) else math.nan
        return rounding, rounding / noise if noise else math.copysign(math.inf, rounding)

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
        most = 0.5 * math.log1p(tolerance)
        if residual > most and residual > noise * (1 + 3 / math.sqrt(len(low))):
            return True
        return any(not deviations <= 4 and 2 * rounding > most for rounding, deviations in self.rounding if rounding > 0.01)

    def exceeds(self, deviations):
        """Returns whether the model with half the window has a log e at an optimum that is lower by more than 0.01 and
        by more than this number of standard deviations."""
        return any(rounding > 0.01 and found > deviations for rounding, found in self.rounding)


def beyond(half, whole, logarithmic):
    """Extrapolates from the values with the whole and with half the window. Returns 2 half - whole, or half²/whole if
    the scale is logarithmic."""
    half, whole = np.broadcast_arrays(np.asarray(half, float), np.asarray(whole, float))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        found = half ** 2 / whole if logarithmic else 2 * half - whole
    return np.where(np.isinf(half) | np.isinf(whole), half, found)


def include(interval, whole, half, seeds, logarithmic):
    """Widens an interval to include the value with half the window, and the value of beyond() with its own interval.
    whole, half: pairs (value, resamples) with the whole and with half the window."""
    if interval is None or math.isnan(half[0]):
        return interval
    limits = seed_interval(beyond(half[1], whole[1], logarithmic), seeds, logarithmic) or []
    reached = [each for each in (half[0], float(beyond(half[0], whole[0], logarithmic)), *limits) if not math.isnan(each)]
    return [min(interval[0], *reached), max(interval[1], *reached)]


def is_at_edge(rhos, by, errors):
    """Returns whether the optimum of a curve lies at an end of the sweep beyond which nothing has diverged.
    by: errors of the metric that chooses stepsizes"""
    model = Model(rhos)
    valley = model.valley(by)
    if valley is None or model.valley(errors) is None or valley.rise.max() <= 1e-9:
        return False
    return valley.is_at_end and not valley.fit.walls[int(valley.log_rho > valley.fit.lattice[0])]


def judge_valley(rhos, errors, again, seeds, ratios, tolerances, choosing=None):
    """Returns the result of analysis::judge_valley without the reasons. None means not judged; "poor" means that the
    model does not fit. From "level", the largest rise of a picked stepsize, the caller tells if the sweep is too
    coarse.
    choosing: errors of the metric that chooses stepsizes, and their resamples; None: the reported metric chooses."""
    model = Model(rhos)
    members = lambda curves: np.reshape(curves, (-1, np.shape(curves)[-2], len(rhos)))
    again = members(again)
    by, by_again = (errors, again) if choosing is None else (choosing[0], members(choosing[1]))
    first = model.valley(by)
    at_floor = any((each.max(axis=-2) <= 0).any() for each in (errors, by, again, by_again))
    if first is None or model.valley(errors) is None or at_floor or first.rise.max() <= 1e-9:
        return None
    if is_at_edge(rhos, by, errors):
        return None

    def valley_of(model, by, errors):
        own, reported = model.valley(by), model.valley(errors)
        if choosing is None or own is None or reported is None:
            return own if reported else None
        return ChosenValley(own, reported)

    narrow = Model(rhos, **HALF_WINDOW)
    fits = [Misfit(model, narrow, *curve, seeds) for curve in ((by, by_again), (errors, again))[:1 if choosing is None else 2]]
    is_poor = lambda tolerance: any(fit.is_poor(tolerance) for fit in fits)
    valley, resampled = valley_of(model, by, errors), [valley_of(model, *each) for each in zip(by_again, again)]
    half, half_again = None, []
    if any(fit.exceeds(1) for fit in fits):
        half, half_again = valley_of(narrow, by, errors), [valley_of(narrow, *each) for each in zip(by_again, again)]
    is_certain = any(fit.exceeds(4) for fit in fits)
    each_of = lambda of, valleys: np.array([of(v) if v else math.nan for v in valleys])

    def number(of, logarithmic=True):
        """Returns value, resamples and interval of the number that the function `of` computes from a valley."""
        value, values = of(valley), each_of(of, resampled)
        ci = seed_interval(values, seeds, logarithmic)
        if math.isnan(value):
            return {"value": value, "again": values, "ci": None}
        if half:
            ci = include(ci, (value, values), (of(half), each_of(of, half_again)), seeds, logarithmic)
        return {"value": value, "again": values, "ci": ci}

    def cost_number(of):
        """Returns value, resamples and interval of a cost. Unlike number(), it widens the interval of 1 + cost, on a
        logarithmic scale."""
        value, values = of(valley), each_of(of, resampled)
        ci = seed_interval(values, seeds, choosing is None)  # may be negative if another metric chooses
        if half and ci:
            ci = include([1 + end for end in ci], (1 + value, 1 + values), (1 + of(half), 1 + each_of(of, half_again)), seeds,
                         True)
            ci = [max(ci[0] - 1, 0.0 if choosing is None else -math.inf), ci[1] - 1]
        return {"value": value, "again": values, "ci": ci}

    out = {"rho": number(lambda v: math.exp(v.log_rho)), "least": number(lambda v: v.least),
           "residual": model.residual(errors, 2.0), "grids": [], "advice": [], "may_round": half is not None,
           "costs": [number(lambda v, factor=factor: v.cost_at(v.log_rho + math.log(factor))) for factor in FACTORS]}
    for ratio in ratios:
        costs_of = functools.cache(lambda v: v.worst_and_mean(ratio))
        found = costs_of(valley)
        draws = math.log(rhos[-1] / rhos[0]) / math.log(ratio)
        row = {"ratio": ratio, "random_mean": None, "random_all_diverge": None}
        if draws >= 1:
            row["random_mean"], row["random_all_diverge"] = valley.random_search(rhos[0], rhos[-1], draws)
        if row["random_mean"] is not None:
            row["random_poor"] = is_poor(max(row["random_mean"], 0.1))
        if found:
            row["level"] = valley.level(ratio)
            row["poor"] = is_poor(max(row["level"], 0.1))
            row["quantiles"] = [float(cost) for cost in valley.cost_quantiles(ratio)]
            for i, key in enumerate(("worst", "mean")):
                cost = lambda v, i=i: (costs_of(v) or (math.inf, math.inf))[i]
                row[key] = cost_number(cost)
                row[key + "_error"] = number(lambda v: v.least * (1 + cost(v)))
        out["grids"].append(row)
    for tolerance in tolerances:
        row = {"tolerance": tolerance}
        for key in ("worst_crossing", "mean_crossing"):
            crossing = lambda v: getattr(v, key)(tolerance)
            row[key] = number(crossing) if math.isfinite(crossing(valley)) else None
            if row[key] and row[key]["ci"]:
                row[key]["ci"][0] = max(1.0, row[key]["ci"][0])  # no grid has a ratio below 1
        if row["worst_crossing"]:
            at = row["worst_crossing"]["value"] ** 2, half.worst_crossing(tolerance) ** 2 if half else None
            row["poor"] = is_poor(tolerance) or (is_certain and not (at[1] < 2 * at[0] and at[0] < 2 * at[1]))
            row["level"] = tolerance if choosing is None else valley.level(row["worst_crossing"]["value"])
        out["advice"].append(row)
    return out


def active_members(log_e, log_rho, step):
    """Returns two pairs (member, share). At a minimum where two members cross, the members are the worst ones at
    log_rho - step and at log_rho + step, and their shares make the slopes of their log e cancel. Elsewhere both members
    are the worst one at log_rho, with a share of 1/2."""
    below, at, above = (log_e(log_rho + k * step) for k in (-1, 0, 1))
    members = [int(np.argmax(below)), int(np.argmax(above))]
    slopes = above - below
    if members[0] != members[1] and slopes[members[0]] < 0 < slopes[members[1]]:
        shares = np.abs(slopes[members[::-1]])
        return list(zip(members, shares / shares.sum()))
    return [(int(np.argmax(at)), 0.5)] * 2


def cross_fitted(rhos, members, seeds, kind, counts, choosing, window):
    """Returns the cross-fitted best as (rho, e, resampled e), or None. Each part of the seeds, a fold, is evaluated at
    the rho that the other seeds choose."""
    model, n = Model(rhos, **window), len(seeds)
    x = model.x
    folds = min(FOLDS, n)
    fold = np.empty(n, int)
    fold[np.argsort(seeds)] = np.arange(n) % folds
    members = np.array(members, float)  # (members, seeds, rho)
    curves = lambda which, of=members: np.array([statistic(kind, m[which]) for m in np.asarray(of, float)])
    whole, chosen = curves(np.full(n, True)).max(axis=0), []
    for k in range(folds):
        errors = curves(fold != k)
        valley, fit = model.valley(curves(fold != k, choosing) if choosing else errors), model.fit(errors)
        if valley is None or not fit.ok:
            return None
        logs = fit.logs(errors)
        log_e = lambda at, fit=fit, logs=logs: logs @ fit.weights(at)
        apart = np.abs(x - valley.log_rho)
        near = int(np.argmax(apart <= apart.min() + 1e-9))  # the lower of two points at the same distance
        chosen.append((errors.max(axis=0), valley.log_rho, near,
                       active_members(log_e, valley.log_rho, fit.lattice[1] - fit.lattice[0]), log_e))
    usable = lambda curve, i: 0 <= i < len(x) and np.isfinite(whole[i]) and np.isfinite(curve[i]) and curve[i] > 0
    lags = [lag for lag in range(-len(x), len(x) + 1) if all(usable(c, near + lag) for c, _, near, _, _ in chosen)]
    weights = dict.fromkeys(lags, 0.0)
    for k, (curve, log_rho, near, _, _) in enumerate(chosen):
        masked = np.where(np.isposinf(whole) | np.isposinf(curve), np.inf, np.nan)
        for lag in lags:
            masked[near + lag] = curve[near + lag]
        fit = Fit(x, *points_around_best(x, masked), **window)
        if not fit.ok:
            return None
        for i, weight in zip(fit.points, fit.weights(log_rho)):
            weights[i - near] += weight * np.mean(fold == k)
    lags = [lag for lag in lags if weights[lag] != 0]
    w = np.array([weights[lag] for lag in lags])
    found, again = 0.0, 0.0
    for side in (0, 1):
        moved = np.empty((n, len(lags)))
        for s in range(n):
            _, log_rho, near, active, log_e = chosen[fold[s]]
            member = active[side][0]
            moved[s] = [members[member, s, near + lag] * math.exp((log_e(log_rho) - log_e(x[near + lag]))[member])
                        for lag in lags]
        share = np.mean([chosen[fold[s]][3][side][1] for s in range(n)])
        found = found + share * statistic(kind, moved)
        if len(counts):
            again = again + share * resampled_statistic(kind, moved, counts)
    smoothed = lambda e: math.inf if np.isinf(e).any() else math.exp(np.log(e) @ w) if (e > 0).all() else math.nan
    return math.exp(np.mean([c[1] for c in chosen])), smoothed(found), np.array([smoothed(e) for e in again] if len(counts) else [])


def honest_best(rhos, members, seeds, kind, counts, may_round, choosing=None):
    """Returns (rho, e, interval), or None. members: for each member, the e of its trials, shape (seeds, rho); choosing:
    the same for the metric that chooses rho, if this is another metric; may_round: whether the interval must include
    the value with half the window."""
    found = cross_fitted(rhos, members, seeds, kind, counts, choosing, {}) if len(seeds) > 1 else None
    if found is None:
        return None
    if math.isnan(found[1]):
        return None
    ci = seed_interval(found[2], len(seeds))
    half = cross_fitted(rhos, members, seeds, kind, counts, choosing, HALF_WINDOW) if may_round else None
    if half and not math.isnan(half[1]):
        ci = include(ci, found[1:], half[1:], len(seeds), True)
    if len(seeds) < FEWEST_SEEDS or len(counts) < FEWEST_RESAMPLES:
        return *found[:2], ci
    outside = lambda e: 1.001 * e < ci[0] or e > 1.001 * ci[1]
    if ci is None or outside(found[1]) or any(outside(e) for e in without_folds(rhos, members, seeds, kind, choosing)):
        return None
    return *found[:2], [min(ci[0], found[1]), max(ci[1], found[1])]


def without_folds(rhos, members, seeds, kind, choosing):
    """Yields, for each fold, the e of cross_fitted() without the fold's seeds, if there is one."""
    fold = np.empty(len(seeds), int)
    fold[np.argsort(seeds)] = np.arange(len(seeds)) % min(FOLDS, len(seeds))
    rows = lambda costs, kept: costs and [np.asarray(m)[kept] for m in costs]
    for k in range(fold.max() + 1):
        kept = fold != k
        found = cross_fitted(rhos, rows(members, kept), np.asarray(seeds)[kept], kind, [], rows(choosing, kept), {})
        if found and not math.isnan(found[1]):
            yield found[1]
