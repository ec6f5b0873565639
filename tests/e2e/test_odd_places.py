# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""imapd where it is unusual: long paths, several names of one store, limits, systemd's sockets, callers that say nothing."""

import os
import pathlib
import resource
import signal
import socket
import subprocess
import time
import unittest

import support
from raw_imap import Client, string


class OddPlaces(unittest.TestCase):
    def setUp(self):
        self.store = support.Store()
        self.addCleanup(self.store.close)

    def client(self, path=None):
        return Client.tunnel(f"exec env HOME={self.store.directory} {support.IMAPD} --stdio --store '{path or self.store.path}'")

    def serve(self, command, **more):
        process = subprocess.Popen(command, env={**self.store.environment, **more.pop("environment", {})}, stdin=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, **more)
        self.addCleanup(support.stop, process)
        return process

    def test_names_of_one_store_find_one_owner(self):
        long = self.store.directory / "/".join(["x" * 60] * 5) / "Mail"  # no socket's address holds it
        long.parent.mkdir(parents=True)
        short = self.store.directory / "short"
        short.symlink_to(long)
        for first, second in ((long, short), (short, long)):
            here = self.client(first)
            here.run("SELECT INBOX")
            there = self.client(second)
            there.run(b"APPEND INBOX " + string(support.message(1)))
            self.assertTrue(any(b"EXISTS" in line for line in here.run("NOOP")))
            here.close()
            there.close()
            support.end_owner(int((long / ".postern" / "lock").read_text()))  # else it may take the next client along

    def test_callers_that_say_nothing_hold_up_nobody(self):
        client = self.client()
        callers = [socket.socket(socket.AF_UNIX) for _ in range(20)]
        for caller in callers:
            self.addCleanup(caller.close)
            caller.connect(str(self.store.path / ".postern" / "socket"))
        before = os.times().elapsed
        client.run("NOOP")
        self.client().close()
        self.assertLess(os.times().elapsed - before, 10)
        client.close()

    def test_what_is_no_socket_is_not_listened_at(self):
        """A file, a directory, a link to a file, a pipe that lie where a socket is wanted: refused, and they stay. A socket that nobody serves any more is in nobody's way."""
        places = {name: self.store.directory / name for name in ("notes", "folder", "link", "pipe", "socket")}
        places["notes"].write_text("important")
        places["folder"].mkdir()
        places["link"].symlink_to(places["notes"])
        os.mkfifo(places["pipe"])
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(places["socket"]))
        for name in ("notes", "folder", "link", "pipe"):
            with self.subTest(name=name):
                before = os.lstat(places[name])
                run = subprocess.run([support.IMAPD, "--store", self.store.path, "--no-sync", "--listen", f"unix:{places[name]}"], env=self.store.environment,
                                     capture_output=True, text=True, timeout=30)
                self.assertNotEqual(run.returncode, 0)
                self.assertIn(str(places[name]), run.stderr)
                self.assertEqual((os.lstat(places[name]).st_ino, os.lstat(places[name]).st_mode), (before.st_ino, before.st_mode))
        self.assertEqual(places["notes"].read_text(), "important")
        self.serve([support.IMAPD, "--store", self.store.path, "--no-sync", "--listen", f"unix:{places['socket']}"])

        def answers():
            with socket.socket(socket.AF_UNIX) as caller:
                return caller.connect_ex(str(places["socket"])) == 0

        support.wait_until(answers, what="imapd listens")

    def test_files_that_must_not_grow_are_refused(self):
        limit = (100_000, 100_000)
        address = self.store.directory / "imap"
        self.serve([support.IMAPD, "--store", self.store.path, "--listen", f"unix:{address}", "--no-sync"],
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
        support.wait_until(address.exists, what="imapd listens")
        client = self.client()
        status, _ = client.command(b"APPEND INBOX " + string(support.message(1, size=200_000)))
        self.assertTrue(status.startswith(b"NO"), status)
        client.run(b"APPEND INBOX " + string(support.message(2)))
        client.close()

    def test_sessions_that_do_not_end_in_time_end_with_the_owner(self):
        owner = self.serve([support.IMAPD, "--store", self.store.path, "--no-sync"])
        support.wait_until((self.store.path / ".postern" / "socket").exists, what="imapd serves")
        client = self.client()
        for number in range(10):
            client.run(b"APPEND INBOX " + string(support.message(number, size=200_000)))
        client.run("SELECT INBOX")
        client.send("FETCH 1:* BODY.PEEK[]")  # more than a pipe holds, and nobody reads
        client.writer.flush()
        client.reader.read(1)
        owner.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        owner.send_signal(signal.SIGSTOP)
        time.sleep(1.5)  # all that it waits for is over when it goes on
        owner.send_signal(signal.SIGCONT)
        self.assertEqual(owner.wait(30), 0)
        client.close()

    def test_what_is_no_file_any_more_is_said_and_the_session_goes_on(self):
        client = self.client()
        for number in range(3):
            client.run(b"APPEND INBOX (\\Seen) " + string(support.message(number)))
        client.run("SELECT INBOX")
        file = next((self.store.path / "INBOX" / "cur").glob("*,U=2:*"))
        os.mkfifo(self.store.path / "INBOX" / "tmp" / "pipe")
        os.rename(self.store.path / "INBOX" / "tmp" / "pipe", file)
        status, fetched = client.command("UID FETCH 1:* (BODY.PEEK[])")
        self.assertTrue(status.startswith(b"NO [NOPERM]"), status)
        self.assertEqual(sum(b"This is message" in response for response in fetched), 2)
        client.run("NOOP")
        client.close()

    def test_socket_activation(self):
        address, notify = self.store.directory / "imap", self.store.directory / "notify"
        with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            listener.bind(str(address))
            listener.listen()
            manager.bind(str(notify))
            manager.settimeout(30)
            command = f"exec env LISTEN_PID=$$ LISTEN_FDS=1 {support.IMAPD} --no-sync --store {self.store.path}"
            owner = self.serve(["/bin/sh", "-c", command], environment={"NOTIFY_SOCKET": str(notify)}, pass_fds=(3,),
                               preexec_fn=lambda: os.dup2(listener.fileno(), 3))
            self.assertEqual(manager.recv(100), b"READY=1")
            flags = next(line for line in pathlib.Path(f"/proc/{owner.pid}/fdinfo/3").read_text().splitlines() if line.startswith("flags"))
            self.assertTrue(int(flags.split()[1], 8) & os.O_CLOEXEC, flags)
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(address))
                self.assertTrue(client.recv(1000).startswith(b"* PREAUTH"))
            owner.terminate()
            self.assertEqual(manager.recv(100), b"STOPPING=1")
            self.assertEqual(owner.wait(30), 0)


if __name__ == "__main__":
    unittest.main()
