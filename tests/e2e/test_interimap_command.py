# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""InterIMAP's command line: `postern interimap`, between two foreign servers, and with the built-in store."""

import json
import shutil
import signal
import subprocess
import unittest

import support
import sync_case
from sync_case import ids

SERVER = "type = imap\nhost = 127.0.0.1\nport = {port}\nSTARTTLS = NO\nusername = user\npassword = pass\n"


class TwoServers(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        support.need("dovecot")
        self.store = support.Store()
        self.addCleanup(self.store.close)
        self.near = support.Dovecot(fsync=False)
        self.addCleanup(self.near.close)
        self.far = support.Dovecot(fsync=False)
        self.addCleanup(self.far.close)
        self.config = self.store.directory / "config" / "interimap" / "config"
        self.config.parent.mkdir(parents=True)
        self.configure()
        self.data = self.store.directory / "data"
        self.environment = {**self.store.environment, "XDG_DATA_HOME": str(self.data)}

    def configure(self, top=""):
        self.config.write_text(f"{top}\n[local]\n{SERVER.format(port=self.near.port)}\n[remote]\n{SERVER.format(port=self.far.port)}")
        self.config.chmod(0o600)

    def start(self, *words):
        process = subprocess.Popen([support.POSTERN, "interimap", *words], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(support.stop, process)
        return process

    def interimap(self, *words, expected=0):
        done = sync_case.Pass(subprocess.run([support.POSTERN, "interimap", *words], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
                                             text=True, timeout=120))
        self.assertEqual(done.code, expected, done)
        return done

    def append(self, side, numbers, mailbox="INBOX"):
        connection = side.connect()
        for n in numbers:
            connection.append(mailbox, None, support.imaplib.Time2Internaldate(1_500_000_000 + 777 * n), support.message(n))
        connection.logout()

    def make(self, side, *names):
        connection = side.connect()
        for name in names:
            connection.create(name)
        connection.logout()

    def contents(self, side):
        connection = side.connect()
        found = support.contents(connection)
        connection.logout()
        return found

    def names(self, side):
        return {one[0] for one in self.contents(side)}

    def assert_same(self):
        self.assertEqual(support.differences(self.contents(self.near), self.contents(self.far)), "")

    def count(self, side, mailbox="INBOX"):
        return sum(1 for one in self.contents(side) if one[0] == mailbox and one[3])

    def wait_for(self, side, count, mailbox="INBOX", seconds=60):
        """Until so many messages are there. A busy Dovecot ends now and then a session that only looks on: it is asked again in another."""
        def is_so():
            try:
                return self.count(side, mailbox) == count
            except support.imaplib.IMAP4.abort:
                return False

        support.wait_until(is_so, seconds, f"{count} messages in {mailbox}")

    def test_once_all_or_some_mailboxes(self):
        self.append(self.near, range(3))
        self.append(self.far, range(10, 12))
        for name in ("lists/one", "lists/two", "other"):
            self.make(self.far, name)
            self.append(self.far, range(20, 22), name)
        self.interimap("inbox", "lists/o*")
        self.assertEqual(self.names(self.near), {"INBOX", "lists/one"})
        self.assertEqual(self.count(self.near), 5)
        self.interimap()
        self.assert_same()
        self.assertEqual(self.interimap("--quiet", "--repair").out, "")

    def test_what_has_nothing_in_common_is_copied_as_interimap_does(self):
        self.append(self.near, range(30))
        self.append(self.far, range(100, 130))
        self.configure(top="merge-different = NO")
        self.assertIn("merge-different = YES", self.interimap(expected=1).err)
        self.configure()
        self.interimap()
        self.assertEqual(self.count(self.near), 60)
        self.assert_same()

    def test_hooks_hear_of_it_once_and_while_it_watches(self):
        heard = self.store.directory / "heard"
        self.configure(top=f"on-new = cat >> {heard}")
        self.append(self.far, [1])
        self.interimap()
        self.assertEqual([json.loads(line)["count"] for line in heard.read_text().splitlines()], [1])
        process = self.start("--watch=1")
        self.append(self.far, [2])
        support.wait_until(lambda: len(heard.read_text().splitlines()) == 2, 60, "the hook has heard of it")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 0)

    def test_options_of_posterns_before_the_word(self):
        other = self.store.directory / "other.conf"
        self.config.rename(other)
        self.append(self.far, [1])
        for words in (("--config", other, "interimap"), (f"--config={other}", "-q", "interimap", "--repair"), ("interimap", f"--config={other}")):
            done = subprocess.run([support.POSTERN, *words], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, ""), words)
            self.assertEqual(done.stdout == "", "-q" in words)
        self.assert_same()
        done = subprocess.run([support.POSTERN, "--config", "missing", "interimap"], env=self.environment, cwd=other.parent, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (2, f"postern: no such configuration file: {other.parent}/missing\n"))

    def test_delete_and_rename_with_targets(self):
        self.make(self.far, "a", "b", "c", "d")
        for name in "abcd":
            self.append(self.far, [1], name)
        self.interimap()
        self.interimap("--delete", "a")
        self.assertEqual((self.names(self.near), self.names(self.far)), ({"INBOX", "b", "c", "d"},) * 2)
        self.interimap("--target=remote", "--delete", "b")
        self.assertEqual((self.names(self.near), self.names(self.far)), ({"INBOX", "b", "c", "d"}, {"INBOX", "c", "d"}))
        self.interimap("--target=local,database", "--delete", "b")
        self.assertEqual(self.names(self.near), {"INBOX", "c", "d"})
        self.interimap("--rename", "c", "e")
        self.assertEqual((self.names(self.near), self.names(self.far)), ({"INBOX", "d", "e"},) * 2)
        self.assertIn("there already", self.interimap("--rename", "d", "e", expected=1).err)
        self.make(self.far, "above/one")
        self.interimap()
        self.interimap("--rename", "above", "over")  # which is no mailbox itself
        self.assertEqual((self.names(self.near), self.names(self.far)), ({"INBOX", "d", "e", "over/one"},) * 2)
        self.interimap("--delete", "over/one")
        self.interimap("--delete", "nowhere")
        self.assertIn("INBOX cannot be deleted", self.interimap("--delete", "INBOX", expected=1).err)
        self.interimap()
        self.assert_same()

    def test_what_is_wrong(self):
        for words, code, said in (
            (("--foo",), 1, "Unknown option: foo"),
            (("--target=local",), 1, "--target goes with"),
            (("--config=missing",), 2, f"no such configuration file: {self.config.parent}/missing"),
        ):
            self.assertIn(said, self.interimap(*words, expected=code).err)
        self.configure(top="nonsense = 1")
        self.assertIn("line 1: there is no option nonsense", self.interimap(expected=255).err)
        self.configure()
        self.config.chmod(0o644)
        self.assertIn("can be read by every user", self.interimap().err)
        self.far.stop()
        self.assertIn("Connection refused", self.interimap(expected=1).err)

    def test_debug_shows_the_wire_and_no_password(self):
        log = self.store.directory / "log"
        self.configure(top=f"logfile = {log}\nlog-prefix = <%?n?%n&both?>\\&\\?")
        self.append(self.far, [1])
        self.interimap("--debug")
        text = log.read_text()
        self.assertIn("<local>&?C: ", text)
        self.assertIn("<remote>&?S: ", text)
        self.assertIn("[REDACTED]", text)
        self.assertNotIn("pass", text.replace("a pass", ""))
        self.assertNotIn(support.message(1).decode().split("\r\n\r\n")[1][:20], text)
        self.interimap("--debug", "--debug")
        self.assertTrue("AHVzZXIAcGFzcw" in log.read_text() or "LOGIN user pass" in log.read_text())

    def check_watch(self, *words):
        self.append(self.far, [1])
        process = self.start(*words)
        self.wait_for(self.near, 1)
        self.append(self.near, [2])
        self.wait_for(self.far, 2)
        self.far.stop()
        self.far.start()
        self.append(self.far, [3])
        self.wait_for(self.near, 3, seconds=90)
        return process

    def test_watching_until_sigterm(self):
        process = self.check_watch("--watch=1")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 0)
        self.assert_same()

    def test_watching_with_notify_until_sigint(self):
        self.make(self.far, "lists")
        process = self.check_watch("--notify")
        self.append(self.far, [9], "lists")  # IDLE on INBOX would not tell
        self.wait_for(self.near, 1, "lists")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(30), 1)

    def test_what_is_left_is_said_once_while_it_watches(self):
        self.make(self.far, "box")
        self.append(self.far, [1], "box")
        self.interimap()
        connection = self.far.connect()
        connection.delete("box")
        connection.logout()
        process = self.start("--watch=1")
        for number in (2, 3):  # a pass each, at least
            self.append(self.far, [number])
            self.wait_for(self.near, number - 1)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 0)
        self.assertEqual(process.stdout.read().count("is no longer on"), 1)

    def test_under_its_own_name_and_sighup(self):
        link = self.store.directory / "interimap"
        link.symlink_to(support.POSTERN)
        version = subprocess.run([link, "--version"], capture_output=True, text=True)
        self.assertEqual((version.returncode, version.stdout[:18]), (0, "interimap (postern"))
        process = subprocess.Popen([link, "--watch=60"], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(support.stop, process)
        self.append(self.far, [1])
        support.wait_until(lambda: self.data.exists(), 30)
        process.send_signal(signal.SIGHUP)
        self.assertEqual(process.wait(30), -signal.SIGHUP)


class WithTheStore(sync_case.SyncCase):
    """[local] is the built-in store."""

    def setUp(self):
        super().setUp()
        self.start_dovecot()

    def test_debug_shows_what_the_owner_does(self):
        there = self.dovecot.connect()
        self.addCleanup(there.logout)
        self.fill(there, "INBOX", [1])
        done = sync_case.Pass(subprocess.run([support.POSTERN, "interimap", f"--config={self.config}", "--debug"], env=self.store.environment,
                                             stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60))
        self.assertEqual(done.code, 0, done)
        self.assertRegex(done.err, "(?s)LIST.*FETCH")
        self.assertNotIn("AHVzZXIAcGFzcw", done.err)
        self.store.stop_owner()
        log = self.store.directory / "debug"
        with open(log, "wb") as err:
            process = subprocess.Popen([support.POSTERN, "interimap", f"--config={self.config}", "--notify", "--debug"], env=self.store.environment,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err)
        self.addCleanup(support.stop, process)
        support.wait_until(lambda: "NOTIFY SET" in log.read_text() and "IDLE" in log.read_text(), 30, "it listens")
        self.assertNotIn("AHVzZXIAcGFzcw", log.read_text())

    def start_interimap(self, *words):
        process = subprocess.Popen([support.POSTERN, "interimap", f"--config={self.config}", *words], env=self.store.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(support.stop, process)
        return process

    def test_once_and_watching(self):
        there = self.dovecot.connect()
        self.addCleanup(there.logout)
        self.fill(there, "INBOX", [1])
        self.assertEqual(self.start_interimap().wait(60), 0)
        self.assertEqual(len(ids(self.store)), 1)
        process = self.start_interimap("--watch=1")
        self.fill(there, "INBOX", [2])
        support.wait_until(lambda: len(ids(self.store)) == 2, 60)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 0)
        self.store.stop_owner()
        process = self.start_interimap("--notify")
        self.fill(there, "INBOX", [3])
        # A client would start an owner of its own, which the other one would wait for.
        support.wait_until(lambda: len([*self.store.path.rglob("new/*"), *self.store.path.rglob("cur/*")]) == 3, 60)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 0)


@unittest.skipUnless(shutil.which("interimap"), "interimap is not installed")
class BesideInterImap(unittest.TestCase):
    """A part of docs/interimap.md's tables."""

    def test_some_rows_of_the_comparison(self):
        support.need("dovecot")
        rows = ("unknown option", "once more", "expunged on both sides", "delete of INBOX", "target=nonsense")
        done = subprocess.run([support.ROOT / "tools" / "compare_interimap", *rows], capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        for row in rows:
            self.assertIn(row, done.stdout)


if __name__ == "__main__":
    unittest.main()
