"""Checks that a broken data file gives one clear line that names the file, and exit code 2. Unusual files that the
format allows are read like the plain file of the same data. Under the sanitizers this test also shows that nothing is
read out of bounds.

Usage: hostile_data.py RHOSWEEP MPIEXEC
"""

import bz2
import gzip
import sys
from pathlib import Path

import h5py
import numpy

from program import Program

SWEEP = """\
[problem]
kind = "logistic_regression"
data = "{name}"
radius = 1.0
[sgd]
steps = 4
sampling = "full_batch"
evaluations = 2
[grid]
stepsize = 0.5
schedule = ["cosine"]
rho = [1.0]
seed = [0]
"""

ROWS = numpy.array([[1.5, -2.0], [0.25, 3.0], [-1.0, 0.5]])
LABELS = numpy.array([1.0, -1.0, 1.0])
FINE = None  # the file is read like the plain one

LIBSVM_TEXT = "1 1:1.5 2:-2\n-1 1:0.25 2:3\n1 1:-1 2:0.5\n"
LIBSVM = {
    "empty": ("", ["no samples"]),
    "blank_lines_only": ("\n\n  \n", ["no samples"]),
    "comments_only": ("# nothing\n", ["no samples"]),
    "no_label": (LIBSVM_TEXT + "1:2 2:3\n", [":4"]),
    "label_is_a_word": (LIBSVM_TEXT + "yes 1:2\n", [":4", "yes"]),
    "label_is_nan": (LIBSVM_TEXT + "nan 1:2\n", [":4", "nan"]),
    "three_labels": (LIBSVM_TEXT + "2 1:2\n", ["label"]),
    "one_label": ("1 1:1\n1 2:1\n", ["label"]),
    "index_0": (LIBSVM_TEXT + "1 0:2\n", [":4", "0"]),
    "negative_index": (LIBSVM_TEXT + "1 -3:2\n", [":4", "-3"]),
    "falling_indices": (LIBSVM_TEXT + "1 2:2 1:3\n", [":4", "1"]),
    "repeated_index": (LIBSVM_TEXT + "1 2:2 2:3\n", [":4", "2"]),
    "huge_index": (LIBSVM_TEXT + "1 99999999999999999999:2\n", [":4", "99999999999999999999"]),
    "index_past_any_memory": (LIBSVM_TEXT + "1 4611686018427387904:2\n", [":4", "4611686018427387904"]),
    "fractional_index": (LIBSVM_TEXT + "1 1.5:2\n", [":4", "1.5"]),
    "value_is_nan": (LIBSVM_TEXT + "1 1:nan\n", [":4", "nan"]),
    "value_is_inf": (LIBSVM_TEXT + "1 1:inf\n", [":4", "inf"]),
    "value_overflows": (LIBSVM_TEXT + "1 1:1e999\n", [":4", "1e999"]),
    "value_is_a_word": (LIBSVM_TEXT + "1 1:two\n", [":4", "two"]),
    "no_value": (LIBSVM_TEXT + "1 1:\n", [":4"]),
    "no_index": (LIBSVM_TEXT + "1 :5\n", [":4"]),
    "no_colon": (LIBSVM_TEXT + "1 5\n", [":4"]),
    "two_colons": (LIBSVM_TEXT + "1 1:2:3\n", [":4"]),
    "comma_as_decimal_point": (LIBSVM_TEXT + "1 1:2,5\n", [":4", "2,5"]),
    "null_bytes": ("1 1:1.5\0 2:-2\n", [":1"]),
    "utf16": ("\ufeff" + LIBSVM_TEXT).encode("utf-16-le"),
    "crlf": (LIBSVM_TEXT.replace("\n", "\r\n"), FINE),
    "byte_order_mark": ("\ufeff" + LIBSVM_TEXT, FINE),
    "no_last_newline": (LIBSVM_TEXT.rstrip("\n"), FINE),
    "tabs_and_blanks": (LIBSVM_TEXT.replace(" ", " \t ").replace("\n", "  \n\n"), FINE),
    "trailing_comment": (LIBSVM_TEXT.replace("\n", " # of a sample\n"), FINE),
    "plus_signs": (LIBSVM_TEXT.replace("1 1:1.5", "+1 1:+1.5e+0"), FINE),
}
LIBSVM["utf16"] = (LIBSVM["utf16"], [":1"])

