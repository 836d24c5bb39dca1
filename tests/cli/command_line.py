"""Tests the parsing of the command line: misspelt options, numbers, files that are missing or not regular files.

Usage: command_line.py RHOSWEEP MPIEXEC
"""

import os
import socket
import subprocess
import sys
from pathlib import Path

from program import ENVIRONMENT, Program

SWEEP = """\
[problem]
kind = "logistic_regression"
{data}
radius = 1.0
[sgd]
steps = 8
evaluations = 2
[grid]
stepsize = 0.5
schedule = ["constant", "cosine"]
rho = [0.5, 1.0]
seed = [0]
"""
SYNTHETIC = SWEEP.format(data="samples = 20\ndimension = 2")


def refused(program, *arguments):
    """Checks that the command fails at once with exit code 2 and no standard output. Returns its error message, which
    must be one line."""
    done = subprocess.run(program.command(*arguments), capture_output=True, text=True, env=ENVIRONMENT, timeout=20)
    assert done.returncode == 2 and done.stdout == "" and len(done.stderr.splitlines()) == 1, (arguments, done)
    return done.stderr


def help_is_shown_without_a_command(program):
    done = program()
    assert done.returncode == 2 and done.stdout == "", done
    assert done.stderr == program.succeed("--help").stdout, done.stderr


def what_is_misspelt_is_named_with_its_nearest(program):
    for arguments, words in (
            (["--versoin"], "--versoin: unknown option, did you mean '--version'?"),
            (["statsu"], "statsu: unknown command, did you mean 'status'?; allowed: run, try, plan, "),
            (["run", "a.toml", "--resum"], "--resum: unknown option, did you mean '--resume'?"),
            (["run", "a.toml", "--output=x.h5", "--ouput=x.h5"], "--ouput: unknown option, did you mean '--output'?"),
            (["theory", "cosine", "--step", "9"], "--step: unknown option, did you mean '--steps'?"),
            (["plan", "a.toml", "--colour"], "--colour: unknown option; allowed: --help, --set, "),
            (["run", "a.toml", "--progress", "ba"], "--progress: found ba, did you mean 'bar'?; allowed: auto, bar, "),
            (["list", "key"], "WHAT: found key, did you mean 'keys'?"),
            (["run"], "SWEEP.toml is required (see rhosweep run --help)")):
        assert words in refused(program, *arguments), (arguments, refused(program, *arguments))


def the_first_word_that_is_not_understood_is_named(program):
    assert "--c: unknown option" in refused(program, "run", "a.toml", "b.toml", "--c", "--d")
    assert "found the argument b.toml too many; allowed: SWEEP.toml" in refused(program, "run", "a.toml", "b.toml", "c")


def numbers_are_read_in_one_way(program):
    Path("a.toml").write_text(SYNTHETIC)
    program.succeed("run", "a.toml", "-o", "a.h5", "--overwrite", "--progress", "none")
    integers = (["schedule", "linear", "--steps"], ["theory", "linear", "--steps"], ["plan", "a.toml", "--ranks"],
                ["run", "a.toml", "-o", "n.h5", "--max-failures"], ["analyze", "a.h5", "--resamples"],
                ["verify", "a.h5", "--trials"], ["plan", "a.toml", "--shard"])
    numbers = (["theory", "linear", "--steps", "9", "--rho"], ["theory", "linear", "--steps", "9", "--grid-ratio"],
               ["theory", "linear", "--steps", "9", "--diameter"], ["analyze", "a.h5", "--ratios"],
               ["analyze", "a.h5", "--tolerance"], ["analyze", "a.h5", "--statistic"])
    for command in integers + numbers:
        wrong = ["0x10", "1_0", "+5", " 5", "nan", "1e999"] + (["1e1", "5.0"] if command in integers else [])
        for text in wrong:
            given = {"--shard": f"{text}/9", "--statistic": f"quantile={text}"}.get(command[-1], text)
            assert f"{command[-1]}: found {given}; allowed: " in refused(program, *command, given), (command, given)
    assert not Path("n.h5").exists()
    # A leading zero does not make a number octal.
    ten = program.succeed("schedule", "linear", "--steps", "10").stdout
    assert ten == program.succeed("schedule", "linear", "--steps", "010").stdout and len(ten.splitlines()) == 12, ten


