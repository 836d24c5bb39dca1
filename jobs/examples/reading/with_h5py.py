"""Prints the three numbers of jobs/guide/reading.md with h5py: with_h5py.py FILE"""

import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1]) as file:
    cosine = list(file["schedule"].asstr()).index("cosine")
    one = list(file["rho"]).index(1.0)
    # The dimensions are the axes, then seed, schedule, rho. Reads the first axes point.
    point = (0,) * (file["status"].ndim - 3)
    means = file["final_train_loss"][point][:, cosine].mean(axis=0)
    stepsizes = file["stepsize"][point][cosine]
    diverged = np.count_nonzero(file["status"][()] == 2)

print(f"best stepsize of cosine: {stepsizes[np.nanargmin(means)]:.6g}")
print(f"mean final loss at rho = 1: {means[one]:.6g}")
print(f"diverged cells: {diverged}")
