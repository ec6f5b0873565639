# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""`postern sync` when something is wrong: it says what, its exit code is of sysexits.h, and no message is lost or doubled."""

import shutil
import subprocess
import time
import unittest

import support
import sync_case

BASIC = "IMAP4rev1 SASL-IR ID IDLE LITERAL+"


class Connections(sync_case.SyncCase):
    """Nothing is touched when the server cannot be trusted or does not let us in."""

    def fails(self, code, *words):
        done = self.sync(code)
        self.assertEqual(done.out, "", done)
        self.assertEqual(len(done.err.splitlines()), 1, done)
        for word in words:
            self.assertIn(word, done.err)
        return done

    @staticmethod
    def readable(files):
        """For Dovecot's user."""
        for file in files:
            support.os.chown(file, support.unprivileged().pw_uid, support.unprivileged().pw_gid)
        return files

    def test_a_wrong_password(self):
        self.start_dovecot()
        self.configure(password="not-the-one")
        self.assertNotIn("not-the-one", self.fails(sync_case.EX_NOPERM, "127.0.0.1", "refuses the login").err)
        self.configure(auth="LOGIN", password="not-the-one")
        self.assertNotIn("not-the-one", self.fails(sync_case.EX_NOPERM, "127.0.0.1", "refuses the login").err)

    def test_passwords_that_are_not_there(self):
        self.start_dovecot()
        remote = {"type": "imap", "STARTTLS": "NO", "host": "127.0.0.1", "port": self.dovecot.port, "username": "user"}
        self.configure(remote={**remote, "password-command": "exit 3"})
        self.fails(sync_case.EX_CONFIG, "[remote] password-command gave no password")
        del remote["username"]
        self.configure(remote=remote)
        self.fails(sync_case.EX_CONFIG, "[remote] has no username")

    def test_certificates(self):
        directory = support.pathlib.Path(support.tempfile.mkdtemp(prefix="certificates-"))
        self.addCleanup(shutil.rmtree, directory, True)
        directory.chmod(0o711)
        expired = self.readable(support.make_certificate(directory, expired=True))
        self.start_dovecot(certificate=expired)
        tls = {"type": "imaps", "port": self.dovecot.tls_port, "host": "localhost"}
        self.configure(**tls, SSL_CAfile=expired[0])
        self.fails(sync_case.EX_PROTOCOL, "localhost", "certificate has expired")
        self.dovecot.close()

        other = self.readable(support.make_certificate(directory, name="other.example"))
        self.start_dovecot(certificate=other)
        tls["port"] = self.dovecot.tls_port
        self.configure(**tls, SSL_CAfile=other[0])
        self.fails(sync_case.EX_PROTOCOL, "localhost", "hostname mismatch")
        self.configure(**tls, SSL_CAfile=other[0], SSL_hostname="other.example")
        self.sync()
        self.configure(**tls)
        self.fails(sync_case.EX_PROTOCOL, "localhost", "self-signed certificate")
        self.configure(**tls, SSL_verify="NO", SSL_fingerprint="sha256$" + "ab" * 32)
        self.fails(sync_case.EX_PROTOCOL, "the public key of localhost is not the pinned one; it is sha256$")
        self.configure(**tls, SSL_CAfile="/nowhere/ca.pem")
        self.fails(sync_case.EX_CONFIG, "[remote]", "/nowhere/ca.pem cannot be read")
        self.configure(**tls, SSL_cipherlist="NO-SUCH-CIPHER")
        self.fails(sync_case.EX_CONFIG, "[remote]", "cipher list")

    def test_nobody_there(self):
        self.dovecot = None
        port = support.free_port()
        self.configure(remote={"type": "imap", "STARTTLS": "NO", "host": "127.0.0.1", "port": port, "username": "user", "password": "pass"})
        self.fails(sync_case.EX_TEMPFAIL, "cannot connect to 127.0.0.1", str(port), "refused")
        self.configure(remote={"type": "tunnel", "command": "exit 0"})
        self.fails(sync_case.EX_TEMPFAIL, "remote tunnel")
        self.configure(remote={"type": "tunnel", "command": "echo '* BYE not today'"})
        self.fails(sync_case.EX_TEMPFAIL, "remote tunnel", "not today")
        self.configure(remote={"type": "tunnel", "command": "echo 'SSH-2.0-OpenSSH'"})
        self.fails(sync_case.EX_TEMPFAIL, "remote tunnel")

    def test_no_starttls(self):
        self.start_dovecot(extra="ssl = no\n")
        self.configure(STARTTLS="YES")
        self.fails(sync_case.EX_UNAVAILABLE, "does not offer STARTTLS")
        self.configure(type="imaps")
        self.fails(sync_case.EX_PROTOCOL, "127.0.0.1: TLS")


class PoorServers(sync_case.SyncCase):
    """Fewer extensions: slower, and what is not possible is said."""

    def life(self, expunges):
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
        done = self.sync(0 if expunges else 1)
        if expunges:
            self.assert_same()
            self.assert_nothing_to_do()
        else:
            self.assertIn("INBOX: messages cannot be expunged on the remote side: 127.0.0.1 has no UIDPLUS", done.err)
            self.assertEqual(len(self.messages(self.dovecot)), 20)
            self.assertEqual(len(self.messages(self.store)), 18, "what was expunged here does not come back")
            self.assertEqual(self.sync(1).count("fetched"), 0)
        near.logout()
        far.logout()

    def test_condstore_only(self):
        self.start_dovecot(capability=f"{BASIC} UIDPLUS CONDSTORE ENABLE NAMESPACE UNSELECT CHILDREN")
        self.life(True)

    def test_uidplus_only(self):
        self.start_dovecot(capability=f"{BASIC} UIDPLUS", compress=False)
        self.life(True)

    def test_nothing_at_all(self):
        self.start_dovecot(capability="IMAP4rev1", compress=False)
        self.life(False)


