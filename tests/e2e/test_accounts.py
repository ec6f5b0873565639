# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Several accounts in one store: each has its prefix, its state and its failures; no mail of one reaches another's server."""

import json
import socket
import subprocess
import time
import unittest

import support
import sync_case


class Accounts(unittest.TestCase):
    def setUp(self):
        support.need("dovecot")
        self.store = support.Store()
        self.addCleanup(self.store.close)
        self.directory = self.store.directory / "config" / "postern"
        (self.directory / "accounts").mkdir(parents=True)
        self.config = self.directory / "config"

    def dovecot(self):
        out = support.Dovecot(fsync=False)
        self.addCleanup(out.close)
        return out

    def remote(self, dovecot, name="", more="password = pass"):
        port = dovecot if isinstance(dovecot, int) else dovecot.port
        return f"[remote{name and ' ' + name}]\ntype = imap\nSTARTTLS = NO\nhost = 127.0.0.1\nport = {port}\nusername = user\n{more}\n"

    def write(self, name, text):
        file = self.directory / "accounts" / f"{name}.conf" if name else self.config
        file.write_text(text)
        file.chmod(0o600)
        return file

    def two(self):
        """home without a prefix, work below work/; each with three messages in INBOX."""
        self.home, self.work = self.dovecot(), self.dovecot()
        self.write("", f"database = home\ninterval = 1\n[local]\npath = {self.store.path}\n{self.remote(self.home)}")
        self.write("work", f"database = work\ninterval = 1\n[local]\nlist-reference = work/\n{self.remote(self.work)}")
        self.fill(self.home, "INBOX", range(3))
        self.fill(self.work, "INBOX", range(100, 103))

    def fill(self, side, mailbox, numbers):
        connection = side.connect()
        connection.create(mailbox)
        for n in numbers:
            answer = connection.append(mailbox, None, None, support.message(n))
            self.assertEqual(answer[0], "OK", answer)
        connection.logout()

    def mail(self, side):
        """{mailbox: [message number, ...]}"""
        connection = side.connect()
        out = {}
        for mailbox, _, _, octets in support.contents(connection):
            numbers = out.setdefault(mailbox, [])
            if octets:
                numbers.append(int(octets.split(b"Subject: message ")[1].split(b"\r\n")[0]))
        connection.logout()
        return {mailbox: sorted(numbers) for mailbox, numbers in out.items()}

    def postern(self, *words, timeout=60):
        return sync_case.Pass(subprocess.run([support.POSTERN, *words], env=self.store.environment, stdin=subprocess.DEVNULL, capture_output=True,
                                             text=True, timeout=timeout))

    def succeeds(self, *words):
        done = self.postern(*words)
        self.assertEqual((done.code, done.err), (0, ""), done)
        return done

    def open(self):
        environment = " ".join(f"{name}={self.store.environment[name]}" for name in ("HOME", "XDG_CONFIG_HOME"))
        return support.Tunnel(f"env {environment} {support.IMAPD} --stdio")

    def log(self):
        return (self.store.path / ".postern" / "log").read_text()

    def test_two_accounts_in_one_store(self):
        self.two()
        done = self.succeeds("sync")
        self.assertIn("home: in sync, 3 messages fetched", done.out)
        self.assertIn("work: in sync, 3 messages fetched", done.out)
        self.assertEqual(self.mail(self.store), {"INBOX": [0, 1, 2], "work/INBOX": [100, 101, 102]})
        self.fill(self.store, "work/fresh", [110])
        self.fill(self.store, "INBOX", [10])
        self.fill(self.store, "works", [11])
        # One account alone, and one mailbox of it.
        self.assertIn("1 message sent", self.succeeds("sync", "work", "fresh").out)
        self.assertEqual(self.mail(self.home), {"INBOX": [0, 1, 2]})
        self.succeeds("sync")
        self.assertIn("nothing to do", self.succeeds("sync", "home").out)
        self.assertEqual(self.mail(self.home), {"INBOX": [0, 1, 2, 10], "works": [11]})
        self.assertEqual(self.mail(self.work), {"INBOX": [100, 101, 102], "fresh": [110]})
        said = json.loads(self.succeeds("list", "--json").out)
        self.assertEqual([(one["account"], one["prefix"], {m["here"]: m["messages"] for m in one["mailboxes"]}) for one in said],
                         [("home", "", {"INBOX": 4, "works": 1}), ("work", "work/", {"work/INBOX": 3, "work/fresh": 1})])
        self.assertTrue(all(one["good"] for one in json.loads(self.succeeds("status", "--json").out)))
        self.assertIn("work/fresh: 1 message", self.succeeds("list", "work").out)
        self.succeeds("verify")
        for words, code, text in (
            (("sync", "none"), 64, "none is no account (home, work)"),
            (("sync", "work", "none"), 1, "there is no mailbox none"),
            (("delete", "fresh"), 64, "name it first (home, work)"),
            (("rename", "home", "works", "work/x"), 1, "another account's"),
            (("status", "none"), 64, "there is no account none"),
        ):
            done = self.postern(*words)
            self.assertEqual(done.code, code, done)
            self.assertIn(text, done.err)
        self.succeeds("rename", "work", "fresh", "fresher")
        self.succeeds("delete", "--yes", "work", "fresher")
        self.assertEqual(self.mail(self.work), {"INBOX": [100, 101, 102]})

    def test_a_prefix_is_no_place_for_the_other_servers_mailboxes(self):
        """The home server has a mailbox of that name: it is not fetched into the other account's, nor is what it holds."""
        self.two()
        self.fill(self.home, "work/INBOX", [66])
        self.fill(self.home, "work/more", [67])
        self.succeeds("sync")
        self.succeeds("sync")
        self.assertEqual(self.mail(self.store), {"INBOX": [0, 1, 2], "work/INBOX": [100, 101, 102]})
        self.assertEqual(self.mail(self.work), {"INBOX": [100, 101, 102]})
        self.assertEqual(self.mail(self.home)["work/INBOX"], [66])

    def test_named_sections_in_one_file(self):
        home, work = self.dovecot(), self.dovecot()
        self.fill(home, "INBOX", [1])
        self.fill(work, "INBOX", [2])
        self.write("", f"[local]\npath = {self.store.path}\n[account home]\ndatabase = one\n{self.remote(home, 'home')}"
                       f"[local work]\nlist-reference = work/\n{self.remote(work, 'work')}[account work]\ndatabase = two\n")
        self.succeeds("sync")
        self.assertEqual(self.mail(self.store), {"INBOX": [1], "work/INBOX": [2]})
        self.assertIn("account: work", self.succeeds("doctor", "work").out)
        # What is wrong with one of them stops that one.
        self.config.write_text(self.config.read_text() + "usrname = x\n")
        self.fill(home, "INBOX", [3])
        self.fill(self.store, "work/INBOX", [4])
        done = self.postern("sync")
        self.assertEqual(done.code, 78, done)
        self.assertIn("home: in sync, 1 message fetched", done.out)
        self.assertIn("there is no option usrname", done.err)
        self.assertEqual(self.mail(home), {"INBOX": [1, 3]})

    def test_a_store_of_its_own(self):
        home, work = self.dovecot(), self.dovecot()
        self.fill(home, "INBOX", [1])
        self.fill(work, "INBOX", [2])
        (self.store.directory / "other").mkdir()
        other = support.Store(self.store.directory / "other")
        self.addCleanup(other.close)
        self.write("", f"database = home\n[local]\npath = {self.store.path}\n{self.remote(home)}")
        self.write("work", f"database = home\n[local]\npath = {other.path}\n{self.remote(work)}")
        self.succeeds("sync")
        self.assertEqual((self.mail(self.store), self.mail(other)), ({"INBOX": [1]}, {"INBOX": [2]}))

    def test_a_second_remote_is_an_error_that_says_how(self):
        home, work = self.dovecot(), self.dovecot()
        self.fill(home, "INBOX", [1])
        self.write("", f"[local]\npath = {self.store.path}\n{self.remote(home)}{self.remote(work)}")
        done = self.postern("sync")
        self.assertEqual(done.code, 78, done)
        self.assertIn("[remote NAME]", done.err)
        self.assertIn("accounts/NAME.conf", done.err)
        self.assertEqual(self.mail(work), {"INBOX": []})

    def test_ten_accounts_of_which_nine_are_down(self):
        good = self.dovecot()
        self.fill(good, "INBOX", [1])
        holes = []
        for _ in range(3):  # takes the connection, and says nothing
            listener = socket.create_server(("127.0.0.1", 0))
            self.addCleanup(listener.close)
            holes.append(listener.getsockname()[1])
        self.write("", f"interval = 1\n[local]\npath = {self.store.path}\n{self.remote(good)}")
        for i in range(9):
            more = "password-command = exec sleep 300" if i < 3 else "password = pass"
            port = good.port if i < 3 else holes[i - 3] if i < 6 else support.free_port()
            self.write(f"down{i}", f"database = down{i}\ninterval = 1\n[local]\nlist-reference = down{i}/\n{self.remote(port, more=more)}")
        near = self.open()

        def count(connection):
            return int(connection.select("INBOX")[1][0])

        support.wait_until(lambda: count(near) == 1, seconds=10, what="the first copy")
        far = good.connect()
        slowest = 0
        for i in range(5):
            start = time.monotonic()
            far.append("INBOX", None, None, support.message(10 + i))
            support.wait_until(lambda: count(near) == 2 + 2 * i, seconds=5, what="a message from there")
            near.append("INBOX", None, None, support.message(20 + i))
            support.wait_until(lambda: count(far) == 3 + 2 * i, seconds=5, what="a message from here")
            slowest = max(slowest, time.monotonic() - start)
        self.assertLess(slowest, 2)
        start = time.monotonic()
        self.assertEqual(self.postern("sync", "127.0.0.1").code, 0)
        self.assertLess(time.monotonic() - start, 3)
        status = self.postern("status", "--json", timeout=10)
        states = {one["account"]: one["good"] for one in json.loads(status.out)}
        self.assertEqual((len(states), states["127.0.0.1"], states["down8"], status.code), (10, True, False, 1))
        near.logout()
        far.logout()

    def test_an_account_that_is_removed_or_renamed(self):
        self.two()
        near = self.open()
        support.wait_until(lambda: "work/INBOX" in self.mail(self.store) and len(self.mail(self.store)["work/INBOX"]) == 3, what="the first copy")
        file = self.directory / "accounts" / "work.conf"
        # Renamed: it goes on with its state.
        file.rename(self.directory / "accounts" / "job.conf")
        self.assertIn("nothing to do", self.succeeds("sync", "job").out)
        text = (self.directory / "accounts" / "job.conf").read_text()
        (self.directory / "accounts" / "job.conf").unlink()
        support.wait_until(lambda: "is not in the configuration any more" in self.log(), what="it is said")
        self.fill(self.store, "work/INBOX", [120])
        self.fill(self.store, "INBOX", [20])
        support.wait_until(lambda: 20 in self.mail(self.home)["INBOX"], what="the other goes on")
        self.assertIn("nothing to do", self.succeeds("sync").out)
        self.assertIn("`postern forget job` gives it to home", self.succeeds("status").out)
        self.assertEqual(list(self.mail(self.home)), ["INBOX"])
        self.assertEqual(self.mail(self.work), {"INBOX": [100, 101, 102]})
        # It comes back.
        self.write("job", text)
        support.wait_until(lambda: 120 in self.mail(self.work)["INBOX"], seconds=30, what="it goes on from there")
        done = self.postern("forget", "job")
        self.assertEqual(done.code, 1, done)
        (self.directory / "accounts" / "job.conf").unlink()
        self.succeeds("forget", "job")
        self.succeeds("sync")
        self.assertEqual(self.mail(self.home)["work/INBOX"], [100, 101, 102, 120])
        near.logout()

    def test_two_with_one_prefix_are_both_off_and_mail_is_served(self):
        self.two()
        third = self.dovecot()
        self.fill(third, "INBOX", [7])
        self.succeeds("sync")
        for prefix, database in (("work/", "other"), ("work", "other"), ("work/sub/", "other"), ("other/", "work")):
            with self.subTest(prefix=prefix, database=database):
                self.write("other", f"database = {database}\n[local]\nlist-reference = {prefix}\n{self.remote(third)}")
                before = self.mail(self.store)
                done = self.postern("sync")
                self.assertEqual(done.code, 78, done)
                self.assertIn("home: in sync", done.out)
                for name in "other", "work":
                    self.assertIn(f"{name}: the accounts other (", done.err)
                self.assertIn("database = NAME" if database == "work" else "list-reference", done.err)
                self.assertEqual(self.mail(self.store), before)
                self.store.stop_owner()
                served = subprocess.run([support.IMAPD, "--stdio"], input="1 SELECT work/INBOX\r\n2 LOGOUT\r\n", env=self.store.environment,
                                        capture_output=True, text=True, timeout=30).stdout
                self.assertIn("[ALERT] Mail of the account other is served, but not synchronised: ", served)
                self.assertIn("* 3 EXISTS", served)
                self.assertNotIn(str(self.store.directory), served)
                self.store.stop_owner()
        self.assertEqual(self.mail(third), {"INBOX": [7]})

    def test_a_wrong_file_of_one_account_gives_its_mail_to_nobody(self):
        self.two()
        self.succeeds("sync")
        right = (self.directory / "accounts" / "work.conf").read_text()
        self.fill(self.store, "work/INBOX", [120])
        for wrong in right.replace("list-reference", "list-refrence"), "garbage\n", right.replace("[local]", "[locl]"), "":
            self.write("work", wrong)
            self.fill(self.store, "INBOX", [20])
            done = self.postern("sync")
            self.assertEqual(done.code, 78, done)
            self.assertIn("home: in sync", done.out)
            self.assertEqual(list(self.mail(self.home)), ["INBOX"])
        self.write("work", right)
        self.succeeds("sync")
        self.assertEqual(self.mail(self.work), {"INBOX": [100, 101, 102, 120]})

    def test_another_prefix_deletes_nothing(self):
        self.two()
        self.succeeds("sync")
        right = (self.directory / "accounts" / "work.conf").read_text()
        self.write("work", "delete-mailboxes = yes\n" + right.replace("work/", "job/"))
        done = self.postern("sync")
        self.assertEqual(done.code, 78, done)
        self.assertIn('list-reference of [local] was "work/" and is "job/" now', done.err)
        self.assertEqual(self.mail(self.work), {"INBOX": [100, 101, 102]})
        self.write("work", right.replace("work/", "job/").replace("database = work", "database = job"))
        self.succeeds("sync")
        self.assertEqual(self.mail(self.store), {"INBOX": [0, 1, 2], "job/INBOX": [100, 101, 102], "work/INBOX": [100, 101, 102]})
        self.assertEqual(list(self.mail(self.home)), ["INBOX"])


if __name__ == "__main__":
    unittest.main()
