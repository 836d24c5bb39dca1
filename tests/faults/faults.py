"""Shared by the fault tests: a sweep, the results file of its undisturbed run, and the comparison with this file."""

from pathlib import Path

from program import Program, differences

# The sweep has some hundred blocks and some thousand cells.
SWEEP = """\
[problem]
kind = "quadratic"
[sgd]
steps = {steps}
evaluations = 2
[grid]
stepsize = "theory"
schedule = ["constant", "linear", "cosine"]
rho = {{ from = 0.01, to = 100.0, points = {rhos} }}
seed = {{ from = 0, count = {seeds} }}
[output]
sync_seconds = {sync_seconds}
"""


class Sweep:
    def __init__(self, rhosweep, mpiexec, h5diff, steps=200, rhos=40, seeds=60, sync_seconds=30):
        self.program, self.h5diff = Program(rhosweep, mpiexec), h5diff
        self.cells = 3 * rhos * seeds
        Path("sweep.toml").write_text(SWEEP.format(steps=steps, rhos=rhos, seeds=seeds, sync_seconds=sync_seconds))
        self.make("undisturbed.h5")

    def make(self, output, *options, ranks=2):
        return self.program.succeed("run", "sweep.toml", "-o", output, "--overwrite", "--progress", "none", *options,
                                    ranks=ranks)

    def resume(self, output, ranks=2):
        return self.program("run", "sweep.toml", "-o", output, "--resume", "--progress", "none", ranks=ranks)

    def finished(self, output):
        """Returns the number of cells that are done or diverged."""
        assert Path(output).exists(), f"{output} is missing"
        return self.program.finished(output)

    def check_same(self, output):
        """Checks that the file equals that of the undisturbed run."""
        found = differences(self.h5diff, "undisturbed.h5", output)
        assert not found, f"{output} differs:\n{found}"

    def check_resumes(self, output, ranks=2):
        done = self.resume(output, ranks)
        assert done.returncode == 0, f"exit {done.returncode}\n{done.stderr}"
        self.check_same(output)
        return done


def check_one_line(done, code, *words, ranks=1):
    """Checks that the program ended with this exit code and one line on standard error that contains the words. If
    several ranks fail at once, each may print a line."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("rhosweep")]
    assert done.returncode == code, f"exit {done.returncode}, expected {code}\n{done.stderr}"
    assert 1 <= len(lines) <= max(1, ranks), f"{len(lines)} messages, expected one:\n{done.stderr}"
    for line in lines:
        for word in words:
            assert word in line, f"no '{word}' in: {line}"


def run_checks(checks, *arguments):
    for check in checks:
        check(*arguments)
        print(f"{check.__name__}: as it should be", flush=True)
