"""Runs the program rhosweep and reads its analyses. Needs the standard library only."""

import json
import os
import shutil
import subprocess
from pathlib import Path

FORMAT = 2  # the version of the JSON that `rhosweep analyze` writes


class ProgramError(RuntimeError):
    """Raised if rhosweep was not found or has failed. The message is one line."""


def find_program():
    """Returns $RHOSWEEP, otherwise the program of this installation or build tree, otherwise rhosweep on PATH."""
    root = Path(__file__).absolute().parents[4]
    own = [str(root / place / "rhosweep") for place in ("bin", "build/release/bin")]
    for program in os.environ.get("RHOSWEEP"), *filter(os.path.isfile, own), shutil.which("rhosweep"):
        if program:
            return program
    raise ProgramError("no rhosweep found; build it, put it on PATH or set RHOSWEEP=/path/to/rhosweep")


def run_program(*arguments):
    """Runs rhosweep without a shell. Returns the finished process with its output as text."""
    command = [find_program(), *arguments]
    try:
        return subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
    except OSError as error:
        raise ProgramError(f"cannot run {command[0]}: {error.strerror}") from error


def as_arguments(options):
    """Converts Python keyword options of analyze to command-line arguments: select_by="train_loss" becomes --select-by
    train_loss. Lists of numbers become comma-separated; `baseline` may be a list of files."""
    arguments = []
    for name, value in options.items():
        if value is None:
            continue
        if name in ("format", "output", "replay"):
            raise TypeError(f"analysis() has no option {name}")
        values = list(map(str, value)) if isinstance(value, (list, tuple)) else [str(value)]
        for text in values if name == "baseline" else [",".join(values)]:
            arguments += [f"--{name.replace('_', '-')}", text]
    return arguments


def analyze(path, arguments):
    """Returns the document of `rhosweep analyze --format json` as a dictionary."""
    file = os.fspath(path)
    file = os.path.join(".", file) if file.startswith("-") else file
    done = run_program("analyze", file, "--format", "json", *arguments)
    if done.returncode:
        lines = done.stderr.strip().replace("\n  ", " ").splitlines()  # joins indented continuation lines of a message
        raise ProgramError(lines[-1] if lines else f"{done.args[0]} failed")
    analysis = json.loads(done.stdout)
    if analysis.get("format") != FORMAT:
        raise ProgramError(f"{done.args[0]} writes JSON of format {analysis.get('format')}; needed: {FORMAT}")
    return analysis
