"""Tests the files that are kept of trials, and the devices that trials see.

Usage: keeping.py RHOSWEEP MPIEXEC
"""

import json
import os
import shutil
import sys
from pathlib import Path

import h5py

from program import ENVIRONMENT, Program, unbroken

SWEEP = """\
[problem]
kind = "command"
command = ["{python}", "keep.py"]
metrics = ["train_loss", "val_auc"]
{problem}
[sgd]
steps = 4
evaluations = 1
[grid]
stepsize = 1
schedule = ["constant", "linear"]
rho = [1.0, 2.0, 4.0]
seed = [0, 1]
"""

# Writes a file and a folder in every scratch folder. The trial with rho 4 diverges.
SCRIPT = """\
import json, os
import rhosweep
for trial in rhosweep.trials():
    with open("devices.jsonl", "a") as file:
        print(json.dumps([trial.device, os.environ.get("CUDA_VISIBLE_DEVICES")]), file=file)
    text = f"{trial.schedule} {trial.rho:g} {trial.seed}"
    if trial.rho == 4 and trial.parameters.get("replace"):
        os.rename("replaced.kept", "moved.kept")
        os.symlink("victim", "replaced.kept")
    (trial.scratch / "model.pt").write_text(text)
    (trial.scratch / "more").mkdir()
    (trial.scratch / "more" / "rest").write_text(text)
    if trial.parameters.get("link"):
        (trial.scratch / "model.pt").unlink()
        (trial.scratch / "model.pt").symlink_to(os.path.abspath("precious"))
    loss = float("inf") if trial.rho == 4 else trial.rho + trial.seed
    no_number = float("nan") if trial.schedule == "linear" and trial.seed == 1 else 0
    trial.report(4, train_loss=loss, val_auc=no_number + min(1, trial.rho / 8 + (0.5 if trial.schedule == "linear" and trial.seed == 0 else 0)))
"""

SERVE = 'mode = "serve"'
AT_ONCE = SERVE + "\ntrials_at_once = 4"


class Tests:
    def __init__(self, program):
        self.program = program
        Path("keep.py").write_text(SCRIPT)

    def run(self, name, problem, *options, ranks=0, environment=None):
        Path(f"{name}.toml").write_text(SWEEP.format(python=sys.executable, problem=problem))
        return self.program("run", f"{name}.toml", "-o", f"{name}.h5", "--overwrite", "--progress", "none", *options, ranks=ranks,
                            environment=environment)


def contents(folder):
    """Returns the texts of all files in a folder by their paths."""
    return {str(path.relative_to(folder)): path.read_text() for path in Path(folder).rglob("*") if path.is_file()}


def files_of_trials_that_are_done_are_kept(tests):
    # Trial numbers are row-major in (seed, schedule, rho).
    expected = {}
    for seed in (0, 1):
        for s, schedule in enumerate(("constant", "linear")):
            for r, rho in enumerate((1, 2)):
                for name in ("model.pt", "more/rest"):
                    expected[f"{seed * 6 + s * 3 + r}/{name}"] = f"{schedule} {rho} {seed}"
    for name, mode, ranks in (("once", "", 2), ("serve", SERVE, 0), ("lanes", AT_ONCE, 2)):
        done = tests.run(name, 'keep = ["model.pt", "more"]\n' + mode, ranks=ranks)
        assert done.returncode == 0, done.stderr
        assert contents(f"{name}.kept") == expected, name
        with h5py.File(f"{name}.h5") as file:
            assert file["run"].attrs["kept_folder"] == f"{name}.kept"
    # A second run replaces the existing files.
    Path("serve.kept/0/model.pt").write_text("of an earlier run")
    assert tests.run("serve", 'keep = ["model.pt", "more"]\n' + SERVE).returncode == 0 and contents("serve.kept") == expected


def only_the_best_of_each_schedule_is_left(tests):
    for metric, expected in (("train_loss", {"0": "constant 1 0", "3": "linear 1 0"}),
                             ("val_auc", {"1": "constant 2 0", "4": "linear 2 0"}),  # NaN for seed 1
                             ):
        done = tests.run("best", f'keep = ["model.pt"]\nkeep_best = "{metric}"\n{AT_ONCE}')
        assert done.returncode == 0, done.stderr
        assert contents("best.kept") == {f"{number}/model.pt": text for number, text in expected.items()}, metric
        for folder in Path("best.kept").iterdir():
            (folder / "model.pt").unlink()
            folder.rmdir()


