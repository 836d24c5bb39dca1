"""All figures by name."""

import matplotlib.pyplot as plt

from plots.families import draw_worst_member
from plots.grids import draw_grid_cost, draw_offsets
from plots.heat_map import draw_heat_map
from plots.layout import Layout
from plots.losses import draw_axis, draw_bound, draw_curves, draw_loss
from plots.misspecification import draw_misspecification
from plots.style import RC

FIGURES = {"grid_cost": draw_grid_cost, "offsets": draw_offsets, "loss": draw_loss, "bound": draw_bound,
           "misspecification": draw_misspecification, "worst_member": draw_worst_member, "curves": draw_curves,
           "heatmap": draw_heat_map}


def drawing_names(results):
    return [*FIGURES, *(f"along_{key}" for key, values in results.axes.items() if len(values) > 1)]


def draw(results, styles, name):
    """Draws one of drawing_names(). Returns None if the file has no data for it. The caller closes the figure."""
    with plt.rc_context(RC):
        if name in FIGURES:
            return FIGURES[name](results, Layout(results, styles))
        return draw_axis(results, styles, name.removeprefix("along_"))


def save(drawing, stem, formats):
    """Writes the figure and closes it. Returns the names of the files. The same results give the same files."""
    written = []
    for form in formats:
        metadata = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(form)
        with plt.rc_context(RC):
            drawing.figure.savefig(f"{stem}.{form}", dpi=200, metadata=metadata)
        written.append(f"{stem}.{form}")
    plt.close(drawing.figure)
    return written
