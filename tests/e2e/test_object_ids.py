# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Which message has moved on a server is told by what the server calls it (EMAILID of RFC 8474, Gmail's X-GM-MSGID); where it tells nothing, by what messages look like, and never are two taken for each other."""

import re
import unittest

import support
from lying_case import LyingCase
from lying_server import PLAIN, Server


class Known(Server):
    """Another client moves, and it calls messages by name. Of some it tells another date, and no name."""

    refuses = False  # what asks for names

    def __init__(self, capability):
        super().__init__("Archive", capability=capability)
        self.ids, self.later, self.asks = {}, set(), ""

    def on_uid_fetch(self, talk, tag, rest):
        self.asks = rest
        if self.refuses and ("EMAILID" in rest or "X-GM-MSGID" in rest):
            talk.say(f"{tag} BAD what is that?")
            return
        super().on_uid_fetch(talk, tag, rest)

    def date_of(self, mail):
        return [b'INTERNALDATE "0%d-Nov-2026 10:00:00 +0000"' % (4 if mail in self.later else 3)]

    def send_fetched(self, talk, number, mail, said):
        name = self.ids.get(mail)
        if "EMAILID" in self.asks and name:
            said.append(b"EMAILID (%s)" % name)
        if "X-GM-MSGID" in self.asks and name:
            said.append(b"X-GM-MSGID %s" % name)
        if "BODY.PEEK[HEADER]" in self.asks:
            header = mail.text.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            said.append(b"BODY[HEADER] {%d}\r\n%s" % (len(header), header))
        super().send_fetched(talk, number, mail, said)

    def put(self, name, text, flags=(), mailbox="INBOX"):
        mail = self.mailboxes[mailbox].add(text, flags)
        self.ids[mail] = name
        return mail

    def move(self, mail, text=None, name=None, date_stays=True):
        """The old one is gone, and this one has come to Archive."""
        self.inbox.mails.remove(mail)
        self.inbox.modseq += 1
        moved = self.put(name or self.ids[mail], text or mail.text, mail.flags, "Archive")
        if not date_stays:
            self.later.add(moved)
        return moved


class ObjectIds(LyingCase):
    capability, name = PLAIN + " OBJECTID", b"M%d"

    def begin(self, capability=None):
        server = self.serve(Known(capability or self.capability))
        self.mails = [server.put(self.name % (100 + n), support.message(n, 3000)) for n in range(4)]
        self.sync()
        return server

    def texts_asked(self):
        return self.server.count("uid_fetch", "BODY.PEEK[]")

    def check(self, moves, texts):
        """A pass after which the store is as the server; `texts`: whether a text was asked for."""
        before = self.texts_asked()
        done = self.sync()
        self.assertEqual(self.texts_asked() > before, texts, done)
        self.assertEqual(done.count("moved here"), moves, done)
        for name, box in self.server.mailboxes.items():
            self.assertEqual(sorted(mail.text for mail in box.mails), self.messages(self.store, name))

    def test_of_another_date(self):
        """The server gives what is moved a new date."""
        server = self.begin()
        server.move(self.mails[1], date_stays=False)
        self.check(moves=1, texts=False)

    def test_another_one_that_looks_the_same(self):
        server = self.begin()
        other = self.mails[1].text.replace(b"quick", b"QUICK")
        server.move(self.mails[1], other, self.name % 555)
        self.check(moves=0, texts=True)

    def test_without_a_message_id(self):
        server = self.begin()
        nameless = server.put(self.name % 200, re.sub(rb"Message-ID: [^\r]*\r\n", b"", support.message(7, 3000)))
        self.sync()
        server.move(nameless)
        self.check(moves=1, texts=False)

    def test_a_draft(self):
        server = self.begin()
        draft = server.put(self.name % 200, support.message(7, 3000), (r"\Draft",))
        self.sync()
        server.move(draft)
        self.check(moves=1, texts=False)

    def test_each_is_asked_for_once(self):
        server = self.begin()
        item = "EMAILID" if "OBJECTID" in self.capability else "X-GM-MSGID"
        asked = server.count("uid_fetch", item)
        self.assertGreater(asked, 0)
        server.put(self.name % 200, support.message(7))
        self.sync()
        self.assertEqual(server.count("uid_fetch", f"5 ({item})") + server.count("uid_fetch", f"5 {item}"), 1, server.asked)
        self.assertEqual(server.count("uid_fetch", item), asked + 1)

    def test_one_that_refuses_to_tell(self):
        server = self.begin()
        server.refuses = True
        server.move(self.mails[1])
        self.check(moves=1, texts=False)

    def test_one_that_has_refused_before(self):
        server = Known(self.capability)
        server.refuses = True
        self.serve(server)
        mail = server.put(self.name % 100, support.message(1, 3000))
        self.sync()
        server.move(mail)
        self.check(moves=1, texts=False)

    def test_one_that_calls_all_the_same(self):
        server = self.begin()
        for mail in server.ids:
            server.ids[mail] = self.name % 1
        server.move(self.mails[1], support.message(9, 3000))
        self.check(moves=0, texts=True)


class GmailIds(ObjectIds):
    capability, name = PLAIN + " X-GM-EXT-1", b"12784553442303%d"


class WithoutIds(ObjectIds):
    """The server tells nothing: Message-ID, size and date must do."""

    capability = PLAIN

    test_without_a_message_id = test_each_is_asked_for_once = test_one_that_calls_all_the_same = None

    def test_of_another_date(self):
        self.begin().move(self.mails[1], date_stays=False)
        self.check(moves=0, texts=True)

    def test_another_one_that_looks_the_same(self):
        """It has another size."""
        self.begin().move(self.mails[1], self.mails[1].text + b"more\r\n")
        self.check(moves=0, texts=True)

    def test_a_draft(self):
        """Its text may be another one under the same Message-ID, with the same size in the same second."""
        server = self.begin()
        draft = server.put(b"", support.message(7, 3000), (r"\Draft",))
        self.sync()
        server.move(draft, draft.text.replace(b"quick", b"QUICK"))
        self.check(moves=0, texts=True)

    def twice(self):
        """A message of which there are two: a list's copy, and another one."""
        server = self.begin()
        text = b"Received: by list.example.org\r\n" + support.message(7, 3000)
        one = server.put(b"", text)
        server.put(b"", text.replace(b"list", b"home") + b"\r\n")
        self.sync()
        return server, one

    def test_of_two_with_one_message_id_headers_tell(self):
        server, one = self.twice()
        server.move(one)
        self.check(moves=1, texts=False)

    def test_of_two_with_one_message_id_another_header(self):
        server, one = self.twice()
        server.move(one, one.text.replace(b"list", b"post"))
        self.check(moves=0, texts=True)


if __name__ == "__main__":
    unittest.main()
