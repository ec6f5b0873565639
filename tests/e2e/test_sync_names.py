# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Which mailbox here is which one there: namespaces with a prefix, list-reference, names that servers and stores write otherwise."""

import os
import unittest

import support
from sync_case import Proxy, SyncCase

INBOX_DOT = "namespace inbox {\n  prefix = INBOX.\n  separator = .\n}\n"
BEFORE = "IMAP4rev1 LITERAL+ SASL-IR LOGIN-REFERRALS ID ENABLE IDLE UIDPLUS UNSELECT CONDSTORE QRESYNC LIST-EXTENDED LIST-STATUS"


class Rewriter(Proxy):
    """A relay that writes names otherwise: `table` has what the server says and what is made of it; both have one length."""

    def __init__(self, port, table):
        self.table = table
        super().__init__(port)

    def rewrite(self, direction, octets):
        for server, client in self.table:
            octets = octets.replace(client, server) if direction == self.UP else octets.replace(server, client)
        return octets


class Names(SyncCase):
    def names(self, side):
        connection = side.connect()
        try:
            return sorted(line.decode().rpartition('" ')[2].strip('"') for line in connection.list()[1])
        finally:
            connection.logout()

    def restart_dovecot(self, old, new):
        self.dovecot.disconnect()
        file = self.dovecot.directory / "dovecot.conf"
        self.assertIn(old, file.read_text())
        file.write_text(file.read_text().replace(old, new))
        self.dovecot.start()

    def test_prefix_of_the_personal_namespace(self):
        self.start_dovecot(extra=INBOX_DOT)
        there, here = self.dovecot.connect(), self.store.connect()
        for name, numbers in (("INBOX", range(3)), ("INBOX.Sent", range(3, 6)), ("INBOX.work.old", range(6, 8))):
            there.create(name)
            self.fill(there, name, numbers)
        for name, numbers in (("Archive", range(10, 12)), ("a/b", range(12, 15)), ("INBOX/in", range(15, 17))):
            here.create(name)
            self.fill(here, name, numbers)
        here.logout()
        done = self.sync()
        self.assertEqual((done.count("fetched"), done.count("sent")), (8, 7), done)
        self.assert_nothing_to_do()
        self.assertEqual(self.postern("verify").code, 0)
        self.assertEqual(self.names(self.store), ["Archive", "INBOX", "INBOX/in", "Sent", "a", "a/b", "work", "work/old"])
        self.assertEqual([name for name in self.names(self.dovecot) if not name.startswith("INBOX")], [])
        self.assertIn("INBOX.a.b", self.names(self.dovecot))
        self.assertIn('namespace: mailboxes lie below "INBOX." there', self.postern("doctor").out)
        there.logout()

    def test_state_from_before_keeps_its_names(self):
        self.start_dovecot(extra=INBOX_DOT, capability=BEFORE)
        there = self.dovecot.connect()
        there.create("INBOX.Sent")
        self.fill(there, "INBOX.Sent", range(3))
        self.fill(there, "INBOX", range(5, 7))
        there.logout()
        self.assertEqual(self.sync().count("fetched"), 5)
        self.restart_dovecot(f"imap_capability = {BEFORE}", f"imap_capability = {BEFORE} NAMESPACE")
        self.assert_nothing_to_do()
        self.assertEqual(self.names(self.store), ["INBOX", "INBOX/Sent"])

    def test_a_prefix_that_goes_away(self):
        """The account has moved: what was INBOX.Sent is Sent. Nothing is copied again, here the names are the same."""
        self.start_dovecot(extra=INBOX_DOT)
        there = self.dovecot.connect()
        there.create("INBOX.Sent")
        self.fill(there, "INBOX.Sent", range(3))
        there.logout()
        self.assertEqual(self.sync().count("fetched"), 3)
        self.restart_dovecot("prefix = INBOX.\n", "prefix =\n")
        self.assertIn("Sent", self.names(self.dovecot))
        done = self.sync()
        self.assertEqual((done.count("fetched"), done.count("sent")), (0, 0), done)
        self.assertEqual(self.names(self.store), ["INBOX", "Sent"])

    def test_list_reference_and_inbox(self):
        for reference in ("INBOX.", "inbox."):
            with self.subTest(reference=reference):
                self.setUp()
                self.start_dovecot(extra=INBOX_DOT)
                self.configure(list__reference=reference)
                there, here = self.dovecot.connect(), self.store.connect()
                there.create("INBOX.Sent")
                self.fill(there, "INBOX.Sent", range(3))
                self.fill(there, "INBOX", range(10, 15))
                here.create("fresh")
                here.logout()
                self.assertEqual(self.sync().count("fetched"), 8)
                self.fill(there, "INBOX", [20])
                self.assertEqual(self.sync().count("fetched"), 1)
                self.assert_nothing_to_do()
                self.assertEqual(self.names(self.store), ["INBOX", "Sent", "fresh"])
                self.assertEqual(self.names(self.dovecot), ["INBOX", "INBOX.Sent", "INBOX.fresh"])
                there.logout()

    def test_list_reference_below_inbox_here(self):
        self.start_dovecot()
        self.configure(local={"path": self.store.path, "list-reference": "INBOX/"})
        there = self.dovecot.connect()
        there.create("Sent")
        self.fill(there, "Sent", range(3))
        self.fill(there, "INBOX", range(10, 15))
        there.logout()
        self.assertEqual(self.sync().count("fetched"), 8)
        self.assert_nothing_to_do()
        self.assertEqual(self.names(self.store), ["INBOX", "INBOX/Sent"])

    def test_names_that_are_no_modified_utf7(self):
        """Yandex: https://github.com/modern-email/defects/issues/46. `Inbox`, of Yahoo: https://github.com/cypht-org/cypht/issues/165; of Gmail, with `INBOX/anyfolder`:
        https://github.com/emailjs/emailjs-imap-client/issues/18."""
        self.start_dovecot(compress=False)
        there = self.dovecot.connect()
        for name in ("R-D", "R-D/below", "Caf-", "Box"):
            there.create(name)
            self.fill(there, name, range(2))
        there.logout()
        relay = Rewriter(self.dovecot.port, ((b"R-D", b"R&D"), (b"Caf-", b"Caf\xe9"), (b"INBOX", b"Inbox"), (b"Box", b"&oX")))
        self.addCleanup(relay.close)
        self.configure(port=relay.port)
        self.assertEqual(self.sync().count("fetched"), 8)
        self.assertEqual(self.names(self.store), ["&-oX", "Caf&AOk-", "INBOX", "R&-D", "R&-D/below"])
        here = self.store.connect()
        self.fill(here, '"R&-D/below"', range(5, 8))
        self.fill(here, '"Caf&AOk-"', range(8, 10))
        here.create('"R&-D/fresh"')
        here.logout()
        self.assertEqual(self.sync().count("sent"), 5)
        self.assert_nothing_to_do()
        self.assertEqual(self.postern("verify").code, 0)
        self.assertEqual(self.names(self.dovecot), ["Box", "Caf-", "INBOX", "R-D", "R-D/below", "R-D/fresh"])

    def test_two_of_one_name_are_said(self):
        """None known by a public report."""
        self.start_dovecot(compress=False)
        there = self.dovecot.connect()
        for name, numbers in (("Q&-+A", range(3)), ("Q+-A", range(3, 7))):
            there.create(f'"{name}"')
            self.fill(there, f'"{name}"', numbers)
        there.logout()
        relay = Rewriter(self.dovecot.port, ((b"Q+-A", b"Q&+A"),))
        self.addCleanup(relay.close)
        self.configure(port=relay.port)
        done = self.sync(1)
        self.assertEqual(done.count("fetched"), 3)
        self.assertIn("Q&+A: ", done.err)
        self.assertIn("two mailboxes that are called so here", done.err)
        verified = self.postern("verify")
        self.assertEqual(verified.code, 1)
        self.assertIn("two mailboxes that are called so here", verified.out)
        self.assertIn("two mailboxes that are called so here", self.postern("status").out)

    def test_names_like_our_files(self):
        """Both directions, and on both layouts' delimiters where the other side can have them."""
        self.start_dovecot()
        odd_there = ["dovecot-x", "lists/dovecot.index", "postern-dev", "club/subscriptions", "x/postern-mailbox", "a.b/c.d"]
        odd_here = ["dovecot-uidlist", "postern-y", "postern-mailbox", "cur", "new", "tmp", "x/tmp", ".hidden", "b.c", "x/.postern", "control", "klub/subscriptions"]
        there, here = self.dovecot.connect(), self.store.connect()
        made = {}
        for side, names in ((there, odd_there), (here, odd_here)):
            for number, name in enumerate(names):
                if side.create(name)[0] == "OK":
                    self.fill(side, name, [number])
                    made[name] = side
        self.assertEqual([name for name in odd_here if name not in made], [])
        done = self.postern("sync")
        refused = [line for line in done.err.splitlines() if "cannot be made on 127.0.0.1" in line]
        self.assertEqual(len(refused), len(done.err.splitlines()), done)  # what Dovecot does not take is said, the rest is there
        self.assertEqual(done.code, 1 if refused else 0)
        self.assertEqual(done.count("fetched"), sum(side is there for side in made.values()), done)
        self.assertEqual(done.count("sent"), sum(side is here for side in made.values()) - len(refused), done)
        for name, side in made.items():
            self.assertEqual(here.select(f'"{name}"'), ("OK", [b"1"]), name)
            if not any(line.startswith(f"postern: {name}: ") for line in refused):
                self.assertEqual(there.select(f'"{name}"'), ("OK", [b"1"]), name)
        here.logout()
        there.logout()


