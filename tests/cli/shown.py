"""Tests output for people and scripts: the progress bar on a terminal, `status --format json`, `try`.

Usage: shown.py RHOSWEEP MPIEXEC
"""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

import h5py
import numpy

from program import ENVIRONMENT, Program, unbroken

LOGISTIC = """\
title = "A title"
[problem]
kind = "logistic_regression"
samples = 50
dimension = 3
radius = 1.0
[sgd]
steps = {steps}
evaluations = 3
[grid]
stepsize = 0.5
schedule = ["constant", "cosine"]
rho = {{ from = 0.125, to = 8.0, points = 7 }}
seed = {{ from = 0, count = {seeds} }}
[axes]
"problem.l2" = [0.0, 0.1]
"""

COMMAND = """\
[problem]
kind = "command"
command = ["{python}", "./said.py", "eta={{stepsize}}", "{{schedule}}", "{{seed}}"]
[sgd]
steps = 100
evaluations = 3
[grid]
stepsize = 0.5
schedule = ["linear", "constant"]
rho = [0.5, 1.0]
seed = [3, 4]
"""

SAID = """\
import sys, time
time.sleep({sleep})
print("a line for people", flush=True)
print("a warning", file=sys.stderr, flush=True)
if {fails} and sys.argv[3] == "4": sys.exit(3)
for step in 1, 10, 100:
    print('{{"step": %d, "train_loss": %g}}' % (step, 2 / step))
print("no line break", end="")
"""


def write_command(sleep=0, fails=False):
    Path("command.toml").write_text(COMMAND.format(python=sys.executable))
    Path("said.py").write_text(SAID.format(sleep=sleep, fails=fails))


def on_a_terminal(command, columns):
    """Returns what a command writes to a terminal with this number of columns."""
    child, controller = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
        os.execve(command[0], command, ENVIRONMENT)
    text = b""
    try:
        while piece := os.read(controller, 1 << 16):
            text += piece
    except OSError:  # how Linux reports the end of a terminal
        pass
    _, status = os.waitpid(child, 0)
    os.close(controller)
    assert os.waitstatus_to_exitcode(status) == 0, text
    return text.decode()


def the_bar_fits_the_terminal(program):
    Path("long.toml").write_text(LOGISTIC.format(steps=100000, seeds=60))
    for columns in (30, 60, 80, 200):
        text = on_a_terminal(program.command("run", "long.toml", "-o", "long.h5", "--overwrite", "--progress", "bar"),
                             columns)
        pictures = re.findall(r"\r([^\r\n]*)\x1b\[K", text)
        assert len(pictures) >= 2, text
        for picture in pictures:
            # A line as wide as the terminal would be continued on the next one.
            assert len(picture) < columns and " of 1680" in picture, (columns, picture)
            assert ("[" in picture) == (columns >= 80), (columns, picture)
        assert "1680 of 1680" in pictures[-1], pictures[-1]
        # No other output appears before the bar ends its line.
        assert "\n" not in text[text.index("\r"):text.rindex("\x1b[K")], text


def slow_trials_have_seconds_per_trial(program):
    write_command(sleep=1.1)
    text = on_a_terminal(program.command("run", "command.toml", "-o", "slow.h5", "--overwrite", "--progress", "bar",
                                         "--set", "grid.seed=[3]"), 80)
    rates = re.findall(r" ([\d.]+) s/trial", text)
    assert rates and all(1 < float(rate) < 60 for rate in rates) and "0 trials/s," not in text, text


