# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Switching from another synchroniser: its mail is used as it lies, its state is read once, and nothing is copied. With the real tools."""

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import time
import unittest

import support
from switching_case import COUNT, SwitchingCase, mail_file

MBSYNC = """
IMAPAccount far
Host 127.0.0.1
Port {port}
User user
Pass pass
SSLType None
AuthMechs LOGIN

IMAPStore far
Account far

MaildirStore near
{store}

Channel mail
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
{channel}
"""

STORES = {
    "Verbatim": "Path {mail}/\nInbox {mail}/INBOX\nSubFolders Verbatim",
    "Legacy": "Path {mail}/\nInbox {mail}/INBOX\nSubFolders Legacy",
    "Flatten": "Path {mail}/\nInbox {mail}/INBOX\nSubFolders Verbatim\nFlatten .",
    "Maildir++": "Inbox {mail}\nSubFolders Maildir++",
}

OFFLINEIMAP = """
[general]
accounts = Main
metadata = {home}/meta
ui = quiet
[Account Main]
localrepository = L
remoterepository = R
[Repository L]
type = Maildir
localfolders = {store}
sep = {separator}
[Repository R]
type = IMAP
remotehost = 127.0.0.1
remoteport = {port}
remoteuser = user
remotepass = pass
ssl = no
starttls = no
auth_mechanisms = LOGIN
"""


