"""Tests theory and analyze as users call them.

Usage: theory_and_analyze.py RHOSWEEP MPIEXEC
"""

import csv
import json
import math
import random
import sys
from pathlib import Path

import h5py
import numpy as np

from program import Program

SOURCE = Path(__file__).resolve().parents[2]

SWEEP = """
[problem]
kind = "quadratic"
gradient_bound = 1.5
[sgd]
steps = 50
evaluations = 1
[grid]
stepsize = "theory"
schedule = ["constant", "wsd(cooldown=0.2, shape=sqrt)"]
rho = { from = 0.1, to = 100.0, points = 13 }
seed = { from = 0, count = 12 }
[axes]
"problem.curvature" = [0.1, 1.0]
"""

# h_t as a function of u = t/T, as the README documents the schedules.
SCHEDULES = {
    "linear": lambda u, t: 1 - u,
    "polynomial(2)": lambda u, t: (1 - u) ** 2,
    "cosine": lambda u, t: (1 + math.cos(math.pi * u)) / 2,
    "constant": lambda u, t: 1.0,
    "inverse_sqrt": lambda u, t: 1 / math.sqrt(t + 1),
    "wsd(cooldown=0.2, shape=sqrt)": lambda u, t: 1.0 if u <= 0.8 else 1 - math.sqrt((u - 0.8) / 0.2),
}


def rows(text):
    return [line.split() for line in text.splitlines() if not line.startswith("#")]


def comments(text):
    return [line for line in text.splitlines() if line.startswith("#")]


def theory_prints_the_sums(program):
    steps, rhos = 6400, [2, 4, 16, 64]
    for spec, formula in SCHEDULES.items():
        h = [formula(t / steps, t) for t in range(steps)]
        tails, quotients, s, q = [], [], 0.0, 0.0
        for value in reversed(h):
            s += value
            q += value * value / s
            tails.append(s)
            quotients.append(q)
        restart, best_s, best_q = min(((steps - 1 - i, a, b) for i, (a, b) in enumerate(zip(tails, quotients))),
                                      key=lambda sums: sums[2] / sums[1])
        done = program.succeed("theory", spec, "--steps", steps, "--rho", ",".join(map(str, rhos)))
        table = rows(done.stdout)
        assert len(table) == len(rhos), done.stdout
        for rho, row in zip(rhos, table):
            ratio = min((best_s / (rho * a) + rho * b / best_q) / 2 for a, b in zip(tails, quotients))
            assert float(row[0]) == rho and abs(float(row[1]) - ratio) < 1e-6, f"{spec}: {row}, expected {ratio}"
        text = "\n".join(comments(done.stdout))
        found = {line.split()[1]: float(line.split()[2]) for line in comments(done.stdout) if line[2:4] in ("S_", "Q_")}
        assert math.isclose(found["S_0"], s, rel_tol=1e-12) and math.isclose(found["Q_0"], q, rel_tol=1e-12), text
        assert math.isclose(found[f"S_{restart}"], best_s, rel_tol=1e-12), text
        assert math.isclose(found[f"Q_{restart}"], best_q, rel_tol=1e-12), text
        tuned = 1 / math.sqrt(best_s * best_q)
        assert any(math.isclose(float(line.split()[3]), tuned, rel_tol=1e-12)
                   for line in comments(done.stdout) if "tuned stepsize" in line), text


def theory_scales_with_diameter_and_gradients(program):
    def tuned(*options):
        done = program.succeed("theory", "linear", "--steps", 100, "--rho", 1, *options)
        return float(next(line for line in comments(done.stdout) if "tuned stepsize" in line).split()[3]), done.stdout

    one, _ = tuned()
    assert math.isclose(tuned("--diameter", 6, "--gradient-bound", 2)[0], 3 * one, rel_tol=1e-12)
    # With smoothness, 2 sigma^2 replaces G^2, and the stepsize is at most 1/(2 beta).
    assert math.isclose(tuned("--smoothness", 1, "--noise", 3)[0], one / (3 * math.sqrt(2)), rel_tol=1e-12)
    capped, text = tuned("--smoothness", 1000)
    assert capped == 0.0005 and "1/(2 beta)" in text, text
    # Above 1/(2 beta) a constant stepsize has no bound. An annealed stepsize has a bound, which counts from the step
    # where the stepsize has become small enough.
    for spec, has_bound in (("constant", False), ("linear", True)):
        done = program.succeed("theory", spec, "--steps", 100, "--rho", "1,2", "--smoothness", 1000)
        first, second = rows(done.stdout)
        assert first[1] == "1.000000" and (second[1] != "-") == has_bound, done.stdout
        assert ("no bound" in done.stdout) != has_bound, done.stdout
    assert int(second[3]) >= 50, done.stdout


