"""Runs the job scripts on a real Slurm cluster. However the job is disturbed, the finished results file must equal that
of an undisturbed run.

Usage: jobs_on_slurm.py RHOSWEEP MPIEXEC CASE H5DIFF REFERENCE.h5 PROCESSORS_OF_A_NODE.so
"""

import csv
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from decimal_commas import decimal_commas
from program import Program, differences, without_mpirun
from slurm_cluster import ENVIRONMENT, Cluster, enter_namespaces, read, wait_until
from undisturbed import SWEEP

JOBS = Path(__file__).resolve().parents[2] / "jobs"
ENDLESS = ["--set", "sgd.steps=1000000000"]  # no block ends within a test
SHORT = ["--set", "sgd.steps=2000", "--set", "grid.seed.count=4"]  # a second of work
ONE_RANK = ["--nodes=1", "--ntasks=1"]


class Jobs:
    """Submits the scripts and checks their logs and results files."""

    def __init__(self, program, cluster, h5diff, reference):
        self.program, self.cluster, self.h5diff, self.reference = program, cluster, h5diff, reference
        # These file names break a shell command that does not quote them.
        self.sweep, self.file, self.log = Path("a sweep; exit 3.toml"), Path("$(out) 1.h5"), Path("job.log")
        for path in Path().iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        self.sweep.write_text(SWEEP)
        Path("jobs here").symlink_to(JOBS)
        self.folder = Path("jobs here") / "cluster"

    def submit(self, script, *options, launcher="mpirun", slurm=(), sweep=None, file=None, log=None, environment=None,
               stdin=None, merge=False):
        """Submits a script for both nodes, with one rank each unless `slurm` says otherwise. Returns the job's
        number."""
        options = options if merge else ["--progress", "none", *options]
        environment = {"RHOSWEEP": self.program.executable, "RHOSWEEP_LAUNCHER": launcher, **(environment or {})}
        return self.cluster.submit("--nodes=2", "--ntasks-per-node=1", *slurm, self.folder / script,
                                   sweep or self.sweep, file or self.file, *options,
                                   log=log or self.log, environment=environment, stdin=stdin)

    def finished(self):
        """Returns the number of finished cells in the results file and the number of all its cells."""
        if not self.file.exists():
            return 0, 1
        text = self.program.succeed("status", self.file).stdout
        return tuple(map(int, re.search(r"(\d+) of (\d+) cells finished", text).groups()))

    def wait_for_cells(self, more_than=0):
        """Waits until the sweep is running and more than this many cells are finished. Returns the number of finished
        cells."""
        finished = wait_until(lambda: self.finished()[0] if self.finished()[0] > more_than else None,
                              f"more than {more_than} cells are finished")
        assert finished < self.finished()[1], "the sweep was over before the test could disturb it"
        return finished

    def expect(self, job, state, code):
        assert self.cluster.wait(job) == (state, code), f"job {job} ended as {self.cluster.wait(job)}"

    def expect_finished(self, job):
        self.expect(job, "COMPLETED", 0)
        self.expect_same_file()

    def expect_same_file(self):
        found = differences(self.h5diff, self.reference, self.file)
        assert not found, f"the file differs from the undisturbed one:\n{found}"

    def text(self, log=None):
        log = Path(log or self.log)
        return log.read_text(errors="replace") if log.exists() else ""

    def expect_text(self, *texts, log=None):
        for text in texts:
            assert text in self.text(log), f"'{text}' is not in {log or self.log}"

    def noting_program(self, command):
        """Returns the environment of a job whose ranks run a shell command before rhosweep. notes() returns the lines
        that the command wrote."""
        program = Path("noting")
        program.write_text('#!/bin/sh\n'
                           f'[ -z "$OMPI_COMM_WORLD_RANK$PMIX_RANK" ] || ({command}) >>"{Path.cwd()}/notes.txt"\n'
                           f'exec "{self.program.executable}" "$@"\n')
        program.chmod(0o755)
        return {"RHOSWEEP": program.resolve()}

    def notes(self):
        return self.text("notes.txt").splitlines()

    def ranks(self, *nodes):
        """Returns the ids of rhosweep's processes on these nodes."""
        executable = os.path.realpath(self.program.executable)
        return [pid for node in nodes for pid in processes(node) if link(f"/proc/{pid}/exe") == executable]

    def running(self, file):
        """Returns the ids of the processes on n1 that have the results file open. If there are any, all ranks have
        started."""
        def opens(pid):
            folder = Path(f"/proc/{pid}/fd")
            try:
                return any(Path(link(entry) or "").name == file for entry in folder.iterdir())
            except OSError:  # the process has ended
                return False
        return [pid for pid in self.ranks("n1") if opens(pid)]

    def signal_ranks(self, number, *nodes):
        ranks = self.ranks(*nodes)
        assert ranks, f"no ranks on {nodes}"
        for pid in ranks:
            os.kill(pid, number)


