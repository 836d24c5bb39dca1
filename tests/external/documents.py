"""Every command that a document shows is run, in the order of the document, as a user would in a clone that is built.

Usage: documents.py RHOSWEEP MPIEXEC BUILD_FOLDER
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from program import ENVIRONMENT, Program

SOURCE = Path(__file__).resolve().parents[2]
DOCUMENTS = [SOURCE / "README.md", *sorted((SOURCE / "jobs").rglob("*.md"))]

# What is not run here, and the file that runs it.
ELSEWHERE = {
    r"jobs/quickstart\.sh": "tests/run.sh",
    r"sbatch .*jobs/(\w+)\.sbatch .*": "tests/slurm/jobs_on_slurm.py",
}

# The results files that the documents speak of, by smaller sweeps.
RESULTS = {
    "quickstart.h5": ["jobs/quickstart.toml", "sgd.steps=200"],
    "digits.h5": ["jobs/digits.toml", "sgd.steps=100", "grid.seed.count=2"],
    "exponents.h5": ["jobs/paper/exponents.toml", "sgd.steps=128", "grid.seed.count=2"],
}

SWEEP = """\
[problem]
kind = "quadratic"
[sgd]
steps = 100
[grid]
stepsize = "theory"
schedule = ["constant", "cosine"]
rho = [1.0, 10.0]
seed = { from = 0, count = 2 }
"""


def blocks(document, language):
    return re.findall(rf"^```{language}\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL)


def commands(document):
    shown = [line for block in blocks(document, "console") for line in block.splitlines() if line.startswith("$ ")]
    return [line.removeprefix("$ ") for line in shown]


def runs_elsewhere(command):
    """Whether another file runs it, which must know the script."""
    for pattern, file in ELSEWHERE.items():
        if match := re.fullmatch(pattern, command):
            script = match[1] if match.groups() else command
            assert script in (SOURCE / file).read_text(), f"{file} does not run: {command}"
            return True
    return False


def prepare(program, build):
    """A clone that is built: jobs and build/release, with the programs' folder on PATH, and nothing else."""
    for entry in Path().iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    for link, target in (("jobs", SOURCE / "jobs"), ("build/release", build), ("bin/python3", "/usr/bin/python3"),
                         ("bin/rhosweep", program.executable)):
        Path(link).parent.mkdir(exist_ok=True)
        Path(link).symlink_to(target)
    Path("sweep.toml").write_text(SWEEP)
    for name, (sweep, *settings) in RESULTS.items():
        overrides = [word for setting in settings for word in ("--set", setting)]
        program.succeed("run", sweep, "-o", name, "--overwrite", "--progress", "none", *overrides, ranks=2)


def main(rhosweep, mpiexec, build):
    prepare(Program(rhosweep, mpiexec), build)
    here = os.getcwd()
    environment = ENVIRONMENT | {
        "HOME": here,
        "PATH": f"{here}/bin:{os.environ['PATH']}",
        "OMPI_MCA_rmaps_base_oversubscribe": "1",
    }
    count = 0
    for document in DOCUMENTS:
        script = [command for command in commands(document) if not runs_elsewhere(command)]
        for command in script:
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], env=environment, capture_output=True,
                                  text=True, timeout=280)
            assert done.returncode == 0, f"{document}: {command}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        for block in blocks(document, "python"):
            subprocess.run([f"{here}/bin/python3", "-c", block], env=environment, check=True, timeout=60,
                           stdout=subprocess.DEVNULL)
            count += 1
        count += len(script)
    assert count > 5, "there are hardly any commands in the documents"
    print(f"{count} commands of {len(DOCUMENTS)} documents")


if __name__ == "__main__":
    main(*sys.argv[1:])
