#!/usr/bin/env python3
"""Runs the commands of each example's page, and compares what they print with what the page says.

A page has blocks that begin with ```console. A line that begins with `$ ` is a command for bash; the
other lines are what all of them print.
"""

import contextlib
import glob
import os
import re
import signal
import subprocess
import tempfile
import unittest

HERE = os.path.abspath(os.path.dirname(__file__))
if not os.path.exists(os.path.join(HERE, "firewall")):  # where Bazel runs its tests
    HERE = os.path.abspath("docs/examples")
COMMANDS = [HERE, os.path.join(HERE, "calculator"), os.path.abspath("engine/cmd")]
PATIENCE = 120  # seconds, on however slow a machine

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run(script, folder):
    """What the script prints, and its status. Ends what it left in the background."""
    # What the driver's thread still holds when a program ends is no leak.
    sanitizer = os.environ.get("ASAN_OPTIONS", "").split(":") + ["detect_leaks=0"]
    env = {**os.environ, "ASAN_OPTIONS": ":".join(filter(None, sanitizer)), "PATH": os.pathsep.join([*COMMANDS, os.environ["PATH"]])}
    process = subprocess.Popen(["bash", "-euc", script], cwd=folder, env=env, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True)
    try:
        status = process.wait(timeout=PATIENCE)
    finally:
        with contextlib.suppress(ProcessLookupError):  # nothing was left
            os.killpg(process.pid, signal.SIGKILL)
    return process.communicate()[0], status


class ExamplesTest(unittest.TestCase):
    def test_each_page_tells_what_its_example_prints(self):
        pages = sorted(glob.glob(os.path.join(HERE, "*.md")))
        self.assertTrue(pages)
        for page in pages:
            with self.subTest(page=os.path.basename(page)), open(page) as file, \
                    tempfile.TemporaryDirectory() as folder:
                lines = "".join(BLOCK.findall(file.read())).splitlines(keepends=True)
                script = "".join(line[2:] for line in lines if line.startswith("$ "))
                expected = "".join(line for line in lines if not line.startswith("$ "))
                self.assertTrue(script and expected)
                printed, status = run(script, folder)
                self.assertEqual(printed, expected)
                self.assertEqual(status, 0)


if __name__ == "__main__":
    unittest.main()