def sweep_by_mpirun(jobs):
    job = jobs.submit("sweep.sbatch")
    jobs.expect_finished(job)
    jobs.expect_text(f"job {job}, restart 0, nodes n[1-2], ranks 1(x2) per node", "rhosweep_version", "mpirun (Open MPI)",
                     "until 20")


def sweep_by_srun(jobs):
    job = jobs.submit("sweep.sbatch", launcher="srun", slurm=["--ntasks-per-node=2"])
    jobs.expect_finished(job)
    jobs.expect_text("ranks 2(x2) per node", "slurm-wlm")


def four_nodes_over_tcp(jobs):
    job = jobs.submit("sweep.sbatch", slurm=["--nodes=4"])
    jobs.expect_finished(job)
    jobs.expect_text("nodes n[1-4], ranks 1(x4) per node")


def scaling_series(jobs):
    table = Path("scaling.csv")
    jobs.file = table
    # Numbers have decimal points in the table, whatever the locale.
    environment = {"RHOSWEEP_PYTHON": sys.executable, "RHOSWEEP_SEEDS_PER_RANK": "2", **decimal_commas()}
    job = jobs.submit("scaling.sbatch", *SHORT, slurm=["--nodes=4"], environment=environment)
    jobs.expect(job, "COMPLETED", 0)
    with open(table, newline="") as file:
        rows = {(row["series"], int(row["ranks"])): row for row in csv.DictReader(file)}
    assert list(rows) == [(series, ranks) for series in ("strong", "weak") for ranks in (1, 2, 4)], list(rows)
    for (series, ranks), row in rows.items():
        assert int(row["nodes"]) == ranks, row
        assert int(row["trials"]) == 16 * (4 if series == "strong" else 2 * ranks), row
        assert 0 < float(row["start_seconds"]) and 0 < float(row["seconds"]), row
        first = rows[series, 1]
        cost = [float(r["seconds"]) * int(r["ranks"]) / int(r["trials"]) for r in (first, row)]
        assert abs(float(row["efficiency"]) - cost[0] / cost[1]) < 2e-3 * cost[0] / cost[1], row
    assert Path("scaling.svg").stat().st_size > 1000 and not list(Path().glob("*.h5")), list(Path().iterdir())
    # Rows that are already in the table are not measured again.
    lines = table.read_text().splitlines()
    table.write_text("\n".join(lines[:-1]) + "\n")
    jobs.expect(jobs.submit("scaling.sbatch", *SHORT, slurm=["--nodes=4"], environment=environment, log="again.log"),
                "COMPLETED", 0)
    assert table.read_text().splitlines()[:-1] == lines[:-1] and "weak,4," in table.read_text(), table.read_text()
    assert jobs.text("again.log").count("rhosweep run") == 2, jobs.text("again.log")


def a_bad_start_costs_nothing(jobs):
    scripts = ["sweep.sbatch", "preemptible.sbatch", "until_done.sh"]
    bad_sweeps = [jobs.submit(script, sweep="missing.toml", launcher=launcher, log=f"missing.{script}.log")
                  for script, launcher in zip(scripts, ["srun", "mpirun", "mpirun"])]
    bad_launcher = jobs.submit("sweep.sbatch", launcher="rsh", log="launcher.log")
    bad_usage = [jobs.cluster.submit(jobs.folder / script, jobs.sweep, log=f"usage.{script}.log") for script in scripts]
    bad_check = jobs.submit("sweep.sbatch", log="check.log", environment={"RHOSWEEP_END_CHECK": "5m"})
    for job in [*bad_sweeps, bad_launcher, bad_check, *bad_usage]:
        jobs.expect(job, "FAILED", 2)
    for script in scripts:
        jobs.expect_text("missing.toml: No such file", log=f"missing.{script}.log")
        jobs.expect_text(f"usage: {script} SWEEP.toml FILE.h5", log=f"usage.{script}.log")
    jobs.expect_text("RHOSWEEP_LAUNCHER is rsh; allowed: mpirun, srun", log="launcher.log")
    jobs.expect_text("RHOSWEEP_END_CHECK is 5m; allowed: a whole number", log="check.log")
    assert not jobs.file.exists()


def a_failed_trial_brings_no_lines_of_the_launcher(jobs):
    Path("failing.toml").write_text('[problem]\nkind = "command"\ncommand = ["false"]\n[sgd]\nsteps = 1\n[grid]\n'
                                    'stepsize = 1.0\nschedule = ["constant"]\nrho = [1.0, 2.0]\nseed = [0]\n')
    job = jobs.submit("sweep.sbatch", sweep="failing.toml", file="failing.h5")
    jobs.expect(job, "FAILED", 1)
    lines = without_mpirun(jobs.text().split("rhosweep run", 1)[1]).splitlines()[1:]
    assert "2 trials failed" in jobs.text() and not [line for line in lines if "mpirun" in line or "---" in line], lines


