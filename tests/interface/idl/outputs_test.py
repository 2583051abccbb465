#!/usr/bin/env -S python3 -B
"""ringway-idl as its users meet it: exit codes, messages, outputs, and what compilers say of those."""

import os
import pathlib
import subprocess
import tempfile
import unittest

COMPILER = os.path.abspath("engine/interface/idl/ringway-idl")
FOLDER = pathlib.Path("tests/interface/idl")
GOLDEN = FOLDER / "golden_outputs.txt"
FILES = ["docs/examples/calculator/calc.idl", "docs/examples/calculator/counter.idl",
         "docs/examples/calculator/calc_counter.idl", str(FOLDER / "kinds.idl"),
         str(FOLDER / "compound.idl"), str(FOLDER / "odd.idl")]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
INCLUDES = ["-Iengine/include", "-Iengine/interface/include"]
SUFFIXES = ["_client.c", "_client.cc", "_client.h", "_interface.h", "_server.c", "_server.cc", "_server.h"]


def run(*arguments, **options):
    return subprocess.run([str(a) for a in arguments], capture_output=True, text=True, check=False, **options)


class OutputsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.out = pathlib.Path(self.folder.name)

    def generate(self):
        """Into the folders where the sources are, as Bazel does."""
        for file in FILES:
            into = self.out / pathlib.Path(file).parent
            into.mkdir(parents=True, exist_ok=True)
            done = run(COMPILER, "-I", ".", "-o", into, file)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        return sorted(str(path.relative_to(self.out)) for path in self.out.rglob("*.*"))

    def refused(self, code, *arguments, **options):
        done = run(COMPILER, *arguments, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def test_outputs_have_the_names_of_their_file(self):
        stems = [os.path.splitext(file)[0] for file in FILES]
        self.assertEqual(self.generate(), sorted(stem + suffix for stem in stems for suffix in SUFFIXES))

    def test_outputs_stay_what_they_are(self):
        made = "".join(f"==== {path}\n{(self.out / path).read_text()}" for path in self.generate()
                       if pathlib.Path(path).name.startswith(("calc_counter_", "kinds_")))
        self.assertEqual(made, GOLDEN.read_text())

    def compiles(self, *flags, text=None):
        includes = [*INCLUDES, f"-I{self.out}", f"-I{self.out}/docs/examples/calculator", f"-I{self.out}/{FOLDER}"]
        done = run(*flags, *WARNINGS, *includes, input=text)
        self.assertEqual((done.returncode, done.stderr), (0, ""), " ".join(map(str, flags)))

    def all_with(self, suffix):
        return "".join(f'#include "{path}"\n' for path in self.generate() if path.endswith(suffix))

    # B2
    def test_c_compiles_without_warnings(self):
        for path in self.generate():
            if path.endswith(".c"):  # which includes its header first
                self.compiles("gcc", "-std=c99", self.out / path)
        for compiler, standard in (("gcc", "c11"), ("clang", "c99"), ("clang", "c11")):
            self.compiles(compiler, f"-std={standard}", "-xc", "-", text=self.all_with(".c"))

    # B2
    def test_cpp_compiles_without_warnings(self):
        for compiler in ("g++", "clang++"):
            self.compiles(compiler, "-std=c++20", "-xc++", "-", text=self.all_with(".cc"))

    def test_check_writes_nothing(self):
        done = run(COMPILER, "--check", "-I", ".", "-o", self.out, *FILES)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(list(self.out.iterdir()), [])

    def test_wrong_usage_is_2(self):
        for arguments in ([], ["--frobnicate", FILES[0]], ["calc.txt"], ["-o"], ["-I", FILES[0]]):
            message = self.refused(2, *arguments)
            self.assertRegex(message, r"\Aringway-idl: usage: .* \(try 'ringway-idl --help'\)\n\Z")

    def test_files_of_one_name_are_refused(self):
        self.assertEqual(self.refused(2, FILES[0], "x/calc.idl"),
                         "ringway-idl: usage: two files would become calc_client.h (compile them one by one)\n")

    def test_help_names_the_options(self):
        done = run(COMPILER, "--help")
        self.assertEqual(done.returncode, 0)
        for option in ("--import", "--output", "--check", "FILE"):
            self.assertIn(option, done.stdout)

    def test_files_that_cannot_be_read_or_written_are_1(self):
        self.assertEqual(self.refused(1, "none.idl"),
                         "ringway-idl: cannot read none.idl: No such file or directory\n")
        self.assertEqual(self.refused(1, FILES[0], "-o", self.out / "none"),
                         f"ringway-idl: cannot write {self.out}/none/calc_interface.h: No such file or directory\n")

    def test_mistakes_are_1_and_name_file_line_and_column(self):
        (self.out / "bad.idl").write_text("interface X\n{\n  void a(in int);\n  void class();\n};\n")
        message = self.refused(1, "bad.idl", cwd=self.out)
        self.assertEqual(message, "bad.idl:3:16: error: expected the name of the parameter, found ')'\n")
        (self.out / "bad.idl").write_text("interface X\n{\n  void class();\n};\nimport \"none.idl\";\n")
        message = self.refused(1, "bad.idl", cwd=self.out)
        self.assertEqual(message, "bad.idl:5:8: error: there is no 'none.idl': looked for none.idl\n")
        self.assertEqual([path.name for path in self.out.iterdir()], ["bad.idl"])


if __name__ == "__main__":
    unittest.main()
