# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""What real servers answer that no RFC says, to commands that a sync needs: no message is left out, doubled or removed for it."""

import pathlib
import re
import unittest
import zlib

import support
from lying_server import PLAIN, Server
from sync_case import EX_TEMPFAIL, EX_UNAVAILABLE
from test_sync_lies import CONDSTORE, Lies

WITHOUT_UIDPLUS = PLAIN.replace(" UIDPLUS", "")


class Oddities(Lies):
    def put(self, *numbers):
        near = self.store.connect()
        for n in numbers:
            self.assertEqual(near.append("INBOX", None, None, support.message(n))[0], "OK")
        near.logout()

    def assert_one_of_each(self, count):
        there = sorted(mail.text for mail in self.server.inbox.mails)
        self.assertEqual((len(set(there)), len(there)), (count, count))
        self.assertEqual(self.here(), there)


class DatesThatAreNone(Oddities):
    """INTERNALDATE of any form, or none. `00-Jan-0000`, of Domino: https://github.com/jstedfast/MailKit/issues/1236; NIL, of Zarafa: https://github.com/thunderbird/thunderbird-android/issues/1819;
    as in a mail's header, of asimap: https://github.com/scanner/asimap/pull/458; a day of one digit: https://github.com/apple/swift-nio-imap/pull/735. Lists, numbers and none at all: none known."""

    forms = (b"NIL", b"()", b"(NIL)", b"0", b"-1", b"1577836800", b"yesterday", b'""', b'"00-Jan-0000 00:00:00 +0000"', b'"31-Feb-2020 10:00:00 +0000"', b'"1-Mar-2023 12:16:47 GMT"',
             b'"Tue, 03 Nov 2026 10:00:00 +0000"', b"{3}\r\n) (", b'("03-Nov-2026" (10 0 0))', b"", None)

    class Dated(Server):
        def date_of(self, mail):
            form = DatesThatAreNone.forms[(mail.uid - 1) % len(DatesThatAreNone.forms)]
            return [] if form is None else [b"INTERNALDATE " + form] if form else [b"INTERNALDATE"]

        def send_fetched(self, talk, number, mail, said):
            # An item without a value can stand at the end alone.
            super().send_fetched(talk, number, mail, sorted(said, key=lambda item: item == b"INTERNALDATE"))

    def test_all_come(self):
        for capability in (PLAIN, CONDSTORE):
            with self.subTest(capability=capability):
                self.new_store()
                server = self.serve(self.Dated(capability=capability))
                for n in range(2 * len(self.forms)):
                    server.inbox.add(support.message(n))
                self.sync()
                self.assert_one_of_each(2 * len(self.forms))
                self.assertTrue(all(1_793_000_000 < float(m[2]) < 1_794_000_000 for m in self.contents_of(self.store) if m[3]), "the time of the Date field")
                self.assertEqual(self.postern("repair", "INBOX").code, 0)
                done = self.sync()
                self.assertEqual((done.count("found on both sides"), done.count("fetched"), done.count("sent")), (2 * len(self.forms), 0, 0), done)


