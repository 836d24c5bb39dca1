"""Checks that the objects with vector code for NEON, AVX2 and AVX-512 define no function outside of the namespace of their
instruction set. The linker could use such a function anywhere in the program, also on a processor that cannot run it.

Usage: check_vector_code.py NM OBJECT...   (exit code 1 and one line for each violation)
"""

import re
import subprocess
import sys
from pathlib import Path

nm, *objects = sys.argv[1:]
checked = {}
for path in objects:
    unit = re.search(r"(?:^|_)(avx\w+|neon)\.cpp\.o$", Path(path).name)
    if not unit:
        continue
    symbols = subprocess.run([nm, "--extern-only", "--defined-only", path], capture_output=True, text=True, check=True)
    functions = [line.split()[2] for line in symbols.stdout.splitlines() if line.split()[1] in "TWi"]
    checked[path] = [name for name in functions if unit[1] not in name]
    assert functions, f"{path}: no function found"

violations = [f"{path}: {name} is outside of the namespace" for path, names in checked.items() for name in names]
print("\n".join(violations) or f"{len(checked)} objects keep to their namespaces")
sys.exit(1 if violations else 0)