# The trial runs another rhosweep sweep, which uses MPI, and reports that sweep's number of ranks as its loss.
MPI_TRIAL = """\
"$1" run inner.toml -o "$RHOSWEEP_SCRATCH/inner.h5" --progress none >&2 &&
  echo "{\\"step\\": 10, \\"train_loss\\": $("$1" status "$RHOSWEEP_SCRATCH/inner.h5" | sed -n 's/^ *mpi_size: *//p')}"
"""
INNER = """\
problem = { kind = "quadratic" }
sgd = { steps = 10 }
grid = { stepsize = 0.1, schedule = ["constant"], rho = [1.0], seed = [0, 1] }
"""


def a_trial_may_use_mpi_under_srun(jobs):
    """The variables of Slurm and PMIx do not make the trial join the job's MPI ranks."""
    Path("trial.sh").write_text(MPI_TRIAL)
    Path("inner.toml").write_text(INNER)
    Path("outer.toml").write_text(re.sub("command = .*", f'command = ["sh", "trial.sh", "{jobs.program.executable}"]', PROGRAM))
    for launcher in "srun", "mpirun":
        job = jobs.submit("sweep.sbatch", launcher=launcher, sweep="outer.toml", file=f"{launcher}.h5",
                          slurm=["--ntasks-per-node=2"])
        jobs.expect(job, "COMPLETED", 0)
        cells = list(csv.DictReader(jobs.program.succeed("export", f"{launcher}.h5").stdout.splitlines()))
        assert [float(cell["final_train_loss"]) for cell in cells] == [1.0] * 6, cells


def an_array_of_shards_is_merged(jobs):
    """A job that depends on the array merges the shards. A merge fails while a shard is missing and works once it is
    back."""
    file = jobs.file
    array = jobs.submit("array.sbatch", slurm=[*ONE_RANK, "--array=1-3"], log="shard-%a.log")
    merge = jobs.submit("array.sbatch", slurm=[*ONE_RANK, f"--dependency=afterok:{array}", "--kill-on-invalid-dep=yes"],
                        merge=True)
    jobs.expect_finished(merge)
    for index in 1, 2, 3:
        jobs.expect_text(f"--shard {index}/3", log=f"shard-{index}.log")
        assert file.with_suffix(f".{index}-of-3.h5").exists()
    file.unlink()
    lost = file.with_suffix(".2-of-3.h5").rename("lost.h5")
    incomplete = jobs.submit("array.sbatch", slurm=ONE_RANK, log="incomplete.log", merge=True)
    jobs.expect(incomplete, "FAILED", 75)
    lost.rename(file.with_suffix(".2-of-3.h5"))
    jobs.expect_finished(jobs.submit("array.sbatch", slurm=ONE_RANK, log="whole.log", merge=True))


def a_part_of_an_array(jobs):
    """Some tasks of an array run in a separate job. Later jobs do not get that job's environment. A merge uses only the
    shards of its own results file, and accepts the options of `rhosweep merge`."""
    def submit(*options, array=None, **how):
        slurm = [*ONE_RANK, *([f"--array={array}"] if array else [])]
        return jobs.submit("array.sbatch", *options, slurm=slurm, merge=not array, **how)

    jobs.file = Path("study.h5")
    unknown = submit(*SHORT, array="2,4", log="unknown.log")
    part = submit(*SHORT, array="2,4", log="part-%a.log", environment={"RHOSWEEP_SHARDS": "4"})
    jobs.expect(unknown, "FAILED", 2)
    jobs.expect(part, "COMPLETED", 0)
    jobs.expect_text("--shard 2/4", log="part-2.log")
    rest = [submit(*SHORT, array=array, log="rest-%a.log", launcher="srun") for array in ("1", "3")]
    too_many = submit(*SHORT, array="1-5", log="too_many.log")
    other = submit(*SHORT[2:], array="1-1", log="other.log", file="study.fine.h5")
    for job in *rest, other:
        jobs.expect(job, "COMPLETED", 0)
    jobs.expect(too_many, "FAILED", 2)
    jobs.expect_text("allowed: --array within 1-4", log="too_many.log")
    nothing = submit(log="nothing.log", file="nothing.h5")
    # A job that an array task submits inherits that task's SLURM_ARRAY variables.
    merge = submit("--quiet", log="merge.log", environment={"SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_JOB_ID": part})
    bad_option = submit("--progress", "none", log="bad_option.log", file="study.fine.h5")
    jobs.expect(merge, "COMPLETED", 0)
    jobs.expect(nothing, "FAILED", 2)
    jobs.expect(bad_option, "FAILED", 2)
    jobs.expect_text("nothing.I-of-N.h5 to merge; forgot --array?", log="nothing.log")
    jobs.program.succeed("run", jobs.sweep, "-o", "whole.h5", *SHORT)
    assert not differences(jobs.h5diff, "whole.h5", jobs.file)


