"""Tests trials that are runs of a program: arguments and environment, reports, failures and the end.

Usage: programs.py RHOSWEEP MPIEXEC H5DIFF
"""

import fcntl
import json
import math
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

from program import AT_ONCE, ENVIRONMENT, Program, differences, is_alive, unbroken, wait_until

SWEEP = """\
[problem]
kind = "command"
command = ["{python}", "./{script}", {arguments}]
{problem}
[sgd]
steps = 100
evaluations = 3
[grid]
stepsize = {{ constant = 0.1, linear = 0.3 }}
schedule = ["constant", "linear"]
rho = {rho}
seed = {seed}
"""

# Records its arguments and environment, then reports numbers that depend on its arguments only.
RECORDER = """\
import json, os, signal, sys
from pathlib import Path
words = dict(word.split("=", 1) for word in sys.argv[1:8])
seed, rho, eta = int(words["seed"]), float(words["rho"]), float(words["eta"])
h = [float(line) for line in Path(words["multipliers"]).read_text().splitlines()]
Path(f"recorded-{seed}-{words['schedule']}-{words['rho']}.json").write_text(json.dumps({
    "arguments": sys.argv, "h": h, "folder": os.getcwd(), "environment": dict(os.environ),
    "scratch": sorted(os.listdir(os.environ["RHOSWEEP_SCRATCH"])),
    "descriptors": sorted(set(os.listdir("/proc/self/fd")) - {str(os.open("/", os.O_RDONLY) + 1)}, key=int),
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])), "input": sys.stdin.read(),
    "ignored": [s for s in range(1, 32) if s not in (9, 19, 13, 25) and signal.getsignal(s) == signal.SIG_IGN],
    "group": os.getpgrp() == os.getpid()}))
print("a line for people")
for step in 10, 50, 100:
    print(json.dumps({"step": step, "train_loss": eta * (1 + seed) / step, "loss/held": rho, "accuracy": 0.5, "lr": h[0]}))
"""

# Ends in a different way for each seed.
ENDINGS = """\
import os, signal, sys, time
seed, attempt = int(sys.argv[1]), int(os.environ["RHOSWEEP_ATTEMPT"])
def end(): print('{"step": 100, "train_loss": 0.5}')
if seed == 0: end()
if seed == 1: end(); print("first line\\nRuntimeError: the last words", file=sys.stderr); sys.exit(3)
if seed == 2: os.kill(os.getpid(), signal.SIGKILL)
if seed == 3: print('{"step": 100, "train_loss": 0.5')
if seed == 4: print('{"step": 99, "train_loss": 0.5}')
if seed == 5: print("still here", flush=True); time.sleep(1000)
if seed == 6: print('{"step": 7, "train_loss": NaN}', flush=True); time.sleep(1000)
if seed == 7: end(); sys.exit(attempt < 3)
if seed == 8: os.close(1); os.close(2); time.sleep(0.2)
if seed == 9: sys.stdout.write('{"step": 100, "train_loss": 0.5}')  # without a line break
if seed == 10: sys.stdout.write("x" * 2000000)
if seed == 11: sys.stderr.write("y" * 2000000); end()
if seed == 12: print("10%\\r50%\\r", end=""); end()
if seed == 13: print("\\r10%\\r50%|#  | ", end=""); end()
if seed == 14: print({"lr": 0.1}); print('{"lr": 0.1}'); end(); print({"loss": 0.5})
if seed == 15: sys.stdout.write("50%\\r" * 500000); end()
if seed == 16: sys.stdout.write("{ 50 % }\\r\\n" + '{"step": 1e2, "train_loss": 5E-1}\\r\\n')
if seed == 17: print('{"step": 100, "train_loss": 1e400}', flush=True); time.sleep(1000)
"""

# Makes the processes of this test recognisable: no other process sleeps for exactly this long.
MARK = str(os.getpid())

# Runs for a long time unless a file exists. Starts descendants, one of them in a session of its own.
LONG = """\
import os, pathlib, subprocess, sys, time
here = pathlib.Path(sys.argv[1])
other = subprocess.Popen(["sleep", "{mark}7"], start_new_session=True, stdout=subprocess.DEVNULL)
below = subprocess.Popen(["/bin/sh", "-c", "sleep {mark}6 & sleep {mark}5"])
if here.exists():
    print('{"step": 100, "train_loss": ' + sys.argv[2] + "}")
else:
    pathlib.Path(f"running-{os.getpid()}").write_text(f"{os.getpid()} {other.pid} {below.pid} {os.environ['RHOSWEEP_SCRATCH']}")
    time.sleep(1000)
"""


class Tests:
    def __init__(self, rhosweep, mpiexec, h5diff):
        self.program, self.h5diff = Program(rhosweep, mpiexec), h5diff
        for name, text in {"recorder.py": RECORDER, "endings.py": ENDINGS, "long.py": LONG.replace("{mark}", MARK)}.items():
            Path(name).write_text(text)

    def write(self, name, script, arguments, problem="", rho="[1.0]", seed="[0]"):
        Path(name).write_text(SWEEP.format(python=sys.executable, script=script, arguments=", ".join(arguments), problem=problem, rho=rho,
                                           seed=seed))

    def start(self, sweep, output, ranks):
        command = self.program.command("run", sweep, "-o", output, "--overwrite", "--progress", "none", ranks=ranks)
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)


