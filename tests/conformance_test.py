#!/usr/bin/env -S python3 -B
"""Checks docs/conformance.md: its tests exist, its lines are in order, its names are in the header."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SEED_LINES = 1175  # of the header whose lines the table names

TEST = re.compile(r"\bTEST(?:_P|_F)?\(\s*(\w+),\s*(\w+)\)")
NAMED = re.compile(r"`(\w+Test)(?:\.(\w+))?`")
ROW = re.compile(r"^\| (\d[\d,-]*) \| (.*?) \| (.*?) \|$", re.MULTILINE)
CONSTANT = re.compile(r"`(IPCZ_\w+|Ipcz\w+)`")


def tests_in_tree(root):
    """All (suite, case) in the sources, and (suite, None) for each suite; fixtures count too."""
    found = set()
    for path in sorted(root.glob("**/*.cc")):
        if path.is_symlink():
            continue
        text = path.read_text(errors="replace")
        for suite, case in TEST.findall(text):
            found |= {(suite, case), (suite, None)}
        found |= {(name, None) for name in re.findall(r"^class (\w+Test)\b", text, re.MULTILINE)}
    for path in sorted(root.glob("tests/support/*.h")):
        found |= {(name, None) for name in re.findall(r"^class (\w+Test)\b", path.read_text(), re.MULTILINE)}
    return found


def faults(document, tests, header):
    """What is wrong with the document; each as a line."""
    for suite, case in NAMED.findall(document):
        if (suite, case or None) not in tests:
            yield f"there is no test {suite}.{case or '*'}"
    rows = ROW.findall(document)
    last = 0
    for lines, what, shown_by in rows:
        first, _, end = lines.partition("-")
        if not (last <= int(first) <= int(end or first) <= SEED_LINES):
            yield f"lines {lines} are out of order, or not in the header"
        last = int(first)
        if not NAMED.search(shown_by) and not shown_by.startswith("none ("):
            yield f"lines {lines} name no test, and do not say why: {what}"
    if len({lines + what for lines, what, _ in rows}) != len(rows):
        yield "a row comes twice"
    if not rows:
        yield "there is no table"
    for name in CONSTANT.findall(document):
        if not re.search(rf"\b{name}\b", header):
            yield f"{name} is not in the header"


def refuses(what, document, tests, header):
    """Whether the check finds a mistake that was made on purpose."""
    if any(faults(document, tests, header)):
        return []
    return [f"the check does not find {what}"]


def main():
    document = (ROOT / "docs/conformance.md").read_text()
    header = (ROOT / "engine/include/ipcz/ipcz.h").read_text()
    tests = tests_in_tree(ROOT)
    suite, case = next((suite, case) for suite, case in NAMED.findall(document) if case)
    first = ROW.search(document)
    checks = {
        "the document": list(faults(document, tests, header)),
        "a test that is gone": refuses("a test that is gone", document, tests - {(suite, case)}, header),
        "a suite that is gone": refuses("a suite that is gone", document, tests - {("WaitTest", None)}, header),
        "a line out of order": refuses(
            "a line out of order", document.replace(f"| {first[1]} |", "| 1170 |", 1), tests, header),
        "a line behind the end": refuses(
            "a line behind the end", document + "\n| 5000 | x | `WaitTest` |\n", tests, header),
        "a row without a test": refuses(
            "a row without a test", document.replace(first[3], "somewhere", 1), tests, header),
        "a name that is gone": refuses(
            "a name that is gone", document, tests, header.replace("IPCZ_TRAP_DEAD", "")),
    }
    for name, wrong in checks.items():
        print(f"{'FAILED' if wrong else 'ok    '} conformance: {name}")
        for line in wrong:
            print(f"       {line}")
    failed = sum(bool(wrong) for wrong in checks.values())
    print(f"{len(checks) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
