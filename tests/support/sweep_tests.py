"""What tests of whole runs share: they run sweep files, kill and resume runs, and compare results files."""

import os
import shutil
import signal
from pathlib import Path

from program import Program, differences, unbroken


class SweepTests:
    """Base class of tests that run sweeps in the current folder. Removes what earlier tests have left there."""

    def __init__(self, rhosweep, mpiexec, h5diff):
        self.program, self.h5diff = Program(rhosweep, mpiexec), h5diff
        for path in Path().glob("*.h5"):
            path.unlink()
        for path in Path().glob("*.kept"):
            shutil.rmtree(path)

    def run(self, sweep, output, *options, ranks=0):
        return self.program.succeed("run", sweep, "-o", output, "--progress", "none", *options, ranks=ranks)

    def same(self, a, b):
        found = differences(self.h5diff, a, b)
        assert not found, f"{a} and {b} differ outside /run:\n{found}"

    def kill_and_resume(self, sweep, options, most_kills, check=lambda before, all_cells: None):
        """Checks that a run that is killed again and again ends with the file of a run that is not, and that a finished
        file is left as it is. Calls check(cells that are finished, all cells) after every kill."""
        self.run(sweep, "whole.h5", *options, ranks=2)
        all_cells = self.program.finished("whole.h5")
        process = self.program.begin(sweep, "killed.h5", *options, ranks=2, start_new_session=True)
        kills = 0
        while process.poll() is None and kills < most_kills:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            before = self.program.finished("killed.h5")
            assert 0 < before <= all_cells
            check(before, all_cells)
            kills += 1
            process = self.program.begin(sweep, "killed.h5", *options, "--resume", ranks=kills % 3 + 1,
                                         start_new_session=True)
            while process.poll() is None and self.program.finished("killed.h5") == before:
                pass
        process.communicate()
        self.run(sweep, "killed.h5", *options, "--resume", ranks=2)
        assert kills > 1, "the run ended before it could be killed twice"
        self.same("whole.h5", "killed.h5")
        finished = Path("killed.h5").read_bytes()
        self.run(sweep, "killed.h5", *options, "--resume")
        assert Path("killed.h5").read_bytes() == finished, "a finished file is left as it is"

    def refuses(self, sweep, options, words):
        """Checks that a run is refused in one line that has these words, and that it makes no file."""
        refused = self.program("run", sweep, "-o", "never.h5", *options)
        said = unbroken(refused.stderr)
        assert refused.returncode == 2 and words in said, (options, refused.stderr)
        assert len(said.splitlines()) == 1 and not Path("never.h5").exists(), refused.stderr


def check_all(tests, *checks):
    """Calls each check with the tests and prints its name once it has passed."""
    for check in checks:
        check(tests)
        print(f"{check.__name__}: as it should be", flush=True)
