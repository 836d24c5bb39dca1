"""Tests with a disk that is full, read-only or smaller than the file: a small tmpfs in a private mount namespace.

Usage: disk_full.py RHOSWEEP MPIEXEC H5DIFF   (needs a mount namespace: root, or a system that allows them for users)
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

from faults import Sweep, check_one_line, run_checks

INSIDE = "RHOSWEEP_OWN_NAMESPACE"
DISK = Path("disk")
FILE = DISK / "out.h5"


def enter_namespace():
    """Starts this script again in a mount namespace, where it may mount and no other process sees the mounts."""
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    probe = subprocess.run([*unshare, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, text=True)
    if probe.returncode:
        sys.exit(f"cannot mount a file system to fill: neither root nor user namespaces: {probe.stderr.strip()}")
    os.execvpe(unshare[0], [*unshare, sys.executable, *sys.argv], os.environ | {INSIDE: "1"})


class Disk:
    """A file system in memory of a given size, mounted at DISK."""

    def __init__(self, size):
        DISK.mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", DISK], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", DISK], check=True)

    def remount(self, options):
        subprocess.run(["mount", "-o", f"remount,{options}", DISK], check=True)

    def fill(self):
        """Fills the disk completely."""
        with open(DISK / "filler", "wb", buffering=0) as filler:
            try:
                while filler.write(bytes(4096)) == 4096:
                    pass
            except OSError:
                pass
        space = os.statvfs(DISK)
        assert space.f_bavail == 0, f"{space.f_bavail} blocks are free"


def pages(size):
    return (size + 4095) // 4096 * 4096


def run_in_part(sweep):
    """Runs the sweep on the disk until some cells are finished, then stops the run."""
    process = sweep.program.begin("sweep.toml", FILE)
    process.send_signal(signal.SIGUSR1)
    stderr = process.communicate(timeout=60)[1]
    assert process.returncode == 75, f"exit {process.returncode}: the run should have been stopped half-way\n{stderr}"
    assert 0 < sweep.finished(FILE) < sweep.cells


def a_file_that_does_not_fit_is_not_begun(sweep):
    size = Path("undisturbed.h5").stat().st_size
    for disk_size in 4096, 65536, pages(size // 2), pages(size) - 4096:
        for ranks in 0, 2:
            with Disk(disk_size):
                done = sweep.program("run", "sweep.toml", "-o", FILE, "--progress", "none", ranks=ranks)
                check_one_line(done, 1, str(FILE), "No space left on device", "iB needed")
                assert not os.listdir(DISK), f"left behind: {os.listdir(DISK)}"


def a_disk_that_fills_during_the_run_stops_nothing(sweep):
    size = Path("undisturbed.h5").stat().st_size
    for ranks in 0, 2:
        with Disk(pages(size) + (1 << 20)) as disk:
            process = sweep.program.begin("sweep.toml", FILE, ranks=ranks)
            disk.fill()
            assert process.poll() is None and sweep.finished(FILE) < sweep.cells, "the run ended before the disk was full"
            stderr = process.communicate(timeout=120)[1]
            assert process.returncode == 0, f"exit {process.returncode}\n{stderr}"
            sweep.check_same(FILE)


def a_full_disk_does_not_hinder_a_resumption(sweep):
    with Disk("64M") as disk:
        run_in_part(sweep)
        disk.fill()
        sweep.check_resumes(FILE)


def a_read_only_disk_is_told_and_the_file_left_alone(sweep):
    with Disk("64M") as disk:
        run_in_part(sweep)
        disk.remount("ro")
        before = FILE.read_bytes()
        for ranks in 0, 2:
            check_one_line(sweep.resume(FILE, ranks), 1, str(FILE), "Read-only file system")
            new = sweep.program("run", "sweep.toml", "-o", DISK / "new.h5", "--progress", "none", ranks=ranks)
            check_one_line(new, 1, "new.h5", "Read-only file system")
        assert FILE.read_bytes() == before
        disk.remount("rw")
        sweep.check_resumes(FILE)


def a_file_that_lost_its_reservation_resumes_once_there_is_space(sweep):
    with Disk("64M") as disk:
        run_in_part(sweep)
        # Some copy tools skip blocks of zeros, so that the copy is sparse.
        sparse = DISK / "sparse.h5"
        subprocess.run(["cp", "--sparse=always", FILE, sparse], check=True)
        assert sparse.stat().st_blocks < FILE.stat().st_blocks, "the copy takes less space than the file"
        disk.fill()
        before = sparse.read_bytes()
        for ranks in 0, 2:
            check_one_line(sweep.resume(sparse, ranks), 1, str(sparse), "No space left on device", "iB needed")
            assert sparse.read_bytes() == before
        (DISK / "filler").unlink()
        sweep.check_resumes(sparse)


LARGE = """
[problem]
kind = "logistic_regression"
samples = {samples}
dimension = 100
[sgd]
steps = 10
evaluations = 1
[grid]
stepsize = 0.1
schedule = ["constant"]
rho = [1.0]
seed = {{ from = 0, count = 8 }}
"""


def small_shared_memory(sweep):
    """With a small /dev/shm, as in some containers, sweeps with small data run on any number of ranks, and MPI complains
    about nothing. For data that does not fit, the error message names the remedy."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/dev/shm"], check=True)
    try:
        done = sweep.program.succeed("run", "sweep.toml", "--set", "sgd.steps=100", "-o", "tiny.h5", "--overwrite",
                                     "--progress", "none", ranks=3)
        assert not done.stderr, done.stderr
    finally:
        subprocess.run(["umount", "--lazy", "/dev/shm"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", "/dev/shm"], check=True)
    try:
        Path("fits.toml").write_text(LARGE.format(samples=8000))  # 6.4 MB
        Path("too_large.toml").write_text(LARGE.format(samples=40000))
        for ranks in 2, 8:
            sweep.program.succeed("run", "fits.toml", "-o", "fits.h5", "--overwrite", "--progress", "none", ranks=ranks)
            done = sweep.program("run", "too_large.toml", "-o", "too_large.h5", "--progress", "none", ranks=ranks)
            check_one_line(done, 1, "31 MiB of shared memory", "/dev/shm has", "--shm-size", "remount", ranks=ranks)
            assert not Path("too_large.h5").exists()
    finally:
        subprocess.run(["umount", "--lazy", "/dev/shm"], check=True)  # a rank that mpirun killed may still have it open


if __name__ == "__main__":
    if INSIDE not in os.environ:
        enter_namespace()
    # The run takes some seconds, so that the disk can be filled during it.
    sweep = Sweep(*sys.argv[1:4], steps=200000, rhos=100, seeds=40)
    run_checks((a_file_that_does_not_fit_is_not_begun, a_disk_that_fills_during_the_run_stops_nothing,
                a_full_disk_does_not_hinder_a_resumption, a_read_only_disk_is_told_and_the_file_left_alone,
                a_file_that_lost_its_reservation_resumes_once_there_is_space, small_shared_memory), sweep)
