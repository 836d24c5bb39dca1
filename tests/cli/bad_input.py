"""Checks that bad input ends every rank with one clear line and exit code 2 (1 for file system errors) and writes
nothing.

Usage: bad_input.py RHOSWEEP MPIEXEC RANKS   (RANKS 0: without mpirun)
"""

import sys
import tempfile
from pathlib import Path

from program import Program

GOOD = """\
[problem]
kind = "logistic_regression"
samples = 20
dimension = 2
radius = 1.0
[sgd]
steps = 8
evaluations = 2
[grid]
stepsize = "theory"
schedule = ["constant", "cosine"]
rho = [0.5, 1.0]
seed = [0]
"""


DATA = {}  # name of a data file: its content


def with_data(text, content):
    name = f"bad{len(DATA)}.libsvm"
    DATA[name] = content
    return text.replace("samples = 20\ndimension = 2", f'data = "{name}"')


# name: (sweep text or None for no file, extra arguments, exit code, words that the line must contain)
CASES = {
    "no file": (None, [], 2, ["sweep.toml", "No such file"]),
    "broken TOML": (GOOD.replace("steps = 8", "steps = = 8"), [], 2, ["sweep.toml:7"]),
    "unknown key": (GOOD.replace("steps = 8", "stepps = 8"), [], 2, ["sweep.toml:7", "sgd.stepps", "'steps'"]),
    "unknown section": (GOOD.replace("[sgd]", "[sdg]"), [], 2, ["sweep.toml:6", "sdg", "'sgd'"]),
    "wrong type": (GOOD.replace("steps = 8", 'steps = "8"'), [], 2, ["sweep.toml:7", "sgd.steps", "an integer in [1, "]),
    "rho = 0": (GOOD.replace("[0.5, 1.0]", "[0.5, 0]"), [], 2, ["sweep.toml:12", "grid.rho", "0"]),
    "rho = nan": (GOOD.replace("[0.5, 1.0]", "[0.5, nan]"), [], 2, ["sweep.toml:12", "grid.rho", "nan"]),
    "empty axis": (GOOD + '[axes]\n"problem.l2" = []\n', [], 2, ["sweep.toml:15", "problem.l2", "at least one"]),
    "duplicate axis value": (GOOD + '[axes]\n"problem.l2" = [0.1, 0.1]\n', [], 2, ["sweep.toml:15", "problem.l2"]),
    "a pair without its second value": (GOOD + '[axes]\n"sgd.steps, sgd.batch_size" = [[8, 1], [4]]\n', [], 2,
                                        ["sweep.toml:15", "sgd.steps, sgd.batch_size", "found [4]", "lists of 2 values"]),
    "a key on two axes": (GOOD + '[axes]\n"sgd.steps, sgd.batch_size" = [[8, 1]]\n"sgd.steps" = [4]\n', [], 2,
                          ["sweep.toml:16", "sgd.steps twice"]),
    "no such point to exclude": (GOOD + '[axes]\nproblem.l2 = [0.1, 1]\n[[exclude]]\nproblem.l2 = 0.2\n', [], 2,
                                 ["sweep.toml:17", 'exclude."problem.l2"', "found 0.2", "0.1, 1.0"]),
    "everything excluded": (GOOD + '[axes]\nproblem.l2 = [0.1, 1]\n[[exclude]]\nproblem.l2 = [1, 0.1]\n', [], 2,
                            ["sweep.toml:16", "exclude", "all points of the axes"]),
    "unknown schedule": (GOOD.replace('"cosine"', '"cosin"'), [], 2, ["sweep.toml:11", "cosin", "'cosine'"]),
    "theory without a bounded domain": (GOOD.replace("radius = 1.0\n", ""), [], 2, ["grid.stepsize", "problem.radius"]),
    "data file with a bad line": (with_data(GOOD, "1 1:0.5\n-1 1:x\n"), [], 2, ["problem.data", ".libsvm:2"]),
    "three classes for hinge": (with_data(GOOD.replace("logistic_regression", "hinge"), "1 1:1\n2 1:2\n3 1:3\n"), [], 2,
                                ["problem.data", "the labels 1, 2, 3", "exactly two different labels"]),
    "one class for softmax": (with_data(GOOD.replace("logistic_regression", "softmax_regression"), "1 1:1\n1 1:2\n"), [],
                              2, ["problem.data", "the label 1", "at least two"]),
    "numbers for classes": (with_data(GOOD.replace("logistic_regression", "softmax_regression"), "1 1:1\n0.5 1:2\n"), [],
                            2, ["problem.data", ".libsvm:2", "the label 0.5", "whole numbers"]),
    "theory without a gradient bound": (GOOD.replace("logistic_regression", "least_squares").replace(
        "radius = 1.0", "diameter = 1.0"), [], 2, ["grid.stepsize", "a bound on the stochastic gradients", "problem.radius"]),
    "theory for a perceptron": (GOOD.replace("logistic_regression", "mlp").replace("radius = 1.0\n", ""), [], 2,
                                ["sweep.toml:9", 'found "theory"', "for which the kind mlp has no keys",
                                 "allowed: a number > 0 or {SCHEDULE = number, ...}"]),
    "no data file": (GOOD.replace("samples = 20\ndimension = 2", 'data = "none.libsvm"'), [], 2,
                     ["none.libsvm", "No such file"]),
    "axes points with different metrics": (GOOD + '[axes]\n"problem.test_samples" = [0, 5]\n', [], 2,
                                           ["axes", "test_loss"]),
    "a stepsize that overflows": (GOOD.replace('"theory"', "1e308").replace("[0.5, 1.0]", "[1, 100]"), [], 2,
                                  ["sweep.toml:10", "grid.stepsize", "inf"]),
    "a stepsize that is infinite in float32": (
        GOOD.replace('"theory"', "1e39"), ["--set", 'sgd.precision="float32"'], 2,
        ["sweep.toml:10", "grid.stepsize: found 1e+39", "[1.18e-38, 3.4e+38], the normal numbers of float32"]),
    "a stepsize that is zero in float32": (
        GOOD.replace('"theory"', "1e-46"), ["--set", 'sgd.precision="float32"'], 2, ["sweep.toml:10", "1e-46", "float32"]),
    "a radius whose square is infinite in float32": (
        GOOD.replace("radius = 1.0", "radius = 1e25"), ["--set", 'sgd.precision="float32"'], 2,
        ["sweep.toml:5", "problem.radius: found 1e+25; allowed: a number in [0, 1000000000]"]),
    "theory for features that are all zero": (
        with_data(GOOD, "1 1:0\n-1 1:0\n"), [], 2, ["grid.stepsize", "gradients that are not zero everywhere",
                                                    "all features are zero"]),
    "too many samples for any memory": (GOOD, ["--set", "problem.samples=1000000000000"], 2, ["problem.samples"]),
    "more data than memory": (GOOD, ["--set", "problem.samples=4000000000", "--set", "problem.dimension=2000"], 2,
                              ["4000000000", "needs 58 TiB of memory", "available"]),
    "bad --set": (GOOD, ["--set", "sgd.steps=0"], 2, ["--set", "sgd.steps", "an integer in [1, "]),
    "unknown option": (GOOD, ["--ouput", "x.h5"], 2, ["--ouput"]),
    "no output folder": (GOOD, ["-o", "missing/out.h5"], 1, ["missing/out.h5", "No such file or directory"]),
    "output below a file": (GOOD, ["-o", "sweep.toml/out.h5"], 1, ["sweep.toml/out.h5", "Not a directory"]),
    "output folder that may not be written": (GOOD, ["-o", "/proc/out.h5"], 1, ["/proc/out.h5"]),
    "overwriting another file than a results file": (GOOD, ["-o", "sweep.toml", "--overwrite"], 2,
                                            ["sweep.toml", "not a results file"]),
    "no output name": (GOOD, ["-o", ""], 2, ['found ""']),
    "a folder for the output": (GOOD, ["-o", "."], 2, [" is a folder: name a file in it"]),
    "results for a sweep": ("\x89HDF\r\n\x1a\n", [], 2, ["sweep.toml", "an HDF5 file", "TOML", "attribute sweep"]),
    "unknown vector unit": (GOOD, [], 2, ['RHOSWEEP_VECTOR_UNIT: found "avx9"; allowed: portable']),
    "existing output": (GOOD, ["-o", "existing.h5"], 2, ["existing.h5", "--overwrite"]),
}


