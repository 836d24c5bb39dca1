"""rhosweep compared with what users would otherwise run: the same SGD on the same data, on one core each.

Peers: scikit-learn's SGDClassifier, a NumPy loop, NumPy and PyTorch with trials batched by hand, PyTorch per trial with
its own optimiser and scheduler, and mpi4py.futures over NumPy trials as the distributor of a whole sweep on two ranks.
Checks that the final losses of all agree statistically. Sparse data: --libsvm FILE with any number of classes; the
lower half of the labels becomes one class, the upper half the other. Each part takes some minutes; --only runs one.
Usage: peers.py [--build FOLDER] [--libsvm FILE] [--only dense|sparse|sweep]
"""

import math
import subprocess
import sys
import time
from pathlib import Path

from measure import ENVIRONMENT, REPEATS, Bench, block_seconds, median, need, parser, require_fast_blas, table

SAMPLES, DIMENSION, BATCH = 10_000, 100, 32
STEPS = {1: 50_000, BATCH: 312}  # batch size: steps, for five epochs and one; enough to compare losses
ETAS = [0.01 * 10 ** (i / 31 * 2) for i in range(32)]
SCHEDULES = ["inverse_sqrt", "constant", "linear", "cosine"]  # 128 trials per block; peers run only the first schedule
SEEDS = 32


def make_data(np, path):
    """Makes noisy data of two classes. The file stores all digits, so that rhosweep and its peers read the same
    numbers."""
    random = np.random.default_rng(1)
    x = random.standard_normal((SAMPLES, DIMENSION))
    y = np.where((x @ random.standard_normal(DIMENSION) > 0) != (random.random(SAMPLES) < 0.1), 1.0, -1.0)
    with open(path, "w") as file:
        for label, row in zip(y, x):
            file.write(f"{int(label)} " + " ".join(f"{j + 1}:{value!r}" for j, value in enumerate(row.tolist())) + "\n")
    return x, y


