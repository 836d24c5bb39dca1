"""Checks every #include against the layering: a room may use only rooms on lower floors, and only certain rooms may use
a library.

Usage: check_rooms.py SOURCE_DIR   (exit code 1 and one line for each violation)
       check_rooms.py --self-test  (creates violations and checks that they are found)
"""

import re
import sys
import tempfile
from pathlib import Path

# room: the rooms it may use. All are on lower floors of the table in CONTRIBUTING.md, so siblings never use each other.
MAY_USE = {
    "core": set(),
    "h5": set(),
    "model": {"core"},
    "process": {"core"},
    "theory": {"core", "model"},
    "problem": {"core", "h5", "model"},
    "store": {"core", "h5", "model"},
    "sched": {"core", "model"},
    "sgd": {"core", "model", "problem"},
    "command": {"core", "model", "process", "problem"},
    "mpi": {"core", "sched"},
    "analysis": {"core", "model", "theory", "store"},
    "study": {"core", "model", "theory", "problem", "store", "sched", "sgd", "command", "mpi", "analysis"},
    "app": {"core", "model", "process", "theory", "problem", "store", "sched", "sgd", "command", "mpi", "analysis",
            "study"},
}

# library (the start of its include paths): the rooms that may use it
LIBRARIES = {
    "spdlog/": {"core"},
    "Random123/": {"core"},
    "xxhash.h": {"core"},
    "toml++/": {"model"},
    "Eigen/": {"problem", "sgd"},
    "libxsmm": {"sgd"},
    "hdf5.h": {"h5"},
    "hdf5_hl": {"store"},
    "H5": {"h5", "store"},
    "mpi.h": {"store", "mpi"},
    "boost/mpi": {"mpi"},
    "boost/iostreams": {"problem"},
    "CLI/": {"app"},
    "nlohmann/": {"analysis", "command"},
}

TOP_LEVEL = {"src", "include", "jobs", "tests", "cmake", "CMakeLists.txt", "README.md", "CMakePresets.json",
             "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE"}

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]', re.MULTILINE)


def breaches(source):
    found = []
    for base in (source / "include" / "rhosweep", source / "src"):
        for file in sorted(base.rglob("*.?pp")):
            room = file.relative_to(base).parts[0]
            if room not in MAY_USE:
                found.append(f"{file}: '{room}' is no room")
                continue
            for include in INCLUDE.findall(file.read_text()):
                if include.startswith("rhosweep/"):
                    used = include.split("/")[1]
                    if used != room and used not in MAY_USE[room]:
                        found.append(f"{file}: {room} must not use {used} ({include})")
                elif include.startswith(".."):
                    found.append(f"{file}: {include} reaches out of its room")
                else:
                    for prefix, rooms in LIBRARIES.items():
                        if include.startswith(prefix) and room not in rooms:
                            found.append(f"{file}: {room} must not use {include}; only {', '.join(sorted(rooms))}")
    for room in MAY_USE:
        if not (source / "src" / room / "CMakeLists.txt").is_file():
            found.append(f"{source}: the room {room} is missing")
    for entry in source.iterdir():
        if entry.name not in TOP_LEVEL and not entry.name.startswith(".") and entry.name != "build" \
                and entry.suffix != ".h5":
            found.append(f"{entry}: no such entry belongs at the top level")
    return found


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        for room in MAY_USE:
            (source / "src" / room).mkdir(parents=True)
            (source / "src" / room / "CMakeLists.txt").touch()
        assert breaches(source) == [], breaches(source)
        planted = {
            "src/model/a.cpp": '#include "rhosweep/store/results_file.hpp"\n',
            "src/sched/b.cpp": "  # include <mpi.h>\n",
            "src/problem/c.hpp": '#include "rhosweep/theory/bounds.hpp"\n',
            "include/rhosweep/shed/d.hpp": "",
            "src/core/e.cpp": '#include "../model/grid.hpp"\n',
            "notes.txt": "",
        }
        for name, text in planted.items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_text(text)
        found = breaches(source)
        assert len(found) == len(planted), found


if __name__ == "__main__":
    if sys.argv[1] == "--self-test":
        self_test()
    else:
        lines = breaches(Path(sys.argv[1]).resolve())
        print("\n".join(lines) or "every include keeps to the rooms")
        sys.exit(1 if lines else 0)
