# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Servers that do only so many messages at once (MESSAGELIMIT, RFC 9738; Yahoo and AOL), tell so or not, or show only the newest messages of a mailbox. What Yahoo does:
https://github.com/djc/imap-proto/pull/198, https://github.com/rustmailer/bichon/issues/271."""

import unittest

import support
from lying_server import PLAIN, Mailbox, Server
from test_sync_lies import CONDSTORE, Lies


class Limited(Server):
    """Each command is about so many messages, the newest first; `tells`: the answer says where it stopped."""

    limit, tells = 100, True

    def cut(self, mails):
        return mails[-self.limit:]

    def answer(self, tag, mails):
        if len(mails) <= self.limit or not self.tells:
            return f"{tag} OK done"
        return f"{tag} OK [MESSAGELIMIT {self.limit} {self.cut(mails)[0].uid}] only some"

    def on_uid_fetch(self, talk, tag, rest):
        numbers, _, items = rest.partition(" ")
        chosen = talk.mailbox.chosen(numbers)
        since = int(items.rpartition("CHANGEDSINCE ")[2].rstrip(")")) if "CHANGEDSINCE" in items else 0
        chosen = [(number, mail) for number, mail in chosen if mail.modseq > since]
        for number, mail in self.cut(chosen):
            self.give(talk, number, mail, items)
        talk.say(self.answer(tag, [mail for _, mail in chosen]))

    def on_uid_search(self, talk, tag, rest):
        """It looks through so many, whatever it finds there."""
        among = super().found(talk, rest.replace("DELETED", ""))
        found = [mail.uid for mail in super().found(talk, rest) if mail in self.cut(among)]
        talk.say("* SEARCH" + "".join(f" {uid}" for uid in found), self.answer(tag, among))

    def on_uid_store(self, talk, tag, rest):
        numbers, rest = rest.split(" ", 1)
        chosen = [mail for _, mail in talk.mailbox.chosen(numbers)]
        if chosen:
            super().on_uid_store(talk, "*", ",".join(str(mail.uid) for mail in self.cut(chosen)) + " " + rest)
        talk.say(self.answer(tag, chosen))


class Pieces(Lies):
    size = 350

    def begin(self, capability, **more):
        self.new_store()
        server = self.serve(Limited(capability=capability))
        for name, value in more.items():
            setattr(server, name, value)
        for n in range(self.size):
            server.inbox.add(support.message(n))
        self.sync()
        self.assertEqual(self.here(), sorted(mail.text for mail in server.inbox.mails))
        return server

    def change_much(self, server):
        """More than one piece on both sides."""
        for mail in server.inbox.mails[10:260]:
            server.inbox.modseq += 1
            mail.flags.add(r"\Seen")
            mail.modseq = server.inbox.modseq
        self.sync()
        self.assertEqual(self.flags_here().count(r"\seen"), 250)
        near = self.store.connect()
        near.select("INBOX")
        near.store("1:340", "+FLAGS", r"(\Flagged)")
        near.logout()
        self.sync()
        self.assertEqual(sum(mail.has("FLAGGED") for mail in server.inbox.mails), 340)
        self.assertEqual(self.flags_here().count(r"\flagged") + self.flags_here().count(r"\flagged \seen"), 340)
        self.sync()
        self.assertEqual(sum(mail.has("FLAGGED") for mail in server.inbox.mails), 340)
        self.delete_here("1:220")
        done = self.postern("sync")
        self.assertEqual(done.count("expunged there"), 220, done)
        self.assertEqual(len(server.inbox.mails), self.size - 220)
        self.sync()
        self.assertEqual(self.here(), sorted(mail.text for mail in server.inbox.mails))

    def test_announced(self):
        for capability in (PLAIN, CONDSTORE, CONDSTORE + " ESEARCH"):
            with self.subTest(capability=capability):
                self.change_much(self.begin(capability + " MESSAGELIMIT=100"))

    def test_told_and_not_announced(self):
        """Flags that a command for more than a piece has not changed are changed by the next passes."""
        server = self.begin(CONDSTORE)
        near = self.store.connect()
        near.select("INBOX")
        near.store("1:340", "+FLAGS", r"(\Flagged)")
        near.logout()
        for _ in range(6):
            done = self.postern("sync")
            self.assertEqual(self.flags_here().count(r"\flagged"), 340, done)
        self.assertEqual(sum(mail.has("FLAGGED") for mail in server.inbox.mails), 340, done)

    def test_neither_told_nor_announced(self):
        """Older Yahoo: the listing ends, and that is all."""
        for capability in (PLAIN, CONDSTORE):
            with self.subTest(capability=capability):
                server = self.begin(capability, tells=False)
                for mail in server.inbox.mails[10:260]:
                    server.inbox.modseq += 1
                    mail.flags.add(r"\Seen")
                    mail.modseq = server.inbox.modseq
                self.sync()
                self.assertEqual(self.flags_here().count(r"\seen"), 250)
                server.inbox.mails.pop(7)
                server.inbox.modseq += 1
                self.sync()
                self.assertEqual(len(self.here()), self.size - 1)

    def test_what_others_have_marked_stays_without_uidplus(self):
        """SEARCH DELETED looks through a piece: what others have marked before it must not go along."""
        server = self.begin(PLAIN.replace(" UIDPLUS", "") + " MESSAGELIMIT=100")
        for mail in server.inbox.mails[3:6]:
            mail.flags.add(r"\Deleted")
        self.delete_here("300")
        self.sync()
        self.assertEqual(len(server.inbox.mails), self.size - 1)
        self.assertEqual([mail.uid for mail in server.inbox.mails if mail.has("DELETED")], [4, 5, 6])


