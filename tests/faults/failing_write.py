"""Checks that a failing write ends the run with one clear line and that the file can be resumed.

Usage: failing_write.py RHOSWEEP MPIEXEC H5DIFF LIBRARY   (LIBRARY is built from failing_write.cpp)
"""

import os
import sys
from pathlib import Path

from faults import Sweep, check_one_line, run_checks

REASONS = {"EIO": "Input/output error", "ENOSPC": "No space left on device"}


def run(sweep, library, file, every, kind, ranks, pattern):
    faults = {"LD_PRELOAD": library, "RHOSWEEP_FAIL_FILE": pattern, "RHOSWEEP_FAIL_EVERY": str(every),
              "RHOSWEEP_FAIL_WITH": kind}
    Path(file).unlink(missing_ok=True)
    return sweep.program("run", "sweep.toml", "-o", file, "--progress", "none", ranks=ranks, environment=faults)


def writes_of_results(sweep, library):
    for kind, every, ranks in (("EIO", 1, 0), ("ENOSPC", 2, 0), ("EIO", 9, 0), ("ENOSPC", 100, 0), ("EIO", 1, 2),
                               ("ENOSPC", 10, 2), ("EIO", 57, 3)):
        done = run(sweep, library, "failing.h5", every, kind, ranks, "failing.h5")
        check_one_line(done, 1, "failing.h5", REASONS[kind], ranks=ranks)
        finished = sweep.finished("failing.h5")
        assert finished < sweep.cells, "the write that failed is not counted as done"
        sweep.check_resumes("failing.h5")


def writes_that_are_cut_short(sweep, library):
    for every, ranks in (1, 0), (10, 0), (57, 2):
        done = run(sweep, library, "short.h5", every, "SHORT", ranks, "short.h5")
        if done.returncode == 0:  # a further call wrote the rest
            sweep.check_same("short.h5")
        else:
            check_one_line(done, 1, "short.h5", ranks=ranks)
            sweep.check_resumes("short.h5")


def syncs(sweep, library):
    for every, ranks in (1, 0), (2, 2):
        done = run(sweep, library, "sync.h5", every, "SYNC", ranks, "sync.h5")
        check_one_line(done, 1, "sync.h5", "Input/output error", ranks=ranks)
        sweep.check_resumes("sync.h5")


def creations(sweep, library):
    for kind, every in ("EIO", 1), ("ENOSPC", 3), ("EIO", 20), ("SYNC", 1):
        for ranks in 0, 2:
            done = run(sweep, library, "new.h5", every, kind, ranks, ".new.h5.tmp-*")
            check_one_line(done, 1, "new.h5", REASONS.get(kind, REASONS["EIO"]))
            left = [name for name in os.listdir() if "new.h5" in name]
            assert not left, f"left behind: {left}"


def file_systems_without_links(sweep, library):
    done = run(sweep, library, "no_links.h5", 0, "NO_LINKS", 0, "no_links.h5")
    assert done.returncode == 0, done.stderr
    sweep.check_same("no_links.h5")
    faults = {"LD_PRELOAD": library, "RHOSWEEP_FAIL_WITH": "NO_LINKS", "RHOSWEEP_FAIL_FILE": "no_links.h5"}
    before = Path("no_links.h5").read_bytes()
    check_one_line(sweep.program("run", "sweep.toml", "-o", "no_links.h5", environment=faults), 2, "exists already")
    assert Path("no_links.h5").read_bytes() == before
    left = [name for name in os.listdir() if name.startswith(".no_links")]
    assert not left, f"left behind: {left}"


if __name__ == "__main__":
    # Every block is synced to disk, so every rank calls fsync.
    sweep = Sweep(*sys.argv[1:4], sync_seconds=1e-9)
    run_checks((writes_of_results, writes_that_are_cut_short, syncs, creations, file_systems_without_links), sweep, sys.argv[4])
