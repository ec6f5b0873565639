# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""`postern sync` and messages that are too large for one side, or for which it has no room: held by name, at no cost, while the others go on."""

import re
import unittest

import support
from lying_case import LyingCase
from lying_server import PLAIN, Server

SUBJECT = "=?UTF-8?Q?Gr=C3=BC=C3=9Fe_=1B]0;gotcha=07?="


class Limits(LyingCase):
    def put(self, number, size=0, mailbox="INBOX", subject=None):
        near = self.store.connect()
        self.assertEqual(near.append(mailbox, None, None, support.message(number, size, subject))[0], "OK")
        near.logout()

    def texts(self, mailbox="INBOX"):
        return [mail.text for mail in self.server.mailboxes[mailbox].mails]

    def assert_named(self, done, subject, sender):
        """Who reads it knows which message is meant, and nothing in it acts on a terminal."""
        self.assertIn(f'"{subject}" from {sender}', done.err)
        for octet in done.out + done.err:
            self.assertTrue(octet == "\n" or octet.isprintable(), repr(done.err))


class TooLargeToCome(Limits):
    """A message with more octets than are read in one piece (a server may have it: Dovecot has no limit of its own). None known by a public report."""

    class Huge(Server):
        huge = b"Subject: " + SUBJECT.encode() + b"\r\nFrom: Eve <eve@example.org>\r\nDate: Tue, 3 Nov 2026 10:00:00 +0000\r\n\r\nvideo\r\n"

        def size_of(self, mail):
            return 3_000_000_000 if mail.text == self.huge else len(mail.text)

    def check(self, capability, *rungs):
        self.check_server(self.Huge(capability=capability))

    def check_server(self, server, others=3):
        server = self.serve(server)
        for n in range(3):
            server.inbox.add(support.message(n))
        server.inbox.add(server.huge)
        for n in range(3, others + 1):
            server.inbox.add(support.message(n))
        done = self.sync(1)
        self.assertEqual(self.messages(self.store), sorted(map(support.message, range(others + 1))), done)
        self.assert_named(done, "Grüße \ufffd]0;gotcha\ufffd", "Eve <eve@example.org>")
        self.assertIn("it is too large (3000 MB)", done.err)
        self.assertNotIn("UID", done.err)
        self.assertEqual(server.count("uid_fetch", "4 (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])"), 0)
        server.inbox.add(support.message(others + 1))  # new mail goes on
        done = self.sync(1)
        self.assertEqual(done.count("fetched"), 1, done)
        self.assertIn("it is too large", done.err)
        self.assertIn("it is too large", self.postern("status").out)
        server.inbox.mails = [mail for mail in server.inbox.mails if mail.text != server.huge]
        server.inbox.modseq += 1
        self.sync()
        self.assertEqual(self.messages(self.store), sorted(map(support.message, range(others + 2))))

    def test_plain(self):
        self.check(PLAIN)

    def test_condstore(self):
        self.check(PLAIN + " CONDSTORE ENABLE")

    def test_among_many(self):
        """One search tells which are too large; sizes are asked for of nothing else."""
        server = self.Huge()
        self.check_server(server, others=20)
        sizes = {rest for verb, rest in server.asked if verb == "uid_fetch" and rest.endswith("(RFC822.SIZE)")}
        self.assertEqual(sizes, {"4 (RFC822.SIZE)", "23 (RFC822.SIZE)"}, server.asked)  # the large one, and one that came alone

    def test_among_many_of_a_server_that_refuses_to_search(self):
        class Refusing(self.Huge):
            def on_uid_search(self, talk, tag, rest):
                if "LARGER" not in rest:
                    return super().on_uid_search(talk, tag, rest)
                talk.say(f"{tag} NO not now")

        self.check_server(Refusing(), others=20)

    def test_a_search_that_names_all(self):
        class Naming(self.Huge):
            def on_uid_search(self, talk, tag, rest):
                super().on_uid_search(talk, tag, re.sub(r" LARGER \d+", "", rest))

        self.check_server(Naming(), others=20)

    def test_it_is_never_asked_for(self):
        server = self.serve(self.Huge())
        server.inbox.add(server.huge)
        for _ in range(3):
            self.sync(1)
        self.assertEqual(server.count("uid_fetch", "BODY.PEEK[])"), 0, server.asked)

    def test_more_octets_than_were_told(self):
        """The size was a lie (hMailServer tells smaller ones: https://github.com/hmailserver/hmailserver/issues/476): the connection is given up when the text begins, the message held, the others come."""
        outer = self

        class Liar(self.Huge):
            def size_of(self, mail):
                return len(mail.text)

            def give(self, talk, number, mail, items):
                if mail.text == self.huge and "BODY.PEEK[]" in items:
                    talk.send(b"* %d FETCH (UID %d FLAGS () RFC822.SIZE 10 BODY[] {3000000000}\r\n" % (number, mail.uid))
                    raise EOFError
                super().give(talk, number, mail, items)

        server = outer.serve(Liar())
        server.inbox.add(support.message(0))
        server.inbox.add(server.huge)
        server.inbox.add(support.message(1))
        for _ in range(4):
            self.postern("sync")
        self.assertEqual(self.messages(self.store), sorted(map(support.message, range(2))))
        done = self.postern("sync")
        self.assertNotEqual(done.code, 0, done)


