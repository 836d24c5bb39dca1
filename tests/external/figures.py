"""Draws figures of sweeps of all shapes with jobs/tools/figures.py and makes reports with jobs/tools/report.py.

usage: figures.py RHOSWEEP MPIEXEC TOOLS_FOLDER

A page must need no other file and show the numbers of `rhosweep analyze`. In Chromium it must load without messages and
requests, and its table must be sortable. Figures and pages of a half-finished file must say so and name the seeds that
their statistics cover. Figures and pages of optimizers other than SGD must show no theory.
"""

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import h5py
import numpy as np

from forked import run_script
from program import ENVIRONMENT, Program

SWEEP = """
title = "Figures <of> all \\"shapes\\" & more"
[problem]
kind = "logistic_regression"
samples = 20
dimension = 3
radius = 0.0
l2 = 1.0
[sgd]
steps = 16
evaluations = 3
[grid]
stepsize = 0.5
"""
GRID = 'schedule = ["constant", "cosine"]\nrho = [0.25, 1.0, 4.0, 1e200]\nseed = { from = 0, count = 3 }\n'
FINE = ('schedule = ["constant", "linear", "cosine"]\nrho = { from = 0.02, to = 50.0, points = 25 }\n'
        'seed = { from = 0, count = 16 }\n')
FAMILY = """
[problem]
kind = "quadratic"
radius = 1.0
noise = 1.0
[sgd]
steps = 256
evaluations = 1
[grid]
stepsize = "theory"
""" + FINE + """
[axes]
"problem.curvature" = { from = 0.01, to = 1.0, points = 7 }
"""
OVER = ["--worst-over", "problem.curvature"]
MANY = "[axes]\n\"problem.l2\" = { from = 0.5, to = 1.0, points = 13 }\n"
PAIRS = """[axes]
"sgd.steps, sgd.batch_size" = [[8, 2], [16, 1]]
sgd.nesterov = [false, true]
[[exclude]]
sgd.steps = 16
sgd.nesterov = true
"""
SWEEPS = {  # name: (sweep, options of analyze, names of the figures)
    "plain": (SWEEP + GRID, [], "loss misspecification curves heatmap"),
    "two_axes": (SWEEP + GRID + 'rho_every = { cosine = 2 }\n[axes]\n"sgd.steps" = [8, 16]\n"problem.l2" = [0.5, 1.0]\n', [],
                 "loss misspecification curves heatmap along_sgd.steps along_problem.l2"),
    "pairs": (SWEEP.replace("[sgd]", "[sgd]\nmomentum = 0.5") + GRID + PAIRS, [],
              "loss misspecification curves heatmap along_sgd.steps along_sgd.nesterov"),
    "long_axis": (SWEEP + GRID + MANY, [], "loss misspecification curves heatmap along_problem.l2"),
    "ones": (SWEEP.replace("evaluations = 3", "evaluations = 1")
             + 'schedule = ["cosine"]\nrho = [1.0]\nseed = [7]\n', [], "loss misspecification heatmap"),
    # These trials are about to diverge and have arbitrarily large values.
    "growing": (SWEEP + 'schedule = ["constant", "cosine"]\nrho = [4.0]\nseed = [0, 1]\n[axes]\n"problem.l2" = [1.0, 2.0]\n'
                '"sgd.steps" = [16, 64, 256]\n', [],
                "loss misspecification curves heatmap along_problem.l2 along_sgd.steps"),
    "many": (SWEEP + "schedule = [" + ", ".join(f'"polynomial({1 + i / 100})"' for i in range(200))
             + ']\nrho = { from = 0.125, to = 8.0, points = 7 }\nseed = { from = 0, count = 2 }\n', [],
             "loss misspecification curves heatmap"),  # the rho are a factor of 2 apart, too coarse to judge any grid
    # This sweep has projection and a rho grid that is fine enough to judge coarse grids. Its page has the same title as
    # the other pages.
    "fine": (SWEEP.replace("radius = 0.0", "radius = 5.0").replace("steps = 16", "steps = 256").replace("0.5", '"theory"')
             + FINE, [], "grid_cost offsets loss bound misspecification curves heatmap"),
    "family": ('title = "Figures <of> all \\"shapes\\" & more"' + FAMILY, OVER,
               "grid_cost offsets loss bound misspecification worst_member heatmap"),
}
STARTS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
PROBE = """<script>
addEventListener("load", () => {
  const isBest = head => head.textContent.trim() === "best stepsize";
  const table = [...document.querySelectorAll("table")].find(each => [...each.querySelectorAll("th")].some(isBest));
  const heads = [...table.querySelectorAll("th")], column = heads.findIndex(isBest);
  const keys = () => [...table.tBodies[0].rows].map(row => row.children[column].dataset.key).filter(key => key).map(Number);
  heads[column].querySelector("button").click();
  const up = keys();
  heads[column].querySelector("button").click();
  const down = keys();
  const svg = document.querySelector("figure svg"), box = svg.getBoundingClientRect();
  const point = JSON.parse(document.querySelector("figure script").textContent)[0];
  const at = new DOMPoint(point[0], point[1]).matrixTransform(svg.getScreenCTM());
  svg.dispatchEvent(new PointerEvent("pointermove", { clientX: at.x, clientY: at.y, bubbles: true }));
  const shown = document.getElementById("tip").textContent;
  const requests = performance.getEntriesByType("resource").map(entry => entry.name).filter(name => !name.startsWith("data:"));
  document.title = "PROBE" + JSON.stringify({ up, down, shown, expected: point[2], requests,
    tooWide: document.documentElement.scrollWidth > innerWidth }) + "END";
});
</script></body>"""