CSV_TEXT = "1.5,-2,1\n0.25,3,-1\n-1,0.5,1\n"
CSV = {
    "empty": ("", ["no samples"]),
    "header_only": ("a,b,label\n", ["no samples"]),
    "blank_lines_only": ("\n\n", ["no samples"]),
    "short_row": (CSV_TEXT + "1,2\n", [":4"]),
    "long_row": (CSV_TEXT + "1,2,1,4\n", [":4"]),
    "ragged_header": ("a,b\n" + CSV_TEXT, [":2"]),
    "empty_cell": (CSV_TEXT + "1,,1\n", [":4"]),
    "missing_label": (CSV_TEXT + "1,2,\n", [":4"]),
    "value_is_a_word": (CSV_TEXT + "1,two,1\n", [":4", "two"]),
    "value_is_nan": (CSV_TEXT + "1,nan,1\n", [":4", "nan"]),
    "value_is_NA": (CSV_TEXT + "1,NA,1\n", [":4", "NA"]),
    "value_is_inf": (CSV_TEXT + "inf,2,1\n", [":4", "inf"]),
    "value_overflows": (CSV_TEXT + "1e999,2,1\n", [":4", "1e999"]),
    "label_is_nan": (CSV_TEXT + "1,2,nan\n", [":4", "nan"]),
    "three_labels": (CSV_TEXT + "1,2,7\n", ["label"]),
    "one_label": ("1,2,1\n3,4,1\n", ["label"]),
    "one_column": ("1\n-1\n", []),
    "semicolons": (CSV_TEXT.replace(",", ";"), []),
    "decimal_commas": ('"1,5","-2",1\n"0.25","3",-1\n', [":1"]),
    "open_quote": (CSV_TEXT + '1,"2,1\n', [":4"]),
    "text_after_a_quote": (CSV_TEXT + '1,"2"x,1\n', [":4"]),
    "null_bytes": (CSV_TEXT + "1,2\0,1\n", [":4"]),
    "utf16": (CSV_TEXT.encode("utf-16"), []),
    "crlf": (CSV_TEXT.replace("\n", "\r\n"), FINE),
    "byte_order_mark": ("\ufeff" + CSV_TEXT, FINE),
    "header": ("a,b,label\n" + CSV_TEXT, FINE),
    "no_last_newline": (CSV_TEXT.rstrip("\n"), FINE),
    "blanks": (CSV_TEXT.replace(",", " , "), FINE),
    "quotes": (CSV_TEXT.replace("1.5", '"1.5"'), FINE),
}

CSR = {"data": ROWS.ravel(), "indices": numpy.array([0, 1] * 3), "indptr": numpy.array([0, 2, 4, 6]), "y": LABELS}
DENSE = {"X": ROWS, "y": LABELS}


def with_entry(array, place, value):
    changed = numpy.array(array)
    changed[place] = value
    return changed


HDF5 = {
    "nothing_inside": ({}, ["X"]),
    "no_labels": ({"X": ROWS}, ["y"]),
    "no_data": ({"y": LABELS}, ["X"]),
    "fewer_labels": (DENSE | {"y": LABELS[:2]}, ["y"]),
    "X_of_one_dimension": (DENSE | {"X": ROWS[:, 0]}, ["X"]),
    "X_of_three_dimensions": (DENSE | {"X": ROWS[:, :, None]}, ["X"]),
    "y_of_two_dimensions": (DENSE | {"y": numpy.stack([LABELS, LABELS])}, ["y"]),
    "X_of_texts": (DENSE | {"X": numpy.full((3, 2), b"one")}, ["X"]),
    "X_is_nan": (DENSE | {"X": with_entry(ROWS, (1, 0), numpy.nan)}, ["nan"]),
    "X_is_inf": (DENSE | {"X": with_entry(ROWS, (1, 0), numpy.inf)}, ["inf"]),
    "y_is_nan": (DENSE | {"y": with_entry(LABELS, 1, numpy.nan)}, ["nan"]),
    "X_elsewhere": ({"X": h5py.ExternalLink("csr.h5", "/data"), "y": LABELS}, ["X is a link"]),
    "y_under_another_name": ({"X": ROWS, "labels": LABELS, "y": h5py.SoftLink("/labels")}, ["y is a link"]),
    "no_rows": ({"X": numpy.empty((0, 2)), "y": numpy.empty(0)}, []),
    "no_columns": ({"X": numpy.empty((3, 0)), "y": LABELS}, []),
    "three_labels": (DENSE | {"y": numpy.array([1.0, 2.0, 3.0])}, ["label"]),
    "one_label": (DENSE | {"y": numpy.ones(3)}, ["label"]),
    "no_indptr": ({key: CSR[key] for key in ("data", "indices", "y")}, ["indptr"]),
    "no_indices": ({key: CSR[key] for key in ("data", "indptr", "y")}, ["indices"]),
    "short_indptr": (CSR | {"indptr": CSR["indptr"][:2]}, []),
    "indptr_falls": (CSR | {"indptr": numpy.array([0, 4, 2, 6])}, ["indptr"]),
    "indptr_past_the_end": (CSR | {"indptr": numpy.array([0, 2, 4, 600])}, ["indptr"]),
    "indptr_begins_late": (CSR | {"indptr": numpy.array([1, 2, 4, 6])}, ["indptr"]),
    "negative_index": (CSR | {"indices": with_entry(CSR["indices"], 2, -1)}, ["row 1", "-1"]),
    "huge_index": (CSR | {"indices": with_entry(CSR["indices"], 3, 2**62)}, []),
    "falling_indices": (CSR | {"indices": with_entry(CSR["indices"], 2, 1)}, ["indices"]),
    "fewer_indices": (CSR | {"indices": CSR["indices"][:5]}, []),
    "csr": (CSR, FINE),
    "float32": (DENSE | {"X": ROWS.astype("f4")}, FINE),
    "big_endian": (DENSE | {"X": ROWS.astype(">f8"), "y": LABELS.astype(">i4")}, FINE),
    "integer_labels": (DENSE | {"y": LABELS.astype("i1")}, FINE),
}


