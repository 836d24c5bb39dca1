"""Checks that the targets of references in the project's texts exist: links in pages, with their headings, and every
path that begins with jobs/.

Usage: check_links.py SOURCE_DIR   (exit code 1 and one line for each broken link or path)
       check_links.py --self-test  (creates broken links and checks that they are found)
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
JOBS_PATH = re.compile(r"(?<![\w-])jobs/[\w./-]*\w\b(?!\\)")  # skips regular expressions
PLACEHOLDER = "jobs/guide/NAME.md"  # stands for any page
# Files whose paths below jobs/ need not exist: the changelog names former paths, and this file contains the self-test.
EXEMPT = {"CHANGELOG.md", "tests/policy/check_links.py"}


def anchors(page):
    """Returns the anchors of a page's headings, as GitHub forms them."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(page.read_text())}


def broken_links(source, page):
    for target in LINK.findall(CODE.sub("", (source / page).read_text())):
        if re.match(r"\w+:", target):
            continue
        path, _, anchor = target.partition("#")
        goal = (source / page).parent / path if path else source / page
        if not goal.exists():
            yield f"{page}: {target} does not exist"
        elif anchor and anchor not in anchors(goal):
            yield f"{page}: {target}: no such heading"


def broken_paths(source, name):
    for path in JOBS_PATH.findall((source / name).read_text(errors="replace")):
        if path != PLACEHOLDER and not (source / path).exists():
            yield f"{name}: {path} does not exist"


def check(source, files):
    """Returns a line for each broken link or path of these files, whose names are relative to `source`."""
    found = []
    for name in files:
        if name.endswith(".md"):
            found += broken_links(source, name)
        if name not in EXEMPT and not name.endswith((".svg", ".libsvm")):
            found += broken_paths(source, name)
    return found


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        (source / "jobs").mkdir()
        (source / "jobs" / "there.md").write_text("# Two words, and more\n")
        (source / "page.md").write_text(
            "[a](jobs/there.md#two-words-and-more) [b](missing.md) [c](jobs/there.md#none) [d](https://a.b/c)\n"
            "`[e](in_code.md)` `jobs/there.md` `jobs/missing.toml`.\n")
        assert check(source, ["page.md", "jobs/there.md"]) == [
            "page.md: missing.md does not exist", "page.md: jobs/there.md#none: no such heading",
            "page.md: jobs/missing.toml does not exist"], check(source, ["page.md", "jobs/there.md"])


def main(argument):
    if argument == "--self-test":
        self_test()
        return 0
    listed = subprocess.run(["git", "-C", argument, "ls-files", "-z"], capture_output=True, text=True, check=True).stdout
    files = [name for name in listed.split("\0") if (Path(argument) / name).is_file()]
    found = check(Path(argument), files)
    print("\n".join(found) or f"{len(files)} files: no broken link")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
