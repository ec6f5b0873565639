# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""A store and its remote side as version 0.1 left them (tests/store/fixture) open with everything they held, and nothing is copied again."""

import pathlib
import subprocess
import unittest

import support
from sync_case import Pass

FIXTURE = pathlib.Path(__file__).resolve().parents[1] / "store" / "fixture" / "store-0.1.tar.gz"
MANY = [f"word{i}" for i in range(30)]
LOCAL = {
    "INBOX": (1795688232, 14, {1: [], 2: ["\\Seen"], 4: ["\\Answered", "$Label1"], 5: MANY, 6: ["\\Seen"], 7: ["\\Flagged", "urgent"],
                               8: ["\\Answered", "$Label1"], **{uid: ["\\Seen"] for uid in range(9, 14)}}),
    "lists/caf&AOk-": (1795688233, 5, {uid: [f"kw{19 + uid}"] for uid in range(1, 5)}),
    "away": (1795688234, 2, {1: []}),
}


class OlderStore(unittest.TestCase):
    def setUp(self):
        self.store, self.remote = support.Store(), support.Store()
        for store, name in ((self.store, "local"), (self.remote, "remote")):
            self.addCleanup(store.close)
            subprocess.run(["tar", "-xzf", FIXTURE, "-C", store.directory, name], check=True)
            store.path = store.directory / name

    def mailbox(self, connection, name):
        """UIDVALIDITY, UIDNEXT, flags by UID; of the text of each message only that it is there."""
        answer = connection.status(name, "(UIDVALIDITY UIDNEXT)")[1][0].decode().replace("(", "").replace(")", "").split()
        self.assertEqual(connection.select(name, readonly=True)[0], "OK")
        flags = {}
        for item in connection.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]:
            if isinstance(item, tuple):
                line, text = item[0].decode(), item[1].decode()
                self.assertIn("Subject: Letter ", text)
                words = line[line.index("FLAGS (") + 7:].split(")")[0].split()
                flags[int(line.split("UID ")[1].split()[0].rstrip(")"))] = sorted(word for word in words if word != "\\Recent")
        return int(answer[answer.index("UIDVALIDITY") + 1]), int(answer[answer.index("UIDNEXT") + 1]), flags

    def check_local(self):
        connection = self.store.connect()
        for name, (uid_validity, uid_next, flags) in LOCAL.items():
            got = self.mailbox(connection, name)
            self.assertEqual(got[0], uid_validity, name)
            self.assertGreaterEqual(got[1], uid_next, name)
            self.assertEqual(got[2], {uid: sorted(words) for uid, words in flags.items()}, name)
        self.assertIn(b"lists/caf&AOk-", connection.lsub('""', "*")[1][0])
        connection.logout()

    def sync(self):
        config = self.store.directory / "sync.conf"
        config.write_text(f"database = fixture\n[local]\npath = {self.store.path}\n[remote]\ntype = tunnel\ncommand = {self.remote.tunnel_command()}\n")
        config.chmod(0o600)
        return Pass(subprocess.run([support.POSTERN, "--config", config, "sync"], env=self.store.environment, stdin=subprocess.DEVNULL,
                                   capture_output=True, text=True, timeout=60))

    def test_mail_is_as_it_was(self):
        self.check_local()

    def test_mail_is_as_it_was_without_the_index(self):
        subprocess.run(["rm", "-r", self.store.path / ".postern" / "index"], check=True)
        self.check_local()

    def test_nothing_is_copied_again(self):
        done = self.sync()
        self.assertEqual((done.code, done.err), (0, ""), done)
        for what in ("fetched", "sent", "expunged here", "expunged there"):
            self.assertEqual(done.count(what), 0, done)
        self.check_local()
        connection = self.store.connect()
        connection.select("INBOX")
        connection.uid("STORE", "7", "-FLAGS", "(urgent)")
        connection.logout()
        self.assertEqual(self.sync().code, 0)
        connection = self.remote.connect()
        self.assertEqual(self.mailbox(connection, "INBOX")[2][11], ["\\Flagged"])  # UID 7 here is UID 11 there
        connection.logout()


if __name__ == "__main__":
    unittest.main()
