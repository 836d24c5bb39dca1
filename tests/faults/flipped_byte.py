"""Checks that --resume and verify find every change in a finished cell.

Usage: flipped_byte.py RHOSWEEP MPIEXEC H5DIFF
"""

import random
import shutil
import sys

import h5py
import numpy as np

from faults import Sweep, run_checks

FILE = "damaged.h5"


def label(file, cell):
    seed, schedule, rho = cell
    number = repr(float(file["rho"][rho])).removesuffix(".0")
    return f"seed = {file['seed'][seed]}, schedule = {file['schedule'].asstr()[schedule]}, rho = {number}"


def copy():
    shutil.copy("undisturbed.h5", FILE)


def change_byte(variable, cell, change):
    """Applies `change` to a random byte of a cell's value, directly in the file. Returns the cell's label."""
    with h5py.File(FILE, "r") as file:
        dataset = file[variable]
        value_size = dataset.dtype.itemsize * int(np.prod(dataset.shape[3:], dtype=int))
        place = dataset.id.get_offset() + int(np.ravel_multi_index(cell, dataset.shape[:3])) * value_size
        named = label(file, cell)
    place += random.randrange(value_size)
    with open(FILE, "r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([change(byte)]))
    return named


def in_one_line(text):
    return " ".join(text.split())


def cells_told(text, complaint):
    """Returns the text after each `complaint` in verify's output, without line breaks. Each text begins with the label
    of a cell."""
    return [f"{told} " for told in in_one_line(text).split(f"{complaint}: ")[1:]]


def random_cell(shape):
    return tuple(random.randrange(extent) for extent in shape)


def check_repaired(sweep, cells, ranks):
    """Checks that --resume runs exactly these cells again."""
    done = sweep.check_resumes(FILE, ranks)
    with h5py.File(FILE, "r") as file:
        attempts = file["run/attempt"][...]
    again = {tuple(int(i) for i in cell) for cell in np.argwhere(attempts == 2)}
    assert again == set(cells) and attempts.max() == 2, f"run again: {again}, expected {cells}"
    return done


def a_flipped_byte_of_any_variable_is_named_and_mended(sweep):
    with h5py.File("undisturbed.h5", "r") as file:
        shape = file["status"].shape
        metrics = [name for name in file if f"final_{name}" in file]
    assert metrics, "there are metrics"
    variables = [*metrics, *(f"final_{metric}" for metric in metrics), "status", "diverged_step", "checksum"]
    for i, variable in enumerate(variables):
        copy()
        cell = random_cell(shape)
        flips = (lambda byte: byte ^ 0xFF) if variable == "status" else (lambda byte: byte ^ 1 << random.randrange(8))
        named = change_byte(variable, cell, flips)
        done = sweep.program("verify", FILE, "--trials", 0)
        assert done.returncode == 1, f"{variable} of {cell}: verify found nothing\n{done.stdout}"
        told = cells_told(done.stdout, "does not match its checksum")
        sweep.program.succeed("status", FILE)  # scripts call status before they resume
        assert len(told) == 1 and told[0].startswith(f"{named} "), f"{variable} of {cell}, {named}:\n{done.stdout}"
        done = check_repaired(sweep, [cell], ranks=i % 3)
        warned = in_one_line(done.stderr)
        assert "1 cell does not match its checksum" in warned and named in warned, done.stderr
        assert sweep.program("verify", FILE).returncode == 0


def a_finished_cell_that_is_marked_as_unfinished_is_run_again(sweep):
    for status in 0, 3:  # pending, failed
        copy()
        with h5py.File("undisturbed.h5", "r") as file:
            cell = random_cell(file["status"].shape)
        change_byte("status", cell, lambda _: status)
        check_repaired(sweep, [cell], ranks=0)


def results_that_belong_to_other_cells_are_named_by_verify(sweep):
    """The results are swapped together with their checksums, so only running the cells again can find the swap."""
    copy()
    with h5py.File(FILE, "r+") as file:
        a, b = (0, 0, 0), (0, 2, 5)
        for name in file:
            if name in ("status", "diverged_step", "checksum") or name.startswith("final_") or f"final_{name}" in file:
                values = file[name]
                values[a], values[b] = values[b], values[a]
        names = [label(file, cell) for cell in (a, b)]
    done = sweep.program("verify", FILE, "--trials", "all")
    told = cells_told(done.stdout, "different result when recomputed")
    assert done.returncode == 1 and len(told) == 2, done.stdout
    assert all(cell.startswith(f"{name} ") for name, cell in zip(names, told)), (names, done.stdout)


def what_identifies_the_results_is_verified(sweep):
    """Checks the title, the hash of the sweep, the keys of the axes points, and the metrics at the initial points."""
    def change(name):
        with h5py.File(FILE, "r+") as file:
            if name in file.attrs:
                text = file.attrs[name]
                file.attrs.modify(name, np.bytes_(("0" if text[0] != "0" else "1") + text[1:]))
            else:
                file[name][...] = file[name][...] * 2

    for name in "title", "sweep_hash", "point_key", "initial_train_loss":
        copy()
        change(name)
        done = sweep.program("verify", FILE, "--trials", 0)
        assert done.returncode == 1 and f"{name} is not that of its sweep" in in_one_line(done.stdout), (name, done)


if __name__ == "__main__":
    random.seed(sys.argv[4] if len(sys.argv) > 4 else 1)
    sweep = Sweep(*sys.argv[1:4], seeds=10)
    run_checks((a_flipped_byte_of_any_variable_is_named_and_mended,
                a_finished_cell_that_is_marked_as_unfinished_is_run_again,
                results_that_belong_to_other_cells_are_named_by_verify, what_identifies_the_results_is_verified), sweep)
