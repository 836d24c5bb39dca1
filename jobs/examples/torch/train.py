"""Trains a small residual network on handwritten digits by SGD with momentum and weight decay (PyTorch), one trial after
another.

Usage: train.py DATA WEIGHT_DECAY. rhosweep starts this program for each trial (mode = "once") or once per rank (mode =
"serve"); the code is the same. The code contains no schedules: the module rhosweep sets the stepsize of every step.
"""

import sys

import rhosweep
import torch
from torch.nn import functional

from digits import batches, make_network, read_digits


PART = 500  # images that are evaluated at once


@torch.no_grad()
def loss_and_accuracy(network, images, labels):
    """Returns the mean loss over the images and the share of images that is classified correctly."""
    loss, correct = 0.0, 0
    for some, their_labels in zip(images.split(PART), labels.split(PART)):
        outputs = network(some)
        loss += float(functional.cross_entropy(outputs, their_labels, reduction="sum"))
        correct += int((outputs.argmax(1) == their_labels).sum())
    return loss / len(labels), correct / len(labels)


def measure(network, weight_decay, train, test):
    """Returns the objective on the training images, and the loss and accuracy on the held-out ones."""
    network.eval()
    regulariser = weight_decay / 2 * sum(float((w * w).sum()) for w in network.parameters())
    train_loss, _ = loss_and_accuracy(network, *train)
    test_loss, test_accuracy = loss_and_accuracy(network, *test)
    network.train()
    return {"train_loss": train_loss + regulariser, "test_loss": test_loss, "test_accuracy": test_accuracy}


def run(trial, make, weight_decay, train, test, augment=lambda images: images):
    """Trains the network that make() returns, and reports its metrics at the evaluation steps."""
    torch.manual_seed(trial.seed)
    network = make()
    optimizer = torch.optim.SGD(network.parameters(), lr=trial.stepsize, momentum=trial.settings["momentum"],
                                nesterov=trial.settings["nesterov"], weight_decay=weight_decay)
    scheduler = trial.lr_scheduler(optimizer)
    for step, batch in zip(range(1, trial.steps + 1), batches(len(train[1]), trial.settings["batch_size"])):
        optimizer.zero_grad()
        functional.cross_entropy(network(augment(train[0][batch])), train[1][batch]).backward()
        optimizer.step()
        scheduler.step()
        if step % 100 == 0:
            print(f"step {step} of {trial.steps}", flush=True)  # rhosweep ends a program that prints nothing for long
        if step in trial.evaluation_steps and not trial.report(step, **measure(network, weight_decay, train, test)):
            break


def main(data, weight_decay):
    torch.set_num_threads(1)  # rhosweep runs one trial per core
    torch.use_deterministic_algorithms(True)
    train, test = read_digits(data)
    for trial in rhosweep.trials():
        run(trial, make_network, weight_decay, train, test)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
