# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""mutt or neomutt in a terminal, on a store that is filled for it."""

import pathlib
import shutil
import tempfile

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
set record = =Sent
set postponed = =Drafts
set postpone = yes
set sendmail = true
set editor = true
set from = user@example.org
set abort_unmodified = no
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
