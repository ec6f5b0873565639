# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""mode = both | mirror | backup | send, for the account and for single mailboxes (docs/safety.md)."""

import unittest

import support
import sync_case


class Modes(sync_case.SyncCase):
    def setUp(self):
        super().setUp()
        self.meet_dovecot()
        self.far.create("box")
        self.fill(self.far, "INBOX", range(10))
        self.fill(self.far, "box", range(10, 14))
        self.sync()

    def change_both(self, mailbox="INBOX"):
        """Here: 1 flagged, 2 expunged, one more; there: 3 flagged, 4 expunged, one more."""
        near = self.store.connect()
        for side, first, number in ((near, 1, 100), (self.far, 3, 200)):
            side.select(mailbox)
            side.uid("STORE", str(first), "+FLAGS", r"(\Flagged)")
            side.uid("STORE", str(first + 1), "+FLAGS", r"(\Deleted)")
            side.expunge()
            self.fill(side, mailbox, [number])
            side.unselect()
        near.logout()

    def subjects(self, side, mailbox="INBOX"):
        connection = side.connect()
        try:
            connection.select(mailbox, readonly=True)
            data = connection.fetch("1:*", "(FLAGS BODY.PEEK[])")[1]
        finally:
            connection.logout()
        messages = {support.message(n, 0): n for n in [*range(14), 100, 200]}
        return {str(messages[part[1]]) + ("F" if b"Flagged" in part[0] else "") for part in data if isinstance(part, tuple)}

    def numbers(self, *left_out, more=()):
        return {str(n) for n in range(10)} - {str(n) for n in left_out} | set(more)

    def test_backup(self):
        self.configure(top="mode = backup")
        there = self.contents_of(self.dovecot)
        self.sync()
        self.change_both()
        expected = self.subjects(self.dovecot)
        done = self.sync()
        self.assertIn("INBOX: not taken there: 1 message, 1 removal, 1 flag change (mode)", done.out)
        self.assertEqual(self.subjects(self.dovecot), expected)
        self.assertEqual(self.subjects(self.store), self.numbers(0, 1, 2, more=("0F", "2F", "100", "200")))
        self.assertNotIn("not taken", self.sync().out)
        self.assertNotEqual(there, self.contents_of(self.dovecot))

    def test_mirror(self):
        self.configure(top="mode = mirror")
        self.sync()
        self.change_both()
        expected = self.subjects(self.dovecot)
        done = self.sync()
        self.assertNotIn("not taken", done.out)
        self.assertEqual(self.subjects(self.dovecot), expected)
        self.assertEqual(self.subjects(self.store), expected)
        self.assert_nothing_to_do()
        self.assertIn("3 messages are kept", self.postern("removed").out)
        self.assertEqual(self.postern("undo", "INBOX").code, 0)
        self.assertIn("100", self.subjects(self.store))

    def test_mirror_falls_under_the_fuse(self):
        near = self.store.connect()
        self.configure(top="mode = mirror")
        self.fill(near, "INBOX", range(300, 330))
        near.logout()
        done = self.postern("sync")
        self.assertEqual(done.code, 4, done)
        self.assertEqual(len(self.messages(self.store)), 40)
        self.configure(top="mode = mirror\nfuse-here = NO")
        self.sync()
        self.assertEqual(len(self.messages(self.store)), 10)
        self.assert_same()

    def test_send(self):
        self.configure(top="mode = send")
        self.sync()
        self.change_both()
        done = self.sync()
        self.assertIn("INBOX: not taken here: 1 message, 1 removal, 1 flag change (mode)", done.out)
        self.assertEqual(self.subjects(self.store), self.numbers(0, 1, more=("0F", "100")))
        self.assertEqual(self.subjects(self.dovecot), self.numbers(0, 1, 2, 3, more=("0F", "2F", "100", "200")))

    def test_another_mode_sees_what_was_forbidden(self):
        self.configure(top="mode = backup\nmissing-wait = 0")
        self.sync()
        self.change_both()
        self.sync()
        self.configure(top="mode = both\nmissing-wait = 0")
        self.sync()
        self.assert_same()
        self.assertEqual(self.subjects(self.store), self.numbers(0, 1, 2, 3, more=("0F", "2F", "100", "200")))

    def test_single_mailboxes(self):
        self.configure(top="mode box = backup")
        self.sync()
        near = self.store.connect()
        self.fill(near, "INBOX", [100])
        self.fill(near, "box", [100])
        near.logout()
        self.sync()
        self.assertEqual((len(self.messages(self.dovecot)), len(self.messages(self.dovecot, "box"))), (11, 4))

    def test_mailboxes_are_not_made_or_deleted_where_that_is_forbidden(self):
        self.configure(top="mode = backup")
        self.sync()
        near = self.store.connect()
        near.create("new")
        near.delete("box")
        near.logout()
        done = self.sync()
        self.assertIn("new: is not made", done.out)
        self.assertEqual(len(self.messages(self.dovecot, "box")), 4)
        self.assertNotIn(b"new", b"".join(self.far.list()[1]))

    def test_what_is_renamed_or_deleted_here_comes_again(self):
        """It is a mailbox of the server's: new mail in it is fetched, whatever was done here."""
        self.far.create("other")
        self.fill(self.far, "other", [15, 16])
        self.sync()
        for mode, mailbox in (("backup", "box"), ("mirror", "other")):
            with self.subTest(mode):
                self.configure(top=f"mode = {mode}")
                near = self.store.connect()
                self.assertEqual((near.rename(mailbox, "mine") if mode == "backup" else near.delete(mailbox))[0], "OK")
                near.logout()
                self.assertIn(f"{mailbox}: is no longer on the store, and is made there again (mode)", self.sync().out)
                self.fill(self.far, mailbox, [20])
                self.sync()
                self.assertEqual(self.messages(self.store, mailbox), self.messages(self.dovecot, mailbox))
                self.assertIn("nothing to do", self.sync().out)
        self.assertEqual(len(self.messages(self.store, "mine")), 4)

    def test_what_is_renamed_there_is_told_each_time_by_who_only_sends(self):
        self.configure(top="mode = send")
        self.sync()
        self.far.rename("box", "theirs")
        near = self.store.connect()
        self.fill(near, "box", [30])
        near.logout()
        for _ in range(2):
            self.assertIn("box: is no longer on", self.sync(1).err)
        self.assertEqual(len(self.messages(self.store, "box")), 5)


if __name__ == "__main__":
    unittest.main()
