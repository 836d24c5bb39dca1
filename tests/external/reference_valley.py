"""Independent NumPy versions of the analysis' numbers of coarse grids: the smooth model of log e against log rho, the
cross-fitted best, costs of grids, crossing ratios, random search and their intervals.

Written from the definitions: weights come from least squares (np.linalg.pinv); the worst cost of a grid of spacing L is the level
whose sublevel set is L wide, its mean cost the mean over that set (of curves with several dips: a dense scan of the
offsets). So costs and mean crossings agree with the program's up to the resolution of its lattice (about 1e-3), the fit,
the worst crossings and the cross-fitted best up to rounding.

e has the shape (rho), or (resamples, rho): inf where the statistic has diverged, nan where a trial is missing.
"""

import math

import numpy as np
import scipy.stats

HALF_WIDTH, LEAST_POINTS, LATTICE_POINTS = 1.15, 6, 8
FOLDS, TRIMMED_SHARE, COARSEST_STEP = 8, 0.1, 1.6
OFFSETS = 1000


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
    """values: (seeds, columns), counts: (resamples, seeds). @return (resamples, columns)"""
    if kind == "mean" and np.isfinite(values).all():
        return counts @ values / len(values)
    return np.array([statistic(kind, np.repeat(values, c.astype(int), axis=0)) for c in counts])


class Fit:
    """The model's weights for one set of points."""

    def __init__(self, x, errors):
        finite = np.isfinite(errors) & (errors > 0)
        self.ok = False
        if not finite.any():
            return
        best = int(np.argmin(np.where(finite, errors, np.inf)))
        walls = np.flatnonzero(np.isposinf(errors))
        begin = max([i + 1 for i in walls if i < best], default=0)
        end = min([i for i in walls if i > best], default=len(x))
        self.points = np.array([i for i in range(begin, end) if finite[i]])
        if len(self.points) < 4:
            return
        self.ok, self.x, self.size = True, x[self.points], len(x)
        self.walls = (begin > 0, end < len(x))
        width = self.x[-1] - self.x[0]
        steps = math.ceil(width / np.diff(self.x).min() * LATTICE_POINTS - 1e-6)
        self.lattice = self.x[0] + np.arange(steps + 1) * (width / steps)
        self.at_lattice = np.array([self.weights(at) for at in self.lattice])
        self.at_points = np.array([self.weights(at) for at in self.x])

    def weights(self, at):
        """(points): of log e, for the value of the local quadratic."""
        distance = np.abs(self.x - at)
        half_width = max(HALF_WIDTH, 1.1 * np.sort(distance)[min(LEAST_POINTS, len(distance)) - 1])
        root = np.sqrt(np.clip(1 - (distance / half_width) ** 3, 0, None) ** 3)
        t = (self.x - at) / half_width
        return np.linalg.pinv(root[:, None] * np.vander(t, 3, increasing=True))[0] * root

    def log_at(self, errors, at):
        return float(self.weights(at) @ np.log(errors[self.points]))


