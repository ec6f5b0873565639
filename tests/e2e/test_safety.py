# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Nobody's mail disappears unasked: what is only gone is not deleted on the other side (docs/safety.md)."""

import json
import shutil
import time
import unittest

import support
import sync_case

EX_HELD = 4


class SafetyCase(sync_case.SyncCase):
    numbers = range(30)
    top = ""

    def setUp(self):
        super().setUp()
        self.meet_dovecot(top=self.top)
        self.far.create("box")
        self.fill(self.far, "INBOX", self.numbers)
        self.fill(self.far, "box", range(100, 104))
        self.sync()

    def files(self, mailbox="INBOX"):
        return sorted(f for part in ("cur", "new") for f in (self.store.path / mailbox / part).iterdir())

    def there(self, mailbox="INBOX"):
        return len(self.messages(self.dovecot, mailbox))

    def here(self, mailbox="INBOX"):
        return len(self.messages(self.store, mailbox))

    def remove_files(self, mailbox="INBOX", count=None):
        self.store.stop_owner()
        for file in self.files(mailbox)[:count]:
            file.unlink()

    def expunge(self, connection, messages, mailbox="INBOX"):
        connection.select(mailbox)
        connection.store(messages, "+FLAGS.SILENT", r"(\Deleted)")
        self.assertEqual(connection.expunge()[0], "OK")
        connection.unselect()


class Absence(SafetyCase):
    """A file that is gone, by whatever hand, is not a message that somebody has deleted."""

    top = "missing-wait = 2"

    def test_a_mailbox_that_is_emptied_is_held_until_it_is_allowed(self):
        self.remove_files()
        done = self.sync(EX_HELD)
        self.assertIn("INBOX: 30 messages of 30 are no longer here", done.err)
        self.assertIn("postern allow", done.err)
        self.assertEqual(self.there(), 30)
        self.assertEqual(self.sync(EX_HELD).count("held"), 30)
        self.assertEqual(self.postern("allow", "nonsense").code, 1)
        self.assertIn("30 messages missing here", self.postern("allow", "127.0.0.1", "INBOX").out)
        self.assertEqual(self.sync().count("expunged there"), 30)
        self.assertEqual(self.there(), 0)
        self.assert_nothing_to_do()

    def test_restore_copies_back_what_is_missing(self):
        self.remove_files()
        self.sync(EX_HELD)
        self.assertEqual(self.postern("restore").code, 0)
        done = self.sync()
        self.assertEqual((done.count("fetched"), done.count("sent"), done.count("expunged there")), (30, 0, 0), done)
        self.assert_same()
        self.assert_nothing_to_do()

    def test_status_tells_what_is_held(self):
        self.remove_files()
        self.sync(EX_HELD)
        self.assertIn("INBOX: 30 messages of 30 are no longer here", self.postern("status").out)

    def test_a_few_wait_and_then_go(self):
        self.remove_files(count=3)
        done = self.sync()
        self.assertEqual((done.count("waiting"), self.there()), (3, 30), done)
        time.sleep(2.1)
        self.assertEqual(self.sync().count("expunged there"), 3)
        self.assertEqual(self.there(), 27)
        self.assert_same()

    def test_a_file_that_comes_back_in_time_is_the_same_message(self):
        self.store.stop_owner()
        aside = self.store.directory / "aside"
        file = self.files()[4]
        shutil.move(file, aside)
        self.assertEqual(self.sync().count("waiting"), 1)
        self.far.select("INBOX")
        self.far.store("5", "+FLAGS.SILENT", r"(\Flagged)")
        self.far.unselect()
        self.store.stop_owner()
        shutil.move(aside, file)
        done = self.sync()
        self.assertEqual((done.count("sent"), done.count("fetched"), done.count("found on both sides")), (0, 0, 1), done)
        time.sleep(2.1)
        self.assert_nothing_to_do()
        self.assert_same()
        self.assertEqual(self.there(), 30)

    def test_files_removed_under_a_connected_client(self):
        near = self.store.connect()
        near.select("INBOX")
        while files := self.files():  # the owner renames some meanwhile
            for file in files:
                file.unlink(missing_ok=True)
        near.noop()
        time.sleep(1)
        self.assertEqual(self.there(), 30)
        near.logout()
        self.sync(EX_HELD)
        self.assertEqual(self.there(), 30)

    def test_many_of_a_mailbox_blow_the_fuse_and_the_rest_goes_on(self):
        self.remove_files(count=21)
        self.fill(self.far, "INBOX", range(500, 505))
        self.fill(self.far, "box", range(600, 603))
        done = self.sync(EX_HELD)
        self.assertEqual((done.count("fetched"), done.count("held")), (8, 21), done)
        self.assertEqual((self.there(), self.here("box")), (35, 7))

    def test_an_old_maildir_is_put_back(self):
        self.store.stop_owner()
        backup = self.store.directory / "backup"
        shutil.copytree(self.store.path / "INBOX", backup)
        self.fill(self.far, "INBOX", range(100, 125))
        self.sync()
        self.store.stop_owner()
        shutil.rmtree(self.store.path / "INBOX")
        shutil.copytree(backup, self.store.path / "INBOX")
        self.assertEqual(self.sync(EX_HELD).count("held"), 25)
        self.assertEqual(self.there(), 55)
        self.postern("restore")
        self.assertEqual(self.sync().count("fetched"), 25)
        self.assert_same()

    def test_an_old_store_is_put_back_whole(self):
        self.store.stop_owner()
        backup = self.store.directory / "backup"
        shutil.copytree(self.store.path, backup)
        self.fill(self.far, "INBOX", range(100, 125))
        self.sync()
        self.store.stop_owner()
        shutil.rmtree(self.store.path)
        shutil.copytree(backup, self.store.path)
        self.assertEqual(self.postern("sync").count("expunged there"), 0)
        self.sync()
        self.assertEqual((self.there(), self.here()), (55, 55))

    def test_rm_of_one_mailbox(self):
        self.store.stop_owner()
        shutil.rmtree(self.store.path / "box")
        self.postern("sync")
        self.assertEqual(self.there("box"), 4)

    def test_rm_of_the_store(self):
        self.store.stop_owner()
        shutil.rmtree(self.store.path)
        self.postern("sync")
        self.postern("sync")
        self.assertEqual((self.there(), self.there("box")), (30, 4))

    def test_rm_of_the_store_under_a_connected_client(self):
        near = self.store.connect()
        near.select("INBOX")
        shutil.rmtree(self.store.path, ignore_errors=True)
        time.sleep(1.5)
        try:
            near.noop()
            near.logout()
        except (OSError, support.imaplib.IMAP4.error):
            pass
        self.assertEqual((self.there(), self.there("box")), (30, 4))

    def test_an_unmounted_store(self):
        """Where the store was mounted, an empty directory lies."""
        self.store.stop_owner()
        self.store.path.rename(self.store.directory / "unmounted")
        self.store.path.mkdir()
        self.postern("sync")
        self.assertEqual((self.there(), self.there("box")), (30, 4))

    def test_another_file_system_over_a_mailbox(self):
        """It lacks `postern-mailbox`, and so is another mailbox; when it is away again all is as before."""
        self.store.stop_owner()
        inbox, away = self.store.path / "INBOX", self.store.directory / "INBOX"
        inbox.rename(away)
        for part in ("cur", "new", "tmp"):
            (inbox / part).mkdir(parents=True)
        done = self.sync(EX_HELD)
        self.assertIn("INBOX: is another mailbox than before", done.out)
        self.assertEqual((self.there(), self.here()), (30, 0))
        self.store.stop_owner()
        shutil.rmtree(inbox)
        away.rename(inbox)
        done = self.sync()
        self.assertEqual((done.count("fetched"), done.count("expunged there"), done.count("found on both sides")), (0, 0, 30), done)
        self.assert_same()
        self.assert_nothing_to_do()


