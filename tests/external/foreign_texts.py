"""Checks that file names and strings of arbitrary bytes, such as those of other encodings, do no harm.

A sweep file and a folder named in Latin-1 give the same results file on one rank and on two, which can be verified and
resumed. For any name of a metric in a results file, tables, JSON, CSV, figures and pages are UTF-8, no script ends with
a traceback, and no name is interpreted as markup in a page.

usage: foreign_texts.py RHOSWEEP MPIEXEC H5DIFF TOOLS_FOLDER
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import h5py

from forked import run_script
from program import ENVIRONMENT

SWEEP = """
[problem]
kind = "logistic_regression"
data = "samples.libsvm"
radius = 1.0
[sgd]
steps = 16
evaluations = 2
[grid]
stepsize = 0.5
schedule = ["constant", "cosine"]
rho = [0.25, 0.5, 1.0, 2.0, 4.0]
seed = { from = 0, count = 4 }
"""
SAMPLES = "1 1:1 2:2\n-1 1:-1 2:1\n1 1:0.5 2:-1\n-1 1:-2 2:-0.5\n"
MARKUP = 'x" onmouseover="alert(3)'
METRICS = [MARKUP, "<script>alert(1)<|script>", "a'b&c<d>", "$\\frac$", "a\x1b[31mb", "right\u202eto left", "=1+1,\"\n",
           "--> <!-- id=\"x", "{{ 7*7 }}"]
# netCDF4 and h5netcdf refuse these names; the scripts then read with h5py.
NO_UTF8 = [b"caf\xe9", b"cut \xe2\x82"]


class Page(HTMLParser):
    """Collects the tags of a page and their attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes = [], {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        for name, value in attributes:
            self.attributes.setdefault(name, set()).add(value)


def run(*command, exit_code=0):
    """Runs a command. Returns its output and its messages, which must be UTF-8."""
    if command[0] == sys.executable:
        done = run_script(*command[1:], environment=ENVIRONMENT)
    else:
        done = subprocess.run([os.fsencode(word) for word in command], capture_output=True, env=ENVIRONMENT, timeout=120)
    try:
        output, messages = done.stdout.decode(), done.stderr.decode()
    except UnicodeDecodeError as error:
        raise AssertionError(f"{command}: its output is no UTF-8: {error}") from error
    assert done.returncode == exit_code, f"{command}: exit {done.returncode}\n{output}{messages}"
    return output, messages


def latin_1_names(rhosweep, mpiexec, h5diff, tools):
    folder = b"d\xe9p\xf4t"
    os.makedirs(folder, exist_ok=True)
    sweep = os.path.join(folder, b"caf\xe9.toml")
    Path(os.fsdecode(sweep)).write_text(SWEEP)
    Path(os.fsdecode(folder), "samples.libsvm").write_text(SAMPLES)
    files = [b"alone \xe9.h5", b"two \xe9.h5"]
    quiet = ("--overwrite", "--progress", "none")
    run(rhosweep, "run", sweep, "-o", files[0], *quiet)
    run(mpiexec, "--oversubscribe", "-n", "2", rhosweep, "run", sweep, "-o", files[1], *quiet)
    assert run(h5diff, "--exclude-path=/run", *files)[0] == ""
    for file in files:
        assert "40 cells recomputed, 0 differ" in run(rhosweep, "verify", file)[0]
        assert "nothing to do" in run(rhosweep, "run", sweep, "-o", file, "--resume")[1]
        assert json.loads(run(rhosweep, "status", file, "--format", "json")[0])["title"] == "caf\ufffd"
        with h5py.File(file) as results:
            assert results["run"].attrs["sweep_folder"].endswith("/d%E9p%F4t"), results["run"].attrs["sweep_folder"]
            for name, text in [*results.attrs.items(), *results["run"].attrs.items()]:
                if isinstance(text, str):
                    text.encode()  # fails on a surrogate, which h5py puts in place of a byte that is not UTF-8
    run(rhosweep, "merge", "-o", "merged.h5", *files, "--overwrite")
    assert "0 differ" in run(rhosweep, "verify", "merged.h5")[0]
    run(sys.executable, tools / "report.py", files[0], "-o", b"page \xe9.html")
    assert "alone \ufffd.h5" in Path(os.fsdecode(b"page \xe9.html")).read_text(encoding="utf-8")
    drawn = run(sys.executable, tools / "figures.py", files[0], "-o", b"figures \xe9", "--formats", "svg")[0].splitlines()
    assert len(drawn) == len(os.listdir(b"figures \xe9")) > 0, drawn
    # Older versions stored the bytes of the title unchanged.
    shutil.copy(os.fsdecode(files[0]), "older.h5")
    with h5py.File("older.h5", "r+") as results:
        older = results.attrs["sweep"].encode().replace("\ufffd".encode(), b"\xe9")
        results.attrs.create("sweep", older, dtype=h5py.string_dtype())
        results["run"].attrs.create("sweep_folder", os.path.abspath(folder), dtype=h5py.string_dtype())
    assert "40 cells recomputed, 0 differ" in run(rhosweep, "verify", "older.h5")[0]
    run(rhosweep, "analyze", "older.h5", "--format", "json")


def squeezed(text):
    """Replaces runs of U+FFFD by one: decoders differ in how many they print for a sequence of invalid bytes."""
    return re.sub("\ufffd+", "\ufffd", text)


def rename_metric(source, target, name):
    shutil.copy(source, target)
    with h5py.File(target, "r+") as file:
        for prefix in (b"final_", b"initial_", b""):
            file.id.links.move(prefix + b"excess_loss", file.id, prefix + name)
        file.attrs["title"] = f"{MARKUP} <b>"


def metric_names(rhosweep, tools):
    Path("plain.toml").write_text(SWEEP)
    Path("samples.libsvm").write_text(SAMPLES)
    run(rhosweep, "run", "plain.toml", "-o", "plain.h5", "--overwrite", "--progress", "none")
    run(sys.executable, tools / "report.py", "plain.h5", "-o", "plain.html")
    plain = Page(Path("plain.html").read_text(encoding="utf-8"))
    for i, name in enumerate([*METRICS, *NO_UTF8]):
        data = name if isinstance(name, bytes) else name.encode()
        text = squeezed(data.decode(errors="replace"))
        file, page, figures = f"named_{i}.h5", f"named_{i}.html", f"figures_{i}"
        rename_metric("plain.h5", file, data)
        for shape in "json", "csv", "table":
            output = run(rhosweep, "analyze", file, "--metric", data, "--format", shape)[0]
            if shape == "json":
                assert squeezed(json.loads(output)["metric"]) == text, json.loads(output)["metric"]
            assert shape != "table" or "\x1b" not in output and "\u202e" not in output, name
        header = next(csv.reader(run(rhosweep, "export", file)[0].splitlines(keepends=True)))
        assert any(squeezed(column) == "final_" + text for column in header), header
        assert "\x1b" not in run(rhosweep, "status", file)[0]
        json.loads(run(rhosweep, "status", file, "--format", "json")[0])
        if isinstance(name, bytes):
            assert "diverged cells: 0" in run(sys.executable, tools.parent / "examples/reading/with_h5py.py", file)[0]
        draw = (sys.executable, tools / "figures.py", file, "-o", figures, "--metric", data)
        make = (sys.executable, tools / "report.py", file, "-o", page, "--metric", data)
        run(*draw)
        assert run(*make)[1] == ""
        found = Page(Path(page).read_text(encoding="utf-8"))
        assert set(found.attributes) == set(plain.attributes), (name, set(found.attributes) ^ set(plain.attributes))
        assert set(found.tags) == set(plain.tags), (name, set(found.tags) ^ set(plain.tags))
        # Each figure has one script, and the page has one more.
        assert found.tags.count("script") == found.tags.count("figure") + 1, name
        shown = "".join("\ufffd" if c in "\x1b\u202e" else c for c in text)
        labels = {squeezed(label) for label in found.attributes["aria-label"]}
        assert f"Final {shown} over the grid" in labels, labels


def forged_lines(rhosweep):
    """Strings with line breaks in a file do not produce separate lines in `status`."""
    shutil.copy("plain.h5", "forged.h5")
    with h5py.File("forged.h5", "r+") as file:
        for name in "title", "sweep_hash":
            file.attrs[name] = "text\nforged: 1"
        for name in "shard", "shard_cells", "host_names\nforged: 2":
            file["run"].attrs[name] = "1/1\nforged: 3"
    output = run(rhosweep, "status", "forged.h5")[0]
    assert "forged" in output and not any(line.lstrip().startswith("forged:") for line in output.splitlines()), output


def main(rhosweep, mpiexec, h5diff, tools):
    tools = Path(tools)
    ENVIRONMENT["RHOSWEEP"] = rhosweep
    latin_1_names(rhosweep, mpiexec, h5diff, tools)
    metric_names(rhosweep, tools)
    forged_lines(rhosweep)


if __name__ == "__main__":
    main(*sys.argv[1:])
