"""Helpers of the benchmark scripts: they run programs, compute medians, write sweeps and print tables."""

import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
ENVIRONMENT = os.environ | {
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none", "OMPI_MCA_orte_execute_quiet": "1",
    # rhosweep runs one rank on one core, so its peers must not use more cores.
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
}
REPEATS = 5


def parser(description):
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--build", type=Path, default=SOURCE / "build" / "release", help="build folder")
    return options


def need(modules):
    """Imports modules by name. If some are missing, names all of them and exits."""
    import importlib
    found, missing = {}, []
    for module, package in modules.items():
        try:
            found[module] = importlib.import_module(module)
        except ImportError:
            missing.append(package)
    if missing:
        sys.exit(f"missing Python modules: apt-get install {' '.join(missing)} (and run with {sys.executable})")
    return found


def require_fast_blas(numpy):
    """Exits if NumPy uses a slow BLAS. Debian's NumPy and PyTorch use whatever BLAS is installed; with the reference
    BLAS they are many times slower."""
    numpy.ones((64, 64)) @ numpy.ones((64, 64))
    libraries = {line.split()[-1] for line in open("/proc/self/maps") if "blas" in Path(line).name}
    if not any("openblas" in library or "blis" in library or "atlas" in library for library in libraries):
        sys.exit(f"NumPy multiplies by {', '.join(sorted(libraries)) or 'no BLAS'}, which is slow: "
                 "apt-get install libopenblas0-pthread")


def median(measure, repeats=REPEATS):
    return statistics.median(measure() for _ in range(repeats))


class Bench:
    """Runs the programs of a build in a temporary folder."""

    def __init__(self, build):
        build = build.resolve()
        self.rhosweep, self.bin = build / "bin" / "rhosweep", build / "tests" / "bin"
        self.mpiexec = shutil.which("mpiexec") or "mpiexec"
        if not self.rhosweep.is_file():
            sys.exit(f"{self.rhosweep} is missing: cmake --preset release -DRHOSWEEP_BENCH=ON && "
                     "cmake --build --preset release")
        self.kept = tempfile.TemporaryDirectory(prefix="rhosweep-bench-")
        self.folder = Path(self.kept.name)

    def command(self, arguments, ranks=0):
        launcher = [self.mpiexec, "--oversubscribe", "-n", str(ranks)] if ranks else []
        return launcher + [str(argument) for argument in arguments]

    def call(self, arguments, ranks=0):
        """Returns standard output, seconds of wall time and seconds of user time of all processes."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        start = time.perf_counter()
        done = subprocess.run(self.command(arguments, ranks), capture_output=True, text=True, env=ENVIRONMENT,
                              cwd=self.folder)
        seconds = time.perf_counter() - start
        if done.returncode != 0:
            sys.exit(f"{arguments} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout, seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before

    def resources(self, *arguments):
        """Returns the wall time in seconds and the largest resident set in MiB of a rhosweep command on one rank."""
        null = os.open(os.devnull, os.O_RDWR)
        start = time.perf_counter()
        command = self.command([self.rhosweep, *arguments])
        child = os.posix_spawn(command[0], command, ENVIRONMENT,
                               file_actions=[(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)])
        _, status, usage = os.wait4(child, 0)
        seconds = time.perf_counter() - start
        os.close(null)
        if status != 0:
            sys.exit(f"rhosweep {' '.join(map(str, arguments))} ended with {os.waitstatus_to_exitcode(status)}")
        return seconds, usage.ru_maxrss / 1024

    def program(self, name, *arguments, ranks=0):
        """Returns the JSON lines that a benchmark program prints."""
        if not (self.bin / name).is_file():
            sys.exit(f"{self.bin / name} is missing: configure with -DRHOSWEEP_BENCH=ON")
        return [json.loads(line) for line in self.call([self.bin / name, *arguments], ranks)[0].splitlines()]

    def sweep(self, name, settings):
        """Writes a sweep file from {"section.key": value}."""
        sections = {}
        for key, value in settings.items():
            section, _, rest = key.partition(".")
            sections.setdefault(section, {})[rest] = value
        lines = []
        for section, keys in sections.items():
            lines.append(f"[{section}]")
            lines += [f'{json.dumps(key) if "." in key else key} = {toml(value)}' for key, value in keys.items()]
        path = self.folder / f"{name}.toml"
        path.write_text("\n".join(lines) + "\n")
        return path

    def run(self, sweep, ranks=0, **changes):
        """Runs a sweep. Returns the results file, wall seconds of the process and user seconds."""
        output = sweep.with_suffix(".h5")
        sets = [word for key, value in changes.items()
                for word in ("--set", f"{key.replace('__', '.')}={toml(value)}")]
        _, seconds, user = self.call([self.rhosweep, "run", sweep, "-o", output, "--overwrite", "--progress", "none",
                                      *sets], ranks)
        return output, seconds, user


    def times(self, sweep, ranks=0, **changes):
        """Runs a sweep. Returns the results file and {"set-up": seconds, "file made": seconds, "blocks": seconds,
        "writing": percent of the blocks' time, "file closed": seconds}, from the run's log."""
        output = sweep.with_suffix(".h5")
        sets = [word for key, value in changes.items()
                for word in ("--set", f"{key.replace('__', '.')}={toml(value)}")]
        command = self.command([self.rhosweep, "run", sweep, "-o", output, "--overwrite", "--progress", "log", *sets], ranks)
        done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, cwd=self.folder)
        found = re.search(r"time: set-up ([\d.]+) s, file made in ([\d.]+) s, blocks ([\d.]+) s of which writing "
                          r"([\d.]+) %, file closed in ([\d.]+) s", done.stderr)
        if done.returncode != 0 or not found:
            sys.exit(f"{command} ended with {done.returncode}:\n{done.stderr}")
        names = ("set-up", "file made", "blocks", "writing", "file closed")
        return output, dict(zip(names, map(float, found.groups())))


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)


def block_seconds(path):
    """Returns the total time of a results file's blocks in seconds, without reading data, solving and starting."""
    import h5py
    with h5py.File(path) as file:
        return float(file["run/seconds"][...].sum())


def slope(xs, ys):
    """Returns the slope of log y over log x by least squares."""
    import math
    u, v = [math.log(x) for x in xs], [math.log(y) for y in ys]
    mean_u, mean_v = sum(u) / len(u), sum(v) / len(v)
    return sum((a - mean_u) * (b - mean_v) for a, b in zip(u, v)) / sum((a - mean_u) ** 2 for a in u)


def text(value):
    return value if isinstance(value, str) else f"{value:,d}" if isinstance(value, int) else f"{value:.4g}"


def table(title, header, rows):
    print(f"\n{title}\n")
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(text(value) for value in row) + " |", flush=True)
