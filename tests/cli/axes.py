"""Checks sweeps whose axes are strings, booleans and paired keys, and sweeps that exclude some points of their axes.
Each sweep gives the same file on any number of ranks, from shards and after a resume. A sweep that describes the same
cells in another way can reuse them.

Usage: axes.py RHOSWEEP MPIEXEC H5DIFF
"""

import csv
import json
import sys
from pathlib import Path

import h5py
import numpy as np
import xarray as xr

from program import SAMPLES, unbroken
from sweep_tests import SweepTests, check_all

GRID = """\
[problem]
kind = "logistic_regression"
samples = 40
dimension = 4
radius = 3.0
[sgd]
steps = 30
batch_size = 2
evaluations = 2
{more}
[grid]
stepsize = 0.1
schedule = ["constant", "linear"]
rho = {{ from = 0.1, to = 100, points = 13 }}
seed = {{ from = 0, count = 3 }}
{axes}
"""
PER_POINT = 2 * 13 * 3
EXCLUDED = 5
# name: (lines of [sgd], sections [axes] and [[exclude]], number of axes points, number of excluded points)
SWEEPS = {
    "paired": ("", """[axes]
"sgd.steps, sgd.batch_size" = [[20, 4], [30, 2], [20, 1]]
"problem.l2" = [0.0, 0.1]
""", 6, 0),
    "texts": ("", """[axes]
sgd.optimizer = ["sgd", "adamw", "schedule_free"]
sgd.precision = ["float64", "float32"]
""", 6, 0),
    "excluded": ("momentum = 0.5", """[axes]
sgd.nesterov = [true, false]
sgd.momentum = [0.0, 0.5]
problem.l2 = [0.1, 0.0]
[[exclude]]
sgd.nesterov = true
sgd.momentum = 0
[[exclude]]
"sgd.momentum" = [0.5]
"problem.l2" = 0.1
""", 8, 4),
}
# Single points of SWEEPS as separate sweeps: (name in SWEEPS, settings, number of shared cells)
PARTS = [
    ("paired", ['axes."sgd.steps"=[30, 20]', "sgd.batch_size=1"], PER_POINT),
    ("texts", ['sgd.optimizer="adamw"'], PER_POINT),
    ("texts", ['sgd.precision="float32"'], PER_POINT),
    ("texts", ['sgd.optimizer="schedule_free"', 'axes."sgd.precision"=["float32", "float64"]'], 2 * PER_POINT),
    ("excluded", ["sgd.momentum=0.5", 'axes."sgd.nesterov, problem.l2"=[[false, 0.0], [true, 0.0]]'], 2 * PER_POINT),
    ("excluded", ["sgd.momentum=0.5", "problem.l2=0.1"], 0),  # an excluded point has no cells to share
]


class Tests(SweepTests):
    def __init__(self, *programs):
        super().__init__(*programs)
        Path("single.toml").write_text(GRID.format(more="", axes=""))
        for name, (more, axes, *_) in SWEEPS.items():
            Path(f"{name}.toml").write_text(GRID.format(more=more, axes=axes))
            self.run(name, f"{name}.h5")

    def run(self, name, output, *options, ranks=0):
        return super().run(f"{name}.toml", output, *options, ranks=ranks)


def the_file_is_the_same_from_any_number_of_ranks_from_shards_and_after_a_resume(tests):
    for ranks, name in zip((2, 5, 2), SWEEPS):
        tests.run(name, "ranks.h5", "--overwrite", ranks=ranks)
        tests.same(f"{name}.h5", "ranks.h5")
        for shard in "1/2", "2/2":
            tests.run(name, f"part{shard[0]}.h5", "--shard", shard, "--overwrite")
        tests.program.succeed("merge", "--overwrite", "-o", "merged.h5", "part1.h5", "part2.h5")
        tests.same(f"{name}.h5", "merged.h5")
        tests.run(name, "part2.h5", "--resume")
        tests.same(f"{name}.h5", "part2.h5")


def cells_are_shared_whatever_the_axes_are_called(tests):
    for name, settings, cells in PARTS:
        options = [word for setting in settings for word in ("--set", setting)]
        said = tests.run("single", "part.h5", *options, "--reuse", f"{name}.h5", "--overwrite").stderr
        expected = f"{name}.h5: {cells} cells copied" if cells else "none of its cells belongs to this sweep"
        assert expected in unbroken(said), (name, settings, said)
        tests.run("single", "own.h5", *options, "--overwrite")
        tests.same("own.h5", "part.h5")


