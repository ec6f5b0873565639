# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Mailboxes that were deleted or renamed on one side, and the commands that settle it: `postern delete`, `postern rename`."""

import shutil
import time
import unittest

import support
from sync_case import SyncCase

EX_USAGE = 64


class Mailboxes(SyncCase):
    def setUp(self):
        super().setUp()
        self.meet_dovecot()
        for name, numbers in (("INBOX", range(3)), ("box", range(5)), ("box/below", range(5, 8)), ("other one", range(8, 10))):
            self.far.create(f'"{name}"')
            self.far.subscribe(f'"{name}"')
            self.fill(self.far, f'"{name}"', numbers)
        self.sync()

    def near(self, command, *arguments):
        connection = self.store.connect()
        self.assertEqual(getattr(connection, command)(*arguments)[0], "OK")
        connection.logout()

    def count(self, side, name):
        return len(self.messages(side, name))

    def names(self, side):
        return sorted({m[0] for m in self.contents_of(side)})

    def test_deleted_here(self):
        self.near("delete", '"other one"')
        self.assertEqual(self.sync().count("deleted there"), 1)
        self.assertNotIn("other one", self.names(self.dovecot))
        self.assertNotIn(b"other one", b"".join(self.far.lsub()[1]))
        self.assertIn("nothing to do", self.sync().out)
        self.assertEqual(self.postern("undo", "other one").code, 0)
        self.sync()
        self.assertEqual((self.count(self.store, "other one"), self.count(self.dovecot, "other one")), (2, 2))

    def test_deleted_here_and_filled_there(self):
        self.near("delete", '"other one"')
        self.fill(self.far, '"other one"', range(20, 24))
        self.assertIn("`postern delete 'other one'`", self.sync(1).err)
        self.assertEqual(self.count(self.dovecot, "other one"), 6)

    def test_deletions_are_as_the_configuration_says(self):
        self.configure(top="delete-mailboxes = no")
        self.near("delete", '"other one"')
        self.sync(1)
        self.assertEqual(self.count(self.dovecot, "other one"), 2)
        self.configure(top="delete-mailboxes = yes")
        self.far.delete("box/below")
        self.assertEqual(self.sync().count("deleted here"), 1)
        self.assertNotIn("box/below", self.names(self.store))
        self.assertIn("5 messages are kept", self.postern("removed").out)

    def test_taken_away_here(self):
        self.store.stop_owner()
        shutil.rmtree(self.store.path / "other one")
        done = self.sync(1)
        self.assertIn("`postern delete 'other one'`", done.err)
        self.assertIn("`postern delete 'other one'`", self.postern("status").out)
        self.assertEqual(self.count(self.dovecot, "other one"), 2)
        asked = self.postern("delete", "other one")
        self.assertEqual(asked.code, EX_USAGE, asked)
        self.assertIn("other one: 2 messages on 127.0.0.1, not on the store", asked.out)
        self.assertIn("--yes", asked.err)
        self.assertEqual(self.count(self.dovecot, "other one"), 2)
        done = self.postern("delete", "--yes", "other one")
        self.assertEqual(done.code, 0, done)
        self.assertNotIn("other one", self.names(self.dovecot))
        self.assertNotIn(b"other one", b"".join(self.far.lsub()[1]))
        self.assertIn("nothing to do", self.sync().out)
        self.assertEqual(self.postern("delete", "--yes", "other one").code, 1)

    def test_deleted_there(self):
        self.assertEqual(self.far.delete("box")[0], "OK")
        self.assertIn("`postern delete box`", self.sync(1).err)
        done = self.postern("delete", "--yes", "box")
        self.assertEqual(done.code, 0, done)
        self.assertEqual((self.count(self.store, "box"), self.count(self.store, "box/below"), self.count(self.dovecot, "box/below")), (0, 3, 3))
        self.assertIn("nothing to do", self.sync().out)

    def test_delete_counts_what_was_never_synchronised(self):
        self.configure(top="delete-mailboxes = no")
        self.near("delete", '"other one"')
        self.fill(self.far, '"other one"', range(20, 24))
        self.assertIn("other one: 6 messages on 127.0.0.1 (4 of them on this side alone)", self.postern("delete", "other one").out)
        self.assertEqual(self.count(self.dovecot, "other one"), 6)

    def test_delete_what_is_on_both_sides(self):
        done = self.postern("delete", "--yes", "other one", "INBOX", "none")
        self.assertEqual(done.code, 1, done)
        self.assertIn("INBOX cannot be deleted", done.err)
        self.assertIn("there is no mailbox none", done.err)
        for side in (self.store, self.dovecot):
            self.assertEqual((self.count(side, "other one"), self.count(side, "INBOX"), self.count(side, "box")), (0, 3, 5))
        self.assertIn("nothing to do", self.sync().out)

    def test_an_empty_one_goes_without_a_question(self):
        self.far.create("empty")
        self.sync()
        done = self.postern("delete", "empty")
        self.assertEqual(done.code, 0, done)
        self.assertNotIn("empty", self.names(self.dovecot) + self.names(self.store))

    def test_renamed_here(self):
        self.near("rename", "box", "anew")
        done = self.sync()
        self.assertEqual((done.count("sent"), done.count("fetched"), done.count("renamed there")), (0, 0, 2), done)
        self.assertEqual((self.count(self.dovecot, "anew"), self.count(self.dovecot, "anew/below"), self.count(self.dovecot, "box")), (5, 3, 0))
        self.assertIn("nothing to do", self.sync().out)
        self.assertEqual(self.postern("verify").code, 0)

    def test_renamed_there(self):
        self.assertEqual(self.far.rename("box", "lists/anew")[0], "OK")
        done = self.sync()
        self.assertEqual((done.count("sent"), done.count("fetched"), done.count("renamed here")), (0, 0, 2), done)
        self.assertEqual((self.count(self.store, "lists/anew"), self.count(self.store, "lists/anew/below"), self.count(self.store, "box")), (5, 3, 0))
        self.assertIn("nothing to do", self.sync().out)
        self.assertEqual(self.postern("verify").code, 0)

    def test_renamed_here_and_made_anew(self):
        """As who puts a year's mail away does it."""
        self.near("rename", "box", "2025")
        self.near("create", "box")
        plan = self.postern("plan")
        self.assertEqual(plan.out, "box: is renamed to 2025 there\nbox/below: is renamed to 2025/below there\nnothing was changed yet\n")
        self.check_renamed_and_made_anew("renamed there")

    def test_renamed_there_and_made_anew(self):
        self.assertEqual(self.far.rename("box", "2025")[0], "OK")
        self.assertEqual(self.far.create("box")[0], "OK")
        self.check_renamed_and_made_anew("renamed here")

    def check_renamed_and_made_anew(self, renamed):
        done = self.sync()
        self.assertEqual((done.count("sent"), done.count("fetched"), done.count(renamed)), (0, 0, 2), done)
        for side in (self.store, self.dovecot):
            self.assertEqual((self.count(side, "2025"), self.count(side, "2025/below"), self.count(side, "box")), (5, 3, 0))
        self.assertIn("nothing to do", self.sync().out)
        self.assertEqual(self.postern("verify").code, 0)

    def test_renamed_to_a_name_that_is_left_out(self):
        """It is there, under a name that nobody synchronises: nothing is deleted for it, whatever the rule, and nothing that destroys is advised."""
        self.configure(top='ignore-mailbox = ^away$\ndelete-mailboxes = yes')
        self.near("rename", "box", "away")
        done = self.sync(1)
        self.assertIn("box: is called away on the store now, a name that the configuration leaves out", done.err)
        self.assertNotIn("postern delete box`", done.err)
        self.assertEqual((self.count(self.dovecot, "box"), self.count(self.store, "away")), (5, 5))
        self.near("rename", "away", "box")
        self.sync()
        self.assertEqual(self.postern("verify").code, 0)

    def check_chain(self, side, renames, expected):
        """Renames by a client of this side: nothing is copied, and both sides have these mailboxes."""
        connection = side.connect()
        for old, new in renames:
            self.assertEqual(connection.rename(old, new)[0], "OK", (old, new))
        connection.logout()
        done = self.sync()
        self.assertEqual((done.count("sent"), done.count("fetched")), (0, 0), done)
        for store in (self.store, self.dovecot):
            self.assertEqual({name: self.count(store, name) for name in expected}, expected)
        self.assertIn("nothing to do", self.sync().out)

    away = [("box/below", "away"), ("box", "anew")], {"away": 3, "anew": 5, "box": 0, "anew/below": 0}
    deep = [("box", "anew"), ("anew/below", "anew/deep")], {"anew": 5, "anew/deep": 3, "anew/below": 0}
    heir = [("box", "anew"), ("anew/below", "box")], {"anew": 5, "box": 3, "anew/below": 0}
    guest = [('"other one"', "box/other"), ("box", "anew")], {"anew": 5, "anew/below": 3, "anew/other": 2}

    def test_a_child_goes_elsewhere_before_its_parent_is_renamed_here(self):
        self.check_chain(self.store, *self.away)

    def test_a_child_goes_elsewhere_before_its_parent_is_renamed_there(self):
        self.check_chain(self.dovecot, *self.away)

    def test_a_child_is_renamed_after_its_parent_here(self):
        self.check_chain(self.store, *self.deep)

    def test_a_child_is_renamed_after_its_parent_there(self):
        self.check_chain(self.dovecot, *self.deep)

    def test_a_child_takes_its_parents_name_here(self):
        self.check_chain(self.store, *self.heir)

    def test_a_child_takes_its_parents_name_there(self):
        self.check_chain(self.dovecot, *self.heir)

    def test_another_moves_below_a_parent_that_is_renamed_here(self):
        self.check_chain(self.store, *self.guest)

    def test_another_moves_below_a_parent_that_is_renamed_there(self):
        self.check_chain(self.dovecot, *self.guest)

    def test_made_anew_under_its_own_name_is_no_rename(self):
        """Another new mailbox is there, of messages of its own: nothing is taken for the one that was deleted."""
        self.assertEqual(self.far.delete("box")[0], "OK")
        self.assertEqual(self.far.create("box")[0], "OK")
        self.assertEqual(self.far.create("2025")[0], "OK")
        self.fill(self.far, "2025", [70, 71])
        self.sync(4)
        self.assertEqual((self.count(self.store, "2025"), self.count(self.store, "box"), self.count(self.dovecot, "box")), (2, 5, 0))

    def test_renamed_by_another_program(self):
        """Its directory was, and what lies below it with it."""
        self.store.stop_owner()
        (self.store.path / "box").rename(self.store.path / "anew")
        done = self.sync()
        self.assertEqual((done.count("sent"), done.count("fetched"), done.count("renamed there")), (0, 0, 2), done)
        self.assertEqual((self.count(self.dovecot, "anew"), self.count(self.dovecot, "anew/below"), self.count(self.dovecot, "box")), (5, 3, 0))
        self.assertIn("nothing to do", self.sync().out)

    def test_another_mailbox_of_the_same_uidvalidity_is_no_new_name(self):
        """What the server shows under another name, and with the UIDVALIDITY of the old one, holds other messages."""
        validity = self.far.status("box", "(UIDVALIDITY)")[1][0].split()[-1].strip(b")").decode()
        self.far.delete("box")
        self.dovecot.stop()
        place = self.dovecot.mail / "strange"
        for part in ("cur", "new", "tmp"):
            (place / part).mkdir(parents=True)
        lines = [f"3 V{validity} N6 G0123456789abcdef0123456789abcdef"]
        for n in range(1, 6):
            name = f"1700000000.M{n}P1.host"
            (place / "cur" / (name + ":2,")).write_bytes(support.message(900 + n))
            lines.append(f"{n} :{name}")
        (place / "dovecot-uidlist").write_text("\n".join(lines) + "\n")
        for path in [place, *place.rglob("*")]:
            support.os.chown(path, support.unprivileged().pw_uid, support.unprivileged().pw_gid)
        self.dovecot.start()
        self.sync(1)
        self.assertEqual((self.count(self.store, "box"), self.count(self.dovecot, "strange")), (5, 5))
        self.assertNotIn("strange", self.names(self.store))

    def test_rename_both(self):
        self.assertEqual(self.postern("rename", "box", "anew").code, 0)
        for side in (self.store, self.dovecot):
            self.assertEqual((self.count(side, "anew"), self.count(side, "anew/below"), self.count(side, "box")), (5, 3, 0))
        self.assertIn("nothing to do", self.sync().out)
        self.assertIn(b"anew/below", b"".join(self.far.lsub()[1]))

    def test_rename_refuses(self):
        before = self.contents_of(self.store), self.contents_of(self.dovecot)
        for old, new, why in (("box", "other one", "other one is there already"), ("INBOX", "x", "INBOX cannot be renamed"), ("box", "INBOX", "INBOX cannot"),
                              ("box", "box/x", "lies below"), ("box", "box", "lies below"), ("none", "x", "there is no mailbox none"), ("box", "a//b", "no mailbox can be called")):
            done = self.postern("rename", old, new)
            self.assertEqual(done.code, 1, done)
            self.assertIn(why, done.err)
        self.far.delete("box")
        self.far.create("strange")
        self.fill(self.far, "strange", [40])
        done = self.postern("rename", "box", "strange")
        self.assertEqual(done.code, 1, done)
        self.assertIn("another mailbox than box was", done.err)
        self.assertEqual(self.contents_of(self.store), before[0])

    def test_killed_in_the_middle(self):
        """Whatever was done before, the same command goes on; nothing is copied again, and nothing else goes."""
        names = ["box", "anew"]
        for round_, delay in enumerate((0.0, 0.01, 0.02, 0.04, 0.08, 0.15)):
            old, new = names if round_ % 2 == 0 else reversed(names)
            started = self.start("rename", old, new)
            time.sleep(0.05 + delay)
            self.store.stop_owner(kill=True)
            started.communicate(timeout=60)
            seen = self.postern("sync")
            self.assertEqual((seen.count("fetched"), seen.count("sent")), (0, 0), seen)
            self.postern("rename", old, new)
            for side in (self.store, self.dovecot):
                self.assertEqual((self.count(side, new), self.count(side, f"{new}/below"), self.count(side, old)), (5, 3, 0))
            self.assertIn("nothing to do", self.sync().out)
        for delay in (0.0, 0.02, 0.05):
            self.far.create("going")
            self.fill(self.far, "going", range(30, 33))
            self.sync()
            started = self.start("delete", "--yes", "going")
            time.sleep(0.05 + delay)
            self.store.stop_owner(kill=True)
            started.communicate(timeout=60)
            self.postern("sync")
            self.postern("delete", "--yes", "going")
            self.assertEqual((self.count(self.store, "going"), self.count(self.dovecot, "going")), (0, 0))
            self.assertIn("nothing to do", self.sync().out)
            self.assertEqual(self.count(self.store, "INBOX"), 3)

    def test_with_a_client_connected(self):
        client = self.store.connect()
        client.select("box")
        done = self.postern("rename", "box", "anew")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.postern("delete", "--yes", "other one").code, 0)
        client.logout()
        self.assertEqual((self.count(self.dovecot, "anew"), self.count(self.dovecot, "other one")), (5, 0))
        self.assertIn("nothing to do", self.sync().out)


if __name__ == "__main__":
    unittest.main()
