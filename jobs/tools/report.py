#!/usr/bin/python3
"""Makes one self-contained HTML page of a results file: what was run, tables that can be sorted, and figures that show
their values under the pointer.

    jobs/tools/report.py FILE -o report.html [--metric M] [--worst-over AXIS] ...

The page needs neither a network nor other files. Needs what figures.py needs, and python3-jinja2.
"""

from plots.modules import require_modules

require_modules("jinja2")

import argparse
import io
import re
from dataclasses import dataclass
from pathlib import Path

import jinja2
import matplotlib.pyplot as plt
import numpy as np

from plots import catalogue
from plots.grids import BEYOND, TABLE_RATIOS, tolerance_text
from plots.results import (Results, add_analysis_options, analysis_arguments, main_guarded, number, open_results,
                           printable, run_rhosweep, sentence, text_of)
from plots.style import RC, schedule_styles

FACTORS = (2, 4, 16, 64)
SCALE = 1.22  # pixels per point
LEAST_WIDTH = 430  # pixels; on a narrower screen a figure scrolls


@dataclass
class Column:
    name: str
    is_text: bool = False


@dataclass
class Cell:
    text: str
    key: object  # the sort key; "" if unknown
    aside: str = ""
    is_text: bool = False


def value_cell(value, text=None, aside=""):
    is_known = value is not None and np.isfinite(value)
    return Cell(text or number(value) if is_known else "–", repr(float(value)) if is_known else "", aside if is_known else "")


def percent(share):
    """Formats a share as a percentage with two digits and without an exponent."""
    return f"{100 * share:.2g} %" if 100 * share < 99.5 else f"{100 * share:.0f} %"


def interval(pair):
    return f"[{number(pair[0])}, {number(pair[1])}]" if pair else ""


def axis_columns(results):
    """Returns a column for each key that an axis varies."""
    return [Column(key, isinstance(value, (str, bool))) for key, value in results.included()[0][1]["axes"].items()]


def axis_cells(group):
    return [Cell(text_of(value), value, "", True) if isinstance(value, (str, bool)) else value_cell(value)
            for value in group["axes"].values()]


def start_of_row(results, group, schedule):
    coverage = group["coverage"]
    cells = [*axis_cells(group), Cell(schedule["schedule"], schedule["schedule"], "", True)]
    return cells + [value_cell(coverage["seeds"], aside=f"of {coverage['of_seeds']}")] * bool(results.incomplete())


def table(results, title, caption, columns, row_of):
    start = [*axis_columns(results), Column("schedule", True)]
    start += [Column("seeds")] * bool(results.incomplete())
    rows = [start_of_row(results, group, schedule) + row_of(schedule)
            for _, group in results.included() for schedule in group["schedules"]]
    return dict(title=title, caption=caption, columns=start + [Column(name) for name in columns], rows=rows)


def best_table(results):
    is_incomplete = bool(results.incomplete())

    def row(schedule):
        missing, left_out = schedule["missing"], len(schedule["left_out"])
        lacks = [value_cell(missing["pending"] + missing["failed"], aside=f"of {missing['cells']}"),
                 value_cell(left_out, aside=f"of {left_out + len(schedule['curve'])}")]
        diverged = schedule["diverged_share"]
        return [value_cell(schedule["best_stepsize"]), value_cell(schedule["best_rho"]),
                value_cell(schedule["best"], aside=interval(schedule["best_ci"])), value_cell(schedule["naive_best"]),
                value_cell(schedule["lr_sensitivity"]),
                value_cell(diverged, None if diverged is None else percent(diverged)), *lacks * is_incomplete]

    return table(results, "Best stepsizes", f"By {results.metric}, {results.statistic_text()}. The value is estimated on other "
                 "seeds than chose the stepsize, with its 95 % interval; the naive value, of the same seeds at the best grid "
                 "point, is too good. Learning-rate sensitivity: the mean over the grid's ρ of the loss above the best, each "
                 "run capped at its loss before training.",
                 ["best stepsize", "at ρ", results.metric, "naive", "lr sensitivity", "diverged",
                  *["trials missing", "ρ left out"] * is_incomplete], row)