def theory_prints_the_smooth_figures(program):
    # By definition, the bound is the minimum over all k such that rho eta h_t <= 1/(2 beta) for every t >= k.
    for spec, steps, beta, rho, ratio, share in (("linear", 1000, 10, 10, 2.10, 0.778), ("linear", 1000, 10, 100, 10.9, 0.978),
                                                 ("cosine", 1000, 1, 100, 2.78, 0.860),
                                                 ("polynomial(2)", 16384, 1, 1000, 3.90, 0.932)):
        row = rows(program.succeed("theory", spec, "--steps", steps, "--rho", rho, "--smoothness", beta).stdout)[0]
        assert float(f"{float(row[1]):.3g}") == ratio and round(float(row[4]), 3) == share, row


def theory_says_which_form(program):
    def bound(*options):
        text = program.succeed("theory", "constant", "--steps", 3, "--rho", 2, *options).stdout
        at_one = float(next(line for line in comments(text) if "bound on the excess" in line).split()[-1])
        return float(rows(text)[0][1]) * at_one, " ".join(line.lstrip("# ") for line in comments(text))

    # At eta = 2/sqrt(3*11/6), k = 1 gives the least bound of 3 steps: 1/(4 eta) + eta*(1 + 1/2)/2.
    value, text = bound()
    assert abs(value - 0.9328) < 5e-5 and "of the last iterate, Q_k with h_t^2/S_t," in text, text
    # With S_{t+1}: Q_0 = 1/2 + 1 + 1, Q_1 = 2, Q_2 = 1. At eta = 2/sqrt(3*5/2) no k gives less than G D, the trivial
    # bound.
    value, text = bound("--form", "last-gradient")
    assert abs(value - 1) < 1e-6 and "of the last point where a gradient is taken, Q_k with h_t^2/S_{t+1}" in text, text


def theory_prints_what_grids_cost(program):
    text = program.succeed("theory", "cosine", "--steps", 6400, "--grid-ratio", "2,5,10,50").stdout
    table = rows(text)
    expected = [(2, 1.061, 1.020), (5, 1.257, 1.097), (10, 1.426, 1.170), (50, 1.883, 1.366)]
    for row, (ratio, worst, mean) in zip(table, expected):
        assert float(row[0]) == ratio and abs(float(row[1]) - worst) < 1e-3 and abs(float(row[2]) - mean) < 1e-3, row
    # Grid ratios at which the worst costs are 1.1, 1.25, 1.5 and 2.
    crossings = {float(row[0]): float(row[1]) for row in table[4:]}
    for worst, ratio in {1.1: 2.45, 1.25: 4.85, 1.5: 13.4, 2: 71.6}.items():
        assert abs(crossings[worst] / ratio - 1) < 0.01, text
    assert "(grid ratio)^0.1667" in text, text
    table = rows(program.succeed("theory", "linear", "--steps", 100, "--grid-ratio", 3, "--tolerance", "0.2").stdout)
    assert [row[0] for row in table] == ["3", "1.2"], table
    # --tolerance alone prints only its crossings; --rho or --grid-ratio adds its own rows.
    table = rows(program.succeed("theory", "linear", "--steps", 100, "--tolerance", "0.2,1").stdout)
    assert [row[0] for row in table] == ["1.2", "2"], table
    table = rows(program.succeed("theory", "linear", "--steps", 100, "--rho", 4, "--tolerance", "0.2").stdout)
    assert [row[0] for row in table] == ["4", "1.2"], table
    # Without these options, the table shows typical values for each of them.
    table = rows(program.succeed("theory", "linear", "--steps", 100).stdout)
    assert [float(row[0]) for row in table] == [1, 2, 4, 16, 64, 2, 5, 10, 50, 1.1, 1.25, 1.5, 2], table


