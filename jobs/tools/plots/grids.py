"""Figures of what coarse grids of stepsizes cost."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter

from plots.layout import draw_legend, finish_axes, legend_handles, panel_grid, set_title
from plots.panels import Drawing, Line, draw_lines, limits, named, ring, set_scale, theory_mark
from plots.results import array, interval_array, number, sentence

MOST_FACTOR = 30  # the largest plotted ratio of a grid's best loss to the tuned loss
UNBOUNDED = 1e30  # stands for the upper end of an interval that the sweep cannot bound
TABLE_RATIOS = (2, 5, 10, 50)
BEYOND = "beyond the sweep"
BEYOND_MARK = Line2D([], [], color="#333333", marker=">", linestyle="", markersize=5.5, label=BEYOND)
TOLERANCE_MARK = Line2D([], [], color="#555555", linewidth=0.7, linestyle=(0, (4, 2)), label="tolerances")


def tolerance_text(tolerance):
    return f"{100 * tolerance:g} %" if tolerance < 1 else f"a factor {1 + tolerance:g}"


def judged(schedule):
    return [grid for grid in schedule["grid"] if grid["judged"]]


def draw_grid_cost(results, layout):
    has_theory = results.theory["applies"] and not layout.has_shades
    lines = []
    for g, s, schedule in results.schedules_of():
        grids = schedule["grid"] if has_theory else judged(schedule)
        worst = [grid["worst"] if grid["judged"] else None for grid in grids]
        texts = [named(results, g, s, f"grid ratio {number(grid['ratio'])}", words(grid)) for grid in grids]
        ci = 1 + interval_array([grid["worst_ci"] if grid["judged"] else None for grid in grids])
        ci[np.isfinite(ci[:, 0]) & np.isnan(ci[:, 1]), 1] = UNBOUNDED
        line = Line(g, s, array(grid["ratio"] for grid in grids), 1 + array(worst), texts, ci[:, 0], ci[:, 1],
                    theory=1 + array(grid["theory_worst"] for grid in grids) if has_theory else None)
        line.rings = [(a["ratio"], 1 + a["tolerance"]) for a in schedule["advice"] if a["ratio"] is not None]
        if judged(schedule) and schedule["grid"][-1]["reason"] == BEYOND:
            last = judged(schedule)[-1]
            line.ends = [(last["ratio"], 1 + last["worst"])]
        lines.append(line)
    if not any(np.isfinite(line.y).any() for line in lines):
        return None
    highest = max((line.y[np.isfinite(line.y)].max(initial=1) for line in lines), default=MOST_FACTOR)
    tolerances = sorted({a["tolerance"] for _, _, schedule in results.schedules_of() for a in schedule["advice"]})
    some = ", ".join(tolerance_text(t) for t in tolerances)
    extra = [TOLERANCE_MARK, ring("crossing ratios")] if tolerances else []
    extra += [BEYOND_MARK] if any(line.ends for line in lines) else []
    return draw_lines(
        results, layout, lines, "What a coarse grid of stepsizes costs", "grid_cost",
        "Worst, over where the grid begins, of the error at its best stepsize over the error at the tuned one; band: 95 % "
        f"interval. {sentence(results.statistic_text())}."
        + (f" Rings: where it crosses the tolerances {some}." if tolerances else "")
        + (" Dotted, open markers: the same of the last-iterate bound." if has_theory else "")
        + (" Triangle: the sweep's range of ρ cannot judge coarser grids." if any(line.ends for line in lines) else ""),
        ("ratio of neighbouring stepsizes", "worst error / least error"), references=[1 + t for t in tolerances],
        highest=min(highest, MOST_FACTOR),
        extra=[*([theory_mark("theory: the bound's")] if has_theory else ()), *extra])


def words(grid):
    if not grid["judged"]:
        return f"not judged: {grid['reason']}"
    low, high = grid["worst_ci"] or (None, None)
    return (f"worst {number(1 + grid['worst'])} ×" + (f" [{number(1 + low)}, {number(1 + high)}]" if low and high else "")
            + f", mean {number(1 + grid['mean'])} ×")


def draw_offsets(results, layout):
    """Draws the distribution of the cost of a grid over its starting points: a box for each schedule at each ratio.
    Returns None if the layout distinguishes lines by shades, since the boxes would be too thin."""
    if layout.has_shades:
        return None
    boxes = {(g, s): [grid for grid in judged(schedule) if grid["ratio"] in TABLE_RATIOS]
             for g, s, schedule in results.schedules_of()}
    ratios = [ratio for ratio in TABLE_RATIOS if any(grid["ratio"] == ratio for row in boxes.values() for grid in row)]
    if not ratios:
        return None
    title = "How the cost depends on where a grid begins"
    handles = legend_handles(layout, [Line2D([], [], color="#333333", marker="_", linestyle="", label="median"),
                                      Line2D([], [], color="#333333", marker="D", markersize=2.5, linestyle="",
                                             label="mean")])
    figure, axes = panel_grid(results, layout, title, handles)
    drawing = Drawing("offsets", title, "Error of the grid's best stepsize over the error at the tuned one, where the grid "
                      "may begin anywhere. Whiskers: from the least to the worst beginning; box: the middle half of them. "
                      f"{sentence(results.statistic_text())}. A schedule without a box is not judged at that ratio.",
                      figure)
    values = [1 + value for row in boxes.values() for grid in row for value in grid["quantiles"]]
    for panel, ax in enumerate(axes):
        is_log = set_scale(ax.yaxis, values, True)
        ax.set_ylim(*limits(values, is_log))
        for g, s in layout.rows_of(panel):
            draw_boxes(drawing, ax, layout, (g, s), boxes[g, s], ratios)
        ax.set_xlim(-0.5, len(ratios) - 0.5)
        ax.set_xticks(range(len(ratios)), [f"{ratio:g}" for ratio in ratios])
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.grid(False, axis="x")
        for edge in range(1, len(ratios)):
            ax.axvline(edge - 0.5, color="#dddddd", linewidth=0.6, zorder=0)
        set_title(ax, layout.title(panel))
        finish_axes(ax, ("ratio of neighbouring stepsizes", "error / least error"))
    draw_legend(figure, handles)
    return drawing


def draw_boxes(drawing, ax, layout, line, grids, ratios):
    g, s = line
    results = layout.results
    style = layout.styles[results.schedules[s]]
    width = 0.8 / len(results.schedules)
    for grid in grids:
        x = ratios.index(grid["ratio"]) - 0.4 + (s + 0.5) * width
        low, q1, median, q3, high = (1 + value for value in grid["quantiles"])
        mean = 1 + grid["mean"]
        colour = style["color"]
        ax.vlines(x, low, high, color=colour, linewidth=0.9, zorder=2)
        ax.bar(x, q3 - q1, 0.7 * width, q1, color=colour, alpha=0.45, edgecolor=colour, linewidth=0.8, zorder=3)
        ax.hlines([low, high], x - 0.2 * width, x + 0.2 * width, color=colour, linewidth=0.9, zorder=3)
        ax.hlines(median, x - 0.35 * width, x + 0.35 * width, color="black", linewidth=1.0, zorder=4)
        ax.plot(x, mean, "D", color=colour, markeredgecolor="black", markeredgewidth=0.4, markersize=2.5, zorder=5)
        for name, value in ("worst", high), ("three quarters at most", q3), ("median", median), ("mean", mean):
            drawing.points.append((ax, x, value, named(results, g, s, f"grid ratio {number(grid['ratio'])}",
                                                       f"{name} {number(value)} ×")))
