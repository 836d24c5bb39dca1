"""Draws lines in small multiples, one panel per group or schedule."""

from dataclasses import dataclass, field

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from plots.layout import draw_legend, draw_shades, finish_axes, legend_handles, panel_grid, set_title
from plots.results import DIVERGED, number, power_of_ten
from plots.style import DOTTED, MOST_STYLES

MOST_SPAN = 1e30  # largest ratio of the ends of a log axis


@dataclass
class Drawing:
    name: str
    title: str
    caption: str
    figure: plt.Figure
    points: list = field(default_factory=list)  # (axes of the figure, x, y, text)


@dataclass
class Line:
    """The line of one schedule of one group (Results.groups: mostly an axes point). Its points are in the order of
    increasing x."""

    group: int
    schedule: int
    x: np.ndarray
    y: np.ndarray
    texts: list
    low: np.ndarray = None
    high: np.ndarray = None
    theory: np.ndarray = None  # the theory, drawn as a second line
    rings: list = field(default_factory=list)  # (x, y) of points to mark with a ring
    ends: list = field(default_factory=list)  # (x, y) of points beyond which the cost is unknown
    crosses: list = field(default_factory=list)  # (x, whether all seeds have diverged, text)


def set_scale(axis, values, wanted_log):
    """Sets a log axis if wanted and possible, with as many ticks as there is room for. Returns whether the axis is
    logarithmic."""
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
            axis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(value)))
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


def draw_lines(results, layout, lines, title, name, caption, labels, log_x=True, log_y=True, references=(),
               shown=(), highest=None, extra=(), categories=None):
    """Draws small multiples of lines. references: levels of y to mark; shown: more values of y that the panels must
    include; highest: larger values of y are outside the panel; categories: names of x = 0, 1, ..., which no line
    connects."""
    handles = legend_handles(layout, extra)
    figure, axes = panel_grid(results, layout, title, handles, colour_bar=layout.has_shades)
    drawing = Drawing(name, title, caption, figure)
    xs = np.concatenate([line.x for line in lines] + [[c[0] for line in lines for c in line.crosses]])
    parts = [part for line in lines for part in (line.y, *(() if layout.has_shades else (line.low, line.high, line.theory)))
             if part is not None]
    ys = np.concatenate([*parts, np.array(shown, float)])
    if log_y:
        ys = ys[~(ys <= 0)]
    ys = ys[np.isfinite(ys)]
    if log_y and ys.size:  # trials that are about to diverge have arbitrarily large values
        highest = min(highest or np.inf, MOST_SPAN * ys.min())
    if highest is not None and ys.size:
        ys = np.minimum(ys, max(highest, ys.min()))
    for ax in axes:
        is_log_x, is_log_y = set_scale(ax.xaxis, xs, log_x), set_scale(ax.yaxis, ys, log_y)
        ax.set_xlim(*limits(xs, is_log_x, 0.03))
        if categories:
            set_categories(ax, categories)
        low, high = limits(ys, is_log_y)
        ax.set_ylim(low, high)
    empty = set(range(len(axes))) - {layout.panel(line) for line in lines if np.isfinite(line.y).any()}
    for line in lines:
        ax = axes[layout.panel(line)]
        draw_one = draw_categories if categories else draw_thin_line if layout.has_shades else draw_line
        draw_one(ax, line, layout.style(line))
        add_points(drawing, ax, line, layout.style(line)["color"])
    for i, ax in enumerate(axes):
        set_title(ax, layout.title(i))
        for reference in references:
            ax.axhline(reference, color="#555555", linewidth=0.7, linestyle=(0, (4, 2)), zorder=1)
        finish_axes(ax, labels)
        if i in empty:
            ax.text(0.5, 0.5, "no values", transform=ax.transAxes, ha="center", va="center", color="#777777")
    draw_legend(figure, handles)
    draw_shades(figure, layout)
    return drawing


def transposed(points):
    """Returns two sequences, x and y; works for no points, too."""
    return np.reshape(points, (-1, 2)).T


