"""Shared by train.py and train_blocks.py: the digits, the mini-batches and the network."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

CHANNELS = 16
CLASSES = 10
HELD_OUT = 397  # of 1797 images


def read_digits(path):
    """Reads LIBSVM text. Returns training and held-out images, each as images (n, 1, 8, 8) with pixels in [0, 1] and their
    digits (n). The split is the same in every trial."""
    lines = open(path).read().splitlines()
    images = torch.zeros(len(lines), 64)
    for i, line in enumerate(lines):
        for entry in line.split()[1:]:
            pixel, value = entry.split(":")
            images[i, int(pixel) - 1] = float(value)
    images, labels = images.reshape(-1, 1, 8, 8), torch.tensor([int(line.split()[0]) for line in lines])
    order = np.random.default_rng(0).permutation(len(labels))
    return [(images[part], labels[part]) for part in (order[HELD_OUT:], order[:HELD_OUT])]


def batches(samples, batch_size):
    """Yields mini-batches without end. Each epoch is a new permutation, without a last batch that is too short."""
    while True:
        yield from (batch for batch in torch.randperm(samples).split(batch_size) if len(batch) == batch_size)


class Residual(nn.Module):
    """relu(x + two convolutions of x), with batch normalisation after each convolution."""

    def __init__(self, channels, lanes):
        super().__init__()
        layers = []
        for _ in range(2):
            layers += [nn.Conv2d(lanes * channels, lanes * channels, 3, padding=1, groups=lanes, bias=False),
                       nn.BatchNorm2d(lanes * channels), nn.ReLU()]
        self.branch = nn.Sequential(*layers[:-1])

    def forward(self, x):
        return functional.relu(x + self.branch(x))


def make_network(lanes=1):
    """Returns `lanes` networks as one: each has its own group of channels, and all see the same images. The outputs are
    (n, 10) for one network, otherwise (n, 10 * lanes)."""
    wide, wider = lanes * CHANNELS, lanes * 2 * CHANNELS
    return nn.Sequential(
        nn.Conv2d(1, wide, 3, padding=1, bias=False), nn.BatchNorm2d(wide), nn.ReLU(), Residual(CHANNELS, lanes),
        nn.MaxPool2d(2), nn.Conv2d(wide, wider, 1, groups=lanes, bias=False), nn.BatchNorm2d(wider), nn.ReLU(),
        Residual(2 * CHANNELS, lanes), nn.AdaptiveAvgPool2d(1), nn.Conv2d(wider, lanes * CLASSES, 1, groups=lanes), nn.Flatten())
