# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""A state that cannot be read: it stops only what needs it, says so, waits for nobody, and doubles nothing. What is damaged, and can be read: test_sync_state, journal_test, test_switching."""

import os
import socket
import unittest

import support
import sync_case
from sync_case import EX_CONFIG, EX_TEMPFAIL


def put_pipe(path):
    os.mkfifo(path)


def put_directory(path):
    path.mkdir()
    (path / "inside").write_text("x")


def put_loop(path):
    path.symlink_to(path)


def put_socket(path):
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


def put_private(path):
    path.write_text("not for you")
    path.chmod(0)


PLACES = [put_pipe, put_directory, put_loop, put_socket] + ([put_private] if os.getuid() else [])  # root may read everything


def take_away(path):
    if path.is_dir() and not path.is_symlink():
        support.shutil.rmtree(path)
    else:
        path.unlink()


class Unreadable(sync_case.SyncCase):
    def put_aside(self, path):
        aside = path.with_name(path.name + ".aside")
        path.rename(aside)
        return aside


class Journal(Unreadable):
    """Between two foreign servers the state is a file."""

    def test_nothing_is_done_without_it(self):
        self.start_dovecot()
        near = support.Dovecot(fsync=False)
        self.addCleanup(near.close)
        journal = self.store.directory / "state.db.postern"
        self.configure(top=f"database = {self.store.directory / 'state.db'}", local={"type": "tunnel", "command": near.tunnel(), "null-stderr": "YES"})
        far = self.dovecot.connect()
        self.fill(far, "INBOX", range(10))
        self.sync()
        far.select("INBOX")
        for number, (put, name) in enumerate((put, name) for name in ("state.db.postern", "state.db.postern.lock") for put in PLACES):
            with self.subTest(put=put.__name__, name=name):
                path = journal.with_name(name)
                aside = self.put_aside(path)
                put(path)
                self.fill(far, "INBOX", [100 + number])
                there, here = self.contents_of(self.dovecot), self.contents_of(near)
                for command in ("sync", "status", "verify", "plan"):
                    done = self.postern(command, timeout=30)
                    if command == "status" and name.endswith(".lock"):  # it reads beside whoever writes, and needs no lock
                        self.assertEqual(done.code, 0, done)
                        continue
                    self.assertEqual(done.code, EX_TEMPFAIL, (command, done))
                    self.assertIn("what both sides agreed on cannot be used", done.err)
                    self.assertIn(name, done.err)
                self.assertEqual((self.contents_of(self.dovecot), self.contents_of(near)), (there, here))
                take_away(path)
                aside.rename(path)
                done = self.sync()
                self.assertEqual((done.count("fetched"), done.count("sent"), done.count("found on both sides")), (1, 0, 0), done)
        far.logout()


class OtherTools(Unreadable):
    def mail(self):
        self.start_dovecot()
        far, near = self.dovecot.connect(), self.store.connect()
        for name in ("INBOX", "other"):
            far.create(name)
            near.create(name)
            self.fill(far, name, range(10))
            self.fill(near, name, range(10))
        far.logout()
        near.logout()

    def test_mbsync_state(self):
        """Of one mailbox: the others are synchronised, and this one waits for it."""
        self.mail()
        path = self.store.path / "other" / ".mbsyncstate"
        for put in PLACES:
            with self.subTest(put=put.__name__):
                put(path)
                far = self.dovecot.connect()
                self.fill(far, "INBOX", [100 + PLACES.index(put)])
                far.logout()
                done = self.postern("sync", "--yes", timeout=30)
                self.assertEqual(done.code, 1, done)
                self.assertIn("other: what another synchroniser has left cannot be read", done.err)
                self.assertIn(str(path), done.err)
                self.assertEqual(done.count("fetched"), 1, done)
                take_away(path)
        done = self.sync()
        self.assertEqual((done.count("found on both sides"), done.count("fetched"), done.count("sent")), (10, 0, 0), done)
        self.assertEqual(len(self.messages(self.store, "other")), 10)
        self.assert_same()

    def test_offlineimap_state(self):
        """A database that is none is damage: messages are paired by what they say."""
        self.mail()
        meta = self.store.directory / "offlineimap"
        states = meta / "Account-me" / "LocalStatus-sqlite"
        states.mkdir(parents=True)
        (meta / "Repository-far" / "FolderValidity").mkdir(parents=True)
        put_pipe(states / "other")
        put_directory(states / "INBOX")
        self.configure(top=f"switch-from = offlineimap {meta}/Account-me/Repository-far")
        done = self.postern("sync", "--yes", timeout=30)
        self.assertEqual((done.code, done.count("found on both sides"), done.count("fetched"), done.count("sent")), (0, 20, 0, 0), done)
        self.assertIn("it is no regular file", done.out + done.err)

    def test_interimap_database(self):
        self.mail()
        path = self.store.directory / "interimap.db"
        self.configure(top=f"database = {path}")
        for put in (put_pipe, put_directory, put_socket):
            with self.subTest(put=put.__name__):
                put(path)
                done = self.postern("sync", "--yes", timeout=30)
                self.assertEqual(done.code, EX_CONFIG, done)
                self.assertIn("nothing was touched", done.err)
                take_away(path)
        done = self.sync()
        self.assertEqual((done.count("found on both sides"), done.count("fetched"), done.count("sent")), (20, 0, 0), done)


class Configurations(Unreadable):
    def test_it_is_said(self):
        self.start_dovecot()
        aside = self.put_aside(self.config)
        for put in PLACES:
            with self.subTest(put=put.__name__):
                put(self.config)
                for command in ("sync", "status"):
                    done = self.postern(command, timeout=30)
                    self.assertEqual(done.code, EX_CONFIG, done)
                    self.assertIn("cannot be read", done.err)
                take_away(self.config)
        aside.rename(self.config)
        self.sync()


class Store(Unreadable):
    def test_files_beside_the_mail(self):
        """Of one mailbox: the others are served and synchronised, and what is on the server stays."""
        self.start_dovecot()
        far = self.dovecot.connect()
        for name in ("INBOX", "other"):
            far.create(name)
            self.fill(far, name, range(5))
        self.sync()
        for number, put in enumerate((put_pipe, put_directory)):
            for name in ("postern-mailbox", "dovecot-uidlist"):
                with self.subTest(put=put.__name__, name=name):
                    self.store.stop_owner()
                    path = self.store.path / "other" / name
                    aside = self.put_aside(path) if path.exists() else None
                    put(path)
                    self.fill(far, "INBOX", [100 + number * 10 + len(name)])
                    self.postern("sync", timeout=60)
                    far.select("INBOX")
                    self.assertEqual(sync_case.ids(self.store), sync_case.ids(self.dovecot))
                    self.assertEqual(len(self.messages(self.dovecot, "other")), 5)
                    self.store.stop_owner()
                    take_away(path)
                    if aside:
                        aside.rename(path)
                    self.sync()
                    self.assert_same()
        far.logout()


if __name__ == "__main__":
    unittest.main()
