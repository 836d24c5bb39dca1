"""The figure of what a misspecified stepsize costs."""

from plots.panels import Line, crosses_of, diverged_text, draw_lines, leaves, named, theory_mark
from plots.results import array, number, sentence

MOST_COST = 1e3


def draw_misspecification(results, layout):
    has_theory = results.theory["applies"] and not layout.has_shades
    lines = []
    for g, s, schedule in results.schedules_of():
        points = [p for p in schedule["curve"] if p["error_ratio"] is not None and p["ratio_to_best"] is not None]
        bounds = [f", bound {number(p['theory_ratio'])} ×" if p["theory_ratio"] is not None else "" for p in points]
        texts = [named(results, g, s, f"{number(p['ratio_to_best'])} × the best stepsize",
                       f"cost {number(p['error_ratio'])} × the least{bound}") for p, bound in zip(points, bounds)]
        crosses = [(p["ratio_to_best"], p["diverged"] == results.counts[g].sum(),
                    named(results, g, s, f"{number(p['ratio_to_best'])} × the best stepsize",
                          diverged_text(results, g, p["diverged"])))
                   for p in schedule["curve"] if p["diverged"] and p["ratio_to_best"]]
        lines.append(Line(g, s, array(p["ratio_to_best"] for p in points), array(p["error_ratio"] for p in points), texts,
                          theory=array(p["theory_ratio"] for p in points) if has_theory else None, crosses=crosses))
    caveat = results.theory["caveat"]
    return draw_lines(
        results, layout, lines, "What a misspecified stepsize costs", "misspecification",
        f"Error ({results.statistic_text()}) over the error at the tuned stepsize."
        + (" Dotted, open markers: the last-iterate bound's ratio of the same schedule, an upper bound of the growth in the "
           "worst case." if has_theory else "")
        + (f" {sentence(caveat)}." if caveat else "")
        + (" Lines leave the panel at 10³." if leaves(lines, MOST_COST) else ""),
        ("stepsize / best stepsize", "error / least error"), highest=MOST_COST,
        extra=[*([theory_mark("theory: the bound's ratio")] if has_theory else ()), *crosses_of(lines)])
