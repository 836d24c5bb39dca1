"""Checks that the results file depends only on the sweep: it is the same for any number of ranks, block width and
master, and for the vector code of any instruction set.

Usage: same_file.py RHOSWEEP MPIEXEC H5DIFF
"""

import sys
from pathlib import Path

import h5py

from program import Program, differences

SWEEP = """\
[problem]
kind = "logistic_regression"
samples = 60
dimension = 5
test_samples = 20
l2 = 0.01
[sgd]
batch_size = 2
sampling = "shuffle"
evaluations = 4
[grid]
stepsize = 0.5
schedule = ["constant", "linear", "warmup(0.1, cosine)"]
rho = { from = 0.01, to = 1e6, points = 23 }
seed = { from = 0, count = 3 }
[axes]
"sgd.steps" = [50, 200]
"problem.data_seed" = [1, 2]
"""

PERCEPTRON = """\
[problem]
kind = "mlp"
samples = 60
dimension = 9
test_samples = 20
hidden = [7, 5]
activation = "tanh"
[sgd]
steps = 40
batch_size = 4
evaluations = 3
optimizer = "adamw"
[grid]
stepsize = 0.01
schedule = ["constant", "cosine"]
rho = { from = 0.01, to = 1e6, points = 17 }
seed = [0, 1]
"""


def use(unit):
    """Returns the environment variables that choose a vector unit."""
    return {"RHOSWEEP_VECTOR_UNIT": unit}


def supported_units(program):
    """Returns the vector units that this processor supports; the program refuses the others."""
    units = []
    for unit in "portable", "neon", "avx2", "avx512":
        done = program("--version", environment=use(unit))
        assert done.returncode in (0, 2), done
        if done.returncode == 0:
            units.append(unit)
    return units


def perceptrons(program, h5diff, units):
    """Checks that a perceptron with another optimizer gives the same file on one and three ranks and with each vector
    unit."""
    Path("perceptron.toml").write_text(PERCEPTRON)
    for name, ranks, unit in [("p1.h5", 0, ""), ("p3.h5", 3, ""), *((f"p_{unit}.h5", 0, unit) for unit in units)]:
        program.succeed("run", "perceptron.toml", "-o", name, "--overwrite", "--progress", "none", ranks=ranks,
                        environment=use(unit))
        found = differences(h5diff, "p1.h5", name)
        assert not found, f"p1.h5 and {name} differ outside /run:\n{found}"


def vector_units(name):
    """Returns the vector unit of every rank, from the attribute "avx2:0-1 portable:2" of /run."""
    with h5py.File(name) as file:
        parts = [part.split(":") for part in file["run"].attrs["vector_units"].split()]
    units = []
    for unit, ranks in parts:
        first, _, last = ranks.partition("-")
        assert int(first) == len(units), parts
        units += [unit] * (int(last or first) - int(first) + 1)
    return units


if __name__ == "__main__":
    program, h5diff = Program(*sys.argv[1:3]), sys.argv[3]
    Path("sweep.toml").write_text(SWEEP)
    # The block width depends on the number of ranks, so these runs also partition the grid differently.
    runs = {"alone.h5": (0, "auto"), "n1.h5": (1, "auto"), "n2.h5": (2, "auto"), "n3.h5": (3, "dedicated"),
            "n5.h5": (5, "working"), "n8.h5": (8, "auto"), "n64.h5": (64, "auto")}
    for name, (ranks, master) in runs.items():
        program.succeed("run", "sweep.toml", "-o", name, "--overwrite", "--progress", "none", "--master", master,
                        ranks=ranks)
    units = supported_units(program)
    for unit in units:
        runs[f"{unit}.h5"] = (0, unit)
        program.succeed("run", "sweep.toml", "-o", f"{unit}.h5", "--overwrite", "--progress", "none",
                        environment=use(unit))
        assert vector_units(f"{unit}.h5") == [unit], vector_units(f"{unit}.h5")
    widest = units[-1]
    assert vector_units("alone.h5") == [widest] and vector_units("n8.h5") == [widest] * 8, vector_units("n8.h5")
    # Simulates a heterogeneous cluster: the ranks use different vector units.
    program.succeed("run", "sweep.toml", "-o", "mixed.h5", "--overwrite", "--progress", "none", "--master", "working",
                    ranks=[use(units[len(units) // 2]), use("portable"), {}])
    runs["mixed.h5"] = (3, "working")
    assert vector_units("mixed.h5") == [units[len(units) // 2], "portable", widest], vector_units("mixed.h5")
    with h5py.File("mixed.h5") as file:
        assert set(file["run/rank"][...].ravel()) == {0, 1, 2}, "not every rank ran a block"

    for name in runs:  # files that equal the same file equal each other
        found = differences(h5diff, "alone.h5", name)
        assert not found, f"alone.h5 and {name} differ outside /run:\n{found}"
    # Shows that the comparison can fail: another seed gives another file.
    program.succeed("run", "sweep.toml", "-o", "other.h5", "--overwrite", "--progress", "none", "--set",
                    "grid.seed.from=1")
    assert differences(h5diff, "alone.h5", "other.h5"), "h5diff finds no difference between different sweeps"

    # Running the sweep text stored in a file reproduces the file.
    with h5py.File("alone.h5") as file:
        Path("again.toml").write_text(file.attrs["sweep"])
    program.succeed("run", "again.toml", "-o", "again.h5", "--overwrite", "--progress", "none", ranks=2)
    found = differences(h5diff, "alone.h5", "again.h5")
    assert not found, f"the sweep in the file does not reproduce it:\n{found}"
    print(f"{len(runs)} runs, one file")
    perceptrons(program, h5diff, units)
    leftovers = [path.name for path in Path().iterdir() if path.suffix not in (".h5", ".toml")]
    assert not leftovers, f"left in the folder: {leftovers}"
