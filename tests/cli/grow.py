"""Checks that a sweep that is extended, or split into shards and merged, gives the same file as a single run, bit for
bit.

Usage: grow.py RHOSWEEP MPIEXEC H5DIFF
"""

import json
import os
import re
import shutil
import signal
import sys
from pathlib import Path

import h5py
import numpy as np

from program import SAMPLES, unbroken
from sweep_tests import SweepTests, check_all

SWEEP = """\
[problem]
kind = "logistic_regression"
data = "some.libsvm"
l2 = 0.01
radius = 3.0
[sgd]
steps = 60
batch_size = 2
evaluations = 3
[grid]
stepsize = "theory"
schedule = ["constant", "linear"]
rho = { from = 0.01, to = 1e4, points = 13 }
seed = { from = 0, count = 4 }
[axes]
"problem.l2" = [0.01, 0.1]
"""
SMALL = 2 * 4 * 2 * 13  # number of cells
EXCLUDED = 5
# Changes of the grid that keep existing cells valid: {name: (settings, cells that are reused, cells of the new grid)}.
GROWTHS = {
    "more seeds": (["grid.seed={from=2, count=5}"], 2 * 2 * 2 * 13, 2 * 5 * 2 * 13),
    "another schedule": (['grid.schedule=["cosine", "linear", "constant"]'], SMALL, 2 * 4 * 3 * 13),
    "a finer grid of rho": (["grid.rho.points=25"], SMALL, 2 * 4 * 2 * 25),
    "another value on an axis": (['axes."problem.l2"=[0.5, 0.1, 0.01]'], SMALL, 3 * 4 * 2 * 13),
    "all of it": (['axes."problem.l2"=[0.1, 0.5]', "grid.seed.count=6", "grid.rho.points=37",
                   'grid.schedule=["linear", "cosine"]'], 1 * 4 * 1 * 13, 2 * 6 * 2 * 37),
    "a longer grid of rho": (["grid.rho={from=0.01, to=1e5, points=15}"], SMALL, 2 * 4 * 2 * 15),
    "other words for the schedules": (['grid.schedule=["polynomial(1)", "constant"]'], SMALL, SMALL),
    "another title": (['title="As before"'], SMALL, SMALL),
}
# Changes that alter results, and the words of rhosweep's message about each.
CHANGES = {
    "sgd.batch_size=3": "sgd.batch_size is 2 in the file, 3 in the sweep",
    "sgd.steps=61": "sgd.steps is 60 in the file, 61 in the sweep",
    "sgd.momentum=0.5": "sgd.momentum is 0.0 in the file, 0.5 in the sweep",
    "sgd.evaluations=2": "sgd.evaluations is 3 in the file, 2 in the sweep",
    'sgd.sampling="shuffle"': "sgd.sampling",
    'sgd.iterate="average"': "sgd.iterate",
    'sgd.precision="float32"': "sgd.precision",
    "problem.radius=3.5": "problem.radius is 3.0 in the file, 3.5 in the sweep",
    "problem.intercept=true": "problem.intercept is absent in the file, true in the sweep",
    "grid.seed.from=4": "seed 0 is not part of this sweep",
    "grid.stepsize=0.5": "schedule constant with rho",
    'grid.schedule="cosine"': "schedule constant with rho",
}


class Tests(SweepTests):
    def __init__(self, *programs):
        super().__init__(*programs)
        Path("sweep.toml").write_text(SWEEP)
        Path("some.libsvm").write_text(SAMPLES)
        self.run("old.h5", ranks=2)

    def run(self, output, *options, ranks=0):
        return super().run("sweep.toml", output, *options, ranks=ranks)

    def reused(self, *options):
        """Returns the number of reused cells that `plan` prints, and the standard error of `plan`."""
        plan = self.program.succeed("plan", "sweep.toml", *options)
        return int(re.search(r"reused +(\d+),", plan.stdout)[1]), unbroken(plan.stderr)


def settings(changes):
    return [word for change in changes for word in ("--set", change)]


