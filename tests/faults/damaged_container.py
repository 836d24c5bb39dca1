"""Checks that every command refuses an HDF5 file on which the HDF5 library crashes or loops, with one clear line.

Usage: damaged_container.py RHOSWEEP MPIEXEC
"""

import re
import struct
import sys
from pathlib import Path

import h5py
import numpy as np

from faults import check_one_line
from program import Program

SWEEP = """\
title = "Small"
[problem]
kind = "quadratic"
dimension = 2
[sgd]
steps = 4
evaluations = 2
[grid]
stepsize = 0.5
schedule = ["constant", "cosine"]
rho = [0.5, 1.0]
seed = [0]
"""

DATA_SWEEP = """\
[problem]
kind = "least_squares"
data = "data.h5"
radius = 1.0
[sgd]
steps = 4
[grid]
stepsize = 0.5
schedule = ["cosine"]
rho = [1.0]
seed = [0]
"""

FILE = Path("damaged.h5")
CRASH, LOOP = "the HDF5 library crashes while reading it", "the HDF5 library does not come to an end"


def heaps(content):
    """Returns the offset of each global heap, where HDF5 stores strings, and the offsets of its strings' sizes. No
    checksum protects a heap."""
    found, heap = [], content.find(b"GCOL")
    while heap >= 0:
        size, = struct.unpack_from("<Q", content, heap + 8)
        place, sizes = heap + 16, []
        while place + 16 <= heap + size:
            number, _, _, length = struct.unpack_from("<HHIQ", content, place)
            if number == 0:
                break
            sizes.append(place + 8)
            place += 16 + (length + 7) // 8 * 8
        found.append((heap, sizes))
        heap = content.find(b"GCOL", heap + 4)
    return found


def with_byte(content, place, value):
    return content[:place] + bytes([value]) + content[place + 1:]


def crashing(content):
    """Returns copies of a results file with a changed string size: {name: (content, words of the message)}."""
    _, sizes = heaps(content)[0]
    cases = {}
    for text in 1, 2, 3:
        for byte in 3, 7:
            cases[f"byte {byte} of the size of text {text}"] = with_byte(content, sizes[text] + byte, 2), CRASH
    # The size plus the 16 bytes of the string's header is 2^64, which wraps to 0: the library never advances past the
    # string.
    wrapped = struct.pack("<Q", 2**64 - 16)
    cases["a size that wraps around"] = content[:sizes[1]] + wrapped + content[sizes[1] + 8:], LOOP
    return cases


def library_crashes(program):
    """Whether the library crashes on such files, as HDF5 1.10 does. From 1.14 on, it reports an error of its own."""
    version = re.search(r"^hdf5_version +(\d+)\.(\d+)", program.succeed("--version").stdout, re.MULTILINE)
    return (int(version[1]), int(version[2])) < (1, 14)


def results_are_refused(program):
    Path("sweep.toml").write_text(SWEEP)
    program.succeed("run", "sweep.toml", "-o", "whole.h5", "--overwrite", "--progress", "none")
    commands = {
        "status": ["status", FILE],
        "verify": ["verify", FILE],
        "analyze": ["analyze", FILE],
        "merge": ["merge", "-o", "merged.h5", "whole.h5", FILE],
        "plan --reuse": ["plan", "sweep.toml", "--reuse", FILE],
        "run --reuse": ["run", "sweep.toml", "--reuse", FILE, "-o", "new.h5"],
        "run --resume": ["run", "sweep.toml", "-o", FILE, "--resume"],
    }
    wrong = []
    crash = CRASH if library_crashes(program) else ""
    for case, (content, words) in crashing(Path("whole.h5").read_bytes()).items():
        FILE.write_bytes(content)
        for name, command in commands.items():
            for ranks in (0, 1, 2) if name == "run --resume" else (0,):
                # rhosweep stops a looping library after some seconds; without MPI, a limit on processor time stops it
                # earlier. Ranks that wait also use processor time, so they get no limit.
                limit = 2 if words == LOOP and ranks == 0 else None
                if words == LOOP and (ranks == 1 or name not in ("status", "run --resume")):
                    continue
                try:
                    check_one_line(program(*command, ranks=ranks, processor_seconds=limit), 1, str(FILE), crash if words == CRASH else words)
                    assert FILE.read_bytes() == content, "the file was changed"
                except AssertionError as error:
                    wrong.append(f"{case}, {name} at {ranks} ranks: {error}")
    assert not wrong, "\n".join(wrong)


