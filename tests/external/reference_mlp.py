"""Compares rhosweep with an independent multi-layer perceptron, step by step: NumPy code from the formulas alone, or
PyTorch with its own modules, losses and optimizers. Both take the initial point and the mini-batches from NumPy code of
the random streams.

Runs `rhosweep run` on small sweeps whose learning curves have every step, and compares all metrics at each step.
Usage: reference_mlp.py RHOSWEEP MPIEXEC numpy|torch. Without PyTorch, `torch` is skipped (exit code 77).
"""

import sys
from pathlib import Path

import numpy as np
from program import Program
from reference_sgd import SOURCE, Errors, batches, iterates, normals, onto_ball, run_sweep, trials

INITIAL_POINT = 4  # purpose of a random stream

CASES = {
    # name: (problem, sgd, libraries that run it)
    "softmax of relu units, Nesterov": (
        "hidden = [16, 8]", "momentum = 0.9\nnesterov = true", "numpy torch"),
    "softmax of tanh units, adamw, shuffled": (
        'hidden = [12]\nactivation = "tanh"',
        'sampling = "shuffle"\noptimizer = "adamw"\nweight_decay = 0.1', "numpy torch"),
    "squared loss of relu units, l2, plain": (
        'hidden = [10, 6]\nloss = "squared"\nl2 = 0.01', "", "numpy torch"),
    "softmax of relu units, adamw, full batch": (
        "hidden = [9]", 'sampling = "full_batch"\noptimizer = "adamw"\nbeta1 = 0.8\nepsilon = 1e-6', "numpy torch"),
    "softmax of relu units, sign_momentum": (
        "hidden = [8]", 'optimizer = "sign_momentum"\nweight_decay = 0.05', "numpy"),
    "softmax of relu units, dog": ("hidden = [9]\nl2 = 0.01", 'optimizer = "dog"\nr_epsilon = 0.01', "numpy"),
    "softmax of tanh units, prodigy": (
        'hidden = [8, 6]\nactivation = "tanh"', 'optimizer = "prodigy"\nd0 = 1e-3', "numpy"),
    "squared loss of relu units, schedule_free": (
        'hidden = [10]\nloss = "squared"', 'optimizer = "schedule_free"', "numpy"),
}
STEPS, TOLERANCE = 40, 1e-10


def read_digits(path, is_softmax):
    lines = [line.split() for line in path.read_text().splitlines()]
    y = np.array([float(line[0]) for line in lines])
    x = np.zeros((len(y), max(int(pair.split(":")[0]) for line in lines for pair in line[1:])))
    for row, line in zip(x, lines):
        for pair in line[1:]:
            index, value = pair.split(":")
            row[int(index) - 1] = float(value)
    return x, np.searchsorted(np.unique(y), y) if is_softmax else y


class Perceptron:
    def __init__(self, p):
        self.is_softmax, self.is_relu, self.l2 = p["loss"] == "softmax", p["activation"] == "relu", p["l2"]
        self.x, self.y = read_digits(Path(p["data"]), self.is_softmax)
        self.samples = len(self.y)
        self.sizes = [self.x.shape[1], *p["hidden"], self.y.max() + 1 if self.is_softmax else 1]

    def start(self, seed):
        parts = []
        for layer, (inputs, outputs) in enumerate(zip(self.sizes, self.sizes[1:])):
            variance = 2 / inputs if self.is_relu else 2 / (inputs + outputs)
            parts += [np.sqrt(variance) * normals(seed, INITIAL_POINT, [layer], inputs * outputs)[0], np.zeros(outputs)]
        return np.concatenate(parts)

    def layers(self, w):
        place = 0
        for inputs, outputs in zip(self.sizes, self.sizes[1:]):
            matrix = w[place:place + inputs * outputs].reshape(outputs, inputs)
            place += inputs * outputs + outputs
            yield matrix, w[place - outputs:place]

    def forward(self, w, x):
        """Returns the outputs of every layer; the last ones are the scores."""
        outputs, layers = [x], list(self.layers(w))
        for i, (matrix, bias) in enumerate(layers):
            z = outputs[-1] @ matrix.T + bias
            outputs.append(z if i + 1 == len(layers) else np.maximum(z, 0) if self.is_relu else np.tanh(z))
        return outputs

    def gradient(self, w, batch):
        x, y = (self.x, self.y) if batch is None else (self.x[batch], self.y[batch])
        outputs, layers, parts = self.forward(w, x), list(self.layers(w)), []
        z = outputs[-1]
        if self.is_softmax:
            e = np.exp(z - z.max(1, keepdims=True))
            slopes = e / e.sum(1, keepdims=True) - (np.arange(z.shape[1]) == y[:, None])
        else:
            slopes = z - y[:, None]
        slopes = slopes / len(y)
        for (matrix, _), a in zip(reversed(layers), reversed(outputs[:-1])):
            parts = [(slopes.T @ a).ravel(), slopes.sum(0)] + parts
            slopes = (slopes @ matrix) * ((a > 0) if self.is_relu else 1 - a ** 2)
        return np.concatenate(parts) + self.l2 * w

    def metrics(self, w):
        z = self.forward(w, self.x)[-1]
        penalty = self.l2 / 2 * w @ w
        if not self.is_softmax:
            return {"train_loss": np.mean((z[:, 0] - self.y) ** 2) / 2 + penalty}
        right = z[np.arange(self.samples), self.y]
        loss = np.log(np.exp(z - right[:, None]).sum(1)).mean()
        return {"train_loss": loss + penalty, "train_accuracy": np.mean(z.argmax(1) == self.y)}


