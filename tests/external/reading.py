"""Runs every file of jobs/examples/reading on results files of all shapes. Each must print the same three numbers as
`rhosweep analyze` and `status`, also in a locale with decimal commas. The numbers of the Python module's
rhosweep.open() must equal those that h5py reads from the file and those of the JSON output.

usage: reading.py RHOSWEEP MPIEXEC READING_FOLDER
"""

import json
import math
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import run

import h5py
import numpy as np

from decimal_commas import decimal_commas
from program import ENVIRONMENT, Program

PYTHON = sys.executable
COMMANDS = {
    "with_h5py.py": [[PYTHON]],
    "with_xarray.py": [[PYTHON, "netcdf4"], [PYTHON, "h5netcdf"]],
    "with_pandas.py": [[PYTHON]],
    "with_rhosweep.py": [[PYTHON]],
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
    "pairs_and_texts": PROBLEM + """
schedule = ["constant", "cosine"]
rho = [0.25, 1.0, 4.0]
seed = { from = 3, count = 2 }
[axes]
"sgd.steps, sgd.batch_size" = [[40, 1], [80, 2], [40, 3]]
sgd.sampling = ["with_replacement", "shuffle"]
[[exclude]]
sgd.batch_size = 3
sgd.sampling = "shuffle"
""",
    "many_schedules": PROBLEM + "schedule = ["
    + ", ".join([f'"polynomial({1 + i / 100})"' for i in range(199)] + ['"cosine"'])
    + ']\nrho = { from = 0.125, to = 8.0, points = 7 }\nseed = { from = 0, count = 3 }\n',
}


def expected_numbers(program, file):
    """Returns the three numbers that rhosweep prints for the first axes point."""
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


def same(found, expected):
    """Returns whether a value of a data frame equals a JSON value; null corresponds to NaN and to a missing text."""
    if expected is None:
        return found is None or math.isnan(found)
    return found == expected


def check_rows(frame, place, rows):
    """Compares the rows of an axes point and schedule with JSON objects: numbers, texts and intervals."""
    for column, value in place.items():
        frame = frame[frame[column] == value] if len(frame) else frame
    assert len(frame) == len(rows), (place, len(frame), rows)
    for found, expected in zip(frame.to_dict("records"), rows):
        for key, value in expected.items():
            if key == "ci" or key.endswith(("_ci", "_range")):
                of = "value" if key == "ci" else key.replace("_ci", "")
                low, high = value or (None, None)
                assert same(found[f"{of}_low"], low) and same(found[f"{of}_high"], high), (place, key, found, value)
            elif key == "quantiles":
                for share, quantile in zip((0, 25, 50, 75, 100), value or [None] * 5):
                    assert same(found[f"quantile_{share}"], quantile), (place, key, found, value)
            elif not isinstance(value, (list, dict)):
                assert same(found[key], value), (place, key, found, value)


def the_module_opens_results(program, modules, file):
    """Compares the data set with h5py, and the data frames with the program's JSON."""
    sys.path.insert(0, str(modules))
    import rhosweep
    with rhosweep.open(file) as results, h5py.File(file) as expected:
        for group, dataset in ("/", results.data), ("/run", results.run):
            names = [name for name, item in expected[group].items() if isinstance(item, h5py.Dataset)]
            assert set(names) == set(dataset.variables), (group, names)
            for name in names:
                item = expected[group][name]
                values = item.asstr()[()] if item.dtype == object else item[()]
                assert np.array_equal(dataset[name].values, values, equal_nan=values.dtype.kind == "f"), name
        assert results.data.status.dims == ("sgd.steps", "problem.l2", "seed", "schedule", "rho")
        place = {"sgd.steps": 80, "problem.l2": 0.5, "schedule": "cosine", "rho": 1.0}
        cosine = results.data.final_train_loss.sel(place)
        assert np.array_equal(cosine, expected["final_train_loss"][1, 1, :, 2, 1]), cosine
        options = {"metric": "train_loss", "statistic": "median", "tolerance": [0.2, 0.4], "resamples": 99,
                   "baseline": file}
        arguments = [word for name, value in options.items()
                     for word in (f"--{name}", "0.2,0.4" if isinstance(value, list) else value)]
        document = json.loads(program.succeed("analyze", file, *arguments, "--format", "json").stdout)
        analysis = results.analysis(**options)
        assert analysis.json == document and analysis.warnings == document["warnings"]
        for group in document["groups"]:
            check_rows(analysis.baselines, group["axes"], group["baselines"])
            for schedule in group["schedules"]:
                place = group["axes"] | {"schedule": schedule["schedule"]}
                check_rows(analysis.schedules, place, [schedule])
                for table in "curve", "cost_at", "grid", "random", "comparison", "advice", "left_out":
                    check_rows(getattr(analysis, table), place, schedule[table])
        assert len(analysis.schedules) == 18 and analysis.curve.value.dtype == float and len(analysis.baselines) > 0
        for options, words in ({"metric": "loss"}, "found loss"), ({"statistc": "mean"}, "--statistc"):
            try:
                results.analysis(**options)
            except RuntimeError as error:
                assert words in str(error), error
            else:
                raise AssertionError(f"{options} is accepted")


def the_module_needs_packages_for_results_only(modules):
    imported = f"import sys; sys.path.insert(0, {str(modules)!r}); import rhosweep; "
    plain = run([PYTHON, "-I", "-S", "-c", imported + "print({'numpy', 'xarray', 'pandas'} & set(sys.modules))"],
                capture_output=True, text=True)
    assert plain.stdout == "set()\n", plain
    for missing, package in ({"xarray"}, "python3-xarray"), ({"netCDF4", "h5netcdf"}, "python3-netcdf4"):
        without = "".join(f"sys.modules[{name!r}] = None; " for name in missing)
        done = run([PYTHON, "-c", imported + without + "rhosweep.open('no.h5')"], capture_output=True, text=True)
        [*_, last] = done.stderr.splitlines()
        assert last.startswith("ImportError: rhosweep.open() needs") and package in last, done.stderr


def main(rhosweep, mpiexec, folder):
    program, folder = Program(rhosweep, mpiexec), Path(folder)
    modules = Path(rhosweep).parents[1] / "share/rhosweep/python"
    ENVIRONMENT["PYTHONPATH"] = str(modules)
    ENVIRONMENT.pop("RHOSWEEP", None)  # the module finds the program in its own tree
    files = {path.name for path in folder.iterdir()}
    assert files == set(COMMANDS) | UNTESTED, f"files without a test: {files ^ (set(COMMANDS) | UNTESTED)}"
    jobs = []
    commas = ENVIRONMENT | decimal_commas()
    for name, sweep in SWEEPS.items():
        Path(f"{name}.toml").write_text(sweep)
        file = Path(f"{name}.h5")
        program.succeed("run", f"{name}.toml", "-o", file, "--overwrite", "--progress", "none")
        expected = expected_numbers(program, file)
        assert (expected[2] > 0) == (name == "two_axes"), f"{name}: {expected[2]} cells have diverged"
        jobs += [(command, folder / script, file, expected, environment)
                 for script, commands in COMMANDS.items() for command in commands
                 for environment in ((ENVIRONMENT, commas) if name == "two_axes" else (ENVIRONMENT,))]
    the_module_opens_results(program, modules, "two_axes.h5")
    the_module_needs_packages_for_results_only(modules)
    with ThreadPoolExecutor(2) as pool:
        for line in pool.map(lambda job: check(*job), jobs):
            print(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
