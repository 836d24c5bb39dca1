"""Tests programs that serve: one process per rank that gets trials as lines of JSON on standard input.

Usage: serving.py RHOSWEEP MPIEXEC H5DIFF
"""

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np

from program import ENVIRONMENT, Program, differences, is_alive, unbroken, wait_until

SWEEP = """\
[problem]
kind = "command"
command = [{command}]
{problem}
[sgd]
steps = 100
evaluations = 3
momentum = 0.5
[grid]
stepsize = 0.25
schedule = ["constant", "linear"]
rho = {rho}
seed = {seed}
"""

# Uses rhosweep's Python module: the same code in every mode. Its numbers depend only on its input.
TRIALS = """\
import json, os, sys
import rhosweep
assert sys.modules["rhosweep"].__file__.startswith(os.environ["PYTHONPATH"].split(":")[-1])
for trial in rhosweep.trials():
    print("noise: a line for people", {"step": 7}, flush=True)
    print('{"step": "none of rhosweep", "train_loss": "low"}', flush=True)
    with open("told.jsonl", "a") as file:
        print(json.dumps({"pid": os.getpid(), "number": trial.number, "h": trial.multipliers(), "device": trial.device,
                          "settings": trial.settings, "parameters": trial.parameters, "attempt": trial.attempt,
                          "scratch": sorted(os.listdir(trial.scratch)), "argument": sys.argv[1:]}), file=file)
    (trial.scratch / "mine").write_text("removed with the trial")
    for step, stepsize in enumerate(trial.stepsizes(), start=1):
        if step in trial.evaluation_steps:
            if not trial.report(step, train_loss=stepsize * (1 + trial.seed) if trial.rho < 4 else float("nan"), accuracy=trial.rho / 9):
                break
"""

# Reports the same numbers as TRIALS, for all trials of a message together.
BLOCKS = """\
import json, os
import rhosweep
for block in rhosweep.blocks():
    with open("blocks.jsonl", "a") as file:
        print(json.dumps({"pid": os.getpid(), "numbers": [trial.number for trial in block.trials], "table": block._table}), file=file)
    for step, stepsizes in enumerate(block.stepsizes(), start=1):
        if step in block.evaluation_steps:
            block.report(step, accuracy=[trial.rho / 9 for trial in block.trials],
                         train_loss=[stepsize * (1 + block.seed) if trial.rho < 4 else float("nan")
                                     for trial, stepsize in zip(block.trials, stepsizes)])
"""

# A program that fails in a different way for each seed. It does not use the Python module, so that it can send any
# line.
ENDINGS = """\
import json, os, shutil, signal, sys, time
def say(**members): print(json.dumps(members), flush=True)
for line in sys.stdin:
    message = json.loads(line)
    [trial] = message["trials"]
    number, seed, attempt = trial["trial"], trial["seed"], trial["attempt"]
    with open("endings.jsonl", "a") as file:
        print(json.dumps([os.getpid(), seed, attempt]), file=file)
    def end(): say(trial=number, step=100, train_loss=0.5)
    if seed in (0, 13): end()
    if seed == 1: end(); print("RuntimeError: the last words", file=sys.stderr); sys.exit(3)
    if seed == 2: os.kill(os.getpid(), signal.SIGKILL)
    if seed == 3: print("still here", flush=True); time.sleep(1000)
    if seed == 4: say(trial=number + 1000, step=100, train_loss=0.5)
    if seed == 5: say(trial=number, step=101, train_loss=0.5)
    if seed == 6: say(trial=number, failed="out of memory")
    if seed == 7: say(trial=number, step=7, train_loss=float("inf"))
    if seed == 8 and attempt < 2: sys.exit(0)
    if seed == 8: end()
    if seed == 9: say(trial=number - 1, step=100, train_loss=9); end()  # a late line of the trial before
    # One trial a process is no failure, also if the process's folder is gone before the process has ended.
    if seed == 10: shutil.rmtree(os.environ["RHOSWEEP_SCRATCH"]); say(step=100, train_loss=0.5); say(done=True); sys.exit(0)
    if seed == 12: say(trial=number, done=1)
    if seed not in (6, 12): say(trial=number, done=True)
"""

