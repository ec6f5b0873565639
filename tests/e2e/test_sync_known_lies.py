# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Lies of servers that many people have, each told by a server of the test's own: what `postern sync` makes of them. Where it is known who tells it, it is said."""

import unittest

import support
from lying_server import PLAIN, SYSTEM, Server
from sync_case import EX_NOPERM, EX_TEMPFAIL
from test_sync_lies import CONDSTORE, Lies


class KnownLies(Lies):
    def begin(self, server, count=30):
        self.new_store()
        self.serve(server)
        for n in range(count):
            server.inbox.add(support.message(n))
        self.sync()
        return server

    def assert_same_here(self):
        self.assertEqual(self.here(), sorted(mail.text for mail in self.server.inbox.mails))


class Sizes(KnownLies):
    """RFC822.SIZE that is only near. Exchange: https://github.com/techsneeze/dmarcts-report-parser/issues/14; hMailServer: https://github.com/hmailserver/hmailserver/issues/476."""

    class Near(Server):
        def size_of(self, mail):
            return len(mail.text) + (mail.uid % 7 - 3) * 5

    def test_the_same_on_both_sides(self):
        for capability in (PLAIN, CONDSTORE):
            with self.subTest(capability=capability):
                self.new_store()
                server = self.serve(self.Near(capability=capability))
                near = self.store.connect()
                for n in range(30):
                    server.inbox.add(support.message(n))
                    near.append("INBOX", None, '"03-Nov-2026 10:00:00 +0000"', support.message(n))
                near.logout()
                done = self.sync()
                self.assertEqual((done.count("found on both sides"), done.count("fetched"), done.count("sent")), (30, 0, 0), done)
                self.assertEqual(self.postern("repair", "INBOX").code, 0)
                self.assertEqual(self.sync().count("found on both sides"), 30)
                self.assert_same_here()


class Counts(KnownLies):
    """Fewer messages than there are, once: while an index is made anew (none known by a public report), or told by a replica that lags behind."""

    class Forgetful(Server):
        forgets = 0  # SELECTs
        shown = 0

        def on_select(self, talk, tag, rest):
            super().on_select(talk, tag, rest)
            if self.forgets:
                self.forgets -= 1
                few = type(self.inbox)(self.inbox.validity)
                few.next, few.modseq, few.mails = self.inbox.next, self.inbox.modseq, self.inbox.mails[:self.shown]
                talk.mailbox = few

    def test_few_or_none(self):
        """EXISTS tells of all, what is listed and found are fewer: then nothing is concluded."""
        for capability in (PLAIN, CONDSTORE):
            for shown in (0, 5, 29):
                with self.subTest(capability=capability, shown=shown):
                    server = self.begin(self.Forgetful(capability=capability))
                    server.forgets, server.shown = 1, shown
                    server.inbox.add(support.message(100))
                    self.postern("sync")
                    self.assertGreaterEqual(len(self.here()), 30)
                    self.sync()
                    self.assert_same_here()

    def test_no_messages_once(self):
        """`0 EXISTS`, nothing listed, nothing found."""

        class Empty(Server):
            empties = 0

            def on_select(self, talk, tag, rest):
                whole = self.inbox
                if self.empties:
                    self.empties -= 1
                    self.mailboxes["INBOX"] = type(whole)(whole.validity)
                    self.inbox.next, self.inbox.modseq = whole.next, whole.modseq
                super().on_select(talk, tag, rest)
                self.mailboxes["INBOX"] = whole

        for capability in (PLAIN, CONDSTORE):
            with self.subTest(capability=capability):
                server = self.begin(Empty(capability=capability))
                server.empties = 1
                server.inbox.mails[0].flags.add(r"\Seen")
                server.inbox.modseq += 1
                self.postern("sync", "INBOX")
                self.assertEqual(len(self.here()), 30)
                self.sync()
                self.assert_same_here()

    def test_counted_and_never_shown(self):
        """Yahoo: https://github.com/MailCore/mailcore2/issues/1445. The others come, and what comes later."""

        class Hiding(Server):
            def give(self, talk, number, mail, items):
                if mail.uid != 4:
                    super().give(talk, number, mail, items)

        for capability in (PLAIN, CONDSTORE):
            with self.subTest(capability=capability):
                self.new_store()
                server = self.serve(Hiding(capability=capability))
                for n in range(8):
                    server.inbox.add(support.message(n))
                done = self.sync(1)
                self.assertEqual(len(self.here()), 7, done)
                server.inbox.add(support.message(20))
                self.sync(1)
                self.assertIn(support.message(20), self.here())