def grown_sweeps_reuse_what_there_is_and_are_the_file_of_a_full_run(tests):
    for i, (name, (changes, reused, cells)) in enumerate(GROWTHS.items()):
        planned, said = tests.reused(*settings(changes), "--reuse", "old.h5")
        assert planned == reused and f"old.h5: {reused} cells to copy" in said, (name, said)
        tests.run("full.h5", *settings(changes), "--overwrite")
        done = tests.run("grown.h5", *settings(changes), "--overwrite", "--reuse", "old.h5", ranks=i % 2 * 3)
        tests.same("full.h5", "grown.h5")
        assert f"old.h5: {reused} cells copied" in done.stderr, (name, done.stderr)
        with h5py.File("grown.h5") as file, h5py.File("old.h5") as old:
            source, rank, seconds = (file[f"run/{v}"][...] for v in ("source", "rank", "seconds"))
            assert (source == 1).sum() == reused and (source == 0).sum() == cells - reused, name
            assert set(seconds[source == 1]) <= set(old["run/seconds"][...].ravel()), name
            assert b"old.h5" in file["run/source_file"][0].tobytes() and (rank >= 0).all(), name
    tests.program.succeed("verify", "grown.h5", "--trials", 20)
    # Cells are reused from several files. A resumed run reuses only the cells that its file does not have yet.
    tests.run("cosine.h5", "--set", 'grid.schedule="cosine"', "--overwrite")
    changes = settings(GROWTHS["another schedule"][0])
    tests.run("full.h5", *changes, "--overwrite")
    Path("two.h5").unlink(missing_ok=True)
    tests.run("two.h5", *changes, "--reuse", "cosine.h5", "--reuse", "old.h5", ranks=2)
    tests.same("full.h5", "two.h5")
    tests.run("three.h5", *changes, "--shard", "1/2")
    done = tests.run("three.h5", *changes, "--resume", "--reuse", "cosine.h5", "--reuse", "old.h5", ranks=3)
    tests.same("full.h5", "three.h5")
    assert "nothing to do" not in done.stderr
    # The output may be the reused file itself: it is replaced once its cells are in the new file.
    shutil.copy("old.h5", "grows.h5")
    tests.run("grows.h5", *changes, "--reuse", "grows.h5", "--overwrite")
    tests.same("full.h5", "grows.h5")


def a_sweep_in_other_words_resumes(tests):
    """A list instead of a range, another spelling of a schedule and another title describe the same sweep."""
    words = ["grid.rho={from=0.01, to=2e4, per_decade=2}", 'grid.schedule=["constant", "polynomial(p=1)"]',
             "grid.seed=[0, 1, 2, 3]", 'title="In other words"']
    before = Path("old.h5").read_bytes()
    tests.run("old.h5", *settings(words), "--resume")
    assert Path("old.h5").read_bytes() == before, "nothing is left to do"
    tests.run("words.h5", *settings(words), "--overwrite")
    with h5py.File("old.h5") as old, h5py.File("words.h5") as other:
        assert old.attrs["sweep_hash"] == other.attrs["sweep_hash"]
        assert list(other["schedule"].asstr()) == ["constant", "polynomial(p=1)"], "labels are as they were written"
        assert (old["final_train_loss"][...] == other["final_train_loss"][...]).all()


def plans_are_of_what_is_left_to_run(tests):
    more = settings(["grid.seed.count=40"])
    whole = tests.program.succeed("plan", "sweep.toml", *more, "--ranks", 2).stdout
    assert "share of the work" not in whole, whole
    for options, share in (["--shard", "1/4"], 25.0), (["--reuse", "old.h5"], 90.0):
        text = tests.program.succeed("plan", "sweep.toml", *more, *options, "--ranks", 2).stdout
        found = float(re.search(r"share of the work +([\d.]+) % of the whole sweep\n", text)[1])
        assert abs(found - share) < 1, text
        blocks = re.search(r"blocks +(\d+) of at most", text)[1]
        rows = [line.split() for line in text.splitlines() if re.match(r" +\d+ +(working|dedicated) ", line)]
        [planned] = [row for row in rows if row[0] == "2"]
        assert planned[2] == blocks and all(float(row[-4]) <= 100 for row in rows), text
    text = tests.program.succeed("plan", "sweep.toml", "--reuse", "old.h5", "--ranks", 2).stdout
    assert "predicted time            none: nothing is left to run\n" in text and "busy" not in text, text


def the_same_data_under_another_name_and_an_axis_in_place_of_a_key_are_the_same_cells(tests):
    Path("renamed.libsvm").write_text(SAMPLES)
    assert tests.reused("--reuse", "old.h5", *settings(['problem.data="renamed.libsvm"']))[0] == SMALL
    Path("plain.toml").write_text(SWEEP.replace('[axes]\n"problem.l2" = [0.01, 0.1]\n', ""))
    plan = tests.program.succeed("plan", "plain.toml", "--reuse", "old.h5")
    assert f"reused                    {SMALL // 2}, which leaves 0" in plan.stdout, plan.stdout
    # The stepsize is given as a number that has the same bits as the stepsize tuned by theory.
    with h5py.File("old.h5") as file:
        eta = {spec: float(file["stepsize"][0, i].min() / 0.01) for i, spec in enumerate(["constant", "linear"])}
        exact = [spec for i, spec in enumerate(eta) if (file["rho"][...] * eta[spec] == file["stepsize"][0, i]).all()]
    if exact:
        found = tests.reused("--reuse", "old.h5", *settings([
            f'grid.schedule="{exact[0]}"', f"grid.stepsize={eta[exact[0]]!r}", 'axes."problem.l2"=[0.01]']))[0]
        assert found == 4 * 13, found