def status_as_json_says_what_the_text_says(program):
    Path("some.toml").write_text(LOGISTIC.format(steps=10, seeds=2))
    program.succeed("run", "some.toml", "-o", "old.h5", "--overwrite", "--progress", "none", "--set", "grid.seed.count=1")
    program.succeed("run", "some.toml", "-o", "some.h5", "--overwrite", "--progress", "none", "--reuse", "old.h5",
                    "--shard", "1/1")
    with h5py.File("some.h5", "r+") as file:
        file["status"][0, 0, 0, :3] = [3, 2, 0]
        reasons = file["run/failure"]  # an array of characters; h5py's type conversion would make each a null
        texts = numpy.zeros(reasons.shape, "S1")
        texts[0, 0] = numpy.frombuffer(b"\xff<why>".ljust(reasons.shape[-1], b"\0"), "S1")
        reasons.id.write(h5py.h5s.ALL, h5py.h5s.ALL, texts, mtype=reasons.id.get_type())
        attributes = {name: value for name, value in file["run"].attrs.items()}
        title, sweep_hash, seconds = file.attrs["title"], file.attrs["sweep_hash"], file["run/seconds"][...].sum()
    found = json.loads(program.succeed("status", "some.h5", "--format", "json").stdout)
    text = lambda value: value.decode() if isinstance(value, bytes) else str(value)
    assert found["file"] == "some.h5" and found["title"] == text(title) and found["sweep_hash"] == text(sweep_hash), found
    assert [found[key] for key in ("cells", "finished", "done", "diverged", "failed", "pending")] == [56, 54, 53, 1, 1, 1]
    assert found["grid"] == {"axes": [{"key": "problem.l2", "values": 2}], "seeds": 2, "schedules": 2, "rhos": 7}, found
    assert found["shard"] == {"part": "1/1", "cells": 56}, found
    assert abs(found["seconds"] - seconds) < 1e-9, found
    assert [source["cells"] for source in found["sources"]] == [28] and "old.h5" in found["sources"][0]["source"], found
    assert found["provenance"] == {name: text(value) for name, value in attributes.items() if text(value)}, found
    [failure] = found["failures"]
    assert failure["axes"] == {"problem.l2": 0.0} and failure["seed"] == 0 and failure["schedule"] == "constant", failure
    assert failure["rho"] == 0.125 and failure["reason"].startswith("\ufffd<why>"), failure
    shown = program.succeed("status", "some.h5").stdout
    for words in (f"{found['finished']} of {found['cells']} cells finished (96.4 %): 53 done, 1 diverged, 1 failed, 1 pending",
                  "shard 1/1: 54 of its 56 cells", "28 cells copied from sweep ", f"sweep {found['sweep_hash']}"):
        assert words in shown, shown
    wrong = program("status", "some.h5", "--format", "jsn")
    assert wrong.returncode == 2 and "did you mean 'json'?; allowed: text or json" in wrong.stderr, wrong
    both = program("status", "some.h5", "--format", "json", "--watch")
    assert both.returncode == 2 and "allowed: text with --watch" in both.stderr, both


def long_texts_are_shortened_for_people_and_whole_for_scripts(program):
    label = "x" * 100000
    table = f"table([1.0{', 0.5' * 20000}], interpolate)"
    Path("trial.sh").write_text('#!/bin/sh\necho \'{"step": 3, "train_loss": 1}\'\n')
    Path("trial.sh").chmod(0o755)
    Path("texts.toml").write_text(f'''title = "{'T' * 100000}"
[problem]
kind = "command"
command = ["./trial.sh", "{{arch}}"]
[sgd]
steps = 3
evaluations = 1
[grid]
stepsize = 1.0
schedule = ["constant", "{table}"]
rho = [0.5, 1.0]
seed = [0]
[axes]
problem.arch = ["{label}1", "{label}2"]
''')
    texts = [program.succeed("run", "texts.toml", "-o", "texts.h5", "--overwrite")]
    texts += [program.succeed(command, "texts.toml") for command in ("plan", "try")]
    failing = program("run", "texts.toml", "-o", "failing.h5", "--overwrite", "--set", 'problem.command=["/bin/false", "{arch}"]',
                      "--set", "problem.attempts=1")
    texts += [failing, program.succeed("analyze", "texts.h5"), program.succeed("analyze", "texts.h5", "--replay"),
              program.succeed("status", "failing.h5"), program.succeed("status", "failing.h5", "--watch"),
              program("plan", "texts.toml", "--set", 'exclude=[{"problem.arch"="y"}]')]
    for done in texts:
        for line in (done.stdout + done.stderr).splitlines():
            # Arguments of a program are not shortened.
            assert len(line) < 1000 or line.startswith("runs ["), (done.args, len(line), line[:100])
    said = unbroken(failing.stderr)
    assert said.count("attempt 1 of 1 at problem.arch = xxx") == 3, said
    assert "warning: … and 5 more for the same reason: exit code 1" in said, said
    groups = json.loads(program.succeed("analyze", "texts.h5", "--format", "json").stdout)["groups"]
    assert [group["axes"]["problem.arch"] for group in groups] == [label + "1", label + "2"]
    assert groups[0]["schedules"][1]["schedule"] == table
    for command in ("export",), ("analyze", "--format", "csv"):
        assert f"{label}2" in program.succeed(command[0], "texts.h5", *command[1:]).stdout


