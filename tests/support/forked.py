"""Runs plotting scripts, each in a fork of a process that has already imported the modules with slow imports."""

import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path

IMPORTED = "matplotlib.pyplot", "xarray", "netCDF4", "h5netcdf", "jinja2"


def exit_code(script):
    """Runs a script in this process. Returns the exit code that `python3 SCRIPT` would have."""
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return end.code or 0
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def run_script(script, *arguments, environment):
    """Does what `python3 SCRIPT ARGUMENTS...` does. Returns the finished process with its output as bytes."""
    for module in IMPORTED:
        import_module(module)
    words = [os.fsdecode(word) for word in (script, *arguments)]
    sys.stdout.flush()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as messages:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.dup2(output.fileno(), 1)
                os.dup2(messages.fileno(), 2)
                os.environ.clear()
                os.environ.update(environment)
                sys.argv, sys.path[0] = words, str(Path(words[0]).resolve().parent)
                code = exit_code(words[0])
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        output.seek(0)
        messages.seek(0)
        return subprocess.CompletedProcess(words, code, output.read(), messages.read())
