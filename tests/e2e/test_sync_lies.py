# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Servers that tell what is not so, leave out what is, or say what is no IMAP: `postern sync` believes what two answers agree on, and goes on with the rest."""

import unittest

import support
from lying_case import LyingCase
from lying_server import PLAIN, Server

CONDSTORE = PLAIN + " CONDSTORE ENABLE"


class Lies(LyingCase):
    def here(self):
        return self.messages(self.store)

    def flags_here(self):
        return [m[1] for m in self.contents_of(self.store) if m[3]]

    def delete_here(self, which):
        near = self.store.connect()
        near.select("INBOX")
        near.store(which, "+FLAGS", r"(\Deleted)")
        near.expunge()
        near.logout()


class LinesThatAreNone(Lies):
    """What is not understood and not needed is skipped. `UIDNEXT 0`: https://github.com/jstedfast/MailKit/issues/1010; `UIDVALIDITY 0`: https://github.com/modern-email/defects/issues/52;
    FETCH without a UID, of proxies: https://github.com/nextcloud/mail/pull/13507; VANISHED that is none, of iCloud: https://github.com/Foundry376/Mailspring-Sync/pull/91."""

    lines = (
        "*  3 EXISTS", "* FLAGS (\\Seen \\)", "* FLAGS \\Seen", "* FLAGS (\\Seen", "* OK [UNSEEN NIL] first", "* OK [UIDNEXT] next", "* OK [PERMANENTFLAGS \\*] limited",
        "* OK [CAPABILITY", "* OK", "* NO", "* BAD", "*", "* ", "* -1 EXISTS", "* 99999999999999999999 EXISTS", "* x EXISTS", "* 3", "* 3 ", "* RECENT",
        "* STATUS INBOX (HIGHESTMODSEQ NIL)", "* STATUS INBOX (MESSAGES)", "* STATUS \"INBOX", "* LSUB", "* SEARCH 1 x", "* ESEARCH (TAG", "* QUOTA \"\" (STORAGE",
        "* 0 FETCH (UID 1)", "* ACL", "* METADATA \"\" (", "* \x01\x02", "* \xff\xfe", "* OK [ALERT]", "* OK [X-UNHEARD (OF] x", "* XLIST () / x", "* ID NIL NIL",
        "* CAPABILITY", "* ENABLED (", "* VANISHED", "* OK Still here", "* 1 RECENT 2", "* COPYUID 1 2 3", "* OK [COPYUID 1] x",
    )

    class Odd(Server):
        where, line = "", ""

        def odd(self, talk, where):
            if self.where == where:
                talk.say(self.line.encode("latin-1"))

        def on_select(self, talk, tag, rest):
            self.odd(talk, "select")
            super().on_select(talk, tag, rest)

        def on_list(self, talk, tag, rest, word="LIST"):
            self.odd(talk, "list")
            super().on_list(talk, tag, rest, word)

        def on_uid_fetch(self, talk, tag, rest):
            self.odd(talk, "fetch")
            super().on_uid_fetch(talk, tag, rest)

        def on_append(self, talk, tag, rest):
            self.odd(talk, "append")
            super().on_append(talk, tag, rest)

    def test_anywhere(self):
        for capability in (PLAIN, CONDSTORE):
            server = self.serve(self.Odd(capability=capability))
            self.new_store()
            self.serve(server)
            server.inbox.add(support.message(0))
            self.sync()
            number, near = 0, self.store.connect()
            for where in ("list", "select", "fetch", "append"):
                for line in self.lines:
                    with self.subTest(capability=capability, where=where, line=line):
                        server.where, server.line = where, line
                        number += 2
                        server.inbox.add(support.message(number))
                        self.assertEqual(near.append("INBOX", None, None, support.message(number + 1))[0], "OK")
                        done = self.postern("sync")
                        self.assertIn(done.code, (0, 1), done)  # a line about messages may be a doubt, which is said
                        self.assertEqual((done.count("fetched"), done.count("sent")), (1, 1), done)
            near.logout()
            server.where = ""
            self.sync()
            self.assertEqual(self.here(), sorted(mail.text for mail in server.inbox.mails))
            self.assertEqual(len(self.here()), 1 + number)


class WhatIsLeftOut(Lies):
    def test_a_message_that_is_not_described_is_not_expunged(self):
        """One that was deleted here: the server has it, and does not say which message it is now. Exchange leaves messages out of its answers so; none known by a public report."""

        class Hiding(Server):
            hidden = ()

            def give(self, talk, number, mail, items):
                if mail.uid not in self.hidden or "HEADER" not in items:
                    super().give(talk, number, mail, items)

        server = self.serve(Hiding())
        for n in range(4):
            server.inbox.add(support.message(n))
        self.sync()
        self.delete_here("2:3")
        server.hidden = (2,)
        for _ in range(2):
            done = self.sync(1)
            self.assertIn("INBOX: messages that were deleted are not expunged on 127.0.0.1", done.err)
            self.assertEqual([mail.uid for mail in server.inbox.mails], [1, 2, 4])
            self.assertEqual(len(self.here()), 2, "it does not come back")
        server.hidden = ()
        self.sync()
        self.assertEqual([mail.uid for mail in server.inbox.mails], [1, 4])

    def test_another_message_under_the_uid_is_not_expunged(self):
        """A server that was restored from a backup and has gone on. GMX's UIDNEXT went back: https://github.com/chatmail/core/issues/2188."""
        for capability in (PLAIN, CONDSTORE):
            with self.subTest(capability=capability):
                self.new_store()
                server = self.serve(Server(capability=capability))
                for n in range(4):
                    server.inbox.add(support.message(n))
                self.sync()
                server.inbox.mails[1].text = support.message(77)
                self.delete_here("2")
                self.sync(1)
                self.assertEqual(len(server.inbox.mails), 4)
                self.sync()
                self.assertIn(support.message(77), self.here())
                self.assertIn(support.message(77), [mail.text for mail in server.inbox.mails])


