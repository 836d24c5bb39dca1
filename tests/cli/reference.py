"""Checks that the man pages and the bash completion contain every command and option that --help shows, that the
completion works, and that --version names the libraries and the vector unit.

Usage: reference.py RHOSWEEP MPIEXEC SOURCE_DIR
"""

import re
import subprocess
import sys
from pathlib import Path

from program import Program


def commands_and_options(program):
    """Returns {command: options that its help shows}. The command "" is the program itself."""
    text = program.succeed("--help").stdout
    commands = re.findall(r"^  (\w+) ", text.split("Subcommands:")[1], re.MULTILINE)
    helps = [text] + [program.succeed(command, "--help").stdout for command in commands]
    assert all(len(line) <= 80 for text in helps for line in text.splitlines()), "help wider than a terminal"
    assert {"run", "plan", "status", "analyze", "verify", "list", "schedule", "theory"} <= set(commands), commands
    return {command: re.findall(r"^  (?:-\w,)?(--[\w-]+)", program.succeed(*command.split(), "--help").stdout,
                                re.MULTILINE) for command in ["", *commands]}


def man_pages_hold_every_option(options):
    for command, names in options.items():
        page = Path("reference/man", f"rhosweep-{command}.1" if command else "rhosweep.1").read_text()
        shown = page.replace("\\-", "-")
        for section in "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "SEE ALSO":
            assert f"\n.SH {section}\n" in shown, f"{command}: no {section}"
        for name in names:
            assert re.search(rf"^\.BI? .*{name}\b", shown, re.MULTILINE), f"{command}: {name} is missing"
    overview = Path("reference/man/rhosweep.1").read_text()
    assert all(f"\n.B {command}\n" in overview for command in options if command)
    assert len(list(Path("reference/man").iterdir())) == len(options)


def complete(*words):
    """Returns the completions that bash offers for the last word."""
    script = ('source reference/completions/rhosweep; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
              'compopt() { echo "no files"; }; _rhosweep; printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-uc", script, "bash", "rhosweep", *words], capture_output=True, text=True)
    assert not done.stderr, done.stderr
    return done.stdout.split("\n")[:-1]


def completion_offers_what_fits(options):
    for command, names in options.items():
        offered = complete(*command.split(), "--")
        assert set(names) <= set(offered), (command, names, offered)
        assert not command or set(offered) <= {*names, "--help"}, (command, offered)
    assert complete("an") == ["analyze"]
    assert set(options) - {""} <= set(complete(""))
    assert complete("run", "sweep.toml", "--progress", "") == ["auto", "bar", "log", "none"]
    assert complete("run", "--progress", "=", "b") == ["bar"]
    assert complete("list", "p") == ["problems"]
    assert complete("schedule", "--steps", "") == ["no files", ""]
    for command in "run", "plan", "merge", "status", "verify", "analyze":
        assert complete(command, "") == [""], f"{command}: files, not the dash that all options share"
    assert complete("theory", "po") == ["polynomial"] and {"wsd", "linear"} <= set(complete("schedule", ""))
    assert "or" not in complete("schedule", ""), "a word of the documents, no schedule"
    assert complete("run", "-o", "x") == [""], "files: bash's own completion"
    for command in "run", "merge", "analyze":
        assert complete(command, "-o", "") == [""], command
    assert complete("reference") == [""], "not for people"


def version_names_what_it_runs_with(program, source):
    project = re.search(r"project\(\s*rhosweep\s+VERSION ([\d.]+)", Path(source, "CMakeLists.txt").read_text())
    assert f"\nversion: {project[1]}\n" in Path(source, "CITATION.cff").read_text()
    lines = dict(line.split(maxsplit=1) for line in program.succeed("--version").stdout.splitlines())
    assert lines["rhosweep"] == lines["rhosweep_version"] == project[1], lines
    assert lines["mpi_version"].startswith("Open MPI v"), lines
    for library in "hdf5", "boost", "eigen":
        assert re.fullmatch(r"\d+\.\d+(\.\d+)?", lines[f"{library}_version"]), lines
    assert lines["rhosweep_commit"] and lines["vector_unit"] in ("portable", "neon", "avx2", "avx512"), lines
    lowered = program.succeed("--version", environment={"RHOSWEEP_VECTOR_UNIT": "portable"}).stdout
    assert re.search(r"^vector_unit +portable$", lowered, re.MULTILINE), lowered
    refused = program("--version", environment={"RHOSWEEP_VECTOR_UNIT": "sse"})
    assert refused.returncode == 2 and not refused.stdout, refused
    assert re.fullmatch(r'rhosweep: error: RHOSWEEP_VECTOR_UNIT: found "sse"; allowed: portable.*\n', refused.stderr), refused


program = Program(*sys.argv[1:3])
program.succeed("reference", "reference")
found = commands_and_options(program)
man_pages_hold_every_option(found)
completion_offers_what_fits(found)
version_names_what_it_runs_with(program, sys.argv[3])
