"""Trials of rhosweep in Python: the input of a training program, and its reports.

    import rhosweep

    for trial in rhosweep.trials():
        for step, stepsize in enumerate(trial.stepsizes(), start=1):
            ...
            if step in trial.evaluation_steps:
                trial.report(step, train_loss=...)

The same code runs with mode = "once", where the loop has one trial, and with mode = "serve", where the program keeps
running and gets one trial after another. With trials_at_once, blocks() yields all trials of a message together.

The module also opens results files:

    with rhosweep.open("sweep.h5") as results:
        results.data.final_train_loss.sel(schedule="cosine")        # an xarray.Dataset
        results.analysis(metric="train_loss").schedules             # rhosweep analyze as pandas data frames

The module needs only Python 3.8, but open() needs xarray, pandas, and netCDF4 or h5netcdf. rhosweep adds the module's
folder to PYTHONPATH of the programs that it starts.
"""

from ._trials import Block, Trial, blocks, trials

__all__ = ["Block", "Trial", "blocks", "trials"]  # without open(), which would shadow the built-in one


def open(path):
    """Opens a results file. Returns a Results object (_results.py): the file as an xarray Dataset and, if the program
    rhosweep is available, its analysis as pandas data frames. Raises ImportError if a package is missing."""
    from ._results import Results
    return Results(path)