def status_of(path):
    with h5py.File(path) as file:
        return file["status"][...]


def a_program_gets_all_values_unchanged(tests):
    import json
    odd = ["a b", "$(touch gone)", "'\\\"`;|", "", "*", "{{braces}}", "=ü="]
    words = ["seed={seed}", "rho={rho}", "eta={stepsize}", "schedule={schedule}", "multipliers={multipliers}",
             "decay={decay}", "momentum={momentum}{nesterov}"]
    tests.write("recorded.toml", "recorder.py", [f'"{word}"' for word in words] + [json.dumps(word) for word in odd],
                'metrics = ["train_loss", "accuracy"]\ndecay = 1e-05\ndevices_per_node = 2',
                rho="[0.1, 10.0]", seed="[3, 4]")
    with open("recorded.toml", "a") as file:
        file.write('[axes]\n"sgd.momentum" = [0.1, 0.9]\n')
    tests.program.succeed("run", "recorded.toml", "-o", "recorded.h5", "--overwrite", ranks=3,
                          environment={"RHOSWEEP_STALE": "1", "KEPT": "yes"})
    with h5py.File("recorded.h5") as file:
        stepsize, rho = file["stepsize"][...], file["rho"][...]
        assert (file["status"][...] == 1).all() and (file["step"][...] == [1, 10, 100]).all()
        for s, seed in enumerate([3, 4]):
            expected = stepsize * (1 + seed)  # (momentum, schedule, rho)
            np.testing.assert_array_equal(file["final_train_loss"][:, s], expected / 100)
            np.testing.assert_array_equal(file["train_loss"][:, s, ..., 1], expected / 10)
        assert np.isnan(file["train_loss"][..., 0]).all() and (file["final_accuracy"][...] == 0.5).all()
        assert file["final_accuracy"].attrs["diverged_value"] == 0.0 and np.isnan(file["initial_train_loss"][...]).all()
    recorded = json.loads(Path("recorded-4-linear-0.1.json").read_text())
    eta = 0.3 * rho[0]
    assert [float(x.split("=")[1]) for x in recorded["arguments"][2:4]] == [rho[0], eta], recorded["arguments"]
    assert recorded["arguments"][6] == "decay=1e-05" and recorded["arguments"][7] in ("momentum=0.1false", "momentum=0.9false")
    assert recorded["arguments"][8:] == [word.replace("{{", "{").replace("}}", "}") for word in odd], recorded["arguments"]
    assert not Path("gone").exists()
    assert max(abs(h - (1.0 - t / 100)) for t, h in enumerate(recorded["h"])) < 2e-16 and len(recorded["h"]) == 100
    table = tests.program.succeed("schedule", "linear", "--steps", "100").stdout.splitlines()
    assert recorded["h"] == [float(line.split()[2]) for line in table if not line.lstrip().startswith(("#", "t "))]
    assert recorded["folder"] == os.getcwd() and recorded["scratch"] == ["multipliers.txt", "report", "trial.json"] and recorded["input"] == ""
    assert recorded["descriptors"] == ["0", "1", "2"] or recorded["descriptors"] == ["0", "1", "2", "3"], recorded["descriptors"]
    assert recorded["blocked"] == [] and recorded["ignored"] == [] and recorded["group"]
    environment = recorded["environment"]
    assert float(environment["RHOSWEEP_STEPSIZE"]) == eta and float(environment["RHOSWEEP_RHO"]) == rho[0]
    assert environment["RHOSWEEP_SCHEDULE"] == "linear" and environment["RHOSWEEP_SEED"] == "4"
    assert environment["RHOSWEEP_STEPS"] == "100" and environment["RHOSWEEP_BATCH_SIZE"] == "1"
    assert environment["RHOSWEEP_DECAY"] == "1e-05" and environment["RHOSWEEP_EVALUATION_STEPS"] == "1,10,100"
    assert environment["RHOSWEEP_DEVICE"] in "01" and environment["KEPT"] == "yes"
    assert "RHOSWEEP_STALE" not in environment
    foreign = foreign_variables(environment, ENVIRONMENT)
    assert not foreign, foreign
    assert not Path(environment["RHOSWEEP_SCRATCH"]).exists()

    tests.program.succeed("run", "recorded.toml", "-o", "alone.h5", "--overwrite")
    found = differences(tests.h5diff, "recorded.h5", "alone.h5")
    assert not found, found
    verified = tests.program.succeed("verify", "recorded.h5", "--trials", "4", "--run-programs")
    assert "4 cells recomputed, 0 differ" in verified.stdout and 'runs ["' in verified.stdout, verified.stdout
    Path("recorder.py").write_text(RECORDER.replace("(1 + seed)", "(2 + seed)"))
    changed = tests.program("verify", "recorded.h5", "--trials", "2", "--run-programs")
    assert changed.returncode == 1 and "2 differ" in changed.stdout, changed.stdout
    planned = tests.program.succeed("plan", "recorded.toml", "--ranks", "2").stdout
    assert "16 of at most 1 trial," in planned and "predicted time            unknown" in planned, planned


