"""A results file with its analysis.

The numbers are those of `rhosweep analyze --format json`; bands over seeds, stepsizes and learning curves are read from
the file itself.
"""

import re
import sys
from contextlib import contextmanager
from copy import copy
from itertools import product
from pathlib import Path

import numpy as np

from plots.modules import use_own_rhosweep

use_own_rhosweep()

from rhosweep._program import ProgramError, analyze as analysis_of, as_arguments, run_program
from rhosweep._reading import in_utf8, open_dataset

PENDING, DONE, DIVERGED, FAILED, NOT_NEEDED, EXCLUDED, STOPPED = range(7)
# The grid ratios of the figures; they include TABLE_RATIOS of plots/grids.py.
RATIOS = (1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5, 7, 10, 14, 20, 30, 50, 70, 100, 200, 500)


class Failure(Exception):
    """An error that the user can fix, with a message of one line."""


# Control characters except line feeds and tabs, characters that break lines or change the writing direction, and
# surrogates for bytes that are not UTF-8. core::printable() replaces the same characters.
UNPRINTABLE = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(value):
    """Replaces unprintable characters in a text, or in all texts of a JSON structure, for figures, pages and terminals.
    Titles, names and messages of a file are untrusted."""
    if isinstance(value, dict):
        return {printable(key): printable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [printable(item) for item in value]
    return UNPRINTABLE.sub("\ufffd", value) if isinstance(value, str) else value


@contextmanager
def open_results(path, **options):
    """Opens a results file with xarray. Raises Failure if it is not what rhosweep writes."""
    try:
        with open_dataset(path, **options) as file:
            yield file
    except (UnicodeError, KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        what = f"{type(error).__name__}: {error}".replace("\n", " ")
        raise Failure(f"{path}: xarray cannot read this file ({what})") from error


def run_rhosweep(*arguments):
    """Runs rhosweep. Returns the finished process with its output as text."""
    try:
        return run_program(*arguments)
    except ProgramError as error:
        raise Failure(str(error)) from error


def add_analysis_options(parser):
    """Adds the options of analyze that figures and pages also have."""
    parser.add_argument("--metric", help="the metric to judge by [excess_loss where known, else train_loss]")
    parser.add_argument("--select-by", metavar="METRIC", help="the metric that chooses stepsizes [the same]")
    parser.add_argument("--statistic", metavar="WHICH",
                        help="what stands for the seeds: mean, median, trimmed or quantile=Q [mean]")
    parser.add_argument("--worst-over", metavar="AXIS", help="show the worst statistic over this axis")
    parser.add_argument("--tolerance", metavar="X[,X...]",
                        help="how much more than the tuned loss a grid's best may cost [0.1,0.5,1]")
    parser.add_argument("--baseline", metavar="FILE", action="append",
                        help="results of the same problem without tuning; repeatable")


def analysis_arguments(options):
    """Returns the parsed options as arguments of analyze."""
    names = ("metric", "select_by", "statistic", "worst_over", "tolerance", "baseline")
    return as_arguments({name: getattr(options, name) or None for name in names})


def analyze(path, arguments):
    """Returns the analysis as a dictionary, which contains the warnings."""
    try:
        return analysis_of(path, [*as_arguments({"ratios": RATIOS}), *arguments])
    except ProgramError as error:
        raise Failure(str(error)) from error


def number(value, digits=4):
    if value is None or not np.isfinite(value):
        return "unknown"
    return f"{value:.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.{digits}g}"


def power_of_ten(value):
    """Formats a tick of a log axis in plain characters, since the figures do not parse mathtext."""
    exponent = round(np.log10(value)) if value > 0 else 0
    if value <= 0 or abs(value / 10.0 ** exponent - 1) > 1e-6:
        return ""
    return "10" + f"{exponent}".translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def sentence(text):
    """Capitalises the first letter."""
    return text[:1].upper() + text[1:]


def text_of(value, digits=4):
    """Formats a value of an axis: a number, a boolean or a text."""
    return printable(str(value)) if isinstance(value, (str, bool)) else number(value, digits)


def array(values):
    """Returns numbers, with NaN where JSON has null."""
    return np.array([np.nan if value is None else value for value in values], float)


def interval_array(pairs):
    """Returns an array (rows, 2) from pairs of numbers or null."""
    return np.array([array(pair or (None, None)) for pair in pairs]).reshape(-1, 2)


def without_results(group, axes):
    """Returns an empty group for a point that the sweep leaves out, with the schedules of `group`, which has
    results."""
    schedules = [{key: [] if isinstance(value, list) else None for key, value in schedule.items()}
                 | {"schedule": schedule["schedule"], "missing": schedule["missing"]} for schedule in group["schedules"]]
    return group | {"axes": axes, "schedules": schedules, "baselines": [], "excluded": True}


class Results:
    """A results file with its analysis: arrays by group. A group is an axes point or, with worst_over, a point of the
    remaining axes."""

    def __init__(self, path, arguments=()):
        """arguments: options of analyze."""
        self.path = Path(path)
        analysis = analyze(path, arguments)
        metric, worst_over = analysis["metric"], analysis["worst_over"]  # names of variables
        self.analysis = printable(analysis)
        self.metric, self.statistic = self.analysis["metric"], self.analysis["statistic"]
        self.worst_over = self.analysis["worst_over"]
        self.groups, self.theory = self.analysis["groups"], self.analysis["theory"]
        with open_results(path) as file:
            if f"final_{metric}" not in file:
                metric = in_utf8(metric)
            if worst_over and worst_over not in file:
                worst_over = in_utf8(worst_over)
            self.attributes = printable(dict(file.attrs))
            self.seeds, self.seed_values = file.sizes["seed"], file.seed.values
            self.schedules = [printable(str(name)) for name in file.schedule.values]
            self.rhos = file.rho.values
            final = file[f"final_{metric}"]
            self.long_name = printable(str(final.attrs["long_name"])).replace(", at the last step", "")
            self.units = printable(str(final.attrs["units"]))
            # Older files lack the attribute "best"; in them, more is better only for accuracies.
            older = "max" if metric.endswith("accuracy") else "min"
            self.less_is_better = final.attrs.get("best", older) == "min"
            axes = [name for name in file.status.dims[:-3] if name != worst_over]
            self.members = file[worst_over].values if worst_over else None
            self.axes = {printable(name): file[name].values for name in axes}
            over = [worst_over] if worst_over else []
            order = [*axes, *over, "seed", "schedule", "rho"]
            self.status = self._grouped(file.status.transpose(*order).values, 3 + len(over))
            self.final = self._grouped(final.transpose(*order).values, 3 + len(over))
            self.stepsize = self._grouped(
                file.stepsize.transpose(*axes, *over, "schedule", "rho").values, 2 + len(over))
            self.step = self._steps(file, axes, over)
            self._add_excluded_groups()
            self._read_curves(file, metric, axes)
        if over:
            if not np.all(self.stepsize == self.stepsize[:, :1]):
                self.stepsize = np.full_like(self.stepsize, np.nan)
            self.stepsize = self.stepsize[:, 0]

    def _add_excluded_groups(self):
        """Inserts groups without results for the points that the sweep leaves out, so that `groups` has all points in
        order."""
        is_excluded = (self.status == EXCLUDED).reshape(len(self.status), -1).all(axis=1)
        found = iter(self.groups)
        points = product(*self.axes.values())
        self.groups = [without_results(self.groups[0], dict(zip(self.axes, point))) if left_out else next(found)
                       for left_out, point in zip(is_excluded, points)]
        self.counts = [~np.isin(self.seed_values, group["coverage"]["seeds_left_out"]) for group in self.groups]

    def _grouped(self, values, inner):
        return values.reshape(-1, *values.shape[values.ndim - inner:])

    def _steps(self, file, axes, over):
        """Returns the steps of the evaluations, shape (groups, evaluations); None if steps differ along worst_over."""
        step = file.step
        if any(name in step.dims for name in over):
            return None
        extra = {name: file[name].values for name in axes if name not in step.dims}
        return self._grouped(step.expand_dims(extra).transpose(*axes, "evaluation").values, 1)

    def _read_curves(self, file, metric, axes):
        """Sets, for each (group, schedule), the learning curves (seeds, evaluations) at the grid's best rho, if there
        are any."""
        self.curves = {}
        if file.sizes["evaluation"] < 2 or self.worst_over or self.step is None:
            return
        curve = file[metric].transpose(*axes, "seed", "schedule", "rho", "evaluation")
        shape = [len(values) for values in self.axes.values()]
        for g, group in enumerate(self.groups):
            point = tuple(int(i) for i in np.unravel_index(g, shape)) if shape else ()
            for s, schedule in enumerate(group["schedules"]):
                if schedule["naive_best_rho"] is not None:
                    r = int(np.argmin(abs(self.rhos - schedule["naive_best_rho"])))
                    self.curves[g, s] = curve[(*point, slice(None), s, r)].values

    def without(self, key):
        """Returns a copy without the axis `key`. It has a group for each point of the other axes, and the groups
        contain only "axes"."""
        rest = copy(self)
        rest.axes = {name: values for name, values in self.axes.items() if name != key}
        rest.groups = [{"axes": dict(zip(rest.axes, point))} for point in product(*rest.axes.values())]
        return rest

    def visits(self, g, s):
        """Returns for each ρ whether a schedule of a group visits it: sweeps may leave out some ρ of a schedule."""
        status = self.status[g][..., s, :]
        return ~(status == EXCLUDED).reshape(-1, status.shape[-1]).all(axis=0)

    def shares(self):
        """Returns the number of cells by state."""
        return np.bincount(self.status.ravel(), minlength=7)[:7]

    def incomplete(self):
        """Returns a text that says how many trials are missing, or an empty text if none is."""
        pending, _, _, failed, _, excluded, _ = self.shares()
        missing, cells = pending + failed, self.status.size - excluded
        if not missing:
            return ""
        share = f"{100 * missing / cells:.1f} %" if missing / cells >= 0.0005 else "less than 0.1 %"
        return f"INCOMPLETE: {missing:,} of {cells:,} trials ({share}) are missing: {pending:,} pending, {failed:,} failed"

    def coverage(self):
        """Returns a text that says which seeds the statistics of an incomplete file cover."""
        has_complete = [group["coverage"]["complete_seeds"] > 0 for group in self.groups]
        if all(has_complete):
            return f"Statistics are over {self.seeds_text()}: those that have finished at every schedule and ρ"
        if any(has_complete):
            return f"Statistics are over {self.seeds_text()}: the finished ones, or all, at the ρ where they have finished"
        return f"Statistics are over all {self.seeds_text()}, at the ρ where these have finished"

    def seeds_text(self):
        """Returns "8 seeds" or, if fewer count, "3 of 8 seeds" or, if groups differ, "3 to 5 of 8 seeds"."""
        counts = {group["coverage"]["seeds"] for group in self.groups}
        some = f"{' to '.join(str(n) for n in sorted({min(counts), max(counts)}))} of " if min(counts) < self.seeds else ""
        return f"{some}{self.seeds} seed{'s' * (self.seeds != 1)}"

    def label(self, group):
        return "\n".join(f"{key} = {text_of(value)}" for key, value in group["axes"].items())

    def statistic_text(self):
        chosen = f", stepsizes chosen by {self.analysis['select_by']}" if self.analysis["select_by"] else ""
        over = f", worst over {self.worst_over}" if self.worst_over else ""
        return f"{self.statistic} over {self.seeds_text()}{chosen}{over}"

    def included(self):
        """Returns (index, analysis) of each group that the sweep does not leave out."""
        return [(g, group) for g, group in enumerate(self.groups) if not group.get("excluded")]

    def schedules_of(self):
        """Yields (group's index, schedule's index, schedule's analysis) for the groups that the sweep does not leave
        out."""
        for g, group in self.included():
            for s, found in enumerate(group["schedules"]):
                yield g, s, found

    def judges_loss(self):
        """Returns whether less of the metric is better, as for a loss; figures then have a logarithmic axis."""
        return self.less_is_better

    def metric_label(self, what=None):
        units = "" if self.units == "1" else f" [{self.units}]"
        return f"{what or self.metric}{units}"



def main_guarded(main):
    """Runs main(). A Failure ends the script with one line and exit code 2."""
    try:
        main()
    except (Failure, OSError) as error:
        print(printable(f"{Path(sys.argv[0]).name}: error: {error}"), file=sys.stderr)
        sys.exit(2)