def an_environment_that_is_not_passed_on_is_said(jobs):
    """Of the user's variables, the script gets only those that --export names. By itself, srun would pass only these to
    the ranks, too, so without PATH; then the ranks would find no program by its name."""
    names = "RHOSWEEP,RHOSWEEP_LAUNCHER"
    program = jobs.noting_program("env")
    job = jobs.submit("sweep.sbatch", *SHORT, launcher="srun", slurm=[*ONE_RANK, f"--export={names}"], environment=program)
    jobs.expect(job, "COMPLETED", 0)
    assert any(line.startswith("PATH=") for line in jobs.notes())
    jobs.expect_text(f"not passed on (--export={names}); if anything is missing, submit with --export=ALL")


def a_script_finds_its_folder(jobs):
    """Tests a renamed script, a copy in another folder, a piped copy, and a heterogeneous job, for which scontrol
    prints all components at once."""
    heads = [re.search(r"# Finds the folder of cluster\.sh:.*?\nsource [^\n]*", path.read_text(), re.DOTALL)
             for path in (JOBS / "cluster").iterdir() if path.read_bytes().startswith(b"#!")]
    assert len({head and head.group() for head in heads}) == 1, "the scripts find cluster.sh in different ways"
    renamed, copy = Path("scripts of mine"), Path("copy = 1.sbatch")
    shutil.copytree(jobs.folder, renamed)
    (renamed / "sweep.sbatch").rename(renamed / "Command=a b.sh")
    shutil.copy(jobs.folder / "sweep.sbatch", copy)
    folder = {"RHOSWEEP_CLUSTER": jobs.folder.resolve()}
    submitted = {
        "renamed": jobs.submit(Path.cwd() / renamed / "Command=a b.sh", *SHORT, slurm=ONE_RANK, file="1.h5", log="1.log"),
        "copy": jobs.submit(Path.cwd() / copy, *SHORT, slurm=ONE_RANK, file="2.h5", log="2.log"),
        "piped": jobs.submit("/dev/stdin", *SHORT, slurm=ONE_RANK, file="3.h5", log="3.log", stdin=copy),
        "piped, told": jobs.submit("/dev/stdin", *SHORT, slurm=ONE_RANK, file="4.h5", log="4.log", stdin=copy,
                                   environment=folder),
        "heterogeneous": jobs.submit("sweep.sbatch", *SHORT, slurm=[*ONE_RANK, "--time=5", ":", *ONE_RANK], file="5.h5",
                                     log="5.log"),
    }
    Path("rhosweep").symlink_to(jobs.program.executable)
    nowhere = jobs.submit("/dev/stdin", slurm=ONE_RANK, log="6.log", stdin=copy,
                          environment={"RHOSWEEP": Path.cwd() / "rhosweep"})
    for job in submitted.values():
        jobs.expect(job, "COMPLETED", 0)
    jobs.expect(nowhere, "FAILED", 2)
    jobs.expect_text("until 20", log="5.log")
    jobs.expect_text("set RHOSWEEP_CLUSTER to rhosweep's folder jobs/cluster", log="6.log")


def a_task_of_an_array_knows_its_end(jobs):
    """The last task has the array's job id, for which scontrol lists every task. Since Slurm 23.02, Slurm sets
    SLURM_JOB_END_TIME to the job's end; with older versions it may be inherited from the job that submitted this one."""
    end = {"SLURM_JOB_END_TIME": "4000000000", "TZ": "UTC"}
    array = jobs.submit("array.sbatch", *ENDLESS, slurm=[*ONE_RANK, "--array=1-2", "--time=5"], log="%a.log", environment=end)
    for log in "1.log", "2.log":
        wait_until(lambda: "rhosweep run" in jobs.text(log), "the task runs")
        assert re.search(r"until 20[2-4]", jobs.text(log)) and "until 2096" not in jobs.text(log), jobs.text(log)
    jobs.cluster.command("scancel", array)
    job = jobs.submit("sweep.sbatch", *SHORT, slurm=["--time=5"], environment=end | newer_slurm())
    jobs.expect(job, "COMPLETED", 0)
    if slurm_version(jobs.cluster) >= (23, 2):
        assert re.search(r"until 20[2-4]", jobs.text()), jobs.text()
    else:
        jobs.expect_text("until 2096-10-02 07:06:40 UTC")


def slurm_version(cluster):
    version = re.search(r"(\d+)\.(\d+)", cluster.command("scontrol", "--version"))
    return int(version[1]), int(version[2])


def with_scontrol(lines):
    """Returns an environment with a program scontrol that runs these lines of shell, in which $scontrol is Slurm's."""
    scontrol = Path("other") / "scontrol"
    scontrol.parent.mkdir()
    scontrol.write_text(f"#!/bin/sh\nscontrol={shutil.which('scontrol', path=ENVIRONMENT['PATH'])}\n{lines}")
    scontrol.chmod(0o755)
    return {"PATH": f"{scontrol.parent.resolve()}:{ENVIRONMENT['PATH']}"}


def newer_slurm():
    """Returns an environment in which scontrol reports Slurm 23.02, so that the script reads SLURM_JOB_END_TIME."""
    return with_scontrol('[ "$1" != --version ] || exec echo slurm 23.02.6\nexec "$scontrol" "$@"\n')


