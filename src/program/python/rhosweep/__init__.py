"""Trials of rhosweep in Python: what a training program is told, and how it reports.

    import rhosweep

    for trial in rhosweep.trials():
        for step, stepsize in enumerate(trial.stepsizes(), start=1):
            ...
            if step in trial.evaluation_steps:
                trial.report(step, train_loss=...)

The same code runs with mode = "once", where the loop has one trial, and with mode = "serve", where the program lives on
and gets one trial after another. With trials_at_once, blocks() gives all trials of a message together.

It also opens results:

    with rhosweep.open("sweep.h5") as results:
        results.data.final_train_loss.sel(schedule="cosine")        # an xarray.Dataset
        results.analysis(metric="train_loss").schedules             # rhosweep analyze as pandas data frames

The module needs nothing but Python 3.8; open() needs xarray, pandas, and netCDF4 or h5netcdf. rhosweep puts the
module's folder on PYTHONPATH of the programs that it starts.
"""

from ._trials import Block, Trial, blocks, trials

__all__ = ["Block", "Trial", "blocks", "trials"]  # without open(), which would hide Python's own


def open(path):
    """Opens a results file. Returns its data set of xarray and, with the program rhosweep, its analysis as data frames
    of pandas (see Results in _results.py). Raises ImportError if a package is missing."""
    from ._results import Results
    return Results(path)