def a_program_that_reads_rho_is_not_taken_for_the_same_at_another_rho(tests):
    report = '{{\\"step\\": 1, \\"train_loss\\": {rho}}}'
    Path("program.toml").write_text(f"""[problem]
kind = "command"
command = ["printf", "{report}\\n"]
[sgd]
steps = 1
[grid]
stepsize = 0.5
schedule = "constant"
rho = [1.0, 2.0]
seed = [0, 1]
""")
    tests.program.succeed("run", "program.toml", "--progress", "none")
    again = tests.program.succeed("plan", "program.toml", "--reuse", "program.h5", "--set", "grid.rho=[2.0, 1.0, 4.0]")
    assert "reused                    4, which leaves 2" in again.stdout, again.stdout
    # The stepsizes are the same, but the program gets other arguments.
    other = ["--set", "grid.stepsize=1.0", "--set", "grid.rho=[0.5, 1.0]"]
    plan = tests.program.succeed("plan", "program.toml", "--reuse", "program.h5", *other)
    assert "reused                    0, which leaves 4" in plan.stdout and "rho" in plan.stderr, plan


def changes_that_alter_results_reuse_nothing_and_say_why(tests):
    for change, reason in CHANGES.items():
        reused, said = tests.reused("--reuse", "old.h5", "--set", change)
        assert reused == 0 and reason in said and len(said.splitlines()) == 1, (change, reused, said)
    Path("some.libsvm").write_text(SAMPLES.replace("1:3", "1:2", 1))
    reused, said = tests.reused("--reuse", "old.h5")
    assert reused == 0 and "the data of some.libsvm" in said and "has changed" in said, said
    done = tests.run("changed.h5", "--reuse", "old.h5", ranks=2)
    assert "has changed" in done.stderr, done.stderr
    with h5py.File("changed.h5") as file:
        assert (file["run/source"][...] == 0).all()
    Path("some.libsvm").write_text(SAMPLES)


def damage_is_not_copied(tests):
    shutil.copy("old.h5", "damaged.h5")
    with h5py.File("damaged.h5", "r+") as file:
        file["train_loss"][1, 2, 0, 5, 1] += 1e-9
        file["status"][0, 0, 0, 0] = 3
    done = tests.run("mended.h5", "--reuse", "damaged.h5")
    tests.same("old.h5", "mended.h5")
    assert f"{SMALL - 2} cells copied" in done.stderr and "1 cell does not match its checksum" in done.stderr, done.stderr
    for name, where, message in ("seed", 1, "coordinates"), ("rho", 0, "coordinates"):
        shutil.copy("old.h5", "damaged.h5")
        with h5py.File("damaged.h5", "r+") as file:
            file[name][where] = 77
        refused = tests.program("run", "sweep.toml", "-o", "never.h5", "--reuse", "damaged.h5", ranks=2)
        assert refused.returncode == 1 and message in refused.stderr, refused.stderr
        assert not Path("never.h5").exists()
    for bad in "missing.h5", "sweep.toml":
        refused = tests.program("run", "sweep.toml", "-o", "never.h5", "--reuse", bad)
        assert refused.returncode in (1, 2) and bad in refused.stderr and not Path("never.h5").exists(), refused


