# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""What a client may ask of the server at once, with the descriptors that a shell gives."""

import unittest

import support


class AtOnce(unittest.TestCase):
    def setUp(self):
        self.store = support.Store()
        self.addCleanup(self.store.close)
        self.near = support.Tunnel(f"ulimit -n 1024; {self.store.tunnel_command()} --no-sync")

    def tearDown(self):
        self.near.logout()

    def ask(self, text):
        self.near.send(b"x1 " + text + b"\r\n")
        lines = []
        while not (line := self.near.readline()).startswith(b"x1 "):
            self.assertTrue(line, "the session ended")
            lines.append(line)
        return line, lines

    def test_multiappend_of_1500_messages(self):
        """Small ones, and ones that lie in files while they come: more than there are descriptors."""
        for size, count in ((0, 1500), (300_000, 60)):
            texts = [support.message(n, size) for n in range(count)]
            answer, _ = self.ask(b"APPEND INBOX" + b"".join(b" {%d+}\r\n%s" % (len(text), text) for text in texts))
            self.assertIn(b"OK [APPENDUID", answer)
        self.assertEqual(self.near.select("INBOX")[1], [b"1560"])

    def test_1500_appends_in_a_row(self):
        text = support.message(1)
        self.near.send(b"".join(b"a%d APPEND INBOX {%d+}\r\n%s\r\n" % (n, len(text), text) for n in range(1500)))
        for n in range(1500):
            while not (line := self.near.readline()).startswith(b"a"):
                self.assertTrue(line)
            self.assertTrue(line.startswith(b"a%d OK" % n), line)
        self.assertEqual(self.near.select("INBOX")[1], [b"1500"])

    def test_uids_that_are_used_up(self):
        """No UID comes twice or is 0: what would need one is refused, and the rest goes on."""
        for mailbox in ("INBOX", "other"):
            self.near.create(mailbox)
            for n in range(3):
                self.near.append(mailbox, None, None, support.message(n))
        self.near.logout()
        self.store.stop_owner()
        with (self.store.path / "INBOX" / "postern-mailbox").open("a") as file:
            file.write(f"uidnext {0xFFFFFF00}\n")
        support.shutil.rmtree(self.store.path / ".postern" / "index")
        self.near = support.Tunnel(f"{self.store.tunnel_command()} --no-sync")
        taken, answer = 0, b""
        while taken < 300:
            text = support.message(10 + taken)
            answer, _ = self.ask(b"APPEND INBOX {%d+}\r\n%s" % (len(text), text))
            if not answer.startswith(b"x1 OK"):
                break
            taken += 1
        self.assertRegex(answer, b"^x1 NO .*used up its UIDs")
        text = support.message(1)
        for command in (b"APPEND INBOX {%d+}\r\n%s {%d+}\r\n%s" % (len(text), text, len(text), text), b"COPY 1 INBOX", b"MOVE 1 INBOX"):
            self.near.select("other")
            self.assertRegex(self.ask(command)[0], b"^x1 NO .*used up its UIDs", command)
        self.assertEqual(self.near.select("other")[1], [b"3"])
        self.assertEqual(self.near.select("INBOX")[1], [b"%d" % (3 + taken)])
        uids = [int(uid) for uid in self.near.uid("SEARCH", "ALL")[1][0].split()]
        self.assertEqual(uids, sorted(set(uids)))
        self.assertTrue(0 < uids[0] and uids[-1] < 0xFFFFFFFF, uids[-1])
        self.assertEqual(self.ask(b"COPY 1 other")[0][:5], b"x1 OK")
        # What others deliver cannot get one either: it waits, and takes nothing with it.
        (self.store.path / "INBOX" / "new" / "1700000000.1.host").write_bytes(support.message(900))
        (self.store.path / "other" / "new" / "1700000000.2.host").write_bytes(support.message(901))
        self.assertEqual(self.near.noop()[0], "OK")
        self.assertEqual(self.near.select("other")[1], [b"5"])

    def test_searches_that_nest_deeply(self):
        for n in range(3):
            self.near.append("INBOX", None, None, support.message(n))
        self.near.select("INBOX")
        ors = b"OR 4:9 " * 5000 + b"1:3"
        answer, lines = self.ask(b"SEARCH " + ors)
        self.assertIn(b"OK", answer)
        self.assertIn(b"* SEARCH 1 2 3\r\n", lines)
        answer, lines = self.ask(b"SEARCH " + b"(" * 9000 + b"NOT DELETED" + b")" * 9000)
        self.assertIn(b"OK", answer)
        self.assertIn(b"* SEARCH 1 2 3\r\n", lines)
        answer, _ = self.ask(b"SEARCH " + b"NOT " * 9000 + b"DELETED")
        self.assertIn(b"OK", answer)
        answer, _ = self.ask(b"SEARCH " + b"(" * 200_000)
        self.assertIn(b"BAD", answer)
        self.assertEqual(self.near.noop()[0], "OK")


if __name__ == "__main__":
    unittest.main()
