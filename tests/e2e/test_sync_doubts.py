# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Servers that take back, refuse or break off what they are asked first: nothing is concluded from it, and all else goes on."""

import re
import unittest

import support
from lying_server import PLAIN, SYSTEM, Server
from test_sync_lies import CONDSTORE, Lies

QRESYNC = PLAIN + " CONDSTORE QRESYNC ENABLE"


class Quick(Server):
    """QRESYNC. `lie`: how many messages it counts, and which it tells to have vanished, once."""

    lie = None

    def __init__(self):
        super().__init__(capability=QRESYNC)

    def on_enable(self, talk, tag, rest):
        talk.say("* ENABLED QRESYNC", f"{tag} OK done")

    def on_select(self, talk, tag, rest):
        talk.mailbox = box = self.named(rest)
        exists, vanished = self.lie or (len(box.mails), "")
        talk.say(f"* FLAGS ({SYSTEM})", rf"* OK [PERMANENTFLAGS ({SYSTEM} \*)] kept", f"* {exists} EXISTS", f"* OK [UIDVALIDITY {box.validity}] valid",
                 f"* OK [UIDNEXT {box.next}] next", f"* OK [HIGHESTMODSEQ {box.modseq}] highest")
        asked = re.search(r"QRESYNC \((\d+) (\d+)", rest)
        if asked and vanished:
            talk.say(f"* VANISHED (EARLIER) {vanished}")
            self.lie = None
        for number, mail in enumerate(box.mails, 1):
            if asked and mail.modseq > int(asked[2]):
                talk.say(f"* {number} FETCH (UID {mail.uid} FLAGS ({' '.join(sorted(mail.flags))}) MODSEQ ({mail.modseq}))")
        talk.say(f"{tag} OK [READ-WRITE] selected")


class Vanished(Lies):
    """Messages that are told to have vanished, and are there: iCloud's QRESYNC (https://github.com/Foundry376/Mailspring-Sync/pull/91), a replica that lags behind."""

    def begin(self, server):
        self.serve(server)
        for n in range(10):
            server.inbox.add(support.message(n))
        self.sync()
        return server

    def test_what_qresync_tells_is_asked_about(self):
        for lie in ((0, "1:10"), (1, "1:9"), (9, "4")):
            with self.subTest(lie=lie):
                self.new_store()
                server = self.begin(Quick())
                server.lie = lie
                server.inbox.modseq += 1
                done = self.sync(1)
                self.assertIn("not taken for deleted", done.err)
                self.assertEqual(len(self.here()), 10)
                self.sync()
                server.inbox.mails.pop(3)
                server.lie = (9, "4")
                server.inbox.modseq += 1
                self.sync()
                self.assertEqual(self.here(), sorted(mail.text for mail in server.inbox.mails))

    def test_what_vanishes_while_it_is_listed(self):
        class Listing(Server):
            lies = False

            def on_uid_fetch(self, talk, tag, rest):
                if self.lies:
                    talk.say("* VANISHED 1:5", "* VANISHED 4294967295")
                super().on_uid_fetch(talk, tag, rest)

        server = self.begin(Listing())
        server.lies = True
        self.assertIn("not taken for deleted", self.sync(1).err)
        self.assertEqual(len(self.here()), 10)
        server.lies = False
        self.sync()


class UidsThatNoMessageHas(Lies):
    """A FETCH line with a UID beyond UIDNEXT, or 0: not believed, and not taken for the last UID, after which the mailbox would look like one that has gone back. UID 0:
    https://github.com/OfflineIMAP/offlineimap/issues/336; a FETCH of more messages than there are (FastMail): https://github.com/cyrusimap/cyrus-imapd/issues/1967."""

    lines = ("* 99 FETCH (UID 4000000000 FLAGS ())", "* 2 FETCH (UID 4294967295 FLAGS ())", "* 3 FETCH (UID 0 FLAGS ())")

    class Beyond(Server):
        line = ""

        def on_uid_fetch(self, talk, tag, rest):
            if self.line:
                talk.say(self.line)
                self.line = ""
            super().on_uid_fetch(talk, tag, rest)

    def test_they_change_nothing(self):
        for capability in (PLAIN, CONDSTORE):
            self.new_store()
            server = self.serve(self.Beyond(capability=capability))
            server.inbox.add(support.message(0))
            self.sync()
            for number, line in enumerate(self.lines, 1):
                with self.subTest(capability=capability, line=line):
                    server.line = line
                    server.inbox.add(support.message(number))
                    self.postern("sync")
                    self.sync()
                    self.assertEqual(self.here(), sorted(mail.text for mail in server.inbox.mails))

    def test_more_messages_than_there_are(self):
        """They take no memory without end, and stop no other mailbox. None known that tells so many."""

        class Flood(Server):
            def on_uid_fetch(self, talk, tag, rest):
                uid = 0 if talk.mailbox is self.inbox else 10_000_000
                while uid < 1_000_000:
                    talk.send(b"".join(b"* %d FETCH (UID %d FLAGS ())\r\n" % (n, n) for n in range(uid + 1, uid + 10_001)))
                    uid += 10_000
                super().on_uid_fetch(talk, tag, rest)

        server = self.serve(Flood("other"))
        for mailbox in server.mailboxes.values():
            mailbox.add(support.message(mailbox.validity))
        done = self.postern("sync")
        self.assertIn("INBOX: the server tells of more messages than it has", done.err)
        self.assertEqual(len(self.messages(self.store, "other")), 1, done)


