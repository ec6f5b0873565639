# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""`postern sync` when it cannot begin: the configuration is wrong, the server is not there, cannot be trusted or does not let us in. One line that says what, and
an exit code of sysexits.h."""

import contextlib
import re
import shutil
import socket
import subprocess
import unittest

import support
import sync_case


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
        self.fails(sync_case.EX_CONFIG, "[remote] password-command gave no password: it ended with status 3")
        # What a command says that fails is told, and never sent.
        self.configure(remote={**remote, "password-command": "echo pass; echo 'gpg: no secret key' >&2; exit 2"})
        self.fails(sync_case.EX_CONFIG, "it ended with status 2, and said: gpg: no secret key")
        self.configure(remote={**remote, "password-command": "echo 'in between' >&2; printf 'pass\\nlogin: user\\n'"})
        self.sync()
        self.configure(remote={**remote, "password-command": "echo 'locked' >&2"})
        self.fails(sync_case.EX_CONFIG, "gave no password; it said: locked")
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
        self.configure(**tls, SSL_CAfile=other[0], SSL_hostname="")
        self.fails(sync_case.EX_PROTOCOL, "localhost", "hostname mismatch")
        self.configure(**tls, SSL_CAfile=other[0], SSL_hostname="other.example")
        self.sync()
        self.configure(**tls)
        refused = self.fails(sync_case.EX_PROTOCOL, "localhost", "self-signed certificate", "If its owner tells you")
        # The lines to paste are those that let this key in, and no other.
        pasted = dict(line.split(" = ") for line in re.findall("`(SSL_[^`]*)`", refused.err))
        self.assertEqual(list(pasted), ["SSL_fingerprint", "SSL_verify"], refused)
        self.configure(**tls, **pasted)
        self.sync()
        self.configure(**tls, **{**pasted, "SSL_verify": "YES"})
        self.fails(sync_case.EX_PROTOCOL, "localhost", "self-signed certificate")
        self.configure(**tls, SSL_CAfile=other[0], SSL_hostname="other.example", SSL_fingerprint="sha256$" + "cd" * 32)
        refused = self.fails(sync_case.EX_PROTOCOL, f"with `SSL_fingerprint = {pasted['SSL_fingerprint']}`")
        self.assertNotIn("SSL_verify", refused.err, "the certificate is good but for its key")
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

    def test_what_never_answers_is_given_up_with_postern(self):
        self.dovecot = None
        with socket.create_server(("127.0.0.1", 0)) as silent:
            remote = {"type": "imap", "STARTTLS": "NO", "host": "127.0.0.1", "port": silent.getsockname()[1], "username": "user", "password": "pass"}
            waiting = {"type": "tunnel", "command": "echo '* OK hello'; sleep 100", "username": "user"}
            for remote in (remote, {**remote, "type": "imaps"}, {**waiting, "password": "pass"}, {**waiting, "password-command": "sleep 100"}):
                self.configure(remote=remote)
                asked = self.start("sync")
                support.wait_until(self.store.owner, what="the owner")
                with contextlib.suppress(subprocess.TimeoutExpired):
                    asked.communicate(timeout=0.5)
                self.assertIsNone(asked.returncode, remote)
                asked.terminate()
                asked.communicate(timeout=10)
                support.wait_until(lambda: self.store.owner() is None, seconds=10, what="the owner has nothing left to do")

    def test_an_owner_that_is_killed_while_it_starts(self):
        self.dovecot = None
        imapd = self.store.directory / "imapd"
        imapd.write_text("#!/bin/sh\nkill -9 $$\n")
        imapd.chmod(0o755)
        self.store.environment["POSTERN_IMAPD"] = str(imapd)
        self.configure(remote={"type": "imap", "STARTTLS": "NO", "host": "127.0.0.1", "port": support.free_port(), "username": "user", "password": "pass"})
        self.fails(sync_case.EX_TEMPFAIL, "died while it started")

    def test_no_starttls(self):
        self.start_dovecot(extra="ssl = no\n")
        self.configure(STARTTLS="YES")
        self.fails(sync_case.EX_UNAVAILABLE, "does not offer STARTTLS")
        self.configure(type="imaps")
        self.fails(sync_case.EX_PROTOCOL, "127.0.0.1: TLS")


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
        for words in (("snyc",), ("--nonsense", "sync"), (), ("verify", "INBOX"), ("init", "here"), ("snyc", "INBOX")):
            done = self.postern(*words)
            self.assertEqual(done.code, 64, done)
            self.assertNotEqual(done.err, "")
        self.assertEqual(self.postern("sync", "INBOX").code, sync_case.EX_CONFIG)  # a mailbox, of an account that is none


if __name__ == "__main__":
    unittest.main()
