"""Tests jobs/examples/torch/cifar10.py by the sweep jobs/paper/cifar10.toml, on 200 random images in files of CIFAR-10's
format: the training is repeated here with the formulas of the schedule, the momentum and the weight decay.

Usage: wide_resnet.py RHOSWEEP MPIEXEC JOBS_FOLDER. Skipped without PyTorch (exit code 77).
"""

import math
import os
import sys
from pathlib import Path

import h5py
import numpy as np

from program import Program

SKIPPED = 77
STEPS, BATCH, DECAY, MOMENTUM, STEPSIZE = 4, 50, 5e-4, 0.9, 0.1
FILES = {"test_batch.bin": 50} | {f"data_batch_{i}.bin": 30 for i in range(1, 6)}
METRICS = "train_loss", "test_loss", "test_accuracy"

# Numbers of parameters by (depth, width). Sources: for IN_MILLIONS, the tables of Zagoruyko & Komodakis, arXiv
# 1605.07146; for EXACT, the CIFAR-10 tests of the independent implementation in pytorchcv (osmr/imgclsmob).
IN_MILLIONS = {(40, 1): 0.6, (40, 2): 2.2, (40, 4): 8.9, (28, 10): 36.5, (16, 8): 11.0}
EXACT = {(16, 10): 17_116_634, (28, 10): 36_479_194, (40, 8): 35_748_314}


def make_files(folder):
    """Writes random records to all FILES. Returns the records of each file, shape (n, 3073)."""
    folder.mkdir(exist_ok=True)
    random, records = np.random.default_rng(3), {}
    for name, count in FILES.items():
        records[name] = random.integers(0, 256, (count, 3073), dtype=np.uint8)
        records[name][:, 0] = random.integers(0, 10, count)
        records[name].tofile(folder / name)
    return records


def settings(data, **problem):
    problem = {"data": str(data), "depth": 10, "width": 1, "train_on": "cpu"} | problem
    values = {f"problem.{key}": f'"{value}"' if isinstance(value, str) else value for key, value in problem.items()}
    values |= {"sgd.steps": STEPS, "sgd.batch_size": BATCH, "sgd.evaluations": 2, "grid.rho": "[0.5]", "grid.seed": "[0, 1]",
               "grid.schedule": '["constant", "cosine"]'}
    return [word for key, value in values.items() for word in ("--set", f"{key}={value}")]


def read(file):
    """Returns the metrics by name, each of shape (seed, schedule, evaluation)."""
    with h5py.File(file) as results:
        assert (results["status"][()] == 1).all() and results["step"][()].tolist() == [1, STEPS]
        return {name: results[name][:, :, 0] for name in METRICS}


def the_networks_have_the_published_sizes(WideResNet):
    sizes = {shape: sum(weights.numel() for weights in WideResNet(*shape).parameters()) for shape in IN_MILLIONS | EXACT}
    for shape, millions in IN_MILLIONS.items():
        assert round(sizes[shape] / 1e6, 1) == millions, (shape, sizes)
    for shape, size in EXACT.items():
        assert sizes[shape] == size, (shape, sizes)
    for shape in (27, 10), (4, 1), (28, 0):
        refused(lambda: WideResNet(*shape), "allowed: depth 10, 16")


def refused(call, *words):
    try:
        call()
    except ValueError as error:
        assert all(word in str(error) for word in words) and "\n" not in str(error), error
    else:
        raise AssertionError(f"accepted; expected: {words}")


def normalised(records):
    """Returns the images of the records, shape (n, 3, 32, 32): (byte - mean)/deviation, where mean and deviation are
    constants of each colour channel."""
    pixels = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return ((pixels - [125.3, 123.0, 113.9]) / [63.0, 62.1, 66.7]).transpose(0, 3, 1, 2)


def the_files_are_read(cifar10, folder, records):
    import torch
    train, test = cifar10.read_cifar10(folder, torch.device("cpu"))
    batches = np.concatenate([records[f"data_batch_{i}.bin"] for i in range(1, 6)])
    for (images, labels), expected in (train, batches), (test, records["test_batch.bin"]):
        assert np.allclose(images, normalised(expected), rtol=1e-5, atol=1e-6) and (labels.numpy() == expected[:, 0]).all()
    return train, test


def images_are_cropped_and_flipped(cifar10, images):
    """Checks that every augmented image is one of the 81 crops of the image with reflected padding, or its mirror
    image."""
    import torch
    torch.manual_seed(5)
    seen = {"flipped": set(), "top": set(), "left": set()}
    for image, changed in zip(images.numpy(), cifar10.augment(images).numpy()):
        wider = np.pad(image, ((0, 0), (4, 4), (4, 4)), mode="reflect")
        [found] = [(flipped, top, left) for flipped in (False, True) for top in range(9) for left in range(9)
                   if np.array_equal(wider[:, top:top + 32, left:left + 32][:, :, ::-1 if flipped else 1], changed)]
        for name, value in zip(seen, found):
            seen[name].add(value)
    assert seen == {"flipped": {False, True}, "top": set(range(9)), "left": set(range(9))}, seen