def a_job_that_is_given_more_time_goes_on(jobs):
    """Until the ranks start, scontrol says that the job ends in ten seconds, so they drain. Then it knows a later end, so
    the script starts the ranks again."""
    environment = with_scontrol(f"""\
[ "$1" != --version ] || exec echo slurm 22.05.8
record=$("$scontrol" "$@") || exit
if ! grep -q "rhosweep run" "{jobs.log.resolve()}"; then
  record=$(printf '%s' "$record" | sed "s/ EndTime=[^ ]*/ EndTime=$(($(date +%s) + 10))/")
fi
printf '%s\\n' "$record"
""")
    job = jobs.submit("sweep.sbatch", *ENDLESS, slurm=["--time=5"], environment=environment)
    wait_until(lambda: "the job now ends at" in jobs.text(), "the ranks drain at the former end")
    wait_until(lambda: jobs.text().count("rhosweep run") == 2, "the sweep goes on")
    jobs.cluster.command("scancel", job)
    wait_until(lambda: jobs.cluster.state(job) == "CANCELLED", "the job is cancelled")
    assert jobs.text().count("the job now ends at") == 1


def a_job_whose_time_is_shortened_drains_before_its_end(jobs):
    """The ranks know only the end time that the job had at its start, so the script must drain them."""
    Path("endless.toml").write_text(PROGRAM.replace("sleep 0.4", "sleep 1000"))
    job = jobs.submit("sweep.sbatch", sweep="endless.toml", slurm=[*ONE_RANK, "--time=10"],
                      environment={"RHOSWEEP_END_CHECK": "2"})
    wait_until(lambda: "rhosweep run" in jobs.text(), "the sweep runs")
    jobs.cluster.command("scontrol", "update", f"JobId={job}", "TimeLimit=1")
    jobs.expect(job, "FAILED", 75)
    jobs.expect_text("before the ranks would stop", "asked to end", "stopped by SIGUSR1")
    assert jobs.text().count("rhosweep run") == 1, "the sweep was started again"


# Each trial takes some tenths of a second.
PROGRAM = """\
[problem]
kind = "command"
command = ["sh", "-c", "sleep 0.4; echo '{{\\"step\\": 10, \\"train_loss\\": {rho}}}'"]
[sgd]
steps = 10
[grid]
stepsize = 1.0
schedule = ["constant", "linear"]
rho = [0.5, 1.0, 2.0]
seed = [0]
"""


def seconds_of(text):
    """Returns the seconds of a time that Slurm prints: D-HH:MM:SS."""
    days, _, time = text.rpartition("-")
    hours, minutes, seconds = map(int, time.split(":"))
    return ((int(days or 0) * 24 + hours) * 60 + minutes) * 60 + seconds


def the_line_of_plan_runs_the_sweep(jobs):
    """Submits the command of `plan --sbatch` unchanged: for a built-in sweep, for programs with the time that `try`
    measures, and for a sweep of days, for which plan prints a job array."""
    def submit(*arguments):
        line = jobs.program.succeed("plan", *arguments, "--sbatch").stdout
        assert line.count("\n") == 1, line
        done = subprocess.run(["bash", "-c", line], env=ENVIRONMENT, capture_output=True, text=True)
        assert done.returncode == 0, f"{line}{done.stderr}"
        job = re.fullmatch(r"Submitted batch job (\d+)\n", done.stdout)[1]
        jobs.cluster.logs.append(Path(f"slurm-{job}.out"))
        return job, line

    Path("programs.toml").write_text(PROGRAM)
    tried = jobs.program.succeed("try", "programs.toml").stdout
    seconds = re.search(r"--seconds-per-trial (\S+)$", tried, re.MULTILINE)[1]
    assert 0.4 < float(seconds) < 5, tried
    short, _ = submit("programs.toml", "--seconds-per-trial", seconds, "--ranks", 2, "-o", "2.h5")
    built_in, _ = submit(jobs.sweep, "-o", jobs.file, "--ranks", 2)
    days, line = submit("programs.toml", "--seconds-per-trial", 40000, "--ranks", 1)
    assert "--array=1-6 --ntasks=1 --time=" in line and "afterok" in line, line
    for job, ranks in (short, 2), (built_in, 2):
        limit = seconds_of(jobs.cluster.job(job, "TimeLimit"))
        assert 120 <= limit <= 600 and jobs.cluster.job(job, "NumTasks") == str(ranks), limit
        jobs.expect(job, "COMPLETED", 0)
    jobs.expect_same_file()
    jobs.expect_text("processors of the ranks on n", log=f"slurm-{built_in}.out")
    jobs.expect(days, "COMPLETED", 0)
    assert not differences(jobs.h5diff, "2.h5", "programs.h5")


