# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""What a pass reads from servers that have not all extensions: octets on the wire, whatever the mailbox's size."""

import unittest

import sync_case

CONDSTORE = "IMAP4rev1 LITERAL+ UIDPLUS UNSELECT IDLE ENABLE CONDSTORE ESEARCH LIST-EXTENDED LIST-STATUS"


class RungCase(sync_case.SyncCase):
    size = 3000

    def begin(self, capability, messages=size):
        self.start_dovecot(capability=capability, compress=False)
        self.far = self.dovecot.connect()
        self.addCleanup(self.far.logout)
        raw = b"".join(b" {%d+}\r\n" % len(m) + m for m in (sync_case.support.message(n) for n in range(messages)))
        self.far.send(b"x1 APPEND INBOX" + raw + b"\r\n")
        while not (line := self.far.readline()).startswith(b"x1 "):
            self.assertTrue(line)
        self.assertIn(b"OK", line)
        self.far.select("INBOX")
        self.proxy = sync_case.Proxy(self.dovecot.port)
        self.addCleanup(self.proxy.close)
        self.configure(port=self.proxy.port)
        self.sync()

    def read_in_a_pass(self):
        self.proxy.forget()
        done = self.sync()
        return done, len(self.proxy.relayed[self.proxy.DOWN])

    def check_small(self, what, limit):
        done, octets = self.read_in_a_pass()
        self.assertEqual(done.count(what), 1, done)
        self.assertLessEqual(octets, limit, f"{what}: {octets} octets were read")

    def check_nothing(self):
        done, octets = self.read_in_a_pass()
        self.assertIn("nothing to do", done.out)
        self.assertLessEqual(octets, 3000, f"nothing to do: {octets} octets were read")


class Rungs(RungCase):
    def change_things(self, gone):
        self.check_nothing()
        self.far.store("5", "+FLAGS", r"\Flagged")
        self.check_small("taken over", 4000)
        self.check_nothing()
        self.fill(self.far, "INBOX", [9000])
        self.check_small("fetched", 4000 + len(sync_case.support.message(9000)))
        self.check_nothing()
        self.far.store("7", "+FLAGS", r"\Deleted")
        self.far.expunge()
        self.check_small("expunged here", gone)
        self.check_nothing()
        near = self.store.connect()
        self.addCleanup(near.logout)
        near.select("INBOX")
        near.store("20", "+FLAGS", r"\Answered")
        self.check_small("pushed", 4000)
        self.fill(near, "INBOX", [9001])
        self.check_small("sent", 4000)
        near.store("30", "+FLAGS", r"\Deleted")
        near.expunge()
        self.check_small("expunged there", gone)
        self.check_nothing()
        self.assert_same()

    def test_condstore(self):
        self.begin(CONDSTORE, messages=10_000)
        self.change_things(4000)

    def test_condstore_without_esearch(self):
        self.begin(CONDSTORE.replace(" ESEARCH", ""))
        self.change_things(4000 + 6 * self.size)

    def test_many_things_at_once(self):
        """New, changed and gone on both sides between two passes."""
        self.begin(CONDSTORE, messages=300)
        near = self.store.connect()
        self.addCleanup(near.logout)
        near.select("INBOX")
        for side, first in ((self.far, 1), (near, 100)):
            side.store(f"{first}:{first + 9}", "+FLAGS", r"\Deleted")
            side.store(f"{first + 20}:{first + 40}", "+FLAGS", r"(\Flagged kw)")
            side.expunge()
            self.fill(side, "INBOX", range(8000 + first, 8010 + first))
        self.sync()
        self.assertEqual(len([m for m in self.assert_same() if m[3]]), 300)
        self.assert_nothing_to_do()


