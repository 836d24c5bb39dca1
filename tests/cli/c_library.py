"""Compares results computed with two implementations of the C library's elementary functions. glibc has one with fused
multiply-add and one without, and chooses by the processor; GLIBC_TUNABLES overrides this choice.

A results file is a pure function of the sweep file, so all comparisons must agree.

Where GLIBC_TUNABLES changes nothing (another C library, a processor without fused multiply-add) the test is skipped
(exit code 77).

Usage: c_library.py RHOSWEEP MPIEXEC H5DIFF
"""

import shutil
import subprocess
import sys
from pathlib import Path

import h5py

from program import ENVIRONMENT, SAMPLES, Program, differences

WITHOUT_FMA = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-AVX2,-FMA4,-AVX512F"}
# A sweep for which rank 0 computes synthetic data, the minimum and stepsizes.
LOGISTIC = """
[problem]
kind = "logistic_regression"
samples = 500
dimension = 10
radius = 5.0
[sgd]
steps = 500
evaluations = 4
[grid]
stepsize = "theory"
schedule = ["constant", "cosine", "exponential(0.01)", "polynomial(1.5)"]
rho = { from = 0.1, to = 10.0, points = 7 }
seed = { from = 0, count = 6 }
"""
# A sweep for which each rank computes random initial weights, schedules and losses. The two implementations of log and
# of cos differ in some bit for about one argument in 1000.
PERCEPTRON = """
[problem]
kind = "mlp"
data = "samples.libsvm"
hidden = [128, 64]
[sgd]
steps = 20
evaluations = 4
precision = "float64"
[grid]
stepsize = 0.1
schedule = ["constant", "cosine", "exponential(0.01)", "polynomial(1.5)"]
rho = { from = 0.1, to = 10.0, points = 7 }
seed = { from = 0, count = 6 }
"""
# Prints bits of the C library's functions, which Python's math module calls.
BITS = "import math; print([f(1 + i / 997).hex() for f in (math.exp, math.log, math.sin, math.cos) for i in range(2000)], " \
       "[math.pow(1 + i / 997, 1.7).hex() for i in range(2000)])"


def bits_of_python(environment):
    return subprocess.run([sys.executable, "-c", BITS], env=ENVIRONMENT | environment, capture_output=True, text=True,
                          check=True).stdout


def make_half_done(source, target):
    """Copies a results file and marks the last seeds as pending."""
    shutil.copy(source, target)
    with h5py.File(target, "r+") as file:
        file["status"][3:] = 0


class Comparisons:
    """Each method computes results, partly or entirely, in `environment`, and compares them with a file that was
    computed with the default C library. It returns the differences, or an empty text if all bits agree."""

    def __init__(self, program, h5diff):
        self.program, self.h5diff = program, h5diff

    def run(self, sweep, *options, **how):
        self.program.succeed("run", f"{sweep}.toml", "-o", "other.h5", "--overwrite", "--progress", "none", *options, **how)
        return differences(self.h5diff, f"{sweep}.h5", "other.h5")

    def logistic_regression(self, environment):
        return self.run("logistic", environment=environment)

    def perceptron(self, environment):
        return self.run("perceptron", environment=environment)

    def one_rank_of_two(self, environment):
        # Rank 0 prepares the sweep with the default functions, rank 1 runs all trials with those of `environment`.
        return self.run("perceptron", "--master", "dedicated", ranks=[{}, environment])

    def verify(self, environment):
        done = self.program("verify", "perceptron.h5", "--trials", "1000", environment=environment)
        assert done.returncode in (0, 1), done.stderr
        return done.stdout + done.stderr if done.returncode else ""

    def resume(self, environment):
        make_half_done("perceptron.h5", "half.h5")
        self.program.succeed("run", "perceptron.toml", "-o", "half.h5", "--resume", "--progress", "none",
                             environment=environment)
        return differences(self.h5diff, "perceptron.h5", "half.h5")


def main(rhosweep, mpiexec, h5diff):
    if bits_of_python({}) == bits_of_python(WITHOUT_FMA):
        has_fma = " fma " in Path("/proc/cpuinfo").read_text()
        print(f"skipped: {WITHOUT_FMA} changes no bit of exp, log, sin, cos and pow here; this processor has "
              f"{'' if has_fma else 'no '}fused multiply-add")
        sys.exit(77)
    program = Program(rhosweep, mpiexec)
    Path("samples.libsvm").write_text(SAMPLES)
    for name, sweep in ("logistic", LOGISTIC), ("perceptron", PERCEPTRON):
        Path(f"{name}.toml").write_text(sweep)
        program.succeed("run", f"{name}.toml", "-o", f"{name}.h5", "--overwrite", "--progress", "none")
    compare = Comparisons(program, h5diff)
    wrong = []
    for comparison in (compare.logistic_regression, compare.perceptron, compare.one_rank_of_two, compare.verify,
                       compare.resume):
        name = comparison.__name__.replace("_", " ")
        found = comparison({})
        assert not found, f"{name}: differs with the same C library:\n{found}"
        found = comparison(WITHOUT_FMA)
        print(f"{name}: {'differs' if found else 'agrees'} without FMA")
        if found:
            wrong.append(f"{name}: the bits depend on the C library:\n{found}")
    assert not wrong, "\n".join(wrong)


if __name__ == "__main__":
    main(*sys.argv[1:])