def a_task_of_an_array_requeues_only_itself(jobs):
    array = jobs.submit("preemptible.sbatch", slurm=["--array=1-2%1"])
    jobs.wait_for_cells()
    jobs.cluster.command("scancel", f"{array}_1")
    wait_until(lambda: "job " + array in jobs.text(), "the second task begins")
    jobs.wait_for_cells(more_than=jobs.finished()[0])
    jobs.cluster.command("scancel", "--batch", "--signal=USR1", f"{array}_2")
    wait_until(lambda: "requeued" in jobs.text().replace("not requeued", ""), "the task requeues itself")
    jobs.expect_finished(f"{array}_2")
    assert jobs.cluster.job(f"{array}_2", "Restarts") == "1"
    assert jobs.cluster.state(f"{array}_1") == "CANCELLED" and jobs.cluster.job(f"{array}_1", "Restarts") == "0"


def jobs_on_one_node_share_no_core(jobs):
    """Runs two jobs of one rank each, and then a job with exclusive use of the node, where mpirun binds its ranks."""
    program = jobs.noting_program("grep -h Cpus_allowed_list /proc/self/status")
    both = [jobs.submit("sweep.sbatch", *ENDLESS, slurm=[*ONE_RANK, "--nodelist=n1"], file=f"{i}.h5", log=f"{i}.log",
                        environment=program) for i in range(2)]
    wait_until(lambda: len(jobs.notes()) == 2, "both run")
    assert sorted(jobs.notes()) == ["Cpus_allowed_list:\t0", "Cpus_allowed_list:\t1"], jobs.notes()
    assert sorted(re.search("cores (.*) of n1, 1 per rank", jobs.text(f"{i}.log"))[1] for i in range(2)) == ["0", "1"]
    wait_until(lambda: Path("0.h5").exists() and Path("1.h5").exists(), "both write")
    of_runs = [re.search("^  processors: n1: (.*)$", jobs.program.succeed("status", f"{i}.h5").stdout, re.MULTILINE)[1]
               for i in range(2)]
    assert sorted(of_runs) == ["0", "1"], of_runs
    jobs.cluster.command("scancel", *both)
    whole = jobs.submit("sweep.sbatch", *SHORT, slurm=[*ONE_RANK, "--exclusive"], environment=program)
    jobs.expect(whole, "COMPLETED", 0)
    assert re.fullmatch(r"Cpus_allowed_list:\t[01]", jobs.notes()[2]), jobs.notes()


def a_rank_may_use_all_cores_of_its_task(jobs):
    program = jobs.noting_program('echo "$(nproc) $OMP_NUM_THREADS $SLURM_CPUS_PER_TASK"')
    for launcher in "mpirun", "srun":
        job = jobs.submit("sweep.sbatch", *SHORT, launcher=launcher, slurm=["--cpus-per-task=2"], file=f"{launcher}.h5",
                          environment=program)
        jobs.expect(job, "COMPLETED", 0)
    assert jobs.notes() == ["2 2 2"] * 4, jobs.notes()


def a_restarted_slurmd_disturbs_nobody(jobs):
    job = jobs.submit("sweep.sbatch")
    jobs.wait_for_cells()
    jobs.cluster.kill_slurmd("n2")
    jobs.expect_finished(job)


def a_job_of_a_dead_node_is_requeued(jobs):
    """The job lost its first node, where its script ran, so Slurm requeues it."""
    job = jobs.submit("sweep.sbatch")
    jobs.wait_for_cells()
    jobs.cluster.kill_node("n1")
    jobs.cluster.tell_node_is_down("n1")
    wait_until(lambda: jobs.cluster.state(job) == "PENDING", "the job is requeued")
    assert not jobs.ranks("n1", "n2"), "ranks outlived their job"
    jobs.cluster.start_node("n1")
    jobs.expect_finished(job)
    jobs.expect_text("restart 1")


def a_job_whose_ranks_lost_a_node_requeues_itself(jobs):
    """The script requeues the job long before Slurm notices that the node is gone."""
    job = jobs.submit("preemptible.sbatch")
    jobs.wait_for_cells()
    jobs.cluster.kill_node("n2")
    wait_until(lambda: "requeued" in jobs.text(), "the job requeues itself")
    assert not jobs.ranks("n1", "n2"), "ranks outlived their job"
    jobs.cluster.start_node("n2")
    jobs.expect_finished(job)
    jobs.expect_text("restart 1")


def preempted_until_done(jobs, launcher, times):
    job = jobs.submit("preemptible.sbatch", launcher=launcher)
    for restart in range(times):
        wait_until(lambda: f"restart {restart}," in jobs.text(), f"restart {restart}")
        jobs.wait_for_cells(more_than=jobs.finished()[0])
        jobs.cluster.command("scancel", "--batch", "--signal=USR1", job)
        wait_until(lambda: jobs.text().count("requeued") > restart, "the job is requeued")
    jobs.expect_finished(job)
    assert jobs.cluster.job(job, "Restarts") == str(times)
    assert jobs.text().count("asked to end") == times