def run_in_numpy(problem, sgd, seed, eta, h):
    drawn = list(batches(sgd, problem.samples, seed))
    return iterates(problem.start(seed), lambda w, t: problem.gradient(w, drawn[t]), onto_ball(0), sgd, eta, h)


def run_in_torch(problem, sgd, seed, eta, h):
    import torch
    torch.set_default_dtype(torch.float64)
    pairs = list(zip(problem.sizes, problem.sizes[1:]))
    modules = []
    for inputs, outputs in pairs:
        modules += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU() if problem.is_relu else torch.nn.Tanh()]
    module = torch.nn.Sequential(*modules[:-1])
    torch.nn.utils.vector_to_parameters(torch.from_numpy(problem.start(seed)), module.parameters())
    if sgd.get("optimizer") == "adamw":
        # PyTorch's AdamW cannot add the gradient of an l2 regulariser, so no case combines adamw with l2.
        assert problem.l2 == 0
        optimizer = torch.optim.AdamW(module.parameters(), lr=eta, betas=(sgd["beta1"], sgd["beta2"]), eps=sgd["epsilon"],
                                      weight_decay=sgd["weight_decay"])
    else:
        optimizer = torch.optim.SGD(module.parameters(), lr=eta, momentum=sgd["momentum"], nesterov=sgd["nesterov"],
                                    weight_decay=problem.l2)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: h[t] if t < len(h) else 0.0)
    x, y = torch.from_numpy(problem.x), torch.from_numpy(problem.y)
    for batch in batches(sgd, problem.samples, seed):
        own_x, own_y = (x, y) if batch is None else (x[batch], y[batch])
        optimizer.zero_grad()
        z = module(own_x)
        loss = (torch.nn.functional.cross_entropy(z, own_y) if problem.is_softmax
                else torch.nn.functional.mse_loss(z[:, 0], own_y) / 2)
        loss.backward()
        optimizer.step()
        scheduler.step()
        yield torch.nn.utils.parameters_to_vector(module.parameters()).detach().numpy()


def check(name, problem_text, sgd_text, run, program):
    text = (f'[problem]\nkind = "mlp"\ndata = "{SOURCE}/jobs/sweeps/data/digits.libsvm"\n{problem_text}\n'
            f'[sgd]\nsteps = {STEPS}\nevaluations = {STEPS}\nbatch_size = 7\nprecision = "float64"\n{sgd_text}\n'
            '[grid]\nstepsize = 0.01\nschedule = ["constant", "cosine"]\nrho = [0.1, 1]\nseed = [0, 3]\n')
    file, effective = run_sweep(program, text)
    problem = Perceptron(effective["problem"])
    errors = Errors(TOLERANCE)
    with file:
        for cell, seed, stepsize, h, called in trials(file, STEPS):
            for t, w in enumerate(run(problem, effective["sgd"], seed, stepsize, h)):
                for metric, expected in problem.metrics(w).items():
                    errors.check(f"{name}: {metric} of {called} after step {t + 1}", file[metric][*cell, t], expected)
    print(f"{name}: {errors}, {STEPS} steps")


if __name__ == "__main__":
    runs = {"numpy": run_in_numpy, "torch": run_in_torch}
    if sys.argv[3] == "torch":
        try:
            import torch
            torch.set_num_threads(1)
        except ImportError:
            print("PyTorch is not installed, the comparison with it is left out: apt-get install python3-torch")
            sys.exit(77)
    program = Program(*sys.argv[1:3])
    for name, (problem_text, sgd_text, who) in CASES.items():
        if sys.argv[3] in who:
            check(name, problem_text, sgd_text, runs[sys.argv[3]], program)
