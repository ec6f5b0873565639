# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""`postern sync` with servers that can little, mailboxes that are gone or others than before, full disks: it says what is wrong, and no message is lost or doubled."""

import shutil
import subprocess
import time
import unittest

import support
import sync_case

EX_HELD = 4

BASIC = "IMAP4rev1 SASL-IR ID IDLE LITERAL+"


class PoorServers(sync_case.SyncCase):
    """Fewer extensions: slower, and what is not possible is said."""

    def life(self):
        far, near = self.dovecot.connect(), self.store.connect()
        far.create("box")
        self.fill(far, "box", range(20), flags=r"(\Seen kw)")
        self.fill(near, "INBOX", range(100, 120), flags=r"(\Flagged)")
        self.sync()
        self.assertEqual(sum(1 for m in self.assert_same() if m[3]), 40)
        self.assertEqual(self.sync().count("fetched"), 0)
        far.select("box")
        far.store("1:3", "+FLAGS", r"(\Answered)")
        far.store("4:6", "+FLAGS", r"(\Deleted)")
        far.expunge()
        near.select("box")
        near.store("10:12", "-FLAGS", "(kw)")
        self.fill(near, "box", [200])
        self.sync()
        self.assertEqual(sum(1 for m in self.assert_same() if m[3]), 38)
        near.select("INBOX")
        near.store("1:2", "+FLAGS", r"(\Deleted)")
        near.expunge()
        self.sync()
        self.assert_same()
        self.assert_nothing_to_do()
        near.logout()
        far.logout()

    def test_condstore_only(self):
        self.start_dovecot(capability=f"{BASIC} UIDPLUS CONDSTORE ENABLE NAMESPACE UNSELECT CHILDREN")
        self.life()

    def test_uidplus_only(self):
        self.start_dovecot(capability=f"{BASIC} UIDPLUS", compress=False)
        self.life()

    def test_nothing_at_all(self):
        self.start_dovecot(capability="IMAP4rev1", compress=False)
        self.life()


class Particular(sync_case.SyncCase):
    """A server that takes some things and others not, and that does not always say so."""

    def flags_there(self, mailbox="INBOX"):
        return sorted(m[1] for m in self.contents_of(self.dovecot) if m[0] == mailbox and m[3])

    def test_a_keyword_that_the_server_refuses_holds_nothing_else_back(self):
        self.start_dovecot()
        near = self.store.connect()
        long = "k" * 60
        near.append("INBOX", rf"(\Seen {long} ok)", None, support.message(1))
        near.append("INBOX", "(ok)", None, support.message(2))
        done = self.sync(1)
        self.assertEqual(done.count("sent"), 2, done)
        self.assertIn('INBOX: "message 1" from Sender 1 <sender1@example.org> (2026-11-02 10:00) was copied to 127.0.0.1 without its keywords', done.err)
        done = self.sync(1)
        self.assertIn(f"INBOX: the flag {long} cannot be changed on the remote side", done.err)
        self.assertEqual(self.flags_there(), ["\\seen ok", "ok"])
        near.select("INBOX")
        near.store("2", "+FLAGS", rf"(\Flagged {long} more)")
        self.sync(1)
        self.assertEqual(self.flags_there(), ["\\flagged more ok", "\\seen ok"])
        near.store("1:2", "-FLAGS", f"({long})")
        self.sync()
        self.assert_same()
        self.assert_nothing_to_do()
        near.logout()

    def test_a_mailbox_that_is_read_only_there(self):
        self.start_dovecot(extra="mail_plugins = $mail_plugins acl\nprotocol imap {\n  mail_plugins = $mail_plugins imap_zlib acl\n}\n"
                                 "plugin {\n  acl = vfile\n}\n")
        far, near = self.dovecot.connect(), self.store.connect()
        far.create("shared")
        self.fill(far, "shared", range(5))
        self.sync()
        far.logout()
        rights = self.dovecot.mail / "shared" / "dovecot-acl"
        rights.write_text("owner lr\n")
        rights.chmod(0o644)
        near.select("shared")
        near.store("1", "+FLAGS", r"(\Flagged kw)")
        near.store("2", "+FLAGS", r"(\Deleted)")
        near.expunge()
        for _ in range(2):
            done = self.sync(1)
            self.assertIn("shared: messages cannot be expunged on the remote side: 127.0.0.1 keeps UID 2", done.err)
            self.assertEqual(done.count("fetched"), 0, "what was expunged here came back")
            self.assertEqual(done.count("expunged there"), 0, done)
        self.assertEqual(len(self.messages(self.store, "shared")), 4)
        self.assertEqual(len(self.messages(self.dovecot, "shared")), 5)
        rights.unlink()
        self.sync()
        self.assert_same()
        self.assertEqual(self.flags_there("shared"), ["", "", "", "\\flagged kw"])
        self.assert_nothing_to_do()
        near.logout()