def preempted_under_mpirun(jobs):
    preempted_until_done(jobs, "mpirun", times=2)


def preempted_under_srun(jobs):
    preempted_until_done(jobs, "srun", times=1)


def preempted_with_grace(jobs, launcher, times):
    """Slurm preempts two jobs for one that needs whole nodes: it sends SIGTERM to the ranks and would requeue the jobs
    only after GraceTime. The scripts requeue them at once."""
    files = {"preemptible.sbatch": Path("1.h5"), "sweep.sbatch": Path("2.h5")}
    extra = times if slurm_version(jobs.cluster) >= (24, 11) else 0
    low = {script: jobs.submit(script, launcher=launcher, slurm=["--partition=low"], file=file, log=f"{script}.log")
           for script, file in files.items()}
    for restart in range(1, times + 1):
        for jobs.file in files.values():
            jobs.wait_for_cells(more_than=jobs.finished()[0])
        high = jobs.cluster.submit("--partition=high", "--nodes=2", "--exclusive", "--wrap=sleep 1", log="high.log")
        for job in low.values():
            wait_until(lambda: jobs.cluster.job(job, "Restarts") == str(restart), f"job {job} is requeued")
        jobs.expect(high, "COMPLETED", 0)
    for script, job in low.items():
        jobs.file = files[script]
        # Slurm 24.11 starts a job that was requeued during GraceTime once more when it has completed.
        wait_until(lambda: jobs.cluster.job(job, "Restarts") == str(times + extra), f"job {job} ends for good")
        jobs.expect_finished(job)
    jobs.expect_text("Slurm preempts the job; requeued", log="sweep.sbatch.log")
    assert "asked to end" not in jobs.text("sweep.sbatch.log"), "the time of grace was over"


def preempted_with_grace_under_mpirun(jobs):
    preempted_with_grace(jobs, "mpirun", times=1)


def preempted_with_grace_under_srun(jobs):
    preempted_with_grace(jobs, "srun", times=1)


def a_signal_to_the_ranks_alone_is_a_drain(jobs):
    """scancel without --batch signals the steps of the job: under srun the ranks, under mpirun the daemon that mpirun
    has started on the second node."""
    logs = {"srun": "1.log", "mpirun": "2.log"}
    running = {launcher: jobs.submit("preemptible.sbatch", *ENDLESS, launcher=launcher, file=f"{launcher}.h5", log=log)
               for launcher, log in logs.items()}
    for launcher, job in running.items():
        wait_until(lambda: Path(f"{launcher}.h5").exists(), "the ranks run")
        jobs.cluster.command("scancel", "--signal=TERM", job)
    for launcher, job in running.items():
        wait_until(lambda: "restart 1" in jobs.text(logs[launcher]), f"{launcher}: the job is requeued")
        jobs.expect_text(f"the run ended with exit code {75 if launcher == 'srun' else 205}; 0 cells are finished, 0 of them "
                         "now; requeued", log=logs[launcher])


def a_time_limit_is_no_end(jobs):
    """Slurm checks time limits only every 30 s. SIGSTOP pauses the ranks until Slurm announces the end of the job, so
    that they do not finish earlier."""
    job = jobs.submit("preemptible.sbatch", slurm=["--time=1", "--signal=B:USR1@25"])
    jobs.wait_for_cells()
    jobs.signal_ranks(signal.SIGSTOP, "n1", "n2")
    wait_until(lambda: "asked to end" in jobs.text(), "Slurm announces the end of the job")
    jobs.signal_ranks(signal.SIGCONT, "n1", "n2")
    wait_until(lambda: jobs.cluster.job(job, "Restarts") == "1", "the job is requeued")
    jobs.cluster.command("scontrol", "update", f"JobId={job}", "TimeLimit=10")  # needed on a busy machine
    jobs.expect_finished(job)
    assert jobs.cluster.job(job, "Restarts") == "1"


def a_job_without_progress_is_not_requeued(jobs):
    job = jobs.submit("preemptible.sbatch", "--time-limit", "2s", *ENDLESS, launcher="srun")
    jobs.expect(job, "FAILED", 75)
    jobs.expect_text("the run ended with exit code 75; 0 cells are finished, 0 of them now; not requeued")
    assert jobs.cluster.job(job, "Restarts") == "0"


def fruitless_starts_in_a_row_end_the_job(jobs):
    job = jobs.submit("preemptible.sbatch", *ENDLESS, launcher="srun", file="out.h5")
    for restart, signals in enumerate([["--signal=USR1", "--batch"], ["--signal=TERM"], ["--signal=USR1"]]):
        # If a step ends before all its ranks are launched, srun prints a different message.
        wait_until(lambda: jobs.text().count("rhosweep run") > restart and jobs.running("out.h5"), "the ranks run")
        jobs.cluster.command("scancel", *signals, job)
        wait_until(lambda: jobs.text().count("the run ended") > restart, "the job drains")
    assert jobs.cluster.wait(job)[0] == "FAILED"
    jobs.expect_text("0 cells are finished, 0 of them now; not requeued after 3 such starts in a row")
    assert jobs.cluster.job(job, "Restarts") == "2"
    assert not list(Path().glob("*.idle_starts"))


