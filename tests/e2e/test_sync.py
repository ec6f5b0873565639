# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""`postern sync` between our store and a Dovecot: what a pass carries over, and that the next one finds nothing to do."""

import re
import unittest

import support
import sync_case

NAMES = ["a", "a/b", "a/b/c/d/e/f/g/h", "Entw&APw-rfe", '"with space"', '"quote\\"d"', '"back\\\\slash"', "Q&-A", "&ZeVnLIqe-", '"per%cent"', '"star*"', "empty",
         "dot.ted", "til~de", "'apostrophe'", '"-"', "x" * 200]


class Sync(sync_case.SyncCase):
    def setUp(self):
        super().setUp()
        self.start_dovecot()

    def test_first_copy_and_nothing_to_do(self):
        far = self.dovecot.connect()
        for place, name in enumerate(["INBOX", *NAMES]):
            if name != "INBOX":
                self.assertEqual(far.create(name)[0], "OK", name)
            if name != "empty":
                self.fill(far, name, range(100 * place, 100 * place + 5), flags=r"(\Seen $Label1)" if place % 2 else None)
                self.fill(far, name, range(100 * place + 5, 100 * place + 8), size=5000, flags=r"(\Flagged \Answered \Draft)")
        far.logout()
        done = self.sync()
        self.assertEqual(done.count("fetched"), 8 * len(NAMES), done)
        found = self.assert_same()
        self.assertEqual(sum(1 for m in found if m[3]), 8 * len(NAMES))
        self.assertEqual(len({m[0] for m in found}), len(NAMES) + 1)
        self.assertEqual(len({m[2] for m in found if m[3]}), 8 * len(NAMES), "internal dates are kept")

        proxy = sync_case.Proxy(self.dovecot.port)
        self.addCleanup(proxy.close)
        self.configure(port=proxy.port, compress="NO")
        self.assert_nothing_to_do()
        commands = re.findall(rb"^\S+ ([A-Z-]+)", bytes(proxy.relayed[proxy.UP]), re.M)
        self.assertLessEqual(set(commands), {b"CAPABILITY", b"AUTHENTICATE", b"LOGIN", b"ENABLE", b"ID", b"NAMESPACE", b"LIST", b"NOOP", b"LOGOUT"}, commands)
        self.assertEqual(commands.count(b"LIST"), 1, commands)
        self.assertLess(len(proxy.relayed[proxy.UP]), 600)
        verified = self.postern("verify")
        self.assertEqual((verified.code, verified.out), (0, f"{8 * len(NAMES)} messages compared in {len(NAMES) + 1} mailboxes, 0 differences\n"))

    def test_odd_names_made_here(self):
        near = self.store.connect()
        for place, name in enumerate(NAMES):
            self.assertEqual(near.create(name)[0], "OK", name)
            if name != "empty":
                self.fill(near, name, [place])
        near.logout()
        done = self.sync()
        self.assertEqual((done.count("sent"), done.count("made there")), (len(NAMES) - 1, len(NAMES)), done)
        self.assert_same()
        self.assert_nothing_to_do()

    def test_a_name_that_the_other_side_cannot_have_stops_nothing_else(self):
        near = self.store.connect()
        self.assertEqual(near.create("y" * 250)[0], "OK")
        self.fill(near, "INBOX", [1])
        near.logout()
        done = self.postern("sync")
        if done.code != 0:
            self.assertEqual(done.code, 1, done)
            self.assertIn("y" * 250 + ": cannot be made on 127.0.0.1: ", done.err)
        self.assertEqual(self.messages(self.dovecot), [support.message(1)])

    def test_flags_and_keywords_three_ways(self):
        far = self.dovecot.connect()
        self.fill(far, "INBOX", range(1, 11), flags=r"(\Seen old)")
        self.sync()
        near = self.store.connect()
        near.select("INBOX")
        far.select("INBOX")
        near.store("1:5", "+FLAGS", r"(\Flagged mine)")
        near.store("1:5", "-FLAGS", r"(\Seen)")
        far.store("3:8", "+FLAGS", r"(\Answered yours)")
        far.store("3:8", "-FLAGS", r"(old)")
        near.store("9", "+FLAGS", r"(\Deleted)")  # marked, not expunged
        far.store("10", "FLAGS", "()")
        near.store("10", "+FLAGS", r"(\Draft)")
        near.logout()
        far.logout()
        self.sync()
        found = self.assert_same()
        number = {support.message(n): n for n in range(1, 11)}
        flags = {number[m[3]]: set(m[1].split()) for m in found if m[3]}
        self.assertEqual(flags[1], {"\\flagged", "mine", "old"})
        self.assertEqual(flags[4], {"\\flagged", "mine", "\\answered", "yours"})
        self.assertEqual(flags[7], {"\\seen", "\\answered", "yours"})
        self.assertEqual(flags[9], {"\\seen", "old", "\\deleted"})
        self.assertEqual(flags[10], {"\\draft"})
        self.assert_nothing_to_do()

    def test_expunges_on_both_sides(self):
        far = self.dovecot.connect()
        self.fill(far, "INBOX", range(1, 21))
        self.sync()
        near = self.store.connect()
        for side, which in ((near, "1:5"), (far, "4:8")):
            side.select("INBOX")
            side.store(which, "+FLAGS", r"(\Deleted)")
            side.expunge()
        near.store("10", "+FLAGS", r"(\Deleted)")  # not expunged: must survive the expunge of others
        near.store("4", "+FLAGS", r"(\Flagged)")  # number 9, fine
        far.logout()
        near.logout()
        done = self.sync()
        self.assertEqual((done.count("expunged here"), done.count("expunged there")), (3, 3), done)
        self.assert_same()
        self.assertEqual(self.messages(self.store), sorted(support.message(n) for n in range(9, 21)))
        self.assert_nothing_to_do()

    def test_new_mailboxes_on_both_sides(self):
        self.sync()
        far, near = self.dovecot.connect(), self.store.connect()
        for side, first in ((far, 0), (near, 100)):
            for name in ("both", "both/under", f"of{first}", f"of{first}/a/b"):
                self.assertEqual(side.create(name)[0], "OK")
                self.fill(side, name, range(first, first + 3))
        self.fill(far, "both", [500])
        self.fill(near, "both", [500])  # the same message: paired, not doubled
        near.logout()
        far.logout()
        done = self.sync()
        self.assertEqual(done.count("found on both sides"), 1, done)
        found = self.assert_same()
        self.assertEqual(sum(1 for m in found if m[0] == "both" and m[3]), 7)
        self.assert_nothing_to_do()

    def test_subscriptions_three_ways(self):
        def subscribed(side):
            connection = side.connect()
            answer = connection.lsub()[1]
            connection.logout()
            return sorted(line.split()[-1].strip(b'"').decode() for line in answer if line)

        far = self.dovecot.connect()
        for name in ("one", "two", "three", "four"):
            far.create(name)
        far.subscribe("one")
        far.subscribe("two")
        far.logout()
        self.sync()
        self.assertEqual(subscribed(self.store), subscribed(self.dovecot))
        self.assertEqual(subscribed(self.store), ["one", "two"])
        near, far = self.store.connect(), self.dovecot.connect()
        near.subscribe("three")
        near.unsubscribe("one")
        far.subscribe("four")
        far.unsubscribe("two")
        near.logout()
        far.logout()
        self.sync()
        self.assertEqual(subscribed(self.store), ["four", "three"])
        self.assertEqual(subscribed(self.dovecot), ["four", "three"])
        self.assert_nothing_to_do()

    def test_strange_messages(self):
        """Octet for octet, both ways."""
        strange = [b"Subject: no end", b"Subject: 8-bit \xff\xfe\x80\r\n\r\n\xc3\x28 \xe2\x82\r\n", b"\r\n", b"\r\n\r\n\r\n", b"Subject: header only\r\n",
                   b"no header at all", b"Subject: long\r\n\r\n" + b"z" * 100_000 + b"\r\n",
                   b"From x\r\nSubject: mbox\r\n\r\n.\r\n.\r\nFrom y\r\n", b" ", "Subject: ü\r\n\r\nä€𝄞\r\n".encode()]
        near, far = self.store.connect(), self.dovecot.connect()
        for number, text in enumerate(strange):
            for side, mark in ((near, b"here"), (far, b"there")):
                ok, why = side.append("INBOX", None, support.imaplib.Time2Internaldate(1_300_000_000 + number), text + (mark if number < 9 else b""))
                self.assertEqual(ok, "OK", (text[:30], why))
        near.logout()
        far.logout()
        self.sync()
        found = self.assert_same()
        texts = [m[3] for m in found if m[3]]
        for text in strange[:9]:
            self.assertEqual([texts.count(text + b"there"), texts.count(text + b"here")], [1, 1], text[:60])
        self.assertEqual(texts.count(strange[-1]), 1)
        self.assert_nothing_to_do()

    def test_messages_from_a_foreign_hand(self):
        """Files without CRLF, with NUL, empty, with mixed ends, in either Maildir: each arrives once, and nothing else suffers."""
        self.sync()
        files = {"lf": b"Subject: lf\n\nbody\n", "nul": b"Subject: nul\n\na\0b\n", "empty": b"", "mixed": b"Subject: mixed\r\n\r\none\ntwo\r\n", "noend": b"Subject: x\n\ny"}
        for name, octets in files.items():
            (self.store.path / "INBOX" / "new" / f"1600000000.{name}.here").write_bytes(octets.replace(b"Subject: ", b"Subject: here "))
            there = self.dovecot.mail / "INBOX" / "new" / f"1600000000.{name}.there"
            there.write_bytes(octets.replace(b"Subject: ", b"Subject: there "))
            support.os.chown(there, support.unprivileged().pw_uid, support.unprivileged().pw_gid)
        far = self.dovecot.connect()
        self.fill(far, "INBOX", [1])
        far.logout()
        done = self.postern("sync")
        near, there = self.messages(self.store), self.messages(self.dovecot)
        for name in ("lf", "mixed", "noend"):
            for where in (b"here", b"there"):
                subject = files[name].split(b"\n")[0].strip().replace(b"Subject: ", b"Subject: " + where + b" ")
                self.assertEqual([sum(subject in m for m in side) for side in (near, there)], [1, 1], (subject, done))
        self.assertEqual(sum(b"there nul" in m for m in near), 1, done)
        self.assertIn(support.message(1), near)
        if done.code != 0:  # said, and only once
            self.assertEqual(done.code, 1, done)
            self.assertIn("cannot be copied", done.err)
        again = self.postern("sync")
        self.assertEqual(again.count("fetched") + again.count("sent"), 0, again)
        self.assertEqual((self.messages(self.store), self.messages(self.dovecot)), (near, there))

    def test_a_big_message_each_way(self):
        big = [support.message(n, size=30_000_000) for n in (1, 2)]
        far, near = self.dovecot.connect(), self.store.connect()
        self.assertEqual(far.append("INBOX", None, None, big[0])[0], "OK")
        self.assertEqual(near.append("INBOX", None, None, big[1])[0], "OK")
        far.logout()
        near.logout()
        self.sync()
        self.assertEqual([self.messages(self.store) == sorted(big), self.messages(self.dovecot) == sorted(big)], [True, True])
        self.assert_nothing_to_do()

    def test_mailboxes_that_are_left_out(self):
        far = self.dovecot.connect()
        for name in ("keep", "keep/this", "trash", "trash/old", "other"):
            far.create(name)
            self.fill(far, name, [1])
        far.logout()
        self.configure(top='list-mailbox = INBOX "keep*" "trash*"\nignore-mailbox = ^trash($|\\x00)')
        self.sync()
        self.assertEqual(sorted({m[0] for m in self.contents_of(self.store)}), ["INBOX", "keep", "keep/this"])
        self.assert_nothing_to_do()


if __name__ == "__main__":
    unittest.main()