class Mailboxes(sync_case.SyncCase):
    def setUp(self):
        super().setUp()
        self.start_dovecot()
        self.far = self.dovecot.connect()
        for name in ("INBOX", "box", "other"):
            self.far.create(name)
            self.fill(self.far, name, range(10))
        self.sync()
        self.before = self.assert_same()

    def here(self):
        return self.contents_of(self.store)

    def test_deleted_there_is_kept_here(self):
        self.far.delete("box")
        done = self.sync(1)
        self.assertIn("box: is no longer on 127.0.0.1", done.err)
        self.assertEqual(support.differences(self.here(), self.before), "")
        self.fill(self.far, "other", [50])
        self.assertEqual(self.sync(1).count("fetched"), 1, "the others are kept in sync")

    def test_deleted_here_is_kept_there_where_that_is_wanted(self):
        self.configure(top="delete-mailboxes = no")
        near = self.store.connect()
        self.assertEqual(near.delete("box")[0], "OK")
        near.logout()
        done = self.sync(1)
        self.assertIn("box: is no longer on the store", done.err)
        self.assertEqual(support.differences(self.contents_of(self.dovecot), self.before), "")

    def test_renamed_there(self):
        self.assertEqual(self.far.rename("box", "new-name")[0], "OK")
        done = self.sync()
        self.assertEqual((done.count("fetched"), done.count("renamed here")), (0, 1), done)
        self.assertEqual((len(self.messages(self.store, "box")), len(self.messages(self.store, "new-name"))), (0, 10))

    def test_another_mailbox_of_the_same_name(self):
        self.far.delete("box")
        self.far.create("box")
        self.fill(self.far, "box", [0, 500])
        done = self.sync(EX_HELD)
        self.assertIn("box: is another mailbox than before", done.out)
        self.assertIn("box: 9 messages of 11 are no longer on the server", done.err)
        self.assertEqual((done.count("fetched"), done.count("sent"), done.count("found on both sides")), (1, 0, 1), done)
        self.assertEqual((len(self.messages(self.store, "box")), len(self.messages(self.dovecot, "box"))), (11, 2))
        self.assertNotIn("is another mailbox", self.sync(EX_HELD).out)
        self.assertEqual(self.postern("restore").code, 0)
        self.assertEqual(self.sync().count("sent"), 9)
        self.assert_same()
        self.assertEqual(len(self.messages(self.store, "box")), 11)
        self.assert_nothing_to_do()

    def test_another_mailbox_here(self):
        near = self.store.connect()
        near.delete("box")
        near.create("box")
        self.fill(near, "box", [600])
        near.logout()
        done = self.sync()  # a client has said so: as a deletion alone is
        self.assertEqual((done.count("deleted there"), done.count("sent")), (1, 1), done)
        for side in (self.store, self.dovecot):
            self.assertEqual(self.messages(side, "box"), [support.message(600)])
        self.assertEqual(self.postern("undo", "box").code, 0)
        self.sync()
        for side in (self.store, self.dovecot):
            self.assertEqual(len(self.messages(side, "box")), 11)
        self.assert_same()

    def test_another_mailbox_here_of_which_nobody_has_said_so(self):
        """Another program has put it there."""
        there = self.messages(self.dovecot, "box")
        self.store.stop_owner()
        shutil.rmtree(self.store.path / "box")
        for part in ("cur", "new", "tmp"):
            (self.store.path / "box" / part).mkdir(parents=True)
        (self.store.path / "box" / "new" / "600.1.host").write_bytes(support.message(600))
        done = self.postern("sync")
        self.assertNotEqual(done.code, 0, done)
        self.assertLessEqual(set(there), set(self.messages(self.dovecot, "box")))

    def test_the_remote_has_lost_everything(self):
        self.far.logout()
        self.dovecot.disconnect()
        shutil.rmtree(self.dovecot.mail)
        born = int(time.time())
        support.wait_until(lambda: time.time() >= born + 1, what="another second: that is Dovecot's UIDVALIDITY")
        self.dovecot.start()
        done = self.sync(EX_HELD)
        for name in ("box", "other"):
            self.assertIn(f"{name}: is no longer on 127.0.0.1", done.err)
        self.assertIn("INBOX: is another mailbox than before", done.out)
        self.assertIn("no longer on the server", done.err)
        self.assertEqual(support.differences(self.here(), self.before), "")

    def test_half_a_mailbox_that_a_killed_server_left(self):
        """Dovecot lists it, and cannot open it."""
        self.far.create("half")
        self.far.logout()
        for directory in ("cur", "new", "tmp"):
            shutil.rmtree(self.dovecot.mail / "half" / directory)
        near = self.store.connect()
        near.create("half")
        self.fill(near, "half", [1])
        near.logout()
        self.sync()
        self.assert_same()
        self.assertEqual(self.messages(self.dovecot, "half"), [support.message(1)])
        self.assert_nothing_to_do()

    def test_expunged_there_is_expunged_here_and_there_alone(self):
        self.far.select("box")
        self.far.store("1:*", "+FLAGS", r"(\Deleted)")
        self.far.expunge()
        done = self.sync()
        self.assertEqual(done.count("expunged here"), 10, done)
        self.assert_same()
        self.assertEqual(len(self.messages(self.store, "other")), 10)