class FlagsThatAreNotTold(Lies):
    """One message at which the server refuses or breaks off whatever is asked of it by FETCH. Yahoo answers NO to all commands whose set has it:
    https://github.com/jstedfast/MailKit/issues/358, https://github.com/joeyates/imap-backup/issues/218."""

    class Bad(Server):
        def stops_at(self, talk, mail, items):
            return talk.mailbox is self.inbox and mail.uid == 5

        def on_uid_search(self, talk, tag, rest):
            if rest == "SEEN":
                talk.say("* SEARCH" + "".join(f" {mail.uid}" for mail in talk.mailbox.mails if r"\Seen" in mail.flags), f"{tag} OK done")
            else:
                super().on_uid_search(talk, tag, rest)

    def check(self, how, passes):
        self.new_store()
        server = self.serve(self.Bad("other"))
        server.how = how
        for n in range(8):
            server.inbox.add(support.message(n), {r"\Seen"} if n % 2 else ())
            server.mailboxes["other"].add(support.message(50 + n))
        for _ in range(passes):
            done = self.postern("sync")
        self.assertEqual(self.here(), sorted(support.message(n) for n in range(8) if n != 4), done)
        self.assertEqual(self.flags_here().count(r"\seen"), 4)
        self.assertEqual(len(self.messages(self.store, "other")), 8, done)
        self.assertNotEqual(done.code, 0)
        self.assertIn("UID 5", done.err)
        server.inbox.add(support.message(20))
        for _ in range(passes):
            done = self.postern("sync")
        self.assertIn(support.message(20), self.here(), done)
        self.assertEqual(len(server.inbox.mails), 9)
        return server

    def test_no(self):
        self.check("NO [SERVERBUG] FETCH Server error while fetching messages", 1)
        verified = self.postern("verify")
        self.assertEqual(verified.code, 1, verified)
        self.assertIn("INBOX: remote UID 5 cannot be read", verified.out)

    def test_the_connection_breaks(self):
        self.check("", 8)

    def test_the_others_come_in_the_same_pass(self):
        """A mailbox at which the connection breaks is the first one."""
        server = self.serve(self.Bad("other"))
        self.sync()
        server.how = ""
        for n in range(8):
            server.inbox.add(support.message(n))
            server.mailboxes["other"].add(support.message(50 + n))
        done = self.postern("sync")
        self.assertEqual(len(self.messages(self.store, "other")), 8, done)


class ShownLateAndChanged(Lies):
    """Without UIDPLUS: what is appended is shown some SELECTs later, with a line more and another date (gateways that hand it to a filter first: none known by a public report).
    Stalwart told no EXISTS after APPEND: https://github.com/stalwartlabs/stalwart/issues/2588."""

    def test_it_is_one_message(self):
        class Late(Server):
            def __init__(self):
                super().__init__(capability=PLAIN.replace(" UIDPLUS", ""))
                self.queue = []

            def on_append(self, talk, tag, rest):
                self.queue += [[2, b"X-Filtered: yes\r\n" + text] for text in talk.literals]
                talk.say(f"{tag} OK queued")

            def on_select(self, talk, tag, rest):
                for waiting in list(self.queue):
                    waiting[0] -= 1
                    if waiting[0] < 0:
                        self.inbox.add(waiting[1])
                        self.queue.remove(waiting)
                super().on_select(talk, tag, rest)

        server = self.serve(Late())
        near = self.store.connect()
        for n in range(3):
            near.append("INBOX", None, support.imaplib.Time2Internaldate(1_500_000_000), support.message(n))
        near.logout()
        for _ in range(6):
            done = self.postern("sync")
        self.assertEqual(done.code, 0, done)
        self.assertEqual((len(self.here()), len(server.inbox.mails), server.count("append")), (3, 3, 3), done)


class WhatVerifySees(Lies):
    """Yahoo refuses single messages: https://github.com/jstedfast/MailKit/issues/358."""

    def test_a_message_that_cannot_be_read(self):
        class Refusing(Server):
            def on_uid_fetch(self, talk, tag, rest):
                if "BODY.PEEK[]" in rest and any(mail.uid == 3 for _, mail in talk.mailbox.chosen(rest.split()[0])):
                    talk.say(f"{tag} NO cannot read it")
                else:
                    super().on_uid_fetch(talk, tag, rest)

        server = self.serve(Refusing("other"))
        for n in range(5):
            server.inbox.add(support.message(n))
        self.sync(1)
        verified = self.postern("verify")
        self.assertEqual(verified.code, 1, verified)
        self.assertIn("INBOX: remote UID 3 cannot be read", verified.out)
        self.assertIn("4 messages compared in 2 mailboxes", verified.out)


if __name__ == "__main__":
    unittest.main()