@unittest.skipUnless(shutil.which("mbsync"), "mbsync is not installed")
class FromMbsync(SwitchingCase):
    def mbsync(self, store="Verbatim", channel="SyncState *", expected=0):
        file = self.home / "mbsyncrc"
        self.store.path.mkdir(exist_ok=True)
        file.write_text(MBSYNC.format(port=self.dovecot.port, store=STORES[store].format(mail=self.store.path), channel=channel))
        return self.run_tool("mbsync", "-c", str(file), "-a", expected=expected)

    def test_nothing_is_copied(self):
        """Without CopyArrivalDate files have the time of the download, so dates tell nothing; the state does."""
        for store, channel in (("Verbatim", "SyncState *"), ("Maildir++", "SyncState *\nCopyArrivalDate yes"), ("Legacy", "SyncState *")):
            with self.subTest(store):
                self.begin_anew()
                self.mbsync(store, channel)
                before = self.uids()
                self.assertEqual(len(before), COUNT)
                self.switch()
                self.assertEqual(self.uids(), before)
                self.assert_same_but_dates()
                self.assert_nothing_to_do()

    def test_verify_after_the_switch(self):
        """Files have the time of the download: known, and no difference. What comes later has the server's date."""
        self.start_server()
        self.mbsync()
        self.switch()
        far = self.dovecot.connect()
        self.fill(far, "INBOX", [1000])
        far.logout()
        self.sync()
        done = self.postern("verify")
        self.assertEqual(done.code, 0, done)
        self.assertIn(f"{COUNT} messages with another date than on the server, as when it was paired (no difference)\n", done.out)
        self.assertIn(f"{COUNT + 1} messages compared in ", done.out)
        done = self.postern("status")
        self.assertEqual(done.code, 0, done)
        self.assertIn(" 0 differences\n", done.out)

    def test_what_was_removed_since_stays_removed(self):
        self.start_server()
        self.mbsync()
        here, there = self.remove_on_both()
        done = self.switch()
        self.assertIn("1 message had been removed here since mbsync ran last", done.out + done.err)
        self.assertIn("1 message had been removed on the server since mbsync ran last", done.out + done.err)
        self.assert_removed(here, there)

    def test_flags_that_changed_since(self):
        self.start_server()
        self.mbsync()
        far = self.dovecot.connect()
        far.select("INBOX")
        far.store("1", "-FLAGS", "(\\Seen)")
        far.store("2", "+FLAGS", "(\\Answered)")
        far.logout()
        self.switch()
        self.assert_same_but_dates()
        self.assertNotIn("\\seen", self.flags_of(self.store, 1))

    def test_a_state_in_a_directory_of_its_own(self):
        self.start_server()
        (self.home / "states").mkdir()
        self.mbsync(channel=f"SyncState {self.home}/states/")
        here, there = self.remove_on_both()
        self.switch(top=f"switch-from = mbsync {self.home}/states/*")
        self.assert_removed(here, there)

    def test_flattened_names(self):
        self.start_server()
        self.mbsync(store="Flatten")
        self.assertTrue((self.store.path / "lists.one").is_dir())
        here, there = self.remove_on_both()
        self.switch(local={"path": self.store.path, "separator": "."})
        self.assert_removed(here, there)

    def test_states_that_are_not_believed(self):
        """Damaged, of another mailbox there, of another one here: a sentence, nothing removed, nothing lost."""
        changes = {
            "damaged": lambda text: text[:-4],
            "another version": lambda text: "Nonsense\n" + text,
            "another mailbox on the server": lambda text: re.sub("FarUidValidity .*", "FarUidValidity 17", text),
            "another mailbox here": lambda text: re.sub("NearUidValidity .*", "NearUidValidity 17", text),
            "paired with another one": lambda text: re.sub(r"(?m)^4 4 ", "1 4 ", re.sub(r"(?m)^1 1 ", "4 1 ", text)),
        }
        for what, change in changes.items():
            with self.subTest(what):
                self.begin_anew()
                self.mbsync()
                state = self.store.path / "INBOX" / ".mbsyncstate"
                state.write_text(change(state.read_text()))
                self.remove_on_both()
                there = len(self.messages(self.dovecot))
                done = self.sync_telling()
                self.assertIn("is not used", done.out + done.err)
                self.assertEqual(done.count("expunged here") + done.count("expunged there"), 0, done)
                self.assertEqual(len(self.messages(self.dovecot)), there + 1)  # what had been removed on one side came back
                self.assertEqual(len(self.messages(self.store)), there + 1)

    def test_files_that_were_exchanged(self):
        """Two messages without a Message-ID whose files have each other's names: dates tell nothing, sizes little. Texts do."""
        self.start_server()
        self.mbsync()
        inbox = self.store.path / "INBOX"
        one, two = (next(inbox.glob(f"*/*,U={uid}[,:]*")) for uid in (3, 10))
        self.assertNotIn(b"Message-ID", one.read_bytes() + two.read_bytes())
        one.rename(inbox / "aside")
        two.rename(one)
        (inbox / "aside").rename(two)
        done = self.sync_telling()
        self.assertIn("would be paired with another one", done.out + done.err)
        self.assertEqual((done.count("fetched"), done.count("sent")), (0, 0), done)
        self.assertEqual(self.postern("verify").code, 0)

    def more_on_the_server(self):
        far = self.dovecot.connect()
        self.fill(far, "INBOX", range(1000, 1005))
        far.logout()

    def test_an_old_maildir_under_a_newer_state(self):
        """A backup of the mail alone was put back: what is missing in it was not removed."""
        self.start_server()
        (self.home / "states").mkdir()
        self.mbsync(channel=f"SyncState {self.home}/states/")
        subprocess.run(["cp", "-a", self.store.path, self.home / "backup"], check=True)
        self.more_on_the_server()
        self.mbsync(channel=f"SyncState {self.home}/states/")
        before = self.messages(self.dovecot)
        shutil.rmtree(self.store.path)
        (self.home / "backup").rename(self.store.path)
        self.configure(top=f"missing-wait = 0\nswitch-from = mbsync {self.home}/states/*")
        done = self.sync_telling()
        self.assertIn("the mail here is older than what mbsync knew of it", done.out + done.err)
        self.assertEqual(done.count("fetched"), 5, done)
        self.assertEqual(self.messages(self.dovecot), before)
        self.assertEqual(self.messages(self.store), sorted(self.messages(self.store)))
        self.assert_same_but_dates()

    def test_an_older_state_under_a_newer_maildir(self):
        self.start_server()
        (self.home / "states").mkdir()
        self.mbsync(channel=f"SyncState {self.home}/states/")
        shutil.copytree(self.home / "states", self.home / "old states")
        self.more_on_the_server()
        here, there = self.remove_on_both()
        self.mbsync(channel=f"SyncState {self.home}/states/")
        before = self.messages(self.dovecot)
        (self.home / "states").rename(self.home / "new states")
        (self.home / "old states").rename(self.home / "states")
        self.switch(top=f"switch-from = mbsync {self.home}/states/*")
        self.assertEqual(self.messages(self.dovecot), before)
        self.assert_same_but_dates()
        self.assert_removed(here, there)

    def test_many_removals_are_held(self):
        self.start_server()
        self.mbsync()
        files = [path for path in self.store.path.glob("INBOX/*/*") if path.parent.name in ("cur", "new")]
        for path in files[: len(files) * 2 // 3]:
            path.unlink()
        before = self.messages(self.dovecot)
        self.configure(top="missing-wait = 0")
        done = self.postern("sync", "--yes")
        self.assertEqual(done.code, 4, done)
        self.assertEqual(self.messages(self.dovecot), before)
        self.assertEqual(done.count("fetched"), 0, done)

    def test_the_way_back(self):
        """mbsync refuses a mailbox that has mail which it has not brought: nothing is doubled. An empty directory is filled anew."""
        self.start_server()
        self.mbsync()
        self.switch()
        far = self.dovecot.connect()
        self.fill(far, "INBOX", range(1000, 1005))
        far.logout()
        self.sync()
        before = self.messages(self.dovecot)
        self.store.stop_owner()
        said = self.mbsync(expected=1)
        self.assertIn("beyond highest assigned UID", said)
        self.assertEqual(self.messages(self.dovecot), before)
        self.assertEqual(self.messages(self.store), sorted(self.messages(self.store)))
        self.store.stop_owner()
        self.store.path.rename(self.home / "aside")
        self.mbsync()
        self.assertEqual(self.messages(self.dovecot), before)
        self.assertEqual(len(self.uids()), COUNT + 5)


@unittest.skipUnless(shutil.which("offlineimap"), "offlineimap is not installed")
class FromOfflineImap(SwitchingCase):
    def offlineimap(self, separator="."):
        file = self.home / "offlineimaprc"
        file.write_text(OFFLINEIMAP.format(home=self.home, store=self.store.path, port=self.dovecot.port, separator=separator))
        return self.run_tool("offlineimap", "-c", str(file), "-o")

    def switch_from(self, separator=".", **more):
        local = {"path": self.store.path, **({"separator": separator} if separator != "/" else {})}
        return self.switch(top=f"switch-from = offlineimap {self.home}/meta/Account-Main/Repository-R", local=local, **more)

    def test_nothing_is_copied(self):
        for separator in (".", "/"):
            with self.subTest(separator):
                self.begin_anew()
                self.offlineimap(separator)
                before = self.uids()
                self.assertEqual(len(before), COUNT)
                self.switch_from(separator)
                self.assertEqual(self.uids(), before)
                self.assert_same_but_dates(separator)
                self.assert_nothing_to_do()

    def test_what_was_removed_since_stays_removed(self):
        self.start_server()
        self.offlineimap()
        here, there = self.remove_on_both()
        done = self.switch_from()
        self.assertIn("1 message had been removed here since OfflineIMAP ran last", done.out + done.err)
        self.assert_removed(here, there)

    def test_an_old_maildir_under_a_newer_status(self):
        """All files have come after OfflineIMAP ran: what is missing among them is held until a person says."""
        self.start_server()
        self.offlineimap()
        subprocess.run(["cp", "-a", self.store.path, self.home / "backup"], check=True)
        far = self.dovecot.connect()
        self.fill(far, "INBOX", range(1000, 1005))
        far.logout()
        self.offlineimap()
        before = self.messages(self.dovecot)
        shutil.rmtree(self.store.path)
        subprocess.run(["cp", "-a", self.home / "backup", self.store.path], check=True)
        an_hour_ago = time.time() - 3600
        for file in (self.home / "meta" / "Account-Main" / "LocalStatus-sqlite").iterdir():
            os.utime(file, (an_hour_ago, an_hour_ago))
        done = self.switch_from(expected=4)
        self.assertEqual(self.messages(self.dovecot), before)
        self.assertEqual(self.postern("restore").code, 0, done)
        self.assertEqual(self.sync().count("fetched"), 5)
        self.assertEqual(self.messages(self.dovecot), before)

    def test_a_status_as_text(self):
        self.start_server()
        self.offlineimap()
        account = self.home / "meta" / "Account-Main"
        (account / "LocalStatus").mkdir()
        for file in (account / "LocalStatus-sqlite").iterdir():
            with contextlib.closing(sqlite3.connect(file)) as database:
                rows = database.execute("SELECT id, flags, mtime, labels FROM status").fetchall()
            (account / "LocalStatus" / file.name).write_text("OFFLINEIMAP LocalStatus CACHE DATA - DO NOT MODIFY - FORMAT 2\n"
                                                            + "".join("|".join(map(str, row)) + "\n" for row in rows))
            file.unlink()
        here, there = self.remove_on_both()
        self.switch_from()
        self.assert_removed(here, there)

    def test_a_file_from_another_mailbox_is_not_removed(self):
        """Moved here by hand with its name: its UID is another mailbox's."""
        self.start_server()
        self.offlineimap("/")
        far = self.dovecot.connect()
        far.select("INBOX")
        far.store("1", "+FLAGS", "(\\Deleted)")
        far.expunge()
        far.logout()
        moved = next(path for path in (self.store.path / "lists").glob("*/*,U=1,*"))
        for path in (self.store.path / "INBOX").glob("*/*,U=1,*"):
            path.unlink()
        moved.rename(self.store.path / "INBOX" / "cur" / moved.name)
        text = (self.store.path / "INBOX" / "cur" / moved.name).read_bytes().replace(b"\n", b"\r\n")
        self.configure(top=f"missing-wait = 0\nswitch-from = offlineimap {self.home}/meta/Account-Main/Repository-R")
        self.sync_telling()
        self.assertIn(text, self.messages(self.store))
        self.assertIn(text, self.messages(self.dovecot))

    def test_damaged(self):
        self.start_server()
        self.offlineimap()
        (self.home / "meta" / "Account-Main" / "LocalStatus-sqlite" / "INBOX").write_bytes(b"SQLite format 3\0" + b"x" * 500)
        self.remove_on_both()
        self.configure(top=f"missing-wait = 0\nswitch-from = offlineimap {self.home}/meta/Account-Main/Repository-R", local={"path": self.store.path, "separator": "."})
        done = self.sync_telling()
        self.assertIn("is not used: it is damaged", done.out + done.err)
        self.assertEqual(done.count("expunged here") + done.count("expunged there"), 0, done)


class FromDovecot(SwitchingCase):
    """A directory of Dovecot's is used as it lies, and what another Dovecot has of it is not copied."""

    def look(self, connection):
        """Of each mailbox UIDVALIDITY and UIDNEXT, of each message UID, flags, date and size; what is subscribed to."""
        delimiter = connection.list()[1][0].decode().split('"')[1]
        out = {}
        for line in connection.list()[1]:
            name = re.search(rb'"."\s+(.*)$', line)[1].decode().strip('"')
            if b"\\Noselect" in line:
                continue
            status = re.sub(r"^.*\(", "", connection.status(f'"{name}"', "(UIDVALIDITY UIDNEXT)")[1][0].decode())
            connection.select(f'"{name}"', readonly=True)
            found = connection.uid("FETCH", "1:*", "(FLAGS INTERNALDATE RFC822.SIZE)")[1]
            rows = sorted((re.search(rb"UID (\d+)", row)[1], re.search(rb'INTERNALDATE "(.*?)"', row)[1].strip(), re.search(rb"SIZE (\d+)", row)[1],
                           *sorted(flag.lower() for flag in support.imaplib.ParseFlags(row) if flag != b"\\Recent")) for row in found if row)
            out[name.replace(delimiter, "/")] = status, rows
        subscribed = sorted(re.search(rb'"."\s+(.*)$', line)[1].decode().strip('"').replace(delimiter, "/") for line in connection.lsub()[1] if line)
        return out, subscribed

    def test_it_is_used_as_it_lies(self):
        for layout in ("fs", "maildir++"):
            with self.subTest(layout):
                self.begin_anew(layout=layout)
                far = self.dovecot.connect()
                before = self.look(far)
                far.logout()
                subprocess.run(["cp", "-a", self.dovecot.mail, self.store.path], check=True)
                subprocess.run(["chown", "-R", f"{os.getuid()}:{os.getgid()}", self.store.path], check=True)
                near = self.store.connect()
                self.assertEqual(self.look(near), before)
                near.logout()
                names = self.uids()
                self.switch(share=0.3)  # without a state those are read that have no Message-ID, or share one: a fifth
                self.assertEqual(self.uids(), names)
                self.assert_nothing_to_do()

    FORMS = {
        "fs": "maildir:{mail}:LAYOUT=fs:INBOX={mail}/INBOX",
        "fs, INBOX where Dovecot has it": "maildir:{mail}:LAYOUT=fs",
        "fs, INBOX on top": "maildir:{mail}:LAYOUT=fs:INBOX={mail}",
        "maildir++": "maildir:{mail}",
        "CONTROL": "maildir:{mail}:LAYOUT=fs:INBOX={mail}/INBOX:CONTROL={home}/control",
        "CONTROL, maildir++": "maildir:{mail}:CONTROL={home}/control",
        "INDEX": "maildir:{mail}:INDEX={home}/index",
        "UTF-8": "maildir:{mail}:LAYOUT=fs:INBOX={mail}/INBOX:UTF-8",
        "UTF-8, maildir++": "maildir:{mail}:UTF-8",
        "SUBSCRIPTIONS": "maildir:{mail}:LAYOUT=fs:INBOX={mail}/INBOX:SUBSCRIPTIONS=subs",
        "SUBSCRIPTIONS and CONTROL": "maildir:{mail}:LAYOUT=fs:INBOX={mail}/INBOX:CONTROL={home}/control:SUBSCRIPTIONS=subs",
    }

    def fill_dovecot(self):
        far = self.dovecot.connect()
        for name in ("Entw&APw-rfe", "R&-D"):
            far.create(name)
            far.subscribe(name)
            far.append(name, r"(\Flagged other)", support.imaplib.Time2Internaldate(1_400_000_000), mail_file(900))
        far.select("INBOX")
        far.store("2", "+FLAGS", r"(\Deleted)")  # so that UIDs have a gap
        far.expunge()
        before = self.look(far)
        far.logout()
        return before

    def take_directory(self):
        """As the user has it: the mail, and what lies beside it."""
        home = self.home / "theirs"
        subprocess.run(["cp", "-a", self.dovecot.home, home], check=True)
        subprocess.run(["chown", "-R", f"{os.getuid()}:{os.getgid()}", home], check=True)
        (home / "Maildir").rename(self.store.path)
        return home

    def init_from_dovecot(self, location, home, expected=0):
        conf = self.home / "doveconf"
        conf.write_text("# 2.3.19.1: dovecot.conf\nmail_location = " + location.format(mail=self.store.path, home=home) + "\n")
        self.config.unlink(missing_ok=True)
        run = subprocess.run([support.POSTERN, "--config", self.config, "init", "--from", "dovecot", conf, "imap.example.org", "--user", "user"], env=self.environment,
                             input="\n", capture_output=True, text=True, timeout=60)
        self.assertEqual(run.returncode, expected, run.stdout + run.stderr)
        return run.stdout + run.stderr

    def test_each_form_of_mail_location(self):
        for what, location in self.FORMS.items():
            with self.subTest(what):
                self.begin_anew(location=location)
                before = self.fill_dovecot()
                home = self.take_directory()
                said = self.init_from_dovecot(location, home)
                self.assertIn(f"path = {self.store.path}\n", self.config.read_text())
                self.assertEqual("Copied from" in said, "CONTROL" in what, said)
                near = self.store.connect()
                self.assertEqual(self.look(near), before)
                near.logout()
                names = self.uids()
                self.switch(share=0.3)
                self.assertEqual(self.uids(), names)
                self.assert_nothing_to_do()

    def test_what_cannot_be_used_as_it_lies(self):
        """It is refused, and nothing is touched."""
        self.begin_anew(location="maildir:{mail}:LAYOUT=fs:INBOX={mail}/INBOX:DIRNAME=mail")
        self.fill_dovecot()
        home = self.take_directory()

        def everything():
            return sorted((str(path), path.stat().st_mtime_ns, path.stat().st_ino) for path in self.store.path.rglob("*"))

        before = everything()
        for location, why in (("maildir:{mail}:LAYOUT=fs:INBOX={mail}/INBOX:DIRNAME=mail", "in a directory below its own"),
                              ("maildir:{mail}:INBOX={home}/inbox", "apart from"), ("mbox:{mail}", "only a Maildir"), ("maildir:{mail}/nothing", "is not there")):
            self.assertIn(why, self.init_from_dovecot(location, home, expected=78))
            self.assertFalse(self.config.exists())
            self.assertEqual(everything(), before)

    def test_the_way_back_to_dovecot(self):
        """UIDVALIDITY, the UIDs of what Dovecot knew, flags and keywords are as they were; what came since it numbers by itself."""
        self.begin_anew()
        self.fill_dovecot()
        self.take_directory()
        self.switch(share=0.3)
        far, near = self.dovecot.connect(), self.store.connect()
        self.fill(far, "INBOX", range(1000, 1003))
        far.logout()
        near.select("INBOX")
        near.uid("STORE", "3", "+FLAGS", r"(\Flagged newer)")
        near.logout()
        self.sync()
        near = self.store.connect()
        before, texts = self.look(near), self.contents_of(self.store)
        near.logout()
        self.store.stop_owner()
        with support.Dovecot() as back:
            back.stop()
            subprocess.run(["rm", "-rf", back.mail], check=True)
            subprocess.run(["cp", "-a", self.store.path, back.mail], check=True)
            if os.getuid() == 0:
                user = support.unprivileged()
                subprocess.run(["chown", "-R", f"{user.pw_uid}:{user.pw_gid}", back.mail], check=True)
            back.start()
            session = back.connect()
            after = self.look(session)
            session.logout()
            self.assertEqual(support.differences(texts, self.contents_of(back)), "")
        self.assertEqual(set(after[0]), set(before[0]))
        self.assertEqual(after[1], before[1])
        for name, (status, rows) in before[0].items():
            validity = re.search(r"UIDVALIDITY \d+", status)[0]
            self.assertIn(validity, after[0][name][0])
            new = 3 if name == "INBOX" else 0
            known = sorted(rows, key=lambda row: int(row[0]))[: len(rows) - new]
            self.assertLessEqual(set(known), set(after[0][name][1]), name)


if __name__ == "__main__":
    unittest.main()