def draw_line(ax, line, style):
    colour = style["color"]
    if line.low is not None:
        ax.fill_between(line.x, line.low, line.high, color=colour, alpha=0.16, linewidth=0, zorder=1)
    every = max(1, len(line.x) // 10)
    low, high = ax.get_ylim()

    def marked(y, first):
        """Returns the indices of the points that get a marker: at most about ten, all within the panel."""
        return [i for i in range(first % every, len(y), every) if low <= y[i] <= high]

    if line.theory is not None:
        ax.plot(line.x, line.theory, color=colour, linewidth=0.9, linestyle=DOTTED, zorder=2, marker=style["marker"],
                markersize=2.8, markerfacecolor="white", markeredgewidth=0.7,
                markevery=marked(line.theory, line.schedule * 3 + every // 2))
    ax.plot(line.x, line.y, markevery=marked(line.y, line.schedule * 3), zorder=3, **style)
    ax.plot(*transposed(line.rings), "o", markersize=7, markerfacecolor="none", markeredgecolor=colour,
            markeredgewidth=1.1, zorder=4)
    ax.plot(*transposed(line.ends), ">", markersize=5.5, color=colour, zorder=4)


def set_categories(ax, names):
    """Labels x = 0, 1, ... with names, turned if they are too long to stand side by side."""
    inches = ax.figure.get_size_inches()[0] * ax.get_position().width
    is_turned = 0.068 * sum(len(name) + 2 for name in names) > inches
    ax.set_xticks(range(len(names)), [shortened(name) for name in names], rotation=20 if is_turned else 0,
                  ha="right" if is_turned else "center")
    ax.set_xlim(-0.5, len(names) - 0.5)


def shortened(name):
    return name if len(name) <= 16 else name[:15] + "…"


def draw_categories(ax, line, style):
    """Draws the points of a line near their categories, with their bands as bars."""
    if line.low is not None:
        ax.vlines(line.x, line.low, line.high, color=style["color"], linewidth=0.9, alpha=0.6, zorder=2)
    ax.plot(line.x, line.y, zorder=3, **style | {"linestyle": "", "marker": style.get("marker") or "o"})


def draw_thin_line(ax, line, style):
    """Draws one of many lines, without band and theory."""
    ax.plot(line.x, line.y, color=style["color"], linewidth=0.8, zorder=3, marker="." if len(line.x) == 1 else "")
    if line.rings:
        ax.plot(*transposed(line.rings), "o", markersize=3, markerfacecolor="white",
                markeredgecolor=style["color"], markeredgewidth=0.8, zorder=4)


def add_points(drawing, ax, line, colour):
    """Adds the texts of a line's points. Marks its diverged cells in a separate row at the top of the panel."""
    drawing.points += [(ax, x, y, text) for x, y, text in zip(line.x, line.y, line.texts) if np.isfinite(y)]
    row = 1.0 - 0.022 * (line.schedule % MOST_STYLES)
    low, high = ax.get_ylim()
    y = low * (high / low) ** row if ax.get_yscale() == "log" else low + (high - low) * row
    for all_seeds, mark in ((True, "x"), (False, "+")) if line.crosses else ():
        ax.plot([x for x, is_all, _ in line.crosses if is_all == all_seeds],
                [y for _, is_all, _ in line.crosses if is_all == all_seeds], mark, markersize=3.5, markeredgewidth=0.9,
                color=colour, zorder=5, clip_on=False)
    drawing.points += [(ax, x, y, text) for x, _, text in line.crosses]


CROSSES = (Line2D([], [], color="#333333", marker="x", linestyle="", label="all seeds diverged"),
           Line2D([], [], color="#333333", marker="+", linestyle="", label="some seeds diverged"))


def crosses_of(lines):
    """Returns the legend entries among CROSSES whose marks the lines contain."""
    seen = {is_all for line in lines for _, is_all, _ in line.crosses}
    return [mark for mark, is_all in zip(CROSSES, (True, False)) if is_all in seen]


def ring(label):
    """Returns the legend entry of the rings."""
    return Line2D([], [], color="#333333", marker="o", linestyle="", markersize=7, markerfacecolor="none", label=label)


def theory_mark(label):
    """Returns the legend entry of the theory's lines."""
    return Line2D([], [], color="#333333", linewidth=0.9, linestyle=DOTTED, marker="o", markersize=2.8,
                  markerfacecolor="white", markeredgewidth=0.7, label=label)


def named(results, g, s, *parts):
    where = results.label(results.groups[g]).replace("\n", ", ")
    return "\n".join([results.schedules[s], *([where] if where else []), *parts])


def seeds_diverged(results, g, s):
    """Returns for each rho how many of the counted seeds have diverged, at the axes point where most have diverged."""
    diverged = np.count_nonzero(results.status[g][..., results.counts[g], s, :] == DIVERGED, axis=-2)
    return diverged if diverged.ndim == 1 else diverged.max(axis=0)


def diverged_text(results, g, diverged):
    return f"{diverged} of {results.groups[g]['coverage']['seeds']} seeds diverged"


def leaves(lines, highest):
    """Returns whether a line exceeds `highest`."""
    return highest is not None and any((line.y > highest).any() for line in lines)
