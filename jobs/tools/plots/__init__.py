"""Shared by figures.py and report.py: reads a results file with its analysis and draws it.

modules.py   the Python modules that the scripts need
results.py   a results file and its `rhosweep analyze --format json`
style.py     colours, line styles and markers of schedules
layout.py    the panels of a figure, its legend and its colour bar
panels.py    lines in small multiples
losses.py, misspecification.py, grids.py, heat_map.py, families.py: the figures
catalogue.py all figures by name
"""