def shards_merge_to_the_undivided_file_also_when_some_were_killed(tests):
    longer = settings(["sgd.steps=1500000", "grid.rho.points=29", "grid.seed.count=7"])
    cells = 2 * 7 * 2 * 29
    tests.run("whole.h5", *longer, ranks=2)
    names = [f"sweep.{index}-of-5.h5" for index in range(1, 6)]
    for index, (name, ranks) in enumerate(zip(names, [1, 2, 3, 4, 2]), 1):
        shard = ["--shard", f"{index}/5"]
        if index in (2, 4):
            process = tests.program.begin("sweep.toml", name, *longer, *shard, ranks=ranks, start_new_session=True)
            assert process.poll() is None, "the shard ended before it could be killed"
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            assert 0 < tests.program.finished(name) < cells // 5
            done = tests.run(name, *longer, *shard, "--resume", ranks=ranks + 1)
        else:  # the file has its default name
            done = tests.program.succeed("run", "sweep.toml", "--progress", "none", *longer, *shard, ranks=ranks)
        assert done.stdout == "", done.stdout
        status = tests.program.succeed("status", name).stdout
        assert f"shard {index}/5: {tests.program.finished(name)} of its {tests.program.finished(name)} cells" in status, status
    sizes = [tests.program.finished(name) for name in names]
    assert sum(sizes) == cells and max(sizes) - min(sizes) <= 2 * 32, sizes
    tests.program.succeed("merge", "-o", "merged.h5", *names)
    tests.same("whole.h5", "merged.h5")
    # Every cell is in two of the merged files, which are named in reverse order.
    done = tests.program.succeed("merge", "-o", "again.h5", *reversed(names), "whole.h5")
    tests.same("whole.h5", "again.h5")
    tests.program.succeed("verify", "merged.h5", "--trials", 5)
    # Cells that are in none of the files are reported, and --resume runs them.
    part = tests.program("merge", "-o", "part.h5", *names[1:])
    assert part.returncode == 75 and f"{sizes[0]} cells are in none" in part.stderr, part.stderr
    done = tests.run("part.h5", *longer, "--resume", ranks=2)
    tests.same("whole.h5", "part.h5")
    # One shard's file is refused for another shard, and existing files are replaced only on request.
    for options, words in ((["-o", names[0], "--resume", "--shard", "2/5"], "shard 1/5"),
                           (["-o", names[0], "--shard", "1/5"], "--overwrite"),
                           (["--shard", "6/5"], "6/5"), (["--shard", "0/5"], "0/5"), (["--shard", "half"], "half")):
        refused = tests.program("run", "sweep.toml", *longer, *options)
        assert refused.returncode == 2 and words in refused.stderr, refused
    refused = tests.program("merge", "-o", "merged.h5", *names)
    assert refused.returncode == 2 and "--overwrite" in refused.stderr, refused


def grown_sweeps_merge_into_the_largest(tests):
    large = settings(["grid.seed.count=6", 'grid.schedule=["linear", "cosine", "constant"]'])
    tests.run("large.h5", *large)
    tests.run("some.h5", *large, "--shard", "2/2")
    merged = tests.program("merge", "-o", "joined.h5", "old.h5", "some.h5")
    assert merged.returncode == 75, merged
    tests.run("joined.h5", *large, "--resume")
    tests.same("large.h5", "joined.h5")
    tests.run("other.h5", "--set", "grid.seed.from=3")
    refused = tests.program("merge", "-o", "none.h5", "old.h5", "other.h5")
    assert refused.returncode == 2 and "seed 4 is not part of this sweep" in refused.stderr, refused
    tests.run("steps.h5", "--set", "sgd.steps=30")
    refused = tests.program("merge", "-o", "none.h5", "old.h5", "steps.h5")
    assert refused.returncode == 2 and "sgd.steps is 30 in the file, 60 in the sweep" in refused.stderr, refused
    assert not Path("none.h5").exists()


def conflicts_are_reported_cell_by_cell_and_nothing_is_chosen(tests):
    """Two files have different results for a cell, each with a matching checksum."""
    shutil.copy("old.h5", "liar.h5")
    with h5py.File("liar.h5", "r+") as file:
        a, b = (0, 0, 0, 1), (1, 3, 1, 7)
        for name in file:
            if name in ("status", "diverged_step", "checksum") or name.startswith("final_") or f"final_{name}" in file:
                values = file[name]
                values[a], values[b] = values[b], values[a]
        labels = [f"seed = {file['seed'][s]}, schedule = {file['schedule'].asstr()[h]}, rho = {float(file['rho'][r])!r}"
                  for _, s, h, r in (a, b)]
    for command in (["merge", "-o", "none.h5", "old.h5", "liar.h5"],
                    ["run", "sweep.toml", "-o", "none.h5", "--reuse", "liar.h5", "--reuse", "old.h5"]):
        done = tests.program(*command)
        lines = [line for line in done.stderr.splitlines() if "different results in" in line]
        assert done.returncode == 1 and len(lines) == 2, done.stderr
        for label, line in zip(labels, lines):
            assert label in line and "old.h5" in line and "liar.h5" in line, (label, line)
        assert "2 cells have more than one result" in done.stderr and not Path("none.h5").exists(), done.stderr


