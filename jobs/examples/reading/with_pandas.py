"""Prints the three numbers of jobs/guide/reading.md with pandas, from a table of all trials: with_pandas.py FILE"""

import sys

import xarray as xr

with xr.open_dataset(sys.argv[1]) as file:
    dimensions = file.status.dims[:-3]  # the axes precede seed, schedule, rho; paired keys share a dimension
    axes = [name for name, values in file.coords.items() if values.dims and set(values.dims) <= set(dimensions)]
    trials = file[["status", "final_train_loss", "stepsize"]].to_dataframe().reset_index()

first = trials[(trials[axes] == trials.loc[0, axes]).all(axis=1)]
cosine = first[first.schedule == "cosine"]
means = cosine.groupby(["rho", "stepsize"]).final_train_loss.agg(lambda losses: losses.mean(skipna=False))
print(f"best stepsize of cosine: {means.idxmin()[1]:.6g}")
print(f"mean final loss at rho = 1: {means.xs(1.0, level='rho').item():.6g}")
print(f"diverged cells: {(trials.status == 2).sum()}")
