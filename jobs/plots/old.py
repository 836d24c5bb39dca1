"""What figures.py and report.py share: reads a results file and draws it.

The numbers are those of `rhosweep analyze --format json`; bands over seeds, stepsizes and learning curves are read from
the file itself. A Drawing is a matplotlib figure with the texts of its points, for pages that show them.
"""

import json
import os
import shutil
import subprocess
import sys
from copy import copy
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

# Okabe & Ito's colours, which the colour-blind tell apart, without the yellow that paper swallows; line and marker
# tell the same in grey. Dotted is theory.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#000000", "#7A5195")
DASHES = ("-", (0, (4, 1.3)), (0, (9, 1.5)), (0, (5, 1.5, 1.2, 1.5)))
DOTTED = (0, (1, 1.2))
MARKERS = "osD^vPX*"
# The usual schedules look the same in every figure of every file, and no other schedule looks like one of them.
USUAL = ("constant", "inverse_sqrt", "linear", "polynomial(2)", "cosine", "wsd(cooldown=0.2)", "polynomial(3)")
MOST_STYLES = 16  # more schedules than these are told apart by shades
MOST_PANELS = 12  # more axes points than these become lines within the panels of their schedule
SHADES = matplotlib.colormaps["viridis"]
PENDING, DONE, DIVERGED, FAILED = range(4)
BAND = (0.1, 0.9)
MOST_REGRET = 9  # of interest
MOST_COST = 1e3
MOST_SPAN = 1e30  # of a log axis
RC = {"font.size": 8, "axes.titlesize": 8, "axes.linewidth": 0.6, "xtick.major.width": 0.6, "ytick.major.width": 0.6,
      "axes.spines.top": False, "axes.spines.right": False, "lines.linewidth": 1.3, "lines.markersize": 3.5,
      "axes.grid": True, "grid.linewidth": 0.4, "grid.color": "#dddddd", "axes.axisbelow": True, "legend.frameon": False,
      "pdf.fonttype": 42, "svg.hashsalt": "rhosweep", "hatch.linewidth": 0.5}


class Failure(Exception):
    """What a user can mend, in a line."""


def rhosweep_program():
    """$RHOSWEEP, else rhosweep on PATH, else what was built in this tree."""
    built = Path(__file__).resolve().parents[1] / "build/release/bin/rhosweep"
    program = os.environ.get("RHOSWEEP") or shutil.which("rhosweep") or (str(built) if built.is_file() else None)
    if not program:
        raise Failure("no rhosweep found; build it, put it on PATH or set RHOSWEEP=/path/to/rhosweep")
    return program


def analyze(path, metric=None, worst_over=None):
    """The analysis as a dictionary. The warnings are in it."""
    command = [rhosweep_program(), "analyze", str(path), "--format", "json"]
    command += ["--metric", metric] if metric else []
    command += ["--worst-over", worst_over] if worst_over else []
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        raise Failure(f"cannot run {command[0]}: {error.strerror}") from error
    if done.returncode:
        raise Failure(done.stderr.strip().splitlines()[-1] if done.stderr else f"{command[0]} failed")
    return json.loads(done.stdout)


@dataclass
class Drawing:
    name: str
    title: str
    caption: str
    figure: plt.Figure
    points: list = field(default_factory=list)  # (axes of the figure, x, y, text)


