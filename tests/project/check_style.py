"""Runs one style tool on all files that git tracks.

Usage: check_style.py format|shell|python   Exits with 1 if the tool complains, is not installed or has no file to
check, and with 77 if another version of the tool is needed.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]

# kind: the command, the Debian package that contains it, and the files to check
KINDS = {
    "format": (["clang-format", "--dry-run", "--Werror"], "clang-format", ["*.hpp", "*.cpp", "*.ipp"]),
    # jobs/setup.sh and jobs/cluster/cluster.sh are not scripts; they are checked with the scripts that source them.
    "shell": (["shellcheck", "--check-sourced", "--severity=warning"], "shellcheck",
              ["*.sh", "*.sbatch", ":!jobs/setup.sh", ":!jobs/cluster/cluster.sh"]),
    "python": (["/usr/bin/python3", "-m", "pyflakes"], "python3-pyflakes", ["*.py"]),
}
# Other versions format some lines in another way.
CLANG_FORMAT = "14"
# Accepted complaints: Spack recipes import spack.package with a star, as Spack's own recipes do.
ALLOWED = {"python": r"cmake/packaging/spack\.py:.*spack\.package.*"}


def check(kind):
    command, package, patterns = KINDS[kind]
    if not shutil.which(command[0]):
        return f"{command[0]} is not installed: apt-get install {package}"
    if kind == "format":
        version = subprocess.run([command[0], "--version"], capture_output=True, text=True).stdout
        found = re.search(r"version (\d+)", version)
        if not found or found[1] != CLANG_FORMAT:
            print(f"skipped: needs clang-format {CLANG_FORMAT}; this is {version.strip()}")
            sys.exit(77)
    listed = subprocess.run(["git", "-C", SOURCE, "ls-files", "-z", "--", *patterns], capture_output=True, text=True)
    files = [name for name in listed.stdout.split("\0") if name]
    if listed.returncode or not files:
        return f"git lists no file of {patterns}: {listed.stderr}"
    done = subprocess.run([*command, *files], cwd=SOURCE, capture_output=True, text=True)
    said = [line for line in (done.stdout + done.stderr).splitlines() if not re.fullmatch(ALLOWED.get(kind, "$."), line)]
    if said or done.returncode > (kind in ALLOWED):  # exit code 1 is fine if all complaints are accepted ones
        return "\n".join([*said, f"{command[0]} complains: exit {done.returncode}"])
    print(f"{len(files)} files: {' '.join(command)} finds nothing")
    return None


if __name__ == "__main__":
    sys.exit(check(sys.argv[1]))
