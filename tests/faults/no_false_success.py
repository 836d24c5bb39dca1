"""Checks that a run does not report success when its results are lost. If a signal, a limit or another run ends it, its
message or exit code must tell the user what to do.

Usage: no_false_success.py RHOSWEEP MPIEXEC H5DIFF
"""

import ctypes
import errno
import os
import platform
import resource
import shutil
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

from faults import Sweep, check_one_line, run_checks
from program import ENVIRONMENT, differences, unbroken, without_mpirun

FILE = Path("out.h5")

# The solver that computes the minimum uses a Hessian with 6000 rows.
SLOW_SET_UP = """\
[problem]
kind = "softmax_regression"
samples = 10000
dimension = 600
classes = 10
l2 = 0.001
[sgd]
steps = 20000
[grid]
stepsize = 0.1
schedule = ["constant"]
rho = [1.0]
seed = { from = 0, count = 200 }
"""

SLOW_STEP = """\
[problem]
kind = "logistic_regression"
samples = 100
dimension = 1000
[sgd]
steps = 10
batch_size = 20000000
[grid]
stepsize = 0.1
schedule = ["constant"]
rho = [1.0]
seed = [0]
"""

# Writing the multipliers of 10^9 steps takes minutes.
SLOW_MULTIPLIERS = """\
[problem]
kind = "command"
command = ["sh", "-c", 'cat "$1" >/dev/null', "sh", "{multipliers}"]
[sgd]
steps = 1000000000
[grid]
stepsize = 0.1
schedule = ["cosine"]
rho = [1.0]
seed = [0]
"""

# The programs of all seeds but the first wait for the file `go`, so that the run cannot end before a test allows it to.
GATED = """\
[problem]
kind = "command"
command = ["sh", "-c", 'until [ "$1" = 0 ] || [ -e go ]; do sleep 0.01; done; echo "{{\\"step\\": 1, \\"train_loss\\": $1}}"',
           "sh", "{seed}"]
[sgd]
steps = 1
[grid]
stepsize = 0.1
schedule = ["constant", "cosine"]
rho = [1.0, 2.0]
seed = { from = 0, count = 6 }
"""
GO = Path("go")

TINY = SLOW_STEP.replace("20000000", "1").replace("1000", "2")


