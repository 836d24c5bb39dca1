"""Checks that a page explains every reason that the analysis can give for not answering, and every remark.

Reads the texts from the sources: those that are assigned to a reason or a remark, and those that a function with
"reason" in its name returns. The page shows … for a placeholder.

Usage: explained_reasons.py SOURCE_FOLDER
"""

import re
import sys
from pathlib import Path

LITERAL = r'"((?:[^"\\]|\\.)*)"'
LITERALS = rf"({LITERAL}(?:\s*{LITERAL})*)"


def joined(literals):
    """Returns the text of adjacent literals, with … for its placeholders."""
    text = "".join(re.findall(LITERAL, literals)).replace('\\"', '"')
    return re.sub(r"\{[^}]*\}", "…", text)


def bodies(source):
    """Yields the bodies of functions and lambdas with "reason" in their names."""
    for start in re.finditer(r"\w*reason\w*(?<!_)\([^;{]*\)(?: const)? \{\n", source):
        indent = re.search(r"[^\n]*$", source[: start.start()])[0]
        indent = indent[: len(indent) - len(indent.lstrip())]
        yield source[start.end() : source.index(f"\n{indent}}}", start.end())]


def reasons(source):
    found = [joined(match[1]) for match in re.finditer(
        rf"(?:reason|remark|beyond_the_sweep)\s*=\s*(?:fmt::format\(\s*)?{LITERALS}", source)]
    found += [joined(match[1]) for match in re.finditer(rf"because\(\s*(?:fmt::format\(\s*)?{LITERALS}", source)]
    for body in bodies(source):
        found += [joined(match[1]) for match in re.finditer(LITERALS, body)]
    return [text for text in found if len(text.strip(" ,…")) > 10]


def main(folder):
    page = " ".join((folder / "jobs/guide/reading.md").read_text().split())
    texts = {text for file in sorted((folder / "src/analysis").glob("*.cpp")) + sorted((folder / "include").rglob("*.hpp"))
             for text in reasons(file.read_text())}
    assert len(texts) > 15 and "the best stepsize lies at the edge of the sweep" in texts, sorted(texts)
    # If a sentence contains another text in quotes, only the part before the quotes is compared.
    missing = sorted(text for text in texts if text.split("\"…")[0].rstrip(" …,") not in page)
    for text in missing:
        print(f"jobs/guide/reading.md, Reasons, does not explain: {text}")
    if not missing:
        print(f"{len(texts)} reasons are explained")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
