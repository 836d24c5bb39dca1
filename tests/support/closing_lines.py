"""Prints the closing lines of tests/run.sh: which checks failed, which were left out and why, and how many ran.

Usage: closing_lines.py JUNIT.xml... [--build PASSED|FAILED] [--left-out REASON NAMES.json]

JUNIT.xml is written by `ctest --output-junit`. NAMES.json is the output of `ctest --show-only=json-v1` for all tests;
those that are in no JUNIT.xml were left out, for REASON. Prints one line for each check that failed or was skipped. The
last line is `N passed, N failed, N skipped`. Exits with 1 if a check failed or none ran.
"""

import argparse
import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

SKIPPED = "SKIP_RETURN_CODE"


def reason_of(output):
    """Returns why a check failed or was skipped: its line that starts with `skipped: `, or else its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    said = [line for line in lines if line.startswith("skipped: ")]
    return (said or lines or ["it does not say why"])[-1].removeprefix("skipped: ")


def read_junit(path):
    """Returns {name of the check: (outcome, why it was skipped or how it failed)}."""
    outcomes = {}
    for case in ElementTree.parse(path).iter("testcase"):
        output = case.findtext("system-out") or ""
        skipped = case.find("skipped")
        if case.get("status") == "run":
            outcome = "passed", ""
        elif skipped is not None and SKIPPED in skipped.get("message", ""):
            outcome = "skipped", reason_of(output)
        else:
            message = skipped.get("message") if skipped is not None else ""  # set if the test could not be started
            outcome = "failed", message or reason_of(output)
        assert case.get("name") not in outcomes, f"two checks are called {case.get('name')}"
        outcomes[case.get("name")] = outcome
    return outcomes


def labels_of(listing):
    """Returns {name of the check: its first label}, from ctest's JSON."""
    tests = json.loads(Path(listing).read_text())["tests"]
    properties = {test["name"]: {p["name"]: p["value"] for p in test.get("properties", [])} for test in tests}
    return {name: (values.get("LABELS") or ["other"])[0] for name, values in properties.items()}


def closing_lines(outcomes, left_out=None, reason=""):
    """Returns the lines. `left_out` maps the name of each check that was left out to its label."""
    named = [f"FAILED   {name}: {why}" for name, (outcome, why) in outcomes.items() if outcome == "failed"]
    named += [f"skipped  {name}: {why}" for name, (outcome, why) in outcomes.items() if outcome == "skipped"]
    groups = defaultdict(list)
    for name, label in (left_out or {}).items():
        groups[label].append(re.sub(rf"^{re.escape(label)}: ", "", name))
    named += [f"skipped  {len(names)} of {label} ({reason}): {'; '.join(names)}" for label, names in groups.items()]
    counts = {kind: sum(outcome == kind for outcome, _ in outcomes.values()) for kind in ("passed", "failed", "skipped")}
    counts["skipped"] += len(left_out or {})
    return [*named, "", ", ".join(f"{count} {kind}" for kind, count in counts.items())]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("junit", type=Path, nargs="+")
    parser.add_argument("--build", choices=["PASSED", "FAILED"])
    parser.add_argument("--left-out", nargs=2, metavar=("REASON", "NAMES.json"))
    options = parser.parse_args()
    outcomes = {}
    if options.build:
        outcomes["the build without warnings"] = options.build.lower(), "see above"
    for junit in options.junit:
        if junit.exists():
            outcomes |= read_junit(junit)
        else:
            outcomes[f"the tests of {junit.name}"] = "failed", f"ctest has not written {junit}"
    left_out = {}
    if options.left_out:
        left_out = {name: label for name, label in labels_of(options.left_out[1]).items() if name not in outcomes}
    print("\n".join(closing_lines(outcomes, left_out, options.left_out[0] if options.left_out else "")))
    ran = any(outcome == "passed" for outcome, _ in outcomes.values())
    return 0 if ran and not any(outcome == "failed" for outcome, _ in outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
