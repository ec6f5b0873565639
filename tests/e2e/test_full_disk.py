# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""A full disk, a real one: a small tmpfs. What was acknowledged stays, what cannot be kept gets NO, and all goes on when there is room again."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

import support

MEGABYTE = 1 << 20


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.mount = pathlib.Path(tempfile.mkdtemp(prefix="postern-disk-"))
        self.addCleanup(shutil.rmtree, self.mount, ignore_errors=True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m,mode=0700", "none", self.mount], capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest(f"NOT TESTED: a full disk; mounting a tmpfs needs root: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", self.mount], check=False)
        self.store = support.Store()
        self.addCleanup(self.store.close)
        self.store.path = self.mount / "Mail"
        self.ballast = self.mount / "ballast"
        self.ballast.write_bytes(bytes(6 * MEGABYTE))

    def fill(self, session):
        """APPENDs until it is refused; what was acknowledged."""
        kept = []
        for number in range(2000):
            mail = support.message(number, 60_000)
            answer, text = session.append("INBOX", None, None, mail)
            if answer != "OK":
                self.assertEqual(answer, "NO")
                self.assertIn(b"[OVERQUOTA]", text[0])
                return kept
            kept.append(mail)
        self.fail("the disk did not fill")

    def assert_holds(self, session, kept):
        self.assertEqual(session.select("INBOX")[1], [str(len(kept)).encode()])
        data = session.fetch("1:*", "BODY.PEEK[]")[1]
        self.assertEqual([item[1] for item in data if isinstance(item, tuple)], kept)

    def test_appends_are_refused_and_nothing_is_lost(self):
        session = self.store.connect()
        kept = self.fill(session)
        self.assertGreater(len(kept), 50)
        self.assert_holds(session, kept)

        # A literal that has no room even to be received: swallowed, whether the client waits or not.
        large = support.message(9999, 28 * MEGABYTE)
        answer, text = session.append("INBOX", None, None, large)
        self.assertEqual((answer, text[0][:11]), ("NO", b"[OVERQUOTA]"))
        session.send(b"x1 APPEND INBOX {%d+}\r\n" % len(large) + large + b"\r\nx2 NOOP\r\n")
        self.assertTrue(session.readline().startswith(b"x1 NO [OVERQUOTA]"))
        self.assertTrue(session.readline().startswith(b"x2 OK"))

        # Whatever else is tried gets an answer, and readers go on.
        for command in (lambda: session.store("1", "+FLAGS", "(\\Flagged)"), lambda: session.copy("1:50", "INBOX"),
                        lambda: session.create("another")):
            self.assertIn(command()[0], ("OK", "NO"))
        other = self.store.connect()
        other.select("INBOX", readonly=True)
        self.assertEqual(other.fetch("1", "BODY.PEEK[]")[1][0][1], kept[0])

        # Room again: the same session goes on.
        self.ballast.unlink()
        session.select("INBOX")
        copies = int(session.select("INBOX")[1][0]) - len(kept)
        if copies:
            session.store(f"{len(kept) + 1}:*", "+FLAGS", "(\\Deleted)")
            session.expunge()
        mail = support.message(5000, 60_000)
        self.assertEqual(session.append("INBOX", None, None, mail)[0], "OK")
        kept.append(mail)
        self.assert_holds(session, kept)
        session.logout()
        other.logout()

        # And so does the next owner; the disk holds nothing that was refused.
        self.store.stop_owner()
        session = self.store.connect()
        self.assert_holds(session, kept)
        session.logout()
        files = [p for part in ("cur", "new", "tmp") for p in (self.store.path / "INBOX" / part).iterdir()]
        self.assertEqual(len(files), len(kept), files[-3:])

    def test_an_owner_that_is_killed_on_a_full_disk(self):
        session = self.store.connect()
        kept = self.fill(session)
        session.select("INBOX")
        session.store("1:10", "+FLAGS", "(\\Flagged)")
        self.store.stop_owner(kill=True)
        session.kill()
        self.ballast.unlink()
        session = self.store.connect()
        self.assert_holds(session, kept)
        session.logout()


if __name__ == "__main__":
    unittest.main()
