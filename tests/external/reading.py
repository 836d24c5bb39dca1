"""Runs every file of jobs/examples/reading on results files of all shapes. Each must print the same three numbers as
`rhosweep analyze` and `status`, also in a locale with decimal commas.

usage: reading.py RHOSWEEP MPIEXEC READING_FOLDER
"""

import json
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import run

from program import ENVIRONMENT, Program

PYTHON = sys.executable
COMMANDS = {
    "with_h5py.py": [[PYTHON]],
    "with_xarray.py": [[PYTHON, "netcdf4"], [PYTHON, "h5netcdf"]],
    "with_pandas.py": [[PYTHON]],
    "with_netcdf4.py": [[PYTHON]],
    "with_r.R": [["Rscript"]],
    "with_octave_netcdf.m": [["octave-cli"]],
    "with_octave_load.m": [["octave-cli"]],
    "with_ncdump.sh": [["bash"]],
    "with_nco.sh": [["bash"]],
}
UNTESTED = {"with_julia.jl"}

PROBLEM = """
[problem]
kind = "logistic_regression"
samples = 20
dimension = 3
radius = 0.0
l2 = 1.0
[sgd]
steps = 40
evaluations = 2
[grid]
stepsize = 0.5
"""
SWEEPS = {
    "two_axes": PROBLEM + """
schedule = ["constant", "warmup(0.05, polynomial(2))", "cosine"]
rho = [0.25, 1.0, 4.0, 1e12, 1e30]
seed = { from = 3, count = 4 }
[axes]
"sgd.steps" = [40, 80]
"problem.l2" = [0.25, 0.5, 1.0]
""",
    "ones": PROBLEM + 'schedule = ["cosine"]\nrho = [1.0]\nseed = [7]\n',
    "ones_with_an_axis": PROBLEM + 'schedule = ["cosine"]\nrho = [1.0]\nseed = [7]\n[axes]\n"sgd.steps" = [40]\n',
    "many_schedules": PROBLEM + "schedule = ["
    + ", ".join([f'"polynomial({1 + i / 100})"' for i in range(199)] + ['"cosine"'])
    + ']\nrho = { from = 0.125, to = 8.0, points = 7 }\nseed = { from = 0, count = 3 }\n',
}


def expected_numbers(program, file):
    """Returns the three numbers as rhosweep gives them for the first axes point."""
    analysis = json.loads(program.succeed("analyze", file, "--metric", "train_loss", "--format", "json").stdout)
    cosine = next(s for s in analysis["groups"][0]["schedules"] if s["schedule"] == "cosine")
    mean = next(point["value"] for point in cosine["curve"] if point["rho"] == 1.0)
    diverged = re.search(r"(\d+) diverged", program.succeed("status", file).stdout).group(1)
    return [cosine["naive_best_stepsize"], mean, int(diverged)]


def numbers_of(output):
    pattern = r"best stepsize of cosine: (\S+)\nmean final loss at rho = 1: (\S+)\ndiverged cells: (\d+)\n"
    found = re.fullmatch(pattern, output)
    assert found, f"printed {output!r}"
    return [float(found[1]), float(found[2]), int(found[3])]


def with_decimal_commas():
    """Returns the environment of a locale with decimal commas, which is made in the current folder."""
    locale = Path("locales").resolve() / "de_DE.UTF-8"
    locale.parent.mkdir(exist_ok=True)
    run(["localedef", "-i", "de_DE", "-f", "UTF-8", locale], capture_output=True)
    environment = ENVIRONMENT | {"LOCPATH": str(locale.parent), "LC_ALL": locale.name}
    shown = run(["bash", "-c", "printf %.1f 1,5"], capture_output=True, text=True, env=environment).stdout
    assert shown == "1,5", f"localedef has made no German locale: 1,5 is shown as {shown}"
    return environment


def check(command, script, file, expected, environment):
    """Runs the script and compares its numbers, which it prints with six digits."""
    interpreter, *options = command
    assert shutil.which(interpreter), f"{interpreter} is not installed"
    done = run([interpreter, str(script), str(file), *options], capture_output=True, text=True, env=environment, timeout=120)
    label = " ".join([script.name, *options, file.stem])
    assert done.returncode == 0, f"{label}: exit {done.returncode}\n{done.stderr}"
    found = numbers_of(done.stdout)
    assert found == [*(float(f"{value:.6g}") for value in expected[:2]), expected[2]], \
        f"{label}: found {found}, rhosweep says {expected}"
    return f"{label}: {found}"


def main(rhosweep, mpiexec, folder):
    program, folder = Program(rhosweep, mpiexec), Path(folder)
    files = {path.name for path in folder.iterdir()}
    assert files == set(COMMANDS) | UNTESTED, f"files without a test: {files ^ (set(COMMANDS) | UNTESTED)}"
    jobs = []
    commas = with_decimal_commas()
    for name, sweep in SWEEPS.items():
        Path(f"{name}.toml").write_text(sweep)
        file = Path(f"{name}.h5")
        program.succeed("run", f"{name}.toml", "-o", file, "--overwrite", "--progress", "none")
        expected = expected_numbers(program, file)
        assert (expected[2] > 0) == (name == "two_axes"), f"{name}: {expected[2]} cells have diverged"
        jobs += [(command, folder / script, file, expected, environment)
                 for script, commands in COMMANDS.items() for command in commands
                 for environment in ((ENVIRONMENT, commas) if name == "two_axes" else (ENVIRONMENT,))]
    with ThreadPoolExecutor(2) as pool:
        for line in pool.map(lambda job: check(*job), jobs):
            print(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
