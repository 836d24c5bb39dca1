"""Trains as train.py does, but all trials of a block at once: N networks that see the same mini-batches are one network
with N groups of channels, which takes far less time than N networks.

Usage: train_blocks.py DATA WEIGHT_DECAY, with mode = "serve" and trials_at_once = N.
"""

import sys

import rhosweep
import torch
from torch.nn import functional

from digits import CLASSES, batches, make_network, read_digits


def losses(outputs, labels, lanes):
    """Returns the mean cross-entropy of every lane, shape (lanes)."""
    each = functional.cross_entropy(outputs.view(-1, lanes, CLASSES).transpose(1, 2), labels[:, None].expand(-1, lanes),
                                    reduction="none")
    return each.mean(0)


@torch.no_grad()
def measure(network, lanes, weight_decay, train, test):
    """Returns for every lane the objective on the training images, and the loss and accuracy on the held-out ones."""
    network.eval()
    squares = sum((w.view(lanes, -1) ** 2).sum(1) for w in network.parameters())
    outputs, labels = network(test[0]), test[1]
    measured = {"train_loss": losses(network(train[0]), train[1], lanes) + weight_decay / 2 * squares,
                "test_loss": losses(outputs, labels, lanes),
                "test_accuracy": (outputs.view(-1, lanes, CLASSES).argmax(2) == labels[:, None]).float().mean(0)}
    network.train()
    return measured


class Momentum:
    """SGD with Nesterov's momentum and weight decay, as torch.optim.SGD, with a stepsize for each lane."""

    def __init__(self, network, lanes, momentum, weight_decay):
        self.weights = [w.detach().view(lanes, -1) for w in network.parameters()]
        self.parameters, self.lanes = list(network.parameters()), lanes
        self.velocities = [torch.zeros_like(w) for w in self.weights]
        self.momentum, self.weight_decay = momentum, weight_decay

    def step(self, stepsizes):
        eta = torch.tensor(stepsizes)[:, None]
        for w, parameter, velocity in zip(self.weights, self.parameters, self.velocities):
            gradient = parameter.grad.view(self.lanes, -1) + self.weight_decay * w
            velocity.mul_(self.momentum).add_(gradient)
            w.sub_(eta * (gradient + self.momentum * velocity))
            parameter.grad = None


def same_start(network, lanes):
    """Gives all lanes the weights that a single network of this seed has."""
    single = make_network()
    for many, one in zip(network.parameters(), single.parameters()):
        many.data.view(lanes, -1).copy_(one.data.view(1, -1).expand(lanes, -1))


def run(block, weight_decay, train, test):
    torch.manual_seed(block.seed)
    lanes = len(block)
    network = make_network(lanes)
    torch.manual_seed(block.seed)
    same_start(network, lanes)
    optimizer = Momentum(network, lanes, block.settings["momentum"], weight_decay)
    each_step = zip(range(1, block.steps + 1), block.stepsizes(), batches(len(train[1]), block.settings["batch_size"]))
    for step, stepsizes, batch in each_step:
        losses(network(train[0][batch]), train[1][batch], lanes).sum().backward()
        optimizer.step(stepsizes)
        if step in block.evaluation_steps and not block.report(step, **measure(network, lanes, weight_decay, train, test)):
            break


def main(data, weight_decay):
    torch.set_num_threads(1)  # rhosweep runs one block per core
    torch.use_deterministic_algorithms(True)
    train, test = read_digits(data)
    for block in rhosweep.blocks():
        run(block, weight_decay, train, test)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
