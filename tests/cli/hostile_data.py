"""Checks that a damaged data file gives one clear line that names the file, and exit code 2. Unusual files that the
format allows are read like the plain file of the same data. With the sanitizers, this test also detects reads out of
bounds.

Usage: hostile_data.py RHOSWEEP MPIEXEC
"""

import bz2
import gzip
import io
import lzma
import sys
import zipfile
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
FINE = None  # the file is read like the plain file of the same data

LIBSVM_TEXT = "1 1:1.5 2:-2\n-1 1:0.25 2:3\n1 1:-1 2:0.5\n"
LIBSVM = {
    "empty": ("", ["no samples"]),
    "blank_lines_only": ("\n\n  \n", ["no samples"]),
    "comments_only": ("# nothing\n", ["no samples"]),
    "no_label": (LIBSVM_TEXT + "1:2 2:3\n", [":4"]),
    "label_is_a_word": (LIBSVM_TEXT + "yes 1:2\n", [":4", "yes", "CSV", "numpy.unique"]),
    "label_is_nan": (LIBSVM_TEXT + "nan 1:2\n", [":4", "nan"]),
    "three_labels": (LIBSVM_TEXT + "2 1:2\n", ["label"]),
    "one_label": ("1 1:1\n1 2:1\n", ["label"]),
    "index_0": (LIBSVM_TEXT + "1 0:2\n", [":4", "counts features from 0", "zero_based=False"]),
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
    "numbered_header": ("0,1,2\n" + CSV_TEXT, FINE),
    "numbered_header_from_1": ("1,2,3\n" + CSV_TEXT, FINE),
    "numbered_rows": (",a,b,label\n" + "".join(f"{i},{line}\n" for i, line in enumerate(CSV_TEXT.split())), FINE),
    "class_names": (CSV_TEXT.replace(",1\n", ",setosa\n").replace(",-1\n", ",iris\n"), FINE),
    "class_names_and_header": ("a,b,c\n" + CSV_TEXT.replace(",1\n", ",x y\n").replace(",-1\n", ",\"x, a\"\n"), FINE),
    "three_class_names": (CSV_TEXT + "1,2,a\n", [":4", "a"]),
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
    "y_of_texts": (DENSE | {"y": numpy.array([b"a", b"b", b"a"])}, ["y with texts", "CSV", "numpy.unique"]),
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
    "y_of_booleans": (DENSE | {"y": LABELS > 0}, FINE),
    "y_as_a_column": (DENSE | {"y": LABELS[:, None]}, FINE),
    "y_of_boolean_columns": (CSR | {"y": (LABELS > 0)[:, None]}, FINE),
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
    """Returns compressed files, most of them with damage that only the decompression can detect."""
    gz, bz, xz = gzip.compress(text, mtime=0), bz2.compress(text), lzma.compress(text)
    return {
        "cut.libsvm.xz": (xz[:-10], []),
        "half.libsvm.xz": (xz[:len(xz) // 2], []),
        "flipped.libsvm.xz": (xz[:30] + bytes([xz[30] ^ 0xFF]) + xz[31:], []),
        "not_packed.libsvm.xz": (text, []),
        "empty.libsvm.xz": (b"", []),
        "fine.libsvm.xz": (xz, FINE),
        "two_streams.libsvm.xz": (lzma.compress(text[:14]) + lzma.compress(text[14:]), FINE),
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


def npy(array, version=None):
    """Returns the bytes of a .npy file."""
    out = io.BytesIO()
    numpy.lib.format.write_array(out, numpy.asanyarray(array), version)
    return out.getvalue()


def npz(save=numpy.savez, **arrays):
    out = io.BytesIO()
    save(out, **arrays)
    return out.getvalue()


def zipped(method=zipfile.ZIP_STORED, **members):
    """Returns a ZIP archive whose members have these bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return out.getvalue()


def of_numpy():
    """Returns .npy and .npz files."""
    together = numpy.column_stack([ROWS, LABELS])
    whole, fine, packed = npy(together), npz(X=ROWS, y=LABELS), npz(numpy.savez_compressed, X=ROWS, y=LABELS)
    with_header = lambda text: whole[:10] + text.ljust(117).encode() + b"\n" + whole[128:]
    at = fine.index(ROWS.tobytes())
    return {
        "whole.npy": (whole, FINE),
        "version_2.npy": (npy(together, (2, 0)), FINE),
        "version_3.npy": (npy(together, (3, 0)), FINE),
        "columns.npy": (npy(numpy.asfortranarray(together)), FINE),
        "float32.npy": (npy(together.astype("f4")), FINE),
        "float16.npy": (npy(together.astype("f2")), FINE),
        "big_endian.npy": (npy(together.astype(">f8")), FINE),
        "fine.npz": (fine, FINE),
        "packed.npz": (packed, FINE),
        "booleans.npz": (npz(X=ROWS, y=LABELS > 0), FINE),
        "a_column.npz": (npz(X=numpy.asfortranarray(ROWS), y=LABELS[:, None].astype("i1")), FINE),
        "and_others.npz": (npz(names=numpy.array(["a", "b"]), X=ROWS, y=LABELS.astype(">i4")), FINE),
        "with_a_comment.npz": (zipped_with_comment(X=npy(ROWS), y=npy(LABELS)), FINE),
        "empty.npy": (b"", []),
        "text.npy": (CSV_TEXT.encode(), ["beginning"]),
        "cut.npy": (whole[:-4], ["bytes"]),
        "longer.npy": (whole + b"0", ["bytes"]),
        "half_a_header.npy": (whole[:60], []),
        "version_9.npy": (whole[:6] + b"\x09" + whole[7:], ["version 9"]),
        "one_dimension.npy": (npy(LABELS), ["shape (3)"]),
        "scalar.npy": (npy(1.0), ["shape ()"]),
        "one_column.npy": (npy(LABELS[:, None]), ["one column"]),
        "no_rows.npy": (npy(together[:0]), ["no samples"]),
        "objects.npy": (npy(numpy.array([[None, 1]])), ["type"]),
        "texts.npy": (npy(together.astype("U8")), ["<U"]),
        "complex.npy": (npy(together.astype("c16")), ["<c16"]),
        "fields.npy": (npy(numpy.zeros((2, 2), [("a", "f8")])), ["fields"]),
        "nan.npy": (npy(numpy.where(together == 3, numpy.nan, together)), ["row 1", "nan"]),
        "label_nan.npy": (npy(numpy.where(together == -1, numpy.nan, together)), ["nan"]),
        "no_literal.npy": (with_header("[1, 2]"), ["header"]),
        "open_literal.npy": (with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 3"), ["header"]),
        "no_shape.npy": (with_header("{'descr': '<f8', 'fortran_order': False}"), ["header"]),
        "negative_shape.npy": (with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (-3, -3)}"), ["header"]),
        "huge_shape.npy": (with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 9)}"),
                           ["shape"]),
        "other_shape.npy": (with_header("{'descr': '<f8', 'fortran_order': True, 'shape': (3, 4)}"), ["bytes"]),
        "empty.npz": (b"", []),
        "no_arrays.npz": (npz(), []),
        "no_y.npz": (npz(X=ROWS), ["no y"]),
        "other_names.npz": (npz(x_train=ROWS, y_train=LABELS), ["no X", "x_train"]),
        "fewer_labels.npz": (npz(X=ROWS, y=LABELS[:2]), ["2 labels"]),
        "classes.npz": (npz(X=ROWS, y=numpy.array(["a", "b", "a"])), ["y", "<U1", "CSV", "numpy.unique"]),
        "byte_classes.npz": (npz(X=ROWS, y=numpy.array([b"a", b"b", b"a"])), ["y", "|S1", "CSV", "numpy.unique"]),
        "object_classes.npz": (npz(X=ROWS, y=numpy.array(["a", "b", "a"], object)), ["y", "|O", "CSV", "numpy.unique"]),
        "one_hot.npz": (npz(X=ROWS, y=numpy.eye(3)), ["y of shape"]),
        "X_of_one_dimension.npz": (npz(X=ROWS[:, 0], y=LABELS), ["shape (3)"]),
        "cut.npz": (fine[:-30], ["damaged"]),
        "half.npz": (fine[:len(fine) // 2], ["damaged"]),
        "flipped.npz": (fine[:at] + bytes([fine[at] ^ 1]) + fine[at + 1:], ["checksum"]),
        "flipped_packed.npz": (packed[:120] + bytes([packed[120] ^ 0xFF]) + packed[121:], ["damaged"]),
        "bzip2.npz": (zipped(zipfile.ZIP_BZIP2, X=npy(ROWS), y=npy(LABELS)), ["method 12"]),
        "no_array_inside.npz": (zipped(X=b"text", y=npy(LABELS)), ["X"]),
    }


def zipped_with_comment(**members):
    out = io.BytesIO(zipped(**members))
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = b"a comment"
    return out.getvalue()


def write_all():
    """Writes the files of all cases. Returns {file: FINE or words of the error}."""
    cases = {}
    for ending, kind in (("libsvm", LIBSVM), ("csv", CSV)):
        for name, (content, expected) in kind.items():
            cases[f"{name}.{ending}"] = content if isinstance(content, bytes) else content.encode(), expected
    cases |= packed(LIBSVM_TEXT.encode()) | of_numpy()
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
    """Returns what is wrong with the program's error for a file, or an empty text if the error is as expected."""
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


def keys_of_files(program, sweep, expected):
    """Checks the keys format, header and features, which state what a file's name and content leave open. Yields for
    each case what is wrong, or an empty text."""
    text = SWEEP.format(name="NAME").replace("radius", "EXTRA\nradius")
    files = {
        "a.multiclass.bz2": bz2.compress(LIBSVM_TEXT.encode()), "german.numer_scale": LIBSVM_TEXT.encode(),
        "numbers.csv": b"3,5,1\n" + CSV_TEXT.encode(), "counting.csv": b"0,1,2\n1,-1,0\n",
        "short.libsvm": b"1 1:1\n-1 1:2\n", "long.t": b"1 1:1 3:2\n",
    }
    for name, content in files.items():
        Path(name).write_bytes(content)

    def write(name, extra=""):
        sweep.write_text(text.replace("NAME", name).replace("EXTRA", extra))

    for name, extra in (("a.multiclass.bz2", 'format = "libsvm"'), ("german.numer_scale", 'format = "libsvm"'),
                        ("numbers.csv", "header = true"), ("plain.libsvm", "features = 2")):
        write(name, extra)
        yield "" if numpy.array_equal(losses(program, sweep), expected) else f"{name}, {extra}: other losses"
    for name, extra, words in (
            ("a.multiclass.bz2", "", [".multiclass", "problem.format"]),
            ("german.numer_scale", "", [".numer_scale", 'problem.format = "libsvm"']),
            ("german.numer_scale", 'format = "svm"', ["problem.format", '"libsvm", "csv"']),
            ("plain.libsvm", "header = true", ["problem.header", "CSV"]),
            ("plain.libsvm", "features = 1", ["2 features", "problem.features"]),
            ("plain.libsvm", "features = 0", ["problem.features"]),
            ("whole.h5", "features = 3", ["2 features", "problem.features"]),
            ("numbers.csv", "features = 3", ["2 features", "problem.features"]),
            ("short.libsvm", 'test_data = "long.t"', ["long.t:1", "index 3", "problem.features"])):
        write(name, extra)
        yield refused(program, sweep, "problem", words)
    write("short.libsvm", 'test_data = "long.t"\nfeatures = 3')
    done = program("plan", sweep)
    yield "" if done.returncode == 0 else f"features = 3: {done.stderr}"
    for extra, words in (("", ["header or a sample", "problem.header"]), ("header = false", [])):
        write("counting.csv", extra)
        said = program("plan", sweep).stderr
        yield "" if all(word in said for word in words) and ("header or a sample" in said) == bool(words) else said
    text = text.replace("EXTRA", "")
    sweep.write_text(text.replace("logistic_regression", "least_squares").replace("NAME", "class_names.csv"))
    yield refused(program, sweep, "class_names.csv", ["setosa", "a finite number", "logistic_regression"])
    sweep.write_text(text.replace("logistic_regression", "softmax_regression").replace("NAME", "iris.csv"))
    Path("iris.csv").write_text("5.1,3.5,setosa\n7,3.2,versicolor\n6.3,3.3,virginica\n4.9,3,setosa\n")
    program.succeed("plan", sweep)


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
    bad += [problem for problem in keys_of_files(program, sweep, expected) if problem]
    assert not bad, "\n".join(bad)
    print(f"{len(cases)} files")


if __name__ == "__main__":
    main(*sys.argv[1:])