def damaged_files_are_refused(program, cifar10, folder, sweep, environment):
    content = (folder / "test_batch.bin").read_bytes()
    bad = Path("bad.bin")
    for damaged, words in ((content[:-1], ["153649 bytes", "3073"]), (b"", ["0 bytes"]),
                           (content[:3073] + b"\x0a" + content[3074:], ["image 1 has the label 10", "0 to 9"])):
        bad.write_bytes(damaged)
        refused(lambda: cifar10.read_file(bad), "bad.bin", *words)
    cut = folder.parent / "cut"
    make_files(cut)
    (cut / "data_batch_3.bin").write_bytes(content[:-1])
    done = program("try", sweep, *settings(cut), environment=environment)
    said = [line for line in done.stdout.splitlines() if line.startswith("! ")]  # on standard error
    assert done.returncode != 0 and len(said) == 1 and said[0].startswith("! cifar10.py: error: "), done
    assert "data_batch_3.bin: found 153649 bytes" in said[0], done


def expected_metrics(modules, train, test, schedule, seed):
    """Trains with h_t, momentum and weight decay from the formulas. Returns the metrics after the last step."""
    import torch
    from torch.nn import functional
    cifar10, batches = modules
    torch.manual_seed(seed)
    network = cifar10.WideResNet(10, 1)
    weights = list(network.parameters())
    velocities = [torch.zeros_like(w) for w in weights]
    for t, batch in zip(range(STEPS), batches(len(train[1]), BATCH)):
        eta = 0.5 * STEPSIZE * (1 if schedule == "constant" else (1 + math.cos(math.pi * t / STEPS)) / 2)
        loss = functional.cross_entropy(network(cifar10.augment(train[0][batch])), train[1][batch])
        for w, v, gradient in zip(weights, velocities, torch.autograd.grad(loss, weights)):
            with torch.no_grad():
                gradient = gradient + DECAY * w
                v.mul_(MOMENTUM).add_(gradient)
                w.sub_(eta * (gradient + MOMENTUM * v))
    network.eval()
    with torch.no_grad():
        outputs = network(test[0])
        regulariser = DECAY / 2 * sum(float((w.double() ** 2).sum()) for w in weights)
        return [float(functional.cross_entropy(network(train[0]), train[1])) + regulariser,
                float(functional.cross_entropy(outputs, test[1])),
                float((outputs.argmax(1) == test[1]).double().mean())]


def main(rhosweep, mpiexec, jobs):
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed, the Wide ResNet is left out: apt-get install python3-torch")
        return SKIPPED
    torch.set_num_threads(1)
    program, jobs, folder = Program(rhosweep, mpiexec), Path(jobs), Path("images").resolve()
    sys.path[:0] = [str(jobs / "examples/torch"), str(Path(rhosweep).parents[1] / "share/rhosweep/python")]
    import cifar10
    from digits import batches
    sweep = jobs / "paper/cifar10.toml"
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    records = make_files(folder)
    the_networks_have_the_published_sizes(cifar10.WideResNet)
    train, test = the_files_are_read(cifar10, folder, records)
    images_are_cropped_and_flipped(cifar10, train[0])
    damaged_files_are_refused(program, cifar10, folder, sweep, environment)
    if not torch.cuda.is_available():
        refused(lambda: cifar10.device_of("cuda"), "no GPU")

    run = "run", sweep, *settings(folder), "--overwrite", "--progress", "none"
    program.succeed(*run, "-o", "serve.h5", environment=environment)
    served = read("serve.h5")
    for s, seed in enumerate((0, 1)):
        for h, schedule in enumerate(("constant", "cosine")):
            expected = expected_metrics((cifar10, batches), train, test, schedule, seed)
            found = [served[name][s, h, -1] for name in METRICS]
            assert np.allclose(found, expected, rtol=1e-5), (seed, schedule, found, expected)
    assert len(set(served["train_loss"][:, :, -1].ravel())) == 4, served  # seeds and schedules differ

    # One of these trials in a process of its own has the same bits.
    program.succeed(*run, "-o", "once.h5", "--set", 'problem.mode="once"', "--set", "grid.seed=[1]", "--set",
                    'grid.schedule=["cosine"]', environment=environment)
    for name, values in read("once.h5").items():
        assert np.array_equal(values[0, 0], served[name][1, 1]), (name, values, served[name])
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
