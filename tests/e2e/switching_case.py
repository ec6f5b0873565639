# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of switching share: a server full of mail, the tool that has synchronised it, and what Postern then does with what it left."""

import os
import re
import subprocess

import support
from sync_case import Proxy, SyncCase

COUNT = int(os.environ.get("POSTERN_SWITCHING", "60"))  # messages
DAY = 86_400


def mail_file(number, size=3000):
    """One in ten has no Message-ID, one in ten shares it with another one."""
    text = support.message(number, size)
    if number % 10 == 3:
        return text.replace(f"Message-ID: <{number}@example.org>\r\n".encode(), b"")
    if number % 10 == 4:
        return text.replace(f"<{number}@".encode(), b"<shared@")
    return text


class SwitchingCase(SyncCase):
    def setUp(self):
        super().setUp()
        self.home = self.store.directory
        self.environment = {**self.store.environment, "XDG_DATA_HOME": str(self.home / "data")}

    def start_server(self, **options):
        self.start_dovecot(**options)
        far = self.dovecot.connect()
        for name in ("lists", "lists/one", "with space"):
            far.create(f'"{name}"')
            far.subscribe(f'"{name}"')
        for number in range(COUNT):
            flags = [None, "(\\Seen)", "(\\Flagged \\Seen)", "(\\Answered)", "(\\Seen keyword)"][number % 5]
            mailbox = "INBOX" if number % 4 else ["lists", "lists/one", '"with space"'][number // 4 % 3]
            answer = far.append(mailbox, flags, support.imaplib.Time2Internaldate(1_400_000_000 + number * DAY), mail_file(number))
            self.assertEqual(answer[0], "OK", answer)
        self.octets = COUNT * 3000
        far.logout()

    def run_tool(self, *command, expected=0):
        run = subprocess.run(command, capture_output=True, text=True, timeout=300, env=self.environment)
        self.assertEqual(run.returncode, expected, run.stdout + run.stderr)
        return run.stdout + run.stderr

    def begin_anew(self, **options):
        self.doCleanups()
        self.setUp()
        self.start_server(**options)

    def uids(self):
        """Which message of which mailbox has which UID here, as far as file names say so; the names without their flags."""
        out = {}
        for path in self.store.path.rglob("*"):
            if path.parent.name in ("cur", "new") and ".postern" not in path.parts:
                out[path.name.split(":2,")[0]] = str(path.parent.parent.relative_to(self.store.path))
        return out

    def assert_same_but_dates(self, separator="/"):
        """Dates are those that each side had."""
        here, there = self.shape(self.store), self.shape(self.dovecot)
        name = (lambda n: n if n.startswith("INBOX") else n.replace("/", separator)) if separator != "/" else (lambda n: n)
        dots = self.store_delimiter()
        self.assertEqual(sorted((m[0].replace(dots, "/") if separator == "/" else m[0], *m[1:]) for m in here), sorted((name(m[0]), *m[1:]) for m in there))

    def store_delimiter(self):
        near = self.store.connect()
        line = near.list()[1][0].decode()
        near.logout()
        return line.split('"')[1]

    def flags_of(self, side, number, mailbox="INBOX"):
        connection = side.connect()
        connection.select(mailbox, readonly=True)
        flags = [flag.decode().lower() for flag in support.imaplib.ParseFlags(connection.fetch(str(number), "(FLAGS)")[1][0])]
        connection.logout()
        return flags

    def remove_on_both(self):
        """One message of INBOX here, one there; their texts."""
        file = sorted(self.store.path.glob("INBOX/*/*,U=2[,:]*") or self.store.path.glob("cur/*,U=2[,:]*"))[0]
        here = file.read_bytes().replace(b"\n", b"\r\n")
        file.unlink()
        far = self.dovecot.connect()
        far.select("INBOX")
        there = far.uid("FETCH", "5", "(BODY.PEEK[])")[1][0][1]
        far.uid("STORE", "5", "+FLAGS", "(\\Deleted)")
        far.expunge()
        far.logout()
        return here, there

    def assert_removed(self, *texts):
        clean = [re.sub(rb"X-(TUID|OfflineIMAP): [^\r]*\r\n", b"", text) for text in texts]
        for side in (self.store, self.dovecot):
            for text in (m[2] for m in self.shape(side)):
                self.assertNotIn(text, clean)
        self.assertEqual(len(self.messages(self.store)), len(self.messages(self.dovecot)))
        self.assert_nothing_to_do()

    def shape(self, side, flags=True):
        """Of each message its mailbox, flags, and what it says without what tools add."""
        return sorted((m[0], m[1] if flags else "", re.sub(rb"X-(TUID|OfflineIMAP): [^\r]*\r\n", b"", m[3])) for m in self.contents_of(side) if m[3])

    def switch(self, top="", expected=0, share=0.2, **more):
        """The first pass: nothing is copied, and little is read: at most such a share of the octets of all messages."""
        proxy = Proxy(self.dovecot.port)
        try:
            self.configure(top=f"missing-wait = 0\n{top}", port=proxy.port, **more)
            done = self.sync_telling(expected)
            read = len(proxy.relayed[Proxy.DOWN])
        finally:
            proxy.close()
        self.configure(top=f"missing-wait = 0\n{top}", **more)
        for what in ("fetched", "sent"):
            self.assertEqual(done.count(what), 0, done)
        self.assertLess(read, self.octets * share, done)
        return done

    def sync_telling(self, expected=0):
        """What was removed since is told beside the summary."""
        done = self.postern("sync", "--yes")
        self.assertEqual(done.code, expected, done)
        return done