# A program that ends the trials of a message in different ways, by their index in the message.
LANES = """\
import json, math, os, sys
nan = math.nan
for line in sys.stdin:
    message = json.loads(line)
    lanes = [trial["trial"] for trial in message["trials"]]
    seed, attempt = message["trials"][0]["seed"], message["trials"][0]["attempt"]
    def say(**members): print(json.dumps(members), flush=True)
    if seed == 0 and attempt == 1:
        say(step=10, train_loss=[1, 2, nan, 4], accuracy=[0.1, 0.2, 0.3, 0.4])
        say(trial=lanes[0], step=100, train_loss=1, accuracy=0.5)
        say(trial=lanes[0], done=True)
        say(trial=lanes[1], failed="lane one")
        say(trial=[lanes[2], lanes[3]], step=100, train_loss=[5, 6], accuracy=[0.5, 1.5])
        say(done=True)
    elif seed == 0:
        assert lanes == [1, 3], lanes
        say(trial=lanes[0], step=100, train_loss=11, accuracy=1)
        say(done=True)
    elif seed == 1:
        say(step=100, train_loss=[1, 2, 3], accuracy=[0, 0, 0, 0])
        say(done=True)
    elif seed == 2:
        say(step=100, train_loss=[1, 2, 3, 4], accuracy=[0, 0, 0, 0])
        say(trial=lanes[:2], done=True)
        sys.exit(3)
"""

# Serves until its input ends, or forever. Starts descendants. A trial blocks unless the file "enough" exists.
MARK = str(os.getpid())
LONG = """\
import json, os, pathlib, subprocess, sys, time
subprocess.Popen(["sleep", "{mark}7"], start_new_session=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
scratch = os.environ["RHOSWEEP_SCRATCH"]
for line in sys.stdin:
    for trial in json.loads(line)["trials"]:
        if trial["seed"] > 0 and not pathlib.Path("enough").exists():
            pathlib.Path(f"running-{os.getpid()}").write_text(f"{os.getpid()} {scratch}")
            time.sleep(1000)
        print(json.dumps({"trial": trial["trial"], "step": 100, "train_loss": trial["stepsize"]}))
        print(json.dumps({"trial": trial["trial"], "done": True}), flush=True)
pathlib.Path(f"ended-{os.getpid()}").write_text("")
if pathlib.Path("stubborn").exists():
    time.sleep(1000)
"""


class Tests:
    def __init__(self, rhosweep, mpiexec, h5diff):
        self.program, self.h5diff = Program(rhosweep, mpiexec), h5diff
        for name, text in {"trials.py": TRIALS, "blocks.py": BLOCKS, "endings.py": ENDINGS, "lanes.py": LANES,
                           "long.py": LONG.replace("{mark}", MARK)}.items():
            Path(name).write_text(text)

    def write(self, name, script, problem, rho="[1.0]", seed="[0]", arguments=()):
        command = ", ".join(json.dumps(word) for word in (sys.executable, script, *arguments))
        Path(name).write_text(SWEEP.format(command=command, problem=problem, rho=rho, seed=seed))

    def run(self, sweep, output, *options, ranks=0):
        return self.program("run", sweep, "-o", output, "--overwrite", "--progress", "none", *options, ranks=ranks)

    def check_same(self, a, b):
        found = differences(self.h5diff, a, b)
        assert not found, found


