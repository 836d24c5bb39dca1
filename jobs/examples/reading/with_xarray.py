"""Prints the three numbers of jobs/guide/reading.md with xarray, by labels: with_xarray.py FILE [netcdf4|h5netcdf]"""

import sys

import xarray as xr

engine = sys.argv[2] if len(sys.argv) > 2 else "netcdf4"
with xr.open_dataset(sys.argv[1], engine=engine) as file:
    axes = file.status.dims[:-3]  # the axes precede seed, schedule, rho
    first = file.isel({axis: 0 for axis in axes}).sel(schedule="cosine")
    means = first.final_train_loss.mean("seed", skipna=False)
    best = first.stepsize.sel(rho=means.idxmin("rho"))
    diverged = (file.status == 2).sum()
    print(f"best stepsize of cosine: {best.item():.6g}")
    print(f"mean final loss at rho = 1: {means.sel(rho=1.0).item():.6g}")
    print(f"diverged cells: {diverged.item()}")
