"""Checks that a test program fails if it is asked for a case that it does not have, or with a filter that excludes
every case.

Usage: no_match.py TEST_PROGRAM...
"""

import subprocess
import sys

from program import ENVIRONMENT

if __name__ == "__main__":
    for program in sys.argv[1:]:
        for filters in ["no such case"], ["~*"]:
            done = subprocess.run([program, *filters], capture_output=True, text=True, env=ENVIRONMENT, timeout=60)
            assert done.returncode in (1, 2), f"{program} {filters}: exit {done.returncode}\n{done.stdout}"
            assert "No test cases matched" in done.stdout or "No tests ran" in done.stdout, (program, done.stdout)
        print(f"{program}: a filter that matches nothing fails")
