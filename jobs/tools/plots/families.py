"""The figure of the worst member of a family of problems."""

from plots.panels import Line, draw_lines, named
from plots.results import array, number


def draw_worst_member(results, layout):
    """Draws which member has the worst statistic at each ρ. Returns None unless worst_over is a numerical axis."""
    points = [p for _, _, schedule in results.schedules_of() for p in schedule["curve"] if p["worst_at"] is not None]
    if not results.worst_over or not points or any(isinstance(p["worst_at"], (str, bool, list)) for p in points):
        return None
    lines = []
    for g, s, schedule in results.schedules_of():
        seen = [p for p in schedule["curve"] if p["worst_at"] is not None]
        texts = [named(results, g, s, f"ρ = {number(p['rho'])}", f"worst at {results.worst_over} = {number(p['worst_at'])}",
                       f"{results.metric} {number(p['value'])}") for p in seen]
        lines.append(Line(g, s, array(p["rho"] for p in seen), array(p["worst_at"] for p in seen), texts))
    ends = results.members.min(), results.members.max()
    is_log = ends[0] > 0 and ends[1] >= 8 * ends[0]
    return draw_lines(
        results, layout, lines, f"The worst {results.worst_over} at each ρ", "worst_member",
        f"The value of {results.worst_over} whose {results.metric} is the largest, by the {results.statistic} over "
        f"{results.seeds_text()}. Dashed: the ends of the axis. A worst member there means that the family may be too small.",
        ("misspecification ρ", f"worst {results.worst_over}"), log_y=is_log, references=ends, shown=ends)