class Results:
    """A results file with its analysis: arrays by group (axes point, or what remains after worst_over)."""

    def __init__(self, path, metric=None, worst_over=None):
        self.path = Path(path)
        self.analysis = analyze(path, metric, worst_over)
        self.metric, self.worst_over = self.analysis["metric"], worst_over
        self.groups, self.theory = self.analysis["groups"], self.analysis["theory"]
        with xr.open_dataset(path, decode_times=False) as file:
            self.attributes = dict(file.attrs)
            self.seeds = file.sizes["seed"]
            self.counts = [~np.isin(file.seed.values, group["coverage"]["seeds_left_out"]) for group in self.groups]
            self.schedules = [str(name) for name in file.schedule.values]
            self.rhos = file.rho.values
            self.long_name = file[f"final_{self.metric}"].attrs["long_name"].replace(", at the last step", "")
            self.units = file[f"final_{self.metric}"].attrs["units"]
            axes = [name for name in file.status.dims[:-3] if name != worst_over]
            self.axes = {name: file[name].values for name in axes}
            over = [worst_over] if worst_over else []
            order = [*axes, *over, "seed", "schedule", "rho"]
            self.status = self._grouped(file.status.transpose(*order).values, 3 + len(over))
            self.final = self._grouped(file[f"final_{self.metric}"].transpose(*order).values, 3 + len(over))
            self.stepsize = self._grouped(
                file.stepsize.transpose(*axes, *over, "schedule", "rho").values, 2 + len(over))
            self.step = self._steps(file, axes, over)
            self._read_curves(file, axes)
        if over:
            if not np.all(self.stepsize == self.stepsize[:, :1]):
                self.stepsize = np.full_like(self.stepsize, np.nan)
            self.stepsize = self.stepsize[:, 0]

    def _grouped(self, values, inner):
        return values.reshape(-1, *values.shape[values.ndim - inner:])

    def _steps(self, file, axes, over):
        """(groups, evaluations); nothing if they differ along worst_over."""
        step = file.step
        if any(name in step.dims for name in over):
            return None
        extra = {name: file[name].values for name in axes if name not in step.dims}
        return self._grouped(step.expand_dims(extra).transpose(*axes, "evaluation").values, 1)

    def _read_curves(self, file, axes):
        """(groups, schedules) of (seeds, evaluations): learning curves at the best rho, where there are any."""
        self.curves = {}
        if file.sizes["evaluation"] < 2 or self.worst_over or self.step is None:
            return
        curve = file[self.metric].transpose(*axes, "seed", "schedule", "rho", "evaluation")
        shape = [len(values) for values in self.axes.values()]
        for g, group in enumerate(self.groups):
            point = tuple(int(i) for i in np.unravel_index(g, shape)) if shape else ()
            for s, schedule in enumerate(group["schedules"]):
                if schedule["best_rho"] is not None:
                    r = int(np.argmin(abs(self.rhos - schedule["best_rho"])))
                    self.curves[g, s] = curve[(*point, slice(None), s, r)].values

    def without(self, key):
        """The same with a group for each point of the other axes, of which only `axes` is kept."""
        rest = copy(self)
        rest.axes = {name: values for name, values in self.axes.items() if name != key}
        rest.groups = [{"axes": dict(zip(rest.axes, map(float, point)))} for point in product(*rest.axes.values())]
        return rest

    def shares(self):
        """Number of cells by state."""
        return np.bincount(self.status.ravel(), minlength=4)[:4]

    def incomplete(self):
        """What is missing, in words; empty if nothing is."""
        pending, _, _, failed = self.shares()
        missing, cells = pending + failed, self.status.size
        if not missing:
            return ""
        share = f"{100 * missing / cells:.1f} %" if missing / cells >= 0.0005 else "less than 0.1 %"
        return f"INCOMPLETE: {missing:,} of {cells:,} trials ({share}) are missing: {pending:,} pending, {failed:,} failed"

    def coverage(self):
        """What the means of an incomplete file stand on, in words."""
        has_complete = [group["coverage"]["complete_seeds"] > 0 for group in self.groups]
        if all(has_complete):
            return f"Means are over {self.seeds_text()}: those that have finished at every schedule and ρ"
        if any(has_complete):
            return f"Means are over {self.seeds_text()}: the finished ones, or all, at the ρ where they have finished"
        return f"Means are over all {self.seeds_text()}, at the ρ where these have finished"

    def seeds_text(self):
        """"8 seeds"; where fewer count, "3 of 8 seeds" or, if groups differ, "3 to 5 of 8 seeds"."""
        counts = {group["coverage"]["seeds"] for group in self.groups}
        some = f"{' to '.join(str(n) for n in sorted({min(counts), max(counts)}))} of " if min(counts) < self.seeds else ""
        return f"{some}{self.seeds} seed{'s' * (self.seeds != 1)}"

    def label(self, group):
        return "\n".join(f"{key} = {number(value)}" for key, value in group["axes"].items())

    def mean_text(self):
        over = f", worst over {self.worst_over}" if self.worst_over else ""
        return f"mean over {self.seeds_text()}{over}"

    def metric_label(self, what=None):
        units = "" if self.units == "1" else f" [{self.units}]"
        return f"{what or self.metric}{units}"


def number(value, digits=4):
    if value is None or not np.isfinite(value):
        return "unknown"
    return f"{value:.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.{digits}g}"


@dataclass
class Line:
    """One schedule at one group, by increasing x."""

    group: int
    schedule: int
    x: np.ndarray
    y: np.ndarray
    texts: list
    low: np.ndarray = None
    high: np.ndarray = None
    dashed: np.ndarray = None  # a second line: theory
    rings: list = field(default_factory=list)  # indices to mark
    crosses: list = field(default_factory=list)  # (x, whether all seeds have diverged, text)


