"""Messages, trials and blocks; see the package's docstring."""

import json
import math
import os
import sys
from pathlib import Path

from . import _multipliers


IS_SERVING = os.environ.get("RHOSWEEP_MODE") == "serve"


class Channel:
    """The destination of reports: the file that rhosweep names, which leaves standard output free for other text. If
    rhosweep names no file, reports go to standard output."""

    def __init__(self):
        path = os.environ.get("RHOSWEEP_REPORT")
        self.stream = open(path, "w", encoding="utf-8") if path else sys.stdout
        self.send_line("")  # the first line tells rhosweep that this file is in use

    def send(self, **members):
        self.send_line(json.dumps(members))

    def send_line(self, line):
        self.stream.write(line + "\n")
        self.stream.flush()

    def end(self, trials):
        """Reports that trials have ended. Sends nothing with mode = "once": the trial ends with the program."""
        numbers = [trial.number for trial in trials if not trial.has_failed]
        if IS_SERVING and numbers:
            self.send(trial=numbers, done=True)

    def fail(self, trials, reason):
        if not IS_SERVING:
            sys.exit(f"failed: {reason}")
        self.send(trial=[trial.number for trial in trials], failed=str(reason))
        for trial in trials:
            trial.has_failed = True


def _number(value):
    """Converts a number from NumPy, PyTorch or Python to a float."""
    return float(value)


class Trial:
    """One trial: a stepsize, a schedule and a seed.

    stepsize          rho * eta_ref, the stepsize before the schedule
    rho, schedule     for information only; `stepsize` and stepsizes() already contain them
    seed              the seed that must determine all randomness
    number            the trial's number in the sweep
    attempt           the attempt at this trial, counted from 1
    device            a number below devices_per_node, or None
    scratch           a folder for this trial only, removed when the trial ends
    steps             number of updates
    evaluation_steps  the steps to report; the last is `steps`
    settings          the keys of [sgd], such as settings["batch_size"]
    parameters        your own keys in [problem]
    diverged          whether a loss that is not finite has been reported
    has_failed        whether fail() has been called
    """

    def __init__(self, message, told, channel):
        self._channel = channel
        self._multipliers = told["multipliers"]
        self.number, self.attempt, self.device = told["trial"], told["attempt"], told.get("device")
        self.stepsize, self.rho, self.schedule, self.seed = told["stepsize"], told["rho"], told["schedule"], told["seed"]
        self.scratch = Path(told["scratch"])
        self.evaluation_steps = message["evaluation_steps"]
        self.settings = {key: value for key, value in message.items()
                         if key not in ("trials", "multipliers", "evaluation_steps", "parameters")}
        self.steps, self.parameters = message["steps"], message["parameters"]
        self.diverged = self.has_failed = False

    def multipliers(self):
        """Returns h_t of every step, t = 0 … steps - 1."""
        return _multipliers.of_trial(self._multipliers)

    def stepsizes(self):
        """Returns the stepsize of every step: stepsize * h_t, t = 0 … steps - 1."""
        return [self.stepsize * h for h in self.multipliers()]

    def lr_scheduler(self, optimizer):
        """Returns a PyTorch scheduler that sets the learning rate of every parameter group to the trial's stepsizes.
        Call its step() after each step of the optimizer."""
        from .torch import StepsizeScheduler
        return StepsizeScheduler(optimizer, self)

    def report(self, step, **metrics):
        """Reports metrics, including train_loss, after `step` updates. Returns whether to go on: False if train_loss is
        not finite, because the trial has diverged."""
        values = {name: _number(value) for name, value in metrics.items()}
        self._channel.send(trial=self.number, step=int(step), **values)
        self.diverged = self.diverged or not math.isfinite(values.get("train_loss", 0.0))
        return not self.diverged

    def fail(self, reason):
        """Reports that the trial has failed, and why. With mode = "once" this ends the program."""
        self._channel.fail([self], reason)

    def __repr__(self):
        return f"<trial {self.number}: {self.schedule}, rho {self.rho}, seed {self.seed}>"


class Block:
    """Trials of one seed that run together.

    trials  a list of Trial
    seed, device, steps, evaluation_steps, settings, parameters  the values that all of its trials share
    """

    def __init__(self, message, channel):
        self._channel = channel
        self._table = message.get("multipliers")
        self.trials = [Trial(message, told, channel) for told in message["trials"]]
        first = self.trials[0]
        self.seed, self.device, self.steps = first.seed, first.device, first.steps
        self.evaluation_steps, self.settings, self.parameters = first.evaluation_steps, first.settings, first.parameters

    def __len__(self):
        return len(self.trials)

    def stepsizes(self):
        """Yields for every step a list with the stepsize of each trial."""
        rows = _multipliers.of_block(self._table) if self._table else ([h] for h in self.trials[0].multipliers())
        for row in rows:
            yield [trial.stepsize * h for trial, h in zip(self.trials, row)]

    def report(self, step, **metrics):
        """Reports metrics after `step` updates: for each metric, a sequence with one number per trial, NaN for diverged
        trials. Returns whether to go on: False if all trials have diverged."""
        values = {name: [_number(value) for value in column] for name, column in metrics.items()}
        for name, column in values.items():
            if len(column) != len(self.trials):
                raise ValueError(f"{name} has {len(column)} values for {len(self.trials)} trials")
        self._channel.send(trial=[trial.number for trial in self.trials], step=int(step), **values)
        for trial, loss in zip(self.trials, values.get("train_loss", ())):
            trial.diverged = trial.diverged or not math.isfinite(loss)
        return not all(trial.diverged for trial in self.trials)

    def fail(self, reason):
        """Reports that all trials have failed, and why. With mode = "once" this ends the program."""
        self._channel.fail(self.trials, reason)


def _standard_input():
    """Returns standard input as a file, and makes it empty for processes that the training program starts."""
    own = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return open(own, encoding="utf-8")


def _messages():
    """Yields the messages from rhosweep to this program. With mode = "once" there is a single message."""
    if IS_SERVING:
        with _standard_input() as lines:
            yield from map(json.loads, iter(lines.readline, ""))
    elif "RHOSWEEP_MESSAGE" in os.environ:
        yield json.loads(Path(os.environ["RHOSWEEP_MESSAGE"]).read_text(encoding="utf-8"))
    else:
        raise RuntimeError("rhosweep starts this program; to run one trial by hand: rhosweep try SWEEP.toml")


def blocks():
    """Yields blocks: the trials of each message together. Asking for the next block ends the previous one."""
    channel = Channel()
    for message in _messages():
        block = Block(message, channel)
        yield block
        channel.end(block.trials)


def trials():
    """Yields the trials of this program, one after another. Asking for the next trial ends the previous one."""
    channel = Channel()
    for message in _messages():
        for told in message["trials"]:
            trial = Trial(message, told, channel)
            yield trial
            channel.end([trial])
