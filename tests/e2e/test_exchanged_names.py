# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Mailboxes that have exchanged their names, or have another new name on each side: nothing is copied, doubled or lost."""

import time
import unittest

import support
from sync_case import SyncCase

MESSAGES = {"INBOX": range(2), "a": range(10, 15), "a/x": range(20, 22), "b": range(30, 33), "b/y": range(40, 44), "c": range(50, 51)}


class Names(SyncCase):
    def setUp(self):
        super().setUp()
        self.meet_dovecot()
        for name, numbers in MESSAGES.items():
            self.far.create(name)
            self.far.subscribe(name)
            self.fill(self.far, name, numbers)
        self.sync()

    def rename(self, side, *renames):
        connection = side.connect()
        for old, new in renames:
            self.assertEqual(connection.rename(old, new)[0], "OK", (old, new))
        connection.logout()

    def check(self, done, **elsewhere):
        """Both sides have each mailbox's messages under its name now, nothing was copied, and all is in sync."""
        self.assertEqual((done.count("sent"), done.count("fetched")), (0, 0), done)
        self.assertEqual(self.held(), self.expected(elsewhere), done)
        self.assertIn("nothing to do", self.sync().out)
        self.assertEqual(self.postern("verify").code, 0)
        self.assertEqual(*map(self.subscribed, (self.store, self.dovecot)))

    def subscribed(self, side):
        connection = side.connect()
        names = {line.decode().rsplit(" ", 1)[-1].strip('"') for line in connection.lsub()[1] if line}
        connection.logout()
        return names & set(self.held()[0])

    def held(self):
        return [{name: self.messages(side, name) for name in sorted({one[0] for one in self.contents_of(side)})} for side in (self.store, self.dovecot)]

    def expected(self, elsewhere):
        one = {elsewhere.get(name.replace("/", "_"), name): sorted(map(support.message, numbers)) for name, numbers in MESSAGES.items()}
        return [dict(sorted(one.items()))] * 2


class Exchanged(Names):
    swap = ("a", "t"), ("b", "a"), ("t", "b")
    swapped = {"a": "b", "a_x": "b/x", "b": "a", "b_y": "a/y"}

    def test_two_here(self):
        self.rename(self.store, *self.swap)
        plan = self.postern("plan").out
        self.assertIn("a: is renamed to b there\n", plan)
        self.assertIn("b: is renamed to a there\n", plan)
        self.check(self.sync(), **self.swapped)

    def test_two_there(self):
        self.rename(self.dovecot, *self.swap)
        self.check(self.sync(), **self.swapped)

    def test_alike_on_both_sides(self):
        for side in (self.store, self.dovecot):
            self.rename(side, *self.swap)
        self.check(self.sync(), **self.swapped)

    def test_three_here(self):
        self.rename(self.store, ("a", "t"), ("b", "a"), ("c", "b"), ("t", "c"))
        self.check(self.sync(), a="c", a_x="c/x", b="a", b_y="a/y", c="b")

    def test_three_there(self):
        self.rename(self.dovecot, ("a", "t"), ("b", "a"), ("c", "b"), ("t", "c"))
        self.check(self.sync(), a="c", a_x="c/x", b="a", b_y="a/y", c="b")

    def test_one_takes_the_name_of_one_that_goes_elsewhere(self):
        self.rename(self.store, ("a", "fresh"), ("b", "a"))
        self.check(self.sync(), a="fresh", a_x="fresh/x", b="a", b_y="a/y")

    def test_one_takes_the_name_of_one_that_goes_elsewhere_there(self):
        self.rename(self.dovecot, ("a", "fresh"), ("b", "a"))
        self.check(self.sync(), a="fresh", a_x="fresh/x", b="a", b_y="a/y")

    def test_children_alone(self):
        self.rename(self.store, ("a/x", "t"), ("b/y", "a/x"), ("t", "b/y"))
        self.check(self.sync(), a_x="b/y", b_y="a/x")

    def test_new_mail_meanwhile(self):
        """It is copied, and nothing else."""
        self.rename(self.store, *self.swap)
        self.fill(self.far, "a", [60])
        done = self.sync()
        self.assertEqual((done.count("sent"), done.count("fetched")), (0, 1), done)
        held = self.held()
        self.assertEqual(held[0], held[1])
        self.assertIn(support.message(60), held[0]["b"])

    def test_killed_in_between(self):
        """One that rests under a name of its own when the pass ends is found there."""
        everything = sorted(support.message(n) for numbers in MESSAGES.values() for n in numbers)
        for delay in (0.0, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08):
            self.rename(self.store, *self.swap)
            started = self.start("sync")
            time.sleep(0.05 + delay)
            self.store.stop_owner(kill=True)
            started.communicate(timeout=60)
            done = self.sync()
            self.assertEqual((done.count("sent"), done.count("fetched")), (0, 0), done)
            held = self.held()
            self.assertEqual(held[0], held[1])
            self.assertEqual(len(held[0]), len(MESSAGES))
            self.assertNotIn("being-renamed", str(list(held[0])))
            self.assertEqual(sorted(text for texts in held[0].values() for text in texts), everything)

    def test_one_that_rests(self):
        """As a pass leaves it that was cut off before it could say so."""
        self.rename(self.store, *self.swap)
        self.rename(self.dovecot, ("b", "b-is-being-renamed"))
        self.check(self.sync(), **self.swapped)

    def test_one_that_rests_here(self):
        self.rename(self.dovecot, *self.swap)
        self.rename(self.store, ("b", "b-is-being-renamed"))
        self.check(self.sync(), **self.swapped)