def schedule_styles(schedules):
    """Colour, dashes and marker of each schedule: fixed for the usual ones, else by their order, in free colours first."""
    if len(schedules) > MOST_STYLES:
        shades = SHADES(np.linspace(0, 0.92, len(schedules)))
        return {name: dict(color=shade, linestyle="-", marker="") for name, shade in zip(schedules, shades)}
    taken = {USUAL.index(name) for name in schedules if name in USUAL}
    free = iter(sorted(range(len(USUAL), len(USUAL) + MOST_STYLES), key=lambda i: i % 8 in taken))
    slots = {name: USUAL.index(name) if name in USUAL else next(free) for name in schedules}
    return {name: dict(color=COLOURS[i % 8], marker=MARKERS[(i + 3 * (i // 8)) % 8], linestyle=DASHES[(i + i // 8) % 4])
            for name, i in slots.items()}


class Layout:
    """Which panels a figure has, and what is a line within: a schedule where there are few axes points, else the values
    of the longest axis, as shades, in a panel per schedule."""

    def __init__(self, results, styles):
        self.results, self.styles = results, styles
        self.by_axis = len(results.groups) > MOST_PANELS
        self.has_shades = self.by_axis or len(results.schedules) > MOST_STYLES
        shape = [len(values) for values in results.axes.values()] or [1]
        if self.by_axis:
            self.long = int(np.argmax(shape))
            self.long_key = list(results.axes)[self.long]
            values = results.axes[self.long_key].astype(float)
            wide = values.min() > 0 and values.max() >= 10 * values.min()
            self.norm = (LogNorm if wide else Normalize)(values.min(), values.max())
            others = [range(n) for i, n in enumerate(shape) if i != self.long]
            self.panels = [(s, *rest) for rest in product(*others) for s in range(len(results.schedules))]
            self.columns = len(results.schedules) if len(shape) > 1 and len(results.schedules) <= 6 else None
        else:
            self.panels = [(g,) for g in range(len(results.groups))]
            # The last axis runs along the rows if they are not too long.
            self.columns = shape[-1] if len(shape) > 1 and shape[-1] <= 6 else None
        self.index = {panel: i for i, panel in enumerate(self.panels)}
        self.shape = shape

    def panel(self, line):
        if not self.by_axis:
            return self.index[(line.group,)]
        at = list(np.unravel_index(line.group, self.shape))
        del at[self.long]
        return self.index[(line.schedule, *map(int, at))]

    def rows_of(self, panel):
        """(group, schedule) of the lines of a panel."""
        if not self.by_axis:
            return [(self.panels[panel][0], s) for s in range(len(self.results.schedules))]
        s, *rest = self.panels[panel]
        at = [rest[:self.long] + [i] + rest[self.long:] for i in range(self.shape[self.long])]
        return [(int(np.ravel_multi_index(place, self.shape)), s) for place in at]

    def row_names(self, panel):
        if not self.by_axis:
            return self.results.schedules
        return [number(value, 3) for value in self.results.axes[self.long_key]]

    def title(self, panel):
        if not self.by_axis:
            group = self.results.groups[self.panels[panel][0]]
            return "\n".join(filter(None, [self.results.label(group), self.coverage(group)]))
        s, *rest = self.panels[panel]
        keys = [key for key in self.results.axes if key != self.long_key]
        return "\n".join([self.results.schedules[s],
                          *(f"{key} = {number(self.results.axes[key][i])}" for key, i in zip(keys, rest))])

    def coverage(self, group):
        """How many seeds count, where it may be another number than in the panel beside; empty if all do."""
        coverage = group.get("coverage")
        is_partial = coverage and len(self.panels) > 1 and coverage["seeds"] < coverage["of_seeds"]
        return f"{coverage['seeds']} of {coverage['of_seeds']} seeds" if is_partial else ""

    def style(self, line):
        if not self.by_axis:
            return self.styles[self.results.schedules[line.schedule]]
        value = float(self.results.groups[line.group]["axes"][self.long_key])
        return dict(color=SHADES(0.92 * self.norm(value)), linestyle="-", marker="")


def panel_grid(results, layout, title, handles, panel_size=None, colour_bar=False):
    """A figure with that many panels, in inches so that nothing overlaps, its axes in a row, and where a legend of the
    handles goes."""
    count = len(layout.panels)
    columns = layout.columns or (count if count <= 3 else min(6, int(np.ceil(np.sqrt(1.3 * count)))))
    rows = -(-count // columns)
    width, height = panel_size or ((5.4, 3.5) if count == 1 else (2.9, 2.2) if columns <= 3 else (1.9, 1.6))
    lines = max(layout.title(p).count("\n") + 1 if layout.title(p) else 0 for p in range(count))
    gap_x, gap_y = 0.22, 0.16 + 0.13 * lines
    left, right, bottom = 0.72, 0.9 if colour_bar else 0.18, 0.5
    names = [handle.get_label() for handle in handles]
    legend = 0.17 * (-(-len(names) // legend_columns(names, columns * width)) + 0.5 if names else 0)
    stamp = results.incomplete() and f"{results.incomplete()}\n{results.coverage()}"
    top = 0.34 + 0.13 * lines + (0.34 if stamp else 0)
    total_x = left + columns * width + (columns - 1) * gap_x + right
    total_y = top + rows * height + (rows - 1) * gap_y + bottom + legend
    figure = plt.figure(figsize=(total_x, total_y))
    axes = []
    for i in range(count):
        row, column = divmod(i, columns)
        x = left + column * (width + gap_x)
        y = total_y - top - row * (height + gap_y) - height
        ax = figure.add_axes([x / total_x, y / total_y, width / total_x, height / total_y])
        ax.is_left, ax.is_lowest = column == 0, i + columns >= count
        axes.append(ax)
    figure.text(left / total_x, 1 - 0.08 / total_y, title, fontsize=9, fontweight="bold", va="top")
    if stamp:
        figure.text(left / total_x, 1 - 0.27 / total_y, stamp, fontsize=7.5, color="#b00020", va="top")
    figure.frame = dict(left=left / total_x, bottom=(bottom + legend) / total_y, right=1 - right / total_x,
                        top=1 - top / total_y, inch_x=1 / total_x, inch_y=1 / total_y)
    return figure, axes


def legend_columns(names, width):
    longest = max(len(name) for name in names)
    return max(1, min(len(names), int((width + 0.5) / (0.55 + 0.068 * longest))))


def legend_handles(layout, extra):
    """The schedules, unless shades tell them apart, and what else is to be said."""
    if layout.has_shades:
        return list(extra)
    return [Line2D([], [], label=name, **layout.styles[name]) for name in layout.results.schedules] + list(extra)


def draw_legend(figure, handles):
    if handles:
        frame = figure.frame
        columns = legend_columns([h.get_label() for h in handles], (frame["right"] - frame["left"]) / frame["inch_x"])
        figure.legend(handles=handles, loc="lower left", ncol=columns, fontsize=7.5, borderaxespad=0,
                      bbox_to_anchor=(frame["left"], 0.04 * frame["inch_y"]), handlelength=2.6, columnspacing=1.4,
                      labelspacing=0.35)


def draw_shades(figure, layout):
    """What the shades mean, if there are any."""
    if layout.by_axis:
        draw_bar(figure, ScalarMappable(layout.norm, SHADES_DRAWN), layout.long_key)
    elif layout.has_shades:
        norm = Normalize(1, len(layout.results.schedules))
        draw_bar(figure, ScalarMappable(norm, SHADES_DRAWN), "schedule, by its number in the sweep")


SHADES_DRAWN = matplotlib.colors.ListedColormap(SHADES(np.linspace(0, 0.92, 256)))


def draw_bar(figure, mappable, label):
    frame = figure.frame
    height = min(frame["top"] - frame["bottom"], 3.5 * frame["inch_y"])
    bar = figure.add_axes([frame["right"] + 0.14 * frame["inch_x"], frame["top"] - height, 0.13 * frame["inch_x"],
                           height])
    bar.grid(False)
    drawn = figure.colorbar(mappable, cax=bar)
    if isinstance(mappable.norm, LogNorm):
        few = mappable.norm.vmax < 300 * mappable.norm.vmin
        drawn.set_ticks(LogLocator(subs=(1, 2, 5) if few else (1,)))
        drawn.set_ticks([], minor=True)
        if few:
            drawn.formatter = FuncFormatter(lambda value, _: number(value, 3))
    bar.set_ylabel(label, fontsize=7.5)
    bar.tick_params(labelsize=7)
    return bar


def set_scale(axis, values, wanted_log):
    """A log axis if wanted and possible, with as many ticks as there is room for; whether it is one."""
    values = np.asarray([v for v in np.ravel(values) if v is not None and np.isfinite(v)])
    is_log = wanted_log and values.size > 0 and values.min() > 0
    ax, i = axis.axes, "xy".index(axis.axis_name)
    inches = ax.figure.get_size_inches()[i] * ax.get_position().size[i]
    if is_log:
        (ax.set_xscale, ax.set_yscale)[i]("log")
        decades = np.log10(values.max() / values.min())
        has_plain_numbers = decades < 0.7 * inches
        axis.set_major_locator(LogLocator(numticks=max(4, int(2.5 * inches))))
        axis.set_minor_locator(LogLocator(subs=(2, 5) if has_plain_numbers else range(1, 10), numticks=12))
        if has_plain_numbers:
            axis.set_major_formatter(FuncFormatter(lambda value, _: number(value, 3)))
            axis.set_minor_formatter(FuncFormatter(lambda value, _: number(value, 3)))
        else:
            axis.set_minor_formatter(NullFormatter())
    else:
        axis.set_major_locator(MaxNLocator(5))
        axis.set_minor_locator(NullLocator())
    return is_log


def limits(values, is_log, pad=0.04):
    values = np.asarray([v for v in np.ravel(values) if v is not None and np.isfinite(v)], float)
    if values.size == 0:
        return (0.1, 10.0) if is_log else (0.0, 1.0)
    low, high = values.min(), values.max()
    if is_log:
        span = max(high / low, 1.5)
        low, high = (low, high) if high / low >= 1.5 else (low / 1.25, high * 1.25)
        return low / span**pad, high * span**pad
    span = (high - low) or abs(high) or 1.0
    return low - pad * span, high + pad * span


def draw_lines(results, layout, lines, title, name, caption, labels, log_x=True, log_y=True, reference=None,
               highest=None, extra=()):
    """Small multiples of lines. highest: values of y above it leave the panel."""
    handles = legend_handles(layout, extra)
    figure, axes = panel_grid(results, layout, title, handles, colour_bar=layout.has_shades)
    drawing = Drawing(name, title, caption, figure)
    xs = np.concatenate([line.x for line in lines] + [[c[0] for line in lines for c in line.crosses]])
    parts = [part for line in lines for part in (line.y, *(() if layout.has_shades else (line.low, line.high, line.dashed)))
             if part is not None]
    ys = np.concatenate(parts) if parts else np.array([])
    if log_y:
        ys = ys[~(ys <= 0)]
    ys = ys[np.isfinite(ys)]
    if log_y and ys.size:  # trials on their way to divergence hold any number
        highest = min(highest or np.inf, MOST_SPAN * ys.min())
    if highest is not None and ys.size:
        ys = np.minimum(ys, max(highest, ys.min()))
    for ax in axes:
        is_log_x, is_log_y = set_scale(ax.xaxis, xs, log_x), set_scale(ax.yaxis, ys, log_y)
        ax.set_xlim(*limits(xs, is_log_x, 0.03))
        low, high = limits(ys, is_log_y)
        ax.set_ylim(low, high)
    empty = set(range(len(axes))) - {layout.panel(line) for line in lines if np.isfinite(line.y).any()}
    for line in lines:
        ax = axes[layout.panel(line)]
        (draw_thin_line if layout.has_shades else draw_line)(ax, line, layout.style(line))
        add_points(drawing, ax, line, layout.style(line)["color"])
    for i, ax in enumerate(axes):
        set_title(ax, layout.title(i))
        if reference:
            ax.axhline(reference, color="#555555", linewidth=0.7, linestyle=(0, (4, 2)), zorder=1)
        finish_axes(ax, labels)
        if i in empty:
            ax.text(0.5, 0.5, "no values", transform=ax.transAxes, ha="center", va="center", color="#777777")
    draw_legend(figure, handles)
    draw_shades(figure, layout)
    return drawing


def set_title(ax, text):
    ax.set_title(text, loc="left", fontsize=7.5, pad=3, y=1.0)  # y: matplotlib need not look for ticks in the way


def finish_axes(ax, labels):
    ax.tick_params(which="both", labelsize=7, labelleft=ax.is_left, labelbottom=ax.is_lowest)
    ax.set_xlabel(labels[0] if ax.is_lowest else "")
    ax.set_ylabel(labels[1] if ax.is_left else "")


def draw_line(ax, line, style):
    colour = style["color"]
    if line.low is not None:
        ax.fill_between(line.x, line.low, line.high, color=colour, alpha=0.16, linewidth=0, zorder=1)
    every = max(1, len(line.x) // 10)
    low, high = ax.get_ylim()

    def marked(y, first):
        """Some points, none that the edge of the panel would cut."""
        return [i for i in range(first % every, len(y), every) if low <= y[i] <= high]

    if line.dashed is not None:
        ax.plot(line.x, line.dashed, color=colour, linewidth=0.9, linestyle=DOTTED, zorder=2, marker=style["marker"],
                markersize=2.8, markerfacecolor="white", markeredgewidth=0.7,
                markevery=marked(line.dashed, line.schedule * 3 + every // 2))
    ax.plot(line.x, line.y, markevery=marked(line.y, line.schedule * 3), zorder=3, **style)
    ax.plot(line.x[line.rings], line.y[line.rings], "o", markersize=7, markerfacecolor="none", markeredgecolor=colour,
            markeredgewidth=1.1, zorder=4)


def draw_thin_line(ax, line, style):
    """One of many: no band, no theory."""
    ax.plot(line.x, line.y, color=style["color"], linewidth=0.8, zorder=3, marker="." if len(line.x) == 1 else "")
    if line.rings:
        ax.plot(line.x[line.rings], line.y[line.rings], "o", markersize=3, markerfacecolor="white",
                markeredgecolor=style["color"], markeredgewidth=0.8, zorder=4)


def add_points(drawing, ax, line, colour):
    """The texts of a line; its diverged cells stand in a row of their own at the top of the panel."""
    drawing.points += [(ax, x, y, text) for x, y, text in zip(line.x, line.y, line.texts) if np.isfinite(y)]
    row = 1.0 - 0.022 * (line.schedule % MOST_STYLES)
    low, high = ax.get_ylim()
    y = low * (high / low) ** row if ax.get_yscale() == "log" else low + (high - low) * row
    for all_seeds, mark in ((True, "x"), (False, "+")) if line.crosses else ():
        ax.plot([x for x, is_all, _ in line.crosses if is_all == all_seeds],
                [y for _, is_all, _ in line.crosses if is_all == all_seeds], mark, markersize=3.5, markeredgewidth=0.9,
                color=colour, zorder=5, clip_on=False)
    drawing.points += [(ax, x, y, text) for x, _, text in line.crosses]


# The figures.

CROSSES = (Line2D([], [], color="#333333", marker="x", linestyle="", label="all seeds diverged"),
           Line2D([], [], color="#333333", marker="+", linestyle="", label="some seeds diverged"))


def crosses_of(lines):
    """Those that the lines have."""
    seen = {is_all for line in lines for _, is_all, _ in line.crosses}
    return [mark for mark, is_all in zip(CROSSES, (True, False)) if is_all in seen]


RING = Line2D([], [], color="#333333", marker="o", linestyle="", markersize=7, markerfacecolor="none", label="best")


def named(results, g, s, *parts):
    where = results.label(results.groups[g]).replace("\n", ", ")
    return "\n".join([results.schedules[s], *([where] if where else []), *parts])


def seeds_diverged(results, g, s):
    """(rho): how many of the seeds that count have diverged, where most have."""
    diverged = np.count_nonzero(results.status[g][..., results.counts[g], s, :] == DIVERGED, axis=-2)
    return diverged if diverged.ndim == 1 else diverged.max(axis=0)


def diverged_text(results, g, diverged):
    return f"{diverged} of {results.groups[g]['coverage']['seeds']} seeds diverged"


def loss_lines(results):
    lines = []
    for g, group in enumerate(results.groups):
        for s, schedule in enumerate(group["schedules"]):
            of_rho = {point["rho"]: point for point in schedule["curve"]}
            at = np.argsort(results.rhos)
            stepsize = results.stepsize[g][s] if np.isfinite(results.stepsize).all() else results.rhos
            diverged = seeds_diverged(results, g, s)
            low, high = bands(results, g, s, of_rho)
            x, y, texts, crosses = [], [], [], []
            for r in at:
                rho = float(results.rhos[r])
                point = of_rho.get(rho, {})
                mean, ci = point.get("mean"), point.get("ci") or [None, None]
                text = named(results, g, s, f"stepsize {number(stepsize[r])} (ρ = {number(rho)})",
                             f"{results.metric} {number(mean)}" + (f" [{number(ci[0])}, {number(ci[1])}]" if mean else ""))
                x.append(stepsize[r])
                y.append(np.nan if mean is None else mean)
                texts.append(text)
                if diverged[r]:
                    texts[-1] += "\n" + diverged_text(results, g, diverged[r])
                    crosses.append((stepsize[r], diverged[r] == results.counts[g].sum(), texts[-1]))
            rings = [i for i, r in enumerate(at) if float(results.rhos[r]) == schedule["best_rho"]]
            lines.append(Line(g, s, np.array(x), np.array(y), texts, low[at], high[at], None, rings, crosses))
    return lines


def bands(results, g, s, of_rho):
    """(rho): from the tenth to the ninetieth of a hundred seeds; over an axis the interval of the mean."""
    if results.worst_over:
        ends = [(of_rho.get(float(rho), {}).get("ci") or (None, None)) for rho in results.rhos]
        ends = np.array([[np.nan if end is None else end for end in pair] for pair in ends], float)
        return ends[:, 0], ends[:, 1]
    values = results.final[g][results.counts[g], s, :].astype(float)
    status = results.status[g][results.counts[g], s, :]
    is_there = (status == DONE) | (status == DIVERGED)
    out = np.full((2, values.shape[1]), np.nan)
    for r in range(values.shape[1]):
        seen = values[is_there[:, r], r]
        if seen.size > 1 and np.isfinite(seen).all():
            out[:, r] = np.quantile(seen, BAND)
    return out


def leaves(lines, highest):
    """Whether some line goes above it."""
    return highest is not None and any((line.y > highest).any() for line in lines)


def draw_loss(results, layout):
    lines = loss_lines(results)
    is_loss = not results.metric.endswith("accuracy")
    band = "95 % interval of it" if results.worst_over else "10th to 90th percentile of the seeds"
    crosses = crosses_of(lines)
    known = np.isfinite(results.stepsize).all()
    best = [line.y[i] for line in lines for i in line.rings]
    highest = 1e4 * min(best) if is_loss and best and min(best) > 0 else None
    return draw_lines(
        results, layout, lines, f"Final {results.metric} against the stepsize", "loss",
        f"Line: {results.mean_text()}; band: {band}; ring: the best stepsize."
        + (" × all seeds have diverged, + some have: a mean over them is infinite." if crosses else "")
        + (" Lines leave the panel at 10⁴ times the least." if leaves(lines, highest) else ""),
        ("base stepsize η" if known else "misspecification ρ", results.metric_label(f"final {results.metric}")),
        log_y=is_loss, highest=highest, extra=(RING, *crosses))


def draw_misspecification(results, layout):
    has_theory = results.theory["applies"] and not layout.has_shades
    lines = []
    for g, group in enumerate(results.groups):
        for s, schedule in enumerate(group["schedules"]):
            points = [p for p in schedule["curve"] if p["error_ratio"] is not None and p["ratio_to_best"] is not None]
            x = np.array([p["ratio_to_best"] for p in points], float)
            theory = np.array([np.nan if p["theory_ratio"] is None else p["theory_ratio"] for p in points], float)
            bounds = [f", bound {number(p['theory_ratio'])} ×" * results.theory["applies"] for p in points]
            texts = [named(results, g, s, f"{number(p['ratio_to_best'])} × the best stepsize",
                           f"cost {number(p['error_ratio'])} × the least{bound}") for p, bound in zip(points, bounds)]
            crosses = [(p["ratio_to_best"], p["diverged"] == results.counts[g].sum(),
                        named(results, g, s, f"{number(p['ratio_to_best'])} × the best stepsize",
                              diverged_text(results, g, p["diverged"])))
                       for p in schedule["curve"] if p["diverged"] and p["ratio_to_best"]]
            lines.append(Line(g, s, x, np.array([p["error_ratio"] for p in points], float), texts,
                              dashed=theory if has_theory else None, crosses=crosses))
    dotted = Line2D([], [], color="#333333", linewidth=0.9, linestyle=DOTTED, marker="o", markersize=2.8,
                    markerfacecolor="white", markeredgewidth=0.7, label="theory: the bound's ratio")
    return draw_lines(
        results, layout, lines, "What a misspecified stepsize costs", "misspecification",
        f"Error ({results.mean_text()}) over the error at the best stepsize."
        + (" Dotted, open markers: the last-iterate bound's ratio of the same schedule, an upper bound of the growth in the "
           "worst case." if has_theory else "")
        + (f" {caveat[0].upper()}{caveat[1:]}." if (caveat := results.theory["caveat"]) else "")
        + (" Lines leave the panel at 10³." if leaves(lines, MOST_COST) else ""),
        ("stepsize / best stepsize", "error / least error"), highest=MOST_COST,
        extra=[*([dotted] if has_theory else ()), *crosses_of(lines)])


def draw_regret(results, layout):
    lines = []
    for g, group in enumerate(results.groups):
        for s, schedule in enumerate(group["schedules"]):
            grids = [c for c in schedule["coarse_grid"] if c["worst_regret"] is not None]
            grids = grids[:1 + next((i for i, c in enumerate(grids) if c["worst_regret"] > MOST_REGRET), len(grids))]
            texts = [named(results, g, s, f"grid ratio {number(c['ratio'])}",
                           f"worst regret {100 * c['worst_regret']:.3g} %, mean {100 * (c['mean_regret'] or 0):.3g} %")
                     for c in grids]
            x = np.array([c["ratio"] for c in grids], float)
            y = np.array([1 + c["worst_regret"] for c in grids], float)
            rings = [i for i, c in enumerate(grids) if c["ratio"] == schedule["advice"]["ratio"]]
            lines.append(Line(g, s, x, y, texts, rings=rings))
    if not any(len(line.x) for line in lines):
        return None
    tolerance = next(s["advice"]["tolerance"] for group in results.groups for s in group["schedules"])
    words = f"{100 * tolerance:.0f} %"
    extra = (Line2D([], [], color="#555555", linewidth=0.7, linestyle=(0, (4, 2)), label=f"{words} above"),
             Line2D([], [], color="#333333", marker="o", linestyle="", markersize=7, markerfacecolor="none",
                    label=f"coarsest within {words}"))
    return draw_lines(
        results, layout, lines, "How coarse a grid of stepsizes may be", "regret",
        "Error of the best stepsize of a coarse grid over that of the whole grid, for the worst start of the coarse grid. "
        f"Ring: the coarsest grid that always stays within {words}. Lines end where the error is "
        f"{1 + MOST_REGRET} times the least.",
        ("ratio of neighbouring stepsizes", "worst error / least error"), reference=1 + tolerance,
        highest=1 + MOST_REGRET,
        extra=extra)


def draw_curves(results, layout):
    if not results.curves:
        return None
    lines = []
    for (g, s), values in results.curves.items():
        status = results.status[g][:, s, int(np.argmin(abs(results.rhos - results.groups[g]["schedules"][s]["best_rho"])))]
        seen = values[results.counts[g] & (status == DONE)]
        if not seen.size:
            continue
        low, high = np.quantile(seen, BAND, axis=0) if len(seen) > 1 else (None, None)
        mean = seen.mean(axis=0)
        texts = [named(results, g, s, f"step {step}", f"{results.metric} {number(value)}")
                 for step, value in zip(results.step[g], mean)]
        lines.append(Line(g, s, results.step[g].astype(float), mean, texts, low, high))
    if not lines:
        return None
    return draw_lines(
        results, layout, lines, "Learning curves at the best stepsize", "curves",
        f"Line: {results.mean_text()}; band: 10th to 90th percentile of the seeds.",
        ("step t", results.metric_label()), log_y=not results.metric.endswith("accuracy"))


def draw_heat_map(results, layout):
    """A cell of the grid is a cell of the picture: schedules, or the values of the longest axis, against rho."""
    at = np.argsort(results.rhos)
    rhos = results.rhos[at]
    count = len(layout.row_names(0))
    height = min(max(1.1, (0.17 if count <= MOST_STYLES else 0.1) * count), 16.0)
    panels = len(layout.panels)
    width = 4.6 if panels == 1 else 2.3 if panels <= 12 else 1.8
    longest = max(len(name) for p in range(panels) for name in layout.row_names(p))
    marks = HEAT_MARKS if (results.status == DIVERGED).any() else HEAT_MARKS[:1]
    figure, axes = panel_grid(results, layout, f"Final {results.metric} over the grid", marks, (width, height),
                              colour_bar=True)
    widen_left(figure, axes, max(0.0, 0.062 * longest - 0.45))
    table = np.full((panels, count, len(rhos)), np.nan)
    for p in range(panels):
        for row, (g, s) in enumerate(layout.rows_of(p)):
            of_rho = {point["rho"]: point["mean"] for point in results.groups[g]["schedules"][s]["curve"]}
            table[p, row] = [np.nan if of_rho.get(float(rho)) is None else of_rho[float(rho)] for rho in rhos]
    norm = heat_norm(results, table)
    drawing = Drawing("heatmap", f"Final {results.metric} over the grid", f"Colour: {results.mean_text()}. Dot: the best "
                      "ρ of a row. ×: some seed has diverged, a mean is infinite. Hatched: missing.", figure)
    for p, ax in enumerate(axes):
        draw_heat_panel(drawing, ax, layout, p, table[p], norm, at)
    draw_bar(figure, ScalarMappable(norm, HEAT), results.metric_label(f"final {results.metric}"))
    draw_legend(figure, marks)
    return drawing


HEAT_MARKS = (Line2D([], [], color="white", marker="o", markeredgecolor="black", linestyle="", label="best ρ"),
              Line2D([], [], color="#b00020", marker="x", linestyle="", label="a seed diverged"))
HEAT = matplotlib.colormaps["cividis_r"]


def heat_norm(results, table):
    seen = table[np.isfinite(table)]
    is_log = seen.size and seen.min() > 0 and not results.metric.endswith("accuracy")
    if not seen.size:
        return Normalize(0, 1)
    low, high = seen.min(), seen.max()
    if is_log:
        return LogNorm(low, min(max(high, low * 1.01), 1e4 * low))
    return Normalize(low, high if high > low else low + 1)


def widen_left(figure, axes, inches):
    """Makes room for long names at the left."""
    width, height = figure.get_size_inches()
    new = width + inches
    figure.set_size_inches(new, height)
    for ax in axes:
        box = ax.get_position()
        ax.set_position([(box.x0 * width + inches) / new, box.y0, box.width * width / new, box.height])
    frame = figure.frame
    frame.update(left=(frame["left"] * width + inches) / new, right=(frame["right"] * width + inches) / new,
                 inch_x=1 / new)
    for text in figure.texts:
        text.set_x(0.1 / new)


def draw_heat_panel(drawing, ax, layout, panel, table, norm, at):
    results = layout.results
    rhos = results.rhos[at]
    rows, columns = table.shape
    edges = np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5
    ax.grid(False)
    ax.pcolormesh(*edges, np.ma.masked_invalid(table), cmap=HEAT, norm=norm, linewidth=0, rasterized=True)
    missing, diverged_at, best_at = np.zeros(table.shape, bool), [], []
    for row, (g, s) in enumerate(layout.rows_of(panel)):
        diverged, schedule = seeds_diverged(results, g, s)[at], results.groups[g]["schedules"][s]
        here = {point["rho"] for point in schedule["curve"]}
        for column, rho in enumerate(rhos):
            missing[row, column] = float(rho) not in here
            words = ("missing" if missing[row, column] else f"{results.metric} {number(table[row, column])}"
                     if not diverged[column] else diverged_text(results, g, diverged[column]))
            drawing.points.append((ax, column, row, named(results, g, s, f"ρ = {number(rho)}", words)))
            if diverged[column]:
                diverged_at.append((column, row))
            if float(rho) == schedule["best_rho"]:
                best_at.append((column, row))
    if missing.any():
        ax.contourf(np.arange(-1, columns + 1), np.arange(-1, rows + 1), np.pad(missing.astype(float), 1, mode="edge"),
                    levels=[0.5, 1.5], colors="none", hatches=["////"])
    ax.plot(*np.reshape(diverged_at, (-1, 2)).T, "x", color="#b00020", markersize=3, markeredgewidth=0.7)
    ax.plot(*np.reshape(best_at, (-1, 2)).T, "o", color="white", markeredgecolor="black", markersize=3.5,
            markeredgewidth=0.7)
    ax.set_xlim(-0.5, columns - 0.5)
    ax.set_ylim(rows - 0.5, -0.5)
    shown = rhos[np.unique(np.linspace(0, columns - 1, min(columns, 5)).round().astype(int))]
    powers = 10.0 ** np.arange(np.ceil(np.log10(rhos[0])), np.floor(np.log10(rhos[-1])) + 1)
    if 3 <= len(powers) <= 6:
        shown = powers
    ax.set_xticks(np.interp(np.log(shown), np.log(rhos), range(columns)), [number(rho, 3) for rho in shown])
    inches = ax.figure.get_size_inches()[1] * ax.get_position().height
    every = max(1, -(-rows // max(1, int(inches / 0.13))))
    ax.set_yticks(range(0, rows, every), layout.row_names(panel)[::every])
    set_title(ax, layout.title(panel))
    finish_axes(ax, ("misspecification ρ", layout.long_key if layout.by_axis else ""))
    ax.tick_params(axis="both", length=2)


def draw_axis(results, styles, key):
    """How the best value and its stepsize move along an axis, a panel for each point of the others."""
    shape = [len(values) for values in results.axes.values()]
    at = list(results.axes).index(key)
    x = results.axes[key].astype(float)
    rest_of = results.without(key)
    lines = []
    for i, rest in enumerate(product(*(range(len(values)) for values in rest_of.axes.values()))):
        groups = [int(np.ravel_multi_index([*rest[:at], j, *rest[at:]], shape)) for j in range(shape[at])]
        order = np.argsort(x)
        for s in range(len(results.schedules)):
            found = [results.groups[groups[j]]["schedules"][s] for j in order]
            y = np.array([np.nan if f["best"] is None else f["best"] for f in found], float)
            ci = np.array([[np.nan if e is None else e for e in f["best_ci"] or (None, None)] for f in found], float)
            texts = [named(results, groups[j], s, f"best {results.metric} {number(f['best'])}",
                           f"at stepsize {number(f['best_stepsize'])} (ρ = {number(f['best_rho'])})")
                     for j, f in zip(order, found)]
            lines.append(Line(i, s, x[order], y, texts, ci[:, 0], ci[:, 1]))
    return draw_lines(
        results, Layout(rest_of, styles), lines, f"Best {results.metric} along {key}", f"along_{key}",
        f"At the best stepsize of every point: {results.mean_text()}; band: its 95 % interval.",
        (key, results.metric_label(f"best {results.metric}")),
        log_x=x.min() > 0 and x.max() >= 8 * x.min(), log_y=not results.metric.endswith("accuracy"))


FIGURES = {"loss": draw_loss, "misspecification": draw_misspecification, "regret": draw_regret, "curves": draw_curves,
           "heatmap": draw_heat_map}


def drawing_names(results):
    return [*FIGURES, *(f"along_{key}" for key, values in results.axes.items() if len(values) > 1)]


def draw(results, styles, name):
    """One of drawing_names(); None if the file has no data for it. The caller closes the figure."""
    with plt.rc_context(RC):
        if name in FIGURES:
            return FIGURES[name](results, Layout(results, styles))
        return draw_axis(results, styles, name.removeprefix("along_"))


def save(drawing, stem, formats):
    """Writes the figure and closes it; the names of the files. The same results give the same files."""
    written = []
    for form in formats:
        metadata = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(form)
        with plt.rc_context(RC):
            drawing.figure.savefig(f"{stem}.{form}", dpi=200, metadata=metadata)
        written.append(f"{stem}.{form}")
    plt.close(drawing.figure)
    return written


def main_guarded(main):
    """Runs it; a Failure ends in one line and exit code 2."""
    try:
        main()
    except (Failure, OSError) as error:
        print(f"{Path(sys.argv[0]).name}: error: {error}", file=sys.stderr)
        sys.exit(2)
