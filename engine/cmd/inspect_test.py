#!/usr/bin/env python3
"""`ringway inspect`, on processes that run, hang, are many, or are none of Ringway's."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
import unittest

from cmd_test import PATIENCE, RINGWAY, CommandTest

PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
CAP_SYS_PTRACE = 19

INSPECTED = os.path.join(os.path.dirname(RINGWAY), "inspected")


class InspectTest(CommandTest):
    def inspected(self, portals):
        process = self.start(INSPECTED, portals, stdin=subprocess.PIPE)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        return process

    def inspect(self, process, *arguments):
        return self.finish(self.ringway("inspect", process.pid, *arguments))[0].decode()

    def report(self, process, *arguments):
        return json.loads(self.inspect(process, "--json", *arguments))

    def broker_link(self, report):
        """The link of the broker, which puts."""
        broker, = [node for node in report["nodes"] if node["broker"]]
        link, = broker["links"]
        return link

    def check(self, report, process, portals):
        self.assertEqual((report["pid"], report["process"], report["faults"]),
                         (process.pid, "inspected", []))
        self.assertEqual(len(report["nodes"]), 2)
        broker, client = sorted(report["nodes"], key=lambda node: not node["broker"])
        self.assertEqual((broker["portals"], client["portals"]), (portals + 3, portals + 1))
        for node, peer in ((broker, client), (client, broker)):
            link, = node["links"]
            self.assertEqual((link["state"], link["peer"], link["peer_pid"], link["peer_process"]),
                             ("up", peer["name"], process.pid, "inspected"))
            self.assertEqual(link["segments"], peer["links"][0]["peer_segments"])
            self.assertEqual(len(link["routes"]), portals + 1)
            for route in link["routes"]:
                self.assertEqual((route["state"], route["route"], route["hops"]),
                                 ("open", "direct", 0))
        for node, way, other in ((broker, "out", "in"), (client, "in", "out")):
            for route in node["links"][0]["routes"][1:]:
                queued = {key: route[way][key] for key in ("parcels", "bytes", "queued_parcels",
                                                           "queued_bytes", "lane_bytes")}
                self.assertEqual(queued, {"parcels": 3, "bytes": 15, "queued_parcels": 2,
                                          "queued_bytes": 10, "lane_bytes": 2048})
                self.assertEqual((route[other]["parcels"], route[other]["lane_bytes"]), (0, 0))

    def test_shows_nodes_links_and_portals(self):
        process = self.inspected(3)
        self.check(self.report(process, "--interval", 0), process, 3)

    def test_shows_a_thousand_portals(self):
        process = self.inspected(1000)
        self.check(self.report(process, "--interval", 0.01), process, 1000)
        self.assertGreater(len(self.inspect(process, "--interval", 0).splitlines()), 2000)

    def test_shows_a_process_that_hangs(self):
        process = self.inspected(3)
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        self.check(self.report(process, "--interval", 0), process, 3)
        self.check(self.report(process, "--interval", 0.01), process, 3)
        with open(f"/proc/{process.pid}/stat", encoding="utf-8") as file:
            self.assertEqual(file.read().rpartition(")")[2].split()[0], "T")
        process.send_signal(signal.SIGCONT)

    def test_does_not_stop_it(self):
        process = self.inspected(1)
        for number in range(1, 20):
            process.stdin.write(b"\n")
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), b"put\n")
            link = self.broker_link(self.report(process, "--interval", 0))
            self.assertEqual(link["routes"][1]["out"]["parcels"], 3 + number)

    def test_text_has_a_row_for_each_portal(self):
        process = self.inspected(2)
        text = self.inspect(process, "--interval", 0)
        self.assertRegex(text, rf"\Aprocess {process.pid} inspected\n")
        self.assertRegex(text, r"(?m)^node [0-9a-f]{32} \(broker\): 5 portals, 0 relays, ")
        self.assertRegex(text, rf"(?m)^  link to [0-9a-f]{{32}} \(client\), up, process {process.pid} ")
        self.assertRegex(text, r"(?m)^ +16 open +direct +0 +3 +15 +2 +10 +2048 +0 +0 +0 +0 +0$")
        self.assertNotIn("parcels/s", text)
        self.assertIn("parcels/s", self.inspect(process, "--interval", 0.01))

    def test_names_the_peers_process_and_the_rates(self):
        with open("/dev/zero", "rb") as zero, open("/dev/null", "wb") as null:
            listener = self.listen(stdout=null)
            connector = self.ringway("connect", "./s", stdin=zero)
            self.wait_until_connected()
            deadline = time.monotonic() + PATIENCE
            rates = [0, 0]
            while min(rates) == 0:
                self.assertLess(time.monotonic(), deadline, "nothing moves")
                for i, (one, other, way) in enumerate(((connector, listener, "out"),
                                                       (listener, connector, "in"))):
                    report = self.report(one, "--interval", 0.1)
                    link, = report["nodes"][0]["links"]
                    self.assertEqual(link["peer_pid"], other.pid)
                    self.assertGreaterEqual(report["seconds"], 0.1)
                    rates[i] = max(route[way]["bytes_per_second"] for route in link["routes"])

    def test_a_dead_peer_is_no_process(self):
        listener = self.listen(stdin=subprocess.PIPE)
        connector = self.ringway("connect", "./s", stdin=subprocess.PIPE)
        self.wait_until_connected()
        connector.send_signal(signal.SIGSTOP)
        listener.kill()
        listener.communicate()
        link, = self.report(connector, "--interval", 0)["nodes"][0]["links"]
        self.assertNotIn("peer_pid", link)


class InspectFailureTest(CommandTest):
    def test_wrong_usage(self):
        for arguments, words in (((), "PID is required"), (("x",), "PID"), (("0",), "PID"),
                                 (("-1",), "-1"), (("1", "2"), "2"), (("1", "--bogus"), "--bogus"),
                                 (("99999999999",), "PID"),
                                 (("1", "--interval", "soon"), "number of seconds")):
            self.fails(self.ringway("inspect", *arguments), 2, "ringway: usage: ", words)

    def test_no_such_process(self):
        dead = self.start("true")
        self.finish(dead)
        self.fails(self.ringway("inspect", dead.pid), 1, "no such process")

    def test_a_process_that_has_ended_and_is_not_reaped(self):
        zombie = self.start("true")
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        self.fails(self.ringway("inspect", zombie.pid), 1, f"inspect {zombie.pid}")

    def test_a_process_that_is_none_of_ringway(self):
        self.fails(self.ringway("inspect", os.getpid()), 1, "no node of Ringway")

    def test_a_process_that_may_not_be_read(self):
        # As another user's: it hides, and who looks has no privilege, even as root.
        hidden = self.start(sys.executable, "-c", f"import ctypes\n"
                            f"ctypes.CDLL(None).prctl({PR_SET_DUMPABLE}, 0, 0, 0, 0)\n"
                            f"print('ready', flush=True)\ninput()", stdin=subprocess.PIPE)
        self.assertEqual(hidden.stdout.readline(), b"ready\n")
        libc = ctypes.CDLL(None)
        looker = subprocess.Popen(
            [RINGWAY, "inspect", str(hidden.pid)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=lambda: libc.prctl(PR_CAPBSET_DROP, CAP_SYS_PTRACE, 0, 0, 0))
        self.processes.append(looker)
        self.fails(looker, 1, "not ours to read")

    def test_an_output_that_is_full(self):
        process = self.start(INSPECTED, 1, stdin=subprocess.PIPE)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        with open("/dev/full", "wb") as full:
            self.fails(self.ringway("inspect", process.pid, "--interval", 0, stdout=full), 1,
                       "cannot write standard output")


if __name__ == "__main__":
    unittest.main()
