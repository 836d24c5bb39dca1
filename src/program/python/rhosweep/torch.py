"""A PyTorch learning-rate scheduler that follows a trial's multipliers."""

from torch.optim import lr_scheduler

_Base = getattr(lr_scheduler, "LRScheduler", None) or lr_scheduler._LRScheduler  # the name before PyTorch 2.0


class StepsizeScheduler(_Base):
    """Sets the learning rate of every parameter group to trial.stepsizes(), with the same bits. Call step() after each
    step of the optimizer. After the last step, the learning rate does not change."""

    def __init__(self, optimizer, trial):
        self.stepsizes = trial.stepsizes()
        super().__init__(optimizer)

    def get_lr(self):
        stepsize = self.stepsizes[min(self.last_epoch, len(self.stepsizes) - 1)]
        return [stepsize for _ in self.optimizer.param_groups]