def a_grid_may_be_as_coarse_as_theory_says(program):
    """A range with a regret has the fewest values per decade such that, for every schedule, the ratio of neighbours is
    at most the ratio that `theory` prints. A schedule visits every k-th of them, with the largest k for which the ratio
    of the visited ones is at most that of `theory`."""
    sweep = """[problem]
kind = "quadratic"
[sgd]
steps = 500
[grid]
stepsize = "theory"
schedule = SCHEDULES
rho = { from = 0.01, to = 100.0, regret = REGRET }
seed = [0]
"""
    for regret, schedules in (0.1, ["constant", "cosine"]), (0.1, ["cosine"]), (0.5, ["constant"]), (0.5, ["linear", "cosine"]), (
            0.5, ["constant", "linear", "polynomial(3)"]):
        ratios = [rows(program.succeed("theory", spec, "--steps", 500, "--tolerance", regret).stdout)[-1][1]
                  for spec in schedules]
        ratios = [float(ratio) for ratio in ratios]
        per_decade = math.ceil(math.log(10) / math.log(min(ratios)))
        every = [max(k for k in range(1, 4 * per_decade + 1) if 10 ** (k / per_decade) <= ratio) for ratio in ratios]
        visited = [len({*range(0, 4 * per_decade + 1, k), 4 * per_decade}) for k in every]
        Path("regret.toml").write_text(sweep.replace("SCHEDULES", json.dumps(schedules)).replace("REGRET", str(regret)))
        plan = program.succeed("plan", "regret.toml").stdout
        assert f"  rho                       {4 * per_decade + 1} values from 0.01 to 100\n" in plan, (ratios, plan)
        assert f"  trials                    {sum(visited)}\n" in plan, (ratios, every, plan)
    assert every == [1, 2, 3], every
    assert f"rho visited               {visited[1]} by linear, {visited[2]} by polynomial(3), else {visited[0]}\n" in plan, plan


def theory_refuses_what_takes_for_ever(program):
    for arguments, words in ((("--steps", 10**12), "--steps"),
                             (("--steps", 100, "--grid-ratio", "1.0000000000001"), "allowed: a number from 1.01 on"),
                             (("--steps", 100, "--rho", "2,4,2.0"), "--rho: found 2 twice; allowed: each number once"),
                             (("--steps", 100, "--grid-ratio", "5,5"), "--grid-ratio: found 5 twice"),
                             (("--steps", 100, "--tolerance", "0.1,1,0.1"), "--tolerance: found 0.1 twice"),
                             (("--steps", 100, "--smoothness", 1, "--tolerance", "0.1"), "--tolerance")):
        done = program("theory", "linear", *arguments)
        assert done.returncode == 2 and words in done.stderr, done


def theory_names_tail_orders(program):
    tail = "h vanishes like (1-u)^p with p = 3"
    for spec, words in (("warmup(0.1, polynomial(3))", f"0.1429 = 1/(2p+1): {tail}"),
                        ("cosine(floor=0.1)", "1: h does not vanish at the end")):
        text = program.succeed("theory", spec, "--steps", 100, "--rho", 2).stdout
        assert f"asymptotic exponent {words}" in text, text


def analyze_writes_every_format(program):
    Path("s.toml").write_text(SWEEP)
    program.succeed("run", "s.toml", "-o", "s.h5", "--overwrite", "--progress", "none", ranks=2)
    text = program.succeed("analyze", "s.h5", "--worst-over", "problem.curvature").stdout
    for words in ("excess_loss, mean over 12 seeds, worst over problem.curvature", "wsd(cooldown=0.2, shape=sqrt)",
                  "asymptotic", "worst cost at ratio", "coarsest ratio for", "growth with g"):
        assert words in text, text
    found = json.loads(program.succeed("analyze", "s.h5", "--format", "json").stdout)
    assert found["format"] == 2 and found["statistic"] == "mean", found
    assert [group["axes"] for group in found["groups"]] == [{"problem.curvature": 0.1}, {"problem.curvature": 1.0}]
    table = list(csv.DictReader(program.succeed("analyze", "s.h5", "--format", "csv").stdout.splitlines()))
    curve = [row for row in table if row["record"] == "curve"]
    assert len(curve) == 2 * 2 * 13, len(curve)
    expected = found["groups"][1]["schedules"][1]["curve"]
    for row, point in zip(curve[-13:], expected):
        assert float(row["rho"]) == point["rho"] and float(row["value"]) == point["value"], row
        assert float(row["theory_ratio"]) == point["theory_ratio"], row
    schedules = [schedule for group in found["groups"] for schedule in group["schedules"]]
    with_interval = 0
    for row, schedule in zip([row for row in table if row["record"] == "summary"], schedules, strict=True):
        for key in "best_rho", "best_stepsize":
            if ends := schedule[key + "_ci"]:
                with_interval += 1
                assert ends[0] < schedule[key] < ends[1], schedule
                assert [float(row[key + end]) for end in ("_low", "_high")] == ends, row
    assert with_interval, schedules