class Page(HTMLParser):
    """Collects the references, the ids and the table cells of a page."""

    def __init__(self, text):
        super().__init__()
        self.references, self.ids, self.cells = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("src", "href", "xlink:href", "data", "action"):
                self.references.append(value)
            if name == "data-key":
                self.cells.append(value)


def draw(tools, rhosweep, script, *arguments):
    done = run_script(tools / script, *map(str, arguments), environment=ENVIRONMENT | {"RHOSWEEP": rhosweep})
    messages = done.stderr.decode()
    assert done.returncode == 0 and messages == "", f"{script} {arguments}: exit {done.returncode}\n{messages}"
    made = done.stdout.decode().split()
    for name in made:
        if name.endswith((".svg", ".html")):  # no text of a figure is typeset as mathematics
            assert "mathdefault" not in Path(name).read_text(), f"{name} shows TeX"
    return made


def check_figures(tools, rhosweep, stem, names, options=()):
    made = draw(tools, rhosweep, "figures.py", f"{stem}.h5", "-o", "figures", *options)
    expected = {f"figures/{stem}_{name}.{form}" for name in names.split() for form in STARTS}
    assert set(made) == expected, f"{stem}: {set(made) ^ expected}"
    for name in made:
        start = Path(name).read_bytes()[:5]
        assert start.startswith(STARTS[name.rsplit(".")[-1]]), f"{name} begins with {start}"


def check_page(program, tools, stem, names, options=()):
    page = Path(f"{stem}.html")
    draw(tools, program.executable, "report.py", f"{stem}.h5", "-o", page, *options)
    text = page.read_text()
    found = Page(text)
    foreign = [name for name in found.references if not name.startswith(("#", "data:"))]
    assert not foreign and "@import" not in text and "url(http" not in text, f"{page} needs {foreign}"
    assert text.count("<svg ") == len(names.split()), f"{page}: {text.count('<svg ')} figures"
    assert "Figures &lt;of&gt; all &#34;shapes&#34; &amp; more" in text, f"{page}: the title is not escaped"
    analysis = json.loads(program.succeed("analyze", f"{stem}.h5", "--format", "json", "--ratios", "2,5,10,50",
                                          *options).stdout)
    for group in analysis["groups"]:
        for schedule in group["schedules"]:
            best = "" if schedule["best_stepsize"] is None else repr(schedule["best_stepsize"])
            assert best in found.cells, f"{page}: no {schedule['best_stepsize']}"
            check_costs(page, text, found, schedule)
    for width in (400, 1400):
        check_in_browser(page, text, width)


