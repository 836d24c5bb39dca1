"""An independent NumPy version of the cost of grids if one metric chooses the best point and another one is reported.

Written from the definitions: a grid picks the point where the choosing metric's curve is lowest. The cost of that point
is the reported metric's curve there, divided by its value at the tuned rho, minus 1. Both curves are linear between
knots.
"""

import functools
import itertools
import math

import numpy as np
import scipy.optimize
from reference_valley import distribution


class ChosenValley:
    """One metric chooses, another one is reported. `valley` is the curve of the choosing metric, `paid` the cost minus
    1 at the knots of both curves, and `least` the reported e at the knot where the choosing curve is lowest. All costs
    of this class, except that of cost_at(), are minus 1.

    As long as the picked points form the sublevel set around the optimum, the costs are functions of the set's width,
    and crossings are solved for piece by piece. Larger spacings are scanned in steps half as large as the program's."""

    def __init__(self, choosing, reported):
        ends = choosing.fit.lattice[[0, -1]] - reported.fit.lattice[[0, -1]]
        assert ends[0] > -1e-9 and ends[1] < 1e-9, "the reported metric is finite wherever the choosing one is"
        of_reported = reported.at + reported.fit.lattice[0] - choosing.fit.lattice[0]
        near = np.abs(of_reported[:, None] - choosing.at).min(axis=1) < 1e-6 * choosing.step
        self.valley = choosing.with_knots(of_reported[~near & (of_reported > 0) & (of_reported < choosing.at[-1])])
        self.at = self.valley.at
        places = self.at + choosing.fit.lattice[0] - reported.fit.lattice[0]
        errors = reported.least * (1 + np.interp(places, reported.at, reported.rise))
        self.log_rho = choosing.log_rho
        self.least = float(errors[self.valley.rise.argmin()])
        self.paid = errors / self.least - 1
        self.tried = []

    def cost_at(self, log_rho):
        """Returns the reported e at log_rho divided by the reported e at the tuned rho; nan beyond the ends."""
        return float(np.interp(log_rho - self.valley.fit.lattice[0], self.at, 1 + self.paid, left=np.nan, right=np.nan))

    def picked(self, spacing):
        """Returns the points that grids with this spacing pick, over all offsets (places where a grid may begin), as
        pieces of shape (5, pieces): rise at both ends, cost at both ends, and width."""
        kinks = np.unique(np.concatenate([np.mod(self.at, spacing), [0, spacing]]))
        starts, ends = kinks[:-1, None], kinks[1:, None]
        shifts = np.arange(int(self.at[-1] / spacing) + 2) * spacing
        middles = (starts + ends) / 2 + shifts
        knot = np.clip(np.searchsorted(self.at, middles) - 1, 0, len(self.at) - 2)
        shares = [(places + shifts - self.at[knot]) / (self.at[knot + 1] - self.at[knot]) for places in (starts, ends)]
        lines = [values[knot] + share * (values[knot + 1] - values[knot]) for values in (self.valley.rise, self.paid)
                 for share in shares]
        lines[0], lines[1] = (np.where(middles > self.at[-1], np.inf, rise) for rise in lines[:2])
        widths = (ends - starts)[:, 0]
        lowest = [rise.argmin(axis=1) for rise in lines[:2]]
        # A straight line that is the lowest at both ends of a range of offsets is the lowest everywhere in the range.
        one = np.flatnonzero(lowest[0] == lowest[1])
        pieces = [np.stack([line[one, lowest[0][one]] for line in lines] + [widths[one]])]
        for i in np.flatnonzero(lowest[0] != lowest[1]):
            pieces.append(lower_envelope(np.array([line[i] for line in lines]), widths[i], lowest[0][i]))
        return np.concatenate(pieces, axis=1)

    def cost(self, spacing):
        """Returns the worst cost, the mean cost and the largest rise."""
        pieces = self.picked(spacing)
        return pieces[2:4].max(), float((pieces[2] + pieces[3]) @ pieces[4]) / 2 / spacing, pieces[:2].max()

    def worst_and_mean(self, ratio):
        """Returns the worst and the mean cost, or None if the grid cannot be judged."""
        spacing = math.log(ratio)
        if spacing > self.at[-1]:
            return (math.inf, math.inf) if all(self.valley.fit.walls) else None
        worst, mean, level = self.cost(spacing)
        return (float(worst), float(mean)) if self.valley.encloses(level) else None

    def level(self, ratio):
        """Returns the largest rise of a picked point."""
        return float(self.cost(math.log(ratio))[2]) if math.log(ratio) <= self.at[-1] else math.inf

    def cost_quantiles(self, ratio):
        spacing = math.log(ratio)
        pieces = self.picked(spacing)[2:].T if spacing <= self.at[-1] \
            else np.stack([self.paid[:-1], self.paid[1:], np.diff(self.at)], axis=1)
        levels, below = distribution(pieces)
        return [float(np.interp(share * spacing, below, levels, right=np.inf if share * spacing > below[-1] * (1 + 1e-9)
                                else None)) for share in (0, 0.25, 0.5, 0.75, 1)]

    @functools.cached_property
    def dip(self):
        """Describes the sublevel sets around the optimum, up to the least rise at any rho outside the dip. Returns
        their widths, the costs at their lower and upper ends, the distances by which these ends move from one set to
        the next, and the integrals of the cost over the sets."""
        v, best = self.valley, int(np.argmin(self.valley.rise))
        levels = np.unique(np.append(v.levels[v.levels < v.limit], min(v.limit, v.levels[-1])))
        ends = []
        for rises, places in ((v.rise[best::-1], self.at[best::-1]), (v.rise[best:], self.at[best:])):
            falls = np.diff(rises) <= 0
            size = int(np.argmax(falls)) + 1 if falls.any() else len(rises)
            ends.append(np.interp(levels, rises[:size], places[:size]))
        costs = [np.interp(end, self.at, self.paid) for end in ends]
        moved = [-np.diff(ends[0]), np.diff(ends[1])]
        areas = sum((cost[1:] + cost[:-1]) / 2 * move for cost, move in zip(costs, moved))
        return ends[1] - ends[0], costs, moved, np.concatenate([[0], np.cumsum(areas)])

    def tries(self):
        """Yields (spacing, worst cost, mean cost) for increasing spacings, starting where the dip ends."""
        for i in itertools.count():
            if i == len(self.tried):
                last = self.tried[-1][0] if self.tried else None
                if last == self.at[-1]:
                    return
                spacing = self.dip[0][-1] if last is None else last + max(self.valley.step / 8, 0.015 * last)
                spacing = min(spacing, self.at[-1])
                self.tried.append((spacing, *self.cost(spacing)[:2]))
            yield self.tried[i]

    def searched(self, which, tolerance):
        """Returns the least spacing beyond the dip at which a cost exceeds the tolerance, or None if there is none. The
        cost is the worst one if `which` is 0, the mean one if it is 1."""
        before = self.dip[0][-1]
        for spacing, *costs in self.tries():
            if costs[which] > tolerance:
                if spacing == before:
                    return spacing
                sign = lambda s: 1.0 if self.cost(s)[which] > tolerance else -1.0
                return scipy.optimize.bisect(sign, before, spacing, xtol=1e-13, rtol=1e-14) if which == 0 else \
                    scipy.optimize.brentq(lambda s: self.cost(s)[1] - tolerance, before, spacing, xtol=1e-14, rtol=1e-14)
            before = spacing
        return None

    def crossing(self, spacing):
        """Returns the grid ratio of a crossing at this spacing; inf if the grid cannot be judged there."""
        if spacing is None:
            return math.exp(self.at[-1]) if all(self.valley.fit.walls) else math.inf
        return math.exp(spacing) if self.valley.encloses(self.cost(spacing)[2]) else math.inf

    def worst_crossing(self, tolerance):
        """Returns the least ratio at which the worst cost exceeds the tolerance; inf if the cost cannot be judged."""
        widths, costs, _, _ = self.dip
        found = []
        for cost in costs:
            above = np.flatnonzero(cost > tolerance)
            if len(above):
                i = above[0]
                share = (tolerance - cost[i - 1]) / (cost[i] - cost[i - 1]) if i else 0
                found.append(widths[i - 1] + share * (widths[i] - widths[i - 1]) if i else 0.0)
        return self.crossing(min(found) if found else self.searched(0, tolerance))

    def mean_crossing(self, tolerance):
        """Returns the least ratio at which the mean cost exceeds the tolerance; inf if the cost cannot be judged."""
        widths, costs, moved, areas = self.dip
        # At the fraction t of the way between two levels, area - tolerance width = square t² + linear t + rest.
        square = sum(np.diff(cost) / 2 * move for cost, move in zip(costs, moved))
        linear = sum(cost[:-1] * move for cost, move in zip(costs, moved)) - tolerance * np.diff(widths)
        rest = (areas - tolerance * widths)[:-1]
        with np.errstate(divide="ignore", invalid="ignore"):
            vertex = -linear / (2 * square)
            peak = np.where((square < 0) & (vertex > 0) & (vertex < 1), rest + linear * vertex / 2, -np.inf)
        above = np.flatnonzero(np.maximum(peak, square + linear + rest) > 0)
        if len(above):
            i = above[0]
            roots = np.roots([square[i], linear[i], rest[i]])
            share = min(root for root in roots.real if 2 * square[i] * root + linear[i] > 0 and root > -1e-9)
            return self.crossing(widths[i] + share * (widths[i + 1] - widths[i]))
        return self.crossing(self.searched(1, tolerance))

    def random_search(self, low, high, draws):
        """Returns the expected cost of the draw with the least rise, given that not all draws diverge, and the
        probability that all draws diverge."""
        v, place = self.valley, self.valley.fit.lattice[0]
        first_place, last = math.log(low) - place, math.log(high) - place
        if (first_place < -1e-6 and not v.fit.walls[0]) or (last > self.at[-1] + 1e-6 and not v.fit.walls[1]):
            return None, None
        # Points on a plateau must be equally good despite rounding.
        order = np.argsort(v.rise)
        first = np.concatenate([[True], np.diff(v.rise[order]) > 1e-12 * (1 + v.rise[order][1:])])
        rise = np.empty_like(v.rise)
        rise[order] = v.rise[order][first][np.cumsum(first) - 1]
        levels, below = distribution(np.stack([rise[:-1], rise[1:], np.diff(self.at)], axis=1))
        u = np.clip(1 - below / (last - first_place), 0, None)
        u[-1] = u[-1] if u[-1] > 1e-9 else 0
        # For each two adjacent levels, finds the parts of the curve between them and the mean cost of these parts at
        # either level.
        order = np.sign(np.diff(rise))
        begins, ends = np.where(order >= 0, (rise[:-1], rise[1:]), (rise[1:], rise[:-1]))
        costs = np.where(order >= 0, (self.paid[:-1], self.paid[1:]), (self.paid[1:], self.paid[:-1]))
        costs = np.where(order == 0, costs.mean(axis=0), costs)
        ends = np.maximum(ends, begins + 1e-13 * (1 + begins))
        share = np.clip((levels[:, None] - begins) / (ends - begins), 0, 1)
        widths = np.diff(share, axis=0) * np.diff(self.at)
        paid = costs[0] + share * (costs[1] - costs[0])
        total = widths.sum(axis=1)
        at_low, at_high = (widths * paid[:-1]).sum(axis=1) / total, (widths * paid[1:]).sum(axis=1) / total
        part = u[:-1] - u[1:]
        chance = u[:-1] ** draws - u[1:] ** draws
        # `chance` is the probability that the least rise lies between the two levels; `moment` is the mean fraction of the
        # way between them, times that probability.
        with np.errstate(divide="ignore", invalid="ignore"):
            moment = np.where(part > 1e-9, (u[:-1] ** (draws + 1) - u[1:] ** (draws + 1)) / ((draws + 1) * part)
                              - u[1:] ** draws, chance / 2)
        none = float(u[-1] ** draws)
        return float(at_low @ chance + (at_high - at_low) @ moment) / (1 - none), none


def lower_envelope(lines, width, line):
    """Returns the lower envelope of the lines as pieces like those of picked(). `lines` has the shape (4, lines): rise
    at both ends, cost at both ends. `line` is the index of the line that is lowest at the beginning."""
    first, last = lines[:2]
    share, pieces = 0.0, []
    while share < 1:
        with np.errstate(divide="ignore", invalid="ignore"):
            falls = (first - first[line]) - (last - last[line])
            meets = np.where(falls > 0, np.maximum((first - first[line]) / falls, share), np.inf)
        other = int(np.argmin(meets))
        until = min(meets[other], 1.0)
        if until > share:
            ends = np.array([share, until])
            values = [begin + ends * (end - begin) for begin, end in (lines[:2, line], lines[2:, line])]
            pieces.append([*values[0], *values[1], (until - share) * width])
        share, line = until, other
    return np.array(pieces).T
