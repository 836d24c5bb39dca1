"""The sweeps whose analysis reference_analysis.py checks."""

import re
import shutil

import h5py
import numpy as np

SWEEPS = {
    "quadratic": """
[problem]
kind = "quadratic"
gradient_bound = 1.5
[sgd]
steps = 100
evaluations = 1
[grid]
stepsize = "theory"
schedule = ["constant", "inverse_sqrt", "polynomial(2)", "warmup(0.1, cosine)"]
rho = { from = 0.1, to = 100.0, points = 13 }
seed = { from = 3, count = 12 }
[axes]
"problem.curvature" = [0.01, 0.1, 1.0]
"sgd.steps" = [64, 256]
""",
    "fine": """
[problem]
kind = "quadratic"
[sgd]
steps = 128
evaluations = 1
[grid]
stepsize = "theory"
schedule = ["constant", "linear", "cosine"]
rho = { from = 0.02, to = 200.0, points = 37 }
seed = { from = 0, count = 20 }
[axes]
"problem.curvature" = [0.05, 0.3, 1.0]
""",
    "diverging": """
[problem]
kind = "logistic_regression"
samples = 200
dimension = 5
l2 = 0.1
test_samples = 100
[sgd]
steps = 200
evaluations = 2
[grid]
stepsize = { constant = 0.1, linear = 0.2 }
schedule = ["constant", "linear"]
rho = { from = 0.01, to = 10000.0, points = 19 }
seed = [9, 2, 4, 7, 11, 1, 0, 30, 29, 28, 27]
"""}


# Sweeps that serve as baselines: each is another sweep's text with these replacements.
BASELINES = {
    "untuned": ("fine", {"schedule = .*": 'schedule = ["linear", "constant"]', "rho = .*": "rho = [1]",
                         "seed = .*": "seed = [7, 2, 11, 5, 3]"}),
    "adamw": ("fine", {"steps = 128": 'steps = 128\noptimizer = "adamw"', "stepsize = .*": "stepsize = 0.05",
                       "schedule = .*": 'schedule = ["cosine"]', "rho = .*": "rho = [2, 0.5, 1]"}),
    # Some seeds diverge.
    "unstable": ("diverging", {"stepsize = .*": "stepsize = 68.2", "schedule = .*": 'schedule = ["constant"]',
                               "rho = .*": "rho = [0.01, 1]", "seed = .*": "seed = [3, 8, 5, 21, 13, 34]"})}


# Changes of a file: (axes points, seeds, schedules, rho) and the status that these cells get.
DAMAGES = {
    # The seeds with index 0 and 7 are incomplete; 2 and 5 have each failed at one rho. Seed 0 has failed, too, which
    # does not matter, because it is not used.
    "damaged": [(0, 0, 0, 3, 0), (0, 7, 1, slice(2, 9), 0), (0, 2, 0, 3, 3), (0, 5, 1, 12, 3), (0, 0, 1, 5, 3)],
    # No seed is complete. For the first schedule, half of the rho are complete.
    "begun": [(..., slice(None), 0, slice(0, 6), 0), (..., slice(3, None), 1, slice(4, None), 0), (..., 1, 0, 8, 3)],
    "one_seed": [(..., slice(1, None), slice(None), slice(None), 0)],
}


def damage(path, target, changes):
    """Marks cells as pending or failed."""
    shutil.copy(path, target)
    with h5py.File(target, "r+") as file:
        status = file["status"][...]
        for first, *rest, state in changes:
            status[(first,) * (1 if first is ... else status.ndim - 3) + tuple(rest)] = state
        file["status"][...] = status
        for name in file:
            if name.startswith("final_"):
                file[name][...] = np.where((status == 0) | (status == 3), np.nan, file[name][...])


def make_files(program):
    """Runs the sweeps, and damages copies of their files."""
    for name, text in SWEEPS.items():
        make_file(program, name, text, ranks=2)
        for how, changes in DAMAGES.items():
            damage(f"{name}.h5", f"{name}_{how}.h5", changes)
    for name, (sweep, changes) in BASELINES.items():
        text = SWEEPS[sweep]
        for found, put in changes.items():
            text = re.sub(found, put, text)
        make_file(program, name, text)
    damage("untuned.h5", "untuned_begun.h5", [(..., 1, 0, 0, 0)])


def make_file(program, name, text, ranks=0):
    with open(f"{name}.toml", "w") as file:
        file.write(text)
    program.succeed("run", f"{name}.toml", "--overwrite", "--progress", "none", ranks=ranks)