def robustness_table(results):
    has_theory, caveat = results.theory["applies"], results.theory["caveat"]

    def row(schedule):
        cells = []
        by_factor = {cost["factor"]: cost for cost in schedule["cost_at"]}
        for factor in FACTORS:
            cost, bound = by_factor[factor]["error_ratio"], by_factor[factor]["theory_ratio"]
            cells.append(value_cell(cost, None if cost is None else number(cost, 3),
                                    "" if cost is None or bound is None else f"/ {number(bound, 3)}"))
        exponent = value_cell(schedule["exponent"], aside=interval(schedule["exponent_ci"]))
        theory = [value_cell(schedule["bound_slope"]), value_cell(schedule["theory_exponent"])]
        return cells + [exponent, *theory * has_theory]

    columns = [f"cost at ×{factor}" for factor in FACTORS] + ["exponent", *["bound's slope", "asymptotic"] * has_theory]
    return table(results, "Robustness to a misspecified stepsize", "Cost: the error at a multiple of the best stepsize over "
                 f"the error at the tuned one{', / the theory’s bound ratio' * has_theory}. Exponent: how the cost grows with "
                 "ρ (least squares of the logarithms, 4 to 100 times the best)"
                 + (", beside the bound's slope at the same ρ and its limit for long runs. The bound holds for the worst "
                    "case" * has_theory) + "." + (f" {sentence(caveat)}." if caveat else ""), columns, row)


def advice_tables(results):
    """Returns up to two tables, if requested: how coarse a grid may be for each tolerance, and what grids of some
    ratios cost."""
    tolerances = [advice["tolerance"] for advice in results.included()[0][1]["schedules"][0]["advice"]]
    has_theory = results.theory["applies"]

    def advice_row(schedule):
        cells = []
        for advice in schedule["advice"]:
            ratio, saved = advice["ratio"], advice["saved_share"]
            cells.append(value_cell(ratio, None if ratio is None else number(ratio, 3), ratio_interval(advice["ratio_ci"]))
                         if ratio is not None else Cell(BEYOND if advice["reason"] == BEYOND else "not judged", ""))
            cells += [value_cell(advice["theory_ratio"], number(advice["theory_ratio"], 3))] * has_theory
            cells.append(value_cell(saved, None if saved is None else f"{100 * saved:.0f} %"))
        return cells

    def cost_row(schedule):
        by_ratio = {grid["ratio"]: grid for grid in schedule["grid"]}
        cells = []
        for ratio in TABLE_RATIOS:
            grid = by_ratio[ratio]
            theory = grid["theory_worst"]
            aside = f"/ {number(1 + theory, 3)}" if theory is not None else ""
            cells.append(value_cell(1 + grid["worst"], number(1 + grid["worst"], 3), aside) if grid["judged"]
                         else Cell("beyond" if grid["reason"] == BEYOND else "–", "", aside))
        return cells + [value_cell(schedule["grid_growth"], aside=interval(schedule["grid_growth_ci"])),
                        *[value_cell(schedule["theory_grid_growth"])] * has_theory]

    def why_not(answers):
        """Returns a text with each reason for which answers are not judged, and the schedules to which it applies."""
        schedules = {}
        for _, group in results.included():
            for schedule in group["schedules"]:
                for reason in {each["reason"] for each in schedule[answers]} - {None, "", BEYOND}:
                    schedules.setdefault(reason, []).append(schedule["schedule"])
        return "".join(f" Not judged: {', '.join(dict.fromkeys(names))}: {reason}." for reason, names in schedules.items())

    tables = []
    if tolerances:
        names = [name for t in tolerances
                 for name in (f"ratio for {tolerance_text(t)}", *["theory"] * has_theory, "trials saved")]
        tables.append(table(
            results, "How coarse a grid of stepsizes may be", f"The ratio of neighbouring stepsizes up to which the grid's "
            f"best {results.metric}, wherever the grid begins, stays within the tolerance of the tuned one, with its 95 % "
            "interval. The lower end of the interval is what is advised. Trials saved: against the schedule that needs most. "
            "Beyond the sweep: the range of ρ is too small to say." + why_not("advice"), names, advice_row))
    if results.included()[0][1]["schedules"][0]["grid"]:
        tables.append(table(
            results, "What a coarse grid costs", "Worst, over where the grid begins, of the error at its best stepsize over "
            f"the error at the tuned one{', / the same of the bound' * has_theory}. Growth: the slope of its logarithm against "
            "that of the ratio, from 4 on" + (", beside its limit for long runs" * has_theory) + "." + why_not("grid"),
            [*(f"ratio {ratio}" for ratio in TABLE_RATIOS), "growth", *["asymptotic"] * has_theory], cost_row))
    return tables


