"""Independent NumPy versions of the analysis of coarse grids: the smooth model of log e against log rho, costs of
grids, crossing ratios and random search.

Written from the definitions: weights come from least squares (np.linalg.pinv). Costs of grids are exact for the curve
that interpolates the model linearly between lattice points.

e has the shape (rho), or (members, rho) for a family, whose worst member counts. It is inf where the statistic has
diverged and nan where a trial is missing.
"""

import copy
import functools
import math

import numpy as np
import scipy.optimize

HALF_WIDTH, LEAST_POINTS, LATTICE_POINTS = 1.15, 6, 8
STEEPEST = 8  # the largest exponent p with which the model may rise as rho^p
LEAST_SHARE = 1e-3  # a member's e counts as at least this much of the worst member's
MOST_LOG_RISE = 600  # caps the model's rise, as in the program


def points_around_best(x, errors):
    """Returns the finite points between the nearest diverged points below and above the best one, and, for each side,
    whether there is a diverged point."""
    finite = np.isfinite(errors) & (errors > 0)
    if not finite.any():
        return np.array([], int), (False, False)
    best = int(np.argmin(np.where(finite, errors, np.inf)))
    walls = np.flatnonzero(np.isposinf(errors))
    begin = max([i + 1 for i in walls if i < best], default=0)
    end = min([i for i in walls if i > best], default=len(x))
    # Above the best point, trials beyond a jump count as diverged although their final numbers are finite.
    inner = [i for i in range(best, end) if finite[i]]
    end = min([b for a, b in zip(inner, inner[1:])
               if math.log(errors[b]) - math.log(errors[a]) > STEEPEST * (x[b] - x[a]) + math.log(2)], default=end)
    return np.array([i for i in range(begin, end) if finite[i]], int), (begin > 0, end < len(x))


class Fit:
    """The smooth model of log e on one set of points. Its value at any place is a weighted sum of the points' log e."""

    def __init__(self, x, points, walls, half_width=HALF_WIDTH, least_points=LEAST_POINTS):
        self.ok, self.points, self.walls = len(points) >= 4, points, walls
        self.half_width, self.least_points = half_width, least_points
        self.weights = functools.cache(self.weights)  # every resample evaluates the model at the same places
        if not self.ok:
            return
        self.x, self.size = x[self.points], len(x)
        width = self.x[-1] - self.x[0]
        steps = min(math.ceil(width / np.diff(self.x).min() * LATTICE_POINTS - 1e-6), 4000)
        self.lattice = self.x[0] + np.arange(steps + 1) * (width / steps)

    @functools.cached_property
    def at_lattice(self):
        return self.weights_at(self.lattice)

    @functools.cached_property
    def at_points(self):
        return self.weights_at(self.x)

    def weights(self, at):
        """Returns the weights w, shape (points), such that w · log e is the local quadratic's value at `at`."""
        return self.weights_at(np.array([at]))[0]

    def weights_at(self, places):
        """Returns the weights for several places, shape (places, points)."""
        distance = np.abs(self.x - places[:, None])
        nearest = np.sort(distance)[:, min(self.least_points, len(self.x)) - 1]
        half_width = np.maximum(self.half_width, 1.1 * nearest)[:, None]
        root = np.sqrt(np.clip(1 - (distance / half_width) ** 3, 0, None) ** 3)
        t = (self.x - places[:, None]) / half_width
        return np.linalg.pinv(root[:, :, None] * t[:, :, None] ** np.arange(3))[:, 0] * root

    def logs(self, errors):
        """Returns log e at the model's points, shape (members, points)."""
        errors = np.atleast_2d(errors)[:, self.points]
        return np.log(np.maximum(errors, LEAST_SHARE * errors.max(axis=0)))

    def log_at(self, errors, at):
        """Returns the model's log e at `at`, for the member that is the worst there."""
        return float((self.logs(errors) @ self.weights(at)).max())


def kinks(values):
    """Returns the kinks that the maximum of piecewise linear curves has between lattice points: their positions, in
    steps of the lattice, and the values there. values: the curves, shape (members, lattice)"""
    a, b = np.triu_indices(len(values), 1)
    gaps = values[a] - values[b]
    crossing = gaps[:, :-1] * gaps[:, 1:] < 0
    pair, step = np.nonzero(crossing)
    shares = gaps[pair, step] / (gaps[pair, step] - gaps[pair, step + 1])
    heights = values[:, step] + shares * (values[:, step + 1] - values[:, step])
    of_pair = heights[a[pair], np.arange(len(pair))]
    on_top = of_pair >= heights.max(axis=0, initial=-np.inf) - 1e-12 * (1 + np.abs(of_pair))
    return (step + shares)[on_top], of_pair[on_top]