def a_signal_at_the_start_is_not_lost(jobs):
    """mpirun swallows signals while it starts its ranks, so the script repeats the signal."""
    job = jobs.submit("sweep.sbatch", *ENDLESS)
    wait_until(lambda: "rhosweep run" in jobs.text(), "the script starts the sweep")
    jobs.cluster.command("scancel", "--batch", "--signal=USR1", job)
    jobs.expect(job, "FAILED", 75)
    jobs.expect_text("asked to end")


def the_same_line_twice(jobs):
    logs = ["1.log", "2.log"]
    twice = [jobs.submit("sweep.sbatch", slurm=ONE_RANK, log=log) for log in logs]
    ended = [jobs.cluster.wait(job) for job in twice]
    assert sorted(ended) == [("COMPLETED", 0), ("FAILED", 2)], ended
    loser = ended.index(("FAILED", 2))
    jobs.expect_text("another run writes this file", f"Slurm job {twice[1 - loser]}", log=logs[loser])
    jobs.expect_same_file()


def a_silent_controller_is_asked_again(jobs):
    """Uses one node. If a second node failed to report the end of its step to the silent controller, it would repeat
    the report only after a minute."""
    job = jobs.submit("preemptible.sbatch", slurm=ONE_RANK)
    jobs.wait_for_cells()
    jobs.cluster.pause_controller()
    # The script's subshells have larger process ids.
    script = min(pid for pid in processes("n1") if b"/slurm_script\0" in read(Path(f"/proc/{pid}/cmdline")))
    os.kill(script, signal.SIGUSR1)
    wait_until(lambda: "asking again" in jobs.text(), "the script misses the controller")
    jobs.cluster.resume_controller()
    jobs.expect_finished(job)
    assert jobs.cluster.job(job, "Restarts") == "1"


def a_cancelled_job_stays_cancelled(jobs):
    job = jobs.submit("preemptible.sbatch")
    jobs.wait_for_cells()
    jobs.cluster.command("scancel", job)
    jobs.expect(job, "CANCELLED", 75)
    jobs.expect_text("not requeued")
    assert jobs.cluster.job(job, "Restarts") == "0"
    assert not jobs.ranks("n1", "n2"), "ranks outlived their job"


def until_done_needs_no_slurm(jobs):
    command = [jobs.folder / "until_done.sh", jobs.sweep, jobs.file, "--progress", "none"]
    done = subprocess.run(command, env=ENVIRONMENT | {"RHOSWEEP": jobs.program.executable}, capture_output=True, text=True)
    assert done.returncode == 0 and "no job" in done.stderr, f"exit {done.returncode}\n{done.stderr}"
    jobs.expect_same_file()


def crashes_are_survived(jobs):
    job = jobs.submit("until_done.sh")
    for crash, node in enumerate(["n2", "n1"]):
        jobs.wait_for_cells(more_than=jobs.finished()[0])
        jobs.signal_ranks(signal.SIGKILL, node)
        wait_until(lambda: jobs.text().count("going on") > crash, "the sweep is started again")
    jobs.expect_finished(job)


def a_crash_that_brings_nothing_new_ends_it(jobs):
    """The folder of the results file does not exist, so every run would fail in the same way."""
    jobs.file = Path("missing") / "out.h5"
    jobs.expect(jobs.submit("until_done.sh"), "FAILED", 1)
    jobs.expect_text("the run ended with exit code 1; 0 cells are finished, 0 of them now; giving up")
    assert "going on" not in jobs.text()


def processes(node):
    """Returns the ids of all processes that belong to jobs on a node."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"SLURMD_NODENAME={node}".encode() in environment.read_bytes().split(b"\0"):
                found.append(int(environment.parent.name))
        except OSError:  # the process has ended
            pass
    return found


def link(path):
    try:
        return os.readlink(path)
    except OSError:  # the process has ended
        return None


PREEMPTION = """\
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=low Nodes=ALL PriorityTier=1 GraceTime=30
PartitionName=high Nodes=ALL PriorityTier=10 PreemptMode=OFF
"""
SETTINGS = {
    a_silent_controller_is_asked_again: "MessageTimeout=3",  # how long Slurm's commands wait before they fail
    preempted_with_grace_under_mpirun: PREEMPTION,
    preempted_with_grace_under_srun: PREEMPTION,
}

if __name__ == "__main__":
    enter_namespaces()
    case, h5diff, reference, processors = globals()[sys.argv[3]], *sys.argv[4:]
    nodes = 4 if case in (four_nodes_over_tcp, scaling_series) else 2
    with Cluster(nodes, SETTINGS.get(case, ""), processors, first=len(case.__name__)) as cluster:
        case(Jobs(Program(*sys.argv[1:3]), cluster, h5diff, reference))