class Texts(KnownLies):
    def test_twice(self):
        """A text that comes twice in one answer. Flags alone again, of Gmail: https://github.com/modern-email/defects/issues/39; all of it: none known by a public report."""

        class Twice(Server):
            def send_fetched(self, talk, number, mail, said):
                super().send_fetched(talk, number, mail, said)
                super().send_fetched(talk, number, mail, said)

        for capability in (PLAIN, CONDSTORE):
            with self.subTest(capability=capability):
                self.begin(Twice(capability=capability), 12)
                self.assert_same_here()
                self.assertIn("nothing to do", self.sync().out)

    def test_late(self):
        """The answer to what was asked before comes among those to what was asked later (Dovecot, whose output waits; RFC 3501 section 5.5 allows it). None known by a public report."""

        class Late(Server):
            def send_fetched(self, talk, number, mail, said):
                before, talk.late = getattr(talk, "late", None), (number, mail, said)
                if before:
                    super().send_fetched(talk, *before)

            def on_uid_fetch(self, talk, tag, rest):
                super().on_uid_fetch(talk, tag, rest)
                if "CHANGEDSINCE" in rest or "BODY.PEEK[]" not in rest:
                    self.flush(talk)

            def flush(self, talk):
                if before := getattr(talk, "late", None):
                    talk.late = None
                    super().send_fetched(talk, *before)

            def on_noop(self, talk, tag, rest):
                self.flush(talk)
                self.ok(talk, tag, rest)

        server = self.serve(Late())
        for n in range(12):
            server.inbox.add(support.message(n))
        for _ in range(3):
            self.postern("sync")
        self.assertEqual(len(set(self.here())), len(self.here()))
        self.assertEqual(len(server.inbox.mails), 12)

    def test_empty(self):
        """iCloud gives no text: https://github.com/MailCore/mailcore2/issues/1967."""

        class Empty(Server):
            empty = (3, 7)

            def give(self, talk, number, mail, items):
                text, size = mail.text, self.size_of(mail)
                if mail.uid in self.empty and "BODY.PEEK[]" in items:
                    talk.send(b'* %d FETCH (UID %d FLAGS () INTERNALDATE "03-Nov-2026 10:00:00 +0000" RFC822.SIZE %d BODY[] "")\r\n' % (number, mail.uid, size))
                else:
                    super().give(talk, number, mail, items)
                mail.text = text

        self.new_store()
        server = self.serve(Empty())
        for n in range(10):
            server.inbox.add(support.message(n))
        done = self.sync(1)
        self.assertEqual(len(self.here()), 8, done)
        server.empty = ()
        self.sync()
        self.assert_same_here()


class Names(KnownLies):
    def test_inbox_in_any_spelling(self):
        """Yahoo's `Inbox`: https://github.com/cypht-org/cypht/issues/165; Gmail's, with `INBOX/...` below: https://github.com/emailjs/emailjs-imap-client/issues/18."""

        class Spelled(Server):
            def on_list(self, talk, tag, rest, word="LIST"):
                for name in self.mailboxes:
                    talk.say(f'* {word} () "/" "{name.replace("INBOX", "Inbox")}"')
                talk.say(f"{tag} OK done")

            def named(self, rest):
                return super().named(rest.replace("Inbox", "INBOX"))

        server = self.serve(Spelled("INBOX/child"))
        for number, mailbox in enumerate(server.mailboxes.values()):
            mailbox.add(support.message(number))
        self.sync()
        self.assertEqual(self.messages(self.store, "INBOX/child"), [support.message(1)])
        self.assertEqual(self.messages(self.store), [support.message(0)])
        self.assertIn("nothing to do", self.sync().out)

    def test_a_listing_without_inbox_once(self):
        """And one that ends in the middle. None known by a public report."""

        class Short(Server):
            short = 0

            def on_list(self, talk, tag, rest, word="LIST"):
                if self.short and word == "LIST" and "*" in rest:
                    self.short -= 1
                    talk.say(f'* LIST () "/" "a"', f"{tag} OK done")
                else:
                    super().on_list(talk, tag, rest, word)

        server = self.serve(Short("a", "b"))
        for number, mailbox in enumerate(server.mailboxes.values()):
            mailbox.add(support.message(number))
        self.sync()
        server.short = 1
        server.inbox.add(support.message(10))
        self.postern("sync")
        self.assertIn(support.message(10), self.here())
        self.assertEqual(self.messages(self.store, "b"), [support.message(2)])
        self.sync()


