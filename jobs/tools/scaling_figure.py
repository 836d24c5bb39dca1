#!/usr/bin/env python3
"""Draws the table of scaling.sbatch: time and efficiency by number of ranks, beside the ideal.

Usage: scaling_figure.py TABLE.csv [-o FIGURE]     FIGURE: default TABLE.svg; its ending selects the format
"""

import argparse
import csv
import sys
from pathlib import Path

COLUMNS = ["series", "ranks", "nodes", "trials", "seconds", "start_seconds", "efficiency"]


def read(path):
    """Returns the rows by series, sorted by ranks."""
    with open(path, newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames != COLUMNS:
            sys.exit(f"{path}: found the columns {rows.fieldnames}; allowed: {COLUMNS}")
        series = {}
        for row in rows:
            series.setdefault(row["series"], []).append({key: float(row[key]) for key in COLUMNS[1:]})
    if not series:
        sys.exit(f"{path}: has no rows yet")
    return {name: sorted(rows, key=lambda row: row["ranks"]) for name, rows in series.items()}


def draw(series, path):
    import matplotlib
    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "rhosweep"  # the same table gives the same file
    from matplotlib import pyplot
    figure, (time, efficiency) = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for color, (name, rows) in zip(["C0", "C1"], series.items()):
        ranks = [row["ranks"] for row in rows]
        first = rows[0]
        time.plot(ranks, [row["seconds"] for row in rows], "o-", color=color, label=name)
        time.plot(ranks, [row["start_seconds"] for row in rows], ":", color=color, label=f"{name}: start alone")
        ideal = [first["seconds"] * (row["trials"] / row["ranks"]) / (first["trials"] / first["ranks"]) for row in rows]
        time.plot(ranks, ideal, "--", color=color, linewidth=0.8, label=f"{name}: ideal")
        efficiency.plot(ranks, [100 * row["efficiency"] for row in rows], "o-", color=color, label=name)
    for axes in (time, efficiency):
        axes.set_xscale("log", base=2)
        axes.set_xlabel("ranks")
        axes.xaxis.set_major_formatter(matplotlib.ticker.FormatStrFormatter("%d"))
        axes.grid(alpha=0.3)
    time.set_yscale("log")
    time.set_ylabel("seconds, start included")
    time.legend(fontsize="small")
    efficiency.set_ylabel("efficiency, %")
    efficiency.set_ylim(bottom=0)
    efficiency.legend(fontsize="small")
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Draws the table of scaling.sbatch: time and efficiency over ranks.")
    parser.add_argument("table", type=Path, metavar="TABLE.csv")
    parser.add_argument("-o", "--output", type=Path, metavar="FIGURE", help="[TABLE.svg]; the ending names the format")
    options = parser.parse_args()
    try:
        draw(read(options.table), options.output or options.table.with_suffix(".svg"))
    except ImportError as error:
        sys.exit(f"{error}: Debian: apt-get install python3-matplotlib")
    except (OSError, ValueError) as error:
        sys.exit(f"{options.table}: {error}")
