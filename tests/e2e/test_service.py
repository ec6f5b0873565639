# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""imapd --wait, as postern.service runs it: beside an owner that a client started, and after it."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import time
import unittest

import support


class Service(unittest.TestCase):
    def setUp(self):
        self.store = support.Store()
        self.addCleanup(self.store.close)
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.bind(str(self.store.directory / "notify"))
        self.manager.settimeout(30)

    def start(self, *arguments):
        environment = {**self.store.environment, "NOTIFY_SOCKET": str(self.store.directory / "notify")}
        process = subprocess.Popen([support.IMAPD, "--no-sync", "--store", str(self.store.path), *arguments], env=environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(support.stop, process)
        return process

    def told(self):
        return self.manager.recv(500).decode().split("\n")

    def test_a_service_serves_at_once_where_nobody_does(self):
        service = self.start("--wait")
        self.assertEqual(self.told(), ["READY=1"])
        self.store.connect().logout()
        self.assertIsNone(self.store.owner())
        service.terminate()
        self.assertEqual(service.wait(30), 0)

    def test_a_service_waits_for_the_owner_of_a_client_and_then_serves(self):
        client = self.store.connect()
        client.append("INBOX", None, None, support.message(1))
        owner = self.store.owner()
        service = self.start("--wait")
        ready, status = self.told()
        self.assertEqual(ready, "READY=1")
        self.assertIn(f"in use by process {owner}", status)
        self.assertEqual(client.noop()[0], "OK")
        self.assertEqual(self.store.owner(), owner)
        client.logout()
        self.store.stop_owner()
        self.assertEqual(self.told(), ["STATUS=Serving"])
        self.assertEqual(self.told(), ["READY=1"])
        client = self.store.connect()
        self.assertEqual(client.select("INBOX")[1], [b"1"])
        self.assertIsNone(self.store.owner())  # the service is it
        client.logout()
        service.terminate()
        self.assertEqual(service.wait(30), 0)

    def test_a_service_that_waits_costs_nothing_and_ends_when_told(self):
        client = self.store.connect()
        service = self.start("--wait")
        self.told()
        ticks = lambda: sum(int(n) for n in pathlib.Path(f"/proc/{service.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13])
        before = ticks()
        time.sleep(1)
        self.assertLessEqual(ticks() - before, 1)
        service.terminate()
        self.assertEqual(service.wait(30), -signal.SIGTERM)  # which systemd takes for a clean end
        self.assertEqual(client.noop()[0], "OK")
        client.logout()

    def test_two_services_one_after_the_other(self):
        first = self.start("--wait")
        self.assertEqual(self.told(), ["READY=1"])
        second = self.start("--wait")
        self.assertIn(f"in use by process {first.pid}", self.told()[1])
        first.kill()  # not even a word
        first.wait()
        self.assertEqual(self.told(), ["STATUS=Serving"])
        self.assertEqual(self.told(), ["READY=1"])
        self.store.connect().logout()
        self.assertIsNone(second.poll())

    def test_without_wait_the_store_in_use_is_said(self):
        client = self.store.connect()
        service = self.start()
        self.assertEqual(service.wait(30), os.EX_TEMPFAIL)
        self.assertIn(b"is in use by process", service.stderr.read())
        client.logout()

    def test_wait_is_for_owners_alone(self):
        run = subprocess.run([support.IMAPD, "--stdio", "--wait"], capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL,
                             env=self.store.environment)
        self.assertEqual(run.returncode, os.EX_USAGE)
        self.assertIn("--stdio and --wait do not go together", run.stderr)

    def test_what_else_is_in_use_does_not_turn_in_circles(self):
        taken = socket.socket()
        self.addCleanup(taken.close)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        passwords = self.store.directory / "passwords"
        passwords.write_text("me:secret\n")
        passwords.chmod(0o600)
        service = self.start("--wait", "--listen", f"tcp:127.0.0.1:{taken.getsockname()[1]}", "--password-file", str(passwords))
        with contextlib.suppress(subprocess.TimeoutExpired):
            service.wait(30)
        self.assertEqual(service.returncode, os.EX_TEMPFAIL)


if __name__ == "__main__":
    unittest.main()
