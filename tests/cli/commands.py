"""Tests the commands that read (plan, status, export, list, schedule, --help, --version) and the messages of run.

Usage: commands.py RHOSWEEP MPIEXEC
"""

import csv
import fcntl
import json
import math
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import h5py
import numpy as np

from program import ENVIRONMENT, Program, unbroken

QUICKSTART = Path(__file__).resolve().parents[2] / "jobs" / "sweeps" / "quickstart.toml"
QUICK = ["--set", "sgd.steps=20", "--set", "problem.samples=50", "--set", "grid.seed.count=2", "--set",
         "grid.rho.points=5"]


def schedule_prints_the_formula(program):
    lines = program.succeed("schedule", "warmup(0.1, cosine)", "--steps", 20).stdout.splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    assert len(rows) == 20
    for t, (step, u, h) in enumerate(rows):
        expected = (t + 1) / 2 if t < 2 else (1 + math.cos(math.pi * (t - 2) / 18)) / 2
        assert int(step) == t and float(u) == t / 20 and abs(float(h) - expected) < 1e-15, rows[t]


def lists_document_everything(program):
    schedules = program.succeed("list", "schedules").stdout
    for name in ["constant", "inverse_sqrt", "linear", "polynomial", "cosine", "wsd", "exponential", "step",
                 "cosine_restarts", "one_cycle", "warmup", "chain", "product", "table"]:
        assert f"\n{name}" in schedules, name
    problems = program.succeed("list", "problems").stdout
    for word in ["logistic_regression", "quadratic", "curvature", "absolute_value", "slope", "flip_probability", "default",
                 "r_epsilon", "d0", "optimizer = \"schedule_free\", in place of momentum, nesterov, iterate Schedule-free"]:
        assert word in " ".join(problems.split()), word
    assert "excess_loss" in program.succeed("list", "metrics").stdout
    assert "schedule_free" in program.succeed("list", "optimizers").stdout
    keys = program.succeed("list", "keys").stdout
    for word in ["problem.radius\n", "sgd.steps\n", "grid.rho\n", "output.sync_seconds\n"]:
        assert word in keys, word
    assert all(len(line) <= 80 for line in keys.splitlines()), keys


def a_list_documents_one_entry_by_its_name(program):
    for arguments, words, others in ((("schedules", "cosine"), "(1+cos(pi u))/2", "inverse_sqrt"),
                                     (("problems", "quadratic"), "curvature", "flip_probability"),
                                     (("metrics", "distance"), "distance", "excess_loss"),
                                     (("optimizers", "dog"), "r_epsilon", "d0 "),
                                     (("keys", "sgd.momentum"), "sgd.momentum\n", "sgd.steps"),
                                     (("keys", "momentum"), "sgd.momentum\n", "sgd.steps"),
                                     (("keys", "stop_when"), "stop_when.first_every\n", "search.metric"),
                                     (("keys", "search"), "search.first_ratio\n", "stop_when."),
                                     (("keys", "axes"), 'axes."SECTION.KEY"\n', "exclude.")):
        text = program.succeed("list", *arguments).stdout
        assert words in text and others not in text, (arguments, text)
    for arguments, words in ((("problems", "quadratc"), "found quadratc, did you mean 'quadratic'?"),
                             (("keys", "sgd.lr"), "found sgd.lr"),
                             (("keys", "stop_whn"), "found stop_whn, did you mean 'stop_when'?"), (("schedules", "x"), "allowed: constant, ")):
        done = program("list", *arguments)
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and words in done.stderr, done


def the_keys_of_the_grid_are_documented_as_they_are_asked_for(program):
    sweep = {"stepsize": "1.0", "schedule": '"constant"', "rho": "1.0", "seed": "0"}
    for left_out in sweep:
        lines = [f"{key} = {value}\n" for key, value in sweep.items() if key != left_out]
        Path("k.toml").write_text('[problem]\nkind = "quadratic"\n[sgd]\nsteps = 2\n[grid]\n' + "".join(lines))
        done = program("plan", "k.toml")
        assert done.returncode == 2 and f"grid.{left_out}: found nothing; allowed: " in done.stderr, done.stderr
        allowed = unbroken(done.stderr).strip().split("allowed: ")[1]
        assert allowed in unbroken(program.succeed("list", "keys", f"grid.{left_out}").stdout), allowed


