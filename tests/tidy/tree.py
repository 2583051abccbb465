"""What the tidy rules look at: the files of a source tree, and its Bazel dependency graph."""

import pathlib
import re
import subprocess

SCRIPT = re.compile(r"\A#!.*\b(bash|sh|python3)\b")


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root)

    def files(self, *suffixes):
        """The paths, relative to the root, of all files, or of those with one of the suffixes."""
        ignored = {".git", "__pycache__"}
        found = []
        folders = [self.root]
        while folders:
            for path in folders.pop().iterdir():
                if path.is_symlink() or path.name in ignored:
                    continue
                if path.is_dir():
                    folders.append(path)
                elif not suffixes or path.suffix in suffixes:
                    found.append(str(path.relative_to(self.root)))
        return sorted(found)

    def read(self, path):
        return (self.root / path).read_text(errors="replace")

    def is_script(self, path):
        return "." not in pathlib.Path(path).name and bool(SCRIPT.match(self.read(path)))

    def edges(self):
        """The direct dependencies among our own targets, as a set of (from, to) labels."""
        query = "deps(//ring/... + //shm/... + //driver_linux/... + //engine/...)"
        run = subprocess.run(
            ["bazel", "query", "--noimplicit_deps", "--output=graph", "--nograph:factored", query],
            cwd=self.root, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            errors = [line for line in run.stderr.splitlines() if "ERROR" in line]
            raise RuntimeError("bazel query: " + " ".join(errors or [run.stderr[-500:]]))
        return set(re.findall(r'"(//[^"]*)" -> "(//[^"]*)"', run.stdout))


def lines_with(tree, pattern, paths):
    """Yields `path:line` and the match for each line that the pattern is found in."""
    for path in paths:
        for number, line in enumerate(tree.read(path).splitlines(), 1):
            match = pattern.search(line)
            if match:
                yield f"{path}:{number}", match
