# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""mutt and neomutt, in a terminal, with `imapd --stdio` as their tunnel."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

import support
from terminal import Terminal

CONFIGURATION = """
set tunnel = "{tunnel}"
set folder = imap://x/
set spoolfile = imap://x/INBOX
set imap_user = user
set mail_check = 1
set timeout = 1
set imap_idle = yes
set sleep_time = 0
set quit = yes
set delete = yes
set move = no
set confirmappend = no
set confirmcreate = no
set mark_old = no
set beep = no
set beep_new = no
set wait_key = no
set tmpdir = {directory}
set header_cache =
set record =
set sort = mailbox-order
set status_format = "STATUS %f msgs=%m"
set index_format = "%4C %Z %s"
set pager_index_lines = 0
set imap_check_subscribed = no
set search_context = 0
{extra}
"""


class MuttCase:
    program = None
    count = 1000
    extra = ""

    def setUp(self):
        support.need(self.program, "tmux")
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="mutt-"))
        self.addCleanup(shutil.rmtree, self.directory, True)
        self.make_server()
        self.fill()

    def make_server(self):
        self.store = support.Store()
        self.addCleanup(self.store.close)
        self.tunnel = self.store.tunnel_command()
        self.connect = self.store.connect

    def fill(self):
        connection = self.connect()
        connection.create("archive")
        connection.create("lists")
        for number in range(1, self.count + 1):
            connection.append("INBOX", None, None, support.message(number))
        connection.logout()

    def terminal(self):
        configuration = self.directory / "muttrc"
        configuration.write_text(CONFIGURATION.format(tunnel=self.tunnel, directory=self.directory, extra=self.extra))
        terminal = Terminal(f"{self.program} -n -F {configuration}")
        self.addCleanup(terminal.close)
        return terminal

    def flags(self, mailbox):
        connection = self.connect()
        ok, count = connection.select(mailbox, readonly=True)
        self.assertEqual(ok, "OK", count)
        answer = []
        if int(count[0]):
            _, answer = connection.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        connection.logout()
        found = {}
        for item in answer:
            if isinstance(item, tuple):
                subject = item[1].split(b":", 1)[1].strip().decode()
                found[subject] = {f.decode() for f in support.imaplib.ParseFlags(item[0])} - {"\\Recent"}
        return found

    def test_a_session(self):
        terminal = self.terminal()
        terminal.wait_for(f"msgs={self.count}")
        # Jump to message 500, flag it; tag nothing, delete 501, copy 502 to archive, move 503 there, read 504.
        terminal.text("500\n")
        terminal.wait_for("message 500")
        terminal.type("F")
        terminal.text("501\n")
        terminal.type("d")
        terminal.text("502\n")
        terminal.text("C=archive\n")
        terminal.wait_for("Copying", "copied", "Appending", "STATUS")
        terminal.text("503\n")
        terminal.text("s=archive\n")
        terminal.text("504\n")
        terminal.type("Enter")
        terminal.wait_for("This is message 504")
        terminal.type("i")
        terminal.wait_for("STATUS")
        # New mail arrives while mutt looks on.
        connection = self.connect()
        connection.append("INBOX", None, None, support.message(self.count + 1, subject="brand new"))
        connection.logout()
        terminal.wait_for(f"msgs={self.count + 1}", seconds=40)
        # A search on the server's side, then quit.
        terminal.text("1\n")
        terminal.text("/=b \"This is message 777.\"\n")
        terminal.wait_for("message 777")
        terminal.type("q")
        terminal.wait_for_end()

        inbox = self.flags("INBOX")
        self.assertEqual(len(inbox), self.count - 1)
        self.assertNotIn("message 501", inbox)
        self.assertNotIn("message 503", inbox)
        self.assertIn("\\Flagged", inbox["message 500"])
        self.assertIn("\\Seen", inbox["message 504"])
        self.assertNotIn("\\Seen", inbox["message 505"])
        self.assertIn("brand new", inbox)
        archive = self.flags("archive")
        self.assertEqual(set(archive), {"message 502", "message 503"})

    def test_lists_and_changes_mailbox(self):
        terminal = self.terminal()
        terminal.wait_for(f"msgs={self.count}")
        terminal.text("c=archive\n")
        terminal.wait_for("=archive msgs=0", "archive msgs=0")
        terminal.text("c?")
        if "Mailboxes [0]" in terminal.wait_for("lists", "Mailboxes [0]"):
            terminal.type("Tab")  # neomutt shows its own list of watched mailboxes first
        screen = terminal.wait_for("lists")
        self.assertIn("archive", screen)
        self.assertIn("INBOX", screen)
        terminal.type("q")
        terminal.type("C-g")
        terminal.text("c=INBOX\n")
        terminal.wait_for(f"msgs={self.count}")
        terminal.type("x")
        terminal.wait_for_end()

    def test_header_cache_and_qresync(self):
        cache = self.directory / "cache"
        cache.mkdir()
        self.extra = f"set header_cache = {cache}\nset imap_qresync = yes\nset imap_condstore = yes\n"
        for seen in range(2):
            terminal = self.terminal()
            terminal.wait_for(f"msgs={self.count - seen}")
            terminal.text(f"{10 + seen}\n")
            terminal.wait_for(f"message {10 + seen}")
            terminal.type("d")
            terminal.type("q")
            terminal.wait_for_end()
            terminal.close()
        self.assertEqual(len(self.flags("INBOX")), self.count - 2)


@unittest.skipUnless(shutil.which("mutt"), "mutt is not installed")
class Mutt(MuttCase, unittest.TestCase):
    program = "mutt"


@unittest.skipUnless(shutil.which("neomutt"), "neomutt is not installed")
class Neomutt(MuttCase, unittest.TestCase):
    program = "neomutt"


if __name__ == "__main__":
    unittest.main()
