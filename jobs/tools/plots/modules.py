"""The modules that a script needs. Imports nothing but the standard library."""

import sys
from importlib.util import find_spec
from pathlib import Path

# Debian's names of the modules. xarray needs one of the two readers of netCDF-4.
PACKAGES = {"numpy": "python3-numpy", "matplotlib": "python3-matplotlib", "xarray": "python3-xarray",
            "netCDF4": "python3-netcdf4", "h5netcdf": "python3-h5netcdf", "jinja2": "python3-jinja2"}
DRAWING = ("numpy", "matplotlib", "xarray")


def require_modules(*further):
    """Ends the script with exit code 2 and one line if a module that it needs is missing."""
    missing = [name for name in (*DRAWING, *further) if not find_spec(name)]
    if not find_spec("netCDF4") and not find_spec("h5netcdf"):
        missing.append("netCDF4")
    if missing:
        packages = " ".join(PACKAGES[name] for name in missing)
        print(f"{Path(sys.argv[0]).name}: error: {sys.executable} lacks {', '.join(missing)}; Debian: apt-get install "
              f"{packages}, then run this script with /usr/bin/python3", file=sys.stderr)
        sys.exit(2)


def use_own_rhosweep():
    """Adds the folder of rhosweep's Python module, in this source or installed tree, to sys.path."""
    root = Path(__file__).resolve().parents[3]
    sys.path[:0] = [str(root / folder) for folder in ("python", "src/program/python") if (root / folder).is_dir()]