def try_shows_a_block_and_writes_nothing(program):
    Path("some.toml").write_text(LOGISTIC.format(steps=10, seeds=2))
    program.succeed("run", "some.toml", "-o", "some.h5", "--overwrite", "--progress", "none")
    before = sorted(os.listdir())
    done = program.succeed("try", "some.toml")
    assert sorted(os.listdir()) == before and done.stderr == "", done
    rows = [line.split() for line in done.stdout.split("\n\n")[1].splitlines()[1:]]
    with h5py.File("some.h5") as file:
        expected = file["final_train_loss"][0, 0].ravel()
        names = file["schedule"].asstr()[...]
        places = [(name, rho) for name in names for rho in file["rho"][...]]
    assert [(row[0], float(row[1])) for row in rows] == places, done.stdout
    assert all(abs(float(row[4]) - value) < 1e-5 for row, value in zip(rows, expected)), (rows, expected)
    assert "14 trials took " in done.stdout and "All 56 of the sweep would take about" in done.stdout, done.stdout
    many = program.succeed("try", "some.toml", "--set", "grid.rho.points=31").stdout
    rows = [line.split() for line in many.split("\n\n")[1].splitlines()[1:]]
    assert [row[:2] for row in rows] == [["constant", "1"], ["cosine", "1"]] and "… and 60 more" in many, many
    bad = program("try", "some.toml", "--set", "sgd.lr=1")
    assert bad.returncode == 2 and "did you mean 'grid.stepsize'?" in bad.stderr and bad.stdout == "", bad


def try_shows_what_a_program_is_told_and_says(program):
    write_command(fails=True)
    before = sorted(os.listdir())
    done = program.succeed("try", "command.toml")
    assert sorted(os.listdir()) == before, before
    assert f'runs ["{sys.executable}", "./said.py", "eta=0.5", "linear", "3"] in {os.getcwd()}' in done.stdout, done.stdout
    assert "\n| a line for people\n" in done.stdout and "\n! a warning\n" in done.stdout, done.stdout
    assert '\n| {"step": 10, "train_loss": 0.2}\n' in done.stdout and "\n| no line break\n" in done.stdout, done.stdout
    rows = [line.split() for line in done.stdout.split("reported\n")[1].split("\n\n")[0].splitlines()]
    assert rows == [["step", "train_loss"], ["1", "2"], ["10", "0.2"], ["100", "0.02"]], rows
    assert "1 trial took " in done.stdout and "All 8 of the sweep" in done.stdout, done.stdout
    failed = program("try", "command.toml", "--set", "grid.seed=[4]", "--set", "problem.attempts=3")
    assert failed.returncode == 1 and "failed: exit code 3; standard error ends: a warning" in failed.stdout, failed
    assert failed.stdout.count("runs [") == 1 and "| a line for people" in failed.stdout, failed.stdout


def try_shows_lines_while_the_program_runs(program):
    write_command()
    Path("said.py").write_text("import time\nprint('first', flush=True)\ntime.sleep(1000)\n")
    with subprocess.Popen(program.command("try", "command.toml"), stdout=subprocess.PIPE, text=True,
                          env=ENVIRONMENT) as process:
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        while (line := process.stdout.readline()) != "| first\n":
            assert line, "ended before the line came"
        process.terminate()
        began = time.monotonic()
        process.wait(timeout=30)
        watchdog.cancel()
        assert time.monotonic() - began < 10


if __name__ == "__main__":
    program = Program(*sys.argv[1:3])
    for check in (the_bar_fits_the_terminal, slow_trials_have_seconds_per_trial, status_as_json_says_what_the_text_says,
                  long_texts_are_shortened_for_people_and_whole_for_scripts, try_shows_a_block_and_writes_nothing, try_shows_what_a_program_is_told_and_says,
                  try_shows_lines_while_the_program_runs):
        check(program)
        print(f"{check.__name__}: ok", flush=True)