def points_of(text, name):
    """Returns the texts of a figure's points in a page."""
    script = re.search(rf'<figure data-name="{re.escape(name)}">.*?<script type="application/json">(.*?)</script>', text,
                       re.DOTALL)
    return [point[2] for point in json.loads(script[1])] if script else []


def check_costs(page, text, found, schedule):
    """Checks that tables and figures show the costs of coarse grids that `rhosweep analyze` computes."""
    for grid in schedule["grid"]:
        if not grid["judged"]:
            continue
        assert repr(1 + grid["worst"]) in found.cells, f"{page}: no cost {1 + grid['worst']} of {schedule['schedule']}"
        assert grid["quantiles"] == sorted(grid["quantiles"]) and len(grid["quantiles"]) == 5, grid
        assert abs(grid["quantiles"][-1] - grid["worst"]) <= 0.002 * (1 + grid["worst"]), grid
        assert grid["quantiles"][0] <= grid["mean"] <= grid["quantiles"][-1], grid
        where = [schedule["schedule"], f"grid ratio {grid['ratio']:g}"]
        for figure, cost in ("grid_cost", f"worst {1 + grid['worst']:.4g} ×"), ("offsets", f"mean {1 + grid['mean']:.4g} ×"):
            texts = [point for point in points_of(text, figure) if all(word in point.split("\n") for word in where)]
            assert any(cost in point for point in texts), f"{page}: {figure} lacks {where} {cost}: {texts}"
    for advice in schedule["advice"]:
        if advice["ratio"] is not None:
            assert repr(advice["ratio"]) in found.cells, f"{page}: no advice {advice}"


def the_worst_member_is_that_of_the_file(program, tools):
    """The page names the worst members that NumPy finds in the file, and shows bounds beside the loss in the loss's
    unit."""
    text = Path("family.html").read_text()
    with h5py.File("family.h5") as file:
        names = [name.decode() for name in file["schedule"][...]]
        mean = file["final_excess_loss"][...].mean(axis=1)  # (curvature, schedule, rho)
        curvatures, rhos = file["problem.curvature"][...], file["rho"][...]
    worst = curvatures[mean.argmax(axis=0)]
    points = points_of(text, "worst_member")
    for s, name in enumerate(names):
        for r, rho in enumerate(rhos):
            expected = f"{name}\nρ = {rho:.4g}\nworst at problem.curvature = {worst[s, r]:.4g}\n"
            assert any(point.startswith(expected) for point in points), f"no {expected!r} in {points[:3]}"
    analysis = json.loads(program.succeed("analyze", "family.h5", "--format", "json", *OVER).stdout)
    bounds = points_of(text, "bound")
    for schedule in analysis["groups"][0]["schedules"]:
        for point in schedule["curve"]:
            assert point["bound"] > 0, point
            expected = f"bound {point['bound']:.4g}"
            assert any(expected in found.split("\n") for found in bounds), f"no {expected} of {schedule['schedule']}"


def texts_are_categories(tools, rhosweep):
    """An axis of texts or truth values has their names as ticks (an SVG repeats its texts in comments)."""
    drawn = draw(tools, rhosweep, "figures.py", "pairs.h5", "-o", "figures", "--formats", "svg")
    [name] = [name for name in drawn if "along_sgd.nesterov" in name]
    comments = re.findall("<!-- (.*?) -->", Path(name).read_text())
    assert {"false", "true", "sgd.nesterov"} <= set(comments), comments


