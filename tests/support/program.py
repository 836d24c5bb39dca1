"""Runs rhosweep for the command-line tests, without a shell, alone or under mpirun."""

import functools
import os
import re
import resource
import shlex
import subprocess
import time
from pathlib import Path

ENVIRONMENT = os.environ | {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    # A waiting rank yields its processor to concurrent tests.
    "OMPI_MCA_mpi_yield_when_idle": "1",
    # mpirun --quiet, which Open MPI 5 does not know.
    "OMPI_MCA_orte_execute_quiet": "1",
    # When mpirun ends, it removes its session folder in the temporary folder, even if another mpirun is about to use
    # it. So every working folder has its own.
    "OMPI_MCA_orte_tmpdir_base": f"{os.getcwd()}.ompi",
    "PRTE_MCA_prte_tmpdir_base": f"{os.getcwd()}.ompi",  # the same for Open MPI 5
}

# When a rank fails, mpirun waits two seconds before it kills the others; with these variables it kills them at once.
# Runs that a test signals need the two seconds.
AT_ONCE = {"OMPI_MCA_odls_base_sigkill_timeout": "0"}

# Samples of two classes in LIBSVM format, for tests that change or damage a data file.
SAMPLES = "".join(f"{1 if (7 * i) % 11 < 5 else -1} 1:{i % 7 - 3} 2:{(3 * i) % 5 - 2} 3:{i % 3}\n" for i in range(60))


def unbroken(text):
    """Returns the text with one line per message, as it was before rhosweep wrapped it at 80 columns."""
    return re.sub(r"\n +", " ", text)


def without_mpirun(text):
    """Returns standard error without what mpirun adds to it."""
    # Its event library sometimes warns if a rank ends while mpirun sets up its pipes.
    text = re.sub(r"^\[warn\] Epoll .*\n\n?", "", text, flags=re.MULTILINE)
    # Open MPI 5 sometimes does the same.
    text = re.sub(r"^\[[^\]]*\] PMIX ERROR: PMIX_ERR_UNREACH in file .*\n", "", text, flags=re.MULTILINE)
    # Open MPI 5 cannot be kept from reporting exit codes other than 0 and signals, between two lines of dashes.
    return re.sub(r"^-{70,}\nprterun .*?^-{70,}\n", "", text, flags=re.MULTILINE | re.DOTALL)


class Program:
    def __init__(self, executable, mpiexec):
        self.executable, self.mpiexec = executable, mpiexec

    def command(self, *arguments, ranks=0):
        """Returns the command line. `ranks` is 0 to run without mpirun, a number of ranks, or a list with additional
        environment variables for each rank, as on machines that differ."""
        command = [self.executable, *map(str, arguments)]
        if isinstance(ranks, list):
            # A shell in each rank sets its variables: Open MPI 5.0 crashes on several contexts, `mpirun … : …`.
            export = {rank: "export " + " ".join(f"{name}={shlex.quote(value)}" for name, value in variables.items())
                      for rank, variables in enumerate(ranks) if variables}
            cases = " ".join(f"{rank}) {line};;" for rank, line in export.items())
            script = f'case $OMPI_COMM_WORLD_RANK in {cases} esac; exec "$@"'
            command = [self.mpiexec, "--oversubscribe", "-n", str(len(ranks)), "sh", "-c", script, "sh", *command]
        elif ranks:
            command = [self.mpiexec, "--oversubscribe", "-n", str(ranks), *command]
        return command

    def __call__(self, *arguments, ranks=0, cwd=None, environment=None, processor_seconds=None):
        """Runs the command and returns the finished process with its output. `processor_seconds` limits
        the processor time of each of its processes."""
        limit = None
        if processor_seconds:
            limit = functools.partial(resource.setrlimit, resource.RLIMIT_CPU, (processor_seconds, resource.RLIM_INFINITY))
        done = subprocess.run(self.command(*arguments, ranks=ranks), capture_output=True, text=True,
                              env=ENVIRONMENT | AT_ONCE | (environment or {}), cwd=cwd, timeout=300,
                              preexec_fn=limit)
        done.stderr = without_mpirun(done.stderr)
        return done

    def succeed(self, *arguments, ranks=0, cwd=None, environment=None):
        done = self(*arguments, ranks=ranks, cwd=cwd, environment=environment)
        assert done.returncode == 0, f"{arguments} at {ranks} ranks: exit {done.returncode}\n{done.stderr}"
        return done

    def begin(self, sweep, output, *options, ranks=0, environment=None, **how):
        """Starts a run in the background and returns it once its file has finished cells. `how` are further arguments
        of Popen."""
        command = self.command("run", sweep, "-o", output, "--progress", "none", *options, ranks=ranks)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=ENVIRONMENT | (environment or {}), **how)
        while process.poll() is None and self.finished(output) == 0:
            time.sleep(0.01)
        return process

    def finished(self, file):
        """Returns how many cells of a results file are done or diverged according to `status`, or 0 if there is no
        file."""
        if not os.path.exists(file):
            return 0
        return int(self.succeed("status", file).stdout.splitlines()[1].split()[0])


def wait_until(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"timed out: {what}"
        time.sleep(0.02)


def is_alive(pid):
    """Returns whether a process runs. A zombie has ended, although its parent has not collected its status yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def differences(h5diff, a, b):
    """Returns the differences that h5diff finds between two results files outside /run. Files of the same sweep have
    none."""
    done = subprocess.run([h5diff, "--exclude-path=/run", a, b], capture_output=True, text=True)
    return done.stdout + done.stderr if done.returncode or done.stdout else ""