class Fuses(SafetyCase):
    """What clients of ours say goes at once; what a server says falls under the fuse."""

    def test_what_a_client_expunges_goes_at_once_however_much(self):
        near = self.store.connect()
        self.expunge(near, "1:30")
        near.logout()
        self.assertEqual(self.sync().count("expunged there"), 30)
        self.assertEqual(self.there(), 0)

    def test_a_move_of_all_messages_goes_at_once(self):
        near = self.store.connect()
        near.select("INBOX")
        self.assertEqual(near.uid("MOVE", "1:*", "box")[0], "OK")
        near.logout()
        self.sync()
        self.assertEqual((self.there(), self.there("box")), (0, 34))

    def test_what_was_expunged_before_the_owner_ended_is_still_said(self):
        near = self.store.connect()
        self.expunge(near, "1:30")
        near.logout()
        self.store.stop_owner(kill=True)
        self.assertEqual(self.sync().count("expunged there"), 30)

    def test_what_the_server_loses_at_once_stays_here(self):
        self.expunge(self.far, "1:25")
        done = self.sync(EX_HELD)
        self.assertIn("INBOX: 25 messages of 30 are no longer on the server", done.err)
        self.assertEqual((done.count("expunged here"), self.here()), (0, 30))
        self.assertEqual(self.postern("allow").code, 0)
        self.assertEqual(self.sync().count("expunged here"), 25)
        self.assert_same()

    def test_restore_sends_back_what_the_server_has_lost(self):
        self.expunge(self.far, "1:25")
        self.sync(EX_HELD)
        self.assertEqual(self.postern("restore", "127.0.0.1.db", "INBOX").code, 0)
        self.assertEqual(self.sync().count("sent"), 25)
        self.assert_same()
        self.assertEqual((self.there(), self.there("box")), (30, 4))

    def test_few_that_the_server_loses_go_at_once(self):
        self.expunge(self.far, "1:20")
        self.assertEqual(self.sync().count("expunged here"), 20)

    def test_the_fuse_is_an_option(self):
        self.configure(top="fuse-here = 5 10%")
        self.expunge(self.far, "1:6")
        self.assertEqual(self.sync(EX_HELD).count("held"), 6)
        self.configure(top="fuse = NO")
        self.postern("allow")
        self.assertEqual(self.sync().count("expunged here"), 6)
        self.expunge(self.far, "1:24")
        self.assertEqual(self.sync().count("expunged here"), 24)


