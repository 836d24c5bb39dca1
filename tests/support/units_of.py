"""units_of.py COMPILE_COMMANDS ROOM...: the translation units of the rooms, each ended by a null byte."""

import json
import pathlib
import sys


def main(database, *rooms):
    units = (pathlib.Path(entry["file"]) for entry in json.loads(pathlib.Path(database).read_text()))
    for unit in sorted(unit for unit in units if rooms_of(unit) & set(rooms)):
        print(unit, end="\0")


def rooms_of(unit):
    """The folders right below a folder src."""
    parts = unit.parts
    return {room for folder, room in zip(parts, parts[1:]) if folder == "src"}


if __name__ == "__main__":
    main(*sys.argv[1:])
