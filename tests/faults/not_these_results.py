"""Checks that a file that cannot be resumed is refused with one clear line and not changed.

Usage: not_these_results.py RHOSWEEP MPIEXEC H5DIFF
"""

import os
import random
import shutil
import sys
from pathlib import Path

import h5py
import numpy as np

from faults import Sweep, check_one_line

FILE = Path("given.h5")


def replace_shape(name, shape):
    def change(file):
        del file[name]
        file.create_dataset(name, shape, dtype="f8", data=np.ones(shape))
    return change


def in_another_file(name):
    """Replaces a dataset by one with external storage: HDF5 would read and write its values in victim.txt."""
    def change(file):
        shape, dtype = file[name].shape, file[name].dtype
        del file[name]
        file.create_dataset(name, shape, dtype=dtype, external=[("victim.txt", 0, h5py.h5f.UNLIMITED)])
    return change


def linked(name, link):
    def change(file):
        file.move(name, "moved")
        file[name] = link
    return change


def virtual(name):
    def change(file):
        layout = h5py.VirtualLayout(file[name].shape, file[name].dtype)
        layout[...] = h5py.VirtualSource("undisturbed.h5", name, file[name].shape)
        del file[name]
        file.create_virtual_dataset(name, layout)
    return change


def flip(place):
    content = bytearray(Path("undisturbed.h5").read_bytes())
    content[place] ^= 0x10
    return bytes(content)


def with_change(change):
    shutil.copy("undisturbed.h5", FILE)
    with h5py.File(FILE, "r+") as file:
        change(file)
    return FILE.read_bytes()


def foreign():
    with h5py.File(FILE, "w") as file:
        file["status"] = [1, 2, 3]
    return FILE.read_bytes()


def given(size):
    """Returns files that cannot be resumed, as {name: (content, exit code, words of the message)}."""
    whole = Path("undisturbed.h5").read_bytes()
    random.seed(1)
    cases = {
        "empty": (b"", 2, ["not an HDF5 file"]),
        "a sweep file": (Path("sweep.toml").read_bytes(), 2, ["not an HDF5 file"]),
        "random bytes": (random.randbytes(size), 2, ["not an HDF5 file"]),
        "an HDF5 file of others": (foreign(), 2, ["not made by rhosweep"]),
        "a newer format": (with_change(lambda file: file.attrs.modify("rhosweep_format", np.int32(2))), 2,
                           ["rhosweep_format is 2"]),
        "another sweep": (with_change(lambda file: file.attrs.modify(
            "sweep", file.attrs["sweep"].replace("evaluations = 2", "evaluations = 1"))), 2,
            ["another sweep", "sgd.evaluations is 1 in the file, 2 in the sweep", "--reuse"]),
        "another grid than its sweep's": (with_change(lambda file: file["seed"].write_direct(np.array([7, 8, 9]))), 2,
                                          ["damaged: its coordinates"]),
        "no checksums": (with_change(lambda file: file.pop("checksum")), 1, ["checksum"]),
        "a shape that is not the grid's": (with_change(replace_shape("stepsize", (2, 3))), 1,
                                           ["stepsize has the shape (2, 3)"]),
        "no sweep": (with_change(lambda file: file.attrs.pop("sweep")), 1, ["attribute sweep"]),
        "status in another file": (with_change(in_another_file("status")), 1, ["status are in another file"]),
        "a curve in another file": (with_change(in_another_file("train_loss")), 1, ["train_loss are in another file"]),
        "a virtual variable": (with_change(virtual("run/rank")), 1, ["run/rank are in another file"]),
        "an external link": (with_change(linked("status", h5py.ExternalLink("undisturbed.h5", "/status"))), 1,
                             ["status is a link"]),
        "a soft link": (with_change(linked("final_train_loss", h5py.SoftLink("/moved"))), 1,
                        ["final_train_loss is a link"]),
        "an external link for a group": (with_change(linked("run", h5py.ExternalLink("undisturbed.h5", "/run"))), 1,
                                         ["run is a link"]),
        "a flipped bit in the superblock": (flip(30), 1, []),
        "a flipped bit in the root group": (flip(60), 1, []),
    }
    for length in 1, 8, 100, size // 100, size // 2, size - 1:
        code = 2 if length < 8 else 1  # HDF5's signature has 8 bytes
        cases[f"the first {length} of {size} bytes"] = (whole[:length], code, [] if code == 1 else ["not an HDF5 file"])
    return cases


if __name__ == "__main__":
    sweep = Sweep(*sys.argv[1:4], seeds=3)
    wrong = 0
    Path("victim.txt").write_text(10000 * "precious ")
    cases = given(Path("undisturbed.h5").stat().st_size)
    for i, (name, (content, code, words)) in enumerate(cases.items()):
        ranks = 2 * (i % 2)
        FILE.write_bytes(content)
        os.utime(FILE, ns=(0, 0))
        before = set(os.listdir())
        try:
            check_one_line(sweep.resume(FILE, ranks), code, str(FILE), *words)
            assert FILE.read_bytes() == content and FILE.stat().st_mtime_ns == 0, "the file was changed"
            assert set(os.listdir()) == before, f"made: {set(os.listdir()) - before}"
        except AssertionError as error:
            wrong += 1
            print(f"{name} at {ranks} ranks: {error}")
    assert Path("victim.txt").read_text() == 10000 * "precious ", "another file was written"
    print(f"{len(cases) - wrong} of {len(cases)} files refused as they should be")
    sys.exit(wrong > 0)