# Environment variables for the cases that need them.
ENVIRONMENTS = {"unknown vector unit": {"RHOSWEEP_VECTOR_UNIT": "avx9"}}


def check(program, name, ranks):
    text, extra, code, expected = CASES[name]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        if text is not None:
            (folder / "sweep.toml").write_text(text, encoding="latin-1", newline="")
        (folder / "existing.h5").write_text("precious")
        for data, content in DATA.items():
            (folder / data).write_text(content)
        before = {path: path.read_bytes() for path in folder.iterdir()}
        done = program("run", "sweep.toml", *extra, ranks=ranks, cwd=folder,
                       environment=ENVIRONMENTS.get(name))
        lines = done.stderr.strip().splitlines()
        problems = []
        if done.returncode != code:
            problems.append(f"exit code {done.returncode}, expected {code}")
        if len(lines) != 1:
            problems.append(f"{len(lines)} lines on standard error, expected one")
        problems += [f"no '{word}' in the message" for word in expected if word not in done.stderr]
        if done.stdout:
            problems.append("something on standard output")
        if {path: path.read_bytes() for path in folder.iterdir()} != before:
            problems.append("the folder was changed")
        if problems:
            print(f"{name} at {ranks} ranks: {'; '.join(problems)}\n{done.stderr}{done.stdout}")
        return not problems


def one_rank_has_another_processor(program):
    """Checks that all ranks end if one of them cannot use the vector unit that it was told to use."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "sweep.toml").write_text(GOOD)
        done = program("run", "sweep.toml", cwd=folder, ranks=[{}, {}, {"RHOSWEEP_VECTOR_UNIT": "avx9"}])
        is_right = (done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1
                    and "rank 2 on " in done.stderr and 'RHOSWEEP_VECTOR_UNIT: found "avx9"' in done.stderr
                    and [path.name for path in Path(folder).iterdir()] == ["sweep.toml"])
        if not is_right:
            print(f"one rank with another vector unit: exit code {done.returncode}\n{done.stderr}{done.stdout}")
        return is_right


if __name__ == "__main__":
    program = Program(*sys.argv[1:3])
    ranks = int(sys.argv[3])
    results = [check(program, name, ranks) for name in CASES]
    if ranks:
        results.append(one_rank_has_another_processor(program))
    print(f"{sum(results)} of {len(results)} kinds of bad input refused as they should be")
    sys.exit(0 if all(results) else 1)