class RenamedTwice(Names):
    """The server's name stays."""

    def check_twice(self, here, there, **elsewhere):
        self.rename(self.store, *here)
        self.rename(self.dovecot, *there)
        self.check(self.sync(), **elsewhere)

    def test_one(self):
        self.check_twice([("c", "here")], [("c", "there")], c="there")

    def test_with_children(self):
        self.check_twice([("a", "here")], [("a", "there")], a="there", a_x="there/x")

    def test_a_child_while_its_parent_is_renamed_here(self):
        self.check_twice([("a", "anew"), ("anew/x", "anew/deep")], [("a/x", "a/e")], a="anew", a_x="anew/e")

    def test_a_child_while_its_parent_is_renamed_there(self):
        self.check_twice([("a/x", "a/e")], [("a", "anew"), ("anew/x", "anew/deep")], a="anew", a_x="anew/deep")

    def test_parent_and_child(self):
        self.check_twice([("a", "here"), ("here/x", "x")], [("a", "there"), ("there/x", "y")], a="there", a_x="y")

    def test_where_one_name_lies_below_the_other(self):
        """Neither side can have both: it is held, pass by pass, until a person has renamed one."""
        self.rename(self.store, ("c", "d"))
        self.rename(self.dovecot, ("c", "d/z"))
        for _ in range(2):
            done = self.sync(1)
            self.assertIn("c: was renamed to d on the store and to d/z on 127.0.0.1", done.err)
            self.assertEqual((done.count("sent"), done.count("fetched")), (0, 0), done)
        self.rename(self.dovecot, ("d/z", "e"))
        self.check(self.sync(), c="e")

    def test_and_both_made_anew(self):
        self.rename(self.store, ("c", "here"))
        self.rename(self.dovecot, ("c", "there"))
        for side in (self.store, self.dovecot):
            connection = side.connect()
            connection.create("c")
            connection.logout()
        done = self.sync()
        self.assertEqual((done.count("sent"), done.count("fetched")), (0, 0), done)
        self.assertEqual([sorted(side) for side in self.held()], [sorted({*MESSAGES, "there"})] * 2)

    def test_exchanged_here_and_renamed_there(self):
        self.rename(self.store, *Exchanged.swap)
        self.rename(self.dovecot, ("a", "there"))
        done = self.postern("sync")
        self.assertEqual((done.count("sent"), done.count("fetched")), (0, 0), done)
        for side in self.held():
            self.assertEqual(sorted(text for texts in side.values() for text in texts), sorted(support.message(n) for numbers in MESSAGES.values() for n in numbers))


