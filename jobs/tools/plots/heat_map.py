"""The heat map of the whole grid."""

import matplotlib
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize
from matplotlib.lines import Line2D

from plots.layout import draw_bar, draw_legend, finish_axes, panel_grid, set_title
from plots.panels import Drawing, diverged_text, named, seeds_diverged
from plots.results import DIVERGED, array, number
from plots.style import MOST_STYLES

HEAT_MARKS = (Line2D([], [], color="white", marker="o", markeredgecolor="black", linestyle="", label="tuned ρ"),
              Line2D([], [], color="#b00020", marker="x", linestyle="", label="a seed diverged"))
HEAT = matplotlib.colormaps["cividis_r"]


def draw_heat_map(results, layout):
    """Draws each cell of the grid as a cell of the picture. Rows are schedules or the values of the longest axis,
    columns are rho."""
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
            of_rho = {point["rho"]: point["value"] for point in results.groups[g]["schedules"][s]["curve"]}
            table[p, row] = array(of_rho.get(float(rho)) for rho in rhos)[nearest_visited(results, g, s)]
    norm = heat_norm(results, table)
    drawing = Drawing("heatmap", f"Final {results.metric} over the grid", f"Colour: {results.statistic_text()}. Dot: "
                      "the tuned ρ of a row, between grid points. ×: some seed has diverged"
                      + (", which makes a mean infinite" if results.statistic == "mean" else "") + ". Hatched: missing."
                      + (" Where a schedule leaves out ρ, its cells are wider." if leaves_out(results) else ""), figure)
    for p, ax in enumerate(axes):
        draw_heat_panel(drawing, ax, layout, p, table[p], norm, at)
    draw_bar(figure, ScalarMappable(norm, HEAT), results.metric_label(f"final {results.metric}"))
    draw_legend(figure, marks)
    return drawing


def leaves_out(results):
    """Returns whether some schedule does not visit every ρ."""
    return not all(results.visits(g, s).all() for g, s, _ in results.schedules_of())


def nearest_visited(results, g, s):
    """Returns for each ρ, in increasing order, the index of the nearest ρ that the schedule visits."""
    visited = np.flatnonzero(results.visits(g, s)[np.argsort(results.rhos)])
    if not visited.size:  # a point that the sweep leaves out
        return np.arange(len(results.rhos))
    return visited[abs(np.arange(len(results.rhos))[:, None] - visited).argmin(axis=1)]


def heat_norm(results, table):
    seen = table[np.isfinite(table)]
    is_log = seen.size and seen.min() > 0 and results.judges_loss()
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
        nearest = nearest_visited(results, g, s)
        for column, rho in enumerate(rhos):
            missing[row, column] = float(rhos[nearest[column]]) not in here
            if nearest[column] != column:
                continue
            words = ("missing" if missing[row, column] else f"{results.metric} {number(table[row, column])}"
                     if not diverged[column] else diverged_text(results, g, diverged[column]))
            drawing.points.append((ax, column, row, named(results, g, s, f"ρ = {number(rho)}", words)))
            if diverged[column]:
                diverged_at.append((column, row))
        if schedule["best_rho"] is not None:
            best_at.append((np.interp(np.log(schedule["best_rho"]), np.log(rhos), range(columns)), row))
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
