# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Files that other programs are still writing into a Maildir of ours: the server gets each of them whole, and once."""

import subprocess
import time

import support
from sync_case import SyncCase


class ForeignFiles(SyncCase):
    def setUp(self):
        super().setUp()
        self.start_dovecot()
        self.sync()
        self.inbox = self.store.path / "INBOX"
        self.whole = support.message(1, 20_000)
        self.octets = self.whole.replace(b"\r\n", b"\n")

    def sent(self):
        return self.messages(self.dovecot)

    def test_nothing_is_sent_while_it_is_written(self):
        with (self.inbox / "cur" / "1500000001.M1P1.host:2,S").open("wb") as file:
            file.write(self.octets[:5000])
            file.flush()
            for _ in range(2):
                self.sync()
                self.assertEqual(self.sent(), [])
            file.write(self.octets[5000:])
        self.assertEqual(self.sync().count("sent"), 1)
        self.assertEqual(self.sent(), [self.whole])
        self.assert_same()
        self.assert_nothing_to_do()

    def test_name_with_the_size_of_a_part(self):
        with (self.inbox / "new" / "1500000001.M1P1.host,S=5000,W=5100").open("wb") as file:
            file.write(self.octets[:5000])
            file.flush()
            self.sync()
            self.assertEqual(self.sent(), [])
            file.write(self.octets[5000:])
        self.sync()
        self.assertEqual(self.sent(), [self.whole])

    def test_moved_here_while_it_is_written(self):
        temporary = self.inbox / "tmp" / "x"
        with temporary.open("wb") as file:
            file.write(self.octets[:5000])
            file.flush()
            temporary.rename(self.inbox / "cur" / "1500000001.M1P1.host:2,S")
            self.sync()
            self.assertEqual(self.sent(), [])
            file.write(self.octets[5000:])
        self.sync()
        self.assertEqual(self.sent(), [self.whole])

    def test_writer_that_is_killed_leaves_what_it_wrote(self):
        path = self.inbox / "cur" / "1500000001.M1P1.host:2,S"
        writer = subprocess.Popen(["sh", "-c", f"exec cat >'{path}'"], stdin=subprocess.PIPE)
        writer.stdin.write(self.octets[:5000])
        writer.stdin.flush()
        support.wait_until(lambda: path.exists() and path.stat().st_size == 5000, what="the first half")
        self.sync()
        self.assertEqual(self.sent(), [])
        writer.kill()
        writer.wait()
        writer.stdin.close()
        self.sync()
        self.assertEqual(self.sent(), [self.octets[:5000].replace(b"\n", b"\r\n")])

    def test_written_anew_after_it_was_sent(self):
        path = self.inbox / "cur" / "1500000001.M1P1.host:2,S"
        path.write_bytes(self.octets)
        near = self.store.connect()
        near.select("INBOX")
        self.sync()
        self.assertEqual(self.sent(), [self.whole])
        path.write_bytes(self.octets.replace(b"Subject: ", b"Subject: again "))
        near.noop()
        self.sync()
        self.assertEqual(self.sent(), [self.whole.replace(b"Subject: ", b"Subject: again ")])
        self.assert_same()
        near.logout()

    def test_while_a_client_reads_it(self):
        self.configure(top="interval = 1")
        config = self.store.directory / "config" / "postern" / "config"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(self.config.read_text())
        config.chmod(0o600)
        environment = " ".join(f"{name}={self.store.environment[name]}" for name in ("HOME", "XDG_CONFIG_HOME"))
        near = support.Tunnel(f"env {environment} {support.IMAPD} --stdio")
        near.select("INBOX")

        def found():
            near.noop()
            return near.uid("SEARCH", "ALL")[1][0].split()

        with (self.inbox / "cur" / "1500000001.M1P1.host:2,S").open("wb") as file:
            file.write(self.octets[:5000])
            file.flush()
            support.wait_until(found, what="the half, here")
            half = found()
            self.assertLess(len(near.uid("FETCH", half[0], "(BODY.PEEK[])")[1][0][1]), 6000)
            time.sleep(2)  # more than a pass
            self.assertEqual(self.sent(), [])
            file.write(self.octets[5000:])
        support.wait_until(lambda: self.sent() == [self.whole], what="the whole, there")
        support.wait_until(lambda: found() not in ([], half), what="another UID for what was read by halves")
        self.assertEqual(near.uid("FETCH", found()[0], "(BODY.PEEK[])")[1][0][1], self.whole)
        near.logout()


if __name__ == "__main__":
    import unittest

    unittest.main()