def lower_envelopes(first, last, widths):
    """Returns the lower envelope of each row's lines as pieces like those of Valley.envelope. first, last: values of
    the lines at both ends of the row's width, shape (rows, lines)"""
    # Lines that are everywhere above another line are left out. Rows with fewer lines repeat their lowest line.
    low = np.minimum(first, last)
    kept = low <= np.maximum(first, last).min(axis=1, keepdims=True)
    order = np.argsort(np.where(kept, low, np.inf), axis=1)[:, :kept.sum(axis=1).max(initial=1)]
    order = np.where(np.take_along_axis(kept, order, axis=1), order, order[:, :1])
    first, last = np.take_along_axis(first, order, axis=1), np.take_along_axis(last, order, axis=1)
    a, b = np.triu_indices(order.shape[1], 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        meets = (first[:, b] - first[:, a]) / (first[:, b] - first[:, a] - last[:, b] + last[:, a])
    meets = np.sort(np.clip(np.nan_to_num(meets, posinf=0, neginf=0), 0, 1), axis=1)
    ends = np.zeros((len(first), 1)), np.ones((len(first), 1))
    shares = np.hstack([ends[0], meets, ends[1]])[:, :, None]
    least = np.maximum((first[:, None] * (1 - shares) + last[:, None] * shares).min(axis=2), 0)
    widths = np.diff(shares[:, :, 0], axis=1) * widths[:, None]
    return np.stack([least[:, :-1].ravel(), least[:, 1:].ravel(), widths.ravel()], axis=1)


class Valley:
    """The model of one curve: `rise` is e divided by its minimum, minus 1, linear between lattice points.

    Each grid of a given spacing picks its lowest point. Over all offsets (places where a grid may begin), the picked
    points cover a length of one spacing. If the sublevel set of that width is an interval, the picked points are this
    set. Otherwise they follow from the lower envelope of the curves shifted by multiples of the spacing, with the
    intersections of all pairs of lines."""

    def __init__(self, fit, logs):
        """logs: log e, shape (members, points). The model of a family is the largest of the members' models."""
        members = logs @ fit.at_lattice.T
        values = members.max(axis=0)
        lowest = values.min()
        members = np.expm1(np.minimum(members - lowest, MOST_LOG_RISE))
        bends, heights = kinks(members)
        self.fit, self.step = fit, fit.lattice[1] - fit.lattice[0]
        steps = np.concatenate([np.arange(len(values)), bends])
        order = np.argsort(steps)
        rise = np.concatenate([members.max(axis=0), heights])[order]
        self.at, on_lattice = (steps * self.step)[order], order < len(values)
        best = int(np.argmin(rise))
        self.is_at_end = best in (0, len(rise) - 1)
        shift = 0.0
        if not self.is_at_end and on_lattice[best - 1:best + 2].all():
            middle = order[best]
            a, b, c = values[middle - 1:middle + 2]
            shift = 0.5 * (a - c) / (a - 2 * b + c) if a - 2 * b + c > 0 else 0.0
        self.log_rho = fit.lattice[0] + self.at[best] + shift * self.step
        self.least, self.rise = math.exp(lowest) * (1 + rise[best]), (rise - rise[best]) / (1 + rise[best])
        self.set_dip(best)

    def with_knots(self, places):
        """Returns the same curve with additional knots."""
        other = copy.copy(self)
        other.at = np.sort(np.concatenate([self.at, places]))
        other.rise = np.interp(other.at, self.at, self.rise)
        other.set_dip(int(np.argmin(other.rise)))
        return other

    def cost_at(self, log_rho):
        """Returns e at log_rho divided by e at the optimum; nan beyond the ends."""
        place = log_rho - self.fit.lattice[0]
        return float(np.interp(place, self.at, 1 + self.rise, left=np.nan, right=np.nan))

    def set_dip(self, best):
        """Describes the dip, the part that rises on both sides of the optimum: for each level, the width of the
        sublevel set and the integral of the rise over it. They are valid up to `limit`, the least rise at any rho
        outside the dip."""
        up, down = np.diff(self.rise[best:]) <= 0, np.diff(self.rise[best::-1]) <= 0
        right = best + (int(np.argmax(up)) if up.any() else len(up))
        left = best - (int(np.argmax(down)) if down.any() else len(down))
        self.limit = min(self.rise[:left].min(initial=np.inf), self.rise[right + 1:].min(initial=np.inf))
        self.levels = np.unique(self.rise[left:right + 1])
        self.widths = np.interp(self.levels, self.rise[best:right + 1], self.at[best:right + 1]) \
            - np.interp(self.levels, self.rise[best:left - 1 if left else None:-1], self.at[best:left - 1 if left else None:-1])
        self.areas = np.concatenate([[0], np.cumsum(np.diff(self.widths) * (self.levels[1:] + self.levels[:-1]) / 2)])

    def encloses(self, level):
        return all(wall or end > level for wall, end in zip(self.fit.walls, (self.rise[0], self.rise[-1])))

    def envelope(self, spacing):
        """Returns the least rise of a grid as a function of its offset, in pieces of shape (pieces, 3): rise at both
        ends of each piece, and its width."""
        # Rounding may split a kink into two. The piece between them has almost no width, which does no harm.
        kinks = np.sort(np.concatenate([np.mod(self.at, spacing), [0, spacing]]))
        starts, ends = kinks[:-1, None], kinks[1:, None]
        shifts = np.arange(int(self.at[-1] / spacing) + 2) * spacing
        middles = (starts + ends) / 2 + shifts
        piece = np.clip(np.searchsorted(self.at, middles) - 1, 0, len(self.at) - 2)
        slope = (np.diff(self.rise) / np.diff(self.at))[piece]
        first, last = (self.rise[piece] + slope * (places + shifts - self.at[piece]) for places in (starts, ends))
        outside = middles > self.at[-1]
        first[outside], last[outside] = np.inf, np.inf
        # A straight line that is the lowest at both ends of a piece is the lowest everywhere in the piece.
        lowest, rows = first.argmin(axis=1), np.arange(len(first))
        is_one = lowest == last.argmin(axis=1)
        one = (rows[is_one], lowest[is_one])
        widths = (ends - starts)[:, 0]
        pieces = np.stack([np.maximum(first[one], 0), np.maximum(last[one], 0), widths[is_one]], axis=1)
        several = ~is_one
        return np.concatenate([pieces, lower_envelopes(first[several], last[several], widths[several])])

    def rough_means(self, spacings):
        """Returns the mean rises by the midpoint rule, which is off by less than 1 % where the rises are moderate."""
        places = (np.arange(64)[:, None] + 0.5) / 64 + np.arange(int(self.at[-1] / spacings.min()) + 2)
        places = places * spacings[:, None, None]
        return np.interp(places, self.at, self.rise, right=np.inf).min(axis=2).mean(axis=1)

    def dip_at(self, spacing):
        """Returns the level and the area of the sublevel set of this width; None if it is not the set of picked
        points."""
        if not spacing <= self.widths[-1]:
            return None
        level = np.interp(spacing, self.widths, self.levels)
        if level > self.limit:
            return None
        i = min(np.searchsorted(self.widths, spacing, side="right"), len(self.widths) - 1) - 1
        return level, self.areas[i] + (spacing - self.widths[i]) * (level + self.levels[i]) / 2

    def cost(self, spacing):
        """Returns the worst and the mean rise."""
        if dip := self.dip_at(spacing):
            return dip[0], dip[1] / spacing
        pieces = self.envelope(spacing)
        return pieces[:, :2].max(), float((pieces[:, 0] + pieces[:, 1]) @ pieces[:, 2]) / 2 / spacing

    def worst_and_mean(self, ratio):
        """Returns the worst and the mean rise, or None if the grid cannot be judged."""
        spacing = math.log(ratio)
        if spacing > self.at[-1]:
            return None if not all(self.fit.walls) else (math.inf, math.inf)
        worst, mean = self.cost(spacing)
        return (float(worst), float(mean)) if self.encloses(worst) else None

    def level(self, ratio):
        """Returns the largest rise of a picked point."""
        found = self.worst_and_mean(ratio)
        return found[0] if found else None

    def cost_quantiles(self, ratio):
        """Returns the quantiles 0, 1/4, 1/2, 3/4 and 1 of the best point's rise, over the offsets. Always uses the
        envelope."""
        spacing = math.log(ratio)
        if spacing > self.at[-1]:
            pieces = np.stack([self.rise[:-1], self.rise[1:], np.diff(self.at)], axis=1)
        else:
            pieces = self.envelope(spacing)
        levels, below = distribution(pieces)
        return [float(np.interp(share * spacing, below, levels, right=np.inf if share * spacing > below[-1] * (1 + 1e-9)
                                else None)) for share in (0, 0.25, 0.5, 0.75, 1)]

    def worst_crossing(self, level):
        """Returns the least ratio at which the worst rise exceeds the level; inf if the cost cannot be judged."""
        if not self.encloses(level):
            return math.inf
        low = self.rise <= level
        edges = np.flatnonzero(low[1:] != low[:-1])
        ends = self.at[edges] + (level - self.rise[edges]) / (self.rise[edges + 1] - self.rise[edges]) \
            * np.diff(self.at)[edges]
        ends = np.concatenate([[self.at[0]] if low[0] else [], ends, [self.at[-1]] if low[-1] else []])
        begins, ends = ends[::2], ends[1::2]
        widest, total = (ends - begins).max(), (ends - begins).sum()
        # The worst rise is at most the level as long as the intervals with a low rise leave no gap modulo the spacing.
        # A gap can open only at a spacing for which an end and a beginning are a multiple of the spacing apart.
        apart = np.abs(np.subtract.outer(begins, ends)).ravel()
        spacings = (apart[:, None] / np.arange(1, int(apart.max() / widest) + 2)).ravel()
        spacings = np.unique(np.concatenate([[widest, total], spacings[(spacings > widest) & (spacings < total)]]))
        for spacing, above in zip(spacings, spacings[1:]):
            if above - spacing < 1e-12:
                continue
            middle = (spacing + above) / 2
            starts = np.mod(begins, middle)
            marks = np.sort(np.concatenate([starts, np.mod(ends, middle), [0, middle]]))
            tries = (marks[1:] + marks[:-1]) / 2
            if not (np.mod(tries[:, None] - starts, middle) <= ends - begins).any(axis=1).all():
                return math.exp(spacing)
        return math.exp(total)

    def mean_crossing(self, level):
        """Returns the least ratio at which the mean rise exceeds the level; inf if the cost cannot be judged."""
        above = np.flatnonzero(self.areas > level * self.widths)
        if len(above):
            i = above[0] - 1
            # With the level L and the width w of the sublevel set at knot i, the width h beyond it solves
            # area + L h + h²/2 dL/dw = level (w + h).
            square = (self.levels[i + 1] - self.levels[i]) / (self.widths[i + 1] - self.widths[i]) / 2
            linear, rest = self.levels[i] - level, self.areas[i] - level * self.widths[i]
            h = (-linear + math.sqrt(linear ** 2 - 4 * square * rest)) / (2 * square)
            worst = self.levels[i] + 2 * square * h
            if worst <= self.limit:
                return math.exp(self.widths[i] + h) if self.encloses(worst) else math.inf
        # The mean rise is at most the worst rise, and at most the mean rise of the dip alone. So the mean rise crosses
        # the level at a larger spacing than each of these two.
        spacing = math.log(self.worst_crossing(level)) if self.encloses(level) else self.step
        if not len(above) and math.isinf(self.limit):
            spacing = self.at[-1]
        elif len(above):
            spacing = max(spacing, self.widths[i] + h)
        excess = lambda s: self.cost(s)[1] - level
        before, first = spacing, spacing
        for spacing, rough in self.tries(spacing):
            if rough < 0.97 * level or excess(spacing) <= 0:
                before = spacing
                continue
            if spacing > first:
                spacing = scipy.optimize.brentq(excess, before, spacing, xtol=1e-14, rtol=1e-14)
            return math.exp(spacing) if self.encloses(self.cost(spacing)[0]) else math.inf
        return math.exp(self.at[-1]) if all(self.fit.walls) else math.inf

    def tries(self, spacing):
        """Yields increasing spacings from this one up to the largest, each with its rough mean."""
        chunk = [spacing]
        while chunk:
            while chunk[-1] < self.at[-1] and len(chunk) < 16:
                chunk.append(min(chunk[-1] + max(self.step / 2, 0.015 * chunk[-1]), self.at[-1]))
            yield from zip(chunk, self.rough_means(np.array(chunk)))
            last = chunk[-1]
            chunk = [min(last + max(self.step / 2, 0.015 * last), self.at[-1])] if last < self.at[-1] else []

    def random_search(self, low, high, draws):
        """Returns the expected rise of the best draw, given that not all diverge, and the probability that all
        diverge."""
        first, last = math.log(low) - self.fit.lattice[0], math.log(high) - self.fit.lattice[0]
        if (first < -1e-6 and not self.fit.walls[0]) or (last > self.at[-1] + 1e-6 and not self.fit.walls[1]):
            return None, None
        levels, below = distribution(np.stack([self.rise[:-1], self.rise[1:], np.diff(self.at)], axis=1))
        u = np.clip(1 - below / (last - first), 0, None)
        u[-1] = u[-1] if u[-1] > 1e-9 else 0
        # Integrates u^draws over the levels; u is linear between them.
        part = u[:-1] - u[1:]
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.where(part > 1e-9 * u[:-1], (u[:-1] ** (draws + 1) - u[1:] ** (draws + 1)) / ((draws + 1) * part),
                            u[:-1] ** draws)
        none = float(u[-1] ** draws)
        return float((np.diff(levels) @ mean - none * levels[-1]) / (1 - none)), none


def distribution(pieces):
    """Returns the distribution of a piecewise linear function: the values at the ends of its pieces, and for each value
    the total width on which the function is at most that value; this width is linear between the values.
    pieces: values at both ends and width of each piece, shape (n, 3)."""
    low, high, width = pieces[pieces[:, 2] > 0].T
    low, high = np.minimum(low, high), np.maximum(low, high)
    high = np.maximum(high, low + 1e-13 * (1 + low))  # makes flat pieces rise slightly
    levels = np.unique([low, high])
    share = (levels[:, None] - low) / (high - low)
    return levels, np.clip(share, 0, 1) @ width


@functools.cache
def fits_of(grid, window):
    """Returns a cache {points: fit} that all models with the same grid and window share."""
    return {}


class Model:
    """Models all curves over one grid. Curves with the same usable points share the weights of one fit."""

    def __init__(self, rhos, **window):
        self.x, self.window = np.log(np.asarray(rhos, float)), window
        self.fits = fits_of(self.x.tobytes(), tuple(window.items()))

    def fit(self, errors):
        points, walls = points_around_best(self.x, np.atleast_2d(errors).max(axis=0))
        key = points.tobytes(), walls
        if key not in self.fits:
            self.fits[key] = Fit(self.x, points, walls, **self.window)
        return self.fits[key]

    def valley(self, errors):
        """Returns the model of a curve; None if it has too few points."""
        fit = self.fit(errors)
        return Valley(fit, fit.logs(errors)) if fit.ok else None

    def residuals(self, errors):
        """Returns the leave-one-out residual of log e at each point, for the member with the largest leave-one-out fit
        there; nan at points outside the fit."""
        fit = self.fit(errors)
        found = np.full(np.shape(errors)[-1], np.nan)
        if fit.ok:
            logs = fit.logs(errors)
            residuals = (logs - logs @ fit.at_points.T) / (1 - np.diag(fit.at_points))
            worst = np.argmax(logs - residuals, axis=0)
            found[fit.points] = residuals[worst, np.arange(len(worst))]
        return found

    def is_low(self, errors, level):
        """Returns for each point of the fit whether the model there is at most `level` above its minimum. For a family,
        the points next to the optimum also count as low."""
        valley, fit = self.valley(errors), self.fit(errors)
        low = (fit.logs(errors) @ fit.at_points.T).max(axis=0) <= math.log(valley.least) + math.log1p(level)
        if np.ndim(errors) > 1 and len(errors) > 1:
            next_to = np.searchsorted(fit.x, valley.log_rho, side="right")
            low[next_to - 1:next_to + 1] = True
        return low

    def points_below(self, errors, level):
        return self.fit(errors).points[self.is_low(errors, level)]

    def residual(self, errors, level):
        """Returns the root mean square of the residuals over points_below()."""
        low = self.points_below(errors, level)
        return float(np.sqrt(np.mean(self.residuals(errors)[low] ** 2))) if len(low) else None

    def coarsest_step(self, errors, level):
        """Returns the largest ratio of two neighbouring points, over the pairs of which a point is low (is_low()) and
        the pair around the optimum."""
        valley, low = self.valley(errors), self.is_low(errors, level)
        x = valley.fit.x
        at_optimum = (x[:-1] <= valley.log_rho) & (valley.log_rho <= x[1:])
        return math.exp(np.diff(x)[low[1:] | low[:-1] | at_optimum].max())
