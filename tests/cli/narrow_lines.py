"""Checks that no line of human-readable output is wider than 80 columns, for sweeps with long names.

Paths and command lines are printed as they are, whatever their length.

Usage: narrow_lines.py RHOSWEEP MPIEXEC
"""

import os
import pty
import re
import sys
from pathlib import Path

import h5py

from program import ENVIRONMENT, Program

MOST = 80

LONG = "warmup(0.05, wsd(cooldown=0.123456789, shape=square))"
STEP = "step(factor=0.5, at=[" + ", ".join(f"0.{i}" for i in range(11, 40)) + "])"
METRIC = "a_measure_of_quality_with_a_name_as_long_as_they_come"
TITLE = "Synthetic logistic regression, with a title that says much more about the sweep than fits on one line, déjà vu"

BUILT_IN = f"""
title = "{TITLE}"
[problem]
kind = "logistic_regression"
samples = 60
dimension = 4
radius = 5.0
test_samples = 30
[sgd]
steps = 100
batch_size = 4
[grid]
stepsize = "theory"
schedule = ["constant", "cosine", "{LONG}", "{STEP}"]
rho = {{ from = 0.1, to = 100.0, points = 9 }}
seed = {{ from = 0, count = 4 }}
[axes]
"problem.l2" = [0.0001234567891234567, 0.001234567891234567]
"problem.flip_probability" = [0.01234567891234567]
"sgd.batch_size" = [4]
"""

# A program whose trials fail for one seed, with a long message.
SCRIPT = f"""
if test "$1" = 1; then
  echo "a long account of what went wrong in this trial, and of what would have been right instead" >&2
  exit 3
fi
echo "{{\\"step\\": 1, \\"train_loss\\": $2, \\"{METRIC}\\": $2}}"
"""
COMMAND = f"""
title = "{TITLE}"
[problem]
kind = "command"
command = ["sh", "trial.sh", "{{seed}}", "{{rho}}"]
metrics = ["train_loss", {{ name = "{METRIC}", best = "min" }}]
[sgd]
steps = 1
[grid]
stepsize = 0.01
schedule = ["constant", "{LONG}"]
rho = [0.1, 0.2, 0.4]
seed = {{ from = 0, count = 3 }}
"""


def wide(text, verbatim=()):
    """Returns the lines that are too wide. Lines that contain a path or a command of `verbatim` may be wide, because
    these are not wrapped."""
    return [line for line in text.splitlines() if len(line) > MOST and not any(word in line for word in verbatim)]


def nothing_is_wide(program, *arguments, verbatim=(), code=0, holding=()):
    done = program(*arguments)
    assert done.returncode == code, (arguments, done)
    for text in done.stdout, done.stderr:
        assert not wide(text, verbatim), (arguments, wide(text, verbatim))
    flat = " ".join((done.stdout + done.stderr).split())
    for words in holding:
        assert words in flat, (arguments, words, flat)
    return done


def lists_and_theory_are_narrow(program):
    for what in "schedules", "problems", "metrics", "optimizers", "keys":
        nothing_is_wide(program, "list", what)
    for spec in LONG, STEP:
        nothing_is_wide(program, "theory", spec, "--steps", 1000, holding=["k = "])
        nothing_is_wide(program, "schedule", spec, "--steps", 3)
    nothing_is_wide(program, "theory", LONG, "--steps", 1000, "--smoothness", 1.23456789, "--noise", 1.23456789)
    nothing_is_wide(program, "theory", LONG, "--steps", 1000, "--form", "last-gradient")


def a_sweep_with_long_names_is_shown_in_narrow_lines(program):
    Path("n.toml").write_text(BUILT_IN)
    nothing_is_wide(program, "plan", "n.toml", "--ranks", 40, holding=[TITLE, "busy"])
    nothing_is_wide(program, "run", "n.toml", "-o", "n.h5", "--overwrite", "--progress", "none", holding=[LONG])
    nothing_is_wide(program, "status", "n.h5", verbatim=["command_line", "sweep_folder"], holding=[TITLE])
    for options in ([], ["--worst-over", "problem.l2"], ["--metric", "test_loss"], ["--metric", "test_accuracy"],
                    ["--metric", "train_loss", "--select-by", "test_loss", "--statistic", "quantile=0.75"]):
        nothing_is_wide(program, "analyze", "n.h5", *options, holding=[LONG, "are needed"])
    program.succeed("analyze", "n.h5", "-o", "n.txt")
    assert not wide(Path("n.txt").read_text()), wide(Path("n.txt").read_text())
    with h5py.File("n.h5", "r+") as file:
        file["status"][-1, -1, -1, -1] = 0
    nothing_is_wide(program, "analyze", "n.h5", holding=["INCOMPLETE", "a rho that lacks one is left out"])
    with h5py.File("n.h5", "r+") as file:
        file["status"][...] = 0
        file["status"][0, 0, 0, 0, 0] = 1
    nothing_is_wide(program, "analyze", "n.h5", holding=["INCOMPLETE: no seed has finished at every schedule and rho"])


def programs_that_fail_are_shown_in_narrow_lines(program):
    Path("c.toml").write_text(COMMAND)
    Path("trial.sh").write_text(SCRIPT)
    nothing_is_wide(program, "run", "c.toml", "-o", "c.h5", "--overwrite", "--progress", "none", code=1,
                    holding=["a long account of what went wrong in this trial"])
    nothing_is_wide(program, "status", "c.h5", verbatim=["command_line", "sweep_folder"], holding=["failed: "])
    nothing_is_wide(program, "analyze", "c.h5", "--metric", METRIC, holding=[METRIC])
    nothing_is_wide(program, "plan", "c.toml", "--ranks", 2)
    # File names are not wrapped, so that they can be copied.
    long = Path("a_folder_with_a_name_that_is_rather_long") / "and_a_file_whose_name_is_no_shorter_than_it.h5"
    long.parent.mkdir(exist_ok=True)
    long.write_bytes(Path("c.h5").read_bytes())
    text = program.succeed("status", long).stdout
    assert text.startswith(f"{long}:\n    Synthetic"), text
    assert not wide(text, ["command_line", "sweep_folder", str(long)]), text


def an_error_stays_one_line(program):
    done = program("run", "n.toml", "--set", f"grid.schedule=[\"{LONG}\", \"{LONG}\"]")
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and len(done.stderr) > MOST, done


def the_bar_fits_into_a_terminal(program):
    """A bar that is wider than the terminal would leave a stale line behind at every update."""
    process, controller = pty.fork()
    if process == 0:
        os.execve(program.executable, [program.executable, "run", "n.toml", "-o", "bar.h5", "--overwrite", "--progress",
                                       "bar", "--set", "grid.seed.count=40"], ENVIRONMENT)
    text = b""
    while True:
        try:
            text += os.read(controller, 1 << 16)
        except OSError:  # how Linux reports the end of a terminal
            break
    os.waitpid(process, 0)
    bars = [bar for bar in re.split(r"[\r\n]+", text.decode().replace("\x1b[K", "")) if bar.startswith("[")]
    assert bars and all(len(bar) < MOST for bar in bars), bars


if __name__ == "__main__":
    program = Program(*sys.argv[1:3])
    for check in (lists_and_theory_are_narrow, a_sweep_with_long_names_is_shown_in_narrow_lines,
                  programs_that_fail_are_shown_in_narrow_lines, an_error_stays_one_line, the_bar_fits_into_a_terminal):
        check(program)
        print(f"{check.__name__}: as it should be")
