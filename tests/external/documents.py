"""Runs the commands of a page from top to bottom, in a folder that looks like a clone after the build.

    ```console        each `$ command` must end with exit code 0, or with the code shown below `; echo $?`. Each line
                      below it must appear in the command's output, in the same order. Numbers and times may differ;
                      `…` stands for anything.
    ```LANGUAGE NAME  is written to the file NAME; the text before it must name the file
    ```python         without a name is run

The commands within README's text are run too (IN_TEXT).

Usage: documents.py RHOSWEEP MPIEXEC BUILD_FOLDER DOCUMENT. Skips the page that needs PyTorch if there is none (exit
code 77).
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from program import ENVIRONMENT, Program

SOURCE = Path(__file__).resolve().parents[2]

# Commands that are not run here, each with the file that runs it.
ELSEWHERE = {
    r"(tests/run\.sh)": ".ci/run",
    r"(jobs/quickstart\.sh)": "tests/project/CMakeLists.txt",
    r"(cmake --build --preset release)": "tests/run.sh",
    r"sbatch .*jobs/cluster/(\w+)\.sbatch .*": "tests/slurm/jobs_on_slurm.py",
}

# The commands and options within README's text, and how each is run after the page's blocks.
IN_TEXT = {
    "git clone ADDRESS rhosweep && cd rhosweep":
        "git -c safe.directory='*' clone --quiet $SOURCE rhosweep && cd rhosweep && [ -x jobs/quickstart.sh ]",
    "--quick": "grep -q -e '--quick)' $SOURCE/tests/run.sh",
    'xarray.open_dataset("mine.h5")':
        """python3 -c 'import xarray; print(*xarray.open_dataset("mine.h5").train_loss.dims)' """
        """| grep -x 'seed schedule rho evaluation'""",
    "--resume": "mpirun -n 2 rhosweep run mine.toml --resume",
    # Through the symbolic link, cpack would find the build folder inside itself, without end.
    "cpack -G DEB": "cd -P build/release && rm -f rhosweep*.deb && cpack -G DEB",
    # The machine's packages must not change, so the installation is only simulated.
    "apt install ./rhosweep_*.deb":
        "cd -P build/release && apt-get install --simulate ./rhosweep_*.deb && "
        "for package in rhosweep*.deb; do dpkg-deb --extract $package ~/package; done && "
        "~/package/usr/bin/rhosweep --version && [ -f ~/package/usr/include/rhosweep/app/main.hpp ] && "
        "dpkg-deb --contents python3-rhosweep_*.deb | grep dist-packages/rhosweep/__init__.py >/dev/null",
    # tests/run.sh has already configured and built the project.
    "cmake --preset release && cmake --build --preset release && cmake --install build/release --prefix DIR":
        "cmake --install build/release --prefix DIR && DIR/bin/rhosweep --version",
    "apptainer build rhosweep.sif cmake/packaging/rhosweep.def": "",  # as README says, not built yet
}
DEBIAN_ONLY = "cpack", "apt"

# Sweeps that run here with fewer trials or steps than the page shows.
SMALLER = {
    "jobs/paper/run_all.sh": ["grid.seed.count=4"],
    "jobs/paper/replays.sh": ["grid.seed.count=2", "sgd.steps=512"],
    "jobs/examples/torch/run.sh": ["sgd.steps=10", "grid.rho=[1.0]"],
}

# Files that a page expects: a sweep file, or the results of a sweep.
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
RESULTS = {"quickstart.h5": ["jobs/sweeps/quickstart.toml", "sgd.steps=200"]}

SKIPPED = 77
NUMBER = r"[-+]?\d[\d.]*(e[-+]?\d+)?"
UNITS = {"time": r"(ms|s|min|h|d)", "size": r"[KMGT]?i?B"}


def as_options(settings):
    return [word for setting in settings for word in ("--set", setting)]


def form(line):
    """Returns the line without its numbers and the spaces that align them."""
    for name, unit in UNITS.items():
        line = re.sub(rf"{NUMBER} {unit}\b( {NUMBER} {unit}\b)?", name, line)
    line = re.sub(rf"{NUMBER}|(?<!\S)-(?!\S)", "#", line)  # tables show - for an unknown number
    return " ".join(re.sub(r"\[#, #\]|# / #", "#", line).split())


def check_printed(shown, printed):
    """Checks that every line of `shown` is in one of the texts `printed`. The lines that are found in a text must be in
    the same order there."""
    texts = [[form(line) for line in text.splitlines()] for text in printed]
    for line in shown:
        if line.strip() in ("", "…"):
            continue
        pattern = re.compile(".*".join(re.escape(part) for part in form(line).split("…")))
        for text in texts:
            places = [i for i, found in enumerate(text) if pattern.fullmatch(found)]
            if places:
                del text[: places[0] + 1]
                break
        else:
            raise AssertionError(f"not printed: {line}\n" + "\n".join(printed))


def runs_elsewhere(command):
    """Returns whether another file runs the command; that file must contain the name of the script."""
    for pattern, file in ELSEWHERE.items():
        if match := re.fullmatch(pattern, command):
            assert match[1] in (SOURCE / file).read_text(), f"{file} does not run: {command}"
            return True
    return False


class Reader:
    """Runs the commands of a page in the current folder."""

    def __init__(self):
        here = os.getcwd()
        self.environment = ENVIRONMENT | {
            "HOME": here,
            "SOURCE": str(SOURCE),
            "PATH": f"{here}/bin:{os.environ['PATH']}",
            "RHOSWEEP": f"{here}/build/release/bin/rhosweep",  # so that the scripts do not build it
            "OMPI_MCA_rmaps_base_oversubscribe": "1",
        }
        Path(".exported").touch()  # variables that a command exports are set for the next commands

    def run(self, command, shown):
        expected = 0
        if command.endswith("; echo $?"):
            command, expected = command.removesuffix("; echo $?"), int(shown.pop())
        for beginning, settings in SMALLER.items():
            if beginning in command:
                command = " ".join([command, *as_options(settings)])
        script = f"set -euo pipefail; . ./.exported; trap 'declare -px >.exported' EXIT\n{command}"
        done = subprocess.run(["bash", "-c", script], env=self.environment, capture_output=True, text=True, timeout=280)
        printed = done.stdout, done.stderr
        assert done.returncode == expected, f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        check_printed(shown, printed)

    def follow(self, text):
        """Runs the page's commands and programs. Returns how many it ran."""
        count = 0
        for block in re.finditer(r"^```(\w+) ?(\S*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            language, name, content = block.groups()
            if name:
                assert f"`{name}`" in text[: block.start()], f"the text does not name {name}"
                Path(name).write_text(content)
            elif language == "python":
                subprocess.run(["python3", "-c", content], env=self.environment, check=True, timeout=60,
                               stdout=subprocess.DEVNULL)
                count += 1
            elif language == "console":
                for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", content, re.MULTILINE):
                    if not runs_elsewhere(command):
                        self.run(command, shown.splitlines())
                        count += 1
        return count

    def run_in_text(self, text):
        """Runs the commands in the page's text outside of the blocks. Returns how many it ran."""
        text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
        found = [span for span in re.findall(r"`([^`\n]+)`", text) if re.search(r"[ (]|^--", span)]
        assert sorted(found) == sorted(IN_TEXT), f"IN_TEXT does not have the commands of the page: {found}"
        count = 0
        for command, script in IN_TEXT.items():
            if command.startswith(DEBIAN_ONLY) and not shutil.which("dpkg-shlibdeps"):
                print(f"left out, because this is not Debian or dpkg-dev is not installed: {command}")
            elif script:
                self.run(script, [])
                count += 1
        return count


def prepare(program, build, text):
    """Makes a folder like a clone after the build, with the files that the page expects."""
    for entry in Path().iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    for link, target in ("jobs", SOURCE / "jobs"), ("build/release", build), ("bin/python3", "/usr/bin/python3"):
        Path(link).parent.mkdir(exist_ok=True)
        Path(link).symlink_to(target)
    if " sweep.toml" in text:
        Path("sweep.toml").write_text(SWEEP)
    for name, (sweep, *settings) in RESULTS.items():
        if name in text:
            program.succeed("run", sweep, "-o", name, "--progress", "none", *as_options(settings), ranks=2)


def main(rhosweep, mpiexec, build, document):
    text = (SOURCE / document).read_text()
    if "$ jobs/examples/torch/run.sh" in text and subprocess.run(["/usr/bin/python3", "-c", "import torch"]).returncode:
        print("PyTorch is not installed, its page is left out: apt-get install python3-torch")
        return SKIPPED
    prepare(Program(rhosweep, mpiexec), build, text)
    reader = Reader()
    count = reader.follow(text)
    if document == "README.md":
        count += reader.run_in_text(text)
    assert count > 0, "no command is run"
    print(f"{count} commands")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