class ItemsOfAWrongForm(Oddities):
    """Beside what is needed. MODSEQ (-1), of a proxy: https://github.com/jstedfast/MailKit/issues/495, https://github.com/jstedfast/MailKit/issues/1686; a structure whose boundary is NIL, of mail.ru:
    https://github.com/kisli/vmime/issues/159; flags between quotes, of InterMail: https://github.com/jstedfast/MailKit/issues/771. The others: none known."""

    items = (b"MODSEQ (-1)", b"MODSEQ (x)", b"MODSEQ ()", b"MODSEQ NIL", b"MODSEQ 12kB", b"RFC822.SIZE ()", b"RFC822.SIZE 12kB", b"X-GM-LABELS (a (b))", b"ENVELOPE NIL",
             b"ENVELOPE (a b)", b"BODYSTRUCTURE 5", b"BODY[nonsense] \"x\"", b"RFC822.TEXT (a)", b"SAVEDATE (1 2)", b"(a)", b"$ {3}\r\n) (",
             b'BODYSTRUCTURE ((("text" "plain" ("charset" "utf-8") NIL NIL "8bit" 536 0 NIL NIL NIL NIL) "alternative" ("boundary" NIL)))')

    class Odd(Server):
        item, last = b"", True

        def send_fetched(self, talk, number, mail, said):
            super().send_fetched(talk, number, mail, [*said, self.item] if self.last else [said[0], self.item, *said[1:]])

    def test_what_is_not_needed_is_skipped(self):
        for capability in (PLAIN, CONDSTORE):
            self.new_store()
            server = self.serve(self.Odd(capability=capability))
            self.sync()
            for number, item in enumerate(self.items):
                for last in (True, False):
                    with self.subTest(capability=capability, item=item, last=last):
                        server.item, server.last = item, last
                        server.inbox.add(support.message(2 * number + last))
                        done = self.postern("sync")
                        self.assertEqual((done.code, done.count("fetched")), (0, 1), done)
                        server.inbox.mails[0].flags ^= {r"\Flagged"}
                        server.inbox.modseq += 1
                        server.inbox.mails[0].modseq = server.inbox.modseq
                        self.assertEqual(self.sync().count("taken over"), 1)

    def test_a_status_with_one_value_that_is_none(self):
        """What else it tells counts."""

        class Odd(Server):
            item = ""

            def on_status(self, talk, tag, rest):
                name, items = rest.rsplit(" (", 1)
                counts = self.counts(self.named(rest))
                told = " ".join(f"{item} {counts[item]}" for item in items.rstrip(")").split() if item in counts and item != self.item.split()[0])
                talk.say(f"* STATUS {name} ({told} {self.item})", f"{tag} OK done")

        for capability in (PLAIN, CONDSTORE):
            self.new_store()
            server = self.serve(Odd("other", capability=capability))
            server.item = "X-OWN (1)"
            self.sync()
            for number, item in enumerate(("HIGHESTMODSEQ -1", "HIGHESTMODSEQ (9)", "UIDNEXT x", "UIDVALIDITY 3.5", "MESSAGES 12kB", "UNSEEN -1", "MAILBOXID x", "SIZE (")):
                with self.subTest(capability=capability, item=item):
                    server.item = item
                    for mailbox in server.mailboxes.values():
                        mailbox.add(support.message(number))
                    self.assertEqual(self.sync().count("fetched"), 2)
                    self.assertEqual(self.sync().count("fetched"), 0)

    def test_a_uid_that_is_no_number(self):
        """That line is skipped; the message waits, the others come."""
        for form in (b"UID x", b"UID ()", b"UID -5", b"UID 0", b"UID NIL", b"UID 99999999999"):
            class Odd(Server):
                def send_fetched(self, talk, number, mail, said):
                    super().send_fetched(talk, number, mail, [form if mail.uid == 3 and form else said[0], *said[1:]])

            with self.subTest(form=form):
                self.new_store()
                server = self.serve(Odd())
                for n in range(5):
                    server.inbox.add(support.message(n))
                done = self.postern("sync")
                self.assertEqual(done.code, 1, done)
                self.assertEqual(self.here(), sorted(support.message(n) for n in (0, 1, 3, 4)), done)
                form = b""
                self.sync()
                self.assert_one_of_each(5)


class AppendUids(Oddities):
    """What APPEND tells of UIDs. The wrong way round, of DavMail: https://github.com/mguessan/davmail/issues/315; nothing although UIDPLUS is announced, of Proton's bridge:
    https://github.com/ProtonMail/proton-bridge/issues/170. UIDs of other messages: none known."""

    def check(self, code, sent=6):
        class Odd(Server):
            def code_of_append(self, mailbox, added):
                return code(mailbox, added)

        for capability in (PLAIN, PLAIN + " MULTIAPPEND", CONDSTORE + " MULTIAPPEND"):
            self.new_store()
            server = self.serve(Odd(capability=capability))
            for n in range(3):
                server.inbox.add(support.message(n))
            self.sync()
            self.put(10, 11, 12)
            self.postern("sync")
            self.put(13, 14, 15)
            for _ in range(3):
                done = self.postern("sync")
            self.assertEqual(done.code, 0, done)
            self.assert_one_of_each(9)
            self.delete_here("5")
            self.sync()
            self.assert_one_of_each(8)

    def test_the_wrong_way_round(self):
        self.check(lambda mailbox, added: f"[APPENDUID {','.join(str(mail.uid) for mail in added)} {mailbox.validity}] ")

    def test_none(self):
        self.check(lambda mailbox, added: "")

    def test_of_another_message(self):
        self.check(lambda mailbox, added: f"[APPENDUID {mailbox.validity} 1:{len(added)}] ")

    def test_too_many_and_too_few(self):
        self.check(lambda mailbox, added: f"[APPENDUID {mailbox.validity} {added[0].uid}:{added[-1].uid + 1}] ")
        self.check(lambda mailbox, added: f"[APPENDUID {mailbox.validity} {mailbox.next + 40}] " if len(added) > 1 else "[APPENDUID 1] ")