class Valley:
    """The model of one curve: `rise` is e over its least value, minus 1, linear between lattice points."""

    def __init__(self, fit, logs):
        values = fit.at_lattice @ logs
        best = int(np.argmin(values))
        self.fit, self.at, self.step = fit, fit.lattice, fit.lattice[1] - fit.lattice[0]
        self.is_at_end = best in (0, len(values) - 1)
        shift = 0.0
        if not self.is_at_end:
            a, b, c = values[best - 1:best + 2]
            shift = 0.5 * (a - c) / (a - 2 * b + c) if a - 2 * b + c > 0 else 0.0
        self.log_rho = self.at[0] + (best + shift) * self.step
        self.table = None
        self.least, self.rise = math.exp(values[best]), np.expm1(values - values[best])

    def encloses(self, level):
        return all(wall or end > level for wall, end in zip(self.fit.walls, (self.rise[0], self.rise[-1])))

    def spans(self, level):
        """Where the rise is at most the level: (begin, end) in log rho."""
        low = self.rise <= level
        ends = []
        for i in np.flatnonzero(low[1:] != low[:-1]):
            share = (level - self.rise[i]) / (self.rise[i + 1] - self.rise[i])
            ends.append(self.at[i] + share * self.step)
        ends = ([self.at[0]] if low[0] else []) + ends + ([self.at[-1]] if low[-1] else [])
        return list(zip(ends[::2], ends[1::2]))

    def best_of_grids(self, spacing, offsets=OFFSETS):
        """(offsets + 1): rise of the best point of each grid; inf if none lies on the lattice."""
        starts = self.at[0] + np.linspace(0, spacing, offsets + 1)
        count = int((self.at[-1] - self.at[0]) / spacing) + 2
        places = starts[:, None] + np.arange(count) * spacing
        return np.interp(places, self.at, self.rise, right=np.inf).min(axis=1)

    def single_dip(self):
        """(levels), the widths of their sublevel sets and the mean rise over these; None with several dips."""
        best = int(np.argmin(self.rise))
        below, above = self.rise[best::-1], self.rise[best:]
        if self.table is not None or (np.diff(above) < 0).any() or (np.diff(below) < 0).any():
            return self.table
        levels = np.unique(np.concatenate([self.rise, np.linspace(0, min(20, self.rise.max()), 2001)]))
        widths = np.interp(levels, above, self.at[best:]) - np.interp(levels, below, self.at[best::-1])
        integral = np.concatenate([[0], np.cumsum(np.diff(widths) * (levels[1:] + levels[:-1]) / 2)])
        self.table = levels, widths, integral / np.maximum(widths, 1e-12)
        return self.table

    def worst_and_mean(self, ratio):
        """None if not judged."""
        spacing = math.log(ratio)
        if spacing > self.at[-1] - self.at[0]:
            return None if not all(self.fit.walls) else (math.inf, math.inf)
        if table := self.single_dip():
            levels, widths, means = table
            worst, mean = np.interp(spacing, widths, levels), np.interp(spacing, widths, means)
        else:
            best = self.best_of_grids(spacing, max(OFFSETS, math.ceil(100 * spacing / self.step)))
            worst, mean = best.max(), (best[1:] + best[:-1]).mean() / 2
        return (float(worst), float(mean)) if self.encloses(worst) else None

    def cost_quantiles(self, ratio):
        """Rise of the best point that shares 0, 1/4, 1/2, 3/4 and 1 of the offsets stay within."""
        spacing = math.log(ratio)
        offsets = 4000
        return np.quantile(self.best_of_grids(spacing, offsets)[:-1], (0, 0.25, 0.5, 0.75, 1))

    def worst_crossing(self, level):
        """inf if not judged."""
        if not self.encloses(level):
            return math.inf
        widths = [end - begin for begin, end in self.spans(level)]
        width = max(widths)
        if len(widths) > 1:  # further dips can help
            while width < sum(widths) and self.best_of_grids(width + 0.2 * self.step, 2000).max() <= level:
                width += 0.2 * self.step
        return math.exp(width)

    def mean_crossing(self, level):
        """inf if not judged. Of a single dip a grid with spacing L has the mean rise over the sublevel set of width L."""
        if table := self.single_dip():
            levels, widths, means = table
            above = np.flatnonzero(means > level)
            if not len(above):
                return math.inf
            i = above[0]
            share = (level - means[i - 1]) / (means[i] - means[i - 1])
            width, worst = (values[i - 1] + share * (values[i] - values[i - 1]) for values in (widths, levels))
            return math.exp(width) if self.encloses(worst) else math.inf
        spacing = math.log(self.worst_crossing(level)) if self.encloses(level) else self.step
        last = self.at[-1] - self.at[0]
        mean = lambda s: (lambda b: (b[1:] + b[:-1]).mean() / 2)(self.best_of_grids(s))
        before, here = 0.0, mean(spacing)
        while spacing + self.step < last and here <= level:
            spacing += self.step
            before, here = here, mean(spacing)
        if here > level > before:
            spacing -= self.step * (here - level) / (here - before)
        if here <= level:
            return math.inf
        return math.exp(spacing) if self.encloses(self.best_of_grids(spacing).max()) else math.inf

    def random_search(self, low, high, draws):
        """Expectation of the best of the draws, given that not all diverge, and the probability that all do."""
        first, last = math.log(low), math.log(high)
        if (first < self.at[0] - 1e-6 and not self.fit.walls[0]) or (last > self.at[-1] + 1e-6 and not self.fit.walls[1]):
            return None, None
        begin, end = max(first, self.at[0]), min(last, self.at[-1])
        places = begin + (np.arange(20000) + 0.5) / 20000 * (end - begin)
        rises = np.sort(np.interp(places, self.at, self.rise))
        share = (end - begin) / (last - first)
        survival = np.clip(1 - share * np.arange(20001) / 20000, 0, None) ** draws
        none = float(survival[-1])
        return float(rises @ (survival[:-1] - survival[1:]) / (1 - none)), none