class TwentyMailboxes(RungCase):
    """Without LIST-STATUS a STATUS for each mailbox is asked for."""

    def begin(self, capability, compress=False):
        self.meet_dovecot(capability=capability, compress=compress)
        for name in ("INBOX", *(f"box{n}" for n in range(20))):
            self.far.create(name)
            self.far.subscribe(name)
            self.fill(self.far, name, range(3))
        self.far.select("INBOX")
        self.proxy = sync_case.Proxy(self.dovecot.port)
        self.addCleanup(self.proxy.close)
        self.configure(port=self.proxy.port)
        self.sync()
        self.sync()

    def check(self, nothing, change):
        done, octets = self.read_in_a_pass()
        self.assertIn("nothing to do", done.out)
        self.assertLessEqual(octets, nothing, f"nothing to do: {octets} octets were read")
        self.assertNotIn(b" LSUB ", bytes(self.proxy.relayed[self.proxy.UP]))
        self.far.store("2", "+FLAGS", r"\Flagged")
        self.check_small("taken over", change)
        self.fill(self.far, "INBOX", [9000])
        self.check_small("fetched", change + len(sync_case.support.message(9000)))
        self.assert_same()

    def test_compressed(self):
        self.begin(CONDSTORE.replace(" LIST-STATUS", " COMPRESS=DEFLATE"), compress=True)
        self.check(3000, 4000)

    def test_plain(self):
        """170 octets a mailbox: what servers that neither list nor compress make of it."""
        self.begin(CONDSTORE.replace(" LIST-STATUS", ""))
        self.check(4000, 5000)


class Plain(sync_case.SyncCase):
    """IMAP4rev1 and no more. What the background does not look at: test_background."""

    def test_a_person_who_asks_gets_a_pass_that_looks(self):
        self.meet_dovecot(capability="IMAP4rev1 LITERAL+ UIDPLUS UNSELECT", compress=False)
        self.fill(self.far, "INBOX", range(5))
        self.sync()
        self.far.select("INBOX")
        self.far.store("3", "+FLAGS", r"\Flagged")  # no count shows it
        self.assertEqual(self.sync().count("taken over"), 1)
        self.assert_same()
        self.assert_nothing_to_do()


class WithoutUidplus(sync_case.SyncCase):
    """What is expunged here goes there too, and nothing with it that others have marked as deleted."""

    def setUp(self):
        super().setUp()
        self.start_dovecot(capability="IMAP4rev1 LITERAL+ UNSELECT IDLE ENABLE CONDSTORE LIST-EXTENDED LIST-STATUS", compress=False)
        self.far = self.dovecot.connect()
        self.addCleanup(self.far.logout)
        self.fill(self.far, "INBOX", range(12))
        self.far.select("INBOX")
        self.far.store("2:3,7", "+FLAGS", r"\Deleted")
        self.proxy = sync_case.Proxy(self.dovecot.port)
        self.addCleanup(self.proxy.close)
        self.configure(port=self.proxy.port)
        self.sync()
        self.near = self.store.connect()
        self.addCleanup(self.near.logout)
        self.near.select("INBOX")
        self.near.uid("store", "5,9", "+FLAGS", r"\Deleted")
        self.near.uid("expunge", "5,9")

    def check_there(self, marked="2,3,7"):
        self.assertEqual(self.far.uid("search", "DELETED")[1][0].decode().replace(" ", ","), marked)
        self.assertEqual(self.far.uid("search", "ALL")[1][0].decode(), "1 2 3 4 6 7 8 10 11 12")

    def test_doctor_says_so(self):
        said = self.postern("doctor").out
        self.assertIn("tier: CONDSTORE (changed flags since the last pass; what is gone is counted, and searched for)", said)
        self.assertIn("UIDPLUS: no, so what others have marked as deleted is set aside while messages are expunged there", said)

    def test_goes_alone(self):
        done = self.sync()
        self.assertEqual(done.count("expunged there"), 2, done)
        self.far.noop()
        self.check_there()
        self.assert_same()
        self.assert_nothing_to_do()

    def test_cut_anywhere(self):
        """The connection breaks after each of many octets: nothing else goes, and the marks come back."""
        for octets in range(500, 2600, 100):
            self.proxy.forget()
            self.proxy.cut_after(self.proxy.DOWN, octets)
            done = self.postern("sync", timeout=20)
            self.assertIn(done.code, (0, sync_case.EX_TEMPFAIL), done)
            self.far.noop()
            left = self.far.uid("search", "ALL")[1][0].decode().split()
            self.assertEqual({"1", "2", "3", "4", "6", "7", "8", "10", "11", "12"} - set(left), set(), done)
        self.proxy.forget()
        self.sync()
        self.far.noop()
        self.check_there()
        self.assert_same()
        self.assert_nothing_to_do()


if __name__ == "__main__":
    unittest.main()