class HeaderFields(Oddities):
    """The header fields that were asked for. Told under another name, of a bridge: https://github.com/spartanz51/tutabridge/pull/15; nothing, of dbmail: https://github.com/dbmail/dbmail/issues/265."""

    class Named(Server):
        def header_of(self, mail, fields):
            return b"BODY[HEADER.FIELDS (DATE FROM SUBJECT TO CC MESSAGE-ID)]", super().header_of(mail, "DATE FROM SUBJECT TO CC MESSAGE-ID")[1]

    class Empty(Server):
        def header_of(self, mail, fields):
            return super().header_of(mail, "")

    def check(self, server):
        self.new_store()
        self.serve(server)
        near = self.store.connect()
        for n in range(6):
            server.inbox.add(support.message(n))
            near.append("INBOX", None, '"03-Nov-2026 10:00:00 +0000"', support.message(n))
        near.logout()
        done = self.sync()
        self.assertEqual((done.count("found on both sides"), done.count("fetched"), done.count("sent")), (6, 0, 0), done)
        self.put(10)
        server.inbox.add(support.message(20))
        self.sync()
        self.assert_one_of_each(8)
        self.delete_here("2,7")
        self.sync()
        self.assert_one_of_each(6)

    def test_under_another_name(self):
        self.check(self.Named())

    def test_nothing(self):
        self.check(self.Empty())
        self.check(self.Empty(capability=WITHOUT_UIDPLUS))


class Throttled(Oddities):
    """Too much was asked for: no message is to blame, what has come is kept, and nothing is tried before it is time. Exchange's "Suggested Backoff Time": https://github.com/jstedfast/MailKit/issues/1494;
    Gmail's "bandwidth limits", at FETCH too: https://github.com/ljmerza/ha-email-sensor/issues/16."""

    words = ("NO Request is throttled. Suggested Backoff Time: 100 milliseconds", "NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)")

    class Busy(Server):
        left, words, name = 0, "", ""

        def stops_at(self, talk, mail, items):
            if self.name != "fetch" or "BODY.PEEK[]" not in items:
                return False
            self.left -= 1
            return self.left < 0

        def on_append(self, talk, tag, rest):
            self.left -= 1
            if self.name == "append" and self.left < 0:
                talk.say(f"{tag} {self.words}")
            else:
                super().on_append(talk, tag, rest)

    def test_fetch(self):
        for words in self.words:
            with self.subTest(words=words):
                self.new_store()
                server = self.serve(self.Busy())
                server.name, server.how, server.left = "fetch", words, 4
                for n in range(10):
                    server.inbox.add(support.message(n))
                done = self.postern("sync")
                self.assertEqual(done.code, EX_TEMPFAIL, done)
                self.assertIn("gives no messages for a while", done.err)
                self.assertEqual(len(self.here()), 4)
                server.name = ""
                self.sync()
                self.assert_one_of_each(10)

    def test_append(self):
        for words in self.words:
            for capability in (PLAIN, WITHOUT_UIDPLUS):
                with self.subTest(words=words, capability=capability):
                    self.new_store()
                    server = self.serve(self.Busy(capability=capability))
                    self.sync()
                    server.name, server.words, server.left = "append", words, 4
                    self.put(*range(10))
                    done = self.postern("sync")
                    self.assertEqual(done.code, EX_TEMPFAIL, done)
                    self.assertIn("takes no messages for a while", done.err)
                    self.assertEqual((len(server.inbox.mails), server.count("append")), (4, 5))
                    server.name = ""
                    self.sync()
                    self.assert_one_of_each(10)