class TooLargeToGo(Limits):
    """APPENDLIMIT (RFC 7889): Gmail and Fastmail announce a number, others one for each mailbox (none known). Gmail's: https://github.com/moriyoshi/cyrus-sasl-xoauth2/issues/3."""

    def check_held(self, server):
        self.put(1)
        self.put(2, size=50_000, subject="the large one")
        self.put(3)
        done = self.sync(1)
        self.assertEqual(self.texts(), [support.message(1), support.message(3)], done)
        self.assert_named(done, "the large one", "Sender 2 <sender2@example.org>")
        self.assertIn("takes no message of more than 20 kB (APPENDLIMIT)", done.err)
        self.assertLess(server.received, 20_000)
        before = server.received
        self.sync(1)
        self.assertLess(server.received - before, 2_000)

    def test_one_for_all_mailboxes(self):
        self.check_held(self.serve(Server(capability=PLAIN + " APPENDLIMIT=20000")))

    def test_one_for_each_mailbox(self):
        class Each(Server):
            def counts(self, mailbox):
                return {**super().counts(mailbox), "APPENDLIMIT": 20000}

        server = self.serve(Each(capability=PLAIN + " MULTIAPPEND APPENDLIMIT"))
        self.check_held(server)

    def test_none_where_the_server_says_so(self):
        class Each(Server):
            def counts(self, mailbox):
                return {**super().counts(mailbox), "APPENDLIMIT": "NIL"}

        self.serve(Each(capability=PLAIN + " APPENDLIMIT"))
        self.put(2, size=50_000)
        self.sync()

    def test_a_limit_that_is_raised(self):
        server = self.serve(Server(capability=PLAIN + " APPENDLIMIT=20000"))
        self.check_held(server)
        server.capability = PLAIN + " APPENDLIMIT=200000"
        self.sync()
        self.assertEqual(len(self.texts()), 3)

    def test_what_is_refused_before_it_is_sent(self):
        """A large message waits for the server's `+`, also where that has LITERAL+: a NO costs nothing."""

        class Small(Server):
            def refuses_literal(self, size):
                return "NO [TOOBIG] not so much" if size > 2_000_000 else ""

        for capability in (PLAIN, PLAIN + " MULTIAPPEND", PLAIN.replace("LITERAL+", "LITERAL-"), PLAIN.replace(" LITERAL+", "")):
            with self.subTest(capability=capability):
                server = self.serve(Small(capability=capability))
                self.new_store()
                self.serve(server)
                self.put(1)
                self.put(2, size=5_000_000, subject="five megabytes")
                self.put(3)
                done = self.sync(1)
                self.assertEqual(sorted(self.texts()), sorted([support.message(1), support.message(3)]), done)
                self.assert_named(done, "five megabytes", "Sender 2 <sender2@example.org>")
                self.assertLess(server.received, 20_000)


