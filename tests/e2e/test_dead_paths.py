# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Paths that die without a word: a router that has forgotten the connection, a server that was stopped. Nothing waits for the next interval."""

import os
import shutil
import subprocess
import sys
import time
import unittest

import support
import sync_case


OWN_NETWORK = "POSTERN_TEST_OWN_NETWORK"  # set: this process has a network namespace of its own


class Watched(unittest.TestCase):
    """A store whose owner watches a Dovecot behind a relay; between passes are ten minutes."""

    address = "127.0.0.1"

    def setUp(self):
        support.need("dovecot")
        self.dovecot = support.Dovecot(fsync=False)
        self.addCleanup(self.dovecot.close)
        self.proxy = sync_case.Proxy(self.dovecot.port, self.address)
        self.addCleanup(self.proxy.close)
        self.store = support.Store()
        self.addCleanup(self.store.close)
        config = self.store.directory / "config" / "postern" / "config"
        config.parent.mkdir(parents=True)
        config.write_text(f"interval = 600\n[local]\npath = {self.store.path}\n[remote]\ntype = imap\nSTARTTLS = NO\nhost = {self.address}\n"
                          f"port = {self.proxy.port}\nusername = user\npassword = pass\ncompress = NO\n")
        config.chmod(0o600)
        self.far = self.dovecot.connect()
        self.far.append("INBOX", None, None, support.message(0))
        environment = " ".join(f"{name}={self.store.environment[name]}" for name in ("HOME", "XDG_CONFIG_HOME"))
        self.near = support.Tunnel(f"env {environment} {support.IMAPD} --stdio")
        self.addCleanup(self.near.kill)
        support.wait_until(lambda: self.count(self.near) == 1 and self.watches() == 1, what="the server is watched")

    def count(self, connection):
        return int(connection.select("INBOX")[1][0])

    def watches(self):
        return bytes(self.proxy.relayed[self.proxy.UP]).count(b"IDLE\r\n")


class DeadPaths(Watched):
    def test_a_change_here_finds_another_way(self):
        """The connections have rested for longer than anybody trusts them."""
        time.sleep(6)
        self.proxy.swallow()
        start = time.monotonic()
        self.near.append("INBOX", None, None, support.message(1))
        support.wait_until(lambda: self.count(self.dovecot.connect()) == 2, seconds=30, what="the message is there")
        self.assertGreater(time.monotonic() - start, 5)  # by another connection

    def test_a_change_there_is_heard_though_idle_hears_nothing(self):
        self.proxy.swallow()
        self.far.append("INBOX", None, None, support.message(1))
        support.wait_until(lambda: self.count(self.near) == 2, seconds=60, what="the message is here")

    def test_idle_that_breaks_twice_is_begun_again(self):
        for n in (2, 3):
            self.proxy.cut_after(self.proxy.DOWN, 1)
            self.far.append("INBOX", None, None, support.message(n))
            support.wait_until(lambda: self.watches() == n, seconds=20, what="the server is watched again")
        self.far.append("INBOX", None, None, support.message(4))
        support.wait_until(lambda: self.count(self.near) == 4, seconds=20, what="what came is here")

    def test_the_network_goes_and_comes_back(self):
        made = subprocess.run(["unshare", "-n", "true"], capture_output=True)
        if made.returncode != 0 or not shutil.which("ip"):
            self.skipTest("network namespaces are for root, and need iproute2")
        inner = subprocess.run(["unshare", "-n", sys.executable, __file__, "OwnNetwork"], env=os.environ | {OWN_NETWORK: "1"}, capture_output=True, text=True)
        self.assertEqual(inner.returncode, 0, inner.stderr)


if OWN_NETWORK in os.environ:
    class OwnNetwork(Watched):
        address = "10.9.9.1"

        def setUp(self):
            self.ip("link", "set", "lo", "up")
            self.ip("address", "add", self.address + "/32", "dev", "lo")
            super().setUp()

        def ip(self, *words):
            subprocess.run(["ip", *words], check=True)

        def test_what_waits_goes_at_once(self):
            self.ip("address", "del", self.address + "/32", "dev", "lo")
            time.sleep(5)
            self.near.append("INBOX", None, None, support.message(1))
            time.sleep(40)  # the pauses between tries have grown to 20 seconds and more
            self.assertEqual(self.count(self.dovecot.connect()), 1)
            self.ip("address", "add", self.address + "/32", "dev", "lo")
            start = time.monotonic()
            support.wait_until(lambda: self.count(self.dovecot.connect()) == 2, seconds=30, what="the message is there")
            print(f"flows again after {time.monotonic() - start:.2f} s", file=sys.stderr)
            self.assertLess(time.monotonic() - start, 5)
            self.assertEqual(self.near.noop()[0], "OK")


if __name__ == "__main__":
    unittest.main()