def foreign_variables(environment, expected):
    """Returns the environment variables of a trial that come neither from the user nor from rhosweep."""
    own = ("RHOSWEEP_", "OMP_NUM_THREADS", "PYTHONPATH", "KEPT", "PWD", "LC_CTYPE")  # Python sets LC_CTYPE
    harmless = ("HFI_NO_BACKTRACE", "IPATH_NO_BACKTRACE", "LD_LIBRARY_PATH", "OMPI_MCA_")  # from mpirun
    return [name for name in environment if name not in expected and not name.startswith(own + harmless)]


# Variables that launchers set for a rank.
OF_A_RANK = {name: "0" for name in (
    "SLURM_STEP_ID SLURM_STEPID SLURM_STEP_NODELIST SLURM_STEP_NUM_TASKS SLURM_STEP_LAUNCHER_PORT SLURM_PROCID SLURM_LOCALID "
    "SLURM_NODEID SLURM_NTASKS SLURM_NPROCS SLURM_GTIDS SLURM_TASKS_PER_NODE SLURM_NTASKS_PER_NODE SLURM_SRUN_COMM_HOST "
    "SLURM_SRUN_COMM_PORT SRUN_CPUS_PER_TASK SRUN_DEBUG SLURM_CPU_BIND SLURM_CPU_BIND_LIST SLURM_CPU_BIND_TYPE SLURM_JOBID "
    "SLURM_LAUNCH_NODE_IPADDR SLURM_NODELIST PMI_RANK PMI_SIZE PMI2_RANK PMIX_RANK PMIX_NAMESPACE OMPI_COMM_WORLD_RANK OMPI_COMM_WORLD_SIZE OMPI_WORLD_SIZE OMPI_TOOL_NAME "
    "OMPI_UNIVERSE_SIZE OMPI_FILE_LOCATION OMPI_MCA_orte_ess_num_procs MPI_LOCALRANKID MPI_LOCALNRANKS MV2_COMM_WORLD_RANK "
    "FLUX_TASK_RANK PALS_RANKID").split()}
# Variables that describe the job or that the user sets.
OF_THE_USER = {name: "1" for name in (
    "SLURM_JOB_ID SLURM_JOB_NAME SLURM_CPUS_PER_TASK SLURM_JOB_NODELIST MPI_HOME MPI_ROOT OMPI_MCA_mpi_show_handle_leaks "
    "OMPI_MCA_orte_base_help_aggregate OMPI_CC HYDRA_FULL_ERROR OMP_NUM_THREADS").split()}

# Records its environment. If its arguments are an MPI program (rhosweep), runs this program.
INNER = """\
import json, os, subprocess, sys
from pathlib import Path
seed, scratch, program = os.environ["RHOSWEEP_SEED"], os.environ["RHOSWEEP_SCRATCH"], sys.argv[1:]
record = {"environment": dict(os.environ), "processors": len(os.sched_getaffinity(0))}
if program:
    subprocess.run([*program, "run", "with_mpi.toml", "-o", scratch + "/inner.h5", "--progress", "none"], check=True,
                   stdout=sys.stderr)
    import h5py
    record["size"] = int(h5py.File(scratch + "/inner.h5")["run"].attrs["mpi_size"])
Path(f"inner-{seed}.json").write_text(json.dumps(record))
print('{"step": 100, "train_loss": 0.5}')
"""
WITH_MPI = """\
problem = { kind = "quadratic" }
sgd = { steps = 10 }
grid = { stepsize = 0.1, schedule = ["constant"], rho = [1.0], seed = [0, 1] }
"""


