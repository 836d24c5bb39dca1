"""Prints the three numbers of jobs/guide/reading.md with netCDF4-python: with_netcdf4.py FILE"""

import sys

import netCDF4
import numpy as np

with netCDF4.Dataset(sys.argv[1]) as file:
    cosine = list(file["schedule"][:]).index("cosine")
    one = list(file["rho"][:]).index(1.0)
    point = (0,) * (file["status"].ndim - 3)  # the first axes point
    # netCDF4 masks pending cells, so a mean would leave these cells out. Filled with NaN, they make the mean NaN.
    means = np.ma.filled(file["final_train_loss"][point][:, cosine], np.nan).mean(axis=0)
    stepsizes = file["stepsize"][point][cosine]
    diverged = np.count_nonzero(np.ma.getdata(file["status"][...]) == 2)

print(f"best stepsize of cosine: {stepsizes[np.nanargmin(means)]:.6g}")
print(f"mean final loss at rho = 1: {means[one]:.6g}")
print(f"diverged cells: {diverged}")
