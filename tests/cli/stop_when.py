"""Checks early stops ([stop_when]): the file is the one of the full sweep with the rule applied, for any number of ranks,
after kills, from shards and from copied cells; programs are ended.

Usage: stop_when.py RHOSWEEP MPIEXEC H5DIFF
"""

import json
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
steps = 200
batch_size = 2
evaluations = 6
[grid]
stepsize = "theory"
schedule = ["constant", "linear", "cosine"]
rho = { from = 0.01, to = 1e4, points = 22 }
seed = { from = 0, count = 4 }
[axes]
"problem.data_seed" = [1, 2]
"""
STOPS = GRID + "[stop_when]\nfactor = 3.0\nfirst_every = 3\n"
DONE, EXCLUDED, STOPPED = 1, 5, 6


class Tests(SweepTests):
    def __init__(self, *programs):
        super().__init__(*programs)
        Path("grid.toml").write_text(GRID)
        Path("stops.toml").write_text(STOPS)
        self.run("stops.toml", "stops.h5")
        self.run("grid.toml", "grid.h5", ranks=2)


def read(path, *names):
    with h5py.File(path) as file:
        return [file[name][...] for name in names]


def stops_of(path, metric, factor, every, begin=0.25):
    """Returns the index of the evaluation at which the rule stops each trial of a full sweep, -1 where it does not."""
    rho, step, curve, status = read(path, "rho", "step", metric, "status")
    order = np.argsort(rho)
    first = np.zeros(len(rho), bool)
    first[order[(len(rho) - 1) // 2 % every::every]] = True
    best = np.where((status == DONE)[..., None], curve, np.inf)[..., first, :].min(axis=-2, keepdims=True)
    above = (curve > factor * best) & (best > 0) & ~first[:, None]
    above[..., (step < begin * step[-1]) | (step == step[-1])] = False
    return np.where(above.any(axis=-1), above.argmax(axis=-1), -1)


def the_file_is_the_full_sweep_with_the_rule_applied(tests):
    stop = stops_of("grid.h5", "excess_loss", 3.0, 3)
    status, = read("stops.h5", "status")
    whole, = read("grid.h5", "status")
    assert 0.2 < (stop >= 0).mean() < 0.7, (stop >= 0).mean()
    assert np.array_equal(status, np.where(stop >= 0, STOPPED, whole))
    known = (stop[..., None] < 0) | (np.arange(6) <= stop[..., None])
    with h5py.File("stops.h5") as stops, h5py.File("grid.h5") as grid:
        for metric in "train_loss", "excess_loss", "train_accuracy":
            assert np.array_equal(stops[metric][...], np.where(known, grid[metric][...], np.nan), equal_nan=True)
            final = np.where(stop < 0, grid[f"final_{metric}"][...], np.nan)
            assert np.array_equal(stops[f"final_{metric}"][...], final, equal_nan=True)
        assert np.array_equal(stops["diverged_step"][...], grid["diverged_step"][...])
        assert np.array_equal(stops["point_key"][...], grid["point_key"][...])
        assert list(stops["status"].attrs["flag_values"]) == [0, 1, 2, 3, 4, 5, 6]
        assert stops["status"].attrs["flag_meanings"].split()[STOPPED] == "stopped"
        assert list(grid["status"].attrs["flag_values"]) == [0, 1, 2, 3, 4]
        assert set(stops) == set(grid)


def the_file_is_the_same_from_any_number_of_ranks_and_from_shards(tests):
    for ranks in 2, 5:
        tests.run("stops.toml", f"ranks{ranks}.h5", ranks=ranks)
        tests.same("stops.h5", f"ranks{ranks}.h5")
    shards = [f"shard{i}.h5" for i in (1, 2, 3)]
    for i, shard in enumerate(shards, 1):
        tests.run("stops.toml", shard, "--shard", f"{i}/3")
    tests.program.succeed("merge", "-o", "merged.h5", *shards)
    tests.same("stops.h5", "merged.h5")


def a_killed_run_resumes_to_the_same_file(tests):
    tests.kill_and_resume("stops.toml", ["--set", "sgd.steps=400000", "--set", "sgd.evaluations=12", "--set", "grid.seed=[0,1]",
                                         "--set", 'axes."problem.data_seed"=[1]'], most_kills=5)


def every_command_tells_stopped_trials_apart(tests):
    status, = read("stops.h5", "status")
    stopped, cells = int((status == STOPPED).sum()), status.size
    run = tests.run("stops.toml", "again.h5")
    assert f", 0 failed, {stopped} stopped; results in again.h5" not in run.stderr, "--progress none is silent"
    shown = tests.program.succeed("status", "stops.h5").stdout
    assert f"{cells} of {cells} cells finished" in shown and f"0 pending, {stopped} stopped" in shown, shown
    report = json.loads(tests.program.succeed("status", "stops.h5", "--format", "json").stdout)
    assert (report["finished"], report["stopped"], report["pending"]) == (cells, stopped, 0), report
    watched = tests.program.succeed("status", "stops.h5", "--watch").stdout
    assert f", {stopped} stopped, complete" in watched, watched
    assert f"{cells} cells OK" in tests.program.succeed("verify", "stops.h5").stdout
    rows = tests.program.succeed("export", "stops.h5").stdout.splitlines()
    assert sum(",stopped," in row for row in rows) == stopped
    analysis = tests.program.succeed("analyze", "stops.h5").stdout
    assert f"STOPPED EARLY: {stopped} of {cells} trials" in unbroken(analysis) and "INCOMPLETE" not in analysis, analysis
    document = json.loads(tests.program.succeed("analyze", "stops.h5", "--format", "json").stdout)
    whole = json.loads(tests.program.succeed("analyze", "grid.h5", "--format", "json").stdout)
    for point, group in enumerate(document["groups"]):
        for s, found in enumerate(group["schedules"]):
            of_rho = (status[point, :, s, :] == STOPPED).sum(axis=0)
            assert found["missing"]["stopped"] == of_rho.sum()
            assert [each["stopped"] for each in found["left_out"]] == list(of_rho[of_rho > 0])
            assert found["lr_sensitivity"] is None and not found["advice"] and not found["grid"], found
            values = {each["rho"]: each["value"] for each in whole["groups"][point]["schedules"][s]["curve"]}
            assert all(each["value"] == values[each["rho"]] for each in found["curve"]), "known means are unchanged"
    warning = "trials were stopped early by their excess_loss, so the best rho by train_accuracy may be one that is left out"
    for options, warns in ([], False), (["--metric", "train_accuracy"], True), (
            ["--metric", "train_accuracy", "--select-by", "excess_loss"], False):
        said = unbroken(tests.program.succeed("analyze", "stops.h5", *options).stderr)
        assert (warning in said) == warns, (options, said)
    refused = tests.program("analyze", "stops.h5", "--replay")
    assert refused.returncode == 2 and f"{stopped} of {cells} cells that were stopped early" in unbroken(refused.stderr)


def a_replay_says_what_the_stops_of_a_run_save_and_lose(tests):
    document = json.loads(tests.program.succeed("analyze", "grid.h5", "--replay", "--format", "json").stdout)
    step, error = read("grid.h5", "step", "final_excess_loss")
    mean = error.mean(axis=1)
    assert [each["factor"] for each in document["stop_when"]] == [2, 5, 10]
    for replay in document["stop_when"]:
        stop = stops_of("grid.h5", "excess_loss", replay["factor"], 4)
        saved = np.where(stop >= 0, step[-1] - step[stop], 0)
        assert abs(replay["saved_share"] - saved.mean() / step[-1]) < 1e-12, replay
        for point, group in enumerate(replay["groups"]):
            for s, found in enumerate(group["schedules"]):
                left = np.where((stop[point, :, s] >= 0).any(axis=0), np.inf, mean[point, s])
                assert found["stopped"] == (stop[point, :, s] >= 0).sum()
                assert abs(found["regret"] - (left.min() / mean[point, s].min() - 1)) < 1e-9, found
    text = unbroken(tests.program.succeed("analyze", "grid.h5", "--replay").stdout)
    assert "Replay of [stop_when] by excess_loss" in text and "Factor 10: " in text, text


def cells_of_other_files_are_judged_by_the_rule(tests):
    stopped = int((read("stops.h5", "status")[0] == STOPPED).sum())
    done = tests.run("stops.toml", "from_grid.h5", "--reuse", "grid.h5", ranks=2)
    tests.same("stops.h5", "from_grid.h5")
    said = unbroken(done.stderr)
    assert f"{stopped} trials are stopped by [stop_when]" in said and "warning" not in said, said
    assert (read("from_grid.h5", "run/source")[0] == 1).all(), "no trial was run again"
    assert f"{read('stops.h5', 'status')[0].size} cells OK, 0 damaged" in tests.program.succeed("verify", "from_grid.h5").stdout
    # The file with the most cells is the first of equals, so that the merged sweep has [stop_when].
    tests.program.succeed("merge", "-o", "joined.h5", "shard1.h5", "grid.h5")
    tests.same("stops.h5", "joined.h5")
    tests.run("grid.toml", "from_stops.h5", "--reuse", "stops.h5", ranks=2)
    tests.same("grid.h5", "from_stops.h5")
    # A stopped trial and the whole one are in no conflict, in any order.
    for files in ("grid.h5", "stops.h5"), ("stops.h5", "grid.h5"):
        tests.run("stops.toml", "both.h5", "--overwrite", "--reuse", files[0], "--reuse", files[1])
        tests.same("stops.h5", "both.h5")
    # A grid with more rho has other first trials.
    finer = ["--set", "grid.rho={from=0.01,to=1e4,points=43}"]
    tests.run("stops.toml", "finer.h5", *finer)
    tests.run("stops.toml", "grown.h5", *finer, "--reuse", "stops.h5")
    tests.same("finer.h5", "grown.h5")
    merged = tests.program("merge", "-o", "merged.h5", "--overwrite", "stops.h5", "finer.h5")
    assert merged.returncode in (0, 75), merged.stderr
    tests.run("stops.toml", "merged.h5", *finer, "--resume")
    tests.same("finer.h5", "merged.h5")
    refused = tests.program("run", "grid.toml", "-o", "stops.h5", "--resume")
    assert refused.returncode == 2 and "stop_when." in refused.stderr, refused


def excluded_and_stopped_cells_are_told_apart(tests):
    Path("excluded.toml").write_text(STOPS + '[[exclude]]\n"problem.data_seed" = 2\n')
    tests.run("excluded.toml", "excluded.h5")
    status, curve = read("excluded.h5", "status", "train_loss")
    whole, whole_curve = read("stops.h5", "status", "train_loss")
    assert np.array_equal(status[0], whole[0]) and np.array_equal(curve[0], whole_curve[0], equal_nan=True)
    assert (status[1] == EXCLUDED).all() and np.isnan(curve[1]).all()
    cells, stopped = whole[0].size, int((whole[0] == STOPPED).sum())
    verified = tests.program.succeed("verify", "excluded.h5").stdout
    assert f"{cells} cells OK, 0 damaged" in verified and "100 cells recomputed, 0 differ" in verified, verified
    shown = tests.program.succeed("status", "excluded.h5").stdout
    assert f"{cells} of {cells} cells finished" in shown and f"0 pending, {stopped} stopped" in shown, shown
    report = json.loads(tests.program.succeed("status", "excluded.h5", "--format", "json").stdout)
    assert [report[name] for name in ("cells", "finished", "stopped", "excluded", "pending")] == [
        2 * cells, cells, stopped, cells, 0], report
    # In a state that the sweep contradicts, a cell is found by verify and mended by --resume.
    for point, state, words in ((0, EXCLUDED, "marked as excluded, but not excluded"), (1, STOPPED, "excluded by the sweep")):
        with h5py.File("excluded.h5", "r+") as file:
            file["status"][point, 0, 0, 0] = state
        found = tests.program("verify", "excluded.h5")
        assert found.returncode == 1 and "1 cell is not as the sweep says" in found.stdout and words in found.stdout, found
        tests.run("excluded.toml", "excluded.h5", "--resume")
        assert np.array_equal(read("excluded.h5", "status")[0], status)


def what_makes_no_sense_is_refused_in_one_line(tests):
    for options, words in (
            (["--set", "stop_when.factor=1"], "stop_when.factor: found 1; allowed: a number > 1"),
            (["--set", "stop_when.first_every=1"], "stop_when.first_every: found 1; allowed: an integer in [2, 1000000]"),
            (["--set", "stop_when.first_every=9223372036854775807"], "stop_when.first_every: found 9223372036854775807"),
            (["--set", "stop_when.from=0.9"], "stop_when.from: found 0.9, with no evaluation between"),
            (["--set", "stop_when.metric=\"excess\""], "stop_when.metric: found \"excess\", did you mean 'excess_loss'?"),
            (["--set", "stop_when.patience=2"], "stop_when.patience: unknown key"),
            (["--set", "search={}"], "stop_when: found a section beside [search]"),
            (["--set", "problem={kind=\"command\",command=[\"true\"],mode=\"serve\"}", "--set", "axes={}",
              "--set", "grid.stepsize=1.0"], "stop_when: found a section beside problem.mode = \"serve\"")):
        tests.refuses("stops.toml", options, words)


PROGRAM = """\
[problem]
kind = "command"
command = ["sh", "train.sh", "{stepsize}", "{rho}", "{scratch}"]
keep = ["model"]
[sgd]
steps = 100
evaluations = 3
[grid]
stepsize = 1.0
schedule = "constant"
rho = [0.0625, 0.125, 0.25, 0.5, 1, 2, 4, 8, 16]
seed = [0]
"""
# The loss is x + 1/x, so that the best first trial has 2 and the limit is 8. A hopeless program that is not ended goes on
# for a minute, unless there is a file `quick`. Trials whose rho is in the file `broken` fail.
TRAIN = """\
case " $(cat broken) " in *" $2 "*) exit 3 ;; esac
echo "$2" >"$3/model"
loss=$(awk -v x="$1" 'BEGIN { printf "%.17g", x + 1 / x }')
echo "{\\"step\\": 1, \\"train_loss\\": $loss, \\"test_accuracy\\": 0.5}"
echo "{\\"step\\": 10, \\"train_loss\\": $loss, \\"test_accuracy\\": 0.5}"
case $2 in 0.125|8) [ -e quick ] || sleep 60 ;; esac
touch "whole-$2"
echo "{\\"step\\": 100, \\"train_loss\\": $loss, \\"test_accuracy\\": 0.75}"
"""
EXPECTED = np.array([DONE, STOPPED, DONE, DONE, DONE, DONE, DONE, STOPPED, DONE])


def prepare_programs(broken="", quick=False):
    """Writes the files of a sweep of programs, and removes those of earlier ones."""
    Path("train.sh").write_text(TRAIN)
    Path("whole.toml").write_text(PROGRAM)
    Path("program.toml").write_text(PROGRAM + "[stop_when]\nfactor = 4.0\nfrom = 0.1\n")
    Path("broken").write_text(broken)
    Path("quick").unlink(missing_ok=True)
    if quick:
        Path("quick").touch()
    for path in Path().glob("whole-*"):
        path.unlink()


def kept(name):
    """Returns the numbers of the trials whose files were kept."""
    return sorted(int(path.parent.name) for path in Path(f"{name}.kept").glob("*/model"))


def a_program_is_ended_and_a_failed_first_trial_counts_once_it_has_run(tests):
    prepare_programs()
    tests.run("program.toml", "ended.h5", ranks=2)
    status, loss, final = read("ended.h5", "status", "train_loss", "final_train_loss")
    assert np.array_equal(status[0, 0], EXPECTED), status
    assert np.array_equal(np.isnan(final[0, 0]), EXPECTED == STOPPED) and list(loss[0, 0, 7, :2]) == [8.125, 8.125]
    assert sorted(path.name for path in Path().glob("whole-*")) == sorted(
        f"whole-{rho}" for rho in ("0.0625", "0.25", "0.5", "1", "2", "4", "16"))
    assert kept("ended") == [0, 2, 3, 4, 5, 6, 8]
    verified = tests.program.succeed("verify", "ended.h5", "--run-programs").stdout
    assert "9 cells OK, 0 damaged" in verified and "9 cells recomputed, 0 differ" in verified, verified

    # Without the best first trial, the limit is above 64.
    prepare_programs(broken="1", quick=True)
    failed = tests.program("run", "program.toml", "-o", "failed.h5", "--progress", "none")
    assert failed.returncode == 1 and "1 trial failed" in failed.stderr, failed.stderr
    assert list(read("failed.h5", "status")[0][0, 0]) == [1, 1, 1, 1, 3, 1, 1, 1, 1]
    assert kept("failed") == [0, 1, 2, 3, 5, 6, 7, 8]
    prepare_programs()
    resumed = tests.run("program.toml", "failed.h5", "--resume")
    tests.same("ended.h5", "failed.h5")
    assert "2 trials are stopped by [stop_when]" in unbroken(resumed.stderr) and "warning" not in resumed.stderr, resumed
    assert list(read("failed.h5", "run/attempt")[0][0, 0]) == [1, 1, 1, 1, 2, 1, 1, 1, 1], "only the failed trial has run again"
    assert kept("failed") == kept("ended")


def a_program_that_reports_several_metrics_runs_again_since_it_may_report_them_in_several_lines(tests):
    for metrics, source in ((["train_loss"], 1), (["train_loss", "test_accuracy"], 0)):
        options = ["--overwrite", "--set", f"problem.metrics={json.dumps(metrics)}"]
        prepare_programs(quick=True)
        tests.run("whole.toml", "whole.h5", *options)
        assert kept("whole") == list(range(9))
        tests.run("program.toml", "fresh.h5", *options)
        done = tests.run("program.toml", "reused.h5", *options, "--reuse", "whole.h5")
        tests.same("fresh.h5", "reused.h5")
        assert "warning" not in done.stderr, done.stderr
        assert list(read("reused.h5", "run/source")[0][0, 0][EXPECTED == STOPPED]) == [source, source], metrics
    # The new run leaves no files of trials that were done in the file that it overwrites.
    tests.run("program.toml", "whole.h5", "--overwrite")
    assert kept("whole") == [0, 2, 3, 4, 5, 6, 8]


def too_many_failures_end_the_run_before_its_next_round(tests):
    for broken, most, ranks, expected in (("16", 0, 0, [1, 0, 0, 0, 1, 0, 0, 0, 3]), ("16", 0, 2, [1, 0, 0, 0, 1, 0, 0, 0, 3]),
                                          ("16 4", 1, 0, [1, 6, 1, 1, 1, 1, 3, 0, 3])):
        prepare_programs(broken, quick=True)
        done = tests.program("run", "program.toml", "-o", "few.h5", "--overwrite", "--progress", "none", "--max-failures", most,
                             ranks=ranks)
        said = unbroken(done.stderr)
        assert done.returncode == 1 and f"stopped by more than {most} failed trial" in said and "left; to continue" in said, said
        assert list(read("few.h5", "status")[0][0, 0]) == expected, read("few.h5", "status")


if __name__ == "__main__":
    check_all(Tests(*sys.argv[1:4]), the_file_is_the_full_sweep_with_the_rule_applied,
              the_file_is_the_same_from_any_number_of_ranks_and_from_shards, a_killed_run_resumes_to_the_same_file,
              every_command_tells_stopped_trials_apart, a_replay_says_what_the_stops_of_a_run_save_and_lose,
              cells_of_other_files_are_judged_by_the_rule, what_makes_no_sense_is_refused_in_one_line,
              a_program_is_ended_and_a_failed_first_trial_counts_once_it_has_run, excluded_and_stopped_cells_are_told_apart,
              a_program_that_reports_several_metrics_runs_again_since_it_may_report_them_in_several_lines,
              too_many_failures_end_the_run_before_its_next_round)
