# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""mutt and neomutt, in a terminal, with `imapd --stdio` as their tunnel."""

import shutil
import unittest

import support
from mutt_case import MuttCase


class ReadingCase(MuttCase):
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


class SmallMailboxCase(MuttCase):
    """What a person does besides reading, in a mailbox that fits on the screen."""

    count = 30

    def fill(self):
        super().fill()
        connection = self.connect()
        for name in ("Sent", "Drafts"):  # neomutt makes no mailbox by itself, mutt does
            connection.create(name)
        connection.logout()

    def open_inbox(self):
        terminal = self.terminal()
        terminal.wait_for(f"msgs={self.count}")
        return terminal

    def browse(self, terminal):
        terminal.text("c?")
        if "Mailboxes [0]" in terminal.wait_for("lists", "Mailboxes [0]"):
            terminal.type("Tab")
        terminal.wait_for("lists")

    def names(self, command):
        connection = self.connect()
        ok, answer = getattr(connection, command)()
        self.assertEqual(ok, "OK", answer)
        connection.logout()
        return sorted(line.rsplit(b" ", 1)[1].decode() for line in answer if line)

    def test_writes_postpones_and_keeps_a_copy(self):
        terminal = self.open_inbox()
        for subject, key in (("sent at once", "y"), ("sent later", "q")):
            terminal.text("m")
            terminal.wait_for("To:")
            terminal.text("somebody@example.org\n")
            terminal.wait_for("Subject:")
            terminal.text(f"{subject}\n")
            terminal.wait_for("y:Send")
            terminal.text(key)
            terminal.wait_for("Mail sent", "postponed")
            terminal.wait_for("y:Send", gone=True)
        self.assertEqual(self.flags("Drafts"), {"sent later": {"\\Draft"}})
        terminal.text("R")
        terminal.wait_for("y:Send")
        terminal.text("y")
        terminal.wait_for("Mail sent")
        terminal.type("q")
        terminal.wait_for_end()
        self.assertEqual(self.flags("Drafts"), {})
        self.assertEqual(self.flags("Sent"), {"sent at once": {"\\Seen"}, "sent later": {"\\Seen"}})

    def test_limits_and_works_on_all_that_match(self):
        terminal = self.open_inbox()
        terminal.text("l~b \"message 7[.]\"\n")  # read here
        terminal.wait_for("message 8", gone=True)
        self.assertIn("message 7", terminal.screen())
        terminal.text("l=b \"is message 12.\"\n")  # asked of the server
        terminal.wait_for("message 12")
        terminal.wait_for("message 7", gone=True)
        terminal.text("lall\n")
        terminal.wait_for("message 30")
        for pattern, work in (("2[0-3]", ";C=archive\n"), ("1[0-3]", ";s=archive\n"), ("2[5-6]", ";w!")):
            terminal.text(f"T~s \"message {pattern}\"\n")
            terminal.wait_for("*")
            terminal.text(work)
            terminal.wait_for("STATUS")
            terminal.text("\x14.\n")  # untag-pattern
            terminal.wait_for("*", gone=True)
        terminal.text("D~s \"message 29\"\n")
        terminal.text("$")
        terminal.wait_for(f"msgs={self.count - 5}")
        terminal.type("q")
        terminal.wait_for_end()
        copied = {f"message {n}" for n in range(20, 24)}
        moved = {f"message {n}" for n in range(10, 14)}
        self.assertEqual(set(self.flags("archive")), copied | moved)
        inbox = self.flags("INBOX")
        self.assertEqual(set(inbox), {f"message {n}" for n in range(1, self.count + 1)} - moved - {"message 29"})
        self.assertEqual({subject for subject, flags in inbox.items() if "\\Flagged" in flags}, {"message 25", "message 26"})

    def test_browser_makes_renames_removes_and_subscribes(self):
        terminal = self.open_inbox()
        self.browse(terminal)
        for name in ("projects/x", "gone"):
            terminal.text("C")
            terminal.wait_for("Create mailbox")
            terminal.type("C-u")
            terminal.text(f"{name}\n")
            terminal.wait_for("Create mailbox", gone=True)
        terminal.text("/gone\n")
        terminal.text("r")
        terminal.wait_for("Rename mailbox")
        terminal.type("C-u")
        terminal.text("renamed\n")
        terminal.wait_for("Rename mailbox", gone=True)
        self.assertEqual(self.names("list"), ["Drafts", "INBOX", "Sent", "archive", "lists", "projects", "projects/x", "renamed"])
        terminal.text("/renamed\n")
        terminal.text("d")
        terminal.wait_for("Really delete")
        terminal.text("y")
        terminal.wait_for("Mailbox deleted")
        terminal.text("/archive\n")
        terminal.text("s")
        terminal.wait_for("Subscribed to archive")
        self.assertEqual(self.names("lsub"), ["archive"])
        terminal.text("T")  # only what is subscribed to
        terminal.wait_for("lists", gone=True)
        terminal.text("u")
        terminal.wait_for("Unsubscribed from archive")
        self.assertEqual(self.names("lsub"), [])
        self.assertNotIn("renamed", self.names("list"))
        terminal.text("q")
        terminal.wait_for("STATUS")
        terminal.type("C-g")
        terminal.text("x")
        terminal.wait_for_end()

    def test_two_at_once(self):
        one, other = self.open_inbox(), self.open_inbox()
        one.text("10\nF11\nd")
        one.text("$")
        one.wait_for(f"msgs={self.count - 1}")
        other.wait_for("message 11", gone=True)
        other.wait_for(f"msgs={self.count - 1}")
        other.wait_for("! message 10")
        other.text("10\nF")  # takes the flag away again
        other.text("$")
        other.wait_for("! message 10", gone=True)
        one.wait_for("! message 10", gone=True)
        one.type("q")
        one.wait_for_end()
        other.type("q")
        other.wait_for_end()
        self.assertEqual(self.flags("INBOX")["message 10"], set())

    def test_what_others_did_while_it_was_away(self):
        """Header cache and QRESYNC; mutt is killed in the middle of it, once."""
        cache = self.directory / "cache"
        cache.mkdir()
        self.extra = f"set header_cache = {cache}\nset imap_qresync = yes\nset imap_condstore = yes\n"
        terminal = self.open_inbox()
        terminal.text("q")
        terminal.wait_for_end()
        for killed in (True, False):
            connection = self.connect()
            connection.select("INBOX")
            connection.store("3", "+FLAGS", "(\\Flagged)" if killed else "(\\Answered)")
            connection.store("4", "+FLAGS", "(\\Deleted)")
            connection.expunge()
            connection.append("INBOX", None, None, support.message(99, subject=f"came later, {killed}"))
            connection.logout()
            terminal = self.open_inbox()
            screen = terminal.wait_for(f"came later, {killed}")
            self.assertNotRegex(screen, r"message 4\n" if killed else r"message 5\n")
            self.assertIn("! message 3\n", screen)
            terminal.text("1\nF2\nd")
            if killed:
                terminal.close()
            else:
                terminal.text("q")
                terminal.wait_for_end()
        inbox = self.flags("INBOX")
        self.assertEqual(len(inbox), self.count - 1)
        self.assertEqual((inbox["message 1"], inbox["message 3"]), ({"\\Flagged"}, {"\\Flagged", "\\Answered"}))


@unittest.skipUnless(shutil.which("mutt"), "mutt is not installed")
class Mutt(ReadingCase, unittest.TestCase):
    program = "mutt"


@unittest.skipUnless(shutil.which("neomutt"), "neomutt is not installed")
class Neomutt(ReadingCase, unittest.TestCase):
    program = "neomutt"


@unittest.skipUnless(shutil.which("mutt"), "mutt is not installed")
class SmallMutt(SmallMailboxCase, unittest.TestCase):
    program = "mutt"


@unittest.skipUnless(shutil.which("neomutt"), "neomutt is not installed")
class SmallNeomutt(SmallMailboxCase, unittest.TestCase):
    program = "neomutt"


if __name__ == "__main__":
    unittest.main()
