"""Checks that an installed rhosweep supports a program that defines its own problem. jobs/examples/own_problem is built
in an empty folder against the installed package alone. It must run, resume and be analysed like a built-in problem, and
NumPy must find the same numbers.

Usage: own_problem.py RHOSWEEP MPIEXEC CMAKE BUILD_FOLDER H5DIFF
"""

import json
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import h5py
import numpy as np
from program import Program, differences
from reference_sgd import FEATURES, Errors, normals, run_trial, trials

INITIAL_POINT = 4
SWEEP = "sweep.toml"
FEW = "--set", "grid.seed.count=2", "--set", "grid.rho.points=3", "--set", "sgd.steps=150"


def call(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def install_and_build(cmake, build):
    """Builds the program from the installed tree alone, after moving the tree away from its install prefix."""
    assert shutil.which("make"), "a user's cmake builds with make, which is not installed; Debian: apt-get install make"
    for folder in "installed", "moved", "own":
        shutil.rmtree(folder, ignore_errors=True)
    call(cmake, "--install", build, "--prefix", Path("installed").absolute())
    Path("installed").rename("moved")
    shutil.copytree("moved/share/rhosweep/jobs/examples/own_problem", "own")
    call(cmake, "-S", "own", "-B", "own/build", f"-DCMAKE_PREFIX_PATH={Path('moved').absolute()}")
    call(cmake, "--build", "own/build")
    shutil.copy(f"own/{SWEEP}", SWEEP)
    return Program(str(Path("own/build/own_problem").absolute()), None)


def is_installed_with_its_licence():
    documents = Path("moved/share/doc/rhosweep")
    assert (documents / "LICENSE").read_text().startswith("BSD 3-Clause License\n")
    assert "\nlicense: BSD-3-Clause\n" in (documents / "CITATION.cff").read_text()


def every_installed_header_compiles(cmake):
    headers = sorted(str(header.relative_to("moved/include")) for header in Path("moved/include").rglob("*.hpp"))
    assert "rhosweep/app/main.hpp" in headers and "rhosweep/problem/direct_problem.hpp" in headers, headers
    Path("headers").mkdir(exist_ok=True)
    Path("headers/all.cpp").write_text("".join(f'#include "{header}"\n' for header in headers))
    Path("headers/CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.22)\nproject(headers LANGUAGES CXX)\nfind_package(rhosweep 0.1 REQUIRED)\n"
        "add_library(headers OBJECT all.cpp)\ntarget_link_libraries(headers PRIVATE rhosweep::rhosweep)\n"
        "target_compile_options(headers PRIVATE -fsyntax-only -Wall -Wextra -Werror)\n")
    call(cmake, "-S", "headers", "-B", "headers/build", f"-DCMAKE_PREFIX_PATH={Path('moved').absolute()}")
    call(cmake, "--build", "headers/build")


def is_a_kind_like_the_built_in_ones(own):
    listed = own.succeed("list", "problems").stdout
    assert "\nphase_retrieval: " in listed and "\nquadratic: " in listed, listed
    refused = own("run", SWEEP, "--set", "problem.dimensions=3")
    assert refused.returncode == 2 and "dimension" in refused.stderr and "data_seed" in refused.stderr, refused.stderr
    refused = own("run", SWEEP, "--set", "grid.stepsize='theory'")
    assert refused.returncode == 2 and "bounds for which the kind" in refused.stderr, refused.stderr
    assert not list(Path().glob("*.h5")), "nothing is written"


class PhaseRetrieval:
    """The problem of own_problem.cpp in NumPy, written from the definition in that file's first comment."""

    radius = 0

    def __init__(self, p):
        d, n, seed = p["dimension"], p["samples"], p["data_seed"]
        pairs = normals(seed, FEATURES, np.arange(n), 2 * d)  # pair j of sample i
        self.a, self.x, self.samples = pairs[:, ::2], np.full(d, d**-0.5), n
        self.y = (self.a @ self.x) ** 2 + p["noise"] * pairs[:, 1]
        self.start = lambda seed: normals(seed, INITIAL_POINT, [0], 2 * d)[0, ::2] * self.x

    def gradient(self, w, batch, *_):
        a, y = (self.a, self.y) if batch is None else (self.a[batch], self.y[batch])
        z = a @ w
        return ((z**2 - y) * z) @ a / len(y)

    def metrics(self, w):
        return {"train_loss": np.mean(((self.a @ w) ** 2 - self.y) ** 2) / 4,
                "recovery_error": min(np.linalg.norm(w - self.x), np.linalg.norm(w + self.x))}


def numpy_finds_the_same(own, *options, tolerance):
    own.succeed("run", SWEEP, "-o", "few.h5", "--overwrite", *FEW, *options)
    with h5py.File("few.h5") as file:
        sweep = tomllib.loads(file.attrs["sweep"])
        problem, compared = PhaseRetrieval(sweep["problem"]), 0
        errors = Errors(tolerance)
        for cell, seed, stepsize, h, called in trials(file, sweep["sgd"]["steps"]):
            if file["status"][cell] == 1:
                *_, w = run_trial(problem, sweep["sgd"], seed, stepsize, h)
                for metric, expected in problem.metrics(w).items():
                    errors.check(f"{metric} of {called}", file[f"final_{metric}"][cell], expected)
                compared += 1
        assert compared >= 6, f"{compared} trials are done"


def resumes_to_the_same_file(own, mpiexec, h5diff):
    many = "--set", "grid.seed.count=40", "--set", "sgd.steps=3000"
    own.mpiexec = mpiexec
    own.succeed("run", SWEEP, "-o", "undisturbed.h5", "--overwrite", *many, ranks=2)
    for stop, code in (signal.SIGUSR1, 75), (signal.SIGKILL, -signal.SIGKILL):
        Path("stopped.h5").unlink(missing_ok=True)
        run = own.begin(SWEEP, "stopped.h5", *many)
        run.send_signal(stop)
        run.communicate(timeout=10)
        assert run.returncode == code, run.returncode
        assert 0 < own.finished("stopped.h5") < 40 * 3 * 13
        own.succeed("run", SWEEP, "-o", "stopped.h5", "--resume", *many, ranks=3)
        assert not differences(h5diff, "undisturbed.h5", "stopped.h5")
    own.succeed("verify", "stopped.h5", "--trials", "20")


def is_analysed_by_either_program(own, installed):
    found = [json.loads(program.succeed("analyze", "undisturbed.h5", "--format", "json").stdout)
             for program in (own, installed)]
    assert found[0] == found[1]
    with h5py.File("undisturbed.h5") as file:
        means = file["final_train_loss"][...].mean(0)
        for j, schedule in enumerate(found[0]["groups"][0]["schedules"]):
            assert schedule["naive_best_rho"] == file["rho"][np.nanargmin(means[j])], schedule["schedule"]
            np.testing.assert_allclose(schedule["naive_best"], np.nanmin(means[j]), rtol=1e-12)


def main(mpiexec, cmake, build, h5diff):
    for results in Path().glob("*.h5"):
        results.unlink()
    own = install_and_build(cmake, build)
    installed = Program(str(Path("moved/bin/rhosweep").absolute()), mpiexec)
    assert "rhosweep 0" in installed.succeed("--version").stdout
    is_installed_with_its_licence()
    every_installed_header_compiles(cmake)
    is_a_kind_like_the_built_in_ones(own)
    numpy_finds_the_same(own, tolerance=1e-10)
    numpy_finds_the_same(own, "--set", "sgd.sampling='full_batch'", tolerance=1e-10)
    numpy_finds_the_same(own, "--set", "sgd.precision='float32'", tolerance=1e-4)
    resumes_to_the_same_file(own, mpiexec, h5diff)
    is_analysed_by_either_program(own, installed)


if __name__ == "__main__":
    main(*sys.argv[2:])
