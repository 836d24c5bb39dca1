"""Checks that numbers too large for any machine are refused at once, in one line that names the key or the file and says
what is allowed, with exit code 2. No command runs forever or uses up the memory.

Usage: too_large.py RHOSWEEP MPIEXEC
"""

import resource
import subprocess
import sys
import time
from pathlib import Path

from program import ENVIRONMENT, Program

MEMORY = 6 << 30  # bytes of address space of each command

SWEEP = """\
[problem]
kind = "{kind}"
radius = 1.0
[sgd]
steps = 8
evaluations = 2
[grid]
stepsize = 0.5
schedule = ["constant", "cosine"]
rho = [0.5, 1.0]
seed = [0]
"""
QUADRATIC = SWEEP.format(kind="quadratic")
LOGISTIC = SWEEP.format(kind="logistic_regression")


def run(program, *arguments):
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    started = time.monotonic()
    done = subprocess.run(program.command(*arguments), capture_output=True, text=True, env=ENVIRONMENT, timeout=120,
                          preexec_fn=limit)
    done.seconds = time.monotonic() - started
    return done


def refused(program, *arguments):
    done = run(program, *arguments)
    assert done.returncode == 2 and done.stdout == "" and len(done.stderr.splitlines()) == 1, (arguments, done)
    return done.stderr


def steps(program):
    Path("q.toml").write_text(QUADRATIC)
    for number in (2**62, 2**63 - 1):
        line = refused(program, "plan", "q.toml", "--set", f"sgd.steps={number}")
        assert f"sgd.steps: found {number}; allowed: an integer in [1, 1000000000000000]" in line, line
    plan = run(program, "plan", "q.toml", "--set", "sgd.steps=1000000000000000")
    assert plan.returncode == 0 and "predicted time" in plan.stdout, plan
    theory = ["--set", 'grid.stepsize="theory"']
    line = refused(program, "plan", "q.toml", *theory, "--set", "sgd.steps=1000000000000000")
    assert 'grid.stepsize: found "theory", ' in line and "sgd.steps = 1000000000000000; allowed: up to " in line, line
    many = ", ".join(str(10**9 + i) for i in range(100))
    line = refused(program, "plan", "q.toml", *theory, "--set", f'axes."sgd.steps"=[{many}]')
    assert 'grid.stepsize: found "theory", ' in line, line
    for command in "theory", "schedule":
        line = refused(program, command, "cosine", "--steps", "9000000000000000000")
        assert "--steps: found 9000000000000000000; allowed: an integer from 1 to 100000000" in line, line


def batches_dimensions_and_axes(program):
    Path("q.toml").write_text(QUADRATIC)
    Path("l.toml").write_text(LOGISTIC)
    for sweep, settings, words in (
            ("l.toml", ["sgd.batch_size=4611686018427387904"], "sgd.batch_size: found 4611686018427387904; allowed: "),
            ("l.toml", ["sgd.batch_size=10000000000"], "sgd.batch_size needs 596 GiB of memory, "),
            ("l.toml", [f"problem.dimension={2**63 - 1}"], f"problem.dimension: found {2**63 - 1}; allowed: "),
            ("q.toml", [f"problem.dimension={2**63 - 1}"], f"problem.dimension: found {2**63 - 1}; allowed: "),
            ("q.toml", ["problem.dimension=100000000"], "q.toml: a block of trials with the parameters of this problem needs"),
            ("l.toml", ["problem.samples=10000000000", "problem.dimension=1000000"], "10000000000 training synthetic samples")):
        line = refused(program, "plan", sweep, *sum((["--set", text] for text in settings), []))
        assert words in line, line
        if "needs" in words or "samples" in words:
            assert " of memory, " in line and "are available" in line, line
    line = refused(program, "plan", "q.toml", "--set", "grid.seed={from=0,count=10000000}", "--set",
                   'axes."problem.curvature"={from=1e-3,to=1.0,points=1000}')
    assert "grid: found 40000000000 trials; allowed: at most 1000000000" in line, line
    keys = ["l2", "radius", "data_seed", "flip_probability", "test_samples", "samples", "dimension", "diameter"]
    axes = "".join(f'"problem.{key}" = {{ from = 1{"" if "_s" in key or key in ("samples", "dimension") else "e-9"}, '
                   f'{"count = 1000000" if "_s" in key or key in ("samples", "dimension") else "to = 0.4, points = 1000000"} }}\n'
                   for key in keys if key != "diameter")
    Path("axes.toml").write_text(LOGISTIC + "[axes]\n" + axes)
    line = refused(program, "plan", "axes.toml")
    assert "axes: found 1e+42 combinations of values; allowed: at most 1000000" in line, line


def indices_of_data(program):
    """A file of two lines can declare two billion features, whose weights would need 192 GiB."""
    data = {"huge.libsvm": ("1 1:0.5\n-1 2:0.5 2147483647:1\n", "huge.libsvm:2: found the index 2147483647, "),
            "large.libsvm": ("1 1:0.5\n-1 2:0.5\n1 100000000:1\n", "large.libsvm:3: found the index 100000000, ")}
    for name, (text, words) in data.items():
        Path(name).write_text(text)
        Path("data.toml").write_text(LOGISTIC.replace("radius", f'data = "{name}"\nradius'))
        line = refused(program, "plan", "data.toml")
        assert words in line and "GiB of memory, " in line and "number them 1, 2, 3" in line, line


def long_lines(program):
    """A line of 40 MB is read within seconds."""
    Path("wide.csv").write_text(("0.5," * 2_000_000 + "1\n") + ("0.25," * 2_000_000 + "0\n"))
    Path("blank.libsvm").write_text("1 1:0.5" + " " * 40_000_000 + "2:1\n-1 1:2\n")
    Path("text.toml").write_text('title = "' + "x" * 40_000_000 + '"\n' + LOGISTIC)
    assert "text.toml: found more than 16 MiB" in refused(program, "plan", "text.toml")
    # plan measures a trial, which is slow with two million parameters, so the sweep has one trial of one step.
    short = ["grid.schedule=\"constant\"", "grid.rho=[1.0]", "sgd.steps=1", "sgd.evaluations=1"]
    for name in ("wide.csv", "blank.libsvm"):
        Path("data.toml").write_text(LOGISTIC.replace("radius", f'data = "{name}"\nradius').replace("radius = 1.0", "radius = 0.0\nl2 = 1.0"))
        done = run(program, "plan", "data.toml", *sum((["--set", text] for text in short), []))
        assert done.returncode == 0 and done.seconds < 60, done
        print(f"{name}: {done.seconds:.1f} s")
        Path(name).unlink()


if __name__ == "__main__":
    program = Program(*sys.argv[1:3])
    for check in (steps, batches_dimensions_and_axes, indices_of_data, long_lines):
        check(program)
        print(f"{check.__name__}: ok", flush=True)
