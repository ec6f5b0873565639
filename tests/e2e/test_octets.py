# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Octets on the wire, beside the real interimap: a pass that finds nothing to do, and one that finds new messages."""

import os
import subprocess
import unittest

import support
import sync_case

REMOTE = "type = imap\nhost = 127.0.0.1\nport = {port}\nSTARTTLS = NO\nusername = user\npassword = pass\ncompress = YES\n"


class Counting(sync_case.Proxy):
    """Counts turns too: how often the client speaks after the server has spoken."""

    turns, speaker = 0, None

    def rewrite(self, direction, octets):
        if octets and direction == self.UP and self.speaker != self.UP:
            self.turns += 1
        if octets:
            self.speaker = direction
        return octets

    def forget(self):
        super().forget()
        self.turns, self.speaker = 0, None

    def octets(self):
        return sum(map(len, self.relayed))


class BesideInterImap(unittest.TestCase):
    def setUp(self):
        support.need("dovecot", "interimap")
        self.dovecot = support.Dovecot(fsync=False)
        self.addCleanup(self.dovecot.close)
        self.far = self.dovecot.connect()
        self.addCleanup(self.far.logout)
        self.peers = [self.postern(), self.interimap()]

    def proxy(self):
        out = Counting(self.dovecot.port)
        self.addCleanup(out.close)
        return out

    def postern(self):
        store = support.Store()
        self.addCleanup(store.close)
        proxy = self.proxy()
        config = store.directory / "sync.conf"
        config.write_text(f"[local]\npath = {store.path}\n[remote]\n{REMOTE.format(port=proxy.port)}")
        config.chmod(0o600)
        return proxy, [support.POSTERN, "--config", config, "sync"], store.environment, store.connect

    def interimap(self):
        near = support.Dovecot(fsync=False)
        self.addCleanup(near.close)
        proxy = self.proxy()
        directory = near.directory / "interimap"
        directory.mkdir()
        config = directory / "config"
        config.write_text(f"database = {directory}/db\n[local]\ntype = imap\nhost = 127.0.0.1\nport = {near.port}\nSTARTTLS = NO\nusername = user\n"
                          f"password = pass\n[remote]\n{REMOTE.format(port=proxy.port)}")
        config.chmod(0o600)
        environment = {**os.environ, "HOME": str(directory), "XDG_DATA_HOME": str(directory), "XDG_CONFIG_HOME": str(directory)}
        return proxy, ["interimap", "--quiet", f"--config={config}"], environment, near.connect

    def measure(self):
        """[(octets, turns)] of a pass of each, ours first."""
        out = []
        for proxy, command, environment, _ in self.peers:
            proxy.forget()
            done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            out.append((proxy.octets(), proxy.turns))
        return out

    def make(self, mailboxes, messages=lambda box: 3):
        for box, name in enumerate(["INBOX", *(f"lists/box{n}" for n in range(1, mailboxes))]):
            self.far.create(name)
            self.far.subscribe(name)
            for n in range(messages(box)):
                self.far.append(name, r"(\Seen)" if n % 3 else None, None, support.message(n))
        for _ in range(3):  # what is learnt at first counts for no one
            self.measure()

    def check_nothing_to_do(self, mailboxes, *messages):
        self.make(mailboxes, *messages)
        ours, theirs = zip(*(self.measure() for _ in range(3)))
        said = f"ours {ours}, interimap's {theirs}"
        self.assertLessEqual(min(ours)[0], min(theirs)[0], said)
        self.assertLessEqual(max(turns for _, turns in ours), 3, said)

    def check_new_messages(self, count):
        """What is new is listed before it is fetched, and each text comes with its size: a fifth more than InterIMAP's."""
        self.make(13)
        for n in range(count):
            self.far.append("INBOX", None, None, support.message(1000 + n))
        ours, theirs = self.measure()
        for _, _, _, connect in self.peers:
            near = connect()
            self.assertEqual(int(near.select("INBOX")[1][0]), 3 + count)
            near.logout()
        said = f"ours {ours}, interimap's {theirs}"
        self.assertLessEqual(ours[0], theirs[0] * 1.2, said)
        self.assertLessEqual(ours[1], 6, said)

    def test_one_new_message(self):
        self.check_new_messages(1)

    def test_100_new_messages(self):
        self.check_new_messages(100)

    def test_nothing_to_do_in_13_mailboxes_of_different_sizes(self):
        self.check_nothing_to_do(13, lambda box: box * 7 % 31 + 1)

    def test_nothing_to_do_in_13_mailboxes(self):
        self.check_nothing_to_do(13)

    def test_nothing_to_do_in_40_mailboxes(self):
        self.check_nothing_to_do(40)


if __name__ == "__main__":
    unittest.main()
