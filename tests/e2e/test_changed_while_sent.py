# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""A message's file changes while it is being sent: the client gets as many octets as were announced, what comes behind them is understood, and whoever asks next gets the truth."""

import base64
import bz2
import random
import re
import unittest

import support
import sync_case
from raw_imap import Client

SIZE = 3_000_000  # far more than pipes and buffers hold


def cut(path):
    with path.open("r+b") as file:
        file.truncate(SIZE // 2)


def empty(path):
    path.write_bytes(b"")


def grow(path):
    with path.open("ab") as file:
        file.write(b"And more of it.\n" * 20_000)


def rewrite_shorter(path):
    path.write_bytes(support.message(7, 5000).replace(b"\r\n", b"\n"))


def rewrite_longer(path):
    path.write_bytes(support.message(7, SIZE + 300_000))


def replace(path):
    other = path.parent.parent / "tmp" / "other"
    other.write_bytes(support.message(8, SIZE // 3))
    other.rename(path)


def remove(path):
    path.unlink()


def put_directory(path):
    path.unlink()
    path.mkdir()


def rename(path):
    path.rename(str(path).partition(":2,")[0] + ":2,FS")


CHANGES = [cut, empty, grow, rewrite_shorter, rewrite_longer, replace, remove, put_directory, rename]


class WhileAClientReads(unittest.TestCase):
    def setUp(self):
        self.store = support.Store()
        self.addCleanup(self.store.close)
        self.inbox = self.store.path / "INBOX"
        for name in ("cur", "new", "tmp"):
            (self.inbox / name).mkdir(parents=True, exist_ok=True)
        self.path = self.inbox / "cur" / "1500000001.M1P1.host:2,S"

    def client(self):
        client = Client.tunnel(self.store.tunnel_command() + " --no-sync")
        self.addCleanup(client.close)
        return client

    def put(self, octets, name="1500000001.M1P1.host:2,S"):
        (self.inbox / "cur" / name).write_bytes(octets)

    def check(self, change, octets, items="BODY.PEEK[]"):
        self.doCleanups()
        self.setUp()
        self.put(octets)
        self.put(support.message(1), "1500000002.M2P1.host:2,S")
        client = self.client()
        client.run("SELECT INBOX")
        whole = client.run("UID FETCH 1:* " + items)
        self.assertEqual(len(whole), 2)
        fetching, noop = client.send("UID FETCH 1:* " + items), client.send("NOOP")
        client.writer.flush()
        line = client.reader.readline()
        announced = int(re.search(rb"\{(\d+)\}\r\n\Z", line)[1])
        begin = client.reader.read(100_000)
        change(next(file for file in (self.inbox / "cur").iterdir() if file.name.startswith("1500000001")))
        text = begin + client.reader.read(announced - len(begin))
        self.assertEqual(len(text), announced)
        self.assertTrue(whole[0].startswith(line + begin), "it begins as it was")
        if change in (remove, replace, rename, put_directory):
            self.assertEqual(text, whole[0][len(line):len(line) + announced], "the file that was opened is read to its end")
        self.assertEqual(client.reader.readline(), b")\r\n")
        status, others = client.answer(fetching)
        self.assertTrue(status.startswith(b"OK"), status)
        self.assertEqual([response for response in others if b"{" in response], whole[1:], "the next one is whole")
        self.assertTrue(client.answer(noop)[0].startswith(b"OK"))
        self.assert_truth(client)
        self.assert_truth(self.client())

    def assert_truth(self, client):
        """Each message is as long as is said, and says what its file does."""
        client.run("SELECT INBOX")
        told = []
        status, responses = client.command("UID FETCH 1:* (RFC822.SIZE BODY.PEEK[])")
        self.assertTrue(status.startswith((b"OK", b"NO [NOPERM]")), status)
        for response in responses:
            if found := re.match(rb"\* \d+ FETCH \(UID \d+ RFC822\.SIZE (\d+) BODY\[\] \{(\d+)\}\r\n", response):
                self.assertEqual(found[1], found[2])
                if int(found[2]):  # one that has just been emptied is there for a while
                    told.append(response[found.end():found.end() + int(found[2])])
        files = sorted(file.read_bytes() for file in (self.inbox / "cur").iterdir() if file.is_file())
        wanted = sorted(re.sub(rb"\r?\n", b"\r\n", octets) for octets in files if octets)
        self.assertEqual(([len(text) for text in sorted(told)], sorted(told) == wanted), ([len(text) for text in wanted], True))

    def test_the_whole_text(self):
        for change in CHANGES:
            for ends in (b"\n", b"\r\n") if change in (cut, grow) else (b"\n",):
                with self.subTest(change=change.__name__, ends=ends):
                    self.check(change, support.message(0, SIZE).replace(b"\r\n", ends))

    def test_parts_of_it(self):
        for items in ("BODY.PEEK[TEXT]", f"BODY.PEEK[]<1000.{SIZE - 5000}>", "(FLAGS BODY.PEEK[] RFC822.SIZE)"):
            for change in (cut, remove):
                with self.subTest(change=change.__name__, items=items):
                    self.check(change, support.message(0, SIZE).replace(b"\r\n", b"\n"), items)


class WhileItIsPacked(WhileAClientReads):
    """One that Dovecot's zlib plug-in has packed: what is left of it cannot be unpacked."""

    test_parts_of_it = None

    def test_the_whole_text(self):
        noise = base64.encodebytes(random.Random(1).randbytes(SIZE * 3 // 4)).replace(b"\n", b"\r\n")  # it stays nearly as long
        octets = support.message(0) + noise
        for change in (cut, empty, remove, rewrite_shorter):
            with self.subTest(change=change.__name__):
                self.check(change, bz2.compress(octets, 1))

    def assert_truth(self, client):
        client.run("SELECT INBOX")
        status, responses = client.command("UID FETCH 1:* (RFC822.SIZE BODY.PEEK[])")
        self.assertTrue(status.startswith((b"OK", b"NO")), status)
        self.assertTrue(any(support.message(1) in response for response in responses))


class Meddler(sync_case.Proxy):
    """Does something once so many octets have gone up."""

    def __init__(self, port, after, do):
        self.after, self.do = after, do
        super().__init__(port)

    def rewrite(self, direction, octets):
        if direction == self.UP and self.do:
            self.after -= len(octets)
            if self.after < 0:
                self.do, do = None, self.do
                do()
        return octets


class WhileItIsUploaded(sync_case.SyncCase):
    def test_the_server_has_it_right_in_the_end(self):
        for change in (rewrite_shorter, cut, grow, replace, remove):
            with self.subTest(change=change.__name__):
                self.doCleanups()
                self.setUp()
                self.start_dovecot()
                self.sync()
                inbox = self.store.path / "INBOX"
                path = inbox / "cur" / "1500000001.M1P1.host:2,S"
                path.write_bytes(support.message(0, SIZE).replace(b"\r\n", b"\n"))

                def do(inbox=inbox, change=change):
                    change(next(file for file in (inbox / "cur").iterdir() if file.name.startswith("1500000001")))

                proxy = Meddler(self.dovecot.port, 500_000, do)
                self.addCleanup(proxy.close)
                self.configure(port=proxy.port, compress="NO", top="missing-wait = 0\nfuse = NO")
                for _ in range(3):
                    done = self.postern("sync", timeout=60)
                self.assertIsNone(proxy.do)
                if change is remove:  # nothing is left of the mailbox: that is for a person to allow
                    self.assertEqual(self.postern("allow").code, 0)
                done = self.sync()
                self.assertIn("nothing to do", self.sync().out)
                here, there = self.messages(self.store), self.messages(self.dovecot)
                self.assertEqual([len(text) for text in here], [len(text) for text in there], done)
                self.assertTrue(here == there)
                files = [file.read_bytes() for file in (inbox / "cur").iterdir() if file.is_file()]
                wanted = sorted(re.sub(rb"\r?\n", b"\r\n", octets) for octets in files if octets)
                self.assertEqual(([len(text) for text in here], here == wanted), ([len(text) for text in wanted], True))


if __name__ == "__main__":
    unittest.main()
