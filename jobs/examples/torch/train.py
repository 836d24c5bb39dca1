"""Trains a small residual network on handwritten digits by SGD with momentum and weight decay (PyTorch), one trial after
another.

Usage: train.py DATA WEIGHT_DECAY. rhosweep starts this program for each trial (mode = "once") or once per rank (mode =
"serve"); the code is the same. It knows nothing of schedules: the module rhosweep gives it the stepsize of every step.
"""

import sys

import rhosweep
import torch
from torch.nn import functional

from digits import batches, make_network, read_digits


@torch.no_grad()
def measure(network, weight_decay, train, test):
    """Returns the objective on the training images, and the loss and accuracy on the held-out ones."""
    network.eval()
    regulariser = weight_decay / 2 * sum(float((w * w).sum()) for w in network.parameters())
    outputs, labels = network(test[0]), test[1]
    measured = {"train_loss": float(functional.cross_entropy(network(train[0]), train[1])) + regulariser,
                "test_loss": float(functional.cross_entropy(outputs, labels)),
                "test_accuracy": float((outputs.argmax(1) == labels).float().mean())}
    network.train()
    return measured


def run(trial, weight_decay, train, test):
    torch.manual_seed(trial.seed)
    network = make_network()
    optimizer = torch.optim.SGD(network.parameters(), lr=trial.stepsize, momentum=trial.settings["momentum"],
                                nesterov=trial.settings["nesterov"], weight_decay=weight_decay)
    scheduler = trial.lr_scheduler(optimizer)
    for step, batch in zip(range(1, trial.steps + 1), batches(len(train[1]), trial.settings["batch_size"])):
        optimizer.zero_grad()
        functional.cross_entropy(network(train[0][batch]), train[1][batch]).backward()
        optimizer.step()
        scheduler.step()
        if step in trial.evaluation_steps and not trial.report(step, **measure(network, weight_decay, train, test)):
            break


def main(data, weight_decay):
    torch.set_num_threads(1)  # rhosweep runs one trial per core
    torch.use_deterministic_algorithms(True)
    train, test = read_digits(data)
    for trial in rhosweep.trials():
        run(trial, weight_decay, train, test)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
