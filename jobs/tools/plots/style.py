"""The look of schedules: colours, dashes, markers, shades."""

import matplotlib
import numpy as np

matplotlib.use("Agg")  # needs no display

# The colours of Okabe & Ito, which colour-blind readers can distinguish, without the yellow, which is too pale on
# paper. Dashes and markers distinguish schedules in greyscale. Dotted lines with open markers are theory.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#000000", "#7A5195")
DASHES = ("-", (0, (4, 1.3)), (0, (9, 1.5)), (0, (5, 1.5, 1.2, 1.5)))
DOTTED = (0, (1, 1.2))
MARKERS = "osD^vPX*"
# The usual schedules look the same in every figure of every file, and no other schedule looks like one of them.
USUAL = ("constant", "inverse_sqrt", "linear", "polynomial(2)", "cosine", "wsd(cooldown=0.2)", "polynomial(3)")
MOST_STYLES = 16  # if there are more schedules, shades distinguish them
SHADES = matplotlib.colormaps["viridis"]
SHADES_DRAWN = matplotlib.colors.ListedColormap(SHADES(np.linspace(0, 0.92, 256)))
RC = {"font.size": 8, "axes.titlesize": 8, "axes.linewidth": 0.6, "xtick.major.width": 0.6, "ytick.major.width": 0.6,
      "axes.spines.top": False, "axes.spines.right": False, "lines.linewidth": 1.3, "lines.markersize": 3.5,
      "axes.grid": True, "grid.linewidth": 0.4, "grid.color": "#dddddd", "axes.axisbelow": True, "legend.frameon": False,
      "pdf.fonttype": 42, "text.parse_math": False, "svg.hashsalt": "rhosweep", "hatch.linewidth": 0.5}


def schedule_styles(schedules):
    """Returns colour, dashes and marker of each schedule. Each usual schedule has a fixed style; other schedules get
    the remaining styles in order, those with unused colours first."""
    if len(schedules) > MOST_STYLES:
        shades = SHADES(np.linspace(0, 0.92, len(schedules)))
        return {name: dict(color=shade, linestyle="-", marker="") for name, shade in zip(schedules, shades)}
    taken = {USUAL.index(name) for name in schedules if name in USUAL}
    free = iter(sorted(range(len(USUAL), len(USUAL) + MOST_STYLES), key=lambda i: i % 8 in taken))
    slots = {name: USUAL.index(name) if name in USUAL else next(free) for name in schedules}
    return {name: dict(color=COLOURS[i % 8], marker=MARKERS[(i + 3 * (i // 8)) % 8], linestyle=DASHES[(i + i // 8) % 4])
            for name, i in slots.items()}

