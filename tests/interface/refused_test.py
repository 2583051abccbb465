#!/usr/bin/env -S python3 -B
"""Compiles each case of refused.cc, and looks for the message that it must give."""

import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path("tests/interface/refused.cc")
FLAGS = ["-std=c++20", "-Wall", "-Wextra", "-Iengine/include", "-Iengine/interface/include"]


def run(case, linked):
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder) / "out"
        flags = [] if linked else ["-fsyntax-only"]
        return subprocess.run(
            ["c++", *FLAGS, *flags, f"-DRW_CASE={case}", str(SOURCE), "-o", str(target)],
            capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})


def main():
    cases = re.findall(r"RW_CASE == (\d+)  // case: (.*)", SOURCE.read_text())
    failed = 0
    for case, words in cases:
        result = run(case, words == "undefined reference")
        if words == "compiles":
            good = result.returncode == 0
        elif words == "undefined reference":
            # The stub is missing, whatever else is.
            good = result.returncode != 0 and "ExternalStub<" in result.stderr
        else:
            good = result.returncode != 0 and words in result.stderr
        failed += not good
        print(f"{'ok    ' if good else 'FAILED'} {case}: {words}")
        if not good:
            print(result.stderr[:2000])
    return failed > 0 or len(cases) < 10


if __name__ == "__main__":
    sys.exit(main())
