#!/usr/bin/python3
"""Makes one self-contained HTML page of a results file: what was run, tables that sort, figures that tell their values.

    jobs/report.py FILE -o report.html [--metric M] [--worst-over AXIS]

The page needs no network and no other file. Needs what figures.py needs, and python3-jinja2.
"""

import argparse
import io
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import jinja2
import matplotlib.pyplot as plt
import numpy as np
import xarray as xr

import plots
from plots import number

FACTORS = (2, 4, 16, 64)
REACH = 1.26  # a ρ this near to a factor stands for it, as in rhosweep analyze
SCALE = 1.22  # pixels to a point
LEAST_WIDTH = 430  # in pixels, of a figure on a narrow screen; then it scrolls


@dataclass
class Column:
    name: str
    is_text: bool = False


@dataclass
class Cell:
    text: str
    key: object  # to sort by; "" if unknown
    aside: str = ""
    is_text: bool = False


def value_cell(value, text=None, aside=""):
    is_known = value is not None and np.isfinite(value)
    return Cell(text or number(value) if is_known else "–", repr(float(value)) if is_known else "", aside if is_known else "")


def interval(pair):
    return f"[{number(pair[0])}, {number(pair[1])}]" if pair else ""


def start_of_row(results, group, schedule):
    coverage = group["coverage"]
    cells = [value_cell(value) for value in group["axes"].values()]
    cells += [Cell(schedule["schedule"], schedule["schedule"], "", True)]
    return cells + [value_cell(coverage["seeds"], aside=f"of {coverage['of_seeds']}")] * bool(results.incomplete())


def near(schedule, factor):
    """The point of the curve nearest to factor × the best ρ; None if none is near."""
    points = [p for p in schedule["curve"] if p["ratio_to_best"]]
    nearest = min(points, key=lambda p: abs(np.log(p["ratio_to_best"] / factor)), default=None)
    return nearest if nearest and abs(np.log(nearest["ratio_to_best"] / factor)) <= np.log(REACH) else None


def table(results, title, caption, columns, row_of):
    start = [Column(key) for key in results.axes] + [Column("schedule", True)]
    start += [Column("seeds")] * bool(results.incomplete())
    rows = [start_of_row(results, group, schedule) + row_of(schedule)
            for group in results.groups for schedule in group["schedules"]]
    return dict(title=title, caption=caption, columns=start + [Column(name) for name in columns], rows=rows)


def best_table(results):
    is_incomplete = bool(results.incomplete())

    def row(schedule):
        missing, left_out = schedule["missing"], len(schedule["left_out"])
        lacks = [value_cell(missing["pending"] + missing["failed"], aside=f"of {missing['cells']}"),
                 value_cell(left_out, aside=f"of {left_out + len(schedule['curve'])}")]
        return [value_cell(schedule["best_stepsize"]), value_cell(schedule["best_rho"]),
                value_cell(schedule["best"], aside=interval(schedule["best_ci"])), value_cell(schedule["lr_sensitivity"]),
                *lacks * is_incomplete]

    return table(results, "Best stepsizes", f"By {results.metric}, {results.mean_text()}, with its 95 % bootstrap interval. "
                 "Learning-rate sensitivity: the mean over the grid's ρ of what is lost to the best, no more than to the "
                 "initial point.", ["best stepsize", "at ρ", results.metric, "lr sensitivity",
                                    *["trials missing", "ρ left out"] * is_incomplete], row)


def robustness_table(results):
    has_theory, caveat = results.theory["applies"], results.theory["caveat"]

    def row(schedule):
        cells = []
        for factor in FACTORS:
            point = near(schedule, factor)
            theory = f"/ {number(point['theory_ratio'], 3)}" if point and point["theory_ratio"] is not None else ""
            cells.append(value_cell(point["error_ratio"] if point else None,
                                    number(point["error_ratio"], 3) if point else None, theory))
        exponent = value_cell(schedule["exponent"], aside=interval(schedule["exponent_ci"]))
        theory = [value_cell(schedule["theory_slope"]), value_cell(schedule["theory_exponent"])]
        return cells + [exponent, *theory * has_theory]

    columns = [f"cost at ×{factor}" for factor in FACTORS] + ["exponent", *["bound's slope", "asymptotic"] * has_theory]
    return table(results, "Robustness to a misspecified stepsize", "Cost: the error at so many times the best stepsize over "
                 f"the error at the best one{', / the theory’s bound ratio' * has_theory}. Exponent: how the cost grows with "
                 "ρ (least squares of the logarithms, 4 to 100 times the best)"
                 + (", beside the bound's slope at the same ρ and its limit for long runs. The bound holds for the worst "
                    "case" * has_theory) + "." + (f" N.B.: {caveat}." if caveat else ""), columns, row)


