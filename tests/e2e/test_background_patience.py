# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""What the background does again, and when: nothing that was refused is sent in each pass, and a login that is refused for a while is tried when it is time."""

import time
import unittest

import support
import sync_case
from lying_case import LyingCase
from lying_server import PLAIN, Server


class Background(LyingCase):
    """A pass each second."""

    def open(self):
        config = self.store.directory / "config" / "postern" / "config"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(self.config.read_text())
        config.chmod(0o600)
        environment = " ".join(f"{name}={self.store.environment[name]}" for name in ("HOME", "XDG_CONFIG_HOME"))
        session = support.Tunnel(f"env {environment} {support.IMAPD} --stdio")
        self.addCleanup(session.shutdown)
        return session

    def found(self, session):
        session.noop()
        return int(session.select("INBOX")[1][0])


class WhatIsRefused(Background):
    """A message that is too big was sent again and again, and held up all that came behind it: https://github.com/thunderbird/thunderbird-android/issues/5558."""

    class Refusing(Server):
        refused = 0

        def on_append(self, talk, tag, rest):
            if b"Subject: message 5\r\n" in b"".join(talk.literals):
                self.refused += 1
                talk.say(f"{tag} NO [CANNOT] not this one")
            else:
                super().on_append(talk, tag, rest)

    def test_it_is_not_sent_again_by_each_pass(self):
        for capability in (PLAIN, PLAIN + " MULTIAPPEND", PLAIN.replace(" UIDPLUS", "")):
            with self.subTest(capability=capability):
                self.new_store()
                server = self.serve(self.Refusing(capability=capability), top="interval = 1")
                near = self.open()
                for n in range(10):
                    self.assertEqual(near.append("INBOX", None, None, support.message(n))[0], "OK")
                support.wait_until(lambda: len(server.inbox.mails) == 9, what="the others")
                refused, passes = server.refused, server.count("status")
                support.wait_until(lambda: server.count("status") >= passes + 4, what="some passes")
                self.assertEqual(server.refused, refused, "it waits for ten minutes")
                self.assertLessEqual(refused, 3, "once in its batch, and by itself")
                near.append("INBOX", None, None, support.message(20))
                support.wait_until(lambda: len(server.inbox.mails) == 10, what="what comes later")
                self.assertEqual(server.refused, refused)
                self.assertIn('"message 5" from Sender 5', self.postern("status").out)
                self.assertEqual(len({mail.text for mail in server.inbox.mails}), 10)
                self.postern("sync")  # a person who asks has it tried
                self.assertEqual(server.refused, refused + 1)


class LoginsForAWhile(Background):
    class Busy(Server):
        words, until, tries = "", 0.0, None

        def on_authenticate(self, talk, tag, rest):
            if self.tries is not None:
                self.tries.append(time.monotonic())
            if (left := self.until - time.monotonic()) > 0:
                talk.say(f"{tag} {self.words.format(left=int(left * 1000))}")
            else:
                talk.say(f"{tag} OK in")

    def begin(self, words, seconds):
        self.new_store()
        server = self.serve(self.Busy(), top="interval = 1")
        server.inbox.add(support.message(0))
        server.words, server.until, server.tries = words, time.monotonic() + seconds, []
        return server

    def test_the_time_that_is_suggested_is_waited_for(self):
        """Exchange: https://github.com/jstedfast/MailKit/issues/1494."""
        server = self.begin("NO Request is throttled. Suggested Backoff Time: {left} milliseconds", 4)
        near = self.open()
        support.wait_until(lambda: self.found(near) == 1, what="the message, when it is time")
        early = [when for when in server.tries if when < server.until]
        self.assertEqual(len(early), 1, "one try, and then patience")
        self.assertLess(server.tries[1] - server.until, 5, "not ten minutes later")

    def test_without_one_pauses_are_short_and_grow(self):
        """Gmail: https://github.com/mordak/runt/issues/1."""
        server = self.begin("NO [ALERT] Too many simultaneous connections. (Failure)", 12)
        near = self.open()
        support.wait_until(lambda: self.found(near) == 1, seconds=60, what="the message")
        early = [when for when in server.tries if when < server.until]
        self.assertTrue(2 <= len(early) <= 5, early)
        pauses = [later - earlier for earlier, later in zip(early, early[1:])]
        self.assertEqual(pauses, sorted(pauses))


class AnotherOrder(Background):
    """A Dovecot that does not announce UNSELECT answers LIST before a pipelined NOOP (RFC 3501 section 5.5 allows it)."""

    def test_passes_go_on(self):
        self.start_dovecot(capability="IMAP4rev1 LITERAL+ IDLE UIDPLUS CONDSTORE LIST-EXTENDED", compress=False, top="interval = 1")
        far, near = self.dovecot.connect(), self.open()
        for n in range(4):
            self.fill(far, "INBOX", [n])
            support.wait_until(lambda n=n: self.found(near) == n + 1, what="a message from there")
        self.assertNotIn("no longer", self.postern("status").out)
        done = self.postern("sync")
        self.assertEqual(done.code, 0, done)
        far.logout()


if __name__ == "__main__":
    unittest.main()
