# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""The peers' own synchronisers with `imapd --stdio` as their local server and a real Dovecot as the remote: InterIMAP and mbsync."""

import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import unittest

import support

INTERIMAP = """
database = {directory}/interimap.db
list-mailbox = "*"

[local]
type = tunnel
command = {tunnel}
null-stderr = NO

[remote]
type = imap
host = 127.0.0.1
port = {port}
STARTTLS = NO
username = user
password = pass
compress = {compress}
"""

MBSYNC = """
IMAPAccount remote
Host 127.0.0.1
Port {port}
User user
Pass pass
SSLType None
AuthMechs LOGIN

IMAPStore remote
Account remote

IMAPAccount local
Tunnel "{tunnel}"

IMAPStore local
Account local

Channel all
Far :remote:
Near :local:
Patterns *
Create Both
Expunge Both
CopyArrivalDate yes
SyncState {directory}/state/
"""


class PeerCase:
    maxDiff = None

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="peer-"))
        self.addCleanup(shutil.rmtree, self.directory, True)
        self.dovecot = support.Dovecot()
        self.addCleanup(self.dovecot.close)
        self.make_local()
        self.random = random.Random(4711)

    def make_local(self):
        self.store = support.Store()
        self.addCleanup(self.store.close)
        self.tunnel = self.store.tunnel_command()
        self.connect = self.store.connect

    def run_peer(self, *command):
        run = subprocess.run(command, capture_output=True, text=True, timeout=300,
                             env={**os.environ, "HOME": str(self.directory), "XDG_DATA_HOME": str(self.directory), "XDG_CONFIG_HOME": str(self.directory)})
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return run.stdout + run.stderr

    def fill(self, connection, first, count, mailbox="INBOX"):
        for number in range(first, first + count):
            flags = self.random.choice([None, "(\\Seen)", "(\\Flagged keyword)", "(\\Answered \\Seen)"])
            connection.append(mailbox, flags, support.imaplib.Time2Internaldate(1_400_000_000 + 4321 * number),
                              support.message(number, size=self.random.choice([0, 0, 3000, 70_000])))

    def both(self):
        local, remote = self.connect(), self.dovecot.connect()
        answer = support.contents(local), support.contents(remote)
        local.logout()
        remote.logout()
        return answer

    def change_both_sides(self):
        remote = self.dovecot.connect()
        self.fill(remote, 2000, 20)
        remote.select("INBOX")
        remote.store("1:5", "+FLAGS", "(\\Flagged)")
        remote.store("6:8", "+FLAGS", "(\\Deleted)")
        remote.expunge()
        remote.create("from-remote")
        self.fill(remote, 2100, 3, "from-remote")
        remote.logout()
        local = self.connect()
        self.fill(local, 3000, 20)
        local.select("INBOX")
        local.store("20:25", "+FLAGS", "(\\Seen other)")
        local.store("30:33", "-FLAGS", "(keyword)")
        local.store("40:42", "+FLAGS", "(\\Deleted)")
        local.expunge()
        local.create("from-local")
        self.fill(local, 3100, 3, "from-local")
        local.logout()

    def check_life(self):
        remote = self.dovecot.connect()
        self.fill(remote, 1, 150)
        for name in ('"with space"', "a/b/c", "&ZeVnLIqe-", "empty"):
            remote.create(name)
            remote.subscribe(name)
        self.fill(remote, 1000, 10, '"with space"')
        self.fill(remote, 1100, 10, "a/b/c")
        self.fill(remote, 1200, 10, "&ZeVnLIqe-")
        remote.logout()
        self.synchronise()
        local, far = self.both()
        self.assertEqual(support.differences(self.relevant(local), self.relevant(far)), "")
        self.assertGreater(len(far), 180)
        self.synchronise()
        again = self.both()
        self.assertEqual(support.differences(local, again[0]) + support.differences(far, again[1]), "")
        self.change_both_sides()
        self.synchronise()
        self.synchronise()
        local, far = self.both()
        self.assertEqual(support.differences(self.relevant(local), self.relevant(far)), "")
        # 180 at first, 46 appended, 3 expunged on each side.
        self.assertEqual(sum(1 for m in far if m[3]), 180 + 46 - 6)


@unittest.skipUnless(shutil.which("interimap"), "interimap is not installed")
class InterImap(PeerCase, unittest.TestCase):
    def synchronise(self):
        configuration = self.directory / "interimap.conf"
        configuration.write_text(INTERIMAP.format(directory=self.directory, tunnel=self.tunnel, port=self.dovecot.port, compress=self.compress))
        configuration.chmod(0o600)
        return self.run_peer("interimap", f"--config={configuration}")

    def relevant(self, found):
        return found

    def test_life(self):
        self.compress = "NO"
        self.check_life()

    def test_life_with_compress(self):
        self.compress = "YES"
        self.check_life()


@unittest.skipUnless(shutil.which("mbsync"), "mbsync is not installed")
class Mbsync(PeerCase, unittest.TestCase):
    def synchronise(self):
        configuration = self.directory / "mbsyncrc"
        (self.directory / "state").mkdir(exist_ok=True)
        configuration.write_text(MBSYNC.format(directory=self.directory, tunnel=self.tunnel.replace('"', '\\"'), port=self.dovecot.port))
        return self.run_peer("mbsync", "-c", str(configuration), "all")

    def relevant(self, found):
        # mbsync 1.4 loses keywords and adds a header field of its own to what it copies.
        system = {"\\seen", "\\flagged", "\\answered", "\\draft", "\\deleted"}
        return sorted((m[0], " ".join(f for f in m[1].split() if f in system), m[2], re.sub(rb"X-TUID: [^\r]*\r\n", b"", m[3])) for m in found)

    def test_life(self):
        self.check_life()


if __name__ == "__main__":
    unittest.main()
