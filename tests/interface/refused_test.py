#!/usr/bin/env -S python3 -B
"""Compiles refused.cc, and looks for the messages that its cases must give."""

import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path("tests/interface/refused.cc")
FLAGS = ["-std=c++20", "-Iengine/include", "-Iengine/interface/include", "-fmax-errors=0"]


def compiler(*arguments):
    return subprocess.run(["c++", *FLAGS, *arguments], capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})


def main():
    results = []
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder) / "good.o"
        compiled = compiler("-c", str(SOURCE), "-o", str(target))
        results.append(("what is right compiles", compiled.returncode == 0))
        linked = compiler(str(target), "-o", str(target.with_suffix("")))
        results.append(("a stub that is not defined", "ExternalStub<" in linked.stderr))
    refused = compiler("-fsyntax-only", "-DRW_REFUSED", str(SOURCE))
    cases = re.findall(r"// case: (.*)", SOURCE.read_text())
    results += [(words, words in refused.stderr) for words in cases]
    for words, good in results:
        print(f"{'ok    ' if good else 'FAILED'} {words}")
    if not all(good for _, good in results):
        print(compiled.stderr[:2000], refused.stderr[:4000])
    return not all(good for _, good in results) or len(cases) < 16


if __name__ == "__main__":
    sys.exit(main())
