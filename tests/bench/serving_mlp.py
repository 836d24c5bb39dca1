"""The program of serving.py: a small perceptron on the digits, in float64, by SGD.

Usage: serving_mlp.py DATA one|block. `one` trains one trial after another with nn.Module and torch.optim. `block`
trains all trials of a message at once by batched matrix products.
"""

import sys

import rhosweep
import torch
from torch import nn
from torch.nn import functional

HIDDEN, CLASSES, PIXELS = 32, 10, 64


def read(path):
    images, labels = [], []
    for line in open(path):
        label, *entries = line.split()
        row = [0.0] * PIXELS
        for entry in entries:
            pixel, value = entry.split(":")
            row[int(pixel) - 1] = float(value)
        images.append(row)
        labels.append(int(label))
    return torch.tensor(images), torch.tensor(labels)


def draw(trials, images):
    """Returns the initial weights and the batches, which depend only on the seed."""
    generator = torch.Generator().manual_seed(trials.seed)
    weights = [torch.randn(PIXELS, HIDDEN, generator=generator) / PIXELS**0.5, torch.zeros(HIDDEN),
               torch.randn(HIDDEN, CLASSES, generator=generator) / HIDDEN**0.5, torch.zeros(CLASSES)]
    return weights, torch.randint(len(images), (trials.steps, trials.settings["batch_size"]), generator=generator)


def run_one(trial, images, labels):
    start, batches = draw(trial, images)
    network = nn.Sequential(nn.Linear(PIXELS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CLASSES))
    with torch.no_grad():
        for parameter, weights in zip(network.parameters(), start):
            parameter.copy_(weights.T)
    optimizer = torch.optim.SGD(network.parameters(), lr=trial.stepsize)
    scheduler = trial.lr_scheduler(optimizer)
    for step, batch in enumerate(batches, start=1):
        optimizer.zero_grad()
        functional.cross_entropy(network(images[batch]), labels[batch]).backward()
        optimizer.step()
        scheduler.step()
        if step in trial.evaluation_steps:
            with torch.no_grad():
                trial.report(step, train_loss=functional.cross_entropy(network(images), labels))


def losses(weights, images, labels):
    """Returns the loss of every lane. The lanes share the images, so the first layers of all lanes are one
    product. The lanes are the middle dimension of the first layer's weights, and the first dimension of the others."""
    u, a, v, b = weights
    lanes = len(a)
    hidden = torch.relu((images @ u.flatten(1)).view(len(images), lanes, -1) + a)
    outputs = torch.baddbmm(b[:, None], hidden.transpose(0, 1), v)
    each = functional.cross_entropy(outputs.flatten(0, 1), labels.repeat(lanes), reduction="none")
    return each.view(lanes, -1).mean(1)


def run_block(block, images, labels):
    (u, *others), batches = draw(block, images)
    lanes = len(block)
    weights = [u[:, None].expand(-1, lanes, -1), *(w.expand(lanes, *w.shape) for w in others)]
    weights = [w.clone().requires_grad_() for w in weights]
    shapes = [(lanes, 1), *((lanes, *[1] * w.dim()) for w in others)]  # shapes for broadcasting one number per lane
    for step, (batch, stepsizes) in enumerate(zip(batches, block.stepsizes()), start=1):
        gradients = torch.autograd.grad(losses(weights, images[batch], labels[batch]).sum(), weights)
        eta = torch.tensor(stepsizes)
        with torch.no_grad():
            for w, gradient, shape in zip(weights, gradients, shapes):
                w -= eta.view(shape) * gradient
            if step in block.evaluation_steps:
                block.report(step, train_loss=losses(weights, images, labels))


def main(path, how):
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    images, labels = read(path)
    if how == "one":
        for trial in rhosweep.trials():
            run_one(trial, images, labels)
    else:
        for block in rhosweep.blocks():
            run_block(block, images, labels)


if __name__ == "__main__":
    main(*sys.argv[1:])
