"""Checks that --resume completes a stopped run and repairs a damaged file: the file then equals that of an undisturbed
run.

Usage: resume.py RHOSWEEP MPIEXEC H5DIFF
"""

import os
import signal
import sys
import time
from pathlib import Path

import h5py

from program import SAMPLES, Program, differences, unbroken

# The sweep takes a second or two; its blocks take some ten milliseconds each.
SWEEP = """\
[problem]
kind = "logistic_regression"
data = "some.libsvm"
l2 = 0.01
[sgd]
steps = 150000
evaluations = 4
[grid]
stepsize = 0.5
schedule = ["constant", "linear", "cosine"]
rho = { from = 0.01, to = 1e6, points = 23 }
seed = { from = 0, count = 40 }
"""


class Tests:
    def __init__(self, rhosweep, mpiexec, h5diff):
        self.program, self.h5diff = Program(rhosweep, mpiexec), h5diff
        Path("sweep.toml").write_text(SWEEP)
        Path("some.libsvm").write_text(SAMPLES)
        self.run("undisturbed.h5", "--overwrite", ranks=2)

    def run(self, output, *options, ranks=0):
        return self.program.succeed("run", "sweep.toml", "-o", output, *options, ranks=ranks)

    def start(self, output, *options, ranks=0, environment=None):
        Path(output).unlink(missing_ok=True)
        return self.program.begin("sweep.toml", output, *options, ranks=ranks, environment=environment)

    def check_resumed(self, output, *options, ranks=0):
        self.run(output, "--resume", *options, ranks=ranks)
        found = differences(self.h5diff, "undisturbed.h5", output)
        assert not found, found

    def check_drained(self, process, output, reason, within=5.0, seeds=40):
        """Checks that a run that was asked to stop ends in time: rhosweep guarantees 5 s after a signal."""
        stdout, stderr = process.communicate(timeout=within)
        assert process.returncode == 75, (process.returncode, stderr)
        lines = [line for line in unbroken(stderr).splitlines() if line.startswith("rhosweep")]
        assert len(lines) == 1 and f"stopped by {reason}" in lines[0] and "--resume" in lines[0], stderr
        assert stdout == "", stdout
        assert 0 < self.program.finished(output) < seeds * 69, "some cells are finished, some are not"


def signals_to_one_rank_or_all_drain_the_run(tests):
    for ranks, number, resumed_on in (0, signal.SIGUSR1, 3), (0, signal.SIGTERM, 0), (0, signal.SIGINT, 2):
        process = tests.start("alone.h5", ranks=ranks)
        process.send_signal(number)
        tests.check_drained(process, "alone.h5", number.name)
        tests.check_resumed("alone.h5", ranks=resumed_on)
    for options in ["--master", "working"], ["--master", "dedicated"]:
        process = tests.start("all.h5", *options, ranks=3)
        process.send_signal(signal.SIGUSR1)  # mpirun forwards it to every rank
        tests.check_drained(process, "all.h5", "SIGUSR1")
        tests.check_resumed("all.h5", ranks=2)
    # mpirun receives these signals, forwards SIGTERM and exits with a code of its own.
    for number in signal.SIGTERM, signal.SIGINT:
        process = tests.start("all.h5", ranks=3)
        process.send_signal(number)
        process.communicate(timeout=5)
        assert process.returncode == 1, process.returncode
        tests.check_resumed("all.h5", ranks=2)
    for rank in 0, 2:
        process = tests.start("one.h5", ranks=3)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        of_rank = [int(child) for child in children
                   if f"OMPI_COMM_WORLD_RANK={rank}\0" in Path(f"/proc/{child}/environ").read_text()]
        assert len(of_rank) == 1, children
        os.kill(of_rank[0], signal.SIGUSR1)
        tests.check_drained(process, "one.h5", "SIGUSR1" if rank == 0 else "another rank")
        tests.check_resumed("one.h5")


