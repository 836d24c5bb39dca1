"""Models with many parameters: rhosweep compared with PyTorch in trial-steps per second on one core, and the test
accuracy of its best stepsize within a time limit on two cores.

PyTorch runs the same mini-batch SGD in float32 in three ways: one trial at a time with its own modules, optimiser and
scheduler; all trials of a block batched by bmm; and all trials batched in the fastest way for the model. Checks that
the final losses agree statistically. Usage: models.py --libsvm FILE [--build FOLDER] [--only MODEL], where FILE has
many classes, such as MNIST
"""

import math
import sys
import time

from measure import REPEATS, Bench, block_seconds, median, need, parser, require_fast_blas, table

BATCH, STEPS, TRIALS = 32, 200, 64  # used in each comparison; a batched peer runs all trials at once
SEEDS = 16  # the seeds that rhosweep runs, to check the losses statistically
MINUTES = 5


class Data:
    """A data set as PyTorch tensors, and the mini-batches of a seed."""

    def __init__(self, torch, np, path):
        from sklearn.datasets import load_svmlight_file
        x, y = load_svmlight_file(str(path))
        self.torch, self.np = torch, np
        self.x = torch.from_numpy(x.toarray().astype(np.float32))
        self.classes, labels = np.unique(y, return_inverse=True)
        self.y = torch.from_numpy(labels)

    def batches(self, seed):
        return self.torch.from_numpy(self.np.random.default_rng(seed).integers(0, len(self.y), (STEPS, BATCH)))


class Softmax:
    name = "softmax_regression"
    problem = {"problem.kind": "softmax_regression"}
    etas = [0.005 * 10 ** (2 * i / (TRIALS - 1)) for i in range(TRIALS)]
    accuracy_goal = 0.90
    accuracy_settings = {}
    speed_steps = 10 * STEPS  # so that the only evaluation takes a small part of the time
    accuracy_steps = 4000

    def __init__(self, data):
        self.data, self.torch = data, data.torch
        self.shape = (len(data.classes), data.x.shape[1])

    def module(self):
        layer = self.torch.nn.Linear(self.shape[1], self.shape[0], bias=False)
        self.torch.nn.init.zeros_(layer.weight)
        return layer

    def losses(self, weights):
        """Returns the mean loss of each trial. `weights` has the form that batched() and fastest() return."""
        torch = self.torch
        scores = torch.einsum("nd,tkd->tnk", self.data.x, weights)
        return (torch.logsumexp(scores, 2) - scores[:, torch.arange(len(self.data.y)), self.data.y]).mean(1).numpy()

    def weights_of(self, module):
        return module.weight.detach()

    def batched(self, etas, seed):
        """Computes gradients by hand and products by bmm, with one batch entry per trial."""
        torch, data = self.torch, self.data
        w = torch.zeros(len(etas), *self.shape)
        eta = torch.tensor(etas, dtype=torch.float32)[:, None, None]
        for t, index in enumerate(data.batches(seed)):
            x = data.x[index].expand(len(etas), -1, -1)
            p = torch.softmax(torch.bmm(x, w.transpose(1, 2)), 2)
            p[:, torch.arange(BATCH), data.y[index]] -= 1
            w -= eta * (cosine(t) / BATCH) * torch.bmm(p.transpose(1, 2), x)
        return w

    def fastest(self, etas, seed):
        """Uses one product for all trials, which share the mini-batch, as in rhosweep."""
        torch, data = self.torch, self.data
        w = torch.zeros(len(etas) * self.shape[0], self.shape[1])
        eta = torch.tensor(etas, dtype=torch.float32).repeat_interleave(self.shape[0])[:, None]
        for t, index in enumerate(data.batches(seed)):
            x = data.x[index]
            p = torch.softmax((x @ w.T).view(BATCH, len(etas), self.shape[0]), 2)
            p[torch.arange(BATCH), :, data.y[index]] -= 1
            w -= eta * (cosine(t) / BATCH) * (p.view(BATCH, -1).T @ x)
        return w.view(len(etas), *self.shape)