def a_best_trial_without_files_is_named(tests):
    """The results of the best trial were copied from another results file, without its kept files. The files of worse
    trials do not take their place."""
    one = 'keep = ["model.pt"]\nkeep_best = "train_loss"\n' + AT_ONCE
    assert tests.run("first", one, "--set", "grid.rho=[1.0]").returncode == 0
    done = tests.run("second", one, "--set", "grid.rho=[1.0,2.0]", "--reuse", "first.h5")
    assert done.returncode == 0 and contents("second.kept") == {}, done.stderr
    assert "schedule linear: the files of its best trial, number 2, are not in" in unbroken(done.stderr), done.stderr


def two_files_share_no_folder(tests):
    for name in "study.a", "study.b":
        Path("study.toml").write_text(SWEEP.format(python=sys.executable, problem='keep = ["model.pt"]\n' + AT_ONCE))
        tests.program.succeed("run", "study.toml", "-o", name, "--progress", "none", "--set", "grid.seed=[0]")
        assert len(contents(f"{name}.kept")) == 4
    assert not Path("study.kept").exists()


def what_stands_in_the_way_is_not_followed(tests):
    Path("precious").write_text("precious")
    Path("elsewhere").mkdir()
    Path("links.kept").mkdir()
    Path("links.kept/0").symlink_to("../elsewhere")
    Path("links.kept/1").mkdir()
    Path("links.kept/1/model.pt").symlink_to("../../precious")
    done = tests.run("links", 'keep = ["model.pt"]')
    assert done.returncode == 1 and "links.kept/0: Not a directory" in unbroken(done.stderr), done.stderr
    with h5py.File("links.h5") as file:
        assert file["status"][...].reshape(-1).tolist() == [3, 1, 2, 1, 1, 2, 1, 1, 2, 1, 1, 2]
    assert Path("precious").read_text() == "precious" and not list(Path("elsewhere").iterdir())
    assert contents("links.kept/1") == {"model.pt": "constant 2 0"} and not Path("links.kept/1/model.pt").is_symlink()
    # A symbolic link made by a trial is not kept, and a file that a trial has not written is reported.
    Path("made.toml").write_text(SWEEP.replace('"keep.py"', '"keep.py", "{{link}}"').format(
        python=sys.executable, problem='keep = ["model.pt", "never"]\nlink = true'))
    done = tests.program("run", "made.toml", "-o", "made.h5", "--progress", "none")
    said = unbroken(done.stderr)
    assert done.returncode == 0 and contents("made.kept") == {}, done.stderr
    assert "trial 0: model.pt, which problem.keep names, is neither a file nor a folder" in said, said
    assert "trial 0 has not written never, which problem.keep names" in said, said
    Path("linked.kept").symlink_to("elsewhere")
    done = tests.run("linked", 'keep = ["model.pt"]')
    assert done.returncode == 2 and "linked.kept, which is a link or no folder" in unbroken(done.stderr), done.stderr


def files_behind_a_link_are_not_removed(tests):
    """During the run, somebody moves the folder of kept files away and leaves a link. The last trial diverges, so it has no
    kept files."""
    Path("victim/2").mkdir(parents=True)
    Path("victim/2/model.pt").write_text("precious")
    Path("replaced.toml").write_text(SWEEP.replace('"keep.py"', '"keep.py", "{{replace}}"').format(
        python=sys.executable, problem='keep = ["model.pt"]\nreplace = true'))
    done = tests.program("run", "replaced.toml", "-o", "replaced.h5", "--overwrite", "--progress", "none", "--set",
                         'grid.schedule="constant"', "--set", "grid.seed=[0]")
    assert done.returncode == 0 and contents("victim") == {"2/model.pt": "precious"}, (done.stderr, contents("victim"))