def analyze_answers_what_is_asked(program):
    def schedules(*options):
        done = program.succeed("analyze", "s.h5", "--worst-over", "problem.curvature", "--format", "json", *options)
        return json.loads(done.stdout)["groups"][0]["schedules"]

    plain = schedules()
    assert [a["tolerance"] for a in plain[0]["advice"]] == [0.1, 0.5, 1]
    assert [g["ratio"] for g in plain[0]["grid"]] == [1.5, 2, 3, 5, 10, 20, 50, 100]
    assert {p["worst_at"] for s in plain for p in s["curve"]} <= {0.1, 1.0}
    asked = schedules("--tolerance", "0.2,3", "--ratios", "4,7.5", "--resamples", "0")
    assert [a["tolerance"] for a in asked[1]["advice"]] == [0.2, 3]
    assert [g["ratio"] for g in asked[1]["grid"]] == [4, 7.5]
    for key in "best_ci", "best_rho_ci", "best_stepsize_ci", "exponent_ci", "grid_growth_ci":
        assert asked[0][key] is None, asked[0]
    assert asked[0]["grid_growth_range"] in (None, [4, 7.5]), asked[0]
    for statistic in "median", "trimmed", "quantile=0.9":
        found = schedules("--statistic", statistic)
        assert all(p["value"] > 0 for p in found[0]["curve"])
        assert found[0]["curve"][5]["value"] != plain[0]["curve"][5]["value"]
    for option, twice in ("--tolerance", "0.1,0.1"), ("--ratios", "2,5,2"):
        done = program("analyze", "s.h5", option, twice)
        assert done.returncode == 2 and done.stdout == "" and len(done.stderr.splitlines()) == 1, done
        assert f"{option}: found {twice.split(',')[0]} twice; allowed: each number once" in done.stderr, done.stderr
    quantiles = [schedules("--statistic", f"quantile={q}")[0]["curve"][3]["value"] for q in (0, 0.25, 0.5, 0.75, 1)]
    assert quantiles == sorted(quantiles) and quantiles[0] < quantiles[-1]
    assert schedules("--statistic", "quantile=0.5") == schedules("--statistic", "median")


def a_baseline_stands_beside_the_grids(program):
    text = SWEEP.replace('stepsize = "theory"', "stepsize = 0.5").replace(
        "rho = { from = 0.1, to = 100.0, points = 13 }", "rho = [1.0]")
    Path("b.toml").write_text(text)
    program.succeed("run", "b.toml", "-o", "b.h5", "--overwrite", "--progress", "none")
    found = json.loads(program.succeed("analyze", "s.h5", "--baseline", "b.h5", "--format", "json").stdout)
    own = json.loads(program.succeed("analyze", "b.h5", "--format", "json").stdout)
    for group, wanted in zip(found["groups"], own["groups"]):
        assert [b["schedule"] for b in group["baselines"]] == ["constant", "wsd(cooldown=0.2, shape=sqrt)"]
        for baseline, schedule in zip(group["baselines"], wanted["schedules"]):
            assert baseline["stepsize"] == 0.5 and baseline["optimizer"] == "sgd", baseline
            assert baseline["value"] == schedule["naive_best"] and baseline["ci"] == schedule["naive_best_ci"]
    assert "no tuning" in program.succeed("analyze", "s.h5", "--baseline", "b.h5").stdout
    Path("b.toml").write_text(text.replace("steps = 50", "steps = 60"))
    program.succeed("run", "b.toml", "-o", "b.h5", "--overwrite", "--progress", "none")
    done = program("analyze", "s.h5", "--baseline", "b.h5")
    assert done.returncode == 2 and "sgd.steps is 60 in the file, 50 in the sweep" in done.stderr, done.stderr