class Configurations(sync_case.SyncCase):
    def wrong(self, text, *words):
        self.config.write_text(text)
        done = self.postern("sync")
        self.assertEqual(done.code, sync_case.EX_CONFIG, done)
        self.assertEqual(done.out, "")
        for word in (str(self.config), *words):
            self.assertIn(word, done.err)

    def test_typing_errors_are_named(self):
        remote = f"[local]\npath = {self.store.path}\n[remote]\nhost = localhost\n"
        for text, words in (
                (remote + "usrname = me\n", ("line 5", "usrname", "did you mean username?")),
                (remote + "ssl_verfy = NO\n", ("line 5", "did you mean SSL_verify?")),
                (remote + "type = imapss\n", ("line 5", "imapss", "did you mean imaps?")),
                (remote + "port = 99999\n", ("line 5", "between 1 and 65535")),
                (remote + "STARTTLS = maybe\n", ("line 5", "YES or NO")),
                (remote + "auth = CRAM\n", ("line 5", "PLAIN and LOGIN")),
                (remote + "SSL_fingerprint = abc\n", ("line 5", "sha256$")),
                (remote + "just words\n", ("line 5", "OPTION = VALUE")),
                ("[remot]\n", ("line 1", "did you mean remote?")),
                ("lst-mailbox = *\n" + remote, ("line 1", "did you mean list-mailbox?")),
                ("ignore-mailbox = (\n" + remote, ("line 1",)),
                ("interval = soon\n" + remote, ("line 1", "seconds")),
                ("[local]\npath = relative\n[remote]\n", ("line 2", "begins with /")),
                (f"[local]\npath = {self.store.path}\n", ("no section [remote]",)),
                (remote + "type = store\n", ("[remote] cannot be of type store",)),
                (remote + "type = tunnel\n", ("no command",))):
            with self.subTest(text=text):
                self.wrong(text, *words)
        self.assertFalse(self.store.path.exists(), "no store is made for a configuration that is wrong")

    def test_no_configuration(self):
        self.config = self.store.directory / "absent"
        done = self.postern("sync")
        self.assertEqual((done.code, done.err), (sync_case.EX_CONFIG, f"postern: {self.config} does not exist\n"))
        run = subprocess.run([support.POSTERN, "sync"], env=self.store.environment, capture_output=True, text=True, timeout=20)
        self.assertEqual(run.returncode, sync_case.EX_CONFIG)
        self.assertIn("postern init", run.stderr)
        self.config.mkdir()
        done = self.postern("sync")
        self.assertEqual(done.code, sync_case.EX_CONFIG, done)
        self.assertEqual(done.err, f"postern: {self.config} cannot be read: Is a directory\n")

    def test_words_that_are_no_command(self):
        self.config.write_text("")
        for words in (("snyc",), ("--nonsense", "sync"), ()):
            done = self.postern(*words)
            self.assertEqual(done.code, 64, done)
            self.assertNotEqual(done.err, "")


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

    def test_deleted_here_is_kept_there(self):
        near = self.store.connect()
        self.assertEqual(near.delete("box")[0], "OK")
        near.logout()
        done = self.sync(1)
        self.assertIn("box: is no longer on the store", done.err)
        self.assertEqual(support.differences(self.contents_of(self.dovecot), self.before), "")

    def test_renamed_there(self):
        self.assertEqual(self.far.rename("box", "new-name")[0], "OK")
        done = self.sync(1)
        self.assertIn("box: is no longer on 127.0.0.1", done.err)
        self.assertEqual(len(self.messages(self.store, "new-name")), 10)
        self.assertEqual(len(self.messages(self.store, "box")), 10)

    def test_another_mailbox_of_the_same_name(self):
        self.far.delete("box")
        self.far.create("box")
        self.fill(self.far, "box", [0, 500])
        done = self.sync(1)
        self.assertIn("box: the remote mailbox is another one than before", done.err)
        self.assertIn("postern repair", done.err)
        self.assertEqual(support.differences(self.here(), self.before), "")
        self.assertEqual(len(self.messages(self.dovecot, "box")), 2)
        repaired = self.postern("repair", "box")
        self.assertEqual(repaired.code, 0, repaired)
        done = self.sync()
        self.assertEqual((done.count("fetched"), done.count("sent"), done.count("found on both sides")), (1, 9, 1), done)
        self.assert_same()
        self.assertEqual(len(self.messages(self.store, "box")), 11)
        self.assert_nothing_to_do()

    def test_another_mailbox_here(self):
        near = self.store.connect()
        near.delete("box")
        near.create("box")
        self.fill(near, "box", [600])
        near.logout()
        done = self.sync(1)
        self.assertIn("box: the local mailbox is another one than before", done.err)
        self.assertEqual(support.differences(self.contents_of(self.dovecot), self.before), "")
        self.assertEqual(self.messages(self.store, "box"), [support.message(600)])

    def test_the_remote_has_lost_everything(self):
        self.far.logout()
        self.dovecot.disconnect()
        shutil.rmtree(self.dovecot.mail)
        born = int(time.time())
        support.wait_until(lambda: time.time() >= born + 1, what="another second: that is Dovecot's UIDVALIDITY")
        self.dovecot.start()
        done = self.sync(1)
        for name in ("box", "other"):
            self.assertIn(f"{name}: is no longer on 127.0.0.1", done.err)
        self.assertIn("INBOX: the remote mailbox is another one than before", done.err)
        self.assertEqual(support.differences(self.here(), self.before), "")

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
