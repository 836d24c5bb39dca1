"""Trains a Wide ResNet on CIFAR-10 by SGD with momentum and weight decay (PyTorch), one trial after another. This is the
second experiment of the theory paper (Attia & Koren, arXiv 2503.09411). The sweep is ../../paper/cifar10.toml.

FOLDER holds the binary version of CIFAR-10: data_batch_1.bin to data_batch_5.bin and test_batch.bin. Like train.py, it
runs with mode = "once" and with mode = "serve", where it reads the data only once.
"""

import argparse
import os
import sys
from pathlib import Path

# Without this, cuBLAS may give other numbers in another run.
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")

import numpy as np
import rhosweep
import torch
from torch.nn import functional

from train import run
from wide_resnet import WideResNet

SIDE, CLASSES, MARGIN = 32, 10, 4
RECORD = 1 + 3 * SIDE * SIDE  # a label, then the red, green and blue pixels of an image
# Mean and standard deviation of the training images' pixels by channel, as in the Wide ResNets' code.
MEAN, DEVIATION = (125.3, 123.0, 113.9), (63.0, 62.1, 66.7)


def read_file(path):
    """Returns the images (n, 3, 32, 32) and the labels (n) of a binary file, as bytes. Raises ValueError if it is
    damaged."""
    data = np.fromfile(path, np.uint8)
    if len(data) == 0 or len(data) % RECORD:
        raise ValueError(f"{path}: found {len(data)} bytes; allowed: a multiple of {RECORD}, the bytes of an image "
                         "with its label")
    records = data.reshape(-1, RECORD)
    labels = records[:, 0]
    if labels.max() >= CLASSES:
        i = int(np.argmax(labels >= CLASSES))
        raise ValueError(f"{path}: image {i} has the label {labels[i]}; allowed: 0 to {CLASSES - 1}")
    return records[:, 1:].reshape(-1, 3, SIDE, SIDE), labels


def read_cifar10(folder, device):
    """Returns the pairs (images, labels) of the training set and of the test set. The images have the shape
    (n, 3, 32, 32) and are normalised by channel."""
    sets = []
    for names in [f"data_batch_{i}.bin" for i in range(1, 6)], ["test_batch.bin"]:
        images, labels = map(np.concatenate, zip(*(read_file(Path(folder) / name) for name in names)))
        mean, deviation = (torch.tensor(values, device=device)[:, None, None] for values in (MEAN, DEVIATION))
        sets.append(((torch.from_numpy(images).to(device).float() - mean) / deviation,
                     torch.from_numpy(labels).long().to(device)))
    return sets


def augment(images):
    """Returns the images, each padded by four reflected pixels, cropped to 32 x 32 at a random place, and flipped from
    left to right with probability 1/2. The random numbers do not depend on the device."""
    count, pixels = len(images), torch.arange(SIDE)
    top, left = torch.randint(2 * MARGIN + 1, (2, count, 1))
    flipped = torch.rand(count, 1) < 0.5
    rows, columns = top + pixels, left + torch.where(flipped, pixels.flip(0), pixels)
    wider = functional.pad(images, [MARGIN] * 4, mode="reflect")
    return wider[torch.arange(count)[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def device_of(kind):
    """Returns the CPU, or the GPU that the program sees if problem.devices_per_trial = 1. Raises ValueError if it sees
    no GPU."""
    if kind == "cpu":
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise ValueError("PyTorch finds no GPU here; with --set problem.train_on='\"cpu\"' it trains on processors")
    return torch.device("cuda")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True, metavar="FOLDER")
    parser.add_argument("--depth", type=int, default=28)
    parser.add_argument("--width", type=int, default=10)
    parser.add_argument("--decay", type=float, default=5e-4)
    parser.add_argument("--train-on", choices=["cuda", "cpu"], default="cuda")
    options = parser.parse_args()
    torch.set_num_threads(1)  # rhosweep runs one trial per core
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.benchmark = False
    try:
        device = device_of(options.train_on)
        train, test = read_cifar10(options.data, device)
        WideResNet(options.depth, options.width)
    except (OSError, ValueError) as error:
        sys.exit(f"cifar10.py: error: {error}")
    print(f"{len(train[1])} training and {len(test[1])} test images", flush=True)
    for trial in rhosweep.trials():
        run(trial, lambda: WideResNet(options.depth, options.width).to(device), options.decay, train, test, augment)


if __name__ == "__main__":
    main()