def ratio_interval(pair):
    """Formats an interval of grid ratios. An upper end of None means that it is beyond the sweep."""
    return f"[{number(pair[0], 3)}, {'beyond' if pair[1] is None else number(pair[1], 3)}]" if pair else ""


def baseline_tables(results):
    """Returns a list with the table of the baselines (results of other files without tuning), if they are requested."""
    rows = []
    for _, group in results.included():
        for each in group["baselines"]:
            rows.append([*axis_cells(group),
                         Cell(each["optimizer"], each["optimizer"], "", True), Cell(each["schedule"], each["schedule"], "", True),
                         value_cell(each["value"], aside=interval(each["ci"])),
                         value_cell(each["diverged_share"], percent(each["diverged_share"] or 0))])
    columns = [*axis_columns(results), Column("optimizer", True), Column("schedule", True),
               Column(results.metric), Column("diverged")]
    caption = "At the stepsize that each file names (ρ = 1), without a search."
    return [dict(title="Without tuning", caption=caption, columns=columns, rows=rows)] if rows else []


def inline_svg(drawing):
    """Returns the picture as SVG, and the drawn points with their places in the SVG. The text lacks the initial
    `<svg `, since the page adds attributes. Ids begin with the picture's name, so that one page can contain many
    pictures."""
    figure = drawing.figure
    figure.texts[0].set_visible(False)  # the page has the title itself
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg ") + len("<svg "):]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{drawing.name.replace('.', '-')}-", svg)
    width, height = figure.get_size_inches() * 72
    points = []
    for ax, x, y, label in drawing.points:
        px, py = ax.transData.transform((x, y)) * 72 / figure.dpi
        if -1 <= px <= width + 1 and -1 <= py <= height + 1:
            points.append([round(float(px), 1), round(float(height - py), 1), label])
    return dict(name=drawing.name, title=drawing.title, caption=drawing.caption, svg=svg, points=points,
                width=round(SCALE * width), least_width=round(min(LEAST_WIDTH, width)))


def figures(results):
    styles = schedule_styles(results.schedules)
    for name in catalogue.drawing_names(results):
        drawing = catalogue.draw(results, styles, name)
        if drawing:
            with plt.rc_context(RC):
                yield inline_svg(drawing)
            plt.close(drawing.figure)


def failures(path):
    """Returns the lines of `rhosweep status` that say why trials failed."""
    done = run_rhosweep("status", str(path))
    return [line.strip() for line in done.stdout.splitlines() if line.startswith(("  failed:", "  …"))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", metavar="FILE", help="a results file, also an incomplete one")
    parser.add_argument("-o", "--output", required=True, metavar="report.html", type=Path, help="the page")
    add_analysis_options(parser)
    options = parser.parse_args()
    results = Results(options.file, analysis_arguments(options))
    with open_results(options.file, group="run") as run:
        provenance = [(printable(name).replace("_", " "), printable(str(value)))
                      for name, value in run.attrs.items() if str(value)]
    pending, done, diverged, failed, not_needed, excluded, stopped = map(int, results.shares())
    extents = [f"{len(values)} {key}" for key, values in results.axes.items()]
    extents += [f"{results.seeds} seeds", f"{len(results.schedules)} schedules", f"{len(results.rhos)} ρ"]
    page = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True,
                              undefined=jinja2.StrictUndefined, trim_blocks=True).get_template("report.html.j2").render(
        title=results.attributes["title"] or printable(results.path.name),
        incomplete=results.incomplete(),
        coverage=results.coverage(),
        counts=dict(failed=failed),
        facts=[("trials", f"{results.status.size - excluded:,}"), ("done", f"{done:,}"), ("diverged", f"{diverged:,}"),
               ("failed", f"{failed:,}"), ("pending", f"{pending:,}"),
               *[("not needed by the search", f"{not_needed:,}")] * bool(not_needed),
               *[("stopped early", f"{stopped:,}")] * bool(stopped),
               *[("excluded besides", f"{excluded:,}")] * bool(excluded), ("grid", " × ".join(extents)),
               ("judged by", f"{results.metric}, {results.statistic_text()}"), ("file", printable(results.path.name)),
               ("sweep", results.attributes["sweep_hash"])],
        failures=failures(options.file) if failed else [],
        warnings=results.analysis["warnings"],
        tables=[*advice_tables(results), best_table(results), robustness_table(results), *baseline_tables(results)],
        figures=list(figures(results)),
        provenance=provenance,
        sweep=results.attributes["sweep"])
    options.output.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main_guarded(main)