def medians_tell_apart_what_means_do_not(program):
    """Runs least squares without projection on features from Student's t distribution with 2.2 degrees of freedom,
    whose variance is barely finite. In a few seeds a single sample moves the iterate very far; these seeds dominate the
    mean."""
    draws = random.Random(22)

    def student():
        return draws.gauss(0, 1) / math.sqrt(draws.gammavariate(1.1, 2) / 2.2)

    weights = [draws.gauss(0, 0.45) for _ in range(5)]
    lines = []
    for _ in range(1000):
        x = [student() for _ in weights]
        y = sum(a * b for a, b in zip(x, weights)) + draws.gauss(0, 0.3)
        lines.append(f"{y:.6f} " + " ".join(f"{i + 1}:{value:.6f}" for i, value in enumerate(x)))
    Path("t.libsvm").write_text("\n".join(lines) + "\n")
    Path("t.toml").write_text("""
[problem]
kind = "least_squares"
data = "t.libsvm"
[sgd]
steps = 1000
evaluations = 1
[grid]
stepsize = 0.01
schedule = ["constant", "linear"]
rho = { from = 0.03, to = 3.0, points = 13 }
seed = { from = 0, count = 400 }
""")
    program.succeed("run", "t.toml", "-o", "t.h5", "--overwrite", "--progress", "none", ranks=2)

    def schedules(statistic):
        done = program.succeed("analyze", "t.h5", "--statistic", statistic, "--format", "json")
        return json.loads(done.stdout)["groups"][0]["schedules"]

    def tells_apart(constant, linear):
        return linear["best_ci"][1] < constant["best_ci"][0]

    means, medians = schedules("mean"), schedules("median")
    for mean, median in zip(means, medians):
        swamped = [a["value"] is None or a["value"] > 100 * b["value"] for a, b in zip(mean["curve"], median["curve"])
                   if 0.3 < b["rho"] < 3]
        assert all(swamped), (mean["curve"], median["curve"])
    assert tells_apart(*medians), [s["best_ci"] for s in medians]
    assert not tells_apart(*means), [s["best_ci"] for s in means]
    assert "excess_loss, median over 400 seeds" in program.succeed("analyze", "t.h5", "--statistic", "median").stdout


def analyze_writes_files_whole(program):
    for _ in range(2):  # an earlier analysis is replaced
        done = program.succeed("analyze", "s.h5", "--format", "json", "-o", "a.json")
        assert done.stdout == "" and json.loads(Path("a.json").read_text())["metric"] == "excess_loss"
    assert not list(Path().glob(".a.json*"))
    before = Path("s.h5").read_bytes()
    done = program("analyze", "s.h5", "-o", "s.h5")
    assert done.returncode == 2 and "HDF5 file" in done.stderr and Path("s.h5").read_bytes() == before, done.stderr
    assert program("analyze", "s.h5", "-o", "no/such/folder").returncode == 1
    # An output that is not a regular file is written to but never replaced. Links are followed.
    null, link = Path("null"), Path("link.json")
    for path, target in (null, "/dev/null"), (link, "a.json"):
        path.unlink(missing_ok=True)
        path.symlink_to(target)
    Path("a.json").write_text("old")
    program.succeed("analyze", "s.h5", "-o", "null")
    program.succeed("analyze", "s.h5", "--format", "json", "-o", "link.json")
    assert null.is_symlink() and link.is_symlink() and json.loads(Path("a.json").read_text())
    done = program("run", "s.toml", "-o", "null", "--overwrite")
    assert done.returncode == 2 and "not a regular file" in done.stderr and null.is_symlink(), done.stderr


def results_hold_the_constants_where_theory_is_about_them(program):
    def constants(*overrides):
        Path("one.toml").write_text(SWEEP[:SWEEP.index("[axes]")])
        program.succeed("run", "one.toml", "-o", "one.h5", "--overwrite", "--progress", "none", "--set", "sgd.steps=2",
                        *(word for override in overrides for word in ("--set", override)))
        with h5py.File("one.h5") as file:
            return file["diameter"][()], file["gradient_bound"][()]

    with h5py.File("s.h5") as file:
        assert file["diameter"][...].tolist() == [1, 1] and file["gradient_bound"][...].tolist() == [1.5, 1.5]
    assert constants("problem.gradient_bound=2.0", "problem.radius=1.5", "problem.curvature=0.5") == (1.5, 2)
    logistic = ['problem={kind="logistic_regression", samples=50, dimension=3, l2=0.5}', "grid.stepsize=0.1"]
    free = constants(*logistic)
    assert np.isnan(free).all(), free
    diameter, bound = constants(*logistic, "problem.radius=4.0")
    _, without_l2 = constants(*logistic, "problem.radius=4.0", "problem.l2=0.0")
    assert diameter == 8 and math.isclose(bound, without_l2 + 0.5 * 4, rel_tol=1e-12), (diameter, bound, without_l2)


