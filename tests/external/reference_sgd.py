"""Compares rhosweep with an independent SGD in NumPy, written from the definitions alone (random numbers, sampling,
schedules, losses).

Runs `rhosweep run` on small sweeps, recomputes every trial from the sweep text in the results file, and compares all
metrics. Usage: reference_sgd.py RHOSWEEP MPIEXEC
"""

import sys
import tomllib
from pathlib import Path

import h5py
import numpy as np
from program import Program

SOURCE = Path(__file__).resolve().parents[2]
SAMPLE, SHUFFLE, NOISE, FEATURES, LABELS, MODEL = 1, 2, 3, 5, 6, 7  # purposes of random streams


def philox(seed, purpose, step, lane):
    """Philox4x32-10 (Salmon et al. 2011): counter (step low, step high, lane, purpose), key = seed; arrays broadcast."""
    step, lane = np.broadcast_arrays(np.asarray(step, np.uint64), np.asarray(lane, np.uint64))
    mask = np.uint64(0xFFFFFFFF)
    c = [step & mask, step >> np.uint64(32), lane.copy(), np.full_like(lane, purpose)]
    k = [np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32)]
    for _ in range(10):
        p0, p1 = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(p1 >> np.uint64(32)) ^ c[1] ^ k[0], p1 & mask, (p0 >> np.uint64(32)) ^ c[3] ^ k[1], p0 & mask]
        k = [(k[0] + np.uint64(0x9E3779B9)) & mask, (k[1] + np.uint64(0xBB67AE85)) & mask]
    return c


def words(seed, purpose, step, lane):
    a, b, c, d = philox(seed, purpose, step, lane)
    return a | b << np.uint64(32), c | d << np.uint64(32)


def unit(bits):
    return ((bits >> np.uint64(12)).astype(float) + 0.5) * 2.0**-52


def below(n, seed, purpose, step, lane):
    return np.array([int(w) * n >> 64 for w in words(seed, purpose, step, lane)[0].ravel()])