class Courier(SyncCase):
    """A real Courier, where there is one: its namespace is INBOX., it has UIDPLUS and no CONDSTORE."""

    def test_courier(self):
        imapd = os.environ.get("POSTERN_COURIER_IMAPD", "/usr/bin/imapd")
        if not os.access(imapd, os.X_OK):
            self.skipTest("there is no Courier (Debian's package courier-imap)")
        home = self.store.directory / "courier"
        for name in (".", ".Sent", ".a.b"):
            for part in ("cur", "new", "tmp"):
                (home / "Maildir" / name / part).mkdir(parents=True)
        for number in range(4):
            (home / "Maildir" / ".Sent" / "new" / f"1500000000.{number}.x").write_bytes(support.message(number).replace(b"\r\n", b"\n"))
        capability = "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE SORT QUOTA IDLE"
        self.configure({"type": "tunnel", "command": f"cd {home} && exec env AUTHENTICATED=user HOME={home} 'IMAP_CAPABILITY={capability}' {imapd} Maildir"})
        here = self.store.connect()
        here.create("Archive")
        self.fill(here, "Archive", range(5, 8))
        self.fill(here, "INBOX", range(8, 10))
        here.logout()
        done = self.sync()
        self.assertEqual((done.count("fetched"), done.count("sent")), (4, 5), done)
        self.assertEqual(self.postern("verify").code, 0)
        self.assertTrue((home / "Maildir" / ".Archive" / "cur").is_dir())
        self.assert_nothing_to_do()


if __name__ == "__main__":
    unittest.main()
