"""Opens results files with xarray."""

import os
import re
from importlib.util import find_spec
from pathlib import Path

PACKAGES = {"xarray": "python3-xarray", "pandas": "python3-pandas", "netCDF4": "python3-netcdf4"}


def require_modules():
    """Raises ImportError with the packages' names if a module is missing. xarray needs netCDF4 or h5netcdf."""
    missing = [name for name in ("xarray", "pandas") if not find_spec(name)]
    if not find_spec("netCDF4") and not find_spec("h5netcdf"):
        missing.append("netCDF4")
    if missing:
        raise ImportError(f"rhosweep.open() needs {', '.join(missing)}: apt-get install "
                          f"{' '.join(PACKAGES[name] for name in missing)}, or pip install {' '.join(missing)}")


def in_utf8(name):
    """Returns a name with one U+FFFD in place of each run of bytes that are not UTF-8, because libraries differ in the
    number of U+FFFD per run. h5py returns such names as bytes."""
    text = name.decode(errors="surrogateescape") if isinstance(name, bytes) else name
    return re.sub("[\ud800-\udfff\ufffd]+", "\ufffd", text)


def read_with_h5py(path, group):
    """Reads a group of a results file as xarray does, even if it has names that readers of netCDF refuse."""
    import h5py
    import xarray
    variables = {}
    with h5py.File(path) as file:
        for own, dataset in file[group].items():
            if not isinstance(dataset, h5py.Dataset):
                continue
            name, is_text = in_utf8(own), h5py.check_string_dtype(dataset.dtype) is not None
            last = [in_utf8(axis[0].name).rpartition("/")[2] if len(axis) else name for axis in dataset.dims]
            attributes = {in_utf8(key): value for key, value in dataset.attrs.items()
                          if key.islower() or key == "_FillValue"}
            variables[name] = (last, dataset.asstr(errors="replace")[()] if is_text else dataset[()], attributes)
        dimensions = {name for last, *_ in variables.values() for name in last}
        return xarray.Dataset({name: what for name, what in variables.items() if name not in dimensions},
                              {name: what for name, what in variables.items() if name in dimensions},
                              dict(file[group].attrs))


def _open(path, group):
    import xarray
    try:
        return xarray.open_dataset(path, decode_times=False, group=group)
    except (UnicodeError, TypeError):  # raised by netCDF4 and h5netcdf for a name that is not UTF-8
        if not find_spec("h5py"):
            raise
        return read_with_h5py(path, group)


def open_dataset(path, group="/"):
    """Opens a group of a results file with xarray, or with h5py if a name in it is not UTF-8."""
    path = str(Path(path).resolve(strict=True))
    try:
        path.encode()
    except UnicodeEncodeError:  # netCDF4 accepts only UTF-8 paths
        descriptor = os.open(path, os.O_RDONLY)
        dataset = _open(f"/proc/self/fd/{descriptor}", group)
        dataset.set_close(_closing(dataset, descriptor))
        return dataset
    return _open(path, group)


def _closing(dataset, descriptor):
    """Returns a function that closes the dataset and then the descriptor."""
    own = dataset._close

    def close():
        if own:
            own()
        os.close(descriptor)
    return close
