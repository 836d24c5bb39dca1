"""Checks a search for the best stepsizes ([search]): its file is the same for any number of ranks and after kills, and a
later run fills the rest of the grid.

Usage: search.py RHOSWEEP MPIEXEC H5DIFF
"""

import json
import re
import sys
from pathlib import Path

import h5py
import numpy as np

from program import unbroken
from sweep_tests import SweepTests, check_all

GRID = """\
[problem]
kind = "logistic_regression"
samples = 60
dimension = 5
radius = 3.0
[sgd]
steps = 60
batch_size = 2
evaluations = 2
[grid]
stepsize = "theory"
schedule = ["constant", "linear", "cosine"]
rho = { from = 0.01, to = 1e4, points = 41 }
seed = { from = 0, count = 6 }
[axes]
"problem.data_seed" = [1, 2]
"""
CELLS = 2 * 6 * 3 * 41
NOT_NEEDED = 4


class Tests(SweepTests):
    def __init__(self, *programs):
        super().__init__(*programs)
        Path("grid.toml").write_text(GRID)
        Path("search.toml").write_text(GRID + "[search]\n")
        self.run("search.toml", "search.h5")
        self.run("grid.toml", "grid.h5", ranks=2)


def status_of(path):
    with h5py.File(path) as file:
        return file["status"][...]


def the_file_of_a_search_is_the_same_from_any_number_of_ranks(tests):
    for ranks in 2, 5:
        tests.run("search.toml", f"ranks{ranks}.h5", ranks=ranks)
        tests.same("search.h5", f"ranks{ranks}.h5")


def plan_says_how_many_trials_the_first_round_has(tests):
    plan = tests.program.succeed("plan", "search.toml").stdout
    said = tests.program.succeed("run", "search.toml", "-o", "log.h5", "--progress", "log").stderr
    first = re.search(r"round 1: \d+ of (\d+) trials", said)[1]
    assert 0 < int(first) < CELLS and f"runs {first} of them in the first round" in unbroken(plan), (first, plan)
    assert "  time of the first round   " in plan, plan
    plan = tests.program.succeed("plan", "search.toml", "--reuse", "search.h5").stdout
    assert "runs 0 of them in the first round" in unbroken(plan), plan


def a_killed_search_resumes_to_the_same_file(tests):
    def no_cell_is_marked_yet(before, all_cells):
        if before < all_cells:  # otherwise the kill may have come while the search marked the cells that it left out
            assert (status_of("killed.h5") != NOT_NEEDED).all()

    tests.kill_and_resume("search.toml", ["--set", "sgd.steps=300000", "--set", 'axes."problem.data_seed"=[1]'], most_kills=4,
                          check=no_cell_is_marked_yet)


def cells_that_were_not_needed_are_told_apart(tests):
    status = status_of("search.h5")
    run = int((status != NOT_NEEDED).sum())
    assert set(np.unique(status)) <= {1, 2, NOT_NEEDED} and 0 < run < CELLS / 3, run
    with h5py.File("search.h5") as file:
        assert file["status"].attrs["flag_meanings"].split()[NOT_NEEDED] == "not_needed"
        assert list(file["status"].attrs["flag_values"]) == [0, 1, 2, 3, 4]
        assert np.isnan(file["final_train_loss"][...][status == NOT_NEEDED]).all()
    saving = f"found with {run} of {CELLS} cells: {100 * (1 - run / CELLS):.0f} % saved"
    shown = tests.program.succeed("status", "search.h5").stdout
    assert saving in shown and f"0 pending, {CELLS - run} not needed" in shown, shown
    report = json.loads(tests.program.succeed("status", "search.h5", "--format", "json").stdout)
    assert (report["finished"], report["pending"], report["not_needed"]) == (run, 0, CELLS - run), report
    assert ", complete" in tests.program.succeed("status", "search.h5", "--watch").stdout
    analysis = tests.program.succeed("analyze", "search.h5")
    assert saving in unbroken(analysis.stdout).replace("\n", " ") and "INCOMPLETE" not in analysis.stdout, analysis.stdout
    assert "is the least of the grid" not in analysis.stderr, analysis.stderr
    rows = tests.program.succeed("export", "search.h5").stdout.splitlines()
    assert sum(",not_needed," in row for row in rows) == CELLS - run
    verified = tests.program.succeed("verify", "search.h5", "--trials", 10).stdout
    assert f"{run} cells OK, 0 damaged" in verified, verified


def the_stepsizes_found_are_those_of_the_full_grid_within_the_tolerance(tests):
    """Computes the regret from the file of the full grid. A confidence of 0.9 allows one schedule in ten to exceed the
    tolerance."""
    document = json.loads(tests.program.succeed("analyze", "grid.h5", "--replay", "--format", "json").stdout)
    status = status_of("search.h5")
    with h5py.File("grid.h5") as file:
        error = file["final_excess_loss"][...].mean(axis=1)  # (data_seed, schedule, rho)
        rho = list(file["rho"][...])
    outside = 0
    for point, group in enumerate(document["groups"]):
        for s, found in enumerate(group["schedules"]):
            run = status[point, :, s, :] != NOT_NEEDED
            assert found["cells"] == run.sum(), "the replay visits the cells of the search"
            best = rho.index(found["rho"])
            assert run[:, best].sum() == run.sum(axis=0).max()
            regret = error[point, s, best] / error[point, s].min() - 1
            assert abs(found["regret"] - regret) < 1e-9, (found, regret)
            outside += regret > 0.05
    assert outside <= 1, document
    text = tests.program.succeed("analyze", "grid.h5", "--replay").stdout
    assert f"{document['cells']} of {CELLS} cells" in text and document["cells"] == (status != NOT_NEEDED).sum(), text
    refused = tests.program("analyze", "grid.h5", "--replay", "--statistic", "median")
    assert refused.returncode == 2 and "an option that --replay does not use" in unbroken(refused.stderr), refused
    refused = tests.program("analyze", "search.h5", "--replay")
    assert refused.returncode == 2 and "that have not been run; allowed: a full sweep" in unbroken(refused.stderr), refused