def points_that_are_left_out_are_the_same_however_they_are_written(tests):
    """A second [[exclude]] table for an excluded point changes nothing: the sweep resumes the other sweep's file, and
    shards of both sweeps merge."""
    text = Path("excluded.toml").read_text()
    Path("written.toml").write_text(text + "[[exclude]]\nsgd.nesterov = true\nsgd.momentum = 0.5\nproblem.l2 = 0.1\n")
    options = ("--set", 'title="excluded"')
    tests.run("written", "excluded.h5", *options, "--resume")
    tests.run("written", "part1.h5", "--shard", "1/2", *options, "--overwrite")
    tests.run("excluded", "part2.h5", "--shard", "2/2", "--overwrite")
    tests.program.succeed("merge", "--overwrite", "-o", "merged.h5", "part1.h5", "part2.h5")
    tests.same("excluded.h5", "merged.h5")


def points_that_are_left_out_are_counted_and_said(tests):
    for name, (_, _, points, excluded) in SWEEPS.items():
        cells = (points - excluded) * PER_POINT
        with h5py.File(f"{name}.h5") as file:
            status = file["status"][...]
            assert (status == EXCLUDED).sum() == excluded * PER_POINT and (status != 0).all(), name
            assert np.isnan(file["final_train_loss"][...][status == EXCLUDED]).all()
            meanings = file["status"].attrs["flag_meanings"].split()
            assert len(file["status"].attrs["flag_values"]) == len(meanings) == 5 + bool(excluded), name
        report = json.loads(tests.program.succeed("status", f"{name}.h5", "--format", "json").stdout)
        assert (report["finished"], report["pending"], report["excluded"]) == (cells, 0, excluded * PER_POINT), report
        assert f"{cells} of {cells} cells finished (100.0 %)" in tests.program.succeed("status", f"{name}.h5").stdout
        assert f"trials                    {cells}\n" in tests.program.succeed("plan", f"{name}.toml").stdout
        assert ", complete" in tests.program.succeed("status", f"{name}.h5", "--watch").stdout
        verified = tests.program.succeed("verify", f"{name}.h5", "--trials", 10).stdout
        assert f"{cells} cells OK, 0 damaged" in verified and "10 cells recomputed, 0 differ" in verified, verified
        analysis = json.loads(tests.program.succeed("analyze", f"{name}.h5", "--format", "json").stdout)
        assert len(analysis["groups"]) == points - excluded and analysis["excluded_points"] == excluded
        replay = json.loads(tests.program.succeed("analyze", f"{name}.h5", "--replay", "--format", "json").stdout)
        assert len(replay["groups"]) == points - excluded, replay
    assert "leaves out 4 of 8 axes points" in tests.program.succeed("analyze", "excluded.h5").stdout
    assert "4 of 8 axes points" in tests.program.succeed("plan", "excluded.toml").stdout
    rows = list(csv.DictReader(tests.program.succeed("export", "excluded.h5").stdout.splitlines()))
    assert sum(row["status"] == "excluded" for row in rows) == 4 * PER_POINT
    assert {row["sgd.nesterov"] for row in rows} == {"true", "false"}


def cells_in_a_state_that_the_sweep_rules_out_are_damage(tests):
    def state(point, value):
        with h5py.File("states.h5", "r+") as file:
            file["status"][point + (2, 1, 12)] = value

    cell = "problem.l2 = {}, seed = 2, schedule = linear, rho = 100"
    excluded = "sgd.nesterov = true, sgd.momentum = 0, " + cell.format(0.1)
    included = "sgd.nesterov = false, sgd.momentum = 0, " + cell.format(0.1)
    for point, value, named in (((0, 0, 0), 0, f"excluded by the sweep, but not marked as excluded: {excluded}"),
                                ((1, 0, 0), EXCLUDED, f"marked as excluded, but not excluded by the sweep: {included}"),
                                ((1, 0, 0), 4, f"marked as not needed, but the sweep has no [search]: {included}")):
        Path("states.h5").write_bytes(Path("excluded.h5").read_bytes())
        state(point, value)
        done = tests.program("verify", "states.h5", "--trials", 0)
        said = unbroken(done.stdout)
        assert done.returncode == 1 and "1 cell is not as the sweep says" in said and named in said, done
        assert "1 cell is not as the sweep says" in unbroken(tests.run("excluded", "states.h5", "--resume").stderr)
        tests.same("excluded.h5", "states.h5")
        assert tests.program("verify", "states.h5", "--trials", 0).returncode == 0