def rho_that_are_left_out_are_not_missing():
    """cosine visits two of four rho and the largest: 3 in each of the 4 panels."""
    points = points_of(Path("two_axes.html").read_text(), "heatmap")
    assert not any("missing" in point for point in points), points
    assert sum(point.startswith("cosine\n") for point in points) == 12, points


def missing_modules_come_first(tools):
    """Without matplotlib the script prints one line and does not call rhosweep."""
    Path("empty").mkdir(exist_ok=True)
    for script, module in ("figures.py", "matplotlib"), ("report.py", "jinja2"):
        hidden = f"import sys, runpy; sys.modules[{module!r}] = None; sys.argv = [{script!r}, 'no.h5', '-o', 'empty/none']; " \
                 f"sys.path.insert(0, {str(tools)!r}); runpy.run_path({str(tools / script)!r}, run_name='__main__')"
        done = subprocess.run([sys.executable, "-c", hidden], capture_output=True, text=True,
                              env=ENVIRONMENT | {"RHOSWEEP": "/nowhere"})
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and f"python3-{module}" in done.stderr, done.stderr


def make_half_done(source, target, states):
    """Copies a file and marks cells as not finished. `states` is a list of (where, status)."""
    shutil.copy(source, target)
    with h5py.File(target, "r+") as file:
        for where, state in states:
            file["status"][where] = state
        for name in [name for name in file if name.startswith("final_")]:
            file[name][...] = np.where(np.isin(file["status"][...], (1, 2)), file[name][...], np.nan)


def incompleteness_is_shown(program, tools):
    # Three seeds, two schedules, four rho. Seed 2 is pending at one rho; seed 0 failed at another.
    make_half_done("plain.h5", "half_done.h5", [((2, 1, 0), 0), ((0, 0, 1), 3)])
    make_half_done("plain.h5", "begun.h5", [((slice(None), 1), 0)])
    for stem, cells, words in (
            ("half_done", ["2 <i>of 3</i>", "1 <i>of 12</i>", "1 <i>of 4</i>", "0 <i>of 4</i>"],
             ["2 of 24 trials (8.3 %) are missing: 1 pending, 1 failed",
              "Statistics are over 2 of 3 seeds: those that have finished at every schedule and ρ"]),
            ("begun", ["3 <i>of 3</i>", "12 <i>of 12</i>", "4 <i>of 4</i>", "0 <i>of 12</i>"],
             ["12 of 24 trials (50.0 %) are missing: 12 pending, 0 failed",
              "Statistics are over all 3 seeds, at the ρ where these have finished"])):
        check_page(program, tools, stem, SWEEPS["plain"][2])
        text = Path(f"{stem}.html").read_text()
        stamp = re.search(r'<p class="stamp".*?</p>', text, re.DOTALL)[0]
        drawn = draw(tools, program.executable, "figures.py", f"{stem}.h5", "-o", "figures", "--formats", "svg")
        for word in words:
            assert word in stamp, (word, stamp)
            for name in drawn:  # an SVG repeats its texts in comments
                assert word in Path(name).read_text(), f"{name} lacks {word}"
        for cell in cells:
            assert f">{cell}<" in text, f"{stem}.html: no cell {cell}"


def theory_is_shown_for_sgd_alone(program, tools):
    projected = SWEEP.replace("radius = 0.0", "radius = 5.0")
    for stem, sweep in ("sgd", projected), ("adamw", projected.replace("steps = 16", 'steps = 16\noptimizer = "adamw"')):
        Path(f"{stem}.toml").write_text(sweep + GRID.replace("1e200", "16.0"))
        program.succeed("run", f"{stem}.toml", "--overwrite", "--progress", "none")
    caveat = "o theory: it is about plain SGD, not about"
    for stem, has_theory in ("sgd", True), ("adamw", False):
        [svg] = [name for name in draw(tools, program.executable, "figures.py", f"{stem}.h5", "-o", "figures", "--formats",
                                       "svg") if "misspecification" in name]
        draw(tools, program.executable, "report.py", f"{stem}.h5", "-o", f"{stem}.html")
        text = Path(f"{stem}.html").read_text()
        assert ("theory: the bound's ratio" in Path(svg).read_text()) == has_theory, svg
        assert ("bound&#39;s slope" in text) == has_theory and ("Dotted" in text) == has_theory, stem
        assert text.count(caveat) == (0 if has_theory else 2), f"{stem}: {text.count(caveat)}"


