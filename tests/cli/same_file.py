"""The results file is a pure function of the sweep: the same for any number of ranks, block width and master, and for
the vector code of any instruction set.

Usage: same_file.py RHOSWEEP MPIEXEC H5DIFF
"""

import itertools
import sys
from pathlib import Path

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


if __name__ == "__main__":
    program, h5diff = Program(*sys.argv[1:3]), sys.argv[3]
    Path("sweep.toml").write_text(SWEEP)
    # Block widths follow the rank count, so these runs cut the grid in different ways, too.
    runs = {"alone.h5": (0, "auto"), "n1.h5": (1, "auto"), "n2.h5": (2, "auto"), "n3.h5": (3, "dedicated"),
            "n5.h5": (5, "working"), "n8.h5": (8, "auto")}
    for name, (ranks, master) in runs.items():
        program.succeed("run", "sweep.toml", "-o", name, "--overwrite", "--progress", "none", "--master", master,
                        ranks=ranks)
    for target in ("hsw", "wsm"):  # AVX2, and code for any processor
        runs[f"{target}.h5"] = (0, target)
        program.succeed("run", "sweep.toml", "-o", f"{target}.h5", "--overwrite", "--progress", "none",
                        environment={"LIBXSMM_TARGET": target})
    for a, b in itertools.combinations(runs, 2):
        found = differences(h5diff, a, b)
        assert not found, f"{a} and {b} differ outside /run:\n{found}"
    # The comparison can fail: another seed gives another file.
    program.succeed("run", "sweep.toml", "-o", "other.h5", "--overwrite", "--progress", "none", "--set",
                    "grid.seed.from=1")
    assert differences(h5diff, "alone.h5", "other.h5"), "h5diff finds no difference between different sweeps"

    # Running the sweep text that a file holds reproduces the file.
    import h5py
    with h5py.File("alone.h5") as file:
        Path("again.toml").write_text(file.attrs["sweep"])
    program.succeed("run", "again.toml", "-o", "again.h5", "--overwrite", "--progress", "none", ranks=2)
    found = differences(h5diff, "alone.h5", "again.h5")
    assert not found, f"the sweep in the file does not reproduce it:\n{found}"
    leftovers = [path.name for path in Path().iterdir() if path.suffix not in (".h5", ".toml")]
    assert not leftovers, f"left in the folder: {leftovers}"
    print(f"{len(runs)} runs, one file")
