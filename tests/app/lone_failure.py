"""Checks that the failure of a single rank ends the whole job with its message, while the other ranks wait in a
collective call.

Each rank runs in its own folder, as on nodes without a shared file system. Rank 0 makes the results file, and rank 1 does
not find it.

Usage: lone_failure.py RHOSWEEP MPIEXEC
"""

import sys
from pathlib import Path

from program import Program

SWEEP = """\
[problem]
kind = "quadratic"
[sgd]
steps = 8
[grid]
stepsize = 0.1
schedule = "constant"
rho = 1.0
seed = 0
"""

rhosweep, mpiexec = sys.argv[1:]
Path("sweep.toml").write_text(SWEEP)
shell = Program("sh", mpiexec)
command = 'mkdir -p "rank$OMPI_COMM_WORLD_RANK" && cd "rank$OMPI_COMM_WORLD_RANK" && exec "$0" "$@"'
done = shell("-c", command, rhosweep, "run", "../sweep.toml", "-o", "out.h5", "--overwrite", ranks=2)
assert done.returncode == 1, f"exit {done.returncode}\n{done.stderr}"
assert "rhosweep (rank 1): error: out.h5: No such file or directory" in done.stderr, done.stderr
assert Path("rank0/out.h5").exists() and not Path("rank1/out.h5").exists()
