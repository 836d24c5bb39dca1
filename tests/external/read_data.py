"""Checks that the data readers find the same numbers as scikit-learn, pandas and h5py in the same files, bit by bit.

Usage: read_data.py WRITE_ROWS
"""

import bz2
import gzip
import lzma
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pandas
from scipy import sparse
from sklearn.datasets import dump_svmlight_file, load_svmlight_file

DATA = Path(__file__).resolve().parents[2] / "jobs" / "sweeps" / "data"


def found(path, *label):
    done = subprocess.run([sys.argv[1], str(path), *label], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    features, *lines = done.stdout.splitlines()
    x, y = np.zeros((len(lines), int(features))), []
    for i, line in enumerate(lines):
        label, *pairs = line.split()
        y.append(float(label))
        for pair in pairs:
            column, value = pair.split(":")
            x[i, int(column)] = float(value)
    return x, np.array(y)


def same(path, x, y, *label):
    got_x, got_y = found(path, *label)
    assert got_x.shape == x.shape and (got_x == x).all(), f"{path}: other numbers"
    assert (got_y == y).all(), f"{path}: other labels"
    print(f"{path}: {x.shape[0]} samples of {x.shape[1]} features agree")


if __name__ == "__main__":
    random = np.random.default_rng(1)
    for name in ("breast_cancer.libsvm", "digits.libsvm"):
        x, y = load_svmlight_file(str(DATA / name))
        same(DATA / name, x.toarray(), y)
        text = (DATA / name).read_bytes()
        Path("a.libsvm.gz").write_bytes(gzip.compress(text))
        Path("a.libsvm.bz2").write_bytes(bz2.compress(text))
        Path("a.libsvm.xz").write_bytes(lzma.compress(text))
        same("a.libsvm.gz", x.toarray(), y)
        same("a.libsvm.bz2", x.toarray(), y)
        same("a.libsvm.xz", x.toarray(), y)

    x = sparse.random(200, 50, 0.1, format="csr", random_state=1)
    x[0, 49] = 1.0  # so that the last column is not empty: LIBSVM text has no trailing columns of zeros
    x = x.tocsr()
    y = random.integers(0, 2, 200).astype(float)
    dump_svmlight_file(x, y, "b.libsvm", zero_based=False)
    same("b.libsvm", *(lambda a, b: (a.toarray(), b))(*load_svmlight_file("b.libsvm")))

    frame = pandas.DataFrame(random.standard_normal((100, 7)) * 10.0 ** random.integers(-20, 20, (100, 7)))
    frame.columns = [f'column "{i}", quoted' for i in range(7)]
    frame.insert(3, "label", random.integers(0, 3, 100))
    for path in ("c.csv", "c.csv.gz", "c.csv.bz2", "c.csv.xz"):
        frame.to_csv(path, index=False)
        read = pandas.read_csv(path, float_precision="round_trip")
        same(path, read.drop(columns="label").to_numpy(), read["label"].to_numpy())
    same("c.csv", read.drop(columns='column "2", quoted').to_numpy(), read['column "2", quoted'].to_numpy(),
         'column "2", quoted')
    frame.to_csv("d.csv", index=False, header=False, lineterminator="\r\n")
    read = pandas.read_csv("d.csv", header=None, float_precision="round_trip")
    same("d.csv", read.drop(columns=3).to_numpy(), read[3].to_numpy(), "4")

    for kind in ("f2", "f4", "f8", ">f8", "i1", "u2", "i8"):
        with h5py.File("e.h5", "w") as file:
            file.create_dataset("X", data=(random.standard_normal((300, 11)) * 50).clip(0, 100).astype(kind),
                                chunks=(7, 5), compression="gzip", shuffle=True)
            file["y"] = random.integers(0, 2, 300).astype(kind)
        with h5py.File("e.h5") as file:
            same("e.h5", file["X"][...].astype(float), file["y"][...].astype(float))
    with h5py.File("f.hdf5", "w") as file:
        for name in ("data", "indices", "indptr", "shape"):
            file[name] = getattr(x, name)
        file["y"] = y
    same("f.hdf5", x.toarray(), y)

    # pandas writes by default the index as a column without a name, and numbers as names of the other columns.
    frame.to_csv("g.csv")
    read = pandas.read_csv("g.csv", float_precision="round_trip", index_col=0)
    same("g.csv", read.drop(columns="label").to_numpy(), read["label"].to_numpy())
    array = np.column_stack([random.standard_normal((50, 4)), random.integers(0, 2, 50)])
    pandas.DataFrame(array).to_csv("h.csv", index=False)
    same("h.csv", array[:, :4], array[:, 4])
    pandas.DataFrame(array).to_csv("h.csv")
    same("h.csv", array[:, :4], array[:, 4])
    texts = pandas.DataFrame(array).assign(label=random.choice(["setosa", "versicolor", "virginica"], 50))
    for header in (True, False):
        texts.to_csv("i.csv", index=False, header=header)
        same("i.csv", array, np.unique(texts["label"], return_inverse=True)[1])

    for kind in ("f2", "f4", "f8", ">f8", "i1", ">i2", "u2", "i4", "i8", ">u8", "?"):
        dense = (random.standard_normal((300, 11)) * 50).clip(0, 100).astype(kind)
        labels = random.integers(0, 2, 300).astype(kind)
        for order in "CF":
            dense = np.asarray(dense, order=order)
            np.savez("j.npz", X=dense, y=labels)
            same("j.npz", dense.astype(float), labels.astype(float))
            np.savez_compressed("k.npz", y=labels[:, None], X=dense)
            same("k.npz", dense.astype(float), labels.astype(float))
            np.save("l.npy", dense)
            same("l.npy", dense[:, :10].astype(float), dense[:, 10].astype(float))
            same("l.npy", dense[:, 1:].astype(float), dense[:, 0].astype(float), "1")
