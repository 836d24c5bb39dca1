#!/usr/bin/python3
"""Draws results files: what coarse grids cost and how that depends on where they begin, the final loss against the
stepsize, the loss beside its bound, misspecification, the worst member of a family, learning curves, heat maps.

    jobs/tools/figures.py FILE... -o FOLDER [--metric M] [--worst-over AXIS] [--formats png,svg,pdf] ...

Makes FOLDER/<name of the file>_<figure>.png, .svg and .pdf. Needs rhosweep (in RHOSWEEP, built in this tree,
or on PATH) and the Debian packages python3-matplotlib, python3-xarray, and python3-netcdf4 or python3-h5netcdf.
"""

from plots.modules import require_modules

require_modules()

import argparse
import multiprocessing
import os
from pathlib import Path

from plots import catalogue
from plots.results import Results, add_analysis_options, analysis_arguments, main_guarded, printable
from plots.style import schedule_styles

FORMATS = ("png", "svg", "pdf")
given = []  # in a process that draws: the results and the styles, inherited through fork


def take(*what):
    given.extend(what)


def draw(stem, index, name, formats):
    """Draws one figure of the results with this index. Returns the names of the figure's files, or no names if the
    results have no data for the figure."""
    read, styles = given
    drawing = catalogue.draw(read[index], styles, name)
    return catalogue.save(drawing, stem, formats) if drawing else []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE", help="results files, also incomplete ones")
    parser.add_argument("-o", "--output", required=True, metavar="FOLDER", type=Path, help="where the figures go")
    add_analysis_options(parser)
    parser.add_argument("--formats", default=",".join(FORMATS), help="some of png,svg,pdf [all]")
    options = parser.parse_args()
    formats = options.formats.split(",")
    if not set(formats) <= set(FORMATS):
        parser.error(f"--formats: found {options.formats}; allowed: some of {','.join(FORMATS)}")
    stems = [Path(file).stem for file in options.files]
    if len(set(stems)) < len(stems):
        parser.error("two files have the same name: their figures would replace each other")
    # Reads all files first, so that a schedule looks the same in all figures and a bad file stops the script before it
    # draws.
    read = [Results(file, analysis_arguments(options)) for file in options.files]
    styles = schedule_styles(list(dict.fromkeys(name for results in read for name in results.schedules)))
    options.output.mkdir(parents=True, exist_ok=True)
    # matplotlib uses one core, so one process per core draws a share of the figures. The processes inherit the results
    # through fork, because sending them takes longer than drawing.
    jobs = [(stem, i, name) for i, stem in enumerate(stems) for name in catalogue.drawing_names(read[i])]
    with multiprocessing.get_context("fork").Pool(min(len(jobs), len(os.sched_getaffinity(0))), take,
                                                  (read, styles)) as pool:
        work = [pool.apply_async(draw, (options.output / f"{stem}_{name}", i, name, formats)) for stem, i, name in jobs]
        for done in work:
            print("".join(f"{printable(name)}\n" for name in done.get()), end="")


if __name__ == "__main__":
    main_guarded(main)
