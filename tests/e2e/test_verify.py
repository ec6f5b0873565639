# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""`postern verify`: what differs is found and told, each text is asked for once, `--repair`, and in the background."""

import os
import unittest

import sync_case


class Verify(sync_case.SyncCase):
    def setUp(self):
        super().setUp()
        self.meet_dovecot()
        self.far.create("box")
        self.texts = {n: b"Subject: %d\r\n\r\n" % n + bytes([97 + n % 26]) * 20_000 + b"\r\n" for n in range(12)}
        for n, text in self.texts.items():
            self.far.append("box" if n % 3 else "INBOX", None, None, text)
        self.sync()

    def verify(self, *words):
        return self.postern("verify", *words)

    def octets_of(self, *words):
        """What verify reads from the server, with a proxy in between."""
        proxy = sync_case.Proxy(self.dovecot.port)
        try:
            self.configure({"type": "imap", "STARTTLS": "NO", "host": "127.0.0.1", "port": proxy.port, "username": "user", "password": "pass",
                            "compress": "NO"})
            done = self.verify(*words)
            return done, len(proxy.relayed[proxy.DOWN])
        finally:
            proxy.close()
            self.configure()

    def file(self, mailbox="box", position=0):
        self.store.stop_owner()
        return sorted(file for part in ("cur", "new") for file in (self.store.path / mailbox / part).iterdir())[position]

    def write_over(self, file):
        """A bad sector: other octets, the same size and times."""
        times = os.stat(file)
        text = bytearray(file.read_bytes())
        text[-30] ^= 1
        with open(file, "r+b") as out:
            out.write(text)
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))

    def test_each_text_is_asked_for_once(self):
        first, octets_first = self.octets_of()
        again, octets_again = self.octets_of()
        whole, octets_whole = self.octets_of("--all")
        for done in (first, again, whole):
            self.assertEqual((done.code, done.out), (0, "12 messages compared in 2 mailboxes, 0 differences\n"))
        self.assertGreater(octets_first, 12 * 20_000)
        self.assertLess(octets_again, 12_000)
        self.assertGreater(octets_whole, 12 * 20_000)
        self.far.append("INBOX", None, None, self.texts[1])
        self.sync()
        done, octets = self.octets_of()
        self.assertEqual(done.code, 0, done)
        self.assertTrue(20_000 < octets < 40_000, octets)

    def test_what_has_rotted_here_is_found_although_it_was_compared_before(self):
        self.assertEqual(self.verify().code, 0)
        self.write_over(self.file())
        done = self.verify()
        self.assertEqual(done.code, 1)
        self.assertIn("box: local UID 1 and remote UID 1 differ in their text\n", done.out)
        self.assertIn("1 differences", done.out)
        self.assertIn("differ in their text", self.verify().out)  # and so it stays
        self.assertEqual(self.verify("--repair").code, 1, "which of two texts is right nobody can tell")

    def test_flags_that_nobody_told_of(self):
        # Marked here behind the sync's back, with the state as it was.
        near = self.store.connect()
        near.select("box")
        near.store("1", "+FLAGS", r"(\Flagged)")
        near.logout()
        done = self.verify()
        self.assertIn("box: local UID 1 and remote UID 1 differ in their flags", done.out)
        done = self.verify("--repair")
        self.assertEqual(done.code, 0, done)
        self.assertIn("looked at anew: in sync", done.out)
        self.assertTrue(done.out.endswith("12 messages compared in 2 mailboxes, 0 differences\n"), done.out)
        self.far.select("box")
        self.assertIn(rb"\Flagged", self.far.fetch("1", "(FLAGS)")[1][0])

    def test_repair_copies_what_a_side_lacks(self):
        self.far.append("box", None, None, self.texts[0])
        done = self.verify()
        self.assertIn("box: remote UID 9 is not here", done.out)
        self.assertEqual(self.verify("--repair").code, 0)

    def test_what_a_client_has_expunged_goes_on_although_all_is_looked_at_anew(self):
        near = self.store.connect()
        near.select("box")
        near.store("1:8", "+FLAGS.SILENT", r"(\Deleted)")
        near.expunge()
        near.logout()
        done = self.verify("--repair")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.far.select("box")[1][0], b"0")

    def test_what_another_synchroniser_adds_is_no_difference(self):
        text = b"Subject: x\r\nMessage-ID: <x@example.org>\r\n\r\ntext\r\n"
        near = self.store.connect()
        date = '"01-Jan-2024 10:00:00 +0000"'
        near.create("both")
        self.far.create("both")
        near.append("both", None, date, b"X-TUID: abcdefghijkl\r\n" + text)
        self.far.append("both", None, date, text)
        near.logout()
        self.sync()
        self.assertEqual(self.verify().code, 0)

    def test_dates_that_differ_are_accepted_by_repair(self):
        """A server that gives what it takes a date of its own: a difference until a person has seen it; nobody can set another one."""

        class OtherDate(sync_case.Proxy):
            def rewrite(self, direction, octets):
                return octets.replace(b"02-Jan-2020", b"03-Jan-2020") if direction == self.UP else octets

        near = self.store.connect()
        near.append("box", None, '"02-Jan-2020 10:00:00 +0000"', b"Subject: dated\r\n\r\ntext\r\n")
        near.logout()
        proxy = OtherDate(self.dovecot.port)
        self.addCleanup(proxy.close)
        self.configure({"type": "imap", "STARTTLS": "NO", "host": "127.0.0.1", "port": proxy.port, "username": "user", "password": "pass", "compress": "NO"})
        self.sync()
        self.configure()
        for _ in range(2):
            done = self.verify()
            self.assertEqual(done.code, 1, done)
            self.assertIn("differ in their internal date\n", done.out)
        self.assertEqual(self.verify("--repair").code, 0)
        done = self.verify()
        self.assertEqual(done.code, 0, done)
        self.assertIn("1 message with another date than on the server", done.out)

    def test_what_a_mode_forbids_is_no_difference(self):
        near = self.store.connect()
        for mode, told in (("backup", "box: not taken there: 1 message, 1 removal, 1 flag change (mode)"),
                           ("send", "box: not taken here: 1 message, 1 removal, 1 flag change (mode)")):
            with self.subTest(mode):
                self.configure(top=f"mode = {mode}")
                self.sync()
                side = near if mode == "backup" else self.far
                side.select("box")
                side.store("1", "+FLAGS", r"(\Flagged)" if mode == "backup" else r"(\Answered)")
                side.store("2", "+FLAGS", r"(\Deleted)")
                side.expunge()
                side.append("box", None, None, b"Subject: %s\r\n\r\nonly there\r\n" % mode.encode())
                side.create("only-" + mode)
                side.unselect()
                self.sync()
                done = self.verify()
                self.assertEqual(done.code, 0, done)
                self.assertIn(told, done.out)
                self.assertIn(f"only-{mode}: is not ", done.out)
                self.assertIn(" 0 differences\n", done.out)
                done = self.postern("status")
                self.assertEqual(done.code, 0, done)
                self.assertIn("0 differences\n", done.out)
                # What is permitted and was not done is one.
                other = self.far if mode == "backup" else near
                other.append("box", None, None, b"Subject: later\r\n\r\nlater\r\n")
                self.assertEqual(self.verify().code, 1)
                self.configure()
                self.sync()
                self.assertEqual(self.verify().code, 0)
        near.logout()

    def test_status_tells_when(self):
        self.assertNotIn("verified", self.postern("status").out)
        self.verify()
        done = self.postern("status")
        self.assertIn("verified just now: 2 mailboxes, 0 differences\n", done.out)
        self.assertEqual(done.code, 0)
        self.far.append("box", None, None, self.texts[0])
        self.verify()
        done = self.postern("status")
        self.assertIn("1 differences (postern verify tells them)", done.out)
        self.assertEqual(done.code, 1)

    def test_a_uidvalidity_of_before_vouches_for_nothing(self):
        self.verify()
        self.far.delete("box")
        self.far.create("box")
        for n in (2, 1):  # UIDs that had other texts
            self.far.append("box", None, None, self.texts[n])
        self.postern("sync")
        done, octets = self.octets_of()
        self.assertGreater(octets, 40_000, done)


if __name__ == "__main__":
    unittest.main()
