"""Reads the results file of every example with another tool and checks every variable and attribute.

usage: read_file.py TOOL FOLDER   (FOLDER/EXAMPLE.h5 is written by make_file)

The expected numbers are computed here from the description in tests/store/example.hpp, without rhosweep's code. Let c
be the row-major index of a cell. Metric m is 1000 m + c/8 at the last step and 1 less at each earlier evaluation; every
seventh cell diverged at step c; the last seed at the last axes point is pending unless it is the only seed.
"""

import shutil
import subprocess
import sys

import numpy as np

COSINE = "cosine"
EXAMPLES = {
    "two_axes": {
        "sgd.steps": [8, 16],
        "problem.curvature": [0.25, 0.5, 1.0],
        "seed": [3, 11],
        "schedule": ["constant", COSINE, "warmup(0.05, polynomial(2))"],
        "rho": [0.25, 0.5, 1.0, 2.0, 4.0],
        "evaluation": [0, 1, 2, 3],
    },
    "ones": {"sgd.steps": [8], "seed": [0], "schedule": [COSINE], "rho": [1.0], "evaluation": [0]},
    "no_axes": {"seed": [0, 1, 2], "schedule": ["linear", COSINE], "rho": [1.0, 10.0], "evaluation": [0, 1]},
}
METRICS = ["train_loss", "test_accuracy"]
ROOT_ATTRIBUTES = {
    "Conventions": "CF-1.10",
    "title": "Synthetic numbers ± 0",
    "rhosweep_format": 1,
    "sweep": 'title = "Synthetic numbers ± 0"\n\n[sgd]\nsteps = 8\n',
    "sweep_hash": "00c0ffee00c0ffee",
    "data_hash": "0123456789abcdef  a file.libsvm\nfedcba9876543210  b.csv\n",
}
RUN_ATTRIBUTES = {"version": "0.1.0", "hosts": "n1 n2", "start_time": "2024-05-06T07:08:09Z"}


class Expected:
    """The expected contents of an example's file."""

    def __init__(self, example):
        self.coordinates = EXAMPLES[example]
        self.cell_dims = [name for name in self.coordinates if name != "evaluation"]
        self.axes = self.cell_dims[:-3]
        shape = self.shape(self.cell_dims)
        cell = np.arange(np.prod(shape)).reshape(shape)
        self.pending = np.zeros(shape, bool)
        if np.prod(shape[:-2]) > 1:
            self.pending[(-1,) * (len(self.axes) + 1)] = True
        diverged = ~self.pending & (cell % 7 == 6)
        evaluations = len(self.coordinates["evaluation"])
        curve_dims = self.cell_dims + ["evaluation"]

        self.variables = {}  # name: (dimensions, values)
        for m, metric in enumerate(METRICS):
            final = np.where(self.pending, np.nan, 1000.0 * m + cell / 8.0)
            before_last = evaluations - 1 - np.arange(evaluations)
            self.variables["final_" + metric] = (self.cell_dims, final)
            self.variables[metric] = (curve_dims, final[..., None] - before_last)
        self.variables["status"] = (self.cell_dims, np.where(self.pending, 0, np.where(diverged, 2, 1)))
        self.variables["diverged_step"] = (self.cell_dims, np.where(diverged, cell, -1))
        step_dims = (["sgd.steps"] if "sgd.steps" in self.axes else []) + ["evaluation"]
        self.variables["step"] = self.counted(step_dims, 1)
        self.variables["stepsize"] = self.counted(self.axes + ["schedule", "rho"], 0.5)
        f_star = self.counted(self.axes, -1.0)[1]
        f_star.flat[-1] = np.nan
        self.variables["f_star"] = (self.axes, f_star)
        self.variables["diameter"] = (self.axes, np.full(f_star.shape, 2.0))
        self.variables["gradient_bound"] = self.counted(self.axes, 0.75)
        starts = self.counted(["metric"] + self.axes + ["seed"], 2.25)[1]
        for metric, values in zip(METRICS, starts):
            self.variables["initial_" + metric] = (self.axes + ["seed"], values)
        self.run = {
            "seconds": (self.cell_dims, np.where(self.pending, np.nan, 0.5)),
            "rank": (self.cell_dims, np.where(self.pending, -1, 0)),
            "attempt": (self.cell_dims, np.where(self.pending, 0, 1)),
        }

    def shape(self, dims):
        return tuple(len(METRICS if name == "metric" else self.coordinates[name]) for name in dims)

    def counted(self, dims, first):
        shape = self.shape(dims)
        return dims, (first + np.arange(np.prod(shape, dtype=int))).reshape(shape)

    def check_failures(self, texts):
        """Checks the strings of /run/failure, one for each axes point and seed. Only the first string is not empty."""
        expected = np.full(self.shape(self.axes + ["seed"]), "", dtype=object)
        expected.flat[0] = "ρ is to blame"
        check_equal([str(text) for text in np.ravel(texts)], list(expected.flat), "failures")

    def names(self):
        return set(self.coordinates) | set(self.variables) | {"checksum"}