def special_files_are_refused_at_once(program):
    """Reading a pipe or /dev/zero would never end."""
    for name in ("pipe.h5", "pipe.toml", "pipe.libsvm", "pipe.csv"):
        Path(name).unlink(missing_ok=True)
        os.mkfifo(name)
    Path("socket.h5").unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX)
    server.bind("socket.h5")
    Path("folder.h5").mkdir(exist_ok=True)
    Path("a.toml").write_text(SYNTHETIC)
    program.succeed("run", "a.toml", "-o", "a.h5", "--overwrite", "--progress", "none")
    kinds = {"pipe.h5": "a named pipe; allowed: a regular file", "socket.h5": "a socket; allowed: a regular file",
             "/dev/zero": "a device; allowed: a regular file", "folder.h5": "Is a directory"}
    for path, words in kinds.items():
        for arguments in (["status", path], ["analyze", path], ["verify", path], ["export", path],
                          ["analyze", "a.h5", "--baseline", path], ["merge", "-o", "n.h5", path],
                          ["run", "a.toml", "-o", "n.h5", "--reuse", path], ["plan", "a.toml", "--reuse", path],
                          ["run", "a.toml", "-o", path, "--resume"], ["plan", path]):
            line = refused(program, *arguments)
            assert path in line and words in line, (arguments, line)
        for how in [], ["--overwrite"]:
            line = refused(program, "run", "a.toml", "-o", path, *how)
            assert "not a regular file" in line or " is a folder" in line, line
    for path, words in ("pipe.toml", kinds["pipe.h5"]), ("/dev/zero", kinds["/dev/zero"]):
        assert words in refused(program, "plan", path)
    for data in ("pipe.libsvm", "pipe.csv", "pipe.h5"):
        Path("data.toml").write_text(SWEEP.format(data=f'data = "{data}"'))
        line = refused(program, "plan", "data.toml")
        assert data in line and kinds["pipe.h5"] in line, line
    assert not Path("n.h5").exists()
    server.close()


def a_missing_file_is_bad_usage_whatever_its_kind(program):
    Path("a.toml").write_text(SYNTHETIC)
    program.succeed("run", "a.toml", "-o", "a.h5", "--overwrite", "--progress", "none")
    for arguments in (["run", "none.toml"], ["plan", "none.toml"], ["status", "none.h5"], ["analyze", "none.h5"],
                      ["verify", "none.h5"], ["export", "none.h5"], ["merge", "-o", "n.h5", "none.h5"],
                      ["run", "a.toml", "-o", "n.h5", "--reuse", "none.h5"], ["plan", "a.toml", "--reuse", "none.h5"],
                      ["analyze", "a.h5", "--baseline", "none.h5"]):
        line = refused(program, *arguments)
        assert ": No such file or directory" in line and "none." in line, line
    assert not Path("n.h5").exists()


def a_folder_that_cannot_be_used_is_named(program):
    """Checks an unusable folder for temporary files, and symbolic links that point to themselves."""
    Path("a.toml").write_text(SYNTHETIC)
    program.succeed("run", "a.toml", "-o", "a.h5", "--overwrite", "--progress", "none")
    lone = {key: value for key, value in ENVIRONMENT.items() if key != "OMPI_MCA_orte_tmpdir_base"}
    done = subprocess.run(program.command("run", "a.toml", "-o", "n.h5"), capture_output=True, text=True,
                          env=lone | {"TMPDIR": "/proc"}, timeout=60)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and "set TMPDIR" in done.stderr, done
    if not os.path.lexists("loop.h5"):
        Path("loop.h5").symlink_to("loop.h5")
    for arguments in (["run", "a.toml", "-o", "loop.h5"], ["run", "a.toml", "-o", "loop.h5", "--resume"],
                      ["status", "loop.h5"], ["merge", "-o", "loop.h5", "a.h5"], ["export", "a.h5", "-o", "loop.h5"]):
        done = program(*arguments)
        last = done.stderr.splitlines()[-1]
        assert done.returncode in (1, 2) and last.endswith("loop.h5: Too many levels of symbolic links"), (arguments, done)
    assert not Path("n.h5").exists()


def names_of_one_character_are_names(program):
    Path("a.toml").write_text(SYNTHETIC)
    for name in "p", "-", " ":
        program.succeed("run", "a.toml", "-o", name, "--overwrite", "--progress", "none")
        assert "4 of 4 cells finished" in program.succeed("status", name).stdout


def what_is_long_is_cut_in_messages(program):
    Path("a.toml").write_text(SYNTHETIC)
    for text in "x" * 100000 + "=1", "sgd.steps=" + "[" * 100000:
        assert len(refused(program, "plan", "a.toml", "--set", text)) < 1000
    Path("long.toml").write_text(f'title = "{1000 * "long "}"\n' + SYNTHETIC)
    program.succeed("run", "long.toml", "-o", "long.h5", "--overwrite", "--progress", "none")
    assert program.succeed("status", "long.h5").stdout.count("long ") < 100


if __name__ == "__main__":
    program = Program(*sys.argv[1:3])
    for check in (help_is_shown_without_a_command, what_is_misspelt_is_named_with_its_nearest,
                  the_first_word_that_is_not_understood_is_named, numbers_are_read_in_one_way,
                  special_files_are_refused_at_once, a_missing_file_is_bad_usage_whatever_its_kind,
                  a_folder_that_cannot_be_used_is_named, names_of_one_character_are_names,
                  what_is_long_is_cut_in_messages):
        check(program)
        print(f"{check.__name__}: ok", flush=True)
