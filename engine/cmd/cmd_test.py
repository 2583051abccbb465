#!/usr/bin/env python3
"""The ringway command, as its users meet it: two processes, files, pipes and exit codes."""

import hashlib
import json
import os
import pty
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
RINGWAY = os.path.join(HERE, "ringway")
OTHER_PEER = os.path.join(HERE, "other_peer")
if not os.path.exists(RINGWAY):  # where Bazel runs its tests
    RINGWAY = os.path.abspath("engine/cmd/ringway")
    OTHER_PEER = os.path.abspath("engine/cmd/other_peer")

PATIENCE = 60  # seconds until a test gives up, on however slow a machine
BIG = 100 << 20
# What the sender may have on the way: 4 MiB in shared memory, a chunk more, and two pipes.
ON_THE_WAY_MAX = 8 << 20


class CommandTest(unittest.TestCase):
    def setUp(self):
        # Names are short and relative, since a socket's address is: processes run in this folder.
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.processes = []

    def tearDown(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def start(self, *arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=None):
        process = subprocess.Popen(
            [a if isinstance(a, bytes) else str(a) for a in arguments], stdin=stdin, stdout=stdout,
            stderr=subprocess.PIPE, cwd=self.folder.name, env={**os.environ, **(env or {})})
        self.processes.append(process)
        return process

    def ringway(self, *arguments, **files):
        return self.start(RINGWAY, *arguments, **files)

    def listen(self, name="./s", *arguments, action="listen", **files):
        """Starts a listener and waits until it listens."""
        process = self.ringway(action, name, *arguments, **files)
        deadline = time.monotonic() + PATIENCE
        while not os.path.exists(self.path(name)) and process.poll() is None:
            self.assertLess(time.monotonic(), deadline, "the listener does not come up")
            time.sleep(0.005)
        return process

    def wait_until_connected(self, name="./s"):
        """A listener gives up its name once the other side has greeted it."""
        deadline = time.monotonic() + PATIENCE
        while os.path.exists(self.path(name)):
            self.assertLess(time.monotonic(), deadline, "the connection does not come up")
            time.sleep(0.005)

    def finish(self, process, code=0, data=None):
        """Waits for the process; gives what it printed, (stdout, stderr)."""
        out, err = process.communicate(data, timeout=PATIENCE)
        err = err.decode()
        self.assertEqual(process.returncode, code, f"{process.args}: {err}")
        return out, err

    def fails(self, process, code, *words, data=None):
        """Waits for the process to fail with one line of the agreed form that has these words."""
        _, err = self.finish(process, code, data)
        self.assertRegex(err, r"\Aringway: [^\n]+: [^\n]+ \([^\n]+\)\n\Z")
        for word in words:
            self.assertIn(word, err)

    def file(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content)
        return open(self.path(name), "rb")

    def exchange(self, to_listener, to_connector, *arguments, env=None):
        """Streams both ways, file to file; gives what either side printed on stderr."""
        with self.file("a", to_listener) as a, self.file("b", to_connector) as b, \
                open(self.path("at_listener"), "wb") as at_listener, \
                open(self.path("at_connector"), "wb") as at_connector:
            listener = self.listen("./s", *arguments, stdin=b, stdout=at_listener, env=env)
            connector = self.ringway("connect", "./s", *arguments, stdin=a, stdout=at_connector,
                                     env=env)
            errors = [self.finish(process)[1] for process in (connector, listener)]
        for name, sent in (("at_listener", to_listener), ("at_connector", to_connector)):
            with open(self.path(name), "rb") as file:
                self.assertEqual(hashlib.sha256(file.read()).digest(),
                                 hashlib.sha256(sent).digest())
        return errors


class StreamTest(CommandTest):
    def test_moves_nothing_and_says_nothing(self):
        self.assertEqual(self.exchange(b"", b""), ["", ""])

    def test_moves_a_byte(self):
        self.exchange(b"\0", b"")
        self.exchange(b"", b"\xff")

    def test_moves_sizes_around_a_chunk(self):
        for size in (4095, 4096, 4097, (1 << 18) - 1, 1 << 18, (1 << 18) + 1):
            self.exchange(os.urandom(size), os.urandom(size // 2))

    def test_moves_large_files_both_ways_at_once(self):
        self.exchange(os.urandom(BIG), os.urandom(BIG))

    def test_moves_on_epoll_too(self):
        env = {"RINGWAY_REACTOR": "epoll"}
        for err in self.exchange(os.urandom(1 << 20), b"x", "--stats", env=env):
            self.assertIn("reactor epoll", err)

    def test_works_between_pipes_and_an_abstract_name(self):
        name = f"@ringway-cmd-test-{os.getpid()}"
        size = 200 << 20
        zeros = self.start("head", "-c", size, "/dev/zero")
        connector = self.ringway("connect", name, "--timeout", PATIENCE, stdin=zeros.stdout)
        listener = self.ringway("listen", name)
        count = self.start("wc", "-c", stdin=listener.stdout)
        self.assertEqual(int(self.finish(count)[0]), size)
        self.finish(connector)
        self.finish(listener)

    def test_the_end_of_one_direction_leaves_the_other_open(self):
        listener = self.listen(stdin=subprocess.PIPE)
        connector = self.ringway("connect", "./s", stdin=subprocess.PIPE)
        connector.stdin.write(b"request")
        connector.stdin.close()
        connector.stdin = None
        # Ends only if the listener closes its output at the end of the connector's stream.
        self.assertEqual(listener.stdout.read(), b"request")
        self.assertIsNone(listener.poll())
        listener.stdin.write(b"reply")
        listener.stdin.close()
        listener.stdin = None
        self.assertEqual(self.finish(connector)[0], b"reply")
        self.finish(listener)

    def test_small_writes_arrive_at_once(self):
        listener = self.listen()
        connector = self.ringway("connect", "./s", stdin=subprocess.PIPE)
        for word in (b"one", b"two", b"three"):
            connector.stdin.write(word)
            connector.stdin.flush()
            self.assertEqual(listener.stdout.read(len(word)), word)
        self.finish(connector)
        self.finish(listener)

    def test_a_slow_reader_holds_the_writer_back(self):
        listener = self.listen()
        connector = self.ringway("connect", "./s", stdin=subprocess.PIPE)
        os.set_blocking(connector.stdin.fileno(), False)
        written = 0
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < 0.5:
            try:
                written += os.write(connector.stdin.fileno(), bytes(65536))
                quiet_since = time.monotonic()
                self.assertLess(written, ON_THE_WAY_MAX)
            except BlockingIOError:
                time.sleep(0.01)
        os.set_blocking(connector.stdin.fileno(), True)
        connector.stdin.close()
        connector.stdin = None
        self.assertEqual(len(self.finish(listener)[0]), written)
        self.finish(connector)

    def test_a_terminal_is_given_up_at_the_end_of_the_peers_stream(self):
        terminal, its_user = pty.openpty()
        try:
            listener = self.listen(stdin=its_user)
            self.finish(self.ringway("connect", "./s", stdin=subprocess.PIPE), data=b"x")
            self.assertEqual(self.finish(listener)[0], b"x")
        finally:
            os.close(terminal)
            os.close(its_user)

    def test_recv_only_leaves_standard_input_alone(self):
        listener = self.listen("./s", "--recv-only", stdin=subprocess.PIPE)
        self.finish(self.ringway("connect", "./s", stdin=subprocess.PIPE), data=b"x")
        self.assertEqual(self.finish(listener)[0], b"x")

    def test_standard_input_may_be_closed(self):
        listener = self.listen()
        self.finish(self.start("sh", "-c", 'exec "$0" connect ./s <&-', RINGWAY))
        self.assertEqual(self.finish(listener)[0], b"")

    def test_stats_tell_bytes_and_the_work_of_the_system(self):
        size = 1 << 20
        connector, listener = self.exchange(os.urandom(size), b"", "--stats")
        self.assertRegex(connector, rf"ringway: sent {size} bytes in \d+\.\d+ s \(\d+\.\d MB/s\), "
                                    r"\d+ parcels\n")
        self.assertIn("ringway: received 0 bytes in ", connector)
        self.assertIn(f"ringway: received {size} bytes in ", listener)
        for err in (connector, listener):
            self.assertRegex(err, r"ringway: woke the peer \d+ times, slept \d+ times, grew \d+ lanes ")
            self.assertRegex(err, r"ringway: [1-9]\d* segments with \d+ bytes, .* reactor \w+\n")


class PingTest(CommandTest):
    def ping(self, *arguments):
        listener = self.listen()
        out, _ = self.finish(self.ringway("ping", "./s", *arguments))
        self.assertEqual(self.finish(listener), (b"", ""))
        return out.decode()

    def test_reports_percentiles(self):
        for wait in ("adaptive", "park", "poll"):
            out = self.ping("--count", 200, "--wait", wait)
            self.assertRegex(out, rf"\A\./s: 200 round trips of 64 bytes, waiting: {wait}\nmin ")
            numbers = [float(n) for n in re.findall(r" (\d+\.\d\d)\b", out.split("\n")[1])]
            self.assertEqual(len(numbers), 7)
            self.assertEqual(numbers[:6], sorted(numbers[:6]))

    def test_reports_json(self):
        for size in (1, 64, 4 << 20):
            report = json.loads(self.ping("--count", 50, "--size", size, "--json"))
            self.assertEqual((report["name"], report["count"], report["bytes"], report["wait"],
                              report["unit"]), ("./s", 50, size, "adaptive", "ns"))
            times = [report[key] for key in ("min", "p50", "p90", "p99", "p99.9", "max")]
            self.assertEqual(times, sorted(times))
            self.assertGreater(report["mean"], 0)

    def test_both_sides_give_stats(self):
        listener = self.listen("./s", "--stats")
        for process in (self.ringway("ping", "./s", "--count", 10, "--stats"), listener):
            self.assertRegex(self.finish(process)[1], r"ringway: woke .*\nringway: [1-9]\d* segments ")

    def test_either_side_notices_that_the_other_was_killed(self):
        for killed, survivor in ((0, 1), (1, 0)):
            pair = [self.listen()]
            pair.append(self.ringway("ping", "./s", "--count", 10_000_000))
            self.wait_until_connected()
            pair[killed].kill()
            self.fails(pair[survivor], 1, "the peer went away")


class FailureTest(CommandTest):
    def test_wrong_usage_is_a_sentence_and_exit_2(self):
        for arguments, words in (
                ((), "subcommand is required"),
                (("bogus",), "ringway --help"),
                (("listen",), "NAME is required"),
                (("connect",), "NAME is required"),
                (("ping",), "NAME is required"),
                (("listen", "./s", "--bogus"), "--bogus"),
                (("listen", "./s", "extra"), "extra"),
                (("listen", "--timeout", "1", "./s"), "--timeout"),
                (("listen", ""), "the name is empty"),
                (("listen", "@"), "the name is empty"),
                (("connect", "x" * 108), "107"),
                (("connect", "./s", "--timeout", "soon"), "number of seconds"),
                (("connect", "./s", "--timeout", "nan"), "number of seconds"),
                (("connect", "./s", "--timeout", "-1"), "number of seconds"),
                (("ping", "./s", "--count", "0"), "--count"),
                (("ping", "./s", "--size", "0"), "--size"),
                (("ping", "./s", "--wait", "fast"), "{adaptive,park,poll}")):
            self.fails(self.ringway(*arguments), 2, "ringway: usage: ", words)

    def test_help_and_version_are_no_failures(self):
        self.assertIn(b"Usage: ringway", self.finish(self.ringway("--help"))[0])
        for action in ("listen", "connect", "ping"):
            self.assertIn(b"--stats", self.finish(self.ringway(action, "--help"))[0])
        self.assertRegex(self.finish(self.ringway("--version"))[0], rb"\Aringway \d+\.\d+\.\d+\n\Z")

    def test_a_name_in_use_stays_with_its_listener(self):
        listener = self.listen()
        self.fails(self.ringway("listen", "./s"), 1, "in use")
        self.finish(self.ringway("connect", "./s", stdin=subprocess.PIPE), data=b"x")
        self.assertEqual(self.finish(listener)[0], b"x")

    def test_a_file_is_not_overwritten(self):
        self.file("f", b"precious").close()
        self.fails(self.ringway("listen", "./f"), 1, "no socket")
        with open(self.path("f"), "rb") as file:
            self.assertEqual(file.read(), b"precious")
        self.fails(self.ringway("listen", "./no/such"), 1, "no such folder")

    def test_nobody_listens(self):
        for action in ("connect", "ping"):
            self.fails(self.ringway(action, "./s", "--timeout", "0.1"), 1, "nobody listens")

    def test_an_interrupted_listener_leaves_no_file(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            listener = self.listen()
            listener.send_signal(number)
            self.finish(listener, -number)
            self.assertFalse(os.path.exists(self.path("s")))

    def say_nonsense(self):
        for words in (b"", b"GET / HTTP/1.1\r\n\r\n", bytes(4096)):
            with socket.socket(socket.AF_UNIX) as stranger:
                # By way of a folder, so that the address is short enough.
                folder = os.open(self.folder.name, os.O_PATH)
                stranger.connect(f"/proc/self/fd/{folder}/s")
                os.close(folder)
                stranger.sendall(words)

    def test_names_are_hosted_until_a_signal_whoever_connects(self):
        host = self.listen(action="names")
        self.fails(self.ringway("names", "./s"), 1, "the name is in use")
        self.say_nonsense()
        # No stream, but no harm to the host.
        self.fails(self.ringway("connect", "./s", stdin=subprocess.PIPE), 1, "connect to './s'")
        self.assertIsNone(host.poll())
        host.terminate()
        self.assertEqual(self.finish(host, -signal.SIGTERM)[1], "")
        self.assertFalse(os.path.exists(self.path("s")))

    def test_strangers_at_the_socket_do_not_end_the_listener(self):
        listener = self.listen()
        self.say_nonsense()
        self.finish(self.ringway("connect", "./s", stdin=subprocess.PIPE), data=b"x")
        self.assertEqual(self.finish(listener)[0], b"x")

    def test_a_peer_of_another_version_is_refused(self):
        for what, words in (("wire", "wire version 99"), ("command", "speaks version 99"),
                            ("stranger", "no ringway command")):
            listener = self.listen()
            other = self.start(OTHER_PEER, what, "connect", "./s")
            self.fails(listener, 1, words)
            self.finish(other)
            other = self.start(OTHER_PEER, what, "listen", "./s")
            self.fails(self.ringway("connect", "./s", "--timeout", PATIENCE), 1, words)
            self.finish(other)

    def test_either_side_notices_that_the_other_was_killed(self):
        for killed, survivor in ((0, 1), (1, 0)):
            pair = [self.listen(stdin=subprocess.PIPE)]
            pair.append(self.ringway("connect", "./s", stdin=subprocess.PIPE))
            pair[killed].stdin.write(b"first words")
            pair[killed].stdin.flush()
            self.assertEqual(pair[survivor].stdout.read(11), b"first words")
            pair[killed].kill()
            self.fails(pair[survivor], 1, "the peer went away before the end")

    def test_a_closed_output_ends_both_sides(self):
        with open("/dev/zero", "rb") as zero:
            listener = self.listen()
            connector = self.ringway("connect", "./s", stdin=zero)
            head = self.start("head", "-c", "10", stdin=listener.stdout)
            self.assertEqual(self.finish(head)[0], bytes(10))
            listener.stdout.close()
            listener.stdout = None
            self.fails(listener, 1, "standard output", "Broken pipe")
            self.fails(connector, 1, "the peer gave up", "Broken pipe")

    def test_a_full_device_ends_both_sides(self):
        with open("/dev/full", "wb") as full:
            listener = self.listen(stdout=full)
            self.fails(self.ringway("connect", "./s", stdin=subprocess.PIPE), 1, "No space left",
                       data=b"x")
            self.fails(listener, 1, "cannot write standard output", "No space left")

    def test_an_input_that_cannot_be_read_ends_both_sides(self):
        folder = os.open("/", os.O_RDONLY)
        listener = self.listen()
        connector = self.ringway("connect", "./s", stdin=folder)
        os.close(folder)
        self.fails(connector, 1, "cannot read standard input")
        self.fails(listener, 1, "the peer gave up", "Is a directory")


if __name__ == "__main__":
    unittest.main()