# Without projection, large stepsizes diverge.
SOME_DIVERGE = """\
[problem]
kind = "least_squares"
samples = 50
dimension = 5
radius = 0.0
[sgd]
steps = 200
[grid]
stepsize = 0.01
schedule = ["constant", "wsd(cooldown=0.2, shape=sqrt)"]
rho = [0.5, 1.0, 4.0, 1000.0]
seed = { from = 3, count = 2 }
[axes]
"problem.l2" = [0.0, 0.1]
"""


def export_writes_a_row_for_each_cell(program):
    """Compares the rows with the values that h5py reads from the file."""
    Path("e.toml").write_text(SOME_DIVERGE)
    program.succeed("run", "e.toml", "-o", "e.h5", "--overwrite", "--progress", "none")
    program.succeed("export", "e.h5", "-o", "cells.csv")
    assert program.succeed("export", "e.h5").stdout.encode() == Path("cells.csv").read_bytes().replace(b"\r\n", b"\n")
    with open("cells.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    with h5py.File("e.h5") as file:
        status, shape = file["status"][...], file["status"].shape
        words = [file["status"].attrs["flag_meanings"].split()[value] for value in status.ravel()]
        assert [row["status"] for row in rows] == words and {"done", "diverged"} <= set(words), words
        axes = [file["problem.l2"][...], file["seed"][...], file["schedule"].asstr()[...], file["rho"][...]]
        for row, index in zip(rows, np.ndindex(shape), strict=True):
            place = [axis[i] for axis, i in zip(axes, index)]
            assert [float(row["problem.l2"]), int(row["seed"]), row["schedule"], float(row["rho"])] == place, row
            assert float(row["stepsize"]) == file["stepsize"][index[0], index[2], index[3]], row
            for name in file:
                if name.startswith("final_"):
                    assert float(row[name]) == file[name][index], (name, row)
            step = file["diverged_step"][index]
            assert row["diverged_step"] == ("" if step < 0 else str(step)), row
    done = program("export", "e.h5", "-o", "e.h5")
    assert done.returncode == 2 and "HDF5" in done.stderr, done


# A sweep file that defines an axis beside the keys of its section and sets every option.
DESIGN = """\
title = "Synthetic logistic regression"
[problem]
kind = "logistic_regression"
samples = 10000
dimension = 100
data_seed = 1
radius = 5.0
[sgd]
steps = 10000
batch_size = 1
sampling = "with_replacement"
momentum = 0.0
nesterov = false
precision = "float64"
evaluations = 8
iterate = "last"
[grid]
stepsize = "theory"
schedule = ["constant", "inverse_sqrt", "linear", "polynomial(2)", "cosine"]
rho = { from = 0.01, to = 100.0, points = 41 }
seed = { from = 0, count = 32 }
[axes]
"sgd.steps" = [1024, 4096, 16384]
[output]
sync_seconds = 30
"""


def plan_reads_the_sweep_file_of_the_design(program):
    Path("design.toml").write_text(DESIGN)
    text = program.succeed("plan", "design.toml").stdout
    assert "trials                    19680" in text, text  # 3 × 32 × 5 × 41


def plan_counts_what_run_makes(program):
    Path("quickstart.h5").unlink(missing_ok=True)
    text = program.succeed("plan", QUICKSTART, *QUICK, "--ranks", 3).stdout
    assert "trials                    60" in text, text  # 2 seeds × 6 schedules × 5 ρ
    assert "predicted time" in text and "results file" in text
    assert not list(Path().glob("quickstart.h5")), "plan must write nothing"


def plan_advises_on_ranks(program):
    # The 6 schedules × 5 ρ of a seed are one block, so with two seeds at most two ranks can compute.
    text = program.succeed("plan", QUICKSTART, *QUICK, "--ranks", 40).stdout
    rows = {int(line.split()[0]): line.split() for line in text.splitlines() if re.match(r" +\d+ +(working|dedicated) ", line)}
    assert sorted(rows) == [10, 20, 40, 80], text
    assert all(row[2] == "2" for row in rows.values()), text
    assert rows[20][1] == "working" and rows[40][1] == "dedicated", text
    assert 0 < float(rows[40][-4]) <= 100 * 2 / 40, text
    assert re.search(r"^  up to (1 rank|2 ranks) would be at least 95 % busy", text, re.MULTILINE), text
    assert re.search(r"^  (1 rank|[2-4] ranks) would take about as long", text, re.MULTILINE), text
    assert "more seeds or axis values" in text, text
    # There are more blocks than plan simulates, so all ranks but the master, 199 of 200, count as busy to the end.
    text = program.succeed("plan", QUICKSTART, "--set", "grid.seed.count=1500000", "--ranks", 200).stdout
    [row] = [line.split() for line in text.splitlines() if re.match(r" +200 +dedicated +1500000 ", line)]
    assert abs(float(row[-4]) - 99.5) <= 0.1, text


def run_reports_and_status_reads(program):
    done = program.succeed("run", QUICKSTART, *QUICK, "--overwrite", ranks=2)
    assert Path("quickstart.h5").exists(), "the default output is the sweep's name with .h5"
    assert "60 trials" in done.stderr and "quickstart.h5" in done.stderr, done.stderr
    assert "polynomial(2)" in done.stdout and "x16" in done.stdout, done.stdout
    status = program.succeed("status", "quickstart.h5").stdout
    assert "60 of 60 cells finished (100.0 %)" in status, status
    with h5py.File("quickstart.h5") as file:
        assert file["run"].attrs["mpi_size"] in ("2", 2)
        assert set(file["run/rank"][...].ravel()) <= {0, 1}
    silent = program.succeed("run", QUICKSTART, *QUICK, "--overwrite", "--progress", "none")
    assert silent.stderr == "", silent.stderr
    quiet = program.succeed("run", QUICKSTART, *QUICK, "--overwrite", "--quiet")
    assert quiet.stderr == "" and quiet.stdout == silent.stdout, quiet.stderr


def set_last_seed(state, path="quickstart.h5"):
    with h5py.File(path, "r+") as file:
        file["status"][-1] = state


def what_is_missing_is_said(program):
    set_last_seed(0)
    try:
        text = " ".join(program.succeed("analyze", "quickstart.h5").stdout.split())
        with h5py.File("quickstart.h5") as file:
            seeds, schedules, rhos = file["status"].shape
        trials = schedules * rhos
        assert f"INCOMPLETE: {trials} of {seeds * trials} trials are missing ({trials} pending, 0 failed)" in text, text
        assert f"{rhos} of {seeds * rhos}" in text, text
        assert f"statistics are over the {seeds - 1} of {seeds} seeds that have finished at every schedule" in text, text
    finally:
        set_last_seed(1)
    assert "INCOMPLETE" not in program.succeed("analyze", "quickstart.h5").stdout


def watch_ends_with_the_run(program):
    set_last_seed(0)
    with subprocess.Popen([program.executable, "status", "--watch", "quickstart.h5"], stdout=subprocess.PIPE,
                          text=True) as watch:
        try:
            first = watch.stdout.readline()
            set_last_seed(1)
            rest, _ = watch.communicate(timeout=60)
        finally:
            watch.kill()
    assert "of 60 trials" in first and "complete" not in first, first
    assert watch.returncode == 0 and "60 of 60 trials (100.0 %), 0 diverged, 0 failed, complete" in rest, rest
    best = json.loads(program.succeed("analyze", "quickstart.h5", "--format", "json").stdout)["groups"][0]["schedules"]
    for schedule in best:
        row = next(line for line in rest.splitlines() if line.startswith(f"  {schedule['schedule']} "))
        assert row.split()[-3] == f"{schedule['best_stepsize']:.4g}", (row, schedule["best_stepsize"])
    assert "\x1b" not in first + rest, "control characters where there is no terminal"


def watch_waits_for_a_file_and_follows_who_takes_its_place(program):
    Path("later.h5").unlink(missing_ok=True)
    shutil.copy("quickstart.h5", "begun.h5")
    set_last_seed(0, "begun.h5")
    with subprocess.Popen([program.executable, "status", "--watch", "later.h5"], stdout=subprocess.PIPE,
                          text=True) as watch:
        try:
            assert watch.stdout.readline() == "later.h5: no such file, waiting for it\n"
            shutil.copy("begun.h5", "next.h5")
            os.replace("next.h5", "later.h5")
            assert "30 of 60 trials" in watch.stdout.readline()
            # Another run replaces the file. The line shows no speed, since the counts are of two different runs.
            shutil.copy("begun.h5", "next.h5")
            with h5py.File("next.h5", "r+") as file:
                file["status"][...] = 0
            os.replace("next.h5", "later.h5")
            assert watch.stdout.readline() == "0 of 60 trials (0.0 %), 0 diverged, 0 failed\n"
            Path("later.h5").unlink()
            assert "no such file" in watch.stdout.readline()
            shutil.copy("quickstart.h5", "next.h5")
            os.replace("next.h5", "later.h5")
            rest, _ = watch.communicate(timeout=60)
        finally:
            watch.kill()
    assert watch.returncode == 0 and "60 of 60 trials" in rest and "complete" in rest, rest


def watch_tells_of_damage_and_ends(program):
    shutil.copy("begun.h5", "cut.h5")
    with subprocess.Popen([program.executable, "status", "--watch", "cut.h5"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as watch:
        try:
            watch.stdout.readline()
            os.truncate("cut.h5", os.path.getsize("cut.h5") // 2)
            _, error = watch.communicate(timeout=60)
        finally:
            watch.kill()
    assert watch.returncode == 1 and "cut.h5" in error and len(error.splitlines()) == 1, (watch.returncode, error)


class Terminal:
    """Runs a program in an emulated terminal that knows only the escape sequences that rhosweep uses."""

    def __init__(self, command, rows, columns):
        self.columns, self.lines, self.row, self.column, self.wraps = columns, [""], 0, 0, True
        self.process, self.controller = pty.fork()
        if self.process == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
            os.execv(command[0], command)
        self.text = ""

    def put(self, character):
        if self.column == self.columns:
            if not self.wraps:
                return
            self.row, self.column = self.row + 1, 0
        self.lines += [""] * (self.row + 1 - len(self.lines))
        line = self.lines[self.row].ljust(self.column)
        self.lines[self.row] = line[:self.column] + character + line[self.column + 1:]
        self.column += 1

    def take(self, text):
        self.text += text
        for up, mode, erase, character in re.findall(r"\x1b\[(\d+)A|\x1b\[\?7([lh])|(\x1b\[J)|([^\x1b])", text, re.DOTALL):
            if up:
                self.row = max(0, self.row - int(up))
            elif mode:
                self.wraps = mode == "h"
            elif erase:
                self.lines = self.lines[:self.row] + [""]
            elif character == "\r":
                self.column = 0
            elif character == "\n":
                self.row += 1
                self.lines += [""] * (self.row + 1 - len(self.lines))
            else:
                self.put(character)
        known = re.sub(r"\x1b\[(\d+A|\?7[lh]|J)", "", text)
        assert "\x1b" not in known, f"what is this to a terminal: {text!r}"

    def has_shown(self, words, times):
        """Returns whether the words were shown at least `times` times and the last frame is complete: the end of a
        frame switches line wrapping on again."""
        return self.text.count(words) >= times and self.wraps

    def read_until(self, condition, seconds=30):
        """Reads output until the condition holds or the program ends. Returns whether the program has ended."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"in vain: {self.text!r}"
            if select.select([self.controller], [], [], 0.1)[0]:
                try:
                    self.take(os.read(self.controller, 1 << 16).decode())
                except OSError:  # how Linux reports the end of a terminal
                    return True
        return False

    def end(self):
        self.read_until(lambda: False)
        _, status = os.waitpid(self.process, 0)
        os.close(self.controller)
        return os.waitstatus_to_exitcode(status)


def watch_leaves_a_clean_terminal(program):
    long = Path("a_name_that_is_longer_than_the_terminal_is_wide.h5")
    # `status --watch` ends by Ctrl-C, which the terminal turns into SIGINT, by SIGTERM, and when the run ends.
    for stop in "\x03", signal.SIGTERM, None:
        shutil.copy("begun.h5", long)
        watch = Terminal([program.executable, "status", "--watch", str(long)], rows=24, columns=40)
        watch.read_until(lambda: watch.has_shown("best so far", 3))  # redrawn in place
        if stop == "\x03":
            os.write(watch.controller, stop.encode())
        elif stop:
            os.kill(watch.process, stop)
        else:
            set_last_seed(1, long)
        code = watch.end()
        assert code == (75 if stop else 0), code
        screen = watch.lines
        assert screen[0] == str(long)[:40] and screen[1].startswith("30 of 60" if stop else "60 of 60"), screen
        assert screen[2].startswith(f"best so far, by the excess_loss of {1 if stop else 2} o"), screen
        assert sum("best so far" in line for line in screen) == 1 and len([line for line in screen if line[:2] == "  "]) == 7
        assert watch.wraps and watch.column == 0 and screen[watch.row] == "" and watch.row == len(screen) - 1, screen
    # A terminal with too few lines shows only the first ones.
    shutil.copy("begun.h5", long)
    watch = Terminal([program.executable, "status", "--watch", str(long)], rows=5, columns=40)
    watch.read_until(lambda: watch.has_shown("best so far", 3))
    os.kill(watch.process, signal.SIGTERM)
    assert watch.end() == 75 and len(watch.lines) == 4 + 2, watch.lines


def help_and_version_go_to_standard_output(program):
    for ranks in (0, 3):
        done = program.succeed("--version", ranks=ranks)
        assert done.stdout.count("rhosweep ") == 1 and done.stderr == "", (ranks, done.stdout, done.stderr)
    for command in ([], ["run"], ["plan"], ["status"], ["analyze"], ["list"], ["schedule"], ["theory"]):
        text = program.succeed(*command, "--help").stdout
        assert "Usage" in text and ("Example" in text or not command) and "\x1b" not in text, text
    assert "rhosweep plan --help" in program("plan").stderr
    assert program().returncode == 2
    assert "'status'" in program("statsu").stderr and "'export'" in program("exprot").stderr
    Path("full.toml").write_text('[problem]\nkind = "quadratic"\n[sgd]\nsteps = 8\n[grid]\nstepsize = 0.5\n'
                                 'schedule = ["linear"]\nrho = [1.0]\nseed = [0]\n')
    for command in (["list", "metrics"], ["--version"], ["--help"], ["run", "--help"], ["theory", "linear", "--steps", "9"],
                    ["schedule", "linear", "--steps", "9"], ["plan", "full.toml"], ["try", "full.toml"]):
        with open("/dev/full", "w") as full:
            lost = subprocess.run([program.executable, *command], stdout=full, stderr=subprocess.PIPE, text=True)
        assert lost.returncode == 1 and "No space left" in lost.stderr, (command, lost)
        read, write = os.pipe()
        os.close(read)
        broken = subprocess.run([program.executable, *command], stdout=write, stderr=subprocess.PIPE, text=True)
        os.close(write)
        assert broken.returncode in (1, -signal.SIGPIPE), (command, broken)  # never success, and no traceback
        assert len(broken.stderr.splitlines()) <= 1, (command, broken)
    # Messages that cannot be written change no exit code.
    for code, command in ((0, ["run", "full.toml", "--overwrite", "--progress", "log"]), (0, ["run", "full.toml", "--resume"]),
                          (0, ["analyze", "full.h5"]), (0, ["merge", "-o", "merged.h5", "--overwrite", "full.h5"]),
                          (2, ["plan", "missing.toml"])):
        with open("/dev/full", "w") as full:
            silent = subprocess.run([program.executable, *command], stdout=subprocess.PIPE, stderr=full, env=ENVIRONMENT)
        assert silent.returncode == code, (command, silent)
    assert program.succeed("list", "metrics", ranks=2).stdout == program.succeed("list", "metrics").stdout
    assert program("list", "colours").returncode == 2
    assert program("schedule", "cosine(floor=2)", "--steps", 5).returncode == 2
    assert program("status", "missing.h5").returncode == 2


def only_rank_0_fails_for_a_bad_command_line(program):
    # When one rank exits with an error, mpirun ends all ranks, even before rank 0 has printed what is wrong. So the
    # other ranks must exit with code 0.
    for rank, code in ("0", 2), ("1", 0):
        done = subprocess.run([program.executable, "run", "sweep.toml", "--ouput"], capture_output=True, text=True,
                              env=os.environ | {"OMPI_COMM_WORLD_RANK": rank})
        assert done.returncode == code and ("--ouput" in done.stderr) == (rank == "0"), (rank, done)


if __name__ == "__main__":
    program = Program(*sys.argv[1:3])
    for check in (schedule_prints_the_formula, lists_document_everything, a_list_documents_one_entry_by_its_name,
                  the_keys_of_the_grid_are_documented_as_they_are_asked_for, export_writes_a_row_for_each_cell,
                  plan_reads_the_sweep_file_of_the_design,
                  plan_counts_what_run_makes, plan_advises_on_ranks, run_reports_and_status_reads,
                  what_is_missing_is_said, watch_ends_with_the_run,
                  watch_waits_for_a_file_and_follows_who_takes_its_place, watch_tells_of_damage_and_ends,
                  watch_leaves_a_clean_terminal, help_and_version_go_to_standard_output,
                  only_rank_0_fails_for_a_bad_command_line):
        check(program)
        print(f"{check.__name__}: as it should be")
