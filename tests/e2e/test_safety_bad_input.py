# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Undo, fuse and ledger where something is damaged, full, gone, of another version or of another store: a sentence each, and nothing lost."""

import shutil
import unittest

import support
import sync_case
from test_safety import EX_HELD, SafetyCase


class Kept(SafetyCase):
    """The folder of removed messages."""

    def setUp(self):
        super().setUp()
        self.before = self.assert_same()
        near = self.store.connect()
        self.expunge(near, "1:7")
        near.logout()
        self.sync()
        self.store.stop_owner()
        (self.folder,) = (self.store.path / ".postern" / "removed").iterdir()

    def all_texts(self):
        return {text for text in self.messages(self.store, "INBOX") + self.messages(self.store, "Recovered")}

    def check_all_come_back(self):
        done = self.postern("undo", "--since", "1d")
        self.assertEqual(done.code, 0, done)
        self.sync()
        self.assertEqual(len(self.all_texts()), 30)
        self.assert_same()

    def test_its_list_is_half_written(self):
        lines = (self.folder / "list").read_bytes()
        (self.folder / "list").write_bytes(lines[: len(lines) // 2])
        self.check_all_come_back()

    def test_its_list_is_of_another_version(self):
        (self.folder / "list").write_bytes(b"postern-removed 9\n" + b"what a later version says\n" * 7)
        self.check_all_come_back()

    def test_its_list_is_gone_or_no_file(self):
        (self.folder / "list").unlink()
        (self.folder / "list").mkdir()
        (self.folder / "somebody's").mkdir()
        self.check_all_come_back()

    def test_it_is_of_another_store(self):
        """`.postern/removed` of another account's store, put here: what is brought back comes from where it says, and nothing else changes."""
        other = support.Store()
        self.addCleanup(other.close)
        near = other.connect()
        self.fill(near, "INBOX", [900])
        self.expunge(near, "1")
        near.logout()
        other.stop_owner()
        (theirs,) = (other.path / ".postern" / "removed").iterdir()
        shutil.rmtree(self.folder)
        shutil.copytree(theirs, self.folder)
        self.assertIn("1 message is kept", self.postern("removed").out)
        self.assertEqual(self.postern("undo", "INBOX").code, 0)
        self.sync()
        self.assertEqual(self.here(), 24)
        self.assert_same()


class UndoInto(SafetyCase):
    def test_a_mailbox_that_is_gone(self):
        near = self.store.connect()
        self.expunge(near, "1:2", "box")
        self.assertEqual(near.delete("box")[0], "OK")
        near.logout()
        self.sync()
        done = self.postern("undo", "box")
        self.assertEqual(done.code, 0, done)
        self.sync()
        self.assertEqual([self.here("box"), self.there("box")], [4, 4])
        self.assert_same()

    def test_a_mailbox_that_has_another_name_now(self):
        near = self.store.connect()
        self.expunge(near, "1:2", "box")
        self.assertEqual(near.rename("box", "old")[0], "OK")
        self.assertEqual(near.create("box")[0], "OK")
        near.logout()
        self.sync()
        self.assertEqual(self.postern("undo", "--since", "1h").code, 0)
        self.sync()
        self.assertEqual([self.here("box"), self.here("old")], [0, 4])
        self.assert_same()


class UndoIntoAFullServer(SafetyCase):
    def setUp(self):
        sync_case.SyncCase.setUp(self)
        self.meet_dovecot(compress=False, extra=sync_case.quota(34))
        self.far.create("box")
        self.fill(self.far, "INBOX", self.numbers)
        self.fill(self.far, "box", range(100, 104))
        self.sync()

    def test_it_is_here_and_goes_there_when_there_is_room(self):
        before = self.assert_same()
        near = self.store.connect()
        self.expunge(near, "1:3")
        near.logout()
        self.sync()
        self.fill(self.far, "box", [104, 105, 106])  # somebody has used the room
        self.sync()
        self.assertEqual(self.postern("undo", "INBOX").code, 0)
        done = self.sync(1)
        self.assertIn("quota", done.err.lower(), done)
        self.assertEqual([self.here(), self.there()], [30, 27], "nothing is lost here")
        self.assertEqual(self.postern("removed").out, "0 messages are kept\n", "what is in a mailbox again is not kept twice")
        self.expunge(self.far, "5:7", "box")
        support.wait_until(lambda: self.postern("sync") and self.there() == 30, seconds=60, what="they are sent")
        self.assertEqual(self.assert_same(), before)


class FuseAtFirst(sync_case.SyncCase):
    def test_a_strict_mirror_removes_nothing_of_a_full_store_unasked(self):
        """The first pass of `mode = mirror` on a store that holds what the server does not have."""
        self.meet_dovecot(top="mode = mirror")
        self.fill(self.far, "INBOX", range(5))
        near = self.store.connect()
        self.fill(near, "INBOX", range(100, 140))
        near.logout()
        done = self.postern("sync", "--yes")
        self.assertEqual(done.code, EX_HELD, done)
        self.assertEqual(len(self.messages(self.store)), 45, done)
        self.assertEqual(len(self.messages(self.dovecot)), 5)
        done = self.postern("sync")
        self.assertEqual(done.code, EX_HELD, done)
        self.assertEqual(len(self.messages(self.store)), 45, "it is told each time")
        self.configure(top="mode = mirror\nfuse-here = NO")
        self.sync()
        self.assertEqual(len(self.messages(self.store)), 5)
        self.assertIn("40 messages are kept", self.postern("removed").out)


class OtherLedger(SafetyCase):
    def test_two_owners_ledgers_after_a_restore(self):
        """The store is copied, both go on, then the copy's ledger is put over the first one's."""
        self.store.stop_owner()
        copy = self.store.directory / "copy"
        shutil.copytree(self.store.path, copy, symlinks=True)
        near = self.store.connect()
        self.expunge(near, "1")
        near.logout()
        self.sync()
        self.store.stop_owner()
        ledger = self.store.path / ".postern" / "ledger"
        for file in (copy / ".postern" / "ledger").iterdir():
            shutil.copy(file, ledger / file.name)
        (ledger / "999").write_bytes((ledger / "1").read_bytes()[:-20])
        told = self.postern("why", "<1@example.org>")
        self.assertEqual(told.code, 0, told)
        self.assertIn("INBOX", told.out)
        self.fill(self.far, "INBOX", [800])
        self.sync()
        self.assertEqual(self.postern("why", "<800@example.org>").code, 0)
        self.assert_same()


if __name__ == "__main__":
    unittest.main()
