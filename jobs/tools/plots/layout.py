"""The panels of a figure and what surrounds them: titles, legend, colour bar."""

from itertools import product

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator

from plots.results import number, power_of_ten, text_of
from plots.style import MOST_STYLES, SHADES, SHADES_DRAWN

MOST_PANELS = 12  # with more axes points there is a panel per schedule, see Layout


class Layout:
    """The panels of a figure and the lines within them. With few axes points a line is a schedule. Otherwise there is a
    panel per schedule, and a line is a value of the longest axis, shown by its shade."""

    def __init__(self, results, styles):
        self.results, self.styles = results, styles
        self.by_axis = len(results.groups) > MOST_PANELS
        self.has_shades = self.by_axis or len(results.schedules) > MOST_STYLES
        shape = [len(values) for values in results.axes.values()] or [1]
        if self.by_axis:
            self.long = int(np.argmax(shape))
            self.long_key = list(results.axes)[self.long]
            values = self.long_values()
            wide = values.min() > 0 and values.max() >= 10 * values.min()
            self.norm = (LogNorm if wide else Normalize)(values.min(), values.max())
            others = [range(n) for i, n in enumerate(shape) if i != self.long]
            self.panels = [(s, *rest) for rest in product(*others) for s in range(len(results.schedules))]
            self.columns = len(results.schedules) if len(shape) > 1 and len(results.schedules) <= 6 else None
        else:
            self.panels = [(g,) for g, _ in results.included()]
            # The panels along the last axis stand in one row if there are at most six and no panel is missing.
            is_whole = len(self.panels) == len(results.groups)
            self.columns = shape[-1] if len(shape) > 1 and shape[-1] <= 6 and is_whole else None
        self.index = {panel: i for i, panel in enumerate(self.panels)}
        self.shape = shape

    def long_values(self):
        """Returns the values of the longest axis as numbers."""
        values = self.results.axes[self.long_key]
        return values.astype(float) if values.dtype.kind in "iuf" else np.arange(len(values), dtype=float)

    def panel(self, line):
        if not self.by_axis:
            return self.index[(line.group,)]
        at = list(np.unravel_index(line.group, self.shape))
        del at[self.long]
        return self.index[(line.schedule, *map(int, at))]

    def rows_of(self, panel):
        """Returns (group, schedule) of each line of a panel."""
        if not self.by_axis:
            return [(self.panels[panel][0], s) for s in range(len(self.results.schedules))]
        s, *rest = self.panels[panel]
        at = [rest[:self.long] + [i] + rest[self.long:] for i in range(self.shape[self.long])]
        return [(int(np.ravel_multi_index(place, self.shape)), s) for place in at]

    def row_names(self, panel):
        if not self.by_axis:
            return self.results.schedules
        return [text_of(value, 3) for value in self.results.axes[self.long_key]]

    def title(self, panel):
        if not self.by_axis:
            group = self.results.groups[self.panels[panel][0]]
            return "\n".join(filter(None, [self.results.label(group), self.coverage(group)]))
        s, *rest = self.panels[panel]
        keys = [key for key in self.results.axes if key != self.long_key]
        return "\n".join([self.results.schedules[s],
                          *(f"{key} = {text_of(self.results.axes[key][i])}" for key, i in zip(keys, rest))])

    def coverage(self, group):
        """Returns "3 of 8 seeds" if some seeds are missing and the figure has several panels, which may differ;
        otherwise an empty text."""
        coverage = group.get("coverage")
        is_partial = coverage and len(self.panels) > 1 and coverage["seeds"] < coverage["of_seeds"]
        return f"{coverage['seeds']} of {coverage['of_seeds']} seeds" if is_partial else ""

    def style(self, line):
        if not self.by_axis:
            return self.styles[self.results.schedules[line.schedule]]
        value = self.long_values()[np.unravel_index(line.group, self.shape)[self.long]]
        return dict(color=SHADES(0.92 * self.norm(value)), linestyle="-", marker="")


def panel_grid(results, layout, title, handles, panel_size=None, colour_bar=False):
    """Makes a figure with the layout's panels, large enough that nothing overlaps, with space for a legend of
    `handles`. Returns the figure and a list of its axes."""
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
    """Returns the entries of the legend: the schedules, unless shades distinguish them, and `extra`."""
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
    """Draws the meaning of the shades, if there are any."""
    if layout.by_axis:
        bar = draw_bar(figure, ScalarMappable(layout.norm, SHADES_DRAWN), layout.long_key)
        if layout.results.axes[layout.long_key].dtype.kind not in "iuf":
            bar.set_yticks(layout.long_values(), layout.row_names(0))
    elif layout.has_shades:
        norm = Normalize(1, len(layout.results.schedules))
        draw_bar(figure, ScalarMappable(norm, SHADES_DRAWN), "schedule, by its number in the sweep")




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
        drawn.formatter = FuncFormatter(lambda value, _: number(value, 3) if few else power_of_ten(value))
    bar.set_ylabel(label, fontsize=7.5)
    bar.tick_params(labelsize=7)
    return bar



def set_title(ax, text):
    ax.set_title(text, loc="left", fontsize=7.5, pad=3, y=1.0)  # with y set, matplotlib does not search for ticks


def finish_axes(ax, labels):
    ax.tick_params(which="both", labelsize=7, labelleft=ax.is_left, labelbottom=ax.is_lowest)
    ax.set_xlabel(labels[0] if ax.is_lowest else "")
    ax.set_ylabel(labels[1] if ax.is_left else "")
