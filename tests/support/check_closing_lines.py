"""Checks the closing lines of tests/run.sh on the output of a real ctest run of a few entries. The lines must count
every possible outcome of a check, name the checks that failed or were left out, and give the reasons.

Usage: check_closing_lines.py CTEST
"""

import json
import subprocess
import sys
from pathlib import Path

ENTRIES = """\
add_test("good; and more" true)
set_tests_properties("good; and more" PROPERTIES LABELS "unit")
add_test(bad sh -c "echo one line; echo what is wrong; exit 1")
add_test(skip sh -c "echo skipped: no tool; echo more; exit 77")
set_tests_properties(skip PROPERTIES SKIP_RETURN_CODE 77 LABELS "unit")
add_test(setup false)
set_tests_properties(setup PROPERTIES FIXTURES_SETUP things)
add_test(needs true)
set_tests_properties(needs PROPERTIES FIXTURES_REQUIRED things)
add_test(absent /no/such/program)
add_test("slow: one" sleep 20)
set_tests_properties("slow: one" PROPERTIES LABELS "slow" TIMEOUT 1)
add_test("slow: two" true)
set_tests_properties("slow: two" PROPERTIES LABELS "slow")
"""
CLOSING = Path(__file__).with_name("closing_lines.py")


def close(ctest, *selection, options=()):
    """Runs the selected entries with ctest; returns the exit code and the lines of closing_lines.py."""
    Path("CTestTestfile.cmake").write_text(ENTRIES)
    junit = Path("tests.xml").absolute()
    junit.unlink(missing_ok=True)
    subprocess.run([ctest, "--output-junit", junit, *selection], capture_output=True)
    Path("names.json").write_text(subprocess.run([ctest, "--show-only=json-v1"], capture_output=True, text=True).stdout)
    done = subprocess.run([sys.executable, CLOSING, junit, *options], capture_output=True, text=True)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()


def main(ctest):
    code, lines = close(ctest, options=["--build", "FAILED"])
    assert code == 1 and lines[-1] == "2 passed, 6 failed, 1 skipped", lines
    named = {line.split(":")[0]: line for line in lines if line}
    for name, why in {"FAILED   bad": "what is wrong", "skipped  skip": "no tool", "FAILED   needs": "Fixture",
                      "FAILED   absent": "Unable to find", "FAILED   setup": "", "FAILED   the build without warnings": ""}.items():
        assert why in named[name], (name, lines)
    assert any(line.startswith("FAILED   slow: one:") for line in lines), lines

    good = "^good|^skip|slow: two"
    code, lines = close(ctest, "-R", good)
    assert code == 0 and lines == ["skipped  skip: no tool", "", "2 passed, 0 failed, 1 skipped"], lines

    # Checks that were left out are counted and named, grouped by label.
    code, lines = close(ctest, "-R", good, "-LE", "slow", options=["--left-out", "left out by --quick", "names.json"])
    assert code == 0 and lines[-1] == "1 passed, 0 failed, 7 skipped", lines
    assert "skipped  2 of slow (left out by --quick): one; two" in lines, lines

    # It is a failure if no test ran or if the JUnit file is missing.
    code, lines = close(ctest, "-R", "skip")
    assert code == 1 and lines[-1] == "0 passed, 0 failed, 1 skipped", lines
    done = subprocess.run([sys.executable, CLOSING, "none.xml"], capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout.endswith("\n0 passed, 1 failed, 0 skipped\n"), done
    assert len(json.loads(Path("names.json").read_text())["tests"]) == 8
    print("the closing lines count and name what they should")


if __name__ == "__main__":
    main(sys.argv[1])