class Conversations(KnownLies):
    class Refusing(Server):
        words, left = "", 0

        def on_authenticate(self, talk, tag, rest):
            self.left -= 1
            talk.say(f"{tag} {self.words}" if self.left >= 0 else f"{tag} OK in")

    def test_a_login_that_is_refused_for_a_while(self):
        """Gmail: https://github.com/mordak/runt/issues/1; Exchange: https://github.com/jstedfast/MailKit/issues/1494."""
        server = self.serve(self.Refusing())
        server.inbox.add(support.message(0))
        for words, code in (("NO [ALERT] Too many simultaneous connections. (Failure)", EX_TEMPFAIL), ("NO [LIMIT] Maximum number of connections exceeded", EX_TEMPFAIL),
                            ("NO [INUSE] not now", EX_TEMPFAIL), ("NO [UNAVAILABLE] later", EX_TEMPFAIL), ("NO Request is throttled. Suggested Backoff Time: 300 milliseconds", EX_TEMPFAIL),
                            ("BAD User is authenticated but not connected.", EX_TEMPFAIL), ("NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", EX_NOPERM), ("NO LOGIN failed.", EX_NOPERM)):
            with self.subTest(words=words):
                server.words, server.left = words, 1
                done = self.postern("sync")
                self.assertEqual(done.code, code, done)
                self.sync()

    def test_no_mailbox_without_id(self):
        """163.com and 126.com: https://github.com/modern-email/defects/issues/25, https://github.com/OfflineIMAP/offlineimap/issues/696."""

        class Curious(Server):
            def on_id(self, talk, tag, rest):
                talk.known = True
                talk.say("* ID NIL", f"{tag} OK done")

            def on_select(self, talk, tag, rest):
                if getattr(talk, "known", False):
                    super().on_select(talk, tag, rest)
                else:
                    talk.say(f"{tag} NO SELECT Unsafe Login. Please contact somebody for help")

        self.begin(Curious(capability=PLAIN + " ID"), 3)
        self.assert_same_here()

    def test_a_modseq_without_condstore(self):
        """Yahoo tells HIGHESTMODSEQ and does not know CHANGEDSINCE: https://github.com/whiteout-io/imap-client/pull/40."""

        class Yahoo(Server):
            def on_select(self, talk, tag, rest):
                talk.mailbox = mailbox = self.named(rest)
                if "CONDSTORE" in rest:
                    talk.say(f"{tag} BAD what?")
                    return
                talk.say(f"* FLAGS ({SYSTEM})", f"* OK [PERMANENTFLAGS ({SYSTEM})] kept", f"* {len(mailbox.mails)} EXISTS", f"* OK [UIDVALIDITY {mailbox.validity}] valid",
                         f"* OK [UIDNEXT {mailbox.next}] next", f"* OK [HIGHESTMODSEQ {mailbox.modseq}]", f"{tag} OK [READ-WRITE] selected")

            def on_uid_fetch(self, talk, tag, rest):
                if "CHANGEDSINCE" in rest:
                    talk.say(f"{tag} BAD what?")
                else:
                    super().on_uid_fetch(talk, tag, rest)

        server = self.begin(Yahoo(), 10)
        self.assertIn("nothing to do", self.sync().out)
        server.inbox.mails[2].flags.add(r"\Seen")
        server.inbox.add(support.message(50))
        done = self.sync()
        self.assertEqual((done.count("fetched"), done.count("taken over")), (1, 1), done)
        self.delete_here("3")
        self.sync()
        self.assert_same_here()

    def test_many_at_once_end_the_connection(self):
        """Hotmail says BYE where too many messages are asked for at once: https://github.com/mscdex/node-imap/issues/518. Some come with each pass, and none is held for it."""

        class Bye(Server):
            most = 7

            def on_uid_fetch(self, talk, tag, rest):
                talk.given = 0
                super().on_uid_fetch(talk, tag, rest)

            def give(self, talk, number, mail, items):
                talk.given += "BODY.PEEK[]" in items
                if talk.given > self.most:
                    talk.say("* BYE Connection is closed. 14")
                    raise EOFError
                super().give(talk, number, mail, items)

        self.new_store()
        server = self.serve(Bye())
        for n in range(20):
            server.inbox.add(support.message(n))
        before = 0
        for _ in range(6):
            done = self.postern("sync")
            if done.code == 0:
                break
            self.assertGreater(len(self.here()), before, done)
            before = len(self.here())
        self.assertEqual(done.code, 0, done)
        self.assert_same_here()


if __name__ == "__main__":
    unittest.main()