class InPieces(Oddities):
    """What is asked of a message comes in several lines: Gmail, https://github.com/modern-email/defects/issues/39, https://github.com/Enough-Software/enough_mail/issues/131; what a server has at hand before
    the rest: https://github.com/jstedfast/MailKit/issues/1401."""

    def check(self, cut):
        class Split(Server):
            def send_fetched(self, talk, number, mail, said):
                for some in cut(said[1:]):
                    if some:
                        super().send_fetched(talk, number, mail, [said[0], *some])

        for capability in (PLAIN, CONDSTORE):
            self.new_store()
            server = self.serve(Split(capability=capability))
            near = self.store.connect()
            for n in range(6):
                server.inbox.add(support.message(n), {r"\Seen"} if n % 2 else ())
                if n < 3:
                    near.append("INBOX", None, '"03-Nov-2026 10:00:00 +0000"', support.message(n))
            near.logout()
            done = self.sync()
            self.assertEqual((done.count("found on both sides"), done.count("fetched"), done.count("sent")), (3, 3, 0), done)
            self.assert_one_of_each(6)
            self.assertEqual(self.flags_here().count(r"\seen"), 3)
            self.delete_here("1")
            self.sync()
            self.assert_one_of_each(5)

    def test_each_item_by_itself(self):
        self.check(lambda items: [[item] for item in items])

    def test_the_text_first(self):
        self.check(lambda items: [[item] for item in reversed(items)])

    def test_flags_again_behind(self):
        self.check(lambda items: [items, [item for item in items if item.startswith(b"FLAGS")]])


class Bombs(Oddities):
    """A few octets that are many once they are uncompressed: one line without end, lines without end. None known: whoever sits in between."""

    class Bomb(Server):
        def __init__(self, text):
            super().__init__(capability=PLAIN + " COMPRESS=DEFLATE")
            self.text = text

        def on_compress(self, talk, tag, rest):
            talk.say(f"{tag} OK from now on")
            packer = zlib.compressobj(9, wbits=-15)
            for _ in range(1500):
                talk.send(packer.compress(self.text) + packer.flush(zlib.Z_SYNC_FLUSH))

    def test_it_is_given_up(self):
        for text in (b"A" * 1_000_000, b"* OK hello\r\n" * 100_000, b"* 1 FETCH (UID 1 FLAGS ())\r\n" * 40_000, b"* LIST () \"/\" a\r\n" * 50_000):
            with self.subTest(text=text[:30]):
                self.new_store()
                self.serve(self.Bomb(text))
                with self.store.connect():  # so that the owner stays
                    done = self.postern("sync")
                    self.assertIn(done.code, (EX_UNAVAILABLE, EX_TEMPFAIL), done)
                    most = re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{self.store.owner()}/status").read_text())
                self.assertLess(int(most[1]), 400_000)


class SetAside(Oddities):
    """Without UIDPLUS (Courier's default is with it; Exchange 2007, old hosters without): others' marks are set aside while messages are expunged. The link breaks in between, and the mailbox is another
    one when the next pass comes (its server was moved)."""

    def test_the_marks_come_back_to_the_same_messages(self):
        class Breaking(Server):
            breaks = False

            def on_uid_search(self, talk, tag, rest):
                if self.breaks and "DELETED" in rest:  # others mark it meanwhile
                    self.inbox.mails[5].flags.add(r"\Deleted")
                super().on_uid_search(talk, tag, rest)

            def on_uid_store(self, talk, tag, rest):
                if self.breaks and rest.startswith("6 -FLAGS"):
                    super().on_uid_store(talk, tag, rest)
                    raise EOFError
                super().on_uid_store(talk, tag, rest)

        for moved in (False, True):
            with self.subTest(moved=moved):
                self.new_store()
                server = self.serve(Breaking(capability=WITHOUT_UIDPLUS))
                for n in range(8):
                    server.inbox.add(support.message(n))
                self.sync()
                self.delete_here("3")
                server.breaks = True
                self.assertEqual(self.postern("sync").code, EX_TEMPFAIL)
                self.assertEqual([mail.uid for mail in server.inbox.mails if mail.has("DELETED")], [])
                server.breaks = False
                if moved:
                    server.inbox.validity += 1
                    for mail in server.inbox.mails:
                        mail.uid += 1
                    server.inbox.next += 1
                self.postern("sync")
                self.sync()
                self.assertEqual([mail.text for mail in server.inbox.mails if mail.has("DELETED")], [support.message(5)])
                self.assertEqual(len(server.inbox.mails), 7)
                self.assertEqual(self.flags_here().count(r"\deleted"), 1)


if __name__ == "__main__":
    unittest.main()