class Window(Server):
    """A view on the newest messages; all of them to who has said ENABLE UIDONLY."""

    size = 1000

    def view(self, talk, mailbox):
        if getattr(talk, "uidonly", False):
            return mailbox
        out = Mailbox(mailbox.validity)
        out.next, out.modseq, out.mails = mailbox.next, mailbox.modseq, mailbox.mails[-self.size:]
        return out

    def on_enable(self, talk, tag, rest):
        if "UIDONLY" in rest and "UIDONLY" in self.capability:
            talk.uidonly = True
            talk.say("* ENABLED UIDONLY")
        talk.say(f"{tag} OK done")

    def send_fetched(self, talk, number, mail, said):
        if getattr(talk, "uidonly", False):
            talk.send(b"* %d UIDFETCH (%s)\r\n" % (mail.uid, b" ".join(said[1:])))
        else:
            super().send_fetched(talk, number, mail, said)

    def on_select(self, talk, tag, rest):
        whole = self.named(rest)
        self.mailboxes["INBOX"] = self.view(talk, whole)
        super().on_select(talk, tag, rest)
        self.mailboxes["INBOX"] = whole

    def on_status(self, talk, tag, rest):
        whole = self.named(rest)
        self.mailboxes["INBOX"] = self.view(talk, whole)
        super().on_status(talk, tag, rest)
        self.mailboxes["INBOX"] = whole

    def on_uid_expunge(self, talk, tag, rest):
        for _, mail in talk.mailbox.chosen(rest):
            if mail.has("DELETED"):
                self.inbox.mails.remove(mail)
                talk.say(f"* VANISHED {mail.uid}")
        talk.say(f"{tag} OK done")


class NewestAlone(Lies):
    def test_uids_alone_show_all(self):
        server = self.serve(Window(capability=PLAIN + " ENABLE UIDONLY PARTIAL MESSAGELIMIT=1000"))
        for n in range(1200):
            server.inbox.add(support.message(n))
        self.sync()
        self.assertEqual(len(self.here()), 1200)
        server.inbox.add(support.message(5000))
        done = self.sync()
        self.assertEqual((done.count("fetched"), done.count("expunged here")), (1, 0), done)
        self.delete_here("3")
        near = self.store.connect()
        near.select("INBOX")
        near.store("1:1100", "+FLAGS", r"(\Flagged)")
        near.logout()
        done = self.sync()
        self.assertEqual(done.count("expunged there"), 1, done)
        self.assertEqual(sum(mail.has("FLAGGED") for mail in server.inbox.mails), 1100)
        self.assertEqual(self.here(), sorted(mail.text for mail in server.inbox.mails))
        self.assertIn("nothing to do", self.sync().out)

    def test_what_falls_out_of_the_view_is_not_deleted(self):
        server = Window()
        server.size = 10_000
        for n in range(10_005):
            server.inbox.add(b"Message-ID: <%d@example.org>\r\n\r\n" % n)
        self.serve(server)
        self.sync()
        for n in range(2):
            server.inbox.add(support.message(n))
            done = self.sync(1)
            self.assertIn("and of none that is older", done.err)
            self.assertEqual((done.count("fetched"), done.count("expunged here")), (1, 0), done)
        self.assertEqual(self.sync(1).count("expunged here"), 0)
        gone = server.inbox.mails.pop(700)  # this one is deleted
        self.assertEqual(self.postern("sync").count("expunged here"), 1)
        self.assertEqual(len(self.here()), 10_001)
        self.assertNotIn(gone.text, self.here())


if __name__ == "__main__":
    unittest.main()