def rho_that_a_schedule_leaves_out_are_excluded(tests):
    """linear visits every third of 13 rho; the last of them is the largest."""
    every, program = ("--set", "grid.rho_every={linear=3}"), tests.program
    tests.run("coarse.h5", *every, "--overwrite", ranks=2)
    is_visited = np.array([[True] * 13, [i % 3 == 0 for i in range(13)]])
    per_point = 4 * is_visited.sum()
    with h5py.File("coarse.h5") as file:
        status, rhos = file["status"][...], file["rho"][...]
        assert file["status"].attrs["flag_meanings"].split()[EXCLUDED] == "excluded"
        assert ((status == EXCLUDED) == ~is_visited).all() and not np.isin(status, (0, 3)).any(), status
        assert np.isnan(file["final_train_loss"][...][status == EXCLUDED]).all()
        Path("again.toml").write_text(file.attrs["sweep"])
    plan = program.succeed("plan", "sweep.toml", *every).stdout
    assert "rho visited               5 by linear, else 13\n" in plan and f"trials                    {2 * per_point}\n" in plan
    report = json.loads(program.succeed("status", "coarse.h5", "--format", "json").stdout)
    assert (report["finished"], report["excluded"], report["pending"]) == (2 * per_point, SMALL - 2 * per_point, 0), report
    rows = program.succeed("export", "coarse.h5").stdout.splitlines()
    assert sum(",excluded," in row for row in rows) == SMALL - 2 * per_point
    assert f"{2 * per_point} cells OK, 0 damaged" in program.succeed("verify", "coarse.h5", "--trials", 9).stdout
    analysis = json.loads(program.succeed("analyze", "coarse.h5", "--format", "json").stdout)
    for group in analysis["groups"]:
        for s, found in enumerate(group["schedules"]):
            assert {point["rho"] for point in found["curve"]} <= set(rhos[is_visited[s]]) and not found["left_out"], found
    replay = json.loads(program.succeed("analyze", "coarse.h5", "--replay", "--format", "json").stdout)
    assert [found["of_cells"] for found in replay["groups"][0]["schedules"]] == list(4 * is_visited.sum(axis=1)), replay
    # The stored sweep, shards, a file that holds the whole grid and a killed run give the same file.
    program.succeed("run", "again.toml", "-o", "again.h5", "--overwrite", "--progress", "none")
    for shard in 1, 2:
        tests.run(f"shard{shard}.h5", "--shard", f"{shard}/2", *every, "--overwrite")
    program.succeed("merge", "--overwrite", "-o", "merged.h5", "shard1.h5", "shard2.h5")
    assert "cells copied" in tests.run("reused.h5", *every, "--reuse", "old.h5", "--overwrite").stderr
    shutil.copy("coarse.h5", "resumed.h5")
    with h5py.File("resumed.h5", "r+") as file:
        file["status"][:, 1:3] = 0
    tests.run("resumed.h5", *every, "--resume")
    for name in "again", "merged", "reused", "resumed":
        tests.same("coarse.h5", f"{name}.h5")
    said = tests.run("grown.h5", "--reuse", "coarse.h5", "--overwrite").stderr
    assert f"coarse.h5: {2 * per_point} cells copied" in said, said
    tests.same("old.h5", "grown.h5")
    # A search visits the rho of the schedule.
    tests.run("search.h5", *every, "--set", "search.first_seeds=1", "--overwrite", ranks=2)
    with h5py.File("search.h5") as file:
        assert ((file["status"][...] == EXCLUDED) == ~is_visited).all() and (file["status"][...] == 4).any()
    for more, words in (("stop_when.factor=3", "grid.rho_every: found a key beside [stop_when]"),
                        ("grid.rho={from=0.01,to=100,regret=1}", "found a key beside grid.rho.regret, which sets it")):
        refused = program("plan", "sweep.toml", *every, "--set", more)
        assert refused.returncode == 2 and words in unbroken(refused.stderr), refused


if __name__ == "__main__":
    check_all(Tests(*sys.argv[1:4]), grown_sweeps_reuse_what_there_is_and_are_the_file_of_a_full_run,
              a_sweep_in_other_words_resumes, plans_are_of_what_is_left_to_run,
              the_same_data_under_another_name_and_an_axis_in_place_of_a_key_are_the_same_cells,
              a_program_that_reads_rho_is_not_taken_for_the_same_at_another_rho,
              changes_that_alter_results_reuse_nothing_and_say_why, damage_is_not_copied,
              shards_merge_to_the_undivided_file_also_when_some_were_killed, grown_sweeps_merge_into_the_largest,
              conflicts_are_reported_cell_by_cell_and_nothing_is_chosen, rho_that_a_schedule_leaves_out_are_excluded)