def lines(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def every_mode_gives_the_same_file(tests):
    problem = 'metrics = ["train_loss", "accuracy"]\ndecay = 1e-05\ntag = "a b"\ndevices_per_node = 2\nmode = "{}"\n'
    grid = {"rho": "[0.5, 1.0, 8.0]", "seed": "[3, 4]"}
    for path in Path().glob("*.jsonl"):
        path.unlink()
    tests.write("once.toml", "trials.py", problem.format("once"), **grid, arguments=["{decay}", "{tag}"])
    assert tests.run("once.toml", "once.h5").returncode == 0
    once = {told["number"]: told for told in lines("told.jsonl")}
    assert not Path("once.logs").exists()
    assert len(once) == 12 and len({told["pid"] for told in once.values()}) == 12
    Path("told.jsonl").unlink()

    tests.write("serve.toml", "trials.py", problem.format("serve"), **grid, arguments=["{decay}", "{tag}"])
    done = tests.run("serve.toml", "serve.h5", ranks=2)
    assert done.returncode == 0, done.stderr
    served = {told["number"]: told for told in lines("told.jsonl")}
    assert sorted(served) == list(range(12)) and len({told["pid"] for told in served.values()}) <= 2
    for number, told in served.items():
        assert told["settings"]["momentum"] == 0.5 and told["settings"]["nesterov"] is False
        assert told["parameters"] == {"decay": 1e-05, "tag": "a b"} and told["argument"] == ["1e-05", "a b"]
        assert told["attempt"] == 1 and told["device"] in (0, 1) and told["scratch"] == ["multipliers.txt"]
        for name in "h", "settings", "parameters":
            assert told[name] == once[number][name], (name, number)
        schedule = number // 3 % 2  # (seed, schedule, rho)
        assert max(abs(h - (1 - schedule * t / 100)) for t, h in enumerate(told["h"])) < 2e-16 and len(told["h"]) == 100
    with h5py.File("once.h5") as file:
        expected = 0.25 * np.array([0.5, 1.0]) * 4  # constant schedule, seed 3
        np.testing.assert_array_equal(file["final_train_loss"][0, 0, :2], expected)
        assert (file["status"][..., 2] == 2).all() and (file["diverged_step"][..., 2] == 1).all()

    tests.write("blocks.toml", "blocks.py", problem.format("serve") + "trials_at_once = 4", **grid, arguments=["{decay}{tag}"])
    assert tests.run("blocks.toml", "blocks.h5").returncode == 0
    widths = [len(told["numbers"]) for told in lines("blocks.jsonl")]
    assert widths == [4, 2, 4, 2] and len({told["pid"] for told in lines("blocks.jsonl")}) == 1, widths
    # Combines blocks with a program for single trials, and single trials with a program for blocks.
    assert tests.run("serve.toml", "mixed.h5", "--set", "problem.trials_at_once=5").returncode == 0
    assert tests.run("blocks.toml", "single.h5", "--set", "problem.mode='once'", "--set", "problem.trials_at_once=1").returncode == 0
    for path in "serve.h5", "mixed.h5", "blocks.h5", "single.h5":
        # The files are not equal as a whole: the command is part of the sweep and differs.
        with h5py.File("once.h5") as a, h5py.File(path) as b:
            for name in "status", "train_loss", "final_accuracy", "diverged_step", "checksum":
                np.testing.assert_array_equal(a[name][...], b[name][...], err_msg=f"{name} of {path}")
    verified = tests.program.succeed("verify", "blocks.h5", "--trials", "4", "--run-programs")
    assert "4 cells recomputed, 0 differ" in verified.stdout, verified.stdout


def the_table_of_multipliers_is_numpys(tests):
    Path("table.py").write_text("""\
import json, os, sys
import numpy as np
for line in sys.stdin:
    message = json.loads(line)
    table = np.load(message["multipliers"])
    columns = [np.loadtxt(trial["multipliers"]) for trial in message["trials"]]
    same = table.shape == (100, len(columns)) and (table == np.stack(columns, axis=1)).all()
    print(json.dumps({"step": 100, "train_loss": [float(same)] * len(columns)}))
    print(json.dumps({"done": True}), flush=True)
""")
    tests.write("table.toml", "table.py", 'mode = "serve"\ntrials_at_once = 6', rho="[1.0, 2.0, 3.0]")
    assert tests.run("table.toml", "table.h5").returncode == 0
    with h5py.File("table.h5") as file:
        assert (file["final_train_loss"][...] == 1).all()


def every_failure_fails_the_trial_in_hand(tests):
    Path("endings.jsonl").unlink(missing_ok=True)
    tests.write("endings.toml", "endings.py", 'mode = "serve"\nattempts = 2\ntimeout = 4.0', seed="{ from = 0, count = 13 }")
    only_one = ["--set", 'grid.schedule=["linear"]']
    ended = tests.run("endings.toml", "endings.h5", *only_one)
    assert ended.returncode == 1, (ended.returncode, ended.stderr)
    with h5py.File("endings.h5") as file:
        status, attempts = file["status"][...].ravel().tolist(), file["run/attempt"][...].ravel().tolist()
        final, step = file["final_train_loss"][...].ravel(), file["diverged_step"][...].ravel()
    D, V, F = 1, 2, 3
    #               0  1  2  3  4  5  6  7  8  9  10 11 12
    assert status == [D, F, F, F, F, F, F, V, D, D, D, F, F], status
    assert attempts == [1, 2, 2, 2, 2, 2, 2, 1, 2, 1, 1, 2, 2], attempts
    assert step[7] == 7 and final[7] == math.inf and (final[[0, 8, 9, 10]] == 0.5).all(), final
    messages = unbroken(ended.stderr)
    for seed, words in {1: ["exit code 3", "the last words"], 2: ["killed by signal 9"], 3: ["no output for 4.0 s"],
                        4: ["which the program does not have"], 5: ["an integer in [0, 100]"], 6: ["out of memory"],
                        11: ["did not report train_loss at step 100"], 12: ['"done" is not true or false']}.items():
        found = [line for line in messages.splitlines() if f"seed {seed} failed" in line]
        assert len(found) == 2 and all(word in line for word in words for line in found), (seed, found)
    # A failed trial is tried again in a fresh process. Trials that end well share a process.
    told = lines("endings.jsonl")
    processes = {(seed, attempt): pid for pid, seed, attempt in told}
    for seed in 1, 2, 3, 4, 5, 6, 8, 11, 12:
        assert processes[seed, 1] != processes[seed, 2], seed
    assert processes[0, 1] == processes[1, 1] and processes[8, 2] == processes[9, 1] == processes[10, 1] != processes[11, 1], processes
    # If a process ends before it reports about a trial, this counts as a failed attempt only for the process's first
    # trial.
    assert [attempt for _, seed, attempt in told if seed == 8] == [1, 1, 2]

    Path("endings.jsonl").unlink()
    few = tests.run("endings.toml", "few.h5", *only_one, "--set", "problem.trials_per_process=2", "--set", "grid.seed=[0, 7, 13]")
    assert few.returncode == 0, few.stderr
    pids = [pid for pid, _, _ in lines("endings.jsonl")]
    assert pids[0] == pids[1] != pids[2], pids


def lanes_fail_alone(tests):
    for path in Path().glob("*.logs/*"):
        path.unlink()
    tests.write("lanes.toml", "lanes.py", 'logs = true\nmetrics = ["train_loss", "accuracy"]\nmode = "serve"\ntrials_at_once = 4\nattempts = 2',
                rho="[1.0, 2.0]", seed="[0, 1, 2]")
    # Existing files or links at the names of logs are removed, or the trial fails. They are never written to.
    Path("precious").write_text("precious")
    Path("lanes.logs").mkdir(exist_ok=True)
    Path("lanes.logs/0.txt").symlink_to("../precious")
    os.link("precious", "lanes.logs/4.txt")
    os.mkfifo("lanes.logs/8.txt")
    ended = tests.run("lanes.toml", "lanes.h5")
    assert ended.returncode == 1 and Path("precious").read_text() == "precious", ended.stderr
    with h5py.File("lanes.h5") as file:
        status, final = file["status"][...].reshape(3, 4), file["final_train_loss"][...].reshape(3, 4)
        curve, attempts = file["train_loss"][...].reshape(3, 4, 3), file["run/attempt"][...].reshape(3, 4)
    D, V, F = 1, 2, 3
    assert status.tolist() == [[D, D, V, F], [F, F, F, F], [D, D, F, F]], status
    assert final[0].tolist()[:3] == [1, 11, math.inf] and final[2, :2].tolist() == [1, 2], final
    assert curve[0, 0].tolist()[1:] == [1, 1] and curve[0, 2].tolist()[1:] == [math.inf, math.inf], curve
    assert (attempts == 2).all(), "the attempts of a block are those of its most often tried trial"
    # Output is kept beside the results. The file of a message is named after its first trial and has all attempts in
    # order.
    logs = {path.name: path.read_text() for path in Path("lanes.logs").iterdir()}
    assert sorted(logs) == ["0.txt", "1.txt", "10.txt", "4.txt", "8.txt"], sorted(logs)
    assert logs["0.txt"].startswith("rhosweep: trial 0 and 3 more trials: schedule constant, rho 1, seed 0, attempt 1\n")
    assert '"failed": "lane one"' in logs["0.txt"] and "attempt 2" not in logs["0.txt"]
    assert logs["1.txt"].startswith("rhosweep: trial 1 and 1 more trial: schedule constant, rho 2, seed 0, attempt 2\n{")
    assert logs["4.txt"].count("rhosweep: trial 4") == 2, "both attempts"
    Path("elsewhere").mkdir(exist_ok=True)
    Path("linked.logs").unlink(missing_ok=True)
    Path("linked.logs").symlink_to("elsewhere")
    linked = tests.run("lanes.toml", "linked.h5")
    assert linked.returncode == 2 and "linked.logs, which is a link or no folder" in unbroken(linked.stderr), linked.stderr
    assert not Path("linked.h5").exists() and not list(Path("elsewhere").iterdir())
    messages = unbroken(ended.stderr)
    for words in ("lane one", "accuracy is 1.5, above its bound 1", '"train_loss" has 3 values instead of 4',
                  "and 1 more trial failed: exit code 3", "did not report train_loss at step 100"):
        assert words in messages, (words, messages)


def begin_long(tests, output, *options, ranks=0, at_once=1):
    for pattern in "running-*", "ended-*", "enough", "stubborn":
        for path in Path().glob(pattern):
            path.unlink()
    Path(output).unlink(missing_ok=True)
    tests.write("long.toml", "long.py", f'mode = "serve"\ntrials_at_once = {at_once}', seed="{ from = 0, count = 3 }",
                rho="[1.0, 2.0]")
    command = tests.program.command("run", "long.toml", "-o", output, "--progress", "none", *options, ranks=ranks)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    wait_until(lambda: len(running()) >= max(1, ranks), "trials")
    return process


def running():
    return [words for words in (path.read_text().split() for path in Path().glob("running-*")) if len(words) == 2]


def check_nothing_is_left():
    for pid, scratch in running():
        wait_until(lambda: not is_alive(pid), f"the end of {pid}", 6)
        wait_until(lambda: not Path(scratch).exists(), f"the end of {scratch}", 6)
    wait_until(lambda: subprocess.run(["pgrep", "-f", f"^sleep {MARK}7$"], stdout=subprocess.DEVNULL).returncode == 1, "descendants", 6)


def check_resumes(tests, output):
    Path("enough").touch()
    tests.program.succeed("run", "long.toml", "-o", output, "--resume", "--progress", "none")
    tests.check_same("whole.h5", output)
    check_nothing_is_left()


def a_program_ends_at_the_end_of_its_input(tests):
    process = begin_long(tests, "whole.h5")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    for stubborn in False, True:
        Path("enough").touch()
        if stubborn:
            Path("stubborn").touch()
        begin = time.monotonic()
        tests.program.succeed("run", "long.toml", "-o", "whole.h5", "--overwrite", "--progress", "none")
        assert Path().glob("ended-*") and (time.monotonic() - begin > 2) == stubborn, "killed after two seconds"
        check_nothing_is_left()
    assert len(list(Path().glob("ended-*"))) == 2


def a_stopped_run_is_resumed(tests):
    stops = ((), signal.SIGTERM, 0, 1), ((), signal.SIGUSR1, 2, 1), (("--time-limit", "4s"), None, 0, 1), \
        ((), signal.SIGUSR1, 2, 4), (("--time-limit", "4s"), None, 0, 4)
    for options, number, ranks, at_once in stops:
        process = begin_long(tests, "stopped.h5", *options, ranks=ranks, at_once=at_once)
        if number:
            process.send_signal(number)
        error = process.communicate(timeout=15)[1]
        assert process.returncode == 75, (process.returncode, error)
        check_nothing_is_left()
        with h5py.File("stopped.h5") as file:
            assert (file["status"][0] == 1).all() and (file["status"][...] == 0).any()
        check_resumes(tests, "stopped.h5")


def a_killed_run_is_resumed(tests):
    kills = ("rank alone", 1), ("rank", 1), ("mpirun", 1), ("program", 1), ("rank", 4), ("mpirun", 4), ("program", 4)
    for victim, at_once in kills:
        process = begin_long(tests, "killed.h5", ranks=0 if victim == "rank alone" else 2, at_once=at_once)
        if victim == "program":
            Path("enough").touch()
            for pid, _ in running():
                os.kill(int(pid), signal.SIGKILL)
            error = unbroken(process.communicate(timeout=20)[1])
            assert process.returncode == 1 and "killed by signal 9" in error, (process.returncode, error)
        else:
            pid = process.pid
            if victim == "rank":
                pid = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[-1])
            os.kill(pid, signal.SIGKILL)
            process.communicate(timeout=20)
        check_nothing_is_left()
        check_resumes(tests, "killed.h5")