class Model:
    """All curves over one grid; fits of the same points share their weights."""

    def __init__(self, rhos):
        self.x, self.fits = np.log(np.asarray(rhos, float)), {}

    def fit(self, errors):
        key = (np.isfinite(errors) & (errors > 0), np.isposinf(errors), np.nanargmin(errors) if np.isfinite(
            errors).any() else -1)
        key = (key[0].tobytes(), key[1].tobytes(), key[2] if key[1].any() else 0)
        if key not in self.fits:
            self.fits[key] = Fit(self.x, errors)
        return self.fits[key]

    def valley(self, errors):
        """None without a model."""
        fit = self.fit(errors)
        return Valley(fit, np.log(errors[fit.points])) if fit.ok else None

    def residual(self, errors, level):
        """Leave-one-out, root mean square over the points where the model lies at most `level` above its least."""
        valley = self.valley(errors)
        fit, logs = valley.fit, np.log(errors[valley.fit.points])
        fitted = fit.at_points @ logs
        left_out = (logs - fitted) / (1 - np.diag(fit.at_points))
        low = fitted <= math.log(valley.least) + math.log1p(level)
        return float(np.sqrt(np.mean(left_out[low] ** 2))) if low.any() else None


    def coarsest_step(self, errors, level):
        """Largest ratio of neighbours, of which one lies where the model is at most `level` above its least."""
        valley = self.valley(errors)
        fit = valley.fit
        low = fit.at_points @ np.log(errors[fit.points]) <= math.log(valley.least) + math.log1p(level)
        gaps = np.diff(fit.x)[low[1:] | low[:-1]]
        return math.exp(gaps.max()) if len(gaps) else 0.0


def judge_valley(rhos, errors, again, seeds, ratios, tolerances):
    """@return what analysis::judge_valley says, without the reasons; None for what is not judged. The rules of a poor fit
    and of too coarse a sweep are left to the caller: "steps" and "residuals" hold what they look at."""
    model = Model(rhos)
    errors, again = np.asarray(errors, float), np.reshape(again, (-1, len(rhos)))
    valley = model.valley(errors)
    edge = valley is not None and valley.is_at_end and not valley.fit.walls[int(valley.log_rho > valley.at[0])]
    if valley is None or edge or (errors <= 0).any():
        return None
    resampled = [model.valley(e) for e in again]
    number = lambda value, values: {"value": value, "ci": seed_interval(values, seeds), "again": np.asarray(values)}
    out = {"rho": number(math.exp(valley.log_rho), [math.exp(v.log_rho) if v else math.nan for v in resampled]),
           "least": number(valley.least, [v.least if v else math.nan for v in resampled]),
           "residual": model.residual(errors, 2.0), "grids": [], "advice": []}
    for ratio in ratios:
        found = valley.worst_and_mean(ratio)
        draws = max(1.0, math.log(rhos[-1] / rhos[0]) / math.log(ratio))
        mean, none = valley.random_search(rhos[0], rhos[-1], draws)
        row = {"ratio": ratio, "random_mean": mean, "random_all_diverge": none}
        if found:
            costs = np.array([(v.worst_and_mean(ratio) or (math.inf, math.inf)) if v else (math.nan, math.nan)
                              for v in resampled]).reshape(-1, 2)
            leasts = np.array([v.least if v else math.nan for v in resampled])
            row["quantiles"] = [float(cost) for cost in valley.cost_quantiles(ratio)]
            for i, key in enumerate(("worst", "mean")):
                row[key] = number(found[i], costs[:, i])
                row[key + "_error"] = number(valley.least * (1 + found[i]), leasts * (1 + costs[:, i]))
        out["grids"].append(row)
    for tolerance in tolerances:
        row = {"tolerance": tolerance}
        for key in ("worst_crossing", "mean_crossing"):
            value = getattr(valley, key)(tolerance)
            row[key] = number(value, [getattr(v, key)(tolerance) if v else math.nan for v in resampled]) \
                if math.isfinite(value) else None
        out["advice"].append(row)
    return out


def honest_best(rhos, members, seeds, kind, counts):
    """members: list of (seeds, rho), e of each trial. @return (rho, e, interval), or None"""
    model, n = Model(rhos), len(seeds)
    x = model.x
    if n < 2:
        return None
    folds = min(FOLDS, n)
    fold = np.empty(n, int)
    fold[np.argsort(seeds)] = np.arange(n) % folds
    members = [np.asarray(m, float) for m in members]
    worst = lambda which: np.max([statistic(kind, m[which]) for m in members], axis=0)
    whole, chosen = worst(np.full(n, True)), []
    for k in range(folds):
        curve = worst(fold != k)
        valley = model.valley(curve)
        if valley is None:
            return None
        chosen.append((curve, valley.fit, valley.log_rho, int(np.argmin(np.abs(x - valley.log_rho)))))
    usable = lambda curve, i: 0 <= i < len(x) and np.isfinite(whole[i]) and np.isfinite(curve[i]) and curve[i] > 0
    lags = [lag for lag in range(-len(x), len(x) + 1) if all(usable(c, near + lag) for c, _, _, near in chosen)]
    weights = dict.fromkeys(lags, 0.0)
    for k, (curve, _, log_rho, near) in enumerate(chosen):
        masked = np.where(np.isposinf(whole) | np.isposinf(curve), np.inf, np.nan)
        for lag in lags:
            masked[near + lag] = curve[near + lag]
        fit = Fit(x, masked)
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