def normals(seed, purpose, step, count):
    """Returns `count` standard normal numbers per step. Each of the lanes 0, 1, … gives a pair of them."""
    lanes = np.arange((count + 1) // 2)
    first, second = words(seed, purpose, np.asarray(step)[:, None], lanes[None, :])
    radius, angle = np.sqrt(-2 * np.log(unit(first))), 2 * np.pi * unit(second)
    pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    return pairs.reshape(len(pairs), -1)[:, :count]


def read_libsvm(path):
    rows, labels = [], []
    for line in path.read_text().splitlines():
        label, *pairs = line.split()
        labels.append(float(label))
        rows.append({int(i): float(v) for i, v in (p.split(":") for p in pairs)})
    x = np.zeros((len(rows), max(max(r) for r in rows)))
    for i, row in enumerate(rows):
        for j, v in row.items():
            x[i, j - 1] = v
    low, high = sorted(set(labels))
    return x, np.where(np.array(labels) == low, -1.0, 1.0)


def synthetic(p, first, count):
    d, seed = p["dimension"], p["data_seed"]
    index = np.arange(first, first + count)
    x = normals(seed, FEATURES, index, d)
    w = normals(seed, MODEL, [0], d)[0]
    flipped = unit(words(seed, LABELS, index, 0)[0]) < p["flip_probability"]
    return x, np.where((x @ (w / np.linalg.norm(w)) > 0) != flipped, 1.0, -1.0)


def multipliers(spec, steps):
    u = np.arange(steps) / steps
    if spec.startswith("warmup("):
        share, inner = spec[len("warmup("):-1].split(",", 1)
        warm = int(np.ceil(float(share) * steps))
        return np.concatenate([(np.arange(warm) + 1) / warm, multipliers(inner.strip(), steps - warm)])
    return {
        "constant": lambda: np.ones(steps),
        "inverse_sqrt": lambda: 1 / np.sqrt(np.arange(steps) + 1),
        "linear": lambda: 1 - u,
        "polynomial(2)": lambda: (1 - u) ** 2,
        "cosine": lambda: (1 + np.cos(np.pi * u)) / 2,
    }[spec]()


class Logistic:
    def __init__(self, p):
        if "data" in p:
            self.x, self.y = read_libsvm(SOURCE / "jobs" / "sweeps" / p["data"])
            self.test = None
        else:
            self.x, self.y = synthetic(p, 0, p["samples"])
            self.test = synthetic(p, 2**40, p["test_samples"])
        self.l2, self.radius = p["l2"], p["radius"]
        self.start = lambda seed: np.zeros(self.x.shape[1])
        self.samples = len(self.y)
        self.f_star, self.w_star = self.minimise()

    def gradient(self, w, batch, *_):
        x, y = (self.x, self.y) if batch is None else (self.x[batch], self.y[batch])
        return -(y / (1 + np.exp(y * (x @ w)))) @ x / len(y) + self.l2 * w

    def loss(self, w, x, y):
        return np.mean(np.logaddexp(0, -y * (x @ w)))

    def objective(self, w):
        return self.loss(w, self.x, self.y) + self.l2 / 2 * w @ w

    def minimise(self):
        """Minimises by Newton's method; valid only for cases whose minimiser is inside the ball."""
        w = np.zeros(self.x.shape[1])
        for _ in range(50):
            s = 1 / (1 + np.exp(-self.y * (self.x @ w)))
            hessian = (self.x * (s * (1 - s))[:, None]).T @ self.x / self.samples + self.l2 * np.eye(len(w))
            w = w - np.linalg.solve(hessian, self.gradient(w, None))
        assert np.linalg.norm(self.gradient(w, None)) < 1e-12, "the reference needs an interior minimiser"
        assert self.radius == 0 or np.linalg.norm(w) < self.radius
        return self.objective(w), w

    def metrics(self, w):
        out = {"train_loss": self.objective(w), "distance": np.linalg.norm(w - self.w_star),
               "train_accuracy": np.mean(self.y * (self.x @ w) > 0)}
        out["excess_loss"] = out["train_loss"] - self.f_star
        if self.test is not None:
            x, y = self.test
            out |= {"test_loss": self.loss(w, x, y), "test_accuracy": np.mean(y * (x @ w) > 0)}
        return out


class Ball:
    """Base class of the problems on a ball whose gradient noise has a fixed size."""
    samples = 0

    def __init__(self, p):
        self.p, self.radius, self.noise, self.d = p, p["radius"], p["noise"], p["dimension"]
        self.start = lambda seed: np.full(self.d, self.radius / np.sqrt(self.d))

    def gradient(self, w, batch, seed, step, size):
        bits = size * self.d
        draws = np.stack(philox(seed, NOISE, step, np.arange((bits + 127) // 128)), axis=-1).ravel()
        ones = np.array([int(draws[i // 32]) >> i % 32 & 1 for i in range(bits)]).reshape(self.d, size).sum(1)
        return self.slope(w) + self.noise / np.sqrt(self.d) * (2 * ones - size) / size

    def metrics(self, w):
        return {"train_loss": self.loss(w), "excess_loss": self.loss(w), "distance": np.linalg.norm(w)}


class Quadratic(Ball):
    def slope(self, w):
        return self.p["curvature"] * w

    def loss(self, w):
        return self.p["curvature"] / 2 * w @ w


class AbsoluteValue(Ball):
    """f(w) = slope/sqrt(d) |w|_1. In no case may an iterate be exactly 0, where rounding would decide the sign."""

    def slope(self, w):
        return self.p["slope"] / np.sqrt(self.d) * np.sign(w)

    def loss(self, w):
        return self.p["slope"] / np.sqrt(self.d) * np.abs(w).sum()


KINDS = {"logistic_regression": Logistic, "quadratic": Quadratic, "absolute_value": AbsoluteValue}


def batches(sgd, samples, seed):
    size, epoch, order = sgd.get("batch_size", 1), -1, None
    for t in range(sgd["steps"]):
        if sgd["sampling"] == "full_batch" or samples == 0:
            yield None
        elif sgd["sampling"] == "with_replacement":
            yield below(samples, seed, SAMPLE, t, np.arange(size))
        else:
            chosen = []
            for place in range(t * size, (t + 1) * size):
                if place // samples != epoch:
                    epoch = place // samples
                    order = list(range(samples))
                    for last in range(samples - 1, 0, -1):
                        other = int(below(last + 1, seed, SHUFFLE, epoch, last)[0])
                        order[last], order[other] = order[other], order[last]
                chosen.append(order[place % samples])
            yield np.array(chosen)


class Sgd:
    """Heavy ball or Nesterov momentum in PyTorch's form."""

    def __init__(self, sgd):
        self.mu, self.nesterov, self.velocity = sgd["momentum"], sgd["nesterov"], 0.0

    def step(self, w, g, eta):
        self.velocity = self.mu * self.velocity + g
        return w - eta * (g + self.mu * self.velocity if self.nesterov else self.velocity)


class AdamW:
    """arXiv 1711.05101, algorithm 2, with the weight decay multiplied by the stepsize."""

    def __init__(self, sgd):
        self.beta1, self.beta2, self.epsilon = sgd["beta1"], sgd["beta2"], sgd["epsilon"]
        self.decay, self.m, self.v, self.t = sgd["weight_decay"], 0.0, 0.0, 0

    def step(self, w, g, eta):
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * g
        self.v = self.beta2 * self.v + (1 - self.beta2) * g ** 2
        mean, square = self.m / (1 - self.beta1 ** self.t), self.v / (1 - self.beta2 ** self.t)
        return w - eta * self.decay * w - eta * mean / (np.sqrt(square) + self.epsilon)


class SignMomentum:
    """Lion: arXiv 2302.06675, algorithm 2."""

    def __init__(self, sgd):
        self.beta1, self.beta2, self.decay, self.m = sgd["beta1"], sgd["beta2"], sgd["weight_decay"], 0.0

    def step(self, w, g, eta):
        sign = np.sign(self.beta1 * self.m + (1 - self.beta1) * g)
        self.m = self.beta2 * self.m + (1 - self.beta2) * g
        return w - eta * (sign + self.decay * w)


class Dog:
    """arXiv 2302.12022, section 2: eta_t = r_t / sqrt(sum over i <= t of |g_i|^2), where r_t is the largest |w_i - w_0|
    with i <= t, and at least r_epsilon (1 + |w_0|)."""

    def __init__(self, sgd):
        self.r_epsilon, self.start, self.reach, self.squares = sgd["r_epsilon"], None, None, 0.0

    def step(self, w, g, eta):
        if self.start is None:
            self.start, self.reach = w, self.r_epsilon * (1 + np.linalg.norm(w))
        self.reach = max(self.reach, np.linalg.norm(w - self.start))
        self.squares += g @ g
        return w - eta * self.reach / np.sqrt(self.squares) * g


class Prodigy:
    """arXiv 2306.06101, algorithm 4 (the Adam version), with gamma_k = eta h_k."""

    def __init__(self, sgd):
        self.beta1, self.beta2, self.epsilon, self.d = sgd["beta1"], sgd["beta2"], sgd["epsilon"], sgd["d0"]
        self.m = self.v = self.s = self.r = 0.0
        self.start = None

    def step(self, w, g, eta):
        self.start = w if self.start is None else self.start
        d, beta3 = self.d, np.sqrt(self.beta2)
        self.m = self.beta1 * self.m + (1 - self.beta1) * d * g
        self.v = self.beta2 * self.v + (1 - self.beta2) * d**2 * g**2
        self.r = beta3 * self.r + (1 - beta3) * eta * d**2 * (g @ (self.start - w))
        self.s = beta3 * self.s + (1 - beta3) * eta * d**2 * g
        self.d = max(d, self.r / np.abs(self.s).sum())
        return w - eta * d * self.m / (np.sqrt(self.v) + d * self.epsilon)


OPTIMIZERS = {"sgd": Sgd, "adamw": AdamW, "sign_momentum": SignMomentum, "dog": Dog, "prodigy": Prodigy}


def iterates(start, gradient, project, sgd, eta, h):
    """Yields the iterates w_1, w_2, … after projection, or their running average. `gradient` is called with (w, t)."""
    if sgd.get("optimizer") == "schedule_free":
        yield from schedule_free(start, gradient, project, sgd["beta"], eta, h)
        return
    w, optimizer, average = start, OPTIMIZERS[sgd.get("optimizer", "sgd")](sgd), np.zeros_like(start)
    for t in range(sgd["steps"]):
        w = project(optimizer.step(w, gradient(w, t), eta * h[t]))
        average = average + (w - average) / (t + 1)
        yield average if sgd["iterate"] == "average" else w


def schedule_free(start, gradient, project, beta, eta, h):
    """Yields the averages x of arXiv 2405.15682, equations 3 to 5, with weights gamma_t^2 as in its algorithm 1.
    Projects the iterates z."""
    x, z, squares = start, start, 0.0
    for t, h_t in enumerate(h):
        gamma = eta * h_t
        z = project(z - gamma * gradient((1 - beta) * z + beta * x, t))
        squares += gamma**2
        x = (1 - gamma**2 / squares) * x + gamma**2 / squares * z
        yield x


def onto_ball(radius):
    def project(w):
        norm = np.linalg.norm(w)
        return w * (radius / norm) if 0 < radius < norm else w
    return project


def run_trial(problem, sgd, seed, eta, h):
    """Yields the iterate after every step of a trial."""
    drawn = list(batches(sgd, problem.samples, seed))

    def gradient(w, t):
        return problem.gradient(w, drawn[t], seed, t, sgd.get("batch_size", 1))
    return iterates(problem.start(seed), gradient, onto_ball(problem.radius), sgd, eta, h)


CASES = {
    # name: (problem, sgd, grid, relative tolerance)
    "full batch, cosine, momentum 0.9, l2 0.01 on a LIBSVM file": (
        'kind = "logistic_regression"\ndata = "data/breast_cancer.libsvm"\nl2 = 0.01',
        'steps = 300\nsampling = "full_batch"\nmomentum = 0.9',
        'stepsize = 0.05\nschedule = ["cosine"]\nrho = [0.5, 1, 2, 4]\nseed = 0', 1e-10),
    "mini-batches with replacement and projection": (
        'kind = "logistic_regression"\nsamples = 300\ndimension = 7\ntest_samples = 50\nflip_probability = 0.3\nradius = 2.0',
        "steps = 400\nbatch_size = 4",
        'stepsize = 1.5\nschedule = ["constant", "inverse_sqrt", "linear"]\nrho = [0.1, 1, 10]\nseed = [3, 4]', 1e-10),
    "shuffled batches that straddle epochs, Nesterov, averaged iterate": (
        'kind = "logistic_regression"\nsamples = 45\ndimension = 3\ntest_samples = 10\nl2 = 0.02',
        'steps = 120\nbatch_size = 7\nsampling = "shuffle"\nmomentum = 0.5\nnesterov = true\niterate = "average"',
        'stepsize = 0.1\nschedule = ["polynomial(2)", "warmup(0.1, cosine)"]\nrho = [0.3, 1, 3]\nseed = [1]', 1e-10),
    "noisy quadratic in five dimensions": (
        'kind = "quadratic"\ncurvature = 0.3\nradius = 2.0\nnoise = 0.7\ndimension = 5',
        "steps = 200\nbatch_size = 3",
        'stepsize = 0.4\nschedule = ["constant", "cosine"]\nrho = [0.5, 1, 8]\nseed = [0, 9]', 1e-10),
    "absolute value, from the ball's edge to jumps across it": (
        'kind = "absolute_value"\nslope = 0.3\nnoise = 0.7',
        "steps = 300",
        'stepsize = 0.37\nschedule = ["constant", "inverse_sqrt", "cosine"]\nrho = [0.01, 0.5, 1, 8]\nseed = [0, 9]', 1e-10),
    "absolute values in five dimensions with momentum": (
        'kind = "absolute_value"\nslope = 0.3\nradius = 2.0\nnoise = 0.7\ndimension = 5',
        "steps = 200\nbatch_size = 3\nmomentum = 0.6",
        'stepsize = 0.37\nschedule = ["linear"]\nrho = [0.01, 1, 8]\nseed = [0, 9]', 1e-10),
    "absolute values in five dimensions": (
        'kind = "absolute_value"\nslope = 0.3\nradius = 2.0\nnoise = 0.7\ndimension = 5',
        "steps = 200\nbatch_size = 3",
        'stepsize = 0.37\nschedule = ["constant", "cosine"]\nrho = [0.01, 1, 8]\nseed = [0, 9]', 1e-10),
    "adamw with mini-batches, projection and averaged iterate": (
        'kind = "logistic_regression"\nsamples = 80\ndimension = 6\ntest_samples = 10\nl2 = 0.05\nradius = 3.0',
        'steps = 200\nbatch_size = 3\noptimizer = "adamw"\nweight_decay = 0.2\niterate = "average"',
        'stepsize = 0.05\nschedule = ["constant", "cosine"]\nrho = [0.1, 1, 10]\nseed = [0, 1]', 1e-10),
    "adamw with one sample of a file a step": (
        'kind = "logistic_regression"\ndata = "data/breast_cancer.libsvm"\nl2 = 0.01',
        'steps = 200\noptimizer = "adamw"\nbeta1 = 0.8\nbeta2 = 0.99\nepsilon = 1e-4',
        'stepsize = 0.01\nschedule = ["linear"]\nrho = [0.5, 4]\nseed = 0', 1e-10),
    "sign_momentum with decay on a noisy quadratic": (
        'kind = "quadratic"\ncurvature = 0.3\nradius = 2.0\nnoise = 0.7\ndimension = 5',
        'steps = 200\nbatch_size = 2\noptimizer = "sign_momentum"\nweight_decay = 0.1',
        'stepsize = 0.01\nschedule = ["constant", "cosine"]\nrho = [0.3, 1, 8]\nseed = [0, 9]', 1e-10),
    "sign_momentum with the full batch": (
        'kind = "logistic_regression"\nsamples = 45\ndimension = 3\ntest_samples = 10\nl2 = 0.02',
        'steps = 100\nsampling = "full_batch"\noptimizer = "sign_momentum"',
        'stepsize = 0.02\nschedule = ["cosine"]\nrho = [0.3, 1, 3]\nseed = 1', 1e-10),
    "dog with mini-batches, projection and averaged iterate, every step": (
        'kind = "logistic_regression"\nsamples = 80\ndimension = 6\ntest_samples = 10\nl2 = 0.05\nradius = 3.0',
        'steps = 200\nbatch_size = 3\noptimizer = "dog"\niterate = "average"\nevaluations = 200',
        'stepsize = 1\nschedule = ["constant", "cosine"]\nrho = [0.1, 1, 10]\nseed = [0, 1]', 1e-10),
    "dog with one sample of a file a step, every step": (
        'kind = "logistic_regression"\ndata = "data/breast_cancer.libsvm"\nl2 = 0.01',
        'steps = 200\noptimizer = "dog"\nr_epsilon = 1e-3\nevaluations = 200',
        'stepsize = 0.5\nschedule = ["linear"]\nrho = [0.5, 4]\nseed = 0', 1e-10),
    "dog on a noisy quadratic, every step": (
        'kind = "quadratic"\ncurvature = 0.3\nradius = 2.0\nnoise = 0.7\ndimension = 5',
        'steps = 200\nbatch_size = 2\noptimizer = "dog"\nr_epsilon = 1e-2\nevaluations = 200',
        'stepsize = 1\nschedule = ["constant", "cosine"]\nrho = [0.3, 1, 8]\nseed = [0, 9]', 1e-10),
    "prodigy with mini-batches and projection, every step": (
        'kind = "logistic_regression"\nsamples = 80\ndimension = 6\ntest_samples = 10\nl2 = 0.05\nradius = 3.0',
        'steps = 200\nbatch_size = 3\noptimizer = "prodigy"\nevaluations = 200',
        'stepsize = 1\nschedule = ["constant", "cosine"]\nrho = [0.1, 1, 10]\nseed = [0, 1]', 1e-10),
    "prodigy on a noisy quadratic, averaged, every step": (
        'kind = "quadratic"\ncurvature = 0.3\nradius = 2.0\nnoise = 0.7\ndimension = 5',
        'steps = 200\nbatch_size = 2\noptimizer = "prodigy"\nbeta1 = 0.5\nbeta2 = 0.9\nepsilon = 1e-3\nd0 = 1e-2\n'
        'iterate = "average"\nevaluations = 200',
        'stepsize = 0.7\nschedule = ["constant", "cosine"]\nrho = [0.3, 1, 8]\nseed = [0, 9]', 1e-10),
    "schedule_free with mini-batches, projection and warm-up, every step": (
        'kind = "logistic_regression"\nsamples = 80\ndimension = 6\ntest_samples = 10\nl2 = 0.05\nradius = 3.0',
        'steps = 200\nbatch_size = 3\noptimizer = "schedule_free"\nevaluations = 200',
        'stepsize = 0.5\nschedule = ["constant", "warmup(0.1, constant)", "linear"]\nrho = [0.1, 1, 10]\nseed = [0, 1]',
        1e-10),
    "schedule_free with the full batch of a file, every step": (
        'kind = "logistic_regression"\ndata = "data/breast_cancer.libsvm"\nl2 = 0.01',
        'steps = 100\nsampling = "full_batch"\noptimizer = "schedule_free"\nbeta = 0.6\nevaluations = 100',
        'stepsize = 0.05\nschedule = ["constant"]\nrho = [0.5, 1, 4]\nseed = 0', 1e-10),
    "schedule_free on absolute values, every step": (
        'kind = "absolute_value"\nslope = 0.3\nradius = 2.0\nnoise = 0.7\ndimension = 5',
        'steps = 200\noptimizer = "schedule_free"\nevaluations = 200',
        'stepsize = 0.37\nschedule = ["constant"]\nrho = [0.3, 1, 8]\nseed = [0, 9]', 1e-10),
    "float32, with a tolerance of its rounding": (
        'kind = "logistic_regression"\nsamples = 200\ndimension = 6\ntest_samples = 40\nl2 = 0.05',
        'steps = 250\nbatch_size = 2\nmomentum = 0.3\nprecision = "float32"',
        'stepsize = 0.2\nschedule = ["linear"]\nrho = [0.2, 1]\nseed = [0, 1]', 1e-4),
}


def run_sweep(program, text):
    """Runs a sweep without axes. Returns its open results file and its effective sweep."""
    Path("reference.toml").write_text(text)
    program.succeed("run", "reference.toml", "-o", "reference.h5", "--overwrite", "--progress", "none", ranks=2)
    file = h5py.File("reference.h5")
    assert (file["status"][...] == 1).all(), "not every trial is done"
    return file, tomllib.loads(file.attrs["sweep"])


def trials(file, steps):
    """Yields the cell, seed, stepsize, schedule multipliers and name of every trial."""
    for j, spec in enumerate(file["schedule"].asstr()[...]):
        h = multipliers(spec, steps)
        for i, seed in enumerate(file["seed"][...]):
            for k, rho in enumerate(file["rho"][...]):
                yield (i, j, k), int(seed), float(file["stepsize"][j, k]), h, f"seed {seed}, {spec}, rho {rho}"


class Errors:
    """Compares numbers of a results file with the expected ones and keeps the largest relative error."""

    def __init__(self, tolerance):
        self.tolerance, self.worst = tolerance, 0.0

    def check(self, what, found, expected, scale=None):
        error = abs(found - expected) / abs(expected if scale is None else scale)
        self.worst = max(self.worst, error)
        assert error <= self.tolerance, f"{what}: found {found!r}, expected {expected!r}, relative error {error:.1e}"

    def __str__(self):
        return f"largest relative error {self.worst:.1e}, allowed {self.tolerance:.0e}"


def check(name, case, program):
    problem_text, sgd_text, grid_text, tolerance = case
    evaluations = "" if "evaluations" in sgd_text else "evaluations = 1\n"
    text = f"[problem]\n{problem_text}\n[sgd]\n{sgd_text}\n{evaluations}[grid]\n{grid_text}\n"
    file, effective = run_sweep(program, text.replace('"data/', f'"{SOURCE}/jobs/sweeps/data/'))
    sgd, p = effective["sgd"], effective["problem"]
    problem = KINDS[p["kind"]](p)
    errors = Errors(tolerance)
    with file:
        places = {int(step): place for place, step in enumerate(file["step"][...])}
        values = {name: file[name][...] for name in file if name.endswith(("loss", "accuracy", "distance"))}
        for cell, seed, stepsize, h, called in trials(file, sgd["steps"]):
            for t, w in enumerate(run_trial(problem, sgd, seed, stepsize, h), start=1):
                if t not in places:
                    continue
                metrics = problem.metrics(w)
                for metric, expected in metrics.items():
                    # An excess is a difference of losses, so its rounding error is as large as that of a loss.
                    scale = metrics["train_loss"] if metric == "excess_loss" else expected
                    what = f"{name}: {metric} of {called} after step {t}"
                    errors.check(what, values[metric][*cell, places[t]], expected, scale)
                    if t == sgd["steps"]:
                        errors.check(what, values[f"final_{metric}"][cell], expected, scale)
    print(f"{name}: {errors}")


if __name__ == "__main__":
    program = Program(*sys.argv[1:3])
    for name, case in CASES.items():
        check(name, case, program)
