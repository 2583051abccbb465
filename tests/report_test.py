#!/usr/bin/env -S python3 -B
"""Shows what report.py counts, event by event."""

import pathlib
import sys
import tempfile

from report import Report

PASSED = '<testcase name="Works" classname="ATest" status="run" result="completed"/>'
FAILED = '<testcase name="Fails" classname="ATest"><failure message="1 != 2"/></testcase>'
SKIPPED = '<testcase name="Skips" classname="ATest" result="skipped"><skipped/></testcase>'
DISABLED = '<testcase name="DISABLED_Waits" classname="ATest" status="notrun"/>'
CRASHED = '<testcase name="ring/a_test" status="run"><error message="exited with error code 134"/></testcase>'


def result(cases, status="PASSED", **more):
    """The event of one test, whose JUnit file holds `cases`; None: there is no file."""
    outputs = []
    if cases is not None:
        path = pathlib.Path(tempfile.mkdtemp(dir=SCRATCH.name)) / "test.xml"
        path.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
        outputs = [{"name": "test.xml", "uri": path.as_uri()}]
    return {"id": {"testResult": {"label": "//ring:a_test"}},
            "testResult": {"status": status, "testActionOutput": outputs, **more}}


SCRATCH = tempfile.TemporaryDirectory()
BUILT = {"id": {"targetCompleted": {"label": "//ring:a_test"}}, "completed": {"success": True}}
UNBUILT = {"id": {"targetCompleted": {"label": "//ring:a_test"}}, "completed": {}}
UNLOADED = {"id": {"unconfiguredLabel": {"label": "//ring:b"}}, "aborted": {"reason": "LOADING_FAILURE"}}
CACHED = {"executionInfo": {"cachedRemotely": True}}

# What happened; the events; Bazel's exit status; the expected passed, failed, skipped and cached.
CASES = (
    ("each case of a test is counted", [BUILT, result(PASSED * 2)], 0, (2, 0, 0, 0)),
    ("a failed case is counted beside those that passed", [result(PASSED + FAILED, "FAILED")], 3, (1, 1, 0, 0)),
    ("a skip that docs/testing.md names is no failure", [result(PASSED + SKIPPED)], 0, (1, 0, 1, 0)),
    ("a disabled case is a failure", [result(PASSED + DISABLED)], 0, (1, 1, 0, 0)),
    ("a crash is a failure", [result(CRASHED, "FAILED")], 3, (0, 1, 0, 0)),
    ("a failure after the last case is a failure", [result(PASSED, "FAILED")], 3, (1, 1, 0, 0)),
    ("a timeout without a JUnit file is a failure", [result(None, "TIMEOUT")], 3, (0, 1, 0, 0)),
    ("a test without a case is a failure", [result("")], 0, (0, 1, 0, 0)),
    ("a target that does not build is a failure", [UNBUILT], 1, (0, 1, 0, 0)),
    ("a target that does not load is a failure", [UNLOADED], 1, (0, 1, 0, 0)),
    ("trouble of Bazel's own is a failure", [result(PASSED)], 37, (1, 1, 0, 0)),
    ("a cached test counts, and is shown", [result(PASSED, cachedLocally=True)], 0, (1, 0, 0, 1)),
    ("so does one from the disk cache", [result(PASSED, **CACHED)], 0, (1, 0, 0, 1)),
)


def main():
    failed = 0
    for what, events, status, expected in CASES:
        report = Report("Skipped where there is no io_uring: `ATest.Skips`.")
        for event in events:
            report.add_event(event)
        report.add_bazel_status(status)
        counted = (report.passed, len(report.failures), len(report.skips), len(report.cached))
        failed += counted != expected
        print(f"{'ok    ' if counted == expected else 'FAILED'} {what}")
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
