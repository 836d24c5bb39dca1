"""Figures of the metric itself: against the stepsize, beside its bound, along the run, along an axis."""

from itertools import product

import numpy as np

from plots.layout import Layout
from plots.panels import Line, crosses_of, diverged_text, draw_lines, leaves, named, ring, seeds_diverged, theory_mark
from plots.results import DIVERGED, DONE, array, interval_array, number, text_of

BAND = (0.1, 0.9)


def loss_lines(results):
    """Returns a line for each schedule of each group, over every ρ that the schedule visits."""
    lines = []
    increasing = np.argsort(results.rhos)
    knows_stepsizes = np.isfinite(results.stepsize).all()
    for g, s, schedule in results.schedules_of():
        of_rho = {point["rho"]: point for point in schedule["curve"]}
        at = increasing[results.visits(g, s)[increasing]]
        x = (results.stepsize[g][s] if knows_stepsizes else results.rhos)[at]
        diverged = seeds_diverged(results, g, s)[at]
        low, high = bands(results, g, s, of_rho)
        y, texts, crosses = [], [], []
        for rho, place, count in zip(results.rhos[at], x, diverged):
            point = of_rho.get(float(rho), {})
            value, ci = point.get("value"), point.get("ci")
            stepsize = f"stepsize {number(place)} (ρ = {number(rho)})" if knows_stepsizes else f"ρ = {number(rho)}"
            text = named(results, g, s, stepsize, f"{results.metric} {number(value)}"
                         + (f" [{number(ci[0])}, {number(ci[1])}]" if value is not None and ci else ""))
            if count:
                text += "\n" + diverged_text(results, g, count)
                crosses.append((place, count == results.counts[g].sum(), text))
            y.append(value)
            texts.append(text)
        best = schedule["best_stepsize"] if knows_stepsizes else schedule["best_rho"]
        rings = [] if best is None or schedule["best"] is None else [(best, schedule["best"])]
        lines.append(Line(g, s, x, array(y), texts, low[at], high[at], rings=rings, crosses=crosses))
    return lines


def bands(results, g, s, of_rho):
    """Returns the lower and upper ends of the band, shape (2, rho): the 10th and 90th percentile of the seeds, or with
    worst_over the interval of the statistic."""
    if results.worst_over:
        return interval_array([of_rho.get(float(rho), {}).get("ci") for rho in results.rhos]).T
    values = results.final[g][results.counts[g], s, :].astype(float)
    status = results.status[g][results.counts[g], s, :]
    is_there = (status == DONE) | (status == DIVERGED)
    out = np.full((2, values.shape[1]), np.nan)
    for r in range(values.shape[1]):
        seen = values[is_there[:, r], r]
        if seen.size > 1 and np.isfinite(seen).all():
            out[:, r] = np.quantile(seen, BAND)
    return out


def x_label(results):
    return "base stepsize η" if np.isfinite(results.stepsize).all() else "misspecification ρ"


def draw_loss(results, layout):
    lines = loss_lines(results)
    is_loss = results.judges_loss()
    band = "95 % interval of it" if results.worst_over else "10th to 90th percentile of the seeds"
    crosses = crosses_of(lines)
    best = [y for line in lines for _, y in line.rings]
    highest = 1e4 * min(best) if is_loss and best and min(best) > 0 else None
    some = ", + some have" + (": a mean over them is infinite" if results.statistic == "mean" else "")
    return draw_lines(
        results, layout, lines, f"Final {results.metric} against the stepsize", "loss",
        f"Line: {results.statistic_text()}; band: {band}; ring: the tuned stepsize and its loss, estimated on other seeds "
        f"than chose it." + (f" × all seeds have diverged{some}." if crosses else "")
        + (" Lines leave the panel at 10⁴ times the least." if leaves(lines, highest) else ""),
        (x_label(results), results.metric_label(f"final {results.metric}")),
        log_y=is_loss, highest=highest, extra=(ring("tuned"), *crosses))


