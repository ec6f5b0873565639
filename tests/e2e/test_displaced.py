# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""A mailbox's directory is taken away or replaced while sessions have it open: they are told, and go on."""

import shutil
import unittest

import support


class Displaced(unittest.TestCase):
    def setUp(self):
        self.store = support.Store()
        self.addCleanup(self.store.close)
        session = self.store.connect()
        session.create("box")
        for number in range(3):
            session.append("box", None, None, support.message(number))
        session.logout()
        self.box = self.store.path / "box"

    def selected(self):
        session = self.store.connect()
        session.select("box")
        # What is not new any more is renamed, which nobody's rmtree expects.
        support.wait_until(lambda: len(list((self.box / "cur").iterdir())) == 3, what="the messages are in cur/")
        return session, session.response("UIDVALIDITY")[1][0]

    def test_replaced(self):
        session, before = self.selected()
        self.box.rename(self.store.directory / "aside")
        for part in ("new", "tmp", "cur"):
            (self.box / part).mkdir(parents=True)
        (self.box / "new" / "1.other.host").write_bytes(support.message(7))
        self.assertEqual(session.noop()[0], "OK")
        self.assertEqual(session.response("EXPUNGE")[1], [b"3", b"2", b"1"])
        self.assertEqual(session.append("box", None, None, support.message(8))[0], "OK")
        session.select("box")
        self.assertNotEqual(session.response("UIDVALIDITY")[1][0], before)
        self.assertEqual(session.search(None, "ALL")[1], [b"1 2"])
        session.logout()

    def test_taken_away_under_an_idle_session(self):
        session, _ = self.selected()
        session.send(b"i IDLE\r\n")
        self.assertTrue(session.readline().startswith(b"+"))
        shutil.rmtree(self.box)
        told = []
        while len([line for line in told if b"EXPUNGE" in line]) < 3:
            told.append(session.readline())
        session.send(b"DONE\r\n")
        while not session.readline().startswith(b"i OK"):
            pass
        self.assertEqual(session.noop()[0], "OK")
        self.assertEqual(session.status("box", "(MESSAGES)")[0], "NO")
        self.assertEqual(session.create("box")[0], "OK")
        session.logout()


if __name__ == "__main__":
    unittest.main()
