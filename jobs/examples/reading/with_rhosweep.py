"""Prints the three numbers of jobs/guide/reading.md with rhosweep's Python module: with_rhosweep.py FILE"""

import sys

import rhosweep

with rhosweep.open(sys.argv[1]) as results:
    found = results.analysis(metric="train_loss")  # data frames: schedules, curve, grid, advice, ...
    best = found.schedules.query("schedule == 'cosine'").naive_best_stepsize.iloc[0]  # of the first axes point
    mean = found.curve.query("schedule == 'cosine' and rho == 1").value.iloc[0]
    diverged = (results.data.status == 2).sum()  # results.data is a data set of xarray
    print(f"best stepsize of cosine: {best:.6g}")
    print(f"mean final loss at rho = 1: {mean:.6g}")
    print(f"diverged cells: {diverged.item()}")