def axes_with_other_labels_than_those_of_the_sweep_are_refused_by_every_reader(tests):
    Path("labels.h5").write_bytes(Path("texts.h5").read_bytes())
    with h5py.File("labels.h5", "r+") as file:
        file["sgd.optimizer"][0] = b"dog"
    for command in ("status",), ("status", "--watch"), ("analyze",), ("analyze", "--replay"), ("export",):
        done = tests.program(command[0], "labels.h5", *command[1:])
        assert done.returncode == 1 and not done.stdout, done
        assert "labels.h5: damaged: its coordinates differ from those of its sweep" in unbroken(done.stderr), done
    assert tests.program("verify", "labels.h5", "--trials", 0).returncode == 2


def a_search_runs_none_of_the_points_that_are_left_out(tests):
    text = Path("excluded.toml").read_text()
    Path("search.toml").write_text(text + "[search]\n")
    tests.run("search", "search.h5", ranks=2)
    with h5py.File("search.h5") as file:
        states = dict(zip(*np.unique(file["status"][...], return_counts=True)))
    assert states[EXCLUDED] == 4 * PER_POINT and 0 < states[1] + states.get(2, 0) < 4 * PER_POINT and 4 in states, states
    tests.run("excluded", "filled.h5", "--reuse", "search.h5")
    tests.same("excluded.h5", "filled.h5")


def the_worst_over_an_axis_is_over_the_points_that_are_not_left_out(tests):
    """Compares the worst value at each rho with NumPy's: the mean over the seeds at each included point, and of these
    means the largest. An axis of paired keys can be named by one key or by all of them."""
    groups = json.loads(tests.program.succeed(
        "analyze", "excluded.h5", "--worst-over", "sgd.momentum", "--format", "json").stdout)["groups"]
    assert [group["axes"] for group in groups] == [{"sgd.nesterov": a, "problem.l2": b}
                                                   for a, b in (("true", 0.0), ("false", 0.1), ("false", 0.0))]
    with h5py.File("excluded.h5") as file:
        means = file["final_excess_loss"][...].mean(axis=-3)
    for group, (nesterov, l2) in zip(groups, ((0, 1), (1, 0), (1, 1))):
        for s, schedule in enumerate(group["schedules"]):
            worst = np.nanmax(means[nesterov, :, l2, s], axis=0)
            np.testing.assert_allclose([point["value"] for point in schedule["curve"]], worst, rtol=1e-12)
    for name in "sgd.batch_size", "sgd.steps", "sgd.steps, sgd.batch_size":
        document = json.loads(tests.program.succeed(
            "analyze", "paired.h5", "--worst-over", name, "--format", "json").stdout)
        assert document["worst_over"] == "sgd.steps" and [g["axes"] for g in document["groups"]] == [
            {"problem.l2": 0.0}, {"problem.l2": 0.1}], document["groups"]
        assert document["groups"][0]["schedules"][0]["curve"][0]["worst_at"] in ([20, 4], [30, 2], [20, 1])


def programs_get_texts_and_truth_values(tests):
    script = Path("trial.sh")
    script.write_text('#!/bin/sh\nif [ "$1 $3" = "cnn true" ]; then loss=1; else loss=$2; fi\n'
                      'echo "{\\"step\\": 3, \\"train_loss\\": $loss}"\n')
    script.chmod(0o755)
    Path("program.toml").write_text("""[problem]
kind = "command"
command = ["./trial.sh", "{arch}", "{width}", "{wide}"]
[sgd]
steps = 3
evaluations = 1
[grid]
stepsize = 1.0
schedule = ["constant"]
rho = [1.0]
seed = [0]
[axes]
"problem.arch, problem.width" = [["cnn", 8], ["mlp, deep", 16]]
problem.wide = [true, false]
[[exclude]]
problem.arch = "mlp, deep"
problem.wide = true
""")
    tests.run("program", "program.h5", ranks=2)
    with h5py.File("program.h5") as file:
        assert list(file["problem.arch"].asstr()) == ["cnn", "mlp, deep"] and list(file["problem.width"]) == [8, 16]
        np.testing.assert_array_equal(file["final_train_loss"][...].ravel(), [1, 8, np.nan, 16])
    with_all = tests.program.succeed("plan", "program.toml", "--set", "exclude=[]").stdout
    assert "trials                    4\n" in with_all, with_all


def data_files_are_an_axis(tests):
    """Cells are identified by the content of the data file, not by its name."""
    for name, content in ("one.libsvm", SAMPLES), ("two.libsvm", SAMPLES.replace(" 3:", " 4:")), ("copy.libsvm", SAMPLES):
        Path(name).write_text(content)
    sweep = GRID.replace("samples = 40\ndimension = 4", "{data}")
    Path("data.toml").write_text(sweep.format(data="", more="", axes='[axes]\nproblem.data = ["two.libsvm", "one.libsvm"]'))
    Path("copy.toml").write_text(sweep.format(data='data = "copy.libsvm"', more="", axes=""))
    tests.run("data", "data.h5", ranks=2)
    said = tests.run("copy", "copy.h5", "--reuse", "data.h5").stderr
    assert f"data.h5: {PER_POINT} cells copied" in unbroken(said), said
    assert "0 differ" in tests.program.succeed("verify", "data.h5", "--trials", 5).stdout


