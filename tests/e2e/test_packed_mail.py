# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Maildirs that Dovecot's zlib plug-in compressed: what Dovecot shows is shown and synchronised here; what cannot be unpacked is named and never sent."""

import lzma
import os
import re
import shutil
import unittest

import support
from sync_case import SyncCase

PLUGIN = "protocol imap {\n  mail_plugins = zlib imap_zlib\n}\nplugin {\n  zlib_save = %s\n}\n"


class PackedMail(SyncCase):
    def seen(self, connection):
        """RFC822.SIZE and text of all messages of INBOX, sorted."""
        self.assertEqual(connection.select("INBOX", readonly=True)[0], "OK")
        out = []
        for item in connection.fetch("1:*", "(RFC822.SIZE BODY.PEEK[])")[1]:
            if isinstance(item, tuple):
                out.append((int(re.search(rb"RFC822.SIZE (\d+)", item[0])[1]), item[1]))
        return sorted(out)

    def take_over(self, way):
        """A Dovecot that compresses so, with mail, and a store of ours with a copy of its INBOX."""
        dovecot = self.start_dovecot(extra="" if way == "xz" else PLUGIN % way)
        connection = dovecot.connect()
        self.fill(connection, "INBOX", range(4), flags="(\\Seen)")
        self.fill(connection, "INBOX", [5], size=300_000)
        seen = self.seen(connection)
        connection.logout()
        shutil.copytree(dovecot.mail / "INBOX", self.store.path / "INBOX")
        self.files = sorted((self.store.path / "INBOX" / "cur").iterdir()) + sorted((self.store.path / "INBOX" / "new").iterdir())
        self.assertEqual(len(self.files), 5)
        if way == "xz":  # which Dovecot 2.3 reads, but does not write
            for file in self.files:
                before = file.stat()
                file.write_bytes(lzma.compress(file.read_bytes()))
                os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        self.assertTrue(any(not file.read_bytes().startswith((b"Return", b"From", b"Date", b"Subject", b"Message")) for file in self.files), "it has compressed")
        return seen

    def check(self, way):
        seen = self.take_over(way)
        connection = self.store.connect()
        self.assertEqual(self.seen(connection), seen)
        connection.logout()
        done = self.sync()
        self.assertEqual((done.count("fetched"), done.count("sent")), (0, 0), done)
        self.assert_same()

    def test_gzip(self):
        self.check("gz")

    def test_bzip2(self):
        self.check("bz2")

    def test_xz(self):
        self.check("xz")

    def test_zstd(self):
        self.check("zstd")

    def damage(self):
        victim = next(file for file in self.files if file.stat().st_size < 2000)
        victim.write_bytes(victim.read_bytes()[:-6])

    def test_damaged_is_refused_and_the_rest_goes_on(self):
        seen = self.take_over("gz")
        self.damage()
        connection = self.store.connect()
        connection.select("INBOX", readonly=True)
        answer = connection.fetch("1:*", "(BODY.PEEK[])")
        self.assertEqual(answer[0], "NO", answer)
        self.assertEqual(len(connection.search(None, "ALL")[1][0].split()), 5)
        connection.logout()
        # To a server that has none of it: the four are sent, the damaged one never.
        self.dovecot.close()
        empty = self.start_dovecot()
        done = self.sync(1)
        self.assertEqual(done.count("sent"), 4, done)
        self.assertIn("cannot be read", done.out + done.err)
        self.assertEqual(self.sync(1).count("sent"), 0)
        connection = empty.connect()
        there = self.seen(connection)
        connection.logout()
        self.assertEqual(len(there), 4)
        self.assertLessEqual(set(there), set(seen))


if __name__ == "__main__":
    unittest.main()
