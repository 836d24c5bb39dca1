"""Checks that the reference of the sweep file shows what the program lists: every key, problem, optimizer, schedule and
metric.

The tables are between <!-- rhosweep list WHAT --> and <!-- end -->. Usage:

    reference_page.py RHOSWEEP MPIEXEC PAGE   exit code 1 and the differences if a table differs from the program's list
    reference_page.py --update RHOSWEEP PAGE  writes the tables
"""

import difflib
import re
import subprocess
import sys
from pathlib import Path

TABLE = re.compile(r"(<!-- rhosweep list (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
FACTS = "objective", "metrics", "constants", "sampling"


# Lines of the list begin at these columns. The program indents the rest of a wrapped line to other columns.
BROKEN_OFF = re.compile(r"\n(?!(?: {2}| {4}| {23})?[^ ]) +")


def listed(rhosweep, what):
    done = subprocess.run([rhosweep, "list", what], capture_output=True, text=True, check=True, timeout=60)
    return BROKEN_OFF.sub(" ", done.stdout)


def escaped(text):
    """Escapes text so that Markdown shows it unchanged, also in a table cell."""
    return re.sub(r"([\\`*|<])", r"\\\1", text)


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def keys_of(lines):
    """Returns (key, allowed values, meaning) for each key of a list of keys."""
    keys = [re.fullmatch(r"    (\w+) +(.+)", line).groups() for line in lines[::2]]
    meanings = [re.fullmatch(r" {23}(.+)", line)[1] for line in lines[1::2]]
    assert keys and len(keys) == len(meanings), lines
    return [(*key, meaning) for key, meaning in zip(keys, meanings)]


def row(key, *before):
    name, allowed, meaning = key
    return [*before, f"`{name}`", escaped(allowed), escaped(meaning)]


def keys(text):
    """Returns a table of the keys that no problem or optimizer owns."""
    entries = [part.splitlines() for part in re.split(r"\n(?=[^ ])", text)]
    rows = [[f"`{name}`", *(escaped(fact.strip()) for fact in facts)] for name, *facts in entries if len(facts) == 2]
    assert rows[0][0] == "`title`" and len(rows) < len(entries), rows
    return table(["key", "value", "meaning"], rows)


def problems(text):
    """Returns the summary and keys of each kind of problem, and one table of all keys."""
    paragraphs = [part.splitlines() for part in text[: text.index("Every problem")].strip().split("\n\n")]
    kinds = {}
    out = ""
    for first, *lines in paragraphs:
        kind, summary = first.split(": ", 1)
        begin = next(i for i, line in enumerate(lines) if line.startswith("  keys of"))
        facts = dict(line.strip().split(maxsplit=1) for line in lines[:begin])
        assert tuple(facts) == FACTS, facts
        kinds[kind] = keys_of(lines[begin + 1 :])
        out += f"**`{kind}`**: {escaped(summary)}\n\n"
        out += "".join(f"- {name}: {escaped(fact)}\n" for name, fact in facts.items())
        out += "- keys: " + ", ".join(f"`{key[0]}`" for key in kinds[kind]) + "\n\n"
    rows = []
    for key in dict.fromkeys(key for keys in kinds.values() for key in keys):
        having = [kind for kind, keys in kinds.items() if key in keys]
        named = [kind for kind, keys in kinds.items() if any(other[0] == key[0] for other in keys)]
        rows.append(row(key, "" if having == named else ", ".join(f"`{kind}`" for kind in having)))
    rows.sort(key=lambda cells: cells[1])
    return out + table(["only of", "key of `[problem]`", "value", "meaning"], rows)


def optimizers(text):
    """Returns the summary of each optimizer and a table of the keys of [sgd]. The table of the first optimizer contains
    the keys that most optimizers share."""
    heading = re.compile(r'^  keys of \[sgd\] with optimizer = "(\w+)"(?:, in place of (.+))?\n    (.+)\n', re.MULTILINE)
    parts = heading.split(text[text.index("Every problem") :])[1:]
    keys, lacking, out = {}, {}, ""
    for name, replaced, summary, lines in zip(*(parts[i::4] for i in range(4))):
        keys[name], lacking[name] = keys_of(lines.splitlines()), (replaced or "").split(", ")
        out += f"- `{name}`: {escaped(summary)}\n"
    first, *others = keys
    assert others and all(keys.values()), keys

    def having(name, key):
        if name != first:
            return f"`{name}`"
        without = [other for other in others if key in lacking[other]]
        if without == others:
            return f"`{first}`"
        return "all but " + ", ".join(f"`{other}`" for other in without) if without else ""

    rows = [row(key, having(name, key[0])) for name, list_of_keys in keys.items() for key in list_of_keys]
    return out + "\n" + table(["only with optimizer", "key of `[sgd]`", "value", "meaning"], rows)


def schedules(text):
    rows = []
    for first, *lines in (part.splitlines() for part in text.strip().split("\n\n")[1:]):
        facts = dict(line.strip().split(maxsplit=1) for line in lines)
        assert set(facts) <= {"h_t", "where", "exponent"} and {"h_t", "exponent"} <= set(facts), facts
        rows.append([f"`{first}`", *(escaped(facts.get(name, "")) for name in ("h_t", "where", "exponent"))])
    return table(["schedule", "h_t, with u = t/T", "where", "cost grows like ρ to the"], rows)


def metrics(text):
    """Returns a table of the metrics, and one paragraph of common measures for each direction."""
    known, *measures = text.strip().split("\n\n")
    rows = [re.fullmatch(r"(\w+) +(.+); once diverged: (.+)", line).groups() for line in known.splitlines()]
    assert len(measures) == 2, measures
    return table(["metric", "meaning", "once diverged"],
                 [[f"`{name}`", escaped(what), value] for name, what, value in rows]) + "".join(
                     "\n" + escaped(" ".join(paragraph.split())) + "\n" for paragraph in measures)


def current(page, rhosweep):
    """Returns the page with tables as the program lists them."""
    makers = {"keys": (keys, "keys"), "problems": (problems, "problems"), "optimizers": (optimizers, "problems"),
              "schedules": (schedules, "schedules"), "metrics": (metrics, "metrics")}
    found = []

    def fresh(block):
        make, what = makers[block[2]]
        found.append(block[2])
        return f"{block[1]}\n{make(listed(rhosweep, what))}\n{block[3]}"

    text = TABLE.sub(fresh, page)
    assert sorted(found) == sorted(makers), f"tables of the page: {found}"
    return text


def main(rhosweep, page):
    shown = Path(page).read_text()
    expected = current(shown, rhosweep)
    if shown == expected:
        print("the page shows what the program lists")
        return 0
    both = shown.splitlines(), expected.splitlines()
    print("\n".join(difflib.unified_diff(*both, page, "rhosweep list", lineterm="")))
    print(f"to update it: {Path(__file__).name} --update build/release/bin/rhosweep {page}")
    return 1


if __name__ == "__main__":
    if sys.argv[1] == "--update":
        path = Path(sys.argv[3])
        path.write_text(current(path.read_text(), sys.argv[2]))
    else:
        sys.exit(main(sys.argv[1], sys.argv[3]))
