"""Kills a run with SIGKILL at random moments, again and again, and resumes it each time. No finished cell may be lost,
and the finished file must equal that of an undisturbed run.

A cycle starts a run with --resume on one to three ranks and kills a rank, mpirun or all of them: in some cycles while
the file is being created, in the others at any time during the run. When a file is finished, it is compared, and the
next cycle starts a new one.

Usage: crash.py RHOSWEEP MPIEXEC H5DIFF [CYCLES [SEED]]   (works in the current folder)

By hand, from the root of the project:

    export ROOT=$PWD PYTHONPATH=$PWD/tests/support; cd "$(mktemp -d)"
    /usr/bin/python3 $ROOT/tests/faults/crash.py $ROOT/build/release/bin/rhosweep mpiexec h5diff 100
"""

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py

from faults import Sweep
from program import ENVIRONMENT, is_alive

OUTPUT = Path("crashed.h5")


def stages():
    """Returns the temporary files of a results file that is being created."""
    return set(Path().glob(f".{OUTPUT}.tmp-*"))


def children_of(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Crashes:
    def __init__(self, sweep, seed):
        self.sweep, self.random = sweep, random.Random(seed)
        self.killed = {"a rank": 0, "mpirun": 0, "all": 0}
        self.in_creation = self.before = self.in_run = self.too_late = self.mpirun_hung = 0
        self.files = self.repeated = self.most_attempts = self.most_in_flight = 0
        self.creation_seconds = 0.02  # a guess; reduced when kills come too late
        start = time.monotonic()
        self.sweep.make("timed.h5")
        self.undisturbed = time.monotonic() - start
        plan = self.sweep.program.succeed("plan", "sweep.toml").stdout
        self.block = int(re.search(r"blocks +\d+ of at most (\d+) trials", plan).group(1))

    def start(self):
        ranks = self.random.choice([0, 1, 2, 2, 3])
        command = self.sweep.program.command("run", "sweep.toml", "-o", OUTPUT, "--resume", "--progress", "none",
                                             ranks=ranks)
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                env=ENVIRONMENT), ranks

    def wait_for_moment(self, process, stale, during_creation):
        """Waits until a random time for the kill."""
        if during_creation:
            while process.poll() is None and stages() <= stale and not OUTPUT.exists():
                pass  # creating the file takes milliseconds
            time.sleep(self.random.uniform(0.0, self.creation_seconds))
        else:
            end = time.monotonic() + self.random.uniform(0.0, 0.4 * self.undisturbed)
            while process.poll() is None and time.monotonic() < end:
                time.sleep(0.005)

    def kill_some(self, process, whom):
        """Kills processes of the run and waits until all its processes have ended. Returns the run's standard error."""
        of_ranks = children_of(process.pid)
        if whom == "mpirun" or not of_ranks:
            kill(process.pid)
        elif whom == "a rank":
            kill(self.random.choice(of_ranks))
        else:
            for pid in [process.pid, *of_ranks]:
                kill(pid)
        try:
            stderr = process.communicate(timeout=20)[1]
        except subprocess.TimeoutExpired:
            # If a rank dies at an unlucky time, mpirun of Open MPI 4.1 with PMIx 4.2 deadlocks in PMIx_server_finalize
            # on a lock of its own, after its ranks have ended.
            alive = [pid for pid in of_ranks if is_alive(pid)]
            assert of_ranks and not alive, f"20 s after a kill of {whom} these ranks live on: {alive}"
            self.mpirun_hung += 1
            assert self.mpirun_hung <= 2, f"mpirun hung {self.mpirun_hung} times: no rare accident"
            kill(process.pid)
            stderr = process.communicate()[1]
        end = time.monotonic() + 60
        while any(is_alive(pid) for pid in of_ranks):
            assert time.monotonic() < end, f"after a kill of {whom} a rank lives on: {of_ranks}"
            time.sleep(0.01)
        return stderr

    def cycle(self, during_creation):
        """Runs one cycle. Returns whether the kill came before the end of the run."""
        if during_creation or not OUTPUT.exists():
            OUTPUT.unlink(missing_ok=True)
            finished = None
        else:
            finished = self.sweep.finished(OUTPUT)
        stale = stages()
        process, ranks = self.start()
        self.wait_for_moment(process, stale, during_creation)
        # After a kill of mpirun alone, the ranks live on until the file is created, so such a kill would interrupt
        # nothing.
        victims = ["a rank", "all"] if during_creation else ["a rank", "mpirun", "all"]
        whom = self.random.choice(victims) if ranks else "a rank"
        stderr = self.kill_some(process, whom)
        if process.returncode == 0:
            self.too_late += 1
            self.finish_file()
            return False
        self.killed[whom] += 1
        assert "checksum" not in stderr, f"a kill tore finished cells: {stderr}"
        new = stages() - stale
        assert not (new or OUTPUT.exists()) or not (stages() & stale), "a creation removes what dead ones have left"
        if not OUTPUT.exists():
            self.in_creation += 1 if new else 0
            self.before += 0 if new else 1
            return True
        if during_creation:
            self.creation_seconds = max(0.001, self.creation_seconds / 2)
        now = self.sweep.finished(OUTPUT)
        assert now >= (finished or 0), f"{finished} cells were finished, now {now} are"
        self.in_run += 1 if now > (finished or 0) else 0
        self.before += 0 if now > (finished or 0) else 1
        self.most_in_flight += max(1, ranks) * self.block
        return True

    def finish_file(self):
        """Finishes the file without kills and compares it with that of the undisturbed run."""
        done = self.sweep.check_resumes(OUTPUT)
        assert "checksum" not in done.stderr, done.stderr
        assert not stages(), f"left behind: {stages()}"
        with h5py.File(OUTPUT) as file:
            attempts = file["run/attempt"][...]
        assert attempts.min() >= 1, "a finished cell was attempted"
        self.repeated += int((attempts - 1).sum())
        self.most_attempts = max(self.most_attempts, int(attempts.max()))
        self.files += 1
        OUTPUT.unlink()

    def run(self, cycles):
        in_creation = max(5, cycles // 5)
        tries = 0
        while self.in_creation < in_creation:
            self.cycle(during_creation=True)
            tries += 1
            assert tries <= 20 * in_creation, f"only {self.in_creation} of {tries} kills hit a creation"
        left = cycles - in_creation
        while left > 0:
            left -= 1 if self.cycle(during_creation=False) else 0
        self.finish_file()
        print(f"{sum(self.killed.values())} kills: {self.in_creation} during a creation, {self.in_run} that left more "
              f"cells finished than before, {self.before} that left none more; {self.too_late} came too late")
        print("killed: " + ", ".join(f"{whom} {times} times" for whom, times in self.killed.items())
              + f"; mpirun hung {self.mpirun_hung} times after its ranks had ended")
        print(f"{self.files} files of {self.sweep.cells} cells finished, each equal to the undisturbed one; no finished "
              f"cell was lost")
        print(f"run again: {self.repeated} cells whose results had been recorded before (a cell at most "
              f"{self.most_attempts} times), and at most {self.most_in_flight} that were in flight")


if __name__ == "__main__":
    cycles = int(sys.argv[4]) if len(sys.argv) > 4 else 25
    seed = int(sys.argv[5]) if len(sys.argv) > 5 else random.randrange(2**32)
    print(f"{cycles} cycles, seed {seed}", flush=True)
    for path in [OUTPUT, *stages()]:
        path.unlink(missing_ok=True)
    # With many cells, the creation of the file takes long enough for a kill to hit it. With this many steps every run
    # takes seconds.
    Crashes(Sweep(*sys.argv[1:4], steps=8000, rhos=1000, seeds=100), seed).run(cycles)