def a_limit_of_file_sizes_is_an_error(sweep):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))

    command = sweep.program.command("run", "sweep.toml", "-o", FILE, "--progress", "none")
    FILE.unlink(missing_ok=True)
    before = set(os.listdir())
    done = subprocess.run(command, preexec_fn=limit, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    check_one_line(done, 1, str(FILE), "File too large")
    assert set(os.listdir()) == before, f"left behind: {set(os.listdir()) - before}"


def begin_gated(sweep, *options, ranks=0):
    """Starts a run of GATED and returns it once its file has finished cells. It ends once the file `go` exists."""
    GO.unlink(missing_ok=True)
    FILE.unlink(missing_ok=True)
    return sweep.program.begin("gated.toml", FILE, *options, ranks=ranks)


def make_gated(sweep):
    """Makes gated.h5, the results file of an undisturbed run of GATED."""
    Path("gated.toml").write_text(GATED)
    GO.touch()
    sweep.program.succeed("run", "gated.toml", "-o", "gated.h5", "--overwrite", "--progress", "none")


def results_that_another_process_takes_away_are_no_success(sweep):
    make_gated(sweep)
    Path("other.toml").write_text(TINY)
    sweep.program.succeed("run", "other.toml", "-o", "other.h5", "--overwrite", "--progress", "none")

    def move_another_sweep_here():
        shutil.copyfile("other.h5", "copy.h5")
        os.rename("copy.h5", FILE)

    def move_another_here():
        shutil.copyfile("gated.h5", "copy.h5")
        os.rename("copy.h5", FILE)

    size = Path("gated.h5").stat().st_size
    cases = {
        "another sweep": (move_another_sweep_here, ["this file was replaced or removed while the run wrote it"]),
        "mv": (move_another_here, ["this file was replaced or removed while the run wrote it"]),
        "rm": (FILE.unlink, ["this file was replaced or removed while the run wrote it"]),
        "empty": (lambda: os.truncate(FILE, 0), ["changed while the run wrote it"]),
        "half": (lambda: os.truncate(FILE, size // 2), ["changed while the run wrote it"]),
    }
    for i, (name, (take_away, words)) in enumerate(cases.items()):
        ranks = 2 * (i % 2)
        for options in [], ["--shard", "1/2"]:
            process = begin_gated(sweep, *options, ranks=ranks)
            take_away()
            GO.touch()
            process.stdout_text, process.stderr = process.communicate(timeout=120)
            try:
                check_one_line(process, 1, str(FILE), *words)
                assert process.stdout_text == "", f"a summary was printed:\n{process.stdout_text}"
            except AssertionError as error:
                raise AssertionError(f"{name}, {options}, {ranks} ranks: {error}") from error


def two_runs_do_not_write_one_file(sweep):
    """The second run is refused even if it names the file by a symbolic link. The lock of a killed run does not block
    the next run."""
    make_gated(sweep)
    link, lock = Path("link.h5"), Path(f".{FILE}.lock")
    link.unlink(missing_ok=True)
    link.symlink_to(FILE)
    process = begin_gated(sweep)
    for path, option in (FILE, []), (FILE, ["--resume"]), (link, ["--overwrite"]):
        refused = sweep.program("run", "gated.toml", "-o", path, "--progress", "none", *option)
        check_one_line(refused, 2, f"another run writes this file (process {process.pid} on ", "--dependency=singleton")
    for ranks in 0, 2:
        if ranks:
            process = begin_gated(sweep, ranks=ranks)
        process.kill()
        process.communicate()
        assert lock.exists()
        GO.touch()
        sweep.program.succeed("run", "gated.toml", "-o", FILE, "--resume", "--progress", "none", ranks=2)
        assert not differences(sweep.h5diff, "gated.h5", FILE) and not lock.exists()
    link.unlink()


def messages_do_not_get_into_files(sweep):
    shards = []
    for part in 1, 2:
        shards.append(f"shard_{part}.h5")
        sweep.make(shards[-1], "--shard", f"{part}/2")
    for closed in (2,), (1, 2), (0, 1, 2):
        Path("merged.h5").unlink(missing_ok=True)
        command = sweep.program.command("merge", "-o", "merged.h5", *shards)
        status = subprocess.run(command, preexec_fn=lambda: [os.close(number) for number in closed],
                                env=ENVIRONMENT, timeout=60).returncode
        assert status == 0, f"exit {status} with {closed} closed"
        sweep.check_same("merged.h5")
    command = sweep.program.command("status", "merged.h5")
    done = subprocess.run(command, preexec_fn=lambda: os.close(1), stderr=subprocess.PIPE, text=True, timeout=60)
    check_one_line(done, 1, "standard output", "Bad file descriptor")


def hears(process, number):
    """Returns whether a process has already exec'ed rhosweep and has installed a handler for the signal."""
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines()
                  if ":\t" in line)
    return status["Name"] == "rhosweep" and bool(int(status["SigCgt"], 16) >> (number - 1) & 1)


def wait_until_all_hear(process, ranks, number):
    """Waits until the program, or each rank under mpirun, has a handler for the signal, which it installs early in
    main()."""
    while process.poll() is None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        heard = [pid for pid in (children if ranks else [process.pid]) if hears(pid, number)]
        if len(heard) == max(ranks, 1):
            return
        time.sleep(0.005)


def a_signal_is_heard_from_the_first_moment(sweep):
    cases = [(SLOW_SET_UP, signal.SIGTERM, 0), (SLOW_SET_UP, signal.SIGUSR1, 2), (SLOW_STEP, signal.SIGTERM, 0),
             (SLOW_MULTIPLIERS, signal.SIGTERM, 0), (SLOW_MULTIPLIERS, signal.SIGUSR1, 2)]
    for text, number, ranks in cases:
        Path("slow.toml").write_text(text)
        FILE.unlink(missing_ok=True)
        command = sweep.program.command("run", "slow.toml", "-o", FILE, "--progress", "none", ranks=ranks)
        process = subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
        wait_until_all_hear(process, ranks, number)
        if text != SLOW_SET_UP:
            time.sleep(1.0)  # the first step, or the writing of the multipliers, has begun
        assert process.poll() is None, "the run ended before the signal"
        process.send_signal(number)
        process.stderr_text = process.communicate(timeout=10)[1]
        assert process.returncode == 75, f"{number.name}: exit {process.returncode}\n{process.stderr_text}"
        said = unbroken(process.stderr_text)
        assert said.count("rhosweep:") == 1 and "stopped by" in said and "with --resume" in said, process.stderr_text


def a_drained_run_with_failed_trials_is_to_be_run_again(sweep):
    # The mini-batch of the first axes point needs more memory than any machine has, so its trials fail at once.
    text = TINY.replace("batch_size = 1\n", "").replace("steps = 10", "steps = 2000000")
    text = text.replace("[0]", "{ from = 0, count = 300 }")
    Path("failing.toml").write_text(text + '[axes]\n"sgd.batch_size" = [1000000000000, 2]\n')
    FILE.unlink(missing_ok=True)
    process = sweep.program.begin("failing.toml", FILE)
    while " 0 failed" in sweep.program.succeed("status", FILE).stdout and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGUSR1)
    stderr = process.communicate(timeout=60)[1]
    assert "failed" in stderr and "stopped by SIGUSR1" in unbroken(stderr), stderr
    assert process.returncode == 75, f"exit {process.returncode}\n{stderr}"


def own_sessions(folder):
    """Returns an environment that sets no session folder for Open MPI and has TMPDIR set to `folder`."""
    kept = {key: value for key, value in ENVIRONMENT.items() if key != "OMPI_MCA_orte_tmpdir_base"}
    return kept | {"TMPDIR": str(folder.resolve())}


def runs_that_no_launcher_starts_do_not_disturb_each_other(sweep):
    Path("tiny.toml").write_text(TINY)
    folder = Path("sessions")
    folder.mkdir(exist_ok=True)
    environment = own_sessions(folder)
    for _ in range(50):
        running = [subprocess.Popen(sweep.program.command("run", "tiny.toml", "-o", f"tiny_{i}.h5", "--overwrite",
                                                          "--progress", "none"),
                                    env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                   for i in range(8)]
        for process in running:
            stderr = process.communicate(timeout=60)[1]
            assert process.returncode == 0, f"exit {process.returncode}\n{stderr}"
    for i in range(1, 8):
        assert not differences(sweep.h5diff, "tiny_0.h5", f"tiny_{i}.h5")
    assert not os.listdir(folder), f"left behind: {os.listdir(folder)}"


def what_a_killed_run_leaves_is_removed_by_the_next(sweep):
    folder = Path("sessions")
    folder.mkdir(exist_ok=True)
    environment = own_sessions(folder)
    command = sweep.program.command("run", "sweep.toml", "-o", "killed.h5", "--overwrite", "--progress", "none")
    process = subprocess.Popen(command, env=environment)
    while not os.listdir(folder):
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert os.listdir(folder), "the killed run left nothing behind"
    Path(folder, "precious").write_text("another's")
    subprocess.run(sweep.program.command("run", "tiny.toml", "-o", "tiny.h5", "--overwrite", "--progress", "none"),
                   env=environment, check=True, capture_output=True, timeout=60)
    assert os.listdir(folder) == ["precious"], os.listdir(folder)
    Path(folder, "precious").unlink()


def forbid_foreign_memory():
    """Blocks process_vm_readv and process_vm_writev for this process and its children by seccomp, as containers do."""
    load, jump_if_equal, give, fails_with, allowed = 0x20, 0x15, 0x06, 0x50000, 0x7FFF0000
    numbers = {"x86_64": (310, 311), "aarch64": (270, 271)}[platform.machine()]
    program = [(load, 0, 0, 0), *((jump_if_equal, len(numbers) - i, 0, number) for i, number in enumerate(numbers)),
               (give, 0, 0, allowed), (give, 0, 0, fails_with | errno.EPERM)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *instruction) for instruction in program))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, seccomp, filter_mode = 38, 22, 2
    filtered = ctypes.create_string_buffer(struct.pack("HP", len(program), ctypes.addressof(code)))
    assert libc.prctl(no_new_privileges, 1, 0, 0, 0) == 0 and libc.prctl(seccomp, filter_mode, filtered, 0, 0) == 0
    assert libc.process_vm_readv(os.getpid(), None, 0, None, 0, 0) == -1 and ctypes.get_errno() == errno.EPERM


