"""Reads the files of multipliers without NumPy."""

import array
import ast
import sys


def of_trial(path):
    """Returns the numbers in a text file with one number per line."""
    with open(path, encoding="ascii") as file:
        return [float(line) for line in file]


def of_block(path):
    """Yields the rows of a table of float64 in NumPy's format NPY 1.0."""
    with open(path, "rb") as file:
        magic = file.read(10)
        if magic[:8] != b"\x93NUMPY\x01\x00":
            raise ValueError(f"{path} is not a file of NPY 1.0")
        described = ast.literal_eval(file.read(int.from_bytes(magic[8:], "little")).decode("latin1"))
        own = ("<" if sys.byteorder == "little" else ">") + "f8"
        if described["descr"] != own or described["fortran_order"]:
            raise ValueError(f"{path} has no rows of float64")
        rows, columns = described["shape"]
        for _ in range(rows):
            row = array.array("d")
            row.fromfile(file, columns)
            yield row