def check(condition, what):
    if not condition:
        sys.exit(f"read_file.py: {what}")


def check_equal(found, expected, what):
    if isinstance(expected, np.ndarray):
        check(np.shape(found) == expected.shape, f"{what}: shape {np.shape(found)}, expected {expected.shape}")
        equal = np.array_equal(found, expected, equal_nan=expected.dtype.kind == "f")
    else:
        equal = found == expected
    check(equal, f"{what}: found {found!r}, expected {expected!r}")


def check_attributes(attributes, expected, what):
    for name, value in expected.items():
        check_equal(attributes[name], value, f"attribute {name} of {what}")


def check_variable_attributes(attributes_of, expected):
    """Checks the attributes of the variables. attributes_of(name) returns a dictionary with the attributes of a
    variable in the root group."""
    for name in expected.names():
        attributes = attributes_of(name)
        check(attributes["long_name"] != "", f"{name} has an empty long_name")
        check_equal(attributes["units"], "1", f"units of {name}")
    status = attributes_of("status")
    check_equal(status["flag_meanings"], "pending done diverged failed not_needed", "flag_meanings")
    check_equal(np.asarray(status["flag_values"]), np.arange(5, dtype="u1"), "flag_values")
    for prefix in ("", "final_"):
        check_equal(attributes_of(prefix + "train_loss")["diverged_value"], np.inf, "diverged_value")
        check_equal(attributes_of(prefix + "test_accuracy")["diverged_value"], 0.0, "diverged_value")


def run_tool(*command):
    check(shutil.which(command[0]), f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True)
    check(done.returncode == 0, f"{' '.join(command)} failed ({done.returncode}): {done.stderr}")
    return done.stdout


def check_ncdump(expected, path):
    run_tool("ncdump", path)  # fails if some value cannot be read
    header = run_tool("ncdump", "-h", path)
    lines = [line.strip() for line in header.splitlines()]
    types = {"status": "ubyte", "diverged_step": "int64", "step": "int64", "checksum": "uint64"}
    root, run = lines[: lines.index("group: run {")], lines[lines.index("group: run {") :]
    for name, values in expected.coordinates.items():
        check(f"{name} = {len(values)} ;" in root, f"ncdump shows no dimension {name} = {len(values)}")
        check((f"{name} = {len(values)} ;" in run) == (name != "evaluation"), f"dimension {name} of /run")
    for name, (dims, _) in expected.variables.items():
        shape = f"({', '.join(dims)})" if dims else ""
        check(f"{types.get(name, 'double')} {name}{shape} ;" in root, f"ncdump shows no {name}{shape}")
    cells = ", ".join(expected.cell_dims)
    check(f"uint64 checksum({cells}) ;" in root, "ncdump shows no checksum")
    for variable in ("double seconds", "int rank", "int attempt"):
        check(f"{variable}({cells}) ;" in run, f"ncdump shows no {variable} in /run")
    seeds = ", ".join(expected.axes + ["seed", "character"])
    check(f"char failure({seeds}) ;" in run, "ncdump shows no failure in /run")
    check('string :Conventions = "CF-1.10" ;' in root, "ncdump shows no Conventions")
    check("status:flag_values = 0UB, 1UB, 2UB, 3UB, 4UB ;" in root, "ncdump shows no flag_values")


def check_h5dump(expected, path):
    header = run_tool("h5dump", "-H", path)
    for name in expected.names():
        check(f'DATASET "{name}"' in header, f"h5dump shows no dataset {name}")
    check('GROUP "run"' in header, "h5dump shows no group run")
    specs = run_tool("h5dump", "-d", "/schedule", path)
    for spec in expected.coordinates["schedule"]:
        check(f'"{spec}"' in specs, f"h5dump shows no schedule {spec}")
    layout = run_tool("h5dump", "-p", "-H", "-d", "/final_train_loss", path)
    check("CONTIGUOUS" in layout and "H5D_ALLOC_TIME_EARLY" in layout, "final_train_loss is not laid out early")