def damaged_results_can_be_overwritten(program):
    FILE.write_bytes(next(iter(crashing(Path("whole.h5").read_bytes()).values()))[0])
    program.succeed("run", "sweep.toml", "-o", FILE, "--overwrite", "--progress", "none")
    program.succeed("verify", FILE)


def scale_offset_data():
    """Returns data files with integers behind the scale-offset filter and a wrong size in their datatype. With a size
    of 0x02000004 bytes, the library overflows its stack when it converts several values. Whether it crashes depends on
    the number of values."""
    cases = {}
    for rows in 3, 20, 300:
        numbers = np.arange(2 * rows).reshape(rows, 2) % 7
        with h5py.File("scale_offset.h5", "w") as file:
            file.create_dataset("X", data=numbers.astype("i4"), chunks=(min(rows, 100), 2), scaleoffset=0)
            file.create_dataset("y", data=(numbers[:, 0] % 2).astype("i8"), chunks=(rows,), scaleoffset=0)
        content = Path("scale_offset.h5").read_bytes()
        for name, size in ("X", 4), ("y", 8):
            # The datatype message: class and version, bit field (signed), size, bit offset and bit precision.
            kind = content.index(bytes([0x10, 8, 0, 0, size, 0, 0, 0, 0, 0, 8 * size, 0]))
            for byte in 5, 6, 7:
                cases[f"{rows} rows, byte {byte} of the size of {name}"] = with_byte(content, kind + byte, 2)
    return cases


def damaged_data():
    """Returns damaged data files as {name: (content, words of the message)}."""
    with h5py.File("whole_data.h5", "w") as file:
        file.create_dataset("X", data=np.arange(40.0).reshape(20, 2) % 7, chunks=(4, 2), compression="gzip", shuffle=True)
        file["y"] = np.arange(20.0) % 5
    content = Path("whole_data.h5").read_bytes()
    layout = content.index(b"\x03\x02\x03", content.index(b"deflate"))  # version, class chunked, rank + 1
    element = content.index(b"\x11\x20\x3f\x00\x08\x00\x00\x00")  # class, bit field, then the size of a double
    chunk = layout + 11  # the chunk's extents, 4 bytes each, follow the address of the chunk index
    return {
        "a huge type": (with_byte(content, element + 6, 2), CRASH),
        "huge chunks": (with_byte(content, chunk + 6, 2), CRASH),
        "chunks with fewer dimensions": (with_byte(content, layout + 2, 2), "damaged: the HDF5 library"),
    }


def data_is_refused(program):
    Path("data.toml").write_text(DATA_SWEEP)
    crashes = library_crashes(program)
    for case, (content, words) in damaged_data().items():
        Path("data.h5").write_bytes(content)
        for command, ranks in (["plan", "data.toml"], 0), (["run", "data.toml", "-o", "none.h5"], 2):
            try:
                check_one_line(program(*command, ranks=ranks), 2, "data.h5", words if crashes else "")
            except AssertionError as error:
                raise AssertionError(f"{case}, {command}: {error}") from error
    assert not Path("none.h5").exists(), "a results file was made"
    for case, content in scale_offset_data().items():
        Path("data.h5").write_bytes(content)
        try:
            check_one_line(program("plan", "data.toml"), 2, "data.h5")
        except AssertionError as error:
            raise AssertionError(f"{case}: {error}") from error


if __name__ == "__main__":
    program = Program(*sys.argv[1:3])
    for check in results_are_refused, damaged_results_can_be_overwritten, data_is_refused:
        check(program)
        print(f"{check.__name__}: as it should be")
