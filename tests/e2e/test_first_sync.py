# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""The first time that two sides meet nothing is sent unasked; what a pass would do is said before (docs/safety.md)."""

import json
import os
import pty
import subprocess
import unittest

import support
import sync_case

FETCHED_ONLY = "mail was only fetched"


class FirstSync(sync_case.SyncCase):
    top = "first-sync = ask"

    def setUp(self):
        super().setUp()
        self.meet_dovecot(top=self.top)
        self.far.create("there")
        self.fill(self.far, "INBOX", range(5))
        self.fill(self.far, "there", range(10, 12))

    def fill_here(self, numbers=range(20, 24)):
        near = self.store.connect()
        near.create("here")
        self.fill(near, "here", numbers)
        self.fill(near, "INBOX", range(30, 33))
        near.logout()

    def there(self):
        return sorted(m[:2] for m in self.contents_of(self.dovecot))

    def expect_only_fetched(self, before, done):
        self.assertIn(FETCHED_ONLY, done.err)
        self.assertEqual(done.code, 1, done)
        self.assertEqual(self.there(), before)
        self.assertEqual(len(self.messages(self.store, "there")), 2)
        self.assertEqual(len(self.messages(self.store, "INBOX")), 8)

    def on_terminal(self, answer):
        master, slave = pty.openpty()
        with subprocess.Popen([support.POSTERN, "--config", self.config, "sync"], env=self.store.environment, stdin=slave,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            os.write(master, answer)
            out, err = process.communicate(timeout=60)
        os.close(slave)
        os.close(master)
        return sync_case.Pass(subprocess.CompletedProcess([], process.returncode, out, err))

    def test_without_a_terminal_it_only_fetches(self):
        self.fill_here()
        before = self.there()
        self.expect_only_fetched(before, self.postern("sync"))
        self.expect_only_fetched(before, self.postern("sync"))
        near = self.store.connect()
        near.select("INBOX")
        near.store("1", "+FLAGS", r"(\Flagged)")
        near.logout()
        self.expect_only_fetched(before, self.postern("sync"))

    def test_the_background_only_fetches(self):
        self.fill_here()
        self.store.stop_owner()
        before = self.there()
        client = support.Tunnel(f"env HOME={self.store.environment['HOME']} {support.IMAPD} --stdio --config {self.config}")
        support.wait_until(lambda: int(client.select("INBOX")[1][0]) == 8, what="what is there is fetched")
        self.fill(self.far, "INBOX", range(5, 6))
        support.wait_until(lambda: int(client.select("INBOX")[1][0]) == 9, what="what comes there is fetched")
        client.logout()
        self.assertEqual(len(self.there()), len(before) + 1)

    def test_yes_sends(self):
        self.fill_here()
        self.postern("sync")
        done = self.postern("sync", "--yes")
        self.assertEqual((done.code, done.err), (0, ""), done)
        self.assertEqual(done.count("sent"), 7, done)
        self.assert_same()
        self.assert_nothing_to_do()

    def test_yes_sends_at_once(self):
        self.fill_here()
        done = self.postern("sync", "--yes")
        self.assertEqual((done.code, done.count("sent")), (0, 7), done)
        self.assert_same()

    def test_flags_and_removals_are_not_lost_meanwhile(self):
        self.fill_here()
        self.postern("sync")
        near = self.store.connect()
        near.select("there")
        near.store("1", "+FLAGS", r"(\Flagged)")
        near.store("2", "+FLAGS", r"(\Deleted)")
        near.expunge()
        near.logout()
        self.postern("sync")
        self.assertEqual(len(self.messages(self.dovecot, "there")), 2)
        self.assertNotIn(r"\Flagged", str(self.contents_of(self.dovecot)))
        self.configure(top="missing-wait = 0\n" + self.top)
        done = self.postern("sync", "--yes")
        self.assertEqual((done.code, done.err), (0, ""), done)
        self.assertEqual(len(self.messages(self.dovecot, "there")), 1)
        self.assert_same()

    def test_on_a_terminal_it_asks(self):
        self.fill_here()
        before = self.there()
        done = self.on_terminal(b"n\n")
        self.assertIn("here: is made there, 4 messages", done.out)
        self.assertIn("[y/N]", done.err)
        self.expect_only_fetched(before, done)
        done = self.on_terminal(b"y\n")
        self.assertEqual(done.code, 0, done)
        self.assert_same()
        self.assertNotIn("[y/N]", self.on_terminal(b"").err)

    def test_an_empty_store_is_asked_nothing(self):
        done = self.on_terminal(b"")
        self.assertEqual((done.code, done.err), (0, ""), done)
        self.assert_same()
        near = self.store.connect()
        near.create("later")
        near.logout()
        self.sync()
        self.assert_same()

    def test_first_sync_fetch(self):
        self.configure(top="first-sync = fetch")
        self.fill_here()
        before = self.there()
        done = self.sync()
        self.assertIn("here: is not made", done.out)
        self.assertEqual(self.there(), before)
        self.assertNotIn("is not made", self.sync().out)  # it was said
        self.assertEqual(self.postern("sync", "--yes").code, 0)
        self.assert_same()

    def test_first_sync_send(self):
        self.configure(top="first-sync = send")
        self.fill_here()
        self.sync()
        self.assertEqual(len(self.messages(self.store)), 3)
        self.assertEqual(len(self.messages(self.dovecot)), 8)
        self.assertEqual(self.postern("sync", "--yes").code, 0)
        self.assert_same()

    def test_a_lost_state_is_a_first_time(self):
        self.fill_here()
        self.postern("sync", "--yes")
        self.far.select("INBOX")
        self.far.store("1:2", "+FLAGS", r"(\Deleted)")
        self.far.expunge()
        self.far.unselect()
        self.store.stop_owner()
        subprocess.run(["rm", "-r", self.store.path / ".postern" / "index"], check=True)
        done = self.postern("sync")
        self.assertIn(FETCHED_ONLY, done.err)
        self.assertEqual((done.code, done.count("fetched"), " sent" in done.out), (1, 0, False), done)
        self.assertEqual(len(self.messages(self.dovecot)), 6)

    def test_the_plan_is_what_is_done(self):
        self.fill_here()
        plan = json.loads(self.postern("plan", "--json").out)[0]
        planned = {one["mailbox"]: one for one in plan["mailboxes"]}
        self.assertEqual(planned["here"]["there"] | {"octets": 0},
                         {"messages": 4, "octets": 0, "move": 0, "copy": 0, "remove": 0, "flags": 0, "make": True, "delete": False, "rename": None})
        self.assertGreater(planned["here"]["there"]["octets"], 400)
        self.assertEqual((planned["there"]["here"]["messages"], planned["there"]["here"]["make"]), (2, True))
        self.assertEqual((planned["INBOX"]["here"]["messages"], planned["INBOX"]["there"]["messages"]), (5, 3))
        done = self.postern("sync", "--yes")
        self.assertEqual((done.count("fetched"), done.count("sent")), (7, 7), done)
        self.assertEqual(self.postern("plan").out, "nothing to do\n")
        near = self.store.connect()
        near.select("INBOX")
        near.store("1:2", "+FLAGS", r"(\Deleted)")
        near.expunge()
        near.store("1:3", "+FLAGS", r"(\Flagged)")
        near.logout()
        said = self.postern("sync", "--dry-run")
        self.assertIn("INBOX: 2 messages to remove there, 3 flag changes there\n", said.out)
        self.assertEqual(said.out, self.postern("plan").out)

    def test_a_plan_changes_nothing(self):
        self.fill_here()
        here, there = self.contents_of(self.store), self.contents_of(self.dovecot)
        for _ in range(2):
            self.assertIn("nothing was changed yet", self.postern("plan").out)
        self.assertEqual((self.contents_of(self.store), self.contents_of(self.dovecot)), (here, there))
        self.assertIn("no pass yet", self.postern("status").out)
        self.assertIn(FETCHED_ONLY, self.postern("sync").err)  # it is the first time still

    def test_a_plan_renames_no_file(self):
        """Not those in new/, nor one whose name lacks a flag: what else opens the mailbox may."""
        self.fill_here()
        self.store.stop_owner()
        inbox = self.store.path / "INBOX"
        for n in range(3):
            (inbox / "new" / f"170000000{n}.x:2,{'S' * (n % 2)}").write_bytes(support.message(500 + n))
        (self.store.path / ".postern" / "index").rename(self.store.directory / "aside")  # so that all of new/ is old

        def files():
            return sorted(str(path.relative_to(self.store.path)) for path in self.store.path.rglob("*") if path.parent.name in ("cur", "new"))

        before = files()
        self.assertIn("nothing was changed yet", self.postern("plan").out)
        support.wait_until(lambda: self.store.owner() is None, what="the owner leaves")
        self.assertEqual(files(), before)
        self.postern("sync", "--dry-run")
        near = self.store.connect()
        near.select("INBOX")
        near.store("1", "+FLAGS", r"(\Flagged)")
        near.logout()
        support.wait_until(lambda: not list((inbox / "new").iterdir()), what="now they are named as they should")

    def test_strangers_are_told_in_the_plan(self):
        near = self.store.connect()
        self.fill(near, "INBOX", range(1000, 1025))
        near.logout()
        self.fill(self.far, "INBOX", range(100, 125))
        self.assertIn("looks like another account's mail", self.postern("plan").err)
        self.assertIn("looks like another account's mail", self.on_terminal(b"y\n").err)
        self.assertEqual((len(self.messages(self.store)), len(self.messages(self.dovecot))), (25, 30))

    def test_one_stranger_holds_the_whole_account(self):
        """Another account's Maildir: not even the plan names what would be copied of its other mailboxes."""
        near = self.store.connect()
        self.fill(near, "INBOX", range(1000, 1025))
        near.create("here")
        self.fill(near, "here", range(2000, 2003))
        near.logout()
        self.fill(self.far, "INBOX", range(100, 125))
        here, there = self.contents_of(self.store), self.contents_of(self.dovecot)
        said = self.postern("plan")
        self.assertEqual((said.out, said.code), ("", 1), said)
        for words in ((), ("--yes",)):
            done = self.postern("sync", *words)
            self.assertEqual(done.code, 1, done)
            self.assertIn('(the newest here: "message 1024" from Sender 1024 <sender1024@example.org> ', done.err)
            self.assertIn('; there: "message 124" from Sender 124 <sender124@example.org> ', done.err)
            self.assertIn("until then no other mailbox is touched either", done.err)
            self.assertNotIn(FETCHED_ONLY, done.err)
            self.assertEqual((self.contents_of(self.store), self.contents_of(self.dovecot)), (here, there))
        self.assertIn("looks like another account's mail", self.postern("status").out)
        self.configure(top=f"merge-different = YES\n{self.top}")
        self.assertIn(FETCHED_ONLY, self.postern("sync").err)  # consent was for nothing: it is the first time still
        self.assertEqual(len(self.there()), len([m[:2] for m in there]))
        self.assertEqual(self.postern("sync", "--yes").code, 0)
        self.assert_same()

    def test_a_directory_of_several_accounts_is_not_sent_as_one(self):
        """`path = ~/Mail`, where gmail and work lie below it, each with its INBOX: also when our server has made an INBOX beside them."""
        for name in ("gmail", "work"):
            for part in ("cur", "new", "tmp"):
                (self.store.path / name / "INBOX" / part).mkdir(parents=True)
            (self.store.path / name / "INBOX" / "cur" / f"1700000000.{name}:2,S").write_bytes(support.message(1, subject=name))
        before = self.there()
        for top in (self.top, "first-sync = both"):
            self.configure(top=top)
            for words in (("sync",), ("sync", "--yes"), ("plan",)):
                done = self.postern(*words)
                self.assertEqual(done.code, sync_case.EX_CONFIG, done)
                self.assertIn(f"several accounts, each a store ({self.store.path}/gmail, {self.store.path}/work)", done.err)
                self.assertEqual(self.there(), before)
        self.configure(top="first-sync = both", local={"path": self.store.path / "work"})
        self.store.stop_owner()
        self.sync()
        self.assertEqual(len(self.messages(self.dovecot)), 6)
        self.assertNotIn(b"Subject: gmail", b"".join(self.messages(self.dovecot)))


if __name__ == "__main__":
    unittest.main()
