"""Trials of rhosweep in Python: what a training program is told, and how it reports.

    import rhosweep

    for trial in rhosweep.trials():
        for step, stepsize in enumerate(trial.stepsizes(), start=1):
            ...
            if step in trial.evaluation_steps:
                trial.report(step, train_loss=...)

The same code runs with mode = "once", where the loop has one trial, and with mode = "serve", where the program lives on
and gets one trial after another. With trials_at_once, blocks() gives all trials of a message together.

The module needs nothing but Python 3.8. rhosweep puts its folder on PYTHONPATH of the programs that it starts.
"""

from ._trials import Block, Trial, blocks, trials

__all__ = ["Block", "Trial", "blocks", "trials"]