def a_trial_does_not_take_itself_for_a_rank(tests):
    Path("inner.py").write_text(INNER)
    tests.write("inner.toml", "inner.py", [])
    only_one = ["--set", 'grid.schedule=["linear"]', "--set", "grid.stepsize=0.1"]
    # `try` starts no MPI, so these variables do not mislead rhosweep itself.
    tests.program.succeed("try", "inner.toml", *only_one, environment=OF_A_RANK | OF_THE_USER)
    environment = json.loads(Path("inner-0.json").read_text())["environment"]
    found = sorted(set(OF_A_RANK) & set(environment))
    lost = sorted(name for name in OF_THE_USER if environment.get(name) != OF_THE_USER[name])
    assert not found and not lost, (found, lost)

    # The number of threads is the number of processors that the rank may use.
    for processors in [{min(os.sched_getaffinity(0))}, os.sched_getaffinity(0)]:
        done = subprocess.run(tests.program.command("try", "inner.toml", *only_one), capture_output=True, text=True,
                              env={name: value for name, value in ENVIRONMENT.items() if name != "OMP_NUM_THREADS"},
                              preexec_fn=lambda: os.sched_setaffinity(0, processors))
        assert done.returncode == 0, done.stderr
        record = json.loads(Path("inner-0.json").read_text())
        assert record["processors"] == len(processors) == int(record["environment"]["OMP_NUM_THREADS"]), record

    # Ranks that may use the same processors share them. The tests' mpirun does not bind its ranks.
    processors = sorted(os.sched_getaffinity(0))[:2]
    command = tests.program.command("run", "inner.toml", *only_one, "-o", "inner.h5", "--overwrite", "--set", "grid.seed=[0,1]",
                                    ranks=len(processors))
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=lambda: os.sched_setaffinity(0, processors),
                          env={name: value for name, value in ENVIRONMENT.items() if name != "OMP_NUM_THREADS"})
    assert done.returncode == 0, done.stderr
    for seed in 0, 1:
        record = json.loads(Path(f"inner-{seed}.json").read_text())
        assert record["processors"] == len(processors) and record["environment"]["OMP_NUM_THREADS"] == "1", record

    # Settings of Open MPI that rhosweep makes for itself do not reach the trial.
    tests.program.succeed("run", "inner.toml", *only_one, "-o", "inner.h5", "--overwrite")
    environment = json.loads(Path("inner-0.json").read_text())["environment"]
    foreign = [name for name in environment if name.startswith("OMPI_MCA_") and name not in ENVIRONMENT | AT_ONCE]
    assert not foreign, foreign

    # A trial may use MPI, alone or with its own mpirun, even inside a Slurm job.
    Path("with_mpi.toml").write_text(WITH_MPI)
    executable, mpiexec = tests.program.executable, tests.program.mpiexec
    tests.write("inner.toml", "inner.py", [json.dumps(executable)], seed="[0, 1]")
    tests.program.succeed("run", "inner.toml", *only_one, "-o", "inner.h5", "--overwrite", ranks=2)
    assert [json.loads(Path(f"inner-{seed}.json").read_text())["size"] for seed in (0, 1)] == [1, 1]
    tests.write("inner.toml", "inner.py", [json.dumps(word) for word in (mpiexec, "--oversubscribe", "-n", "2", executable)])
    host = socket.gethostname()
    tests.program.succeed("try", "inner.toml", *only_one, environment={
        "SLURM_JOBID": "7", "SLURM_JOB_ID": "7", "SLURM_NODELIST": host, "SLURM_NNODES": "1", "SLURM_JOB_NODELIST": host,
        "SLURM_TASKS_PER_NODE": "1"})
    assert json.loads(Path("inner-0.json").read_text())["size"] == 2


def no_metric_may_have_a_name_that_the_file_uses(tests):
    """A metric with the name of a variable of the file would end the run with "name already exists"."""
    with h5py.File("recorded.h5") as file:
        used = [name for name in file if name not in ("train_loss", "accuracy") and not name.startswith(("final_", "initial_"))]
    assert len(used) > 12 and "sgd.momentum" in used, used
    for name in used + ["final_accuracy", "initial_accuracy", "final_", "initial_x"]:
        metrics = f'problem.metrics=["train_loss", "accuracy", {{ name = "{name}", best = "min" }}]'
        ended = tests.program("run", "recorded.toml", "-o", "clash.h5", "--set", metrics)
        assert ended.returncode == 2 and len(ended.stderr.splitlines()) == 1, (name, ended.returncode, ended.stderr)
        assert f'"{name}"' in ended.stderr and "problem.metrics" in ended.stderr, (name, ended.stderr)
        assert not Path("clash.h5").exists(), name
    import netCDF4
    longest = 247 * "a"
    Path("named.py").write_text('import json, sys; print(json.dumps({"step": 100, "train_loss": 1, sys.argv[1]: 2}))')
    tests.write("long_names.toml", "named.py", [f'"{longest}"', f'"{{{longest}}}"'],
                f'metrics = ["train_loss", {{ name = "{longest}", best = "min" }}]\n{longest} = 1')
    with open("long_names.toml", "a") as file:
        file.write(f'[axes]\n"problem.{longest}" = [1, 2]\n')
    tests.program.succeed("run", "long_names.toml", "-o", "long_names.h5", "--overwrite")
    with netCDF4.Dataset("long_names.h5") as file:
        assert "initial_" + longest in file.variables and "problem." + longest in file.dimensions


# Reports the size of the multipliers file before anything opens it, then reads the file the given number of times.
READER = """\
import os, sys
from pathlib import Path
path, times = os.environ["RHOSWEEP_MULTIPLIERS"], int(sys.argv[1])
size = os.path.getsize(path)
Path("reading").write_text(os.path.dirname(path))
for _ in range(times):
    with open(path, "rb") as file:
        lines = sum(block.count(b"\\n") for block in iter(lambda: file.read(1 << 20), b""))
    assert lines == int(os.environ["RHOSWEEP_STEPS"]), lines
print(f'{{"step": {os.environ["RHOSWEEP_STEPS"]}, "train_loss": {size}}}')
"""


def has_leases(folder):
    """Returns whether the file system of a folder supports leases (fcntl(2)). With a lease, rhosweep writes a file only
    when a program opens it."""
    with tempfile.TemporaryFile(dir=folder) as file:
        try:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        except OSError:
            return False
    return True