def options_may_stand_before_the_argument(program):
    assert (program.succeed("analyze", "--window", "4,50", "s.h5", "--format", "csv").stdout
            == program.succeed("analyze", "s.h5", "--window", "4,50", "--format", "csv").stdout)
    assert (program.succeed("theory", "--rho", "2,4", "linear", "--steps", 9).stdout
            == program.succeed("theory", "linear", "--steps", 9, "--rho", "2,4").stdout)


def the_paper_s_sweeps_are_valid(program):
    sweeps = sorted((SOURCE / "jobs" / "paper").glob("*.toml"))
    assert len(sweeps) >= 5, sweeps
    script = (SOURCE / "jobs" / "paper" / "run_all.sh").read_text()
    for sweep in sweeps:
        assert "trials" in program.succeed("plan", sweep).stdout
        assert sweep.name in script, f"run_all.sh leaves {sweep.name} out"


def bad_usage_is_refused(program):
    for arguments, words in (
            (["theory", "linear", "--rho", "1"], "--steps"),
            (["theory", "linear", "--steps", "9", "--form", "last"], "--form"),
            (["theory", "linear", "--steps", "9", "--form", "last-gradient", "--smoothness", "1"], "allowed: last-iterate"),
            (["theory", "linear", "--steps", "9", "--grid-ratio", "1"], "found 1; allowed: a number from 1.01 on"),
            (["theory", "linear", "--steps", "9", "--grid-ratio", "2", "--smoothness", "1"], "--grid-ratio"),
            (["theory", "linear", "--steps", "9", "--tolerance", "0"], "found 0; allowed: a positive number"),
            (["theory", "linear", "--steps", "0", "--rho", "1"], "--steps"),
            (["theory", "linear", "--steps", "10", "--rho", "1,0"], "found 0; allowed: a positive number"),
            (["theory", "linear", "--steps", "10", "--rho", "nan"], "found nan"),
            (["theory", "liner", "--steps", "10", "--rho", "1"], "did you mean 'linear'"),
            (["theory", "one_cycle(peak=0.5, initial=0)", "--steps", "1", "--rho", "1"], "0 at every step"),
            (["theory", "linear", "--steps", "9", "--rho", "1", "--noise", "1"], "--smoothness"),
            (["analyze", "s.h5", "--metric", "loss"], "--metric: found loss"),
            (["analyze", "s.h5", "--worst-over", "problem.curvatur"], "did you mean 'problem.curvature'"),
            (["analyze", "s.h5", "--window", "10"], "--window"),
            (["analyze", "s.h5", "--window", "10,4"], "found 10,4; allowed: LO < HI"),
            (["analyze", "s.h5", "--format", "xml"], "--format"),
            (["analyze", "s.h5", "--statistic", "mode"], "found mode; allowed: mean, median, trimmed or quantile=Q"),
            (["analyze", "s.h5", "--statistic", "quantile=2"], "found quantile=2"),
            (["analyze", "s.h5", "--ratios", "2,1"], "found 1; allowed: a number from 1.01 on"),
            (["analyze", "s.h5", "--tolerance", "0"], "found 0; allowed: a positive number"),
            (["analyze", "s.h5", "--resamples", "-1"], "--resamples"),
            (["analyze", "s.h5", "--resamples", "100001"], "found 100001; allowed: an integer from 0 to 100000"),
            (["analyze", "s.h5", "--select-by", "loss"], "--select-by: found loss"),
            (["analyze", "s.toml"], "not an HDF5 file"),
            (["analyze"], "FILE is required")):
        done = program(*arguments)
        assert done.returncode == 2 and words in done.stderr and done.stdout == "", f"{arguments}: {done}"
        assert len(done.stderr.splitlines()) == 1, done.stderr
    assert program("analyze", "missing.h5").returncode == 2


if __name__ == "__main__":
    program = Program(*sys.argv[1:3])
    for check in (theory_prints_the_sums, theory_scales_with_diameter_and_gradients, theory_prints_the_smooth_figures,
                  theory_says_which_form, theory_prints_what_grids_cost, a_grid_may_be_as_coarse_as_theory_says,
                  theory_refuses_what_takes_for_ever, theory_names_tail_orders,
                  analyze_writes_every_format, analyze_answers_what_is_asked, a_baseline_stands_beside_the_grids,
                  results_hold_the_constants_where_theory_is_about_them, medians_tell_apart_what_means_do_not,
                  analyze_writes_files_whole,
                  options_may_stand_before_the_argument, the_paper_s_sweeps_are_valid,
                  bad_usage_is_refused):
        check(program)
        print(f"{check.__name__}: holds")
