"""Tests the output for users of a cluster: the command that `plan --sbatch` prints, and the report of `run` on how well
it used its ranks. tests/slurm submits such commands to Slurm.

Usage: jobs.py RHOSWEEP MPIEXEC
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import h5py

from program import ENVIRONMENT, Program, unbroken

JOBS = Path(__file__).resolve().parents[2] / "jobs"
QUICKSTART = JOBS / "sweeps" / "quickstart.toml"
# Each trial takes 0.3 s, except the last two, which take 0.6 s.
PROGRAMS = """\
[problem]
kind = "command"
command = ["sh", "-c", "sleep {rho}; echo '{{\\"step\\": 10, \\"train_loss\\": {rho}}}'"]
[sgd]
steps = 10
[grid]
stepsize = 1.0
schedule = ["constant"]
rho = [0.3, 0.300001, 0.300002, 0.300003, 0.6, 0.600001]
seed = [0]
"""


def words_of(line):
    """Runs the command line in a shell with a script in place of `sbatch`. Returns the variable RHOSWEEP and the
    arguments for each call of the script."""
    folder = Path("bin")
    folder.mkdir(exist_ok=True)
    script = folder / "sbatch"
    script.write_text('#!/bin/bash\n{ printf "%s\\0" "$RHOSWEEP" "$@"; printf "\\1"; } >>calls\necho "17;cluster"\n')
    script.chmod(0o755)
    Path("calls").unlink(missing_ok=True)
    subprocess.run(["bash", "-c", line], check=True, env=os.environ | {"PATH": f"{folder.resolve()}:{os.environ['PATH']}"},
                   stdout=subprocess.DEVNULL)
    return [call.split("\0")[:-1] for call in Path("calls").read_text().split("\1")[:-1]]


def the_line_is_ready_for_the_shell(program):
    sweep, file = Path("it's $HOME.toml"), "a\nb \x1b[1m.h5"
    sweep.write_text(QUICKSTART.read_text())
    setting = 'grid.schedule=["constant", "warmup(0.1, cosine)"]'
    planned = program.succeed("plan", sweep, "--sbatch", "--ranks", 3, "-o", file, "--set", setting, "--set", "grid.seed.count=4")
    assert planned.stdout.count("\n") == 1 and "\x1b" not in planned.stdout, planned.stdout
    assert "1 job of 3 ranks, predicted to take" in unbroken(planned.stderr), planned.stderr
    [[executable, ranks, limit, *rest]] = words_of(planned.stdout)
    assert os.path.samefile(executable, program.executable)
    assert ranks == "--ntasks=3" and re.fullmatch(r"--time=00:0[2-9]:00", limit), limit
    assert rest == [str(JOBS / "cluster" / "sweep.sbatch"), str(sweep), file, "--set", setting, "--set", "grid.seed.count=4"], rest
    assert not Path(file).exists(), "plan must write nothing"

    Path("-x.toml").write_text(PROGRAMS)
    dash = program.succeed("plan", "--sbatch", "--seconds-per-trial", 1, "--", "-x.toml").stdout
    assert words_of(dash)[0][-2:] == ["./-x.toml", "./-x.h5"], dash

    part = program.succeed("plan", sweep, "--sbatch", "--shard", "2/3", "--seconds-per-trial", 100, "--ranks", 1).stdout
    [[*_, script, first, second, option, shard]] = words_of(part)
    assert script.endswith("sweep.sbatch") and [first, second] == [str(sweep), "it's $HOME.2-of-3.h5"], part
    assert [option, shard] == ["--shard", "2/3"], part


def a_sweep_of_days_becomes_an_array(program):
    Path("programs.toml").write_text(PROGRAMS)
    # On one rank, 6 trials of 8 hours and a reserve of one more trial take 56 h, and 112 h on nodes of half the speed.
    # That is too long, so there are 6 jobs with one trial. Each requests (8 + 8)·2 = 32 h.
    line = program.succeed("plan", "programs.toml", "--sbatch", "--ranks", 1, "--seconds-per-trial", 8 * 3600).stdout
    run, merge = words_of(line)
    assert run[1:4] == ["--parsable", "--array=1-6", "--ntasks=1"] and re.fullmatch("--time=32:0[2-4]:00", run[4]), run
    assert [Path(run[5]).name, *run[6:]] == ["array.sbatch", "programs.toml", "programs.h5"], run
    assert merge[1:4] == ["--ntasks=1", "--dependency=afterok:17", "--kill-on-invalid-dep=yes"], merge
    assert [Path(merge[4]).name, *merge[5:]] == ["array.sbatch", "programs.toml", "programs.h5"], merge


def a_search_is_one_job_for_the_time_of_all_trials(program):
    """The rounds of a search need the results of all cells, so there are no shards. As above, all trials take 112 h."""
    Path("programs.toml").write_text(PROGRAMS)
    planned = program.succeed("plan", "programs.toml", "--sbatch", "--ranks", 1, "--seconds-per-trial", 8 * 3600,
                              "--set", "search.first_seeds=1")
    [line] = words_of(planned.stdout)
    assert line[1] == "--ntasks=1" and re.fullmatch("--time=112:0[2-4]:00", line[2]), line
    said = unbroken(planned.stderr)
    assert "the job asks for the time of all 6 trials. The first round of the search has" in said, said


def what_plan_cannot_know_is_said(program):
    Path("programs.toml").write_text(PROGRAMS)
    # A job of 4 ranks needs at least 4 of the 6 trials, so there is only one job. Each trial takes 11 hours.
    long = program.succeed("plan", "programs.toml", "--sbatch", "--ranks", 4, "--seconds-per-trial", 40000)
    assert "--array" not in long.stdout and "--ntasks=4 " in long.stdout, long.stdout
    said = unbroken(long.stderr)
    assert "75 % busy" in said and "a job asks for more than 24 h: a block takes 11 h 6 min" in said, said
    assert "without --ranks it would be as many ranks as are 95 % busy" in said, said
    chosen = program.succeed("plan", "programs.toml", "--sbatch", "--seconds-per-trial", 1)
    assert "--ntasks=6 " in chosen.stdout, chosen.stdout
    assert "ranks: the most that are 95 % busy, at most 128 and one per block" in chosen.stderr, chosen.stderr
    for arguments, words in ((["--sbatch"], "add --seconds-per-trial S, as `rhosweep try programs.toml` measures it"),
                             (["-o", "a.h5"], "--sbatch"),
                             (["--seconds-per-trial", "1e300"], "found 1e+300; allowed: at most 1e9"),
                             (["--sbatch", "--seconds-per-trial", "1e9"], "allowed: at most a year"),
                             (["--sbatch", "--seconds-per-trial", "0"], "found 0; allowed: a positive number")):
        refused = program("plan", "programs.toml", *arguments)
        assert refused.returncode == 2 and not refused.stdout, refused
        assert words in refused.stderr and len(refused.stderr.splitlines()) == 1, refused.stderr
    lost = program("plan", QUICKSTART, "--sbatch", environment={"RHOSWEEP_CLUSTER": "nowhere"})
    assert lost.returncode == 2 and "no job scripts in nowhere; set RHOSWEEP_CLUSTER" in lost.stderr, lost.stderr
    text = unbroken(program.succeed("plan", "programs.toml", "--seconds-per-trial", 10, "--ranks", 6).stdout)
    assert re.search(r"predicted time +10.0 s \(1 min 0 s of one core, at the given time", text), text
    assert "up to 6 ranks would be at least 95 % busy (10.0 s)" in text, text


def a_run_reports_how_it_used_its_ranks(program):
    Path("programs.toml").write_text(PROGRAMS)
    quiet = program.succeed("run", "programs.toml", "-o", "quiet.h5", "--overwrite", "--progress", "none", ranks=2).stderr
    assert "busy" not in quiet, quiet
    done = program.succeed("run", "programs.toml", "-o", "programs.h5", "--overwrite", "--progress", "log", ranks=2)
    assert "processors of the ranks on " in done.stderr.splitlines()[0], done.stderr
    report = re.search(r"rhosweep: 2 ranks (\d+) % busy, writing ([\d.]+) %; ([\d.]+) % of a core in use\n"
                       r"rhosweep: up to (\d) ranks? would have been at least 95 % busy \(([\d.]+) (m?s)\)\n"
                       r"rhosweep: next time, as measured: sbatch --ntasks=(\d) --time=00:0\d:00\n", done.stderr)
    assert report and max(map(len, report[0].splitlines())) <= 80, done.stderr
    with h5py.File("programs.h5") as file:
        run = file["run"]
        seconds = run["seconds"][...].ravel()
        use = {name: run[name][()] for name in ("blocks_seconds", "busy_share", "processor_share", "writing_share")}
        assert re.fullmatch(r"\S+: .+", run.attrs["processors"]), run.attrs["processors"]
    # The ranks' busy time consists of the times of the blocks and a little more.
    busy = seconds.sum() / (2 * use["blocks_seconds"])
    assert 0 <= use["busy_share"] - busy < 0.05, (use, busy)
    assert abs(float(report[1]) / 100 - use["busy_share"]) < 0.006, (report[0], use)
    assert 0 < use["processor_share"] < 0.5, "the programs sleep"
    assert 0 < use["writing_share"] < 0.5, use
    ranks, predicted = int(report[4]), float(report[5]) * {"ms": 1e-3, "s": 1}[report[6]]
    assert report[7] == report[4] and 0.9 < seconds.sum() / (ranks * predicted) < 1.06, (report[0], seconds)


def a_run_without_results_advises_nothing(program):
    Path("programs.toml").write_text(PROGRAMS.replace("echo", "exit 1; echo"))
    failed = program("run", "programs.toml", "-o", "none yet.h5", "--overwrite", "--progress", "log", "--set",
                     "grid.rho=[0.6, 0.61]")
    said = unbroken(failed.stderr)
    assert failed.returncode == 1 and re.search(r"1 rank \d+ % busy", said), said
    assert "next time" not in said and "95 % busy" not in said, said
    # The suggested command can be pasted into a shell.
    assert "to list them: rhosweep status 'none yet.h5'" in said, said


def a_stopped_run_reports_on_what_is_left(program):
    """Two trials finish before the time limit; a third one would not."""
    Path("programs.toml").write_text(PROGRAMS)
    ended = program("run", "programs.toml", "-o", "part.h5", "--overwrite", "--progress", "log", "--set",
                    "grid.rho=[1.0, 1.1, 1.2, 1.3]", "--time-limit", "4")
    assert ended.returncode == 75, ended.stderr
    assert re.search(r"up to \d ranks? would be, for what is left, at least 95 % busy", unbroken(ended.stderr)), ended.stderr


def a_run_outside_of_a_job_is_not_bound(program):
    """mpirun binds its ranks to the first cores. Two runs on a workstation would be bound to the same ones."""
    outside = {name: value for name, value in ENVIRONMENT.items() if not name.startswith("SLURM_")}
    del outside["OMPI_MCA_hwloc_base_binding_policy"]
    launched = "== mpirun{} rhosweep run"
    for policy, options in ({}, " --bind-to none"), ({"OMPI_MCA_hwloc_base_binding_policy": "core"}, ""):
        done = subprocess.run([JOBS / "cluster" / "until_done.sh", QUICKSTART, "unbound.h5", "--set", "no.key=1"],
                              env=outside | policy | {"RHOSWEEP": program.executable}, capture_output=True, text=True)
        assert done.returncode == 2 and launched.format(options) in done.stderr, (policy, done.stderr)


if __name__ == "__main__":
    tested = Program(*sys.argv[1:3])
    for check in (the_line_is_ready_for_the_shell, a_sweep_of_days_becomes_an_array,
                  a_search_is_one_job_for_the_time_of_all_trials, what_plan_cannot_know_is_said,
                  a_run_reports_how_it_used_its_ranks, a_run_without_results_advises_nothing,
                  a_stopped_run_reports_on_what_is_left, a_run_outside_of_a_job_is_not_bound):
        check(tested)
        print(f"{check.__name__}: as it should be")
