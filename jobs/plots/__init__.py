"""Shared by figures.py and report.py: reads a results file with its analysis and draws it.

modules.py   the Python modules that the scripts need
results.py   a results file and what `rhosweep analyze --format json` says of it
style.py     colours, line styles and markers of schedules
layout.py    which panels a figure has, its legend and its colour bar
panels.py    lines in small multiples
losses.py, misspecification.py, grids.py, heat_map.py, families.py: the figures
catalogue.py all figures by name
"""