def a_second_signal_ends_at_once_and_the_file_resumes(tests):
    process = tests.start("twice.h5")
    process.send_signal(signal.SIGUSR1)
    time.sleep(0.6)  # an earlier signal would count as a duplicate of the first
    process.send_signal(signal.SIGUSR1)
    process.communicate(timeout=60)
    assert process.returncode == 75, process.returncode
    tests.check_resumed("twice.h5", ranks=2)


def a_time_limit_stops_the_run_before_it(tests):
    minutes_of_work = ["--set", "grid.seed.count=4000"]
    for options in ["--time-limit", "1s"], []:
        environment = {} if options else {"SLURM_JOB_END_TIME": str(int(time.time()) + 6)}
        process = tests.start("limited.h5", *minutes_of_work, *options, ranks=2, environment=environment)
        tests.check_drained(process, "limited.h5", "the time limit", within=60.0, seeds=4000)
    Path("whole.h5").unlink(missing_ok=True)
    tests.check_resumed("whole.h5", "--time-limit", "1h")
    wrong = tests.program("run", "sweep.toml", "--time-limit", "soon")
    assert wrong.returncode == 2 and "soon" in wrong.stderr, wrong.stderr


def nothing_is_done_twice(tests):
    before = Path("undisturbed.h5").read_bytes()
    done = tests.run("undisturbed.h5", "--resume", ranks=2)
    assert "nothing to do" in done.stderr and "cosine" in done.stdout, done
    assert Path("undisturbed.h5").read_bytes() == before
    process = tests.start("part.h5", ranks=2)
    process.send_signal(signal.SIGUSR1)
    tests.check_drained(process, "part.h5", "SIGUSR1")
    finished = tests.program.finished("part.h5")
    done = tests.run("part.h5", "--resume", ranks=2)
    assert f"{40 * 69 - finished} trials in" in done.stderr, (finished, done.stderr)
    with h5py.File("part.h5") as file:
        assert set(file["run/attempt"][...].ravel()) == {1}
    Path("new.h5").unlink(missing_ok=True)
    tests.check_resumed("new.h5", ranks=2)  # --resume creates the file if there is none


def other_sweeps_and_other_data_are_refused_by_name(tests):
    before = Path("undisturbed.h5").read_bytes()

    def refused(*options):
        done = tests.program("run", "sweep.toml", "-o", "undisturbed.h5", "--resume", *options, ranks=2)
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done
        assert Path("undisturbed.h5").read_bytes() == before
        return done.stderr

    assert "sgd.steps is 150000 in the file, 30000 in the sweep" in refused("--set", "sgd.steps=30000")
    assert "problem.radius is 0.0 in the file, 1.0 in the sweep" in refused("--set", "problem.radius=1.0")
    assert "--overwrite" in refused("--overwrite")
    Path("some.libsvm").write_text(SAMPLES.replace("-1 ", "+1 ", 1))
    assert "some.libsvm" in refused()
    assert tests.program("verify", "undisturbed.h5").returncode == 2
    Path("some.libsvm").unlink()
    without = tests.program("verify", "undisturbed.h5")  # the checks that need no data still run
    assert without.returncode == 2 and "cells OK, 0 damaged" in without.stdout, without
    assert "error: no cell was recomputed: " in without.stderr and "some.libsvm" in without.stderr, without.stderr
    assert len(without.stderr.splitlines()) == 1, without.stderr
    Path("some.libsvm").write_text(SAMPLES)
    assert tests.program("verify", "undisturbed.h5").returncode == 0


if __name__ == "__main__":
    tests = Tests(*sys.argv[1:4])
    for check in (signals_to_one_rank_or_all_drain_the_run, a_second_signal_ends_at_once_and_the_file_resumes,
                  a_time_limit_stops_the_run_before_it, nothing_is_done_twice,
                  other_sweeps_and_other_data_are_refused_by_name):
        check(tests)
        print(f"{check.__name__}: as it should be", flush=True)