def tables_from_files_are_stored_as_their_values(tests):
    """A table with the values (T - t)/T equals the schedule linear. The sweep stores the values instead of the file's
    name, also for a table of the maximum length."""
    count = 10000
    Path("tables").mkdir(exist_ok=True)
    Path("tables/linear.txt").write_text("# h_t\n" + "\n".join(repr((30 - t) / 30) for t in range(30)))
    with h5py.File("tables/linear.h5", "w") as file:
        file["runs/h"] = (30 - np.arange(31)) / 30
    noise = np.random.default_rng(7).random(count)
    Path("tables/noise.txt").write_text(" ".join(map(repr, noise.tolist())))
    for name, schedule in ("text", '"linear", "table(linear.txt)"'), ("hdf5", '"linear", "table(linear.h5:/runs/h)"'):
        Path(f"tables/{name}.toml").write_text(
            GRID.format(more="", axes="").replace('"constant", "linear"', schedule))
    tests.run("tables/text", "text.h5", "--set", 'title="x"', ranks=2)
    tests.run("tables/hdf5", "hdf5.h5", "--set", 'title="x"', "--reuse", "text.h5")
    tests.same("text.h5", "hdf5.h5")
    with h5py.File("text.h5") as file:
        losses = file["final_train_loss"][...]
        np.testing.assert_array_equal(losses[:, 0], losses[:, 1])
        assert "linear.txt" not in file.attrs["sweep"]
    long = ("--set", 'grid.schedule="table(noise.txt)"', "--set", "grid.rho=[1.0, 2.0]")
    tests.run("tables/text", "noise.h5", *long, "--set", f"sgd.steps={count}", ranks=2)
    Path("tables/noise.txt").unlink()
    with xr.open_dataset("noise.h5") as file:
        spec = str(file["schedule"].values[0])
    np.testing.assert_array_equal(json.loads(spec[len("table(values="):-1])[:count], noise)
    assert "0 differ" in tests.program.succeed("verify", "noise.h5").stdout
    shown = tests.program.succeed("analyze", "noise.h5")
    assert all(len(line) <= 80 for line in (shown.stdout + shown.stderr).splitlines()), shown
    refused = tests.program("run", "tables/text.toml", "-o", "bad.h5", "--set", "sgd.steps=40")
    assert refused.returncode == 2 and not Path("bad.h5").exists() and (
        "schedule table(linear.txt): values: found 30 values in linear.txt for 40 steps" in unbroken(refused.stderr)), refused


def xarray_selects_by_the_labels(tests):
    with xr.open_dataset("paired.h5") as file:
        losses = file["final_train_loss"]
        assert losses.dims == ("sgd.steps", "problem.l2", "seed", "schedule", "rho")
        assert list(losses["sgd.batch_size"].values) == [4, 2, 1] and list(losses["sgd.steps"].values) == [20, 30, 20]
        assert losses.sel({"sgd.steps": 20}).sizes["sgd.steps"] == 2
        one = losses.set_xindex("sgd.batch_size").sel({"sgd.batch_size": 1})
        assert (one.values == losses.values[2]).all()
    with xr.open_dataset("texts.h5") as file:
        chosen = file["final_train_loss"].sel({"sgd.optimizer": "schedule_free", "sgd.precision": "float32"})
        assert (chosen.values == file["final_train_loss"].values[2, 1]).all()
    with xr.open_dataset("excluded.h5") as file:
        assert (file["status"].sel({"sgd.nesterov": "true", "sgd.momentum": 0.0}) == EXCLUDED).all()


if __name__ == "__main__":
    check_all(Tests(*sys.argv[1:4]), the_file_is_the_same_from_any_number_of_ranks_from_shards_and_after_a_resume,
              cells_are_shared_whatever_the_axes_are_called,
              points_that_are_left_out_are_the_same_however_they_are_written,
              points_that_are_left_out_are_counted_and_said, cells_in_a_state_that_the_sweep_rules_out_are_damage,
              axes_with_other_labels_than_those_of_the_sweep_are_refused_by_every_reader,
              a_search_runs_none_of_the_points_that_are_left_out,
              the_worst_over_an_axis_is_over_the_points_that_are_not_left_out, programs_get_texts_and_truth_values,
              data_files_are_an_axis, tables_from_files_are_stored_as_their_values, xarray_selects_by_the_labels)