class Mlp:
    """One hidden layer of ReLU units. The parameters of a trial are one vector, in PyTorch's order."""

    name = "mlp"
    hidden = 128
    problem = {"problem.kind": "mlp", "problem.hidden": [hidden]}
    etas = [0.005 * 10 ** (2 * i / (TRIALS - 1)) for i in range(TRIALS)]
    accuracy_goal = 0.94
    accuracy_steps = 2500
    accuracy_settings = {"sgd__momentum": 0.9}
    speed_steps = 5 * STEPS

    def __init__(self, data):
        self.data, self.torch = data, data.torch
        self.features, self.classes = data.x.shape[1], len(data.classes)

    def module(self):
        nn = self.torch.nn
        module = nn.Sequential(nn.Linear(self.features, self.hidden), nn.ReLU(), nn.Linear(self.hidden, self.classes))
        for layer in (module[0], module[2]):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
        return module

    def weights_of(self, module):
        return self.torch.nn.utils.parameters_to_vector(module.parameters()).detach()

    def losses(self, weights):
        found = []
        for vector in weights:
            module = self.module()
            self.torch.nn.utils.vector_to_parameters(vector, module.parameters())
            with self.torch.no_grad():
                found.append(self.torch.nn.functional.cross_entropy(module(self.data.x), self.data.y).item())
        return self.data.np.array(found)

    def batched(self, etas, seed):
        """Computes gradients by hand and products by bmm, with one batch entry per trial."""
        def score(w, x):
            return self.torch.bmm(x.expand(len(etas), -1, -1), w.transpose(1, 2))

        def outer(slopes, x):
            return self.torch.bmm(slopes.transpose(1, 2), x.expand(len(etas), -1, -1))
        return self.run(etas, seed, score, outer)

    def fastest(self, etas, seed):
        """Uses one product for the first layers of all trials, which share the mini-batch, as in rhosweep."""
        def score(w, x):
            return (x @ w.view(-1, self.features).T).view(len(x), len(etas), self.hidden).transpose(0, 1)

        def outer(slopes, x):
            stacked = slopes.transpose(0, 1).reshape(len(x), -1)
            return (stacked.T @ x).view(len(etas), self.hidden, self.features)
        return self.run(etas, seed, score, outer)

    def run(self, etas, seed, score, outer):
        """Runs the trials. score(w, x) and outer(slopes, x) are the products of the first layer."""
        torch, data = self.torch, self.data
        start = [p.detach().expand(len(etas), *p.shape).clone() for p in self.module().parameters()]
        w1, b1, w2, b2 = start
        eta = torch.tensor(etas, dtype=torch.float32)[:, None, None]
        for t, index in enumerate(data.batches(seed)):
            x = data.x[index]
            a = torch.relu(score(w1, x) + b1[:, None, :])
            slopes = torch.softmax(torch.baddbmm(b2[:, None, :], a, w2.transpose(1, 2)), 2)
            slopes[:, torch.arange(BATCH), data.y[index]] -= 1
            slopes *= eta * (cosine(t) / BATCH)
            back = torch.bmm(slopes, w2) * (a > 0)
            w2 -= torch.bmm(slopes.transpose(1, 2), a)
            b2 -= slopes.sum(1)
            w1 -= outer(back, x)
            b1 -= back.sum(1)
        return torch.cat([p.reshape(len(etas), -1) for p in (w1, b1, w2, b2)], 1)


MODELS = (Softmax, Mlp)


def cosine(t):
    return (1 + math.cos(math.pi * t / STEPS)) / 2


def one_at_a_time(model, etas, seed):
    """Trains the model with one stepsize after another, by plain PyTorch code as users of PyTorch write it."""
    torch, data, done = model.torch, model.data, []
    for eta in etas:
        module = model.module()
        optimiser = torch.optim.SGD(module.parameters(), lr=eta)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
        for index in data.batches(seed):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(module(data.x[index]), data.y[index]).backward()
            optimiser.step()
            scheduler.step()
        done.append(model.weights_of(module))
    return torch.stack(done)


def settings(model, path, **more):
    return {"problem.data": str(path), **model.problem, "sgd.batch_size": BATCH, "sgd.precision": "float32",
            "sgd.evaluations": 1, "grid.stepsize": 1.0, "grid.schedule": ["cosine"], "grid.rho": model.etas,
            **{key.replace("__", "."): value for key, value in more.items()}}