class Places(sync_case.SyncCase):
    def test_several_at_once(self):
        self.start_dovecot()
        far = self.dovecot.connect()
        self.fill(far, "INBOX", range(300), size=3000)
        runs = [self.start("sync") for _ in range(4)]
        fetched = 0
        for run in runs:
            out, err = run.communicate(timeout=60)
            self.assertEqual((run.returncode, err), (0, ""), out)
            fetched += sync_case.Pass(subprocess.CompletedProcess([], 0, out, err)).count("fetched")
        self.assertEqual(fetched, 300)
        self.assert_same()

    def test_while_a_client_has_the_store_open(self):
        self.start_dovecot()
        far = self.dovecot.connect()
        self.fill(far, "INBOX", range(5))
        near = self.store.connect()
        self.assertEqual(near.select("INBOX")[1], [b"0"])
        self.sync()
        near.noop()
        self.assertEqual(near.response("EXISTS")[1][-1], b"5")
        near.store("1", "+FLAGS", r"(\Deleted)")
        near.expunge()
        self.assertEqual(self.sync().count("expunged there"), 1)
        self.assert_same()
        near.logout()

    def test_a_full_disk(self):
        self.start_dovecot()
        self.store.path.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", self.store.path], capture_output=True, text=True)
        if mounted.returncode != 0:
            raise unittest.SkipTest(f"A FULL DISK IS NOT TESTED: a small file system cannot be mounted here ({mounted.stderr.strip()})")
        self.addCleanup(subprocess.run, ["umount", "-l", self.store.path])
        self.addCleanup(self.store.stop_owner)
        far = self.dovecot.connect()
        self.fill(far, "INBOX", range(40), size=400_000)
        far.logout()
        done = self.sync(sync_case.EX_CANTCREAT)
        self.assertIn("the disk is full", done.err)
        self.assertEqual(len(self.messages(self.dovecot)), 40)
        self.store.stop_owner()
        subprocess.run(["mount", "-o", "remount,size=100m", self.store.path], check=True)
        self.sync()
        self.assertEqual(sum(1 for m in self.assert_same() if m[3]), 40)
        self.assert_nothing_to_do()

    def test_a_store_that_cannot_be_made(self):
        self.start_dovecot()
        (self.store.directory / "file").write_text("")
        self.configure(local={"path": self.store.directory / "file" / "Mail"})
        done = self.postern("sync")
        self.assertNotEqual(done.code, 0)
        self.assertIn(str(self.store.directory / "file"), done.err)


if __name__ == "__main__":
    unittest.main()
