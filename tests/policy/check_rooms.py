"""Checks every #include against the layering: a room may use only rooms on lower floors, and only certain rooms may use
a library. Also checks the names of the top-level files and folders and that no file is too long.

CMakeLists.txt lists the rooms, a floor per line; src/ROOM/CMakeLists.txt lists what a room links, and it may include only
these rooms.

Usage: check_rooms.py SOURCE_DIR   (exit code 1 and one line for each violation)
       check_rooms.py --self-test  (creates violations and checks that they are found)
"""

import re
import sys
import tempfile
from pathlib import Path

# library (the start of its include paths): the rooms that may use it
LIBRARIES = {
    "spdlog/": {"core"},
    "Random123/": {"core"},
    "xxhash.h": {"core"},
    "toml++/": {"model"},
    "Eigen/": {"optimum", "problem", "sgd"},
    "hdf5.h": {"h5"},
    "hdf5_hl": {"store"},
    "H5": {"h5", "store"},
    "mpi.h": {"store", "mpi"},
    "boost/mpi": {"mpi"},
    "boost/iostreams": {"data"},
    "boost/math": {"analysis"},
    "boost/multiprecision": {"model"},
    "CLI/": {"app"},
    "nlohmann/": {"analysis", "app", "program"},
}

TOP_LEVEL = {"src", "include", "jobs", "tests", "cmake", "CMakeLists.txt", "README.md", "CMakePresets.json",
             "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"}

# file: its largest number of lines; people do not read longer pages
MOST_LINES = {"README.md": 150}
MOST_LINES_OF_SOURCES = 450

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]', re.MULTILINE)


def read_floors(source):
    """Returns the rooms of each floor, starting with the lowest."""
    listed = re.search(r"^set\(rooms\n(.*?)\)", (source / "CMakeLists.txt").read_text(), re.MULTILINE | re.DOTALL)
    return [line.split() for line in listed.group(1).splitlines()]


def read_links(source, room):
    """Returns the rooms that a room links, as {"PUBLIC": rooms, "PRIVATE": rooms}."""
    text = re.sub(r"#.*", "", (source / "src" / room / "CMakeLists.txt").read_text())
    words = re.search(r"rhosweep_add_room\((.*?)\)", text, re.DOTALL).group(1).split()
    links = {"PUBLIC": set(), "PRIVATE": set()}
    for word in words:
        if word.isupper():
            keyword = word
        elif word.startswith("rhosweep::"):
            links[keyword].add(word.removeprefix("rhosweep::"))
    return links


def rooms_in_reach(room, links):
    """Returns the rooms whose headers a room may include: those that it links, and the public links of these,
    recursively."""
    reached = set()
    found = links[room]["PUBLIC"] | links[room]["PRIVATE"]
    while found:
        reached |= found
        found = set().union(*(links[other]["PUBLIC"] for other in found)) - reached
    return reached


def breaches(source):
    found = []
    floors = read_floors(source)
    floor_of = {room: number for number, rooms in enumerate(floors) for room in rooms}
    links = {}
    for room in floor_of:
        if not (source / "src" / room / "CMakeLists.txt").is_file():
            return [f"{source}: the room {room} is missing"]
        links[room] = read_links(source, room)
        for other in sorted(links[room]["PUBLIC"] | links[room]["PRIVATE"]):
            if floor_of.get(other, len(floors)) >= floor_of[room]:
                found.append(f"src/{room}/CMakeLists.txt: {room} must not link {other}, which is on no lower floor")
    for base in (source / "include" / "rhosweep", source / "src"):
        for file in sorted(base.rglob("*.?pp")):
            room = file.relative_to(base).parts[0]
            if room not in floor_of:
                found.append(f"{file}: '{room}' is no room")
                continue
            text = file.read_text()
            if len(text.splitlines()) > MOST_LINES_OF_SOURCES:
                found.append(f"{file}: more than {MOST_LINES_OF_SOURCES} lines")
            for include in INCLUDE.findall(text):
                if include.startswith("rhosweep/"):
                    used = include.split("/")[1]
                    if used != room and used not in rooms_in_reach(room, links):
                        found.append(f"{file}: {room} does not link {used} ({include})")
                elif include.startswith(".."):
                    found.append(f"{file}: {include} reaches out of its room")
                else:
                    for prefix, rooms in LIBRARIES.items():
                        if include.startswith(prefix) and room not in rooms:
                            found.append(f"{file}: {room} must not use {include}; only {', '.join(sorted(rooms))}")
    for name, most in MOST_LINES.items():
        if (source / name).is_file() and len((source / name).read_text().splitlines()) > most:
            found.append(f"{source / name}: more than {most} lines")
    for entry in source.iterdir():
        if entry.name not in TOP_LEVEL and not entry.name.startswith(".") and entry.name != "build" \
                and entry.suffix != ".h5":
            found.append(f"{entry}: no such entry belongs at the top level")
    return found


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        here = Path(__file__).parents[2]
        for listing in (here / "CMakeLists.txt", *here.glob("src/*/CMakeLists.txt")):
            copy = source / listing.relative_to(here)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(listing.read_text())
        assert breaches(source) == [], breaches(source)
        planted = {
            "src/model/a.cpp": '#include "rhosweep/store/results_file.hpp"\n',
            "src/sched/b.cpp": "  # include <mpi.h>\n",
            "src/problem/c.hpp": '#include "rhosweep/theory/bounds.hpp"\n',
            "include/rhosweep/shed/d.hpp": "",
            "src/core/e.cpp": '#include "../model/grid.hpp"\n',
            "src/process/CMakeLists.txt": "rhosweep_add_room(process SOURCES a.cpp PUBLIC rhosweep::core rhosweep::h5)",
            "notes.txt": "",
            "README.md": 151 * "line\n",
            "src/core/f.cpp": 451 * "\n",
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