class Replaced(Names):
    """Another mailbox has the name of one that was deleted."""

    def do(self, side, *commands):
        connection = side.connect()
        for command, *arguments in commands:
            self.assertEqual(getattr(connection, command)(*arguments)[0], "OK", (command, arguments))
        connection.logout()

    def texts(self, name):
        return [self.messages(side, name) for side in (self.store, self.dovecot)]

    def check_in_sync(self):
        self.assertIn("nothing to do", self.sync().out)
        self.assertEqual(*self.held())
        self.assertEqual(self.postern("verify").code, 0)

    def test_deleted_and_made_anew_here(self):
        """A client has said so."""
        self.do(self.store, ("delete", "c"), ("create", "c"), ("append", "c", None, None, support.message(70)))
        done = self.sync()
        self.assertEqual((done.count("sent"), done.count("fetched"), done.count("deleted there")), (1, 0, 1), done)
        self.assertEqual(self.texts("c"), [[support.message(70)]] * 2)
        self.check_in_sync()
        self.assertEqual(self.postern("undo", "c").code, 0)
        self.sync()
        self.assertEqual(self.texts("c"), [sorted(map(support.message, (50, 70)))] * 2)

    def test_deleted_and_made_anew_here_while_it_was_filled_there(self):
        """What nobody here has seen is not deleted."""
        self.do(self.store, ("delete", "c"), ("create", "c"))
        self.fill(self.far, "c", [51])
        self.postern("sync")
        self.assertIn(support.message(51), self.texts("c")[1])

    def test_deleted_and_made_anew_there(self):
        """A server does not say so: it is held, and `postern allow` or `postern restore` settle it."""
        for command, expected in (("allow", [71]), ("restore", [50, 71])):
            with self.subTest(command):
                self.do(self.dovecot, ("delete", "c"), ("create", "c"), ("append", "c", None, None, support.message(71)))
                done = self.sync(4)
                self.assertIn("it was deleted and made anew", done.out)
                self.assertIn(support.message(50), self.texts("c")[0])
                account = done.err.split("`postern allow ")[1].split(" ")[0]
                self.assertEqual(self.postern(command, account, "c").code, 0)
                self.postern("sync")
                self.check_in_sync()
                self.assertEqual(self.texts("c"), [sorted(map(support.message, expected))] * 2)
                if command == "allow":
                    self.do(self.dovecot, ("append", "c", None, None, support.message(50)))
                    self.sync()

    def test_another_takes_its_name_here(self):
        self.do(self.store, ("delete", "c"), ("rename", "b", "c"))
        done = self.sync()
        self.assertEqual((done.count("sent"), done.count("fetched"), done.count("deleted there")), (0, 0, 1), done)
        self.assertEqual(self.texts("c"), [sorted(map(support.message, MESSAGES["b"]))] * 2)
        self.check_in_sync()

    def test_two_take_one_name(self):
        """One here and another there: they are not made one."""
        self.do(self.store, ("rename", "c", "same"))
        self.do(self.dovecot, ("rename", "b", "same"))
        for _ in range(2):
            done = self.sync(1)
            self.assertEqual((done.count("sent"), done.count("fetched")), (0, 0), done)
        self.assertIn("c: is called same on the store now; on 127.0.0.1 another mailbox is called so", done.err)
        self.assertIn("b: is called same on 127.0.0.1 now; on the store another mailbox is called so", done.err)
        self.do(self.store, ("rename", "same", "other"))
        self.sync()
        self.assertEqual(self.texts("other"), [sorted(map(support.message, MESSAGES["c"]))] * 2)
        self.assertEqual(self.texts("same"), [sorted(map(support.message, MESSAGES["b"]))] * 2)
        self.check_in_sync()

    def test_those_that_follow_one_that_cannot_go_wait(self):
        self.do(self.store, ("rename", "a", "same"), ("rename", "b", "a"), ("rename", "c", "b"))
        self.do(self.dovecot, ("create", "same"))
        done = self.sync(1)
        self.assertEqual((done.count("sent"), done.count("fetched")), (0, 0), done)
        self.assertNotIn("being-renamed", str(self.far.list()[1]))
        self.do(self.dovecot, ("delete", "same"))
        self.sync()
        self.check_in_sync()
        self.assertEqual(self.texts("b"), [sorted(map(support.message, MESSAGES["c"]))] * 2)

    def test_one_takes_a_name_that_was_made_on_the_other_side(self):
        self.do(self.store, ("rename", "c", "same"))
        self.do(self.dovecot, ("create", "same"), ("append", "same", None, None, support.message(80)))
        done = self.sync(1)
        self.assertEqual((done.count("sent"), done.count("fetched")), (0, 0), done)
        self.assertIn("c: is called same on the store now", done.err)
        self.do(self.dovecot, ("rename", "same", "made"))
        self.sync()
        self.assertEqual(self.texts("made"), [[support.message(80)]] * 2)
        self.assertEqual(self.texts("same"), [sorted(map(support.message, MESSAGES["c"]))] * 2)
        self.check_in_sync()

    def test_another_takes_its_name_there(self):
        """Nothing that destroys is advised, and what is advised settles it."""
        self.do(self.dovecot, ("delete", "c"), ("rename", "b", "c"))
        done = self.sync(1)
        self.assertIn("b: is called c on 127.0.0.1 now; on the store another mailbox is called so", done.err)
        self.assertNotIn("`postern delete", done.err)
        self.assertEqual(self.texts("c"), [sorted(map(support.message, MESSAGES["c"])), sorted(map(support.message, MESSAGES["b"]))])
        self.do(self.store, ("delete", "c"))
        done = self.sync()
        self.assertEqual((done.count("sent"), done.count("fetched")), (0, 0), done)
        self.assertEqual(self.texts("c"), [sorted(map(support.message, MESSAGES["b"]))] * 2)
        self.check_in_sync()


if __name__ == "__main__":
    unittest.main()