def the_metric_of_a_search_is_the_one_that_is_reported(tests):
    settings = "--set", "search.metric='distance'", "--set", "grid.seed.count=2"
    said = tests.run("search.toml", "distance.h5", *settings)
    assert "at rho  distance" in said.stdout and "x16" not in said.stdout, said.stdout
    document = json.loads(tests.program.succeed("analyze", "distance.h5", "--format", "json").stdout)
    assert document["metric"] == "distance"
    assert "cost at" not in tests.program.succeed("analyze", "distance.h5").stdout


def a_later_run_fills_the_rest_and_a_search_takes_what_is_there(tests):
    run = tests.program.finished("search.h5")
    done = tests.run("grid.toml", "filled.h5", "--reuse", "search.h5", ranks=2)
    assert f"search.h5: {run} cells copied" in done.stderr, done.stderr
    tests.same("grid.h5", "filled.h5")
    # The search copies only the cells that it requests.
    done = tests.run("search.toml", "copied.h5", "--reuse", "grid.h5", ranks=2)
    tests.same("search.h5", "copied.h5")
    with h5py.File("copied.h5") as file:
        assert (file["run/source"][...] == 1).sum() == run
    refused = tests.program("run", "grid.toml", "-o", "search.h5", "--resume")
    assert refused.returncode == 2 and "search." in refused.stderr and "--reuse search.h5" in refused.stderr, refused
    # A merged file keeps the status of cells that the search did not need.
    tests.program.succeed("merge", "-o", "merged.h5", "search.h5")
    tests.same("search.h5", "merged.h5")
    tests.program.succeed("merge", "-o", "both.h5", "grid.h5", "search.h5")
    tests.same("grid.h5", "both.h5")


def what_makes_no_sense_is_refused_in_one_line(tests):
    for options, words in (
            (["--shard", "1/2"], "--shard: found 1/2 with [search]"),
            (["--set", "search.tolerance=0"], "search.tolerance: found 0; allowed: a number > 0"),
            (["--set", "search.confidence=1"], "search.confidence: found 1; allowed: a number in [0.5, 1)"),
            (["--set", "search.first_seeds=7"], "search.first_seeds: found 7; allowed: an integer from 1 to 6"),
            (["--set", "search.first_ratio=1"], "search.first_ratio: found 1; allowed: a number > 1"),
            (["--set", 'search.metric="train_los"'], "search.metric: found \"train_los\", did you mean 'train_loss'?"),
            (["--set", "search.tolerence=0.1"], "search.tolerence: unknown key")):
        tests.refuses("search.toml", options, words)


def failed_trials_end_with_exit_code_1_and_run_again(tests):
    """A program fails for the best stepsizes while the file `broken` exists."""
    Path("train.sh").write_text("""\
[ ! -e broken ] || [ "$1" != 0.1 ] || { echo broken >&2; exit 3; }
awk -v x="$1" 'BEGIN { printf "{\\"step\\": 1, \\"train_loss\\": %.17g}\\n", x / 0.1 + 0.1 / x }'
""")
    Path("program.toml").write_text("""[problem]
kind = "command"
command = ["sh", "train.sh", "{stepsize}"]
[sgd]
steps = 1
[grid]
stepsize = 0.1
schedule = "constant"
rho = { from = 0.001, to = 1000, points = 31 }
seed = [0]
[search]
""")
    tests.run("program.toml", "whole.h5", "--overwrite")
    Path("broken").touch()
    failed = tests.program("run", "program.toml", "-o", "failed.h5", "--progress", "none")
    assert failed.returncode == 1 and "1 trial failed" in failed.stderr, failed.stderr
    Path("broken").unlink()
    tests.run("program.toml", "failed.h5", "--resume")
    with h5py.File("failed.h5") as file:
        best = float(file["rho"][np.nanargmin(file["final_train_loss"][0, 0])])
        assert abs(np.log(best)) < 1e-9, best
        assert (file["status"][...] != 0).all()


if __name__ == "__main__":
    check_all(Tests(*sys.argv[1:4]), the_file_of_a_search_is_the_same_from_any_number_of_ranks,
              plan_says_how_many_trials_the_first_round_has, a_killed_search_resumes_to_the_same_file,
              cells_that_were_not_needed_are_told_apart,
              the_stepsizes_found_are_those_of_the_full_grid_within_the_tolerance,
              the_metric_of_a_search_is_the_one_that_is_reported,
              a_later_run_fills_the_rest_and_a_search_takes_what_is_there, what_makes_no_sense_is_refused_in_one_line,
              failed_trials_end_with_exit_code_1_and_run_again)
