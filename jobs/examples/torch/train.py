"""One trial: trains a small residual network on handwritten digits by SGD with momentum and weight decay (PyTorch).

Usage: train.py DATA WEIGHT_DECAY. rhosweep starts this program, passes the settings in RHOSWEEP_* (see rhosweep list
problems) and reads the lines of JSON on standard output. This program knows nothing of schedules: it reads h_t of every
step from a file.
"""

import json
import os
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional

CHANNELS = 16
HELD_OUT = 397  # of 1797 images


def setting(name):
    return os.environ["RHOSWEEP_" + name]


def read_digits(path):
    """Reads LIBSVM text. Returns images (n, 1, 8, 8) with pixels in [0, 1] and their digits (n)."""
    lines = open(path).read().splitlines()
    images = torch.zeros(len(lines), 64)
    for i, line in enumerate(lines):
        for entry in line.split()[1:]:
            pixel, value = entry.split(":")
            images[i, int(pixel) - 1] = float(value)
    return images.reshape(-1, 1, 8, 8), torch.tensor([int(line.split()[0]) for line in lines])


class Residual(nn.Module):
    """relu(x + two convolutions of x), with batch normalisation after each convolution."""

    def __init__(self, channels):
        super().__init__()
        layers = []
        for _ in range(2):
            layers += [nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU()]
        self.branch = nn.Sequential(*layers[:-1])

    def forward(self, x):
        return functional.relu(x + self.branch(x))


def make_network():
    return nn.Sequential(
        nn.Conv2d(1, CHANNELS, 3, padding=1, bias=False), nn.BatchNorm2d(CHANNELS), nn.ReLU(), Residual(CHANNELS),
        nn.MaxPool2d(2), nn.Conv2d(CHANNELS, 2 * CHANNELS, 1, bias=False), nn.BatchNorm2d(2 * CHANNELS), nn.ReLU(),
        Residual(2 * CHANNELS), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2 * CHANNELS, 10))


@torch.no_grad()
def measure(network, weight_decay, train, test):
    """Returns the objective on the training images, and the loss and accuracy on the held-out ones."""
    network.eval()
    regulariser = weight_decay / 2 * sum(float((w * w).sum()) for w in network.parameters())
    outputs, labels = network(test[0]), test[1]
    report = {"train_loss": float(functional.cross_entropy(network(train[0]), train[1])) + regulariser,
              "test_loss": float(functional.cross_entropy(outputs, labels)),
              "test_accuracy": float((outputs.argmax(1) == labels).float().mean())}
    network.train()
    return report


def main(data, weight_decay):
    torch.set_num_threads(1)  # rhosweep runs one trial per core
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(int(setting("SEED")))
    images, labels = read_digits(data)
    order = np.random.default_rng(0).permutation(len(labels))  # the same split in every trial
    test = images[order[:HELD_OUT]], labels[order[:HELD_OUT]]
    train = images[order[HELD_OUT:]], labels[order[HELD_OUT:]]

    network = make_network()
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0, momentum=float(setting("MOMENTUM")),
                                nesterov=setting("NESTEROV") == "true", weight_decay=weight_decay)
    stepsize, batch_size = float(setting("STEPSIZE")), int(setting("BATCH_SIZE"))
    multipliers = [float(h) for h in open(setting("MULTIPLIERS"))]
    evaluation_steps = {int(step) for step in setting("EVALUATION_STEPS").split(",")}
    batches = iter(())
    for step, h in enumerate(multipliers, start=1):
        try:
            batch = next(batches)
        except StopIteration:  # a new permutation per epoch; a last batch that is too short is left out
            batches = (b for b in torch.randperm(len(train[1])).split(batch_size) if len(b) == batch_size)
            batch = next(batches)
        optimizer.param_groups[0]["lr"] = stepsize * h
        optimizer.zero_grad()
        functional.cross_entropy(network(train[0][batch]), train[1][batch]).backward()
        optimizer.step()
        if step in evaluation_steps:
            print(json.dumps({"step": step} | measure(network, weight_decay, train, test)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
