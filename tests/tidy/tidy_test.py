#!/usr/bin/env -S python3 -B
"""Shows that each tidy rule can fail: it accepts a clean tree and refuses one with a seeded violation."""

import sys
import tempfile

from rules import RULES
from tree import Tree

MODEL = {"docs/memory_model.md": "[lane.publish]\n"}
RELEASE = "// [lane.publish] Pairs with Peek().\nhead.store(1, std::memory_order_release);\n"
ACQUIRE = "head.load(std::memory_order_acquire);  // [lane.publish]\n"


def body(lines, head="void F(int a = {}) {"):
    return head + "\n" + "  G();\n" * (lines - 2) + "}\n"


class FakeTree(Tree):
    """A tree of {path: text}; the pair EDGES: {(from, to), ...} stands for its Bazel graph."""

    def __init__(self, root, files):
        super().__init__(root)
        self.graph = files.pop("EDGES", set())
        for path, text in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)

    def edges(self):
        return self.graph


# For each rule the trees it accepts, and the trees it refuses.
SEEDS = {
    "formatting": (
        [{"ring/a.h": "int a;\n"}],
        [{"ring/a.h": "int  a;\n"}, {"tests/a.c": "int *a ;\n"}],
    ),
    "file_length": (
        [{"ring/a.h": "\n" * 400, "engine/include/ipcz/ipcz.h": "\n" * 900, "docs/a.md": "\n" * 900}],
        [{"ring/a.h": "\n" * 401}, {"tests/run": "#!/usr/bin/env bash\n" + "\n" * 400}],
    ),
    "function_length": (
        [{"a.cc": "namespace a {\nclass B {\n" + body(70) * 3 + "};\n}\n"},
         {"a.cc": "const char* text = R\"(" + body(99) + ")\";\nstruct ALIGN(8) S {\n" + "  int a;\n" * 99 + "};\n"}],
        [{"a.cc": body(71)},
         {"a.cc": "namespace a {\nclass B {\n public:\n" + body(71, "B() : a_{1} {") + "};\n}\n"},
         {"a_test.cc": body(71, "TEST(ATest, Works) {  // it isn't short")},
         {"a.py": "def f():\n" + "    g()\n" * 70}],
    ),
    "top_level": (
        [{"WORKSPACE": "", "BUILD": "", "ring/BUILD": "", "tests/run": "", ".ci/run": ""}],
        [{"scratch.txt": ""}, {"src/main.cc": ""}],
    ),
    "layers": (
        [{"EDGES": {("//shm:segment", "//ring:ring"), ("//engine:ipcz", "//shm:segment"),
                    ("//driver_linux:driver_linux", "//engine/include:ipcz_headers"),
                    ("//engine/cmd:ringway", "//driver_linux:driver_linux"),
                    ("//engine/interface:interface", "//engine:ipcz")}}],
        [{"EDGES": {("//ring:ring", "//shm:segment")}},
         {"EDGES": {("//ring:a", "//tests:b"), ("//tests:b", "//engine/include:c")}},
         {"EDGES": {("//shm:memory", "//driver_linux:uring")}},
         {"EDGES": {("//driver_linux:driver_linux", "//engine:ipcz")}},
         {"EDGES": {("//engine/link:link", "//driver_linux:driver_linux")}},
         {"EDGES": {("//engine:ipcz", "//engine/link:link"), ("//engine/link:link", "//shm:memory")}},
         {"EDGES": {("//engine/interface:interface", "//engine/link:link")}},
         {"EDGES": {("//engine/interface:interface", "//ring:ring")}}],
    ),
    "edge_labels": (
        [{"ring/a.h": RELEASE + ACQUIRE}, {"tests/a.cc": "a.load(std::memory_order_acquire);\n"}],
        [{"ring/a.h": "a.load(std::memory_order_acquire);\n"},
         {"shm/a.cc": "a.load(std::memory_order::acquire);  // acquire\n"},
         {"ring/a.h": "// [lane.publish]\n" + "\n" * 4 + "a.store(1, std::memory_order_release);\n"}],
    ),
    "edge_ends": (
        [{"ring/a.h": RELEASE, "ring/b.h": ACQUIRE, **MODEL},
         {"ring/a.h": RELEASE.replace("Pairs", "(one end) Pairs"), **MODEL}],
        [{"ring/a.h": RELEASE, "ring/b.h": ACQUIRE},
         {"ring/a.h": RELEASE, **MODEL},
         {"ring/a.h": RELEASE, "ring/b.h": RELEASE, **MODEL},
         {"ring/a.h": RELEASE, "ring/b.h": ACQUIRE, "docs/memory_model.md": "[lane.other]\n"}],
    ),
    "open_marks": (
        [{"ring/a.h": "// mkdtemp(\"aXXXXXX\")\n"}],
        [{"ring/a.h": "// TO" "DO: later\n"}, {"docs/a.md": "FIX" "ME\n"}],
    ),
    "machine_paths": (
        [{"ring/a.h": "// ring/work/a, https://example.org\n"}],
        [{"ring/a.h": "// see /wo" "rk/shared\n"}, {"tests/a.sh": "curl https:/" "/deb.example.org\n"}],
    ),
}


def refused(rule, files):
    with tempfile.TemporaryDirectory() as root:
        return bool(list(rule(FakeTree(root, dict(files)))))


def main():
    passed = failed = 0
    for rule in RULES:
        clean, seeded = SEEDS.get(rule.__name__, ([], []))
        expected = [(files, False) for files in clean] + [(files, True) for files in seeded]
        wrong = [files for files, verdict in expected if refused(rule, files) != verdict]
        works = bool(clean and seeded and not wrong)
        passed, failed = passed + works, failed + (not works)
        print(f"{'ok    ' if works else 'FAILED'} {rule.__name__} refuses what it should, and no more")
        for files in wrong:
            print(f"    wrong about {str(files)[:200]}")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