def bad_input_is_refused(tests):
    for problem, arguments, words in [
            ('mode = "server"', [], ["problem.mode", '"once" or "serve"']),
            ("trials_at_once = 2", [], ["problem.trials_at_once", 'only with problem.mode = "serve"']),
            ("trials_per_process = 5", [], ["problem.trials_per_process", 'only with problem.mode = "serve"']),
            ('mode = "serve"\ntrials_at_once = 0', [], ["problem.trials_at_once", "found 0"]),
            ('mode = "serve"', ["{stepsize}"], ["problem.command", "{stepsize}", 'mode = "serve"']),
            ('mode = "serve"\ntimout = 3', [], ["problem.timout", "did you mean 'timeout'?"]),
            ('mode = "serve"\nwidth = 3', [], ["problem.width", "unknown key", "{width}"])]:
        tests.write("bad.toml", "trials.py", problem, arguments=arguments)
        done = tests.program("plan", "bad.toml")
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and done.stdout == "", (done.stderr, words)
        for word in words:
            assert word in done.stderr, (word, done.stderr)


def a_block_is_tried(tests):
    done = tests.program.succeed("try", "blocks.toml")
    for words in "4 trials, the first: ", "> {\"trial\": [0, 1, 2, 3], \"step\": 1,", "4 trials took", "All 12 of the sweep":
        assert words in done.stdout, (words, done.stdout)


if __name__ == "__main__":
    tests = Tests(*sys.argv[1:4])
    for check in (bad_input_is_refused, every_mode_gives_the_same_file, a_block_is_tried, the_table_of_multipliers_is_numpys,
                  every_failure_fails_the_trial_in_hand, lanes_fail_alone, a_program_ends_at_the_end_of_its_input,
                  a_stopped_run_is_resumed, a_killed_run_is_resumed):
        begin = time.monotonic()
        check(tests)
        print(f"{check.__name__}: as it should be ({time.monotonic() - begin:.1f} s)", flush=True)
