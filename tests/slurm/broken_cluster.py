"""Checks that a test cluster that fails to start prints the logs of its daemons, which tell the reason.

usage: broken_cluster.py RHOSWEEP MPIEXEC
"""

import contextlib
import io

import slurm_cluster
from slurm_cluster import Cluster, enter_namespaces


def main():
    enter_namespaces()
    slurm_cluster.CONFIGURATION += "SelectTypeParameters=no such parameter\n"
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), Cluster():
            raise RuntimeError("the cluster came up with a broken configuration")
    except AssertionError as error:
        assert "slurmctld has ended" in str(error), error
    for log in "slurmctld.out.log", "munged":
        assert f"{log}" in said.getvalue(), said.getvalue()
    assert "no such" in said.getvalue() or "SelectTypeParameters" in said.getvalue(), said.getvalue()
    print("the logs are printed")


if __name__ == "__main__":
    main()