def advice_table(results):
    tolerance = results.groups[0]["schedules"][0]["advice"]["tolerance"]

    def row(schedule):
        advice, grids = schedule["advice"], schedule["coarse_grid"]
        chosen = next((c for c in grids if c["ratio"] == advice["ratio"]), None)
        saved = advice["saved_share"]
        return [value_cell(advice["ratio"]),
                value_cell(advice["grid_points"] if chosen else None, aside=f"of {advice['of_points']}"),
                value_cell(saved, None if saved is None else f"{100 * saved:.0f} %"),
                value_cell(chosen and chosen["worst_regret"],
                           f"{100 * chosen['worst_regret']:.2g} %" if chosen and chosen["worst_regret"] is not None else None)]

    return table(results, "How coarse a grid of stepsizes may be", "The coarsest ratio of neighbouring stepsizes whose best "
                 f"one is, wherever the grid starts, at most {100 * tolerance:.0f} % worse than the whole grid's best.",
                 ["ratio", "stepsizes", "trials saved", "worst regret"], row)


def inline_svg(drawing):
    """The picture with names of its own, so that many fit into one page, and its points in the picture's units."""
    figure = drawing.figure
    figure.texts[0].set_visible(False)  # the page has the title
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{drawing.name.replace('.', '-')}-", svg)
    width, height = figure.get_size_inches() * 72
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{drawing.title}" '
                      f'style="min-width:{min(LEAST_WIDTH, width):.0f}px" ', 1)
    points = []
    for ax, x, y, label in drawing.points:
        px, py = ax.transData.transform((x, y)) * 72 / figure.dpi
        if -1 <= px <= width + 1 and -1 <= py <= height + 1:
            points.append([round(float(px), 1), round(float(height - py), 1), label])
    return dict(name=drawing.name, title=drawing.title, caption=drawing.caption, svg=svg, points=points, width=round(SCALE * width))


def figures(results):
    styles = plots.schedule_styles(results.schedules)
    for name in plots.drawing_names(results):
        drawing = plots.draw(results, styles, name)
        if drawing:
            with plt.rc_context(plots.RC):
                yield inline_svg(drawing)
            plt.close(drawing.figure)


def failures(path):
    """Lines of rhosweep status that tell why trials failed."""
    done = subprocess.run([plots.rhosweep_program(), "status", str(path)], capture_output=True, text=True)
    return [line.strip() for line in done.stdout.splitlines() if line.startswith(("  failed:", "  …"))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", metavar="FILE", help="a results file, also an incomplete one")
    parser.add_argument("-o", "--output", required=True, metavar="report.html", type=Path, help="the page")
    parser.add_argument("--metric", help="what to judge by [excess_loss where known, else train_loss]")
    parser.add_argument("--worst-over", metavar="AXIS", help="judge by the worst mean over this axis")
    options = parser.parse_args()
    results = plots.Results(options.file, options.metric, options.worst_over)
    with xr.open_dataset(options.file, group="run") as run:
        provenance = [(name.replace("_", " "), str(value)) for name, value in run.attrs.items() if str(value)]
    pending, done, diverged, failed = map(int, results.shares())
    extents = [f"{len(values)} {key}" for key, values in results.axes.items()]
    extents += [f"{results.seeds} seeds", f"{len(results.schedules)} schedules", f"{len(results.rhos)} ρ"]
    page = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True,
                              undefined=jinja2.StrictUndefined, trim_blocks=True).get_template("report.html.j2").render(
        title=results.attributes["title"] or results.path.name,
        incomplete=results.incomplete(),
        coverage=results.coverage(),
        counts=dict(failed=failed),
        facts=[("trials", f"{results.status.size:,}"), ("done", f"{done:,}"), ("diverged", f"{diverged:,}"),
               ("failed", f"{failed:,}"), ("pending", f"{pending:,}"), ("grid", " × ".join(extents)),
               ("judged by", f"{results.metric}, {results.mean_text()}"), ("file", results.path.name),
               ("sweep", results.attributes["sweep_hash"])],
        failures=failures(options.file) if failed else [],
        warnings=results.analysis["warnings"],
        tables=[best_table(results), robustness_table(results), advice_table(results)],
        figures=list(figures(results)),
        provenance=provenance,
        sweep=results.attributes["sweep"])
    options.output.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    plots.main_guarded(main)