class NoRoom(Limits):
    """A mailbox that is full: Dovecot's and Cyrus's `OVERQUOTA` is of RFC 5530 and 9208. GroupWise's is in words: https://github.com/OfflineIMAP/offlineimap/pull/29."""

    class Full(Server):
        room = 0
        words = "[OVERQUOTA] the mailbox is full"
        sent = 0

        def on_append(self, talk, tag, rest):
            self.sent += len(talk.literals)
            if sum(map(len, talk.literals)) > self.room:
                talk.say(f"{tag} NO {self.words}")
                return
            super().on_append(talk, tag, rest)

    def check_one_asks(self, capability, words=Full.words, mailboxes=("INBOX",)):
        server = self.serve(self.Full(*mailboxes[1:], capability=capability))
        server.words = words
        self.sync()
        for mailbox in mailboxes:
            for n in range(8):
                self.put(n, mailbox=mailbox)
        done = self.sync(1)
        self.assertIn(words.split("] ")[-1], done.err)
        self.assertIn("127.0.0.1", done.err)
        for _ in range(2):
            server.sent = 0
            done = self.sync(1)
            self.assertEqual(server.sent, 1, "one message asks")
            self.assertEqual(done.count("sent"), 0)
        server.room = 1_000_000
        self.sync()
        for mailbox in mailboxes:
            self.assertEqual(sorted(self.texts(mailbox)), sorted(map(support.message, range(8))))

    def test_one_asks(self):
        self.check_one_asks(PLAIN)

    def test_one_asks_of_many_that_went_together(self):
        self.check_one_asks(PLAIN + " MULTIAPPEND")

    def test_without_uidplus(self):
        self.check_one_asks(PLAIN.replace(" UIDPLUS", ""))

    def test_in_other_words(self):
        """Courier and older Cyrus have no code for it ("Over quota": https://github.com/cyrusimap/cyrus-imapd/issues/2191)."""
        self.check_one_asks(PLAIN, "[ALERT] You exceeded your mail quota.")

    def test_in_other_words_still(self):
        """GroupWise: https://github.com/OfflineIMAP/offlineimap/pull/29."""
        self.new_store()
        self.check_one_asks(PLAIN, "APPEND The 1500 MB storage limit has been exceeded.")

    def test_several_mailboxes(self):
        self.check_one_asks(PLAIN, mailboxes=("INBOX", "a", "b"))

    def test_a_full_mailbox_keeps_nothing_else_back(self):
        """Flags and what comes from there go on."""
        server = self.serve(self.Full())
        server.inbox.add(support.message(50))
        self.sync()
        self.put(1)
        server.inbox.add(support.message(51))
        near = self.store.connect()
        near.select("INBOX")
        near.store("1", "+FLAGS", r"(\Flagged)")
        near.logout()
        done = self.sync(1)
        self.assertEqual(done.count("fetched"), 1, done)
        self.assertIn(r"\Flagged", server.inbox.mails[0].flags)


class LongLines(Limits):
    """Some servers take lines of 2,000 octets, and answer longer ones with BAD or the end of the connection. Exchange: https://github.com/jstedfast/MailKit/issues/834,
    https://github.com/nextcloud/mail/issues/6038."""

    class Short(Server):
        limit = 2000

        def on_uid_store(self, talk, tag, rest):
            if len(rest) + 16 > self.limit:
                talk.say(f"{tag} BAD line too long")
                raise EOFError
            super().on_uid_store(talk, tag, rest)

    def test_nothing_is_longer(self):
        server = self.serve(self.Short(capability=PLAIN))
        count = 2400
        for n in range(count):
            server.inbox.add(support.message(n))
        server.inbox.mails = server.inbox.mails[::2]
        for mail in server.inbox.mails:
            mail.uid += 4_000_000_000  # ten digits each
        server.inbox.next += 4_000_000_000
        self.sync()
        self.assertEqual(len(self.messages(self.store)), count // 2)
        near = self.store.connect()
        near.select("INBOX")
        near.store("1:*", "+FLAGS", "(" + " ".join(f"keyword-number-{n}-which-is-long" for n in range(60)) + ")")
        near.store("1:600", "+FLAGS", r"(\Deleted)")
        near.expunge()
        near.logout()
        self.sync()
        self.assertEqual(len(server.inbox.mails), count // 2 - 600)
        self.assertTrue(all(len(mail.flags) == 60 for mail in server.inbox.mails))
        self.assertLessEqual(server.longest, 2000)
        self.serve(server, top="list-mailbox = " + " ".join(["INBOX", *(f"mailbox-with-a-long-name-{n}/*" for n in range(200))]))
        server.capability = PLAIN + " LIST-EXTENDED LIST-STATUS"
        self.postern("sync")
        self.assertLessEqual(server.longest, 2000)


if __name__ == "__main__":
    unittest.main()
