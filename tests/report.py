"""Counts test cases from Bazel's build events: report.py EVENTS TESTING_MD BAZEL_STATUS.

A case is a test case of the JUnit file that each test leaves. A target without one (it did not build,
timed out, or died) is one failed case. A skipped or disabled case has failed, unless docs/testing.md
names it (`Suite.Case`, in backticks). Prints the failures, what was cached, and `N passed, N failed`.
"""

import json
import pathlib
import sys
import urllib.parse
import xml.etree.ElementTree as ET


def cases(junit):
    """Yields (name, outcome) for each test case of one JUnit document; outcome: passed, failed or skipped."""
    for case in ET.fromstring(junit).iter("testcase"):
        # Bazel writes a document of its own for tests that leave none; its cases have no class.
        name = ".".join(filter(None, (case.get("classname"), case.get("name"))))
        if case.find("failure") is not None or case.find("error") is not None:
            yield name, "failed"
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            yield name, "skipped"
        else:
            yield name, "passed"


def read_output(result, name):
    for output in result.get("testActionOutput", []):
        if output["name"] == name:
            path = pathlib.Path(urllib.parse.unquote(urllib.parse.urlparse(output["uri"]).path))
            return path.read_text(errors="replace") if path.exists() else ""
    return ""


class Report:
    def __init__(self, testing_md):
        self.testing_md = testing_md
        self.passed = 0
        self.failures = []
        self.skips = []
        self.cached = set()
        self.targets = set()

    def add_event(self, event):
        kind, identity = next(iter(event["id"].items()))
        label = identity.get("label", kind) if isinstance(identity, dict) else kind
        if kind == "testResult":
            self.add_result(label, event.get("testResult", {}))
        elif kind == "targetCompleted" and not event.get("completed", {}).get("success"):
            self.failures.append(f"{label}: does not build")
        elif kind in ("pattern", "unconfiguredLabel", "configuredLabel") and "aborted" in event:
            self.failures.append(f"{label}: {event['aborted'].get('description', 'does not load')}")

    def add_result(self, label, result):
        self.targets.add(label)
        if result.get("cachedLocally") or result.get("executionInfo", {}).get("cachedRemotely"):
            self.cached.add(label)
        failures = len(self.failures)
        junit = read_output(result, "test.xml")
        try:
            found = list(cases(junit))
        except ET.ParseError:
            found = []
        for name, outcome in found:
            if outcome == "passed":
                self.passed += 1
            elif outcome == "skipped" and f"`{name}`" in self.testing_md:
                self.skips.append(f"{label}: {name}")
            else:
                self.failures.append(f"{label}: {name} {outcome}")
        status = result.get("status", "NO_STATUS")
        if status != "PASSED" and len(self.failures) == failures:
            self.failures.append(f"{label}: {status}")
        elif not found:
            self.failures.append(f"{label}: no test case ran")

    def add_bazel_status(self, status):
        # 0: all passed; 4: no test matched, which the count of zero tells.
        if status not in (0, 4) and not self.failures:
            self.failures.append(f"bazel ended with status {status}")

    def lines(self):
        fresh = sorted(self.targets - self.cached)
        yield f"test targets: {len(self.targets)}, of them cached: {len(self.cached)}"
        yield from (f"  cached  {label}" for label in sorted(self.cached))
        yield from (f"  ran     {label}" for label in fresh)
        yield from (f"  skipped {name} (docs/testing.md)" for name in self.skips)
        yield from (f"FAILED {failure}" for failure in self.failures)
        yield f"{self.passed} passed, {len(self.failures)} failed"


def main(events, testing_md, status):
    testing = pathlib.Path(testing_md)
    report = Report(testing.read_text() if testing.exists() else "")
    stream = pathlib.Path(events)
    for line in stream.read_text().splitlines() if stream.exists() else []:
        report.add_event(json.loads(line))
    report.add_bazel_status(int(status))
    print("\n".join(report.lines()))


if __name__ == "__main__":
    main(*sys.argv[1:])