def draw_bound(results, layout):
    """Draws the metric beside its bound, in the same unit, if the constants of the bound are known."""
    if results.metric != "excess_loss":
        return None
    lines = []
    for line in loss_lines(results):
        of_rho = {point["rho"]: point["bound"] for point in results.groups[line.group]["schedules"][line.schedule]["curve"]}
        visited = results.rhos[results.visits(line.group, line.schedule)]
        line.theory = array(of_rho.get(float(rho)) for rho in np.sort(visited))
        line.texts = [f"{text}\nbound {number(bound)}" for text, bound in zip(line.texts, line.theory)]
        line.rings = []
        lines.append(line)
    if not any(np.isfinite(line.theory).any() for line in lines):
        return None
    extra = () if layout.has_shades else (theory_mark("the bound"),)
    return draw_lines(
        results, layout, lines, "The loss beside its bound", "bound",
        f"Line: {results.statistic_text()}. Dotted, open markers: the last-iterate bound of the same schedule at the same "
        "stepsize, with the constants D and G of the problem. The bound holds for the expectation.",
        (x_label(results), results.metric_label(f"final {results.metric}")), extra=(*extra, *crosses_of(lines)))


def draw_curves(results, layout):
    if not results.curves:
        return None
    lines = []
    for (g, s), values in results.curves.items():
        at_best = int(np.argmin(abs(results.rhos - results.groups[g]["schedules"][s]["naive_best_rho"])))
        seen = values[results.counts[g] & (results.status[g][:, s, at_best] == DONE)]
        if not seen.size:
            continue
        low, high = np.quantile(seen, BAND, axis=0) if len(seen) > 1 else (None, None)
        middle = np.mean(seen, axis=0) if results.statistic == "mean" else np.median(seen, axis=0)
        texts = [named(results, g, s, f"step {step}", f"{results.metric} {number(value)}")
                 for step, value in zip(results.step[g], middle)]
        lines.append(Line(g, s, results.step[g].astype(float), middle, texts, low, high))
    if not lines:
        return None
    middle = "mean" if results.statistic == "mean" else "median"
    return draw_lines(
        results, layout, lines, "Learning curves at the best stepsize of the grid", "curves",
        f"Line: {middle} over {results.seeds_text()}; band: 10th to 90th percentile of the seeds.",
        ("step t", results.metric_label()), log_y=results.judges_loss())


def draw_axis(results, styles, key):
    """Draws how the tuned value and its stepsize change along an axis, with a panel for each point of the other
    axes."""
    shape = [len(values) for values in results.axes.values()]
    at = list(results.axes).index(key)
    values = results.axes[key]
    is_number = values.dtype.kind in "iuf"
    x = values.astype(float) if is_number else np.arange(len(values), dtype=float)
    order = np.argsort(x)
    rest_of = results.without(key)
    lines = []
    for i, rest in enumerate(product(*(range(len(values)) for values in rest_of.axes.values()))):
        groups = [int(np.ravel_multi_index([*rest[:at], j, *rest[at:]], shape)) for j in order]
        for s in range(len(results.schedules)):
            found = [results.groups[g]["schedules"][s] for g in groups]
            ci = interval_array([f["best_ci"] for f in found])
            texts = [named(results, g, s, f"best {results.metric} {number(f['best'])}",
                           f"at stepsize {number(f['best_stepsize'])} (ρ = {number(f['best_rho'])})")
                     for g, f in zip(groups, found)]
            beside = 0.0 if is_number else 0.6 * ((s + 0.5) / len(results.schedules) - 0.5)
            lines.append(Line(i, s, x[order] + beside, array(f["best"] for f in found), texts, ci[:, 0], ci[:, 1]))
    return draw_lines(
        results, Layout(rest_of, styles), lines, f"Best {results.metric} along {key}", f"along_{key}",
        f"At the tuned stepsize of every point: {results.statistic_text()}; band: its 95 % interval.",
        (key, results.metric_label(f"best {results.metric}")),
        log_x=is_number and x.min() > 0 and x.max() >= 8 * x.min(), log_y=results.judges_loss(),
        categories=None if is_number else [text_of(value) for value in values])
