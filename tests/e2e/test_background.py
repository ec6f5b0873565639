# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""The sync in the owner of a store, while clients are served: changes cross by themselves; the owner is asked by postern; nothing of it outlives its use."""

import os
import pathlib
import re
import signal
import subprocess
import time
import unittest

import support
import sync_case


class Background(unittest.TestCase):
    def setUp(self):
        support.need("dovecot")
        self.dovecot = support.Dovecot(fsync=False)
        self.addCleanup(self.dovecot.close)
        self.store = support.Store()
        self.addCleanup(self.store.close)
        self.config = self.store.directory / "config" / "postern" / "config"
        self.config.parent.mkdir(parents=True)
        self.configure(self.dovecot.port)
        self.far = self.dovecot.connect()

    def configure(self, port, more="", password="pass"):
        self.config.write_text(f"interval = 1\n[local]\npath = {self.store.path}\n[remote]\ntype = imap\nSTARTTLS = NO\nhost = 127.0.0.1\nport = {port}\n"
                               f"username = user\npassword = {password}\n{more}")
        self.config.chmod(0o600)

    def open(self, *more):
        environment = " ".join(f"{name}={self.store.environment[name]}" for name in ("HOME", "XDG_CONFIG_HOME"))
        return support.Tunnel(f"env {environment} {support.IMAPD} --stdio {' '.join(more)}")

    def postern(self, *words, timeout=60):
        return subprocess.run([support.POSTERN, *words], env=self.store.environment, capture_output=True, text=True, timeout=timeout)

    def log(self):
        return (self.store.path / ".postern" / "log").read_text()

    def count(self, connection, mailbox="INBOX"):
        try:
            ok, data = connection.select(mailbox)
        except support.imaplib.IMAP4.abort:
            if connection is not self.far:
                raise
            # A busy Dovecot ends now and then a session that only looks on: it is asked again in another.
            self.far = self.dovecot.connect()
            return -1
        return int(data[0]) if ok == "OK" else -1

    def test_both_sides_are_compared_when_nothing_happens(self):
        for n in range(3):
            self.far.append("INBOX", None, None, support.message(n))
        session = self.open()
        self.addCleanup(session.logout)
        status = support.wait_until(lambda: re.search("verified .*", self.postern("status").stdout), seconds=120, what="a comparison")
        self.assertRegex(status[0], "^verified (just now|1 minute ago): 1 mailboxes, 0 differences$")
        self.assertIn("both sides were compared", self.log())

    def test_a_plain_server_is_not_listed_again_and_again(self):
        """Without MODSEQ: STATUS tells which mailboxes are worth a look."""
        self.far.logout()
        self.dovecot.close()
        self.dovecot = support.Dovecot(fsync=False, capability="IMAP4rev1 LITERAL+ UIDPLUS UNSELECT", compress=False)
        self.addCleanup(self.dovecot.close)
        self.far = self.dovecot.connect()
        for name in ("INBOX", "other"):
            self.far.create(name)
            for i in range(3):
                self.far.append(name, None, None, support.message(i))
        proxy = sync_case.Proxy(self.dovecot.port)
        self.addCleanup(proxy.close)
        self.configure(proxy.port)
        near = self.open()
        support.wait_until(lambda: self.count(near, "other") == 3, what="the first copy")

        def listings(seconds=0):
            time.sleep(seconds)
            return bytes(proxy.relayed[proxy.UP]).count(b"UID FETCH 1:*")

        support.wait_until(lambda: listings() == listings(2.5), what="nothing is listed any more")
        before = listings()
        passes = bytes(proxy.relayed[proxy.UP]).count(b"STATUS")
        support.wait_until(lambda: bytes(proxy.relayed[proxy.UP]).count(b"STATUS") > passes + 4, what="some passes")
        self.assertEqual(listings(), before)
        # A new message, a flag that is counted, and one from here.
        self.far.append("other", None, None, support.message(9))
        support.wait_until(lambda: self.count(near, "other") == 4, what="a message from there")
        self.far.select("other")
        self.far.store("1", "+FLAGS", r"(\Seen)")
        support.wait_until(lambda: near.noop() and b"Seen" in near.fetch("1", "(FLAGS)")[1][0], what="a flag from there")
        near.store("2", "+FLAGS", r"(\Flagged)")
        support.wait_until(lambda: self.far.noop() and b"Flagged" in self.far.fetch("2", "(FLAGS)")[1][0], what="a flag from here")
        # What no count shows is seen when a person asks.
        self.far.store("3", "+FLAGS", r"(\Answered)")
        self.assertEqual(self.postern("sync").returncode, 0)
        near.noop()
        self.assertIn(b"Answered", near.fetch("3", "(FLAGS)")[1][0])

    def test_changes_cross_both_ways_without_being_asked_for(self):
        for i in range(3):
            self.far.append("INBOX", None, None, support.message(i))
        near = self.open()  # the store's path comes from the configuration
        self.assertTrue(self.store.path.exists())
        support.wait_until(lambda: self.count(near) == 3, what="the first copy")
        near.append("INBOX", r"(\Flagged kw)", None, support.message(10))
        support.wait_until(lambda: self.count(self.far) == 4, what="a message from here")
        near.store("1", "+FLAGS", r"(\Seen)")
        support.wait_until(lambda: b"Seen" in self.far.fetch("1", "(FLAGS)")[1][0], what="a flag from here")
        self.far.append("INBOX", None, None, support.message(11))
        support.wait_until(lambda: self.count(near) == 5, what="a message from there")
        near.store("2", "+FLAGS", r"(\Deleted)")
        near.expunge()
        support.wait_until(lambda: self.count(self.far) == 4, what="an expunge from here")
        near.create("fresh")
        near.append("fresh", None, None, support.message(12))
        support.wait_until(lambda: self.count(self.far, "fresh") == 1, what="a mailbox from here")
        self.far.create("other")
        self.far.append("other", None, None, support.message(13))
        support.wait_until(lambda: self.count(near, "other") == 1, what="a mailbox from there, at the next interval")
        # A foreign hand in the Maildir.
        (self.store.path / "fresh" / "new" / "1700000000.foreign.host").write_bytes(b"Subject: foreign\n\nhello\n")
        support.wait_until(lambda: self.count(self.far, "fresh") == 2, what="a foreign delivery")
        self.assertEqual(self.postern("sync").returncode, 0)
        self.assertEqual(support.differences(support.contents(near), support.contents(self.far)), "")
        near.logout()

    def test_a_client_in_idle_hears_of_what_came_from_the_remote(self):
        near = self.open()
        near.select("INBOX")
        near.send(b"i IDLE\r\n")
        self.assertTrue(near.readline().startswith(b"+"))
        self.far.append("INBOX", None, None, support.message(1))
        while not (line := near.readline()).endswith(b"EXISTS\r\n"):
            self.assertTrue(line)
        self.assertEqual(line, b"* 1 EXISTS\r\n")
        near.kill()

    def test_the_remote_goes_away_and_comes_back(self):
        self.config.write_text("first-sync = both\n" + self.config.read_text())  # before the first pass there may be mail here
        near = self.open()
        near.append("INBOX", None, None, support.message(1))
        support.wait_until(lambda: self.count(self.far) == 1, what="the sync is up")
        self.dovecot.disconnect()
        near.append("INBOX", None, None, support.message(2))
        support.wait_until(lambda: "cannot go on" in self.log(), what="the failure is logged")
        self.assertEqual(near.noop()[0], "OK")
        answer = self.postern("sync")
        self.assertEqual(answer.returncode, 75, answer)
        self.assertIn("cannot connect", answer.stderr)
        self.dovecot.start()
        far = self.dovecot.connect()
        support.wait_until(lambda: self.count(far) == 2, seconds=30, what="it goes on by itself")
        near.logout()

    def test_a_wrong_password_is_said_once_and_mail_is_served(self):
        self.configure(self.dovecot.port, password="wrong")
        near = self.open()
        support.wait_until(lambda: "refuses the login" in self.log(), what="it is logged")
        self.assertEqual(self.count(near), 0)
        answer = self.postern("sync")
        self.assertEqual(answer.returncode, 77, answer)
        self.assertNotIn("wrong", self.log())
        self.configure(self.dovecot.port)
        self.assertEqual(self.postern("sync").returncode, 0)  # the file is read anew
        near.logout()

    def test_a_wrong_configuration_keeps_no_mail_from_being_read(self):
        self.far.append("INBOX", None, None, support.message(1))
        self.assertEqual(self.postern("sync").returncode, 0)
        right = self.config.read_text()
        for wrong, said in (("log-prefix = %?n?\n" + right, "line 1: log-prefix is wrong: it ends too early"),
                            (right.replace("[remote]", "[remoet]"), "line 4: there is no section [remoet]"),
                            (right.replace("username", "usrname"), "did you mean username?"),
                            (right.replace("interval = 1", "interval = never"), "line 1: interval is a number"),
                            (right.replace("[remote]", "compress = maybe\n[remote]"), "line 4: "),
                            (right.split("[remote]")[0], "there is no section [remote]"),
                            (right + "no sense\n", "line 11: expected OPTION = VALUE")):
            for options in (), ("--no-sync",), ("--config", str(self.config)), ("--store", str(self.store.path)):
                with self.subTest(said=said, options=options):
                    self.store.stop_owner()
                    self.config.write_text(wrong)
                    answer = subprocess.run([support.IMAPD, "--stdio", *options], input="1 SELECT INBOX\r\n2 LOGOUT\r\n", env=self.store.environment,
                                            capture_output=True, text=True, timeout=30)
                    self.assertEqual((answer.returncode, answer.stderr), (0, ""))
                    self.assertIn("* 1 EXISTS", answer.stdout)
                    second = answer.stdout.splitlines()[1]
                    self.assertEqual(second.startswith("* OK [ALERT] ") and said in second, "--no-sync" not in options, answer.stdout)
                    self.assertNotIn(str(self.store.directory), answer.stdout)
            status = self.postern("status")
            self.assertEqual(status.returncode, 78)
            self.assertIn(said, status.stderr)
            self.assertIn(said, self.log())

    def test_a_mended_configuration_is_taken_up_by_itself(self):
        right = self.config.read_text()
        self.config.write_text(right + "usrname = me\n")
        near = self.open()
        owner = self.store.owner()
        support.wait_until(lambda: "the sync cannot go on" in self.log(), what="it is logged")
        self.far.append("INBOX", None, None, support.message(1))
        self.config.write_text(right)
        support.wait_until(lambda: self.count(near) == 1, seconds=10, what="the message comes")
        self.config.write_text(right.replace("password = pass", "password = wrong"))
        support.wait_until(lambda: "refuses the login" in self.log(), seconds=20, what="it is logged")
        self.far.append("INBOX", None, None, support.message(2))
        self.config.write_text(right)
        support.wait_until(lambda: self.count(near) == 2, seconds=10, what="the message comes")
        self.assertEqual(self.store.owner(), owner)
        near.logout()

    def test_a_configuration_that_does_not_say_which_store_serves_none(self):
        right = self.config.read_text()
        for wrong in right.replace("path =", "paht ="), right.replace("[local]", "[locl]"), right.replace("path = /", "path = "):
            self.config.write_text(wrong)
            answer = subprocess.run([support.IMAPD, "--stdio"], env=self.store.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30)
            self.assertEqual(answer.returncode, 78, answer)
            self.assertIn("--store DIR says it", answer.stderr)
            near = self.open("--store", str(self.store.path))
            self.assertEqual(self.count(near), 0)
            near.logout()
            self.store.stop_owner()
        self.assertFalse((self.store.directory / "Mail").exists() and self.store.path != self.store.directory / "Mail")

    def test_status_waits_for_nobody_and_a_mended_configuration_neither(self):
        runs = self.store.directory / "runs"
        right = self.config.read_text()
        self.config.write_text(right.replace("password = pass", f"password-command = echo $$ >> {runs}; exec sleep 300"))
        near = self.open()
        support.wait_until(runs.exists, what="the command runs")
        start = time.monotonic()
        self.assertEqual(self.postern("status", timeout=10).returncode, 0)
        ended = subprocess.Popen([support.POSTERN, "sync"], env=self.store.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.5)
        ended.send_signal(signal.SIGINT)
        ended.communicate(timeout=10)
        before = len(runs.read_text().split())
        self.config.write_text(right)
        answer = self.postern("sync", timeout=20)
        self.assertEqual((answer.returncode, answer.stderr), (0, ""))
        self.assertLess(time.monotonic() - start, 15)
        self.assertEqual(len(runs.read_text().split()), before)  # the one that was ended is not run afterwards
        self.far.append("INBOX", None, None, support.message(3))
        support.wait_until(lambda: self.count(near) == 1, seconds=15, what="the background goes on")
        near.logout()

    def test_a_password_command_sees_where_its_caller_sits(self):
        """The owner was started by a mail client somewhere else: the terminal, the agent and the display are those of who asks now."""
        seen = self.store.directory / "seen"
        names = ("GPG_TTY", "GNUPGHOME", "SSH_AUTH_SOCK", "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "HOME")
        right = self.config.read_text()
        show = " ".join(f'"${name}"' for name in names)
        self.config.write_text(right.replace("password = pass", f"password-command = printf '%s|' {show} >> {seen}; echo >> {seen}; echo nothing-for-the-client >&2; exit 1"))
        near = self.open()
        support.wait_until(lambda: "nothing-for-the-client" in self.log(), what="the owner has asked")
        before = seen.read_text().count("\n")
        caller = {name: f"{name.lower()}=of the caller" for name in names}
        self.store.environment.update({**caller, "HOME": str(self.store.directory), "PATH_OF_NOBODY": "x"})
        answer = self.postern("sync")
        self.assertEqual(answer.returncode, 78, answer)
        lines = seen.read_text().splitlines()
        self.assertIn("|".join([*(caller[name] for name in names[:-1]), str(self.store.directory), ""]), lines[before:])
        self.config.write_text(right)
        self.assertEqual(self.postern("sync").returncode, 0)
        self.config.write_text(right.replace("password = pass", f"password-command = printf '%s|' {show} >> {seen}; echo >> {seen}; echo pass"))
        support.wait_until(lambda: len(seen.read_text().splitlines()) > len(lines), seconds=20, what="the owner asks by itself")
        self.assertNotIn("of the caller", seen.read_text().splitlines()[-1])
        near.logout()

    def test_a_password_command_is_asked_once_while_its_answer_works(self):
        """For the connections of passes and for the one that watches the server; again when the answer is refused: tokens expire."""
        asked, answer = self.store.directory / "asked", self.store.directory / "answer"
        answer.write_text("pass\n")
        right = self.config.read_text()
        proxy = sync_case.Proxy(self.dovecot.port)
        self.addCleanup(proxy.close)
        self.config.write_text(right.replace("password = pass", f"password-command = echo x >> {asked}; cat {answer}")
                               .replace(f"port = {self.dovecot.port}", f"port = {proxy.port}") + "compress = NO\n")
        near = self.open()
        logins = lambda: len(re.findall(rb"AUTHENTICATE|LOGIN ", bytes(proxy.relayed[proxy.UP])))
        support.wait_until(lambda: b"IDLE" in bytes(proxy.relayed[proxy.UP]), what="the server is watched")
        self.assertGreaterEqual(logins(), 2)
        self.assertEqual(asked.read_text(), "x\n")
        self.dovecot.set_password("another")
        answer.write_text("another\n")
        self.far = self.dovecot.connect()
        self.far.append("INBOX", None, None, support.message(1))
        support.wait_until(lambda: self.count(near) == 1, seconds=40, what="the message comes")
        self.assertEqual(asked.read_text(), "x\nx\n")
        self.assertNotIn("refuses the login", self.log())
        near.logout()

    def test_a_password_that_everybody_may_read_is_warned_of(self):
        near = self.open()
        near.noop()
        self.assertNotIn("can be read by every user", self.log())
        near.logout()
        self.store.stop_owner()
        self.config.chmod(0o644)
        near = self.open()
        support.wait_until(lambda: "can be read by every user" in self.log(), what="it is logged")
        for _ in range(2):
            answer = self.postern("sync")
            self.assertEqual(answer.returncode, 0)
            self.assertEqual(answer.stderr.count(f"chmod 600 {self.config}"), 1, answer)
        self.assertEqual(self.log().count("can be read by every user"), 1)
        self.assertIn("can be read by every user", self.postern("doctor").stdout)
        self.config.write_text(self.config.read_text().replace("password = pass", "password-command = echo pass"))
        self.assertEqual(self.postern("sync").stderr, "")
        near.logout()

    def test_commands_go_through_the_owner_one_after_the_other(self):
        for i in range(300):
            self.far.append("INBOX", None, None, support.message(i, 3000))
        near = self.open()
        passes = [subprocess.Popen([support.POSTERN, "sync"], env=self.store.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                  for _ in range(5)]
        for one in passes:
            out, err = one.communicate(timeout=60)
            self.assertEqual((one.returncode, err), (0, ""), out)
        self.assertEqual(self.count(near), 300)
        self.assertEqual(self.postern("verify").stdout, "300 messages compared in 1 mailboxes, 0 differences\n")
        self.assertIn("300 messages", self.postern("status").stdout)
        near.logout()

    def fill_with_spoiled_files(self, count):
        """As a disk spoils them: the text is another one, and nothing else tells."""
        for i in range(count):
            self.far.append("INBOX", None, None, support.message(i))
        self.assertIn(f"{count} messages fetched", self.postern("sync").stdout)
        self.store.stop_owner()
        for file in [*(self.store.path / "INBOX" / "cur").iterdir(), *(self.store.path / "INBOX" / "new").iterdir()]:
            was, text = file.stat(), file.read_bytes()
            with open(file, "r+b") as out:
                out.write(text[:-3] + b"#" + text[-2:])
            support.os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))

    def assert_all_said(self, out, count):
        lines = out.splitlines()
        self.assertEqual(len(lines), count + 1)
        self.assertEqual(sum("differ in their text" in line for line in lines), count)
        self.assertTrue(lines[-1].endswith(f"{count} differences"), lines[-1])

    def test_a_command_loses_no_line_however_slowly_it_is_read(self):
        self.fill_with_spoiled_files(900)
        for _ in range(3):
            answer = self.postern("verify")
            self.assertEqual((answer.returncode, answer.stderr), (1, ""))
            self.assert_all_said(answer.stdout, 900)
        near = self.open()
        slow = subprocess.Popen([support.POSTERN, "verify"], env=self.store.environment, stdout=subprocess.PIPE, text=True, pipesize=4096)
        time.sleep(2)  # a pager, and nobody turns its page
        self.assertIsNone(slow.poll())
        self.assertEqual(self.postern("sync", timeout=20).returncode, 0)
        near.append("INBOX", None, None, support.message(5000))
        support.wait_until(lambda: self.count(self.far) == 901, what="the background goes on")
        self.assert_all_said(slow.communicate(timeout=60)[0], 900)
        self.assertEqual(slow.returncode, 1)
        never = subprocess.Popen([support.POSTERN, "verify"], env=self.store.environment, stdout=subprocess.PIPE, pipesize=4096)
        time.sleep(1)
        never.kill()
        never.communicate()
        self.assertEqual(self.postern("sync", timeout=20).returncode, 0)
        near.logout()

    def test_status_tells_of_trouble_and_of_its_end(self):
        self.far.append("INBOX", None, None, support.message(1))
        self.assertEqual(self.postern("sync").returncode, 0)
        self.assertIn("in sync, 1 message fetched", self.postern("status").stdout)
        self.dovecot.disconnect()
        self.assertEqual(self.postern("sync").returncode, 75)
        self.assertIn("stopped: cannot connect", self.postern("status").stdout)
        self.dovecot.start()
        self.assertEqual(self.postern("sync").returncode, 0)
        status = self.postern("status").stdout
        self.assertIn("in sync, nothing to do", status)
        self.assertNotIn("stopped", status)

    def test_an_owner_for_a_command_alone_synchronises_nothing_else_and_leaves(self):
        self.far.append("INBOX", None, None, support.message(1))
        self.assertEqual(self.postern("sync").returncode, 0)
        support.wait_until(lambda: self.store.owner() is None, what="the owner leaves")
        self.assertFalse((self.store.path / ".postern" / "socket").exists())

    def test_sigterm_in_the_middle_of_a_copy(self):
        for i in range(400):
            self.far.append("INBOX", None, None, support.message(i, 20000))
        asked = subprocess.Popen([support.POSTERN, "sync"], env=self.store.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        new = self.store.path / "INBOX" / "cur"
        support.wait_until(lambda: any(new.glob("*")) or asked.poll() is not None, what="the copy has begun")
        owner = self.store.owner()
        if owner is not None:
            start = time.monotonic()
            os.kill(owner, signal.SIGTERM)
            asked.communicate(timeout=10)
            support.wait_until(lambda: self.store.owner() is None, what="the owner ends")
            self.assertLess(time.monotonic() - start, 5)
        else:
            asked.communicate(timeout=10)
        self.assertEqual(self.postern("sync").returncode, 0)
        self.assertIn("400 messages compared in 1 mailboxes, 0 differences", self.postern("verify").stdout)

    def test_no_sync_and_a_store_that_is_not_the_configurations(self):
        self.far.append("INBOX", None, None, support.message(1))
        near = self.open("--no-sync")
        self.assertEqual(self.count(near), 0)
        near.logout()
        self.store.stop_owner()
        other = self.store.directory / "Other"
        near = self.open("--store", str(other))
        self.assertEqual(self.count(near), 0)
        near.logout()
        self.assertNotIn("sync", (other / ".postern" / "log").read_text())
        owner = support.owner_of(other)
        os.kill(owner, signal.SIGTERM)
        support.wait_until(lambda: support.owner_of(other) is None, what="the owner leaves")
        refused = subprocess.run([support.IMAPD, "--stdio", "--store", other, "--config", self.config], env=self.store.environment, capture_output=True,
                                 text=True, stdin=subprocess.DEVNULL, timeout=20)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("is not the store", refused.stderr)

    def test_a_service_in_the_foreground_synchronises_without_clients(self):
        self.far.append("INBOX", None, None, support.message(1))
        process = subprocess.Popen([support.IMAPD], env=self.store.environment, stderr=subprocess.PIPE, text=True)
        try:
            inbox = self.store.path / "INBOX"
            support.wait_until(lambda: any(inbox.glob("cur/*")) or any(inbox.glob("new/*")), what="the message is here")
        finally:
            support.stop(process)
            process.stderr.close()
        self.assertEqual(process.returncode, 0)


if __name__ == "__main__":
    unittest.main()