def split_classes(source, target):
    """Relabels the lower half of the labels as -1 and the upper half as +1."""
    lines = Path(source).read_text().splitlines()
    labels = sorted({float(line.split(None, 1)[0]) for line in lines if line.strip()})
    middle = labels[len(labels) // 2]
    with open(target, "w") as out:
        for line in lines:
            label, rest = line.split(None, 1)
            out.write(f"{'-1' if float(label) < middle else '1'} {rest}\n")


class Peers:
    """Each method runs trials of inverse_sqrt, eta_t = eta / sqrt(t + 1), and returns the final weights (trials, d)."""

    def __init__(self, np, x, y):
        self.np, self.x, self.y = np, x, y

    def batches(self, seed, batch_size, steps):
        random = self.np.random.default_rng(seed)
        order = self.np.concatenate([random.permutation(SAMPLES) for _ in range(math.ceil(steps * batch_size / SAMPLES))])
        return order[:steps * batch_size].reshape(steps, batch_size)

    def loss(self, weights):
        np = self.np
        return np.logaddexp(0, -self.y[:, None] * (self.x @ np.asarray(weights).T)).mean(0)

    def numpy_loop(self, etas, seed, batch_size, steps):
        np, done = self.np, []
        for eta in etas:
            w = np.zeros(DIMENSION)
            for t, index in enumerate(self.batches(seed, batch_size, steps)):
                x, y = self.x[index], self.y[index]
                w += (eta / math.sqrt(t + 1) / batch_size) * ((y / (1 + np.exp(y * (x @ w)))) @ x)
            done.append(w)
        return np.array(done)

    def numpy_batched(self, etas, seed, batch_size, steps):
        np = self.np
        w, eta = np.zeros((len(etas), DIMENSION)), np.array(etas)[:, None]
        for t, index in enumerate(self.batches(seed, batch_size, steps)):
            x, y = self.x[index], self.y[index]
            w += (eta / math.sqrt(t + 1) / batch_size) * ((y / (1 + np.exp(y * (w @ x.T)))) @ x)
        return w

    def torch_batched(self, etas, seed, batch_size, steps):
        import torch
        x_all, y_all = torch.from_numpy(self.x), torch.from_numpy(self.y)
        w, eta = torch.zeros(len(etas), DIMENSION, dtype=torch.float64), torch.tensor(etas)[:, None]
        order = torch.from_numpy(self.batches(seed, batch_size, steps))
        for t in range(steps):
            x, y = x_all[order[t]], y_all[order[t]]
            w += (eta / math.sqrt(t + 1) / batch_size) * ((y * torch.sigmoid(-y * (w @ x.T))) @ x)
        return w.numpy()

    def torch_per_trial(self, etas, seed, batch_size, steps):
        import torch
        x_all, y_all = torch.from_numpy(self.x), torch.from_numpy(self.y)
        order, done = torch.from_numpy(self.batches(seed, batch_size, steps)), []
        for eta in etas:
            w = torch.zeros(DIMENSION, dtype=torch.float64, requires_grad=True)
            optimiser = torch.optim.SGD([w], lr=eta)
            scheduler = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda t: 1 / math.sqrt(t + 1))
            for t in range(steps):
                optimiser.zero_grad()
                torch.nn.functional.softplus(-y_all[order[t]] * (x_all[order[t]] @ w)).mean().backward()
                optimiser.step()
                scheduler.step()
            done.append(w.detach().numpy())
        return self.np.array(done)

    def sklearn(self, etas, seed, batch_size, steps):
        from sklearn.linear_model import SGDClassifier
        done = []
        for eta in etas:
            model = SGDClassifier(loss="log_loss", penalty=None, fit_intercept=False, learning_rate="invscaling", eta0=eta,
                                  power_t=0.5, max_iter=steps // SAMPLES, tol=None, shuffle=True, random_state=seed)
            done.append(model.fit(self.x, self.y).coef_[0])
        return self.np.array(done)


def rhosweep_losses(path):
    """Returns the losses (seeds, etas) of the schedule that the peers run."""
    import h5py
    with h5py.File(path) as file:
        return file["final_train_loss"][:, 0, :]


def agree(np, name, found, expected):
    """Exits if the means over seeds of found and expected (seeds, etas) differ by more than five standard errors."""
    error = expected.std(0, ddof=1) * np.sqrt(1 / len(found) + 1 / len(expected))
    distance = np.abs(found.mean(0) - expected.mean(0)) / error
    if not distance.max() < 5:
        sys.exit(f"{name}: final losses differ from rhosweep's by {distance.max():.1f} standard errors")
    return f"{distance.max():.1f}"


def dense(bench, np):
    x, y = make_data(np, bench.folder / "dense.libsvm")
    peers = Peers(np, x, y)
    sweep = bench.sweep("dense", {
        "problem.kind": "logistic_regression", "problem.data": "dense.libsvm", "sgd.steps": 1, "sgd.batch_size": 1,
        "sgd.sampling": "shuffle", "sgd.evaluations": 1, "grid.stepsize": 1.0, "grid.schedule": SCHEDULES,
        "grid.rho": ETAS, "grid.seed": {"from": 0, "count": SEEDS}})
    losses, own = {}, {}
    for batch_size, steps in STEPS.items():
        losses[batch_size] = rhosweep_losses(bench.run(sweep, sgd__steps=steps, sgd__batch_size=batch_size)[0])
        longer = 160_000 // batch_size
        for precision in ("float64", "float32"):
            def once():
                file, _, _ = bench.run(sweep, sgd__steps=longer, sgd__batch_size=batch_size, sgd__precision=precision,
                                       grid__seed__count=4)
                return 1e9 * block_seconds(file) / (4 * longer * batch_size * len(ETAS) * len(SCHEDULES))
            own[batch_size, precision] = median(once)
    rows = []
    # name, method, batch size, stepsizes of the trials, seeds, by which factor rhosweep should be faster
    for name, method, batch_size, etas, seeds, goal in (
            ("scikit-learn SGDClassifier", peers.sklearn, 1, ETAS[::4], 4, "30"),
            ("NumPy, one trial at a time", peers.numpy_loop, 1, ETAS[::16], 4, ""),
            ("NumPy, one trial at a time", peers.numpy_loop, BATCH, ETAS[::4], 4, ""),
            ("NumPy, 64 trials batched by hand", peers.numpy_batched, BATCH, ETAS * 2, 4, "4"),
            ("PyTorch, 256 trials batched by hand", peers.torch_batched, BATCH, ETAS * 8, 4, "3"),
            ("PyTorch per trial, its optimiser and scheduler", peers.torch_per_trial, BATCH, ETAS[::16], 4, "700")):
        steps, weights, times = STEPS[batch_size], [], []
        for repeat in range(REPEATS):
            start = time.perf_counter()
            weights.append(method(etas, repeat, batch_size, steps))
            times.append((time.perf_counter() - start) * 1e9 / (steps * batch_size * len(etas)))
        ns = sorted(times)[len(times) // 2]
        distinct = sorted(set(etas), key=etas.index)
        found = np.array([peers.loss(w[:len(distinct)]) for w in weights])
        expected = losses[batch_size][:, [ETAS.index(eta) for eta in distinct]]
        rows.append([name, batch_size, ns, own[batch_size, "float64"], f"{ns / own[batch_size, 'float64']:.1f} x",
                     goal and f"{goal} x", f"{ns / own[batch_size, 'float32']:.1f} x", agree(np, name, found, expected)])
    table(f"Logistic regression, d = {DIMENSION}, {SAMPLES} samples, one core; ns per trial and sample",
          ["peer", "B", "peer ns", "rhosweep ns", "ratio", "goal", "ratio float32", "losses differ by (std. errors)"], rows)


def sparse(bench, np, libsvm):
    from sklearn.datasets import load_svmlight_file
    from sklearn.linear_model import SGDClassifier
    split_classes(libsvm, bench.folder / "sparse.libsvm")
    x, y = load_svmlight_file(str(bench.folder / "sparse.libsvm"))
    seeds = 16  # enough to estimate the standard deviation for a test of five standard errors
    epochs = 4
    n, l2, etas = x.shape[0], 1e-3, [0.003 * 10 ** (i / 15) for i in range(16)]
    sweep = bench.sweep("sparse", {
        "problem.kind": "logistic_regression", "problem.data": "sparse.libsvm", "problem.l2": l2, "sgd.steps": epochs * n,
        "sgd.batch_size": 1, "sgd.sampling": "shuffle", "sgd.evaluations": 1, "grid.stepsize": 1.0,
        "grid.schedule": SCHEDULES, "grid.rho": etas, "grid.seed": {"from": 0, "count": seeds}})
    own, losses = {}, None
    for precision in ("float64", "float32"):
        def once():
            nonlocal losses
            file, _, _ = bench.run(sweep, sgd__precision=precision)
            if precision == "float64":
                losses = rhosweep_losses(file)
            return 1e9 * block_seconds(file) / (seeds * epochs * n * len(etas) * len(SCHEDULES))
        own[precision] = median(once)
    times, found = [], []
    for repeat in range(REPEATS):
        start, weights = time.perf_counter(), []
        for eta in etas:
            weights.append(SGDClassifier(loss="log_loss", penalty="l2", alpha=l2, fit_intercept=False,
                                         learning_rate="invscaling", eta0=eta, power_t=0.5, max_iter=epochs, tol=None,
                                         shuffle=True, random_state=repeat).fit(x, y).coef_[0])
        times.append((time.perf_counter() - start) * 1e9 / (epochs * n * len(etas)))
        w = np.array(weights)
        found.append(np.logaddexp(0, -y[:, None] * (x @ w.T)).mean(0) + l2 / 2 * (w ** 2).sum(1))
    ns = sorted(times)[len(times) // 2]
    differ = agree(np, "scikit-learn, sparse", np.array(found), losses)
    table(f"Sparse logistic regression, {n} samples, {x.nnz / n:.0f} non-zeros of {x.shape[1]} features, B = 1",
          ["peer", "peer ns", "rhosweep float64", "ratio", "goal", "rhosweep float32", "ratio", "goal",
           "losses differ by (std. errors)"],
          [["scikit-learn SGDClassifier, CSR", ns, own["float64"], f"{ns / own['float64']:.1f} x", "12 x",
            own["float32"], f"{ns / own['float32']:.1f} x", "20 x", differ]])


def futures_worker(data, etas, seeds, steps):
    """Runs NumPy trials over an MPI pool, under mpiexec -m mpi4py.futures. Prints the seconds of the trials alone."""
    import numpy as np
    from mpi4py.futures import MPIPoolExecutor
    with MPIPoolExecutor() as pool:
        list(pool.map(futures_trial, [(data, 0.1, 0, 1)] * 8))  # makes the workers start and read the data
        start = time.perf_counter()
        for loss in pool.map(futures_trial, [(data, eta, seed, steps) for seed in range(seeds) for eta in etas]):
            assert np.isfinite(loss)
        print(time.perf_counter() - start)


CACHE = {}


def futures_trial(task):
    import numpy as np
    data, eta, seed, steps = task
    if data not in CACHE:
        arrays = np.load(data)
        CACHE[data] = Peers(np, arrays["x"], arrays["y"])
    peers = CACHE[data]
    return float(peers.loss(peers.numpy_loop([eta], seed, BATCH, steps))[0])


def distributors(bench, np):
    """Runs a whole sweep on two ranks. rhosweep is measured from start to end of the process. mpi4py runs the
    trials of one seed and one schedule; its time is multiplied up to the whole sweep and excludes its start."""
    x, y = make_data(np, bench.folder / "sweep.libsvm")
    data = bench.folder / "sweep.npz"
    np.savez(data, x=x, y=y)
    seeds, part, steps = 40, 1, 2_000
    sweep = bench.sweep("sweep", {
        "problem.kind": "logistic_regression", "problem.data": "sweep.libsvm", "problem.l2": 1e-3, "sgd.steps": steps,
        "sgd.batch_size": BATCH, "sgd.sampling": "shuffle", "sgd.evaluations": 1, "grid.stepsize": 1.0,
        "grid.schedule": SCHEDULES, "grid.rho": ETAS, "grid.seed": {"from": 0, "count": seeds}})
    own = median(lambda: bench.run(sweep, ranks=2)[1])
    # One of mpi4py's three ranks is the master and computes nothing, so two ranks compute.
    script = bench.folder / "futures.py"
    script.write_text(f"import peers\nif __name__ == '__main__':\n"
                      f"    peers.futures_worker({str(data)!r}, {ETAS!r}, {part}, {steps})\n")
    environment = ENVIRONMENT | {"PYTHONPATH": str(Path(__file__).parent)}  # the workers import peers.py

    def once():
        done = subprocess.run(bench.command([sys.executable, "-m", "mpi4py.futures", script], ranks=3),
                              capture_output=True, text=True, env=environment, cwd=bench.folder)
        if done.returncode != 0:
            sys.exit(f"mpi4py.futures failed:\n{done.stderr}")
        return float(done.stdout) * seeds * len(SCHEDULES) / part
    theirs = median(once)
    trials = seeds * len(ETAS) * len(SCHEDULES)
    table(f"A whole sweep of {trials} trials of {steps} steps, B = {BATCH}, two working ranks",
          ["distributor", "seconds", "ratio", "goal"],
          [["mpi4py.futures over NumPy trials (from 1/160 of the sweep, start left out)", theirs, f"{theirs / own:.0f} x",
            "60 x"], ["mpirun -n 2 rhosweep run (start, reading and minimiser included)", own, "1 x", ""]])


def main():
    options = parser(__doc__)
    options.add_argument("--libsvm", help="a LIBSVM file for the sparse comparison")
    options.add_argument("--only", choices=("dense", "sparse", "sweep"), help="one part of the comparison")
    options = options.parse_args()
    if options.only == "sparse" and not options.libsvm:
        sys.exit("the sparse comparison needs --libsvm FILE")
    parts = (options.only,) if options.only else ("dense", "sparse", "sweep")
    modules = need({"numpy": "python3-numpy", "sklearn": "python3-sklearn", "torch": "python3-torch",
                    "mpi4py": "python3-mpi4py", "h5py": "python3-h5py"})
    modules["torch"].set_num_threads(1)
    bench, np = Bench(options.build), modules["numpy"]
    require_fast_blas(np)
    if "dense" in parts:
        dense(bench, np)
    if "sparse" in parts and options.libsvm:
        sparse(bench, np, options.libsvm)
    elif "sparse" in parts:
        print("\nsparse comparison left out: give --libsvm FILE")
    if "sweep" in parts:
        distributors(bench, np)


if __name__ == "__main__":
    main()
