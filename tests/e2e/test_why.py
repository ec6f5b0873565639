# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""`postern why`: a message's life, told by the store's ledger (docs/safety.md)."""

import json
import re
import shutil
import unittest

import support
import sync_case


def message(number):
    return b"Message-ID: <why-%d@example.org>\r\nSubject: %d\r\n\r\ntext %d\r\n" % (number, number, number)


class Why(sync_case.SyncCase):
    def setUp(self):
        super().setUp()
        self.meet_dovecot()
        self.far.append("INBOX", r"(\Flagged)", None, message(1))
        self.sync()

    def life(self, *words):
        done = self.postern("why", "--json", *words)
        self.assertEqual(done.code, 0, done)
        return [(one["place"], one["what"], one["by"]) for one in json.loads(done.out)]

    def whats(self, *words):
        return [(place, what) for place, what, by in self.life(*words)]

    def test_a_whole_life(self):
        near = self.store.connect()
        near.xatom("ID", '("name" "Marmot\\"s mail")')
        near.create("kept")
        near.select("INBOX")
        near.store("1", "+FLAGS", r"(\Seen)")
        near.store("1", "-FLAGS", r"(\Flagged)")
        near.copy("1", "kept")
        near.store("1", "+FLAGS", r"(\Deleted)")
        near.expunge()
        near.logout()
        self.sync()
        self.far.select("kept")
        self.far.store("1", "+FLAGS", "(mine)")
        self.far.unselect()
        self.sync()
        told = self.life("<why-1@example.org>")
        self.assertEqual(told[0][:2], ("INBOX 1", r"arrived, with \Flagged"))
        self.assertRegex(told[0][2], r"^pass \d{8}T\d{6}Z$")
        self.assertEqual(told[1][:2], ("INBOX 1", "fetched from 127.0.0.1 (UID 1 there)"))
        client = 'client Marmot"s mail'
        self.assertEqual(told[2:7], [
            ("INBOX 1", r"marked \Seen", client),
            ("INBOX 1", r"no more \Flagged", client),
            ("kept 1", "copied here from INBOX 1", client),
            ("INBOX 1", r"marked \Deleted", client),
            ("INBOX 1", "removed from this mailbox", client),
        ])
        self.assertIn(("kept 1", "marked mine"), [one[:2] for one in told])
        self.assertIn(("kept 1", "moved on 127.0.0.1 (UID 1 there)"), [one[:2] for one in told])
        self.assertIn(("INBOX 1", "moved to kept on 127.0.0.1 (UID 1 there)"), [one[:2] for one in told])
        self.assertEqual(self.whats("kept", "1"), [one[:2] for one in told])
        plain = self.postern("why", "why-1@example.org")
        self.assertEqual(plain.code, 0)
        self.assertEqual(len(plain.out.splitlines()), len(told))
        self.assertRegex(plain.out.splitlines()[0], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  INBOX 1  arrived, with \\Flagged  \[pass ")

    def test_what_is_sent_and_marked_there(self):
        near = self.store.connect()
        near.append("INBOX", None, None, message(2))
        near.logout()
        self.sync()
        near = self.store.connect()
        near.select("INBOX")
        near.store("2", "+FLAGS", r"(\Seen)")
        near.logout()
        self.sync()
        self.assertEqual(self.whats("why-2@example.org"), [
            ("INBOX 2", "arrived"),
            ("INBOX 2", "sent to 127.0.0.1 (UID 2 there)"),
            ("INBOX 2", r"marked \Seen"),
            ("INBOX 2", r"flags set on 127.0.0.1: \Seen (UID 2 there)"),
        ])

    def test_another_programs_file(self):
        self.store.stop_owner()
        (self.store.path / "INBOX" / "cur" / "1700000000.x.host:2,S").write_bytes(message(3).replace(b"\r\n", b"\n"))
        self.sync()
        told = self.life("<why-3@example.org>")  # the ledger does not know its Message-ID
        self.assertEqual(told[0], ("INBOX 2", r"arrived, with \Seen", "another program"))
        self.assertEqual(told[1][1], "sent to 127.0.0.1 (UID 2 there)")

    def test_paired_at_first_sight(self):
        near = self.store.connect()
        date = '"01-Jan-2024 10:00:00 +0000"'
        near.create("both")
        self.far.create("both")
        near.append("both", None, date, message(4))
        self.far.append("both", None, date, message(4))
        near.logout()
        self.sync()
        self.assertEqual(self.whats("both", "1"), [("both 1", "arrived"), ("both 1", "is the same message as on 127.0.0.1 (UID 1 there)")])

    def test_without_an_index_it_is_still_told(self):
        self.store.stop_owner()
        shutil.rmtree(self.store.path / ".postern" / "index")
        self.assertEqual(self.whats("why-1@example.org")[0], ("INBOX 1", r"arrived, with \Flagged"))

    def test_a_damaged_ledger_tells_the_rest(self):
        self.store.stop_owner()
        for file in (self.store.path / ".postern" / "ledger").iterdir():
            file.write_bytes(b"postern-ledger 1\nnonsense\n\xff\xfe\t\n" + file.read_bytes()[len(b"postern-ledger 1\n"):])
        self.assertEqual(self.whats("why-1@example.org")[0], ("INBOX 1", r"arrived, with \Flagged"))

    def test_of_another_version(self):
        self.store.stop_owner()
        for file in (self.store.path / ".postern" / "ledger").iterdir():
            file.write_bytes(b"postern-ledger 2\n" + file.read_bytes()[len(b"postern-ledger 1\n"):])
        done = self.postern("why", "why-1@example.org")
        self.assertEqual(done.code, 1)
        self.assertIn("it came before the ledger began", done.err)

    def test_what_nobody_knows(self):
        self.assertIn("nothing is noted of that message", self.postern("why", "nobody@example.org").err)
        self.assertIn("nothing is noted of that message", self.postern("why", "INBOX", "77").err)
        self.assertIn("ask by Message-ID", self.postern("why", "gone", "1").err)
        self.assertIn("postern why INBOX 14", self.postern("why").err)

    def test_it_can_be_off(self):
        self.store.stop_owner()
        self.configure(top="keep-ledger = 0")
        self.far.append("INBOX", None, None, message(5))
        self.sync()
        self.assertEqual(self.postern("why", "why-5@example.org").code, 1)


if __name__ == "__main__":
    unittest.main()