def check_in_browser(page, text, width):
    browser = shutil.which("chromium")
    assert browser, f"{page} cannot be looked at: chromium is not installed; Debian: apt-get install chromium"
    probe = page.with_name(f"probe_{page.name}")
    probe.write_text(text.replace("</body>", PROBE))
    done = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
                           f"--user-data-dir={Path('browser').resolve()}", f"--window-size={width},900", "--dump-dom",
                           probe.resolve().as_uri()], capture_output=True, text=True, timeout=120)
    assert "CONSOLE" not in done.stderr, f"{page}: {done.stderr}"
    found = json.loads(re.search(r"PROBE(.*?)END", done.stdout)[1].replace("&amp;", "&").replace("&lt;", "<")
                       .replace("&gt;", ">"))
    assert found["up"] == sorted(found["up"]) and found["down"] == found["up"][::-1], f"{page}: sorted {found}"
    assert found["shown"] == found["expected"] and not found["requests"] and not found["tooWide"], f"{page}: {found}"
    print(f"{page}: fine in a browser, {width} pixels wide")


def a_schedule_keeps_its_looks(tools):
    """The usual schedules look the same in every figure. Every other schedule looks different from the usual ones and
    from each other one."""
    sys.path.insert(0, str(tools))
    from plots import style
    usual = style.schedule_styles(style.USUAL)
    others = [f"polynomial({p})" for p in range(4, 4 + style.MOST_STYLES - 1)]
    for name in style.USUAL:
        styles = style.schedule_styles([*others, name])
        assert styles[name] == usual[name], name
        assert all(styles[other] not in usual.values() for other in others), name
        assert len({tuple(looks.values()) for looks in styles.values()}) == len(styles), name


def bad_usage_is_one_line(tools, rhosweep):
    Path("no.h5").write_text("no results")
    for script, target in (("figures.py", "figures"), ("report.py", "no.html")):
        done = subprocess.run([sys.executable, str(tools / script), "no.h5", "-o", target], capture_output=True, text=True,
                              env=ENVIRONMENT | {"RHOSWEEP": rhosweep})
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and "no.h5" in done.stderr, done.stderr
    assert not Path("no.html").exists()


def main(rhosweep, mpiexec, tools):
    program, tools = Program(rhosweep, mpiexec), Path(tools)
    for stem, (sweep, options, names) in SWEEPS.items():
        Path(f"{stem}.toml").write_text(sweep)
        program.succeed("run", f"{stem}.toml", "-o", f"{stem}.h5", "--overwrite", "--progress", "none")
        check_figures(tools, rhosweep, stem, names, options)
        if stem in ("ones", "two_axes", "pairs", "fine", "family"):  # these pages contain the same figures
            check_page(program, tools, stem, names, options)
        print(f"{stem}: drawn")
    the_worst_member_is_that_of_the_file(program, tools)
    texts_are_categories(tools, rhosweep)
    rho_that_are_left_out_are_not_missing()
    missing_modules_come_first(tools)
    incompleteness_is_shown(program, tools)
    theory_is_shown_for_sgd_alone(program, tools)
    a_schedule_keeps_its_looks(tools)
    bad_usage_is_one_line(tools, rhosweep)


if __name__ == "__main__":
    main(*sys.argv[1:])