class Undo(SafetyCase):
    """What a client or a pass removes is kept, and comes back with its flags, keywords and date, once."""

    def setUp(self):
        super().setUp()
        near = self.store.connect()
        near.select("INBOX")
        near.store("1:3", "+FLAGS.SILENT", r"(\Flagged \Seen $Work)")
        near.logout()
        self.sync()
        self.before = self.assert_same()

    def undo(self, *what):
        done = self.postern("undo", *what)
        self.assertEqual(done.code, 0, done)
        self.sync()
        self.assertEqual(self.assert_same(), self.before)
        self.assertEqual(self.postern("removed").out, "0 messages are kept\n")
        self.assertEqual(self.postern("undo", *what).code, 1, "once")
        self.assert_nothing_to_do()

    def test_what_a_client_has_expunged(self):
        near = self.store.connect()
        self.expunge(near, "1:30")
        near.logout()
        self.sync()
        self.assertEqual(self.there(), 0)
        listed = json.loads(self.postern("--json", "removed").out)
        self.assertEqual({(one["mailbox"], one["by"]) for one in listed}, {("INBOX", "client")})
        self.assertEqual(len([one for one in listed if "$Work" in one["flags"]]), 3)
        self.undo("INBOX")

    def test_one_message_by_its_message_id(self):
        near = self.store.connect()
        self.expunge(near, "2")
        near.logout()
        self.sync()
        self.undo("<1@example.org>")

    def test_what_a_pass_has_removed_here(self):
        self.expunge(self.far, "1:5")
        self.sync()
        (by,) = {one["by"] for one in json.loads(self.postern("--json", "removed").out)}
        self.assertRegex(by, r"^pass \d{8}T\d{6}Z$")
        self.undo(by.removeprefix("pass "))

    def test_what_was_only_gone_and_then_removed_there(self):
        self.configure(top="missing-wait = 0")
        self.remove_files(count=4)
        self.assertEqual(self.sync().count("expunged there"), 4)
        self.undo("--since", "1h")

    def test_a_mailbox_that_was_deleted_on_both_sides(self):
        self.assertEqual(self.postern("--yes", "delete", "box").code, 0)
        self.sync()
        self.undo("box")

    def test_without_an_index(self):
        near = self.store.connect()
        self.expunge(near, "1:7")
        near.logout()
        self.sync()
        self.store.stop_owner()
        shutil.rmtree(self.store.path / ".postern" / "index")
        self.undo("INBOX")

    def test_after_a_kill_right_behind_the_expunge(self):
        near = self.store.connect()
        self.expunge(near, "1:7")
        self.store.stop_owner(kill=True)
        self.sync()
        self.undo("INBOX")

    def test_a_damaged_list_loses_no_message(self):
        near = self.store.connect()
        self.expunge(near, "1:7")
        near.logout()
        self.sync()
        self.assertIn("7 messages are kept", self.postern("removed").out)
        self.store.stop_owner()
        (folder,) = (self.store.path / ".postern" / "removed").iterdir()
        (folder / "list").write_bytes(b"\0\0\xff no list\n" * 5)
        self.assertIn("7 messages are kept", self.postern("removed").out)
        self.assertEqual(self.postern("undo", "--since", "1d").code, 0)
        self.sync()
        self.assertEqual(len(self.messages(self.dovecot, "Recovered")), 7)

    def test_nothing_is_kept_where_that_is_wanted(self):
        self.configure(top="keep-removed = 0")
        self.sync()
        near = self.store.connect()
        self.expunge(near, "1:7")
        near.logout()
        self.sync()
        self.assertIn("0 messages", self.postern("removed").out)

    def test_no_more_is_kept_than_is_wanted(self):
        near = self.store.connect()
        near.append("box", None, None, support.message(999, 700_000))
        near.append("box", None, None, support.message(998, 700_000))
        self.expunge(near, "5:6", "box")
        near.logout()
        self.sync()
        self.assertIn("2 messages are kept", self.postern("removed").out)
        self.configure(top="keep-removed-size = 1M")
        support.wait_until(lambda: "1 message is kept" in self.postern("removed").out, what="the sweep")

    def test_a_time_that_is_none(self):
        self.assertEqual(self.postern("undo", "--since", "yesterday").code, 64)
        self.assertEqual(self.postern("undo").code, 64)


if __name__ == "__main__":
    unittest.main()