def multipliers_are_written_when_they_are_read(tests):
    Path("reader.py").write_text(READER)
    tests.write("reader.toml", "reader.py", ['"{times}"'], "times = 0\ntimeout = 2", rho="[1.0]")
    with open("reader.toml", "a") as file:
        file.write('[axes]\n"problem.times" = [0, 1, 2]\n')
    only_one = ["--set", 'grid.schedule=["linear"]', "--set", "grid.stepsize=0.1", "--progress", "none"]
    is_lazy = has_leases(tempfile.gettempdir())
    # rhosweep needs more time than the timeout to write the multipliers. The trials do not fail, because the time that
    # a program waits for rhosweep does not count.
    tests.program.succeed("run", "reader.toml", *only_one, "-o", "reader.h5", "--overwrite", "--set", "sgd.steps=20000000")
    with h5py.File("reader.h5") as file:
        sizes = file["final_train_loss"][...].ravel()
    assert ((sizes == 0) if is_lazy else (sizes > 1e8)).all(), sizes

    # A signal takes effect while multipliers are being written.
    Path("reading").unlink()
    command = tests.program.command("run", "reader.toml", *only_one, "-o", "reader.h5", "--overwrite", "--set",
                                    'axes={"problem.times"=[1]}', "--set", "sgd.steps=150000000")
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        if is_lazy:
            wait_until(lambda: Path("reading").exists() and Path("reading").read_text(), "the program")
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        error = process.communicate(timeout=8)[1]
    assert process.returncode == 75, (process.returncode, error)
    assert not is_lazy or not Path(Path("reading").read_text()).exists()

    # A trial fails if its multipliers file cannot be written.
    limit = 1 << 20
    done = subprocess.run(command[:-1] + ["sgd.steps=1000000"], capture_output=True, text=True, env=ENVIRONMENT, timeout=60,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert done.returncode == 1 and "cannot write the multipliers: File too large" in unbroken(done.stderr), done.stderr


def verify_starts_no_program_unless_asked(tests):
    """A results file may come from anyone. Its programs would run with the rights of the user who verifies it."""
    tests.program.succeed("run", "recorded.toml", "-o", "gift.h5", "--overwrite")
    with h5py.File("gift.h5", "r+") as file:
        sweep = file.attrs["sweep"]
        [command] = re.findall(r"^command = .*$", sweep, re.MULTILINE)
        file.attrs["sweep"] = sweep.replace(command, 'command = ["/bin/sh", "-c", "touch PWNED; {seed}"]')
    for options in [], ["--trials", "all"]:
        tests.program("verify", "gift.h5", *options)
        assert not Path("PWNED").exists(), "a program of the file was started"
    checked = tests.program.succeed("verify", "recorded.h5")
    assert "--run-programs" in checked.stdout and '["' in checked.stdout, checked.stdout
    assert "cells OK, 0 damaged" in checked.stdout and "cells recomputed" not in checked.stdout, checked.stdout


def every_failure_is_reported_and_tried_again(tests):
    tests.write("endings.toml", "endings.py", ['"{seed}"'], "attempts = 3\ntimeout = 2.5", seed="{ from = 0, count = 18 }")
    ended = tests.program("run", "endings.toml", "-o", "endings.h5", "--overwrite", "--set", 'grid.schedule=["linear"]',
                          "--set", "grid.stepsize=0.1", ranks=2)
    assert ended.returncode == 1 and "7 trials failed" in ended.stderr, (ended.returncode, ended.stderr)
    done, diverged, failed = 1, 2, 3
    expected = [done, failed, failed, failed, failed, failed, diverged, done, failed, done, failed, done] + 5 * [done] + [diverged]
    assert status_of("endings.h5").ravel().tolist() == expected, status_of("endings.h5").ravel()
    with h5py.File("endings.h5") as file:
        attempts = file["run/attempt"][...].ravel().tolist()
        recorded = [b"".join(line).rstrip(b"\0").decode() if line.dtype.kind == "S" and line.ndim else str(line)
                for line in file["run/failure"][...]]
        step, final = file["diverged_step"][...].ravel(), file["final_train_loss"][...].ravel()
    assert attempts == [1, 3, 3, 3, 3, 3, 1, 3, 3, 1, 3, 1] + 6 * [1], attempts
    assert step[6] == 7 and final[6] == math.inf and final[0] == final[7] == final[9] == final[11] == 0.5
    assert (final[12:17] == 0.5).all() and final[17] == math.inf and step[17] == 100, final
    assert np.isnan(final[[1, 2, 3, 4, 5, 8, 10]]).all()
    for seed, words in {1: ["exit code 3", "RuntimeError: the last words"], 2: ["killed by signal 9"],
                        3: ["did not report", "not valid JSON", '{"step": 100, "train_loss": 0.5'], 4: ["the program did not report train_loss at step 100"],
                        5: ["no output for 2.5 s"], 8: ["the program did not report"], 10: ["a line of more than 1 MiB"]}.items():
        for word in words:
            assert word in recorded[seed], (seed, recorded[seed])
    # The timeout and the number of attempts are not part of the sweep's identity.
    Path("endings.py").write_text(ENDINGS.replace("sys.exit(3)", "sys.exit(0)"))
    resumed = tests.program("run", "endings.toml", "-o", "endings.h5", "--resume", "--set", 'grid.schedule=["linear"]',
                            "--set", "grid.stepsize=0.1", "--set", "problem.timeout=0.5", "--set", "problem.attempts=1")
    assert resumed.returncode == 1 and "7 trials in" in resumed.stderr and "6 failed" in resumed.stderr, resumed.stderr


def processes(stamp="running-*"):
    """Returns, for each long program, its process id, the ids of two descendants, and its scratch folder."""
    return [path.read_text().split() for path in Path().glob(stamp)]


def forget_running():
    for path in Path().glob("running-*"):
        path.unlink()


def check_nothing_is_left(ranks):
    for words in processes():
        for pid in words[:3]:
            wait_until(lambda: not is_alive(pid), f"the end of {pid}", 5)
        wait_until(lambda: not Path(words[3]).exists(), f"the end of {words[3]}", 5)
    left = subprocess.run(["pgrep", "-f", f"^sleep {MARK}[567]$"], capture_output=True, text=True).stdout.split()
    assert not left, left


def begin_long(tests, output, ranks, problem=""):
    forget_running()
    Path("enough").unlink(missing_ok=True)
    tests.write("long.toml", "long.py", ['"enough"', '"{stepsize}"'], problem, seed="{ from = 0, count = 2 }")
    process = tests.start("long.toml", output, ranks)
    wait_until(lambda: len(processes()) >= max(1, ranks) and all(len(words) == 4 for words in processes()), "trials")
    return process


def a_drained_run_ends_its_programs_and_is_resumed(tests):
    for ranks, number in (0, signal.SIGTERM), (2, signal.SIGUSR1), (0, signal.SIGUSR1):
        process = begin_long(tests, "drained.h5", ranks)
        assert all(is_alive(pid) for words in processes() for pid in words[:3]), "descendants run"
        if number == signal.SIGUSR1 and ranks == 0:  # like a batch system that signals every process of a job step
            os.kill(int(processes()[0][0]), number)
        process.send_signal(number)
        error = process.communicate(timeout=8)[1]
        assert process.returncode == 75, (process.returncode, error)
        assert (status_of("drained.h5") == 0).all()
        check_nothing_is_left(ranks)
    Path("enough").touch()
    tests.program.succeed("run", "long.toml", "-o", "drained.h5", "--resume", ranks=2)
    tests.program.succeed("run", "long.toml", "-o", "whole.h5", "--overwrite", ranks=0)
    found = differences(tests.h5diff, "drained.h5", "whole.h5")
    assert not found, found
    check_nothing_is_left(0)  # descendants of a program are killed when it ends


def has_guard(pid):
    """Returns whether a rank has started a guard. The guard may still be initialising."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return any(b"guard-of-a-trial" in Path(f"/proc/{child}/cmdline").read_bytes() for child in children)
    except (FileNotFoundError, ProcessLookupError):
        return False


def a_signal_to_all_processes_fails_no_program_that_is_being_started(tests):
    """Ctrl-C sends a signal to the whole process group, so it may reach a guard that is still initialising."""
    Path("enough").touch()
    tests.write("long.toml", "long.py", ['"enough"', '"{stepsize}"'], seed="{ from = 0, count = 50 }")
    command = tests.program.command("run", "long.toml", "-o", "starting.h5", "--overwrite", "--progress", "none")
    for number in [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1] * 2:
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT, start_new_session=True) as process:
            while process.poll() is None and not has_guard(process.pid):
                pass
            os.killpg(process.pid, number)
            error = process.communicate(timeout=20)[1]
        assert process.returncode == 75 and "failed: its guard" not in error, (number, process.returncode, error)
        assert not (status_of("starting.h5") == 3).any()


def the_guards_command_is_not_for_people(tests):
    """Typed by a user, the guard's command could remove a folder: a guard does so when the program it watches ends."""
    Path("mine").mkdir(exist_ok=True)  # from an earlier run
    for arguments in ((), ("mine", "remove", ".", "true")):
        done = tests.program("guard-of-a-trial", *arguments)
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done
    assert Path("mine").is_dir()


def no_process_outlives_a_killed_rank(tests):
    for ranks in 0, 2:
        process = begin_long(tests, "killed.h5", ranks)
        rank = process.pid
        if ranks:
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            rank = int(children[-1])
        os.kill(rank, signal.SIGKILL)
        process.communicate(timeout=20)
        check_nothing_is_left(ranks)


def parent_of(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def nothing_outlives_a_killed_guard(tests):
    process = begin_long(tests, "killed.h5", 0)
    guard = parent_of(processes()[0][0])
    os.kill(guard, signal.SIGKILL)
    for pid in processes()[0][:3]:
        wait_until(lambda: not is_alive(pid), f"the end of {pid}")
    wait_until(lambda: len(processes()) > 1, "another trial")
    process.send_signal(signal.SIGTERM)
    error = process.communicate(timeout=8)[1]
    assert "its guard was killed" in unbroken(error), error
    check_nothing_is_left(0)


def nothing_outlives_a_rank_killed_with_its_guard(tests):
    process = begin_long(tests, "killed.h5", 0)
    victims = [process.pid, parent_of(processes()[0][0])]
    for number in signal.SIGSTOP, signal.SIGKILL:  # SIGSTOP to both, so that neither reacts to the other's death
        for pid in victims:
            os.kill(pid, number)
    process.communicate(timeout=20)
    check_nothing_is_left(0)


def the_next_run_removes_what_a_killed_job_has_left(tests):
    process = begin_long(tests, "killed.h5", 0)
    program, *others, scratch = processes()[0]
    watcher = parent_of(program)
    victims = [process.pid, parent_of(watcher), watcher]
    for number in signal.SIGSTOP, signal.SIGKILL:
        for pid in victims:
            os.kill(pid, number)
    process.communicate(timeout=20)
    wait_until(lambda: not is_alive(program), "the end of the program")
    assert Path(scratch).exists() and is_alive(others[0]), "nothing watched these"
    Path("enough").touch()
    tests.program.succeed("try", "long.toml")
    check_nothing_is_left(0)


def a_stopped_guard_holds_no_rank_up(tests):
    begin = begin_long(tests, "stopped.h5", 0, "timeout = 1.5\n")
    watcher = parent_of(processes()[0][0])
    for pid in watcher, parent_of(watcher):
        os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: len(processes()) > 1, "another trial")
    begin.send_signal(signal.SIGTERM)
    error = begin.communicate(timeout=8)[1]
    assert "no output for 1.5 s" in unbroken(error), error
    check_nothing_is_left(0)


# Reports metrics that are best at rho = 1. If the analysis took a wrong direction (min or max), the best rho would
# differ.
MEASURES = """\
import json, math, sys
distance = abs(math.log(float(sys.argv[1])))
print(json.dumps({"step": 100, "train_loss": distance, "auc": 0.9 - 0.1 * distance, "f1": 0.8 - 0.1 * distance,
                  "val_acc": 0.7 - 0.1 * distance, "r2": 0.5 - distance, "mse": 0.1 + distance, "gain": 7 - distance,
                  "test_accuracy": float(sys.argv[2]) * (0.9 - 0.1 * distance)}))
"""


def the_best_stepsize_has_the_best_value_of_each_metric(tests):
    Path("measures.py").write_text(MEASURES)
    names = ["auc", "f1", "val_acc", "r2", "mse", "gain"]
    tests.write("measures.toml", "measures.py", ['"{rho}"', '"1"'],
                'metrics = ["train_loss", "auc", "f1", "val_acc", "r2", "mse", '
                '{ name = "gain", best = "max", at_most = 10 }]', rho="[0.25, 0.5, 1.0, 2.0, 4.0]")
    tests.program.succeed("run", "measures.toml", "-o", "measures.h5", "--overwrite", "--progress", "none")
    with h5py.File("measures.h5") as file:
        for name in names:
            attributes = dict(file[f"final_{name}"].attrs)
            assert attributes["best"] == ("min" if name == "mse" else "max"), attributes
            assert attributes.get("at_most") == {"mse": None, "gain": 10}.get(name, 1), attributes
    for name in names:
        found = json.loads(tests.program.succeed("analyze", "measures.h5", "--metric", name, "--format", "json").stdout)
        for schedule in found["groups"][0]["schedules"]:
            assert schedule["naive_best_rho"] == 1.0, (name, schedule["naive_best_rho"])
            assert schedule["curve"][0]["error_ratio"] > 1, (name, schedule["curve"])
    # An accuracy in per cent exceeds the bound 1 of accuracies, and the trial fails. With a bound of 100 it succeeds.
    tests.write("percent.toml", "measures.py", ['"{rho}"', '"100"'], 'metrics = ["train_loss", "test_accuracy"]')
    ended = tests.program("run", "percent.toml", "-o", "percent.h5", "--overwrite", "--progress", "none")
    assert ended.returncode == 1 and "above its bound 1" in ended.stderr, ended.stderr
    bound = 'problem.metrics=["train_loss", { name = "test_accuracy", at_most = 100 }]'
    tests.program.succeed("run", "percent.toml", "-o", "percent.h5", "--overwrite", "--progress", "none", "--set", bound)


def bad_input_is_refused_before_anything_runs(tests):
    for problem, arguments, words in [
            ("", ['"{seeds}"'], ["problem.command", "{seeds}", "did you mean 'seed'?", "steps"]),
            ("", ['"{seed"'], ["problem.command", "a single {"]),
            ("", ['"}"'], ["problem.command", "a single }"]),
            ("", ['"{device}"'], ["problem.command", "{device}", "problem.devices_per_node"]),
            ("", ["1"], ["problem.command", "allowed: a list of texts"]),
            ("timout = 5", [], ["problem.timout", "unknown key", "did you mean 'timeout'?"]),
            ('metric = ["train_loss"]', [], ["bad.toml:4: problem.metric: unknown key, did you mean 'metrics'?; allowed: kind, "]),
            ('metric = { name = "auc" }', [], ["problem.metric: unknown key, did you mean 'metrics'?"]),
            ("lrs = [1, 2]", [], ["problem.lrs: unknown key", "or a parameter that is a number, a text or a truth value"]),
            ('"a b" = 5', [], ["problem.", "a b", "unknown key"]),
            ("timeout = 0", [], ["problem.timeout", "found 0", "allowed: a number > 0"]),
            ("attempts = 0", [], ["problem.attempts", "found 0"]),
            ("steps = 5", ['"{steps}"'], ["problem.steps", "any but"]),
            ("metrics = []", [], ["problem.metrics", "allowed: a list of names"]),
            ('metrics = ["loss"]', [], ["problem.metrics", '"loss" as the first', "train_loss"]),
            ('metrics = ["train_loss", "a b"]', [], ["problem.metrics", '"a b"']),
            ('metrics = ["train_loss", "status"]', [], ["problem.metrics", '"status"']),
            ('metrics = ["train_loss", "point_key"]', [], ["problem.metrics", '"point_key"']),
            ('metrics = ["train_loss", "step"]', [], ["problem.metrics", '"step"']),
            ('metrics = ["train_loss", "score"]', [], ["bad.toml:4: problem.metrics", '"score"', 'best = "max", at_most']),
            ('metrics = [{ name = "train_loss", best = "max", at_most = 1 }]', [], ["problem.metrics", "to minimise"]),
            ('metrics = ["train_loss", "train_loss"]', [], ["problem.metrics", "twice"]),
            # Readers of netCDF accept names of at most 255 bytes. The file contains the names initial_NAME and
            # problem.NAME.
            (f'metrics = ["train_loss", "{249 * "a"}_loss"]', [], ["problem.metrics", "a name of 254 bytes", "at most 247 bytes"]),
            (f'{249 * "a"} = 1', ['"{' + 249 * "a" + '}"'], ["problem.aaa", "a name of 249 bytes", "at most 247 bytes"])]:
        tests.write("bad.toml", "recorder.py", arguments or ['"x"'], problem)
        check_refused(tests, words)
    tests.write("bad.toml", "recorder.py", ['"x"'])
    for settings, words in [
            (["grid.stepsize=\"theory\""], ["grid.stepsize", '"theory"', "unknown for a program"]),
            (["problem.command=[\"no-such-program\"]"], ["problem.command", "no-such-program", "PATH"]),
            (["problem.command=[\"./bad.toml\"]"], ["problem.command", "./bad.toml", "not a program on this machine"]),
            (["problem.command=[\"{seed}\"]"], ["problem.command", "placeholder in the program's name"]),
            (["problem.command=[]"], ["problem.command", "allowed: a list of texts"]),
            (["sgd.sampling=\"full_batch\""], ["sgd.sampling", "allowed for command"]),
            (["axes={'problem.timeout'=[1, 2]}"], ["problem.timeout", "changes no result"]),
            (["axes={'problem.width'=[1, 2]}"], ["problem.width", "{width}"])]:
        check_refused(tests, words, *[word for setting in settings for word in ("--set", setting)])
    ended = tests.program("run", "bad.toml", "-o", "bad.h5", "--set", "problem.width=1", ranks=2)
    assert ended.returncode == 2 and not Path("bad.h5").exists(), (ended.returncode, ended.stderr)


def check_refused(tests, words, *options):
    ended = tests.program("plan", "bad.toml", *options)  # checks the same as `run`, without starting MPI
    lines = ended.stderr.splitlines()
    assert ended.returncode == 2 and ended.stdout == "" and len(lines) == 1, (ended.returncode, ended.stderr, words)
    for word in words:
        assert word in lines[0], (word, lines[0])


if __name__ == "__main__":
    tests = Tests(*sys.argv[1:4])
    for check in (the_best_stepsize_has_the_best_value_of_each_metric,
                  the_guards_command_is_not_for_people, bad_input_is_refused_before_anything_runs,
                  a_program_gets_all_values_unchanged, a_trial_does_not_take_itself_for_a_rank,
                  multipliers_are_written_when_they_are_read, verify_starts_no_program_unless_asked,
                  no_metric_may_have_a_name_that_the_file_uses,
                  every_failure_is_reported_and_tried_again,
                  a_drained_run_ends_its_programs_and_is_resumed,
                  a_signal_to_all_processes_fails_no_program_that_is_being_started,
                  no_process_outlives_a_killed_rank, nothing_outlives_a_killed_guard,
                  nothing_outlives_a_rank_killed_with_its_guard, the_next_run_removes_what_a_killed_job_has_left,
                  a_stopped_guard_holds_no_rank_up):
        begin = time.monotonic()
        check(tests)
        print(f"{check.__name__}: as it should be ({time.monotonic() - begin:.1f} s)", flush=True)