def a_new_results_file_removes_no_kept_files(tests):
    """They may be of another file with the same name and another extension."""
    Path("new.kept/2").mkdir(parents=True)
    Path("new.kept/2/model.pt").write_text("of new.nc")
    Path("new.toml").write_text(SWEEP.format(python=sys.executable, problem=f'keep = ["model.pt"]\n{SERVE}'))
    tests.program.succeed("run", "new.toml", "-o", "new.h5", "--progress", "none")
    assert contents("new.kept")["2/model.pt"] == "of new.nc"


def a_trial_that_is_tried_is_told_what_it_has_not_written(tests):
    for mode in "", SERVE, AT_ONCE:
        Path("tried.toml").write_text(SWEEP.format(python=sys.executable, problem=f'keep = ["model.pt", "never"]\n{mode}'))
        before = sorted(os.listdir())
        done = tests.program.succeed("try", "tried.toml")
        said = unbroken(done.stderr)
        assert "trial 0 has not written never, which problem.keep names" in said and "model.pt" not in said, done
        assert sorted(path for path in os.listdir() if path != "devices.jsonl") == [p for p in before if p != "devices.jsonl"]


def trials_see_their_devices(tests):
    def seen(problem, ranks, given=None):
        Path("devices.jsonl").unlink(missing_ok=True)
        environment = {"CUDA_VISIBLE_DEVICES": given} if given is not None else {}
        done = tests.run("devices", problem, "--set", "grid.seed=[0,1,2,3]", ranks=ranks, environment=environment)
        assert done.returncode == 0, done.stderr
        return {tuple(json.loads(line)) for line in Path("devices.jsonl").read_text().splitlines()}

    assert seen("", 0) == {(None, None)}
    assert seen("devices_per_node = 4", 3) <= {(0, None), (1, None), (2, None)}, "a trial sees all devices"
    assert seen("devices_per_node = 4\ndevices_per_trial = 2\n" + SERVE, 4) == {(0, "0,1"), (2, "2,3")}
    # A batch system lists the devices of a job in CUDA_VISIBLE_DEVICES.
    assert seen("devices_per_node = 2\ndevices_per_trial = 1\n" + SERVE, 3, "3,GPU-7f") == {(0, "3"), (1, "GPU-7f")}
    assert seen("devices_per_node = 2\ndevices_per_trial = 2", 0, "5") == {(0, "5")}, "a list that is too short is left"


def bad_input_is_refused(tests):
    for problem, words in (
            ('keep = ["a/b"]', 'problem.keep: found "a/b"; allowed: names of files or folders'),
            ('keep = ["a", "a"]', 'problem.keep: found "a" twice'),
            ('keep_best = "train_loss"', "problem.keep_best: found no problem.keep"),
            ('keep = ["a"]\nkeep_best = "loss"', 'problem.keep_best: found "loss"; allowed: train_loss or val_auc'),
            ("devices_per_trial = 2", "problem.devices_per_trial: found 2; allowed: only with problem.devices_per_node"),
            ("devices_per_node = 2\ndevices_per_trial = 3", "allowed: at most problem.devices_per_node, 2")):
        done = tests.run("bad", problem)
        assert done.returncode == 2 and words in unbroken(done.stderr), (problem, done.stderr)
        assert not Path("bad.h5").exists() and not Path("bad.kept").exists()


if __name__ == "__main__":
    os.environ.pop("CUDA_VISIBLE_DEVICES", None)
    ENVIRONMENT.pop("CUDA_VISIBLE_DEVICES", None)
    for stale in Path().iterdir():
        if stale.is_symlink() or stale.is_file():
            stale.unlink()
        else:
            shutil.rmtree(stale)
    tests = Tests(Program(*sys.argv[1:3]))
    files_of_trials_that_are_done_are_kept(tests)
    only_the_best_of_each_schedule_is_left(tests)
    a_best_trial_without_files_is_named(tests)
    two_files_share_no_folder(tests)
    what_stands_in_the_way_is_not_followed(tests)
    files_behind_a_link_are_not_removed(tests)
    a_new_results_file_removes_no_kept_files(tests)
    a_trial_that_is_tried_is_told_what_it_has_not_written(tests)
    trials_see_their_devices(tests)
    bad_input_is_refused(tests)