def check_h5py(expected, path):
    import h5py

    def dims_of(dataset):
        return [dim[0].name.rsplit("/")[-1] for dim in dataset.dims]

    with h5py.File(path) as file:
        check_equal(set(file), expected.names() | {"run"}, "names in /")
        check_attributes(file.attrs, ROOT_ATTRIBUTES, "/")
        check_attributes(file["run"].attrs, RUN_ATTRIBUTES, "/run")
        check_variable_attributes(lambda name: file[name].attrs, expected)
        for group in (file, file["run"]):
            for name in expected.cell_dims:
                dataset = group[name].asstr() if name == "schedule" else group[name]
                check_equal(list(dataset[:]), expected.coordinates[name], f"coordinates {group.name} {name}")
        for group, variables in ((file, expected.variables), (file["run"], expected.run)):
            for name, (dims, values) in variables.items():
                check_equal(dims_of(group[name]), list(dims), f"dimensions of {name}")
                check_equal(group[name][()], np.asarray(values), name)
                scales = [dim[0].parent.name for dim in group[name].dims]
                check_equal(set(scales) - {group.name}, set(), f"foreign scales of {name}")
        check_equal(file["checksum"][()] == 0, expected.pending, "pending checksums")
        texts = file["run/failure"][()].view("S160")[..., 0]
        expected.check_failures(np.char.decode(texts, "utf-8"))
        types = {name: file[name].dtype for name in ("status", "diverged_step", "checksum", "train_loss")}
        check_equal({k: str(v) for k, v in types.items()},
                    {"status": "uint8", "diverged_step": "int64", "checksum": "uint64", "train_loss": "float64"},
                    "types")


def check_netcdf4(expected, path):
    import netCDF4

    with netCDF4.Dataset(path) as file:
        check_equal(list(file.dimensions), list(expected.coordinates), "dimensions")
        check_equal(list(file["run"].dimensions), expected.cell_dims + ["character", "source_number"], "dimensions of /run")
        expected.check_failures(netCDF4.chartostring(file["run/failure"][...], encoding="utf-8"))
        check_attributes(file.__dict__, ROOT_ATTRIBUTES, "/")
        check_attributes(file["run"].__dict__, RUN_ATTRIBUTES, "/run")
        check_variable_attributes(lambda name: file[name].__dict__, expected)
        for name, values in expected.coordinates.items():
            check_equal(list(file[name][:]), values, f"coordinates {name}")
        for group, variables in ((file, expected.variables), (file["run"], expected.run)):
            for name, (dims, values) in variables.items():
                check_equal(list(group[name].dimensions), list(dims), f"dimensions of {name}")
                found = group[name][...]  # a masked array: values that equal the fill value are masked
                if np.asarray(values).dtype.kind == "f":
                    found = np.ma.filled(found, np.nan)
                check_equal(np.asarray(found), np.asarray(values), name)
        final = file["final_train_loss"]
        check(np.isnan(final._FillValue), "_FillValue is not NaN")
        check_equal(np.ma.getmaskarray(final[...]), expected.pending, "masked cells")


def check_xarray(engine):
    def check_with_engine(expected, path):
        import xarray as xr

        with xr.open_dataset(path, engine=engine) as file, \
                xr.open_dataset(path, engine=engine, group="run") as run:
            check_attributes(file.attrs, ROOT_ATTRIBUTES, "/")
            check_attributes(run.attrs, RUN_ATTRIBUTES, "/run")
            check_variable_attributes(lambda name: file[name].attrs, expected)
            for group in (file, run):
                for name in expected.cell_dims:
                    check_equal(list(group[name].values), expected.coordinates[name], f"coordinates {name}")
            for group, variables in ((file, expected.variables), (run, expected.run)):
                for name, (dims, values) in variables.items():
                    check_equal(list(group[name].dims), list(dims), f"dimensions of {name}")
                    check_equal(group[name].values, np.asarray(values), name)
            texts = run.failure.values if run.failure.ndim < len(expected.axes) + 2 else \
                run.failure.values.view("S160")[..., 0]
            expected.check_failures(np.char.decode(texts.astype("S160"), "utf-8"))
            check("step" in file.train_loss.coords, "curves do not know their steps")
            check("stepsize" in file.final_train_loss.coords, "final values do not know their stepsizes")

            # The mean over the seeds of one schedule, selected by labels as in a notebook.
            means = file.final_train_loss.sel(schedule=COSINE).mean("seed")
            dims, values = expected.variables["final_train_loss"]
            of_cosine = np.take(values, expected.coordinates["schedule"].index(COSINE), dims.index("schedule"))
            seeds = np.moveaxis(of_cosine, dims.index("seed"), 0)
            sums = np.nansum(seeds, axis=0)
            counts = np.sum(~np.isnan(seeds), axis=0)
            check_equal(list(means.dims), expected.axes + ["rho"], "dimensions of a mean over seeds")
            with np.errstate(invalid="ignore"):
                check(np.allclose(means.values, sums / counts, rtol=1e-14, equal_nan=True), "mean over seeds")

    return check_with_engine


CHECKS = {
    "ncdump": check_ncdump,
    "h5dump": check_h5dump,
    "h5py": check_h5py,
    "netCDF4": check_netcdf4,
    "xarray-netcdf4": check_xarray("netcdf4"),
    "xarray-h5netcdf": check_xarray("h5netcdf"),
}

if __name__ == "__main__":
    tool, folder = sys.argv[1:]
    for example in EXAMPLES:
        print(f"{tool}: {example}", flush=True)
        CHECKS[tool](Expected(example), f"{folder}/{example}.h5")
