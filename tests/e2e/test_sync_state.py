# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Whose state it is, and what verify says of mailboxes that are on one side only, or are not synchronised at all."""

import shutil
import unittest

import support
from sync_case import EX_CONFIG, SyncCase


class State(SyncCase):
    same_mail = False

    def remote(self, **more):
        return {"type": "imap", "STARTTLS": "NO", "host": "127.0.0.1", "port": self.dovecot.port, "username": "user", "password": "pass", **more}

    def test_state_of_another_account_is_not_used(self):
        self.start_dovecot()
        connection = self.dovecot.connect()
        for number in range(5):
            connection.append("INBOX", None, None, support.message(number))
        connection.logout()
        self.assertEqual(self.sync().count("fetched"), 5)
        before = self.contents_of(self.store)
        others = [{"username": "another"}, {"host": "localhost"}, {"port": support.free_port()}]
        for other in others:
            if "host" not in other:
                self.configure(self.remote(**other))
            else:
                self.configure(self.remote(**other), top="database = 127.0.0.1.db")
            done = self.postern("sync")
            self.assertEqual(done.code, EX_CONFIG, done)
            self.assertIn("is that of another account (user at 127.0.0.1 port", done.err)
            self.assertIn("database = NAME", done.err)
            self.assertIn(f"identity = user at 127.0.0.1 port {self.dovecot.port}`", done.err)
            self.assertEqual(self.postern("verify").code, EX_CONFIG)
            self.assertEqual(self.contents_of(self.store), before)
        # The ways on that it names.
        self.configure(self.remote(host="localhost"), top=f"database = 127.0.0.1.db\nidentity = user at 127.0.0.1 port {self.dovecot.port}")
        self.assertEqual(self.sync().count("fetched"), 0)
        self.configure(self.remote(host="localhost"), top="database = again")
        done = self.sync()
        self.assertEqual((done.count("fetched"), done.count("sent")), (0, 0), done)
        self.configure()
        self.assertEqual(self.sync().count("fetched"), 0)

    def test_an_older_index_is_put_back(self):
        """A backup of the index, of all of .postern (nothing there tells that it is old), and a log that is damaged after a kill."""
        self.start_dovecot()
        far = self.dovecot.connect()
        self.fill(far, "INBOX", range(10))
        far.create("work")
        self.fill(far, "work", range(20, 25))
        self.sync()
        for kind in range(4):
            with self.subTest(kind=kind):
                self.store.stop_owner()
                what = self.store.path / ".postern" / ("" if kind == 1 else "index")
                backup = self.store.directory / f"backup-{kind}"
                shutil.copytree(what, backup)
                first = 100 * (kind + 1)
                self.fill(far, "INBOX", range(first, first + 10))
                near = self.store.connect()
                self.fill(near, "INBOX", range(first + 20, first + 30), flags="(\\Seen)")
                self.fill(near, "work", range(first + 40, first + 45))
                near.select("INBOX")
                near.store("1", "+FLAGS", "\\Deleted")
                near.expunge()
                near.logout()
                self.assertEqual(self.sync().count("fetched"), 10)
                wanted = self.assert_same()
                self.store.stop_owner(kill=kind == 3)
                if kind < 2:
                    shutil.rmtree(what)
                    shutil.copytree(backup, what)
                else:
                    for log in what.glob("*.log"):
                        octets = log.read_bytes()
                        log.write_bytes(octets[:len(octets) // 2] + b"Z" * 40 + octets[len(octets) // 2 + 40:])
                done = self.sync()
                self.assertEqual(done.count("fetched") + done.count("sent") + done.count("expunged here") + done.count("expunged there"), 0, done)
                self.assertEqual(support.differences(self.assert_same(), wanted), "")
                self.assert_nothing_to_do()

    def test_a_mailbox_that_cannot_be_opened_is_no_deleted_one(self):
        self.start_dovecot()
        connection = self.dovecot.connect()
        connection.create("work")
        connection.create("other")
        for number in range(5):
            connection.append("work", None, None, support.message(number))
        self.sync()
        file = self.store.path / "work" / "postern-mailbox"
        for damage in (b"", b"\0" * 100, b"postern-mailbox 1\n"):
            self.store.stop_owner()
            file.write_bytes(damage)
            self.assertIn("nothing to do", self.sync().out)  # the index knows it
            self.assertEqual(self.postern("verify").code, 0)
        self.store.stop_owner()
        support.shutil.rmtree(self.store.path / ".postern" / "index")
        file.write_bytes(b"")
        connection.append("other", None, None, support.message(9))
        for _ in range(2):
            done = self.postern("sync")
            self.assertEqual(done.code, 1, done)
            self.assertIn("work: the mailbox is damaged", done.err)
            for wrong in ("deleted", "delete", "remove", "no longer"):
                self.assertNotIn(wrong, done.err)
        self.assertEqual(sum(1 for part in ("cur", "new") for _ in (self.store.path / "other" / part).iterdir()), 1, "the others are kept in sync")
        done = self.postern("verify")
        self.assertEqual(done.code, 1, done)
        self.assertIn("work: the mailbox is damaged", done.out)
        self.assertEqual(len(self.messages(self.dovecot, "work")), 5)
        self.assertEqual(sum(1 for part in ("cur", "new") for _ in (file.parent / part).iterdir()), 5)
        self.store.stop_owner()
        file.rename(self.store.directory / "aside")  # as it advises: the messages are found again
        self.sync()
        self.assertEqual(len(self.messages(self.store, "work")), 5)
        self.assertEqual(len(self.messages(self.dovecot, "work")), 5)
        connection.logout()

    def test_verify_tells_of_mailboxes_that_are_missing(self):
        self.start_dovecot()
        connection = self.dovecot.connect()
        for name in ("gone-there", "gone-here", "gone", "stays"):
            connection.create(name)
            connection.append(name, None, None, support.message(1))
        self.sync()
        done = self.postern("verify")
        self.assertEqual(done.code, 0, done)
        self.assertIn("0 differences", done.out)
        connection.delete("gone-there")
        connection.delete("gone")
        connection.create("never-here")
        connection.logout()
        here = self.store.connect()
        here.delete("gone-here")
        here.delete("gone")
        here.create("never-there")
        here.logout()
        done = self.postern("verify")
        self.assertEqual(done.code, 1, done)
        for line in ("gone-there: is not on 127.0.0.1", "gone-here: is not here", "gone: is on neither side any more", "never-here: is not here",
                     "never-there: is not on 127.0.0.1", "5 differences"):
            self.assertIn(line, done.out)
        self.assertNotIn("stays:", done.out)

    def test_verify_compares_what_is_synchronised(self):
        self.start_dovecot()
        connection = self.dovecot.connect()
        here = self.store.connect()
        for side in (connection, here):
            for name in ("private", "public", "ignored"):
                side.create(name)
            side.append("private", None, None, support.message(hash(side) % 1000))
            side.subscribe("INBOX")
            side.subscribe("public")
            side.subscribe("ignored")
            side.logout()
        self.configure(top="list-select-opts = SUBSCRIBED\nignore-mailbox = ^ignored$")
        self.sync()
        done = self.postern("verify")
        self.assertEqual(done.code, 0, done)
        self.assertNotIn("private", done.out)
        self.assertNotIn("ignored", done.out)


if __name__ == "__main__":
    unittest.main()