def hdf5(path, arrays):
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values


def packed(text):
    """Returns compressed files with damage that only the checks of the compression can find."""
    gz, bz = gzip.compress(text, mtime=0), bz2.compress(text)
    return {
        "cut.libsvm.gz": (gz[:-10], []),
        "half.libsvm.gz": (gz[:len(gz) // 2], []),
        "header_only.libsvm.gz": (gz[:8], []),
        "wrong_sum.libsvm.gz": (gz[:-8] + bytes([gz[-8] ^ 1]) + gz[-7:], []),
        "flipped.libsvm.gz": (gz[:14] + bytes([gz[14] ^ 0xFF]) + gz[15:], []),
        "not_packed.libsvm.gz": (text, []),
        "empty.libsvm.gz": (b"", []),
        "cut.libsvm.bz2": (bz[:-4], []),
        "half.libsvm.bz2": (bz[:len(bz) // 2], []),
        "wrong_sum.libsvm.bz2": (bz[:-3] + bytes([bz[-3] ^ 1]) + bz[-2:], []),
        "flipped.libsvm.bz2": (bz[:20] + bytes([bz[20] ^ 0xFF]) + bz[21:], []),
        "not_packed.libsvm.bz2": (text, []),
        "empty.libsvm.bz2": (b"", []),
        "fine.libsvm.gz": (gz, FINE),
        "two_members.libsvm.gz": (gzip.compress(text[:14]) + gzip.compress(text[14:]), FINE),
        "fine.libsvm.bz2": (bz, FINE),
        "two_streams.libsvm.bz2": (bz2.compress(text[:14]) + bz2.compress(text[14:]), FINE),
    }


def write_all():
    """Writes the files of all cases. Returns {file: FINE or words of the error}."""
    cases = {}
    for ending, kind in (("libsvm", LIBSVM), ("csv", CSV)):
        for name, (content, expected) in kind.items():
            cases[f"{name}.{ending}"] = content if isinstance(content, bytes) else content.encode(), expected
    cases |= packed(LIBSVM_TEXT.encode())
    for name, (content, _) in cases.items():
        Path(name).write_bytes(content)
    found = {name: expected for name, (_, expected) in cases.items()}

    for name, (arrays, expected) in HDF5.items():
        hdf5(f"{name}.h5", arrays)
        found[f"{name}.h5"] = expected
    with h5py.File("X_outside.h5", "w") as file:
        file["y"] = LABELS
        file.create_dataset("X", ROWS.shape, dtype="f8", external=[("plain.libsvm", 0, h5py.h5f.UNLIMITED)])
    found["X_outside.h5"] = ["X are in another file"]
    hdf5("whole.h5", DENSE)
    whole = Path("whole.h5").read_bytes()
    for name, content in {
            "cut": whole[:len(whole) // 2], "signature_only": whole[:8], "empty": b"", "text": CSV_TEXT.encode(),
            "zeros_inside": whole[:96] + bytes(400) + whole[496:],
    }.items():
        Path(f"{name}.h5").write_bytes(content)
        found[f"{name}.h5"] = []
    Path("a_folder.libsvm").mkdir(exist_ok=True)
    found["a_folder.libsvm"] = []
    found["not_there.csv"] = ["No such file"]
    return found


def refused(program, sweep, name, words):
    """Returns what is wrong with the program's refusal of a file; empty if nothing is."""
    done = program("plan", sweep)
    lines = done.stderr.strip().splitlines()
    if done.returncode != 2 or len(lines) != 1:
        return f"exit {done.returncode}, not 2 and one line:\n{done.stdout}{done.stderr}"
    missing = [word for word in (name, *words) if word not in lines[0]]
    return f"{missing} not in: {lines[0]}" if missing else ""


def losses(program, sweep):
    program.succeed("run", sweep, "-o", "out.h5", "--overwrite", "--progress", "none")
    with h5py.File("out.h5") as file:
        return file["train_loss"][:]


def main(executable, mpiexec):
    program = Program(executable, mpiexec)
    cases = write_all()
    plain = Path("plain.libsvm")
    plain.write_text(LIBSVM_TEXT)
    sweep = Path("sweep.toml")

    sweep.write_text(SWEEP.format(name=plain))
    expected = losses(program, sweep)
    bad = []
    for name, words in cases.items():
        sweep.write_text(SWEEP.format(name=name))
        if words is FINE:
            found = losses(program, sweep)
            problem = "" if numpy.array_equal(found, expected) else f"losses {found}, of the plain file {expected}"
        else:
            problem = refused(program, sweep, name, words)
        if problem:
            bad.append(f"{name}: {problem}")
    assert not bad, "\n".join(bad)
    print(f"{len(cases)} files")


if __name__ == "__main__":
    main(*sys.argv[1:])
