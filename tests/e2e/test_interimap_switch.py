# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""The switch from InterIMAP: what its database knows is taken over, and nothing is copied."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import unittest

import support
import sync_case
from sync_case import ids


@unittest.skipUnless(shutil.which("interimap"), "interimap is not installed")
class TakeOver(sync_case.SyncCase):
    same_mail = False

    def setUp(self):
        super().setUp()
        self.start_dovecot()
        self.data = self.store.directory / ".local" / "share"
        self.data.mkdir(parents=True)
        self.database = self.data / "interimap" / "127.0.0.1.db"
        there = self.dovecot.connect()
        self.fill(there, "INBOX", range(30), flags="(\\Seen)")
        there.create("lists/one")
        there.subscribe("lists/one")
        self.fill(there, "lists/one", range(100, 105))
        there.logout()
        self.run_interimap()
        self.configure(top="missing-wait = 0\nfuse = NO")

    def run_interimap(self):
        file = self.store.directory / "interimap.conf"
        file.write_text(f"[local]\ntype = tunnel\ncommand = {self.store.tunnel_command()}\n[remote]\n" + f"type = imap\nhost = 127.0.0.1\nport = {self.dovecot.port}\nSTARTTLS = NO\nusername = user\npassword = pass\n")
        environment = {**self.store.environment, "XDG_DATA_HOME": str(self.data)}
        done = subprocess.run(["interimap", f"--config={file}"], env=environment, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)

    @contextlib.contextmanager
    def opened(self):
        connection = sqlite3.connect(self.database)
        try:
            yield connection
            connection.commit()
        finally:
            connection.close()

    def change(self, side, *steps):
        connection = side.connect()
        connection.select("INBOX")
        for uid, what, flags in steps:
            connection.uid("STORE", str(uid), what, flags)
        connection.expunge()
        connection.logout()

    def assert_untouched(self, done, code, said):
        self.assertEqual(done.code, code, done)
        self.assertIn(said, done.err)
        self.assertIn("nothing was touched", done.err)
        self.assertEqual((len(ids(self.store)), len(ids(self.dovecot))), (30, 30))

    def test_nothing_is_copied_and_what_has_changed_since_is_carried_over(self):
        before = self.database.read_bytes()
        self.change(self.dovecot, (2, "+FLAGS", "(\\Deleted)"), (3, "+FLAGS", "(\\Deleted)"), (4, "-FLAGS", "(\\Seen)"), (5, "+FLAGS", "(\\Flagged)"))
        self.change(self.store, (7, "+FLAGS", "(\\Deleted)"), (8, "-FLAGS", "(\\Seen)"), (5, "+FLAGS", "(\\Answered)"))
        plan = self.postern("plan")
        self.assertEqual(plan.code, 0, plan)
        self.assertNotIn("copy", plan.out)
        done = self.sync()
        self.assertIn("taken over from InterIMAP's database", done.out)
        self.assertIn("2 mailboxes, 35 messages", done.out)
        self.assertEqual((done.count("fetched"), done.count("sent"), done.count("expunged here"), done.count("expunged there")), (0, 0, 2, 1), done)
        flags = {message[3]: message[1] for message in self.assert_same() if message[0] == "INBOX"}
        self.assertEqual(len([one for one in flags.values() if "\\seen" not in one]), 2)
        self.assertEqual([one for one in flags.values() if "\\answered" in one], ["\\answered \\flagged \\seen"])
        self.assertEqual(self.database.read_bytes(), before)
        self.assert_nothing_to_do()

    def test_it_is_read_once(self):
        self.sync()
        self.database.write_bytes(b"no database any more")
        self.assert_nothing_to_do()

    def test_what_is_wrong_with_it_is_said(self):
        with self.opened() as database:
            database.execute("BEGIN EXCLUSIVE")
            self.assert_untouched(self.postern("sync"), sync_case.EX_TEMPFAIL, f"in use by process {os.getpid()}")
        whole = self.database.read_bytes()
        self.database.write_bytes(whole[:5000])
        self.assert_untouched(self.postern("sync"), 65, "is damaged")
        self.database.write_bytes(whole)
        with self.opened() as database:
            database.execute("PRAGMA user_version = 7")
        self.assert_untouched(self.postern("sync"), 65, "by a newer InterIMAP (version 7")
        for wrong in ("UIDVALIDITY = UIDVALIDITY + 1", "UIDNEXT = UIDNEXT + 1000"):
            self.database.write_bytes(whole)
            with self.opened() as database:
                database.execute(f"UPDATE remote SET {wrong}")
            self.assert_untouched(self.postern("sync"), sync_case.EX_CONFIG, "is about another account")
        self.assertEqual(self.postern("plan").code, sync_case.EX_CONFIG)
        # Without it messages are paired by what they say.
        self.database.unlink()
        done = self.sync()
        self.assertEqual((done.count("fetched"), done.count("sent")), (0, 0), done)
        self.assert_same()

    def test_the_same_uidvalidity_is_not_enough(self):
        with self.opened() as database:
            inbox = database.execute("SELECT idx FROM mailboxes WHERE mailbox = CAST('INBOX' AS BLOB)").fetchone()
            for update in ("rUID + 1000", "1031 - rUID"):  # the other way round
                database.execute(f"UPDATE mapping SET rUID = {update} WHERE idx = ?", inbox)
        done = self.sync()
        self.assertIn("knows other mail under these names (INBOX)", done.out)
        self.assertIn("1 mailbox, 5 messages", done.out)
        self.assertEqual((done.count("fetched"), done.count("sent")), (0, 0), done)
        self.assert_same()

    def test_two_pairs_that_are_exchanged_remove_no_other_message(self):
        """One pair that is wrong, and the whole mailbox is paired by what messages say."""
        with self.opened() as database:
            inbox = database.execute("SELECT idx FROM mailboxes WHERE mailbox = CAST('INBOX' AS BLOB)").fetchone()[0]
            database.execute("UPDATE mapping SET rUID = CASE lUID WHEN 3 THEN 1014 WHEN 14 THEN 1003 END WHERE idx = ? AND lUID IN (3, 14)", (inbox,))
            database.execute("UPDATE mapping SET rUID = rUID - 1000 WHERE idx = ? AND rUID > 1000", (inbox,))
        self.assertIn("knows other mail under these names (INBOX)", self.sync().out)
        self.change(self.store, (3, "+FLAGS", "(\\Deleted)"))
        self.assertEqual(self.sync().count("expunged there"), 1)
        self.assertNotIn(b"3", ids(self.dovecot))
        self.assert_same()


if __name__ == "__main__":
    unittest.main()