class OneBadMessage(Lies):
    """A damaged message, at which the server says NO, or BAD, or breaks off: all the others come, and it is told which one it is. Yahoo's NO: https://github.com/jstedfast/MailKit/issues/358,
    https://github.com/joeyates/imap-backup/issues/218; messages that "could not be fetched": https://github.com/imapsync/imapsync/issues/280."""

    class Bad(Server):
        bad = support.message(5)
        at = "BODY.PEEK[]"

        def stops_at(self, talk, mail, items):
            return mail.text == self.bad and self.at in items

    def check(self, how, at="BODY.PEEK[]", capability=PLAIN, named=True):
        self.new_store()
        server = self.serve(self.Bad("other", capability=capability))
        server.how, server.at = how, at
        for n in range(12):
            server.inbox.add(support.message(n))
            server.mailboxes["other"].add(support.message(100 + n))
        for _ in range(6):
            done = self.postern("sync")
        self.assertNotEqual(done.code, 0, done)
        everything = [support.message(n) for n in range(12) if n != 5]
        self.assertEqual(self.here(), sorted(everything), done)
        self.assertEqual(self.messages(self.store, "other"), sorted(support.message(100 + n) for n in range(12)), done)
        self.assertIn('"message 5" from Sender 5 <sender5@example.org>' if named else "UID 6", self.postern("status").out)
        server.inbox.add(support.message(50))
        self.postern("sync")
        self.assertIn(support.message(50), self.here())
        server.at = "nothing"  # it can be read again
        self.sync()
        self.assertEqual(len(self.here()), 13)

    def test_no(self):
        self.check("NO cannot read it")
        self.check("NO [SERVERBUG] internal error", capability=CONDSTORE)

    def test_bad(self):
        self.check("BAD internal error")

    def test_the_connection_ends(self):
        self.check("")
        self.check("", capability=CONDSTORE)

    def test_the_connection_ends_at_whatever_is_asked_of_it(self):
        """Size, header fields and text."""
        self.check("", at="R", named=False)

    def test_nothing_is_told_of_it(self):
        self.check("NO cannot read it", at="R", named=False)


class ModseqThatStandsStill(Lies):
    """A flag changes and HIGHESTMODSEQ does not, as of a STATUS that comes from a cache: none known by a public report."""

    def test_the_number_of_unseen_messages_tells(self):
        server = self.serve(Server(capability=CONDSTORE))
        for n in range(5):
            server.inbox.add(support.message(n))
        self.sync()
        self.assertIn("nothing to do", self.sync().out)
        before = server.count("uid_fetch")
        server.inbox.mails[1].flags.add(r"\Seen")
        server.inbox.mails[2].flags.add(r"\Flagged")
        self.sync()
        self.assertEqual(self.flags_here().count(r"\seen"), 1)
        self.assertEqual(self.flags_here().count(r"\flagged"), 1)
        self.assertGreater(server.count("uid_fetch"), before)
        before = server.count("uid_fetch")
        self.sync()
        self.assertEqual(server.count("uid_fetch"), before)

    def test_what_one_side_cannot_keep_is_no_change(self):
        """In the background such a difference is looked into once. An INBOX that is read-only though it was not asked for so: https://github.com/jstedfast/MailKit/issues/1349."""

        class ReadOnly(Server):
            def on_select(self, talk, tag, rest):
                talk.mailbox = mailbox = self.named(rest)
                talk.say("* FLAGS ()", "* OK [PERMANENTFLAGS ()] none", f"* {len(mailbox.mails)} EXISTS", f"* OK [UIDVALIDITY {mailbox.validity}] valid",
                         f"* OK [UIDNEXT {mailbox.next}] next", f"* OK [HIGHESTMODSEQ {mailbox.modseq}] highest", f"{tag} OK [READ-ONLY] selected")

        server = self.serve(ReadOnly(capability=CONDSTORE))
        server.inbox.add(support.message(0))
        self.sync()
        near = self.store.connect()
        near.select("INBOX")
        near.store("1", "+FLAGS", r"(\Seen)")
        near.logout()
        self.postern("sync")
        self.assertIn(r"\seen", self.flags_here())
        self.assertEqual(server.inbox.mails[0].flags, set())


if __name__ == "__main__":
    unittest.main()