def a_container_without_foreign_memory_runs(sweep):
    """Rank 0 sends the list of cells to run, 10 KB. By default, Open MPI copies a message of this size directly from
    one process's memory to another's, which containers forbid."""
    Path("many.toml").write_text(TINY.replace("rho = [1.0]", "rho = [0.5, 1.0, 2.0, 4.0]")
                                 .replace("[0]", "{ from = 0, count = 20000 }").replace("steps = 10", "steps = 1"))
    command = sweep.program.command("run", "many.toml", "-o", "forbidden.h5", "--overwrite", "--progress", "none", ranks=2)
    done = subprocess.run(command, preexec_fn=forbid_foreign_memory, env=ENVIRONMENT, capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == 0 and not without_mpirun(done.stderr), done
    assert sweep.finished("forbidden.h5") == 80000


if __name__ == "__main__":
    # The run takes some seconds.
    sweep = Sweep(*sys.argv[1:4], steps=100000, rhos=40, seeds=60)
    run_checks((a_limit_of_file_sizes_is_an_error, results_that_another_process_takes_away_are_no_success,
                two_runs_do_not_write_one_file, messages_do_not_get_into_files, a_signal_is_heard_from_the_first_moment,
                a_drained_run_with_failed_trials_is_to_be_run_again, a_container_without_foreign_memory_runs,
                runs_that_no_launcher_starts_do_not_disturb_each_other,
                what_a_killed_run_leaves_is_removed_by_the_next), sweep)