def compare(bench, model, path):
    """Compares trial-steps per second with PyTorch's and checks that the losses agree."""
    import h5py
    sweep = bench.sweep("compare", settings(model, path, sgd__steps=STEPS, grid__seed={"from": 0, "count": SEEDS}))
    with h5py.File(bench.run(sweep)[0]) as file:
        expected = file["final_train_loss"][:, 0, :]
    longer = model.speed_steps

    def speed():
        return longer * TRIALS / block_seconds(bench.run(sweep, sgd__steps=longer, grid__seed__count=1)[0])
    own, rows = median(speed), []
    for name, method, trials, goal in (
            ("PyTorch, one trial at a time, its optimiser and scheduler", lambda *a: one_at_a_time(model, *a), 4, "10"),
            (f"PyTorch, {TRIALS} trials batched by bmm", model.batched, TRIALS, "2"),
            (f"PyTorch, {TRIALS} trials in one product", model.fastest, TRIALS, "")):
        etas, speeds, found = model.etas[::TRIALS // trials], [], []
        for repeat in range(REPEATS):
            start = time.perf_counter()
            weights = method(etas, repeat)
            speeds.append(STEPS * trials / (time.perf_counter() - start))
            found.append(model.losses(weights))
        theirs = sorted(speeds)[len(speeds) // 2]
        np = model.data.np
        found, ours = np.array(found), expected[:, ::TRIALS // trials]
        error = np.sqrt(found.var(0, ddof=1) / len(found) + ours.var(0, ddof=1) / len(ours))
        distance = float((np.abs(found.mean(0) - ours.mean(0)) / error).max())
        # The limit is wide: `distance` is the maximum over many trials, and with few repetitions t has heavy tails.
        if not distance < 12:
            sys.exit(f"{name}: final losses differ from rhosweep's by {distance:.1f} standard errors")
        rows.append([name, theirs, own, f"{own / theirs:.1f} x", goal and f"{goal} x", f"{distance:.1f}"])
    table(f"{model.name}, {model.data.x.shape[1]} features, {len(model.data.classes)} classes, B = {BATCH}, float32, one core; "
          "trial-steps per second", ["peer", "peer", "rhosweep", "ratio", "goal", "losses differ by (std. errors)"], rows)


def accuracy(bench, model, path):
    """Runs a complete sweep on two ranks, with a fifth of the data held out."""
    import h5py
    sweep = bench.sweep("accuracy", settings(model, path, problem__test_share=0.2, problem__data_seed=1,
                                             sgd__steps=model.accuracy_steps, sgd__sampling="shuffle",
                                             **model.accuracy_settings,
                                             grid__seed={"from": 0, "count": 2}))
    file, seconds, _ = bench.run(sweep, ranks=2)
    with h5py.File(file) as results:
        reached = results["final_test_accuracy"][:, 0, :].mean(0)
        eta = float(results["stepsize"][0, reached.argmax()])
    table(f"{model.name}: {len(model.etas)} stepsizes x 2 seeds, cosine, {model.accuracy_steps} steps, two ranks",
          ["best stepsize", "test accuracy there", "goal", "seconds of the whole run", "goal"],
          [[eta, float(reached.max()), f"> {model.accuracy_goal}", seconds, f"< {60 * MINUTES}"]])
    if not (reached.max() > model.accuracy_goal and seconds < 60 * MINUTES):
        sys.exit(f"{model.name} missed its goal")


def main():
    options = parser(__doc__)
    options.add_argument("--libsvm", required=True, help="a LIBSVM file of many classes")
    options.add_argument("--only", choices=[model.name for model in MODELS], help="one model")
    options = options.parse_args()
    modules = need({"numpy": "python3-numpy", "sklearn": "python3-sklearn", "torch": "python3-torch",
                    "h5py": "python3-h5py"})
    modules["torch"].set_num_threads(1)
    require_fast_blas(modules["numpy"])
    bench = Bench(options.build)
    data = Data(modules["torch"], modules["numpy"], options.libsvm)
    for kind in MODELS:
        if options.only in (None, kind.name):
            compare(bench, kind(data), options.libsvm)
            accuracy(bench, kind(data), options.libsvm)


if __name__ == "__main__":
    main()
