# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""`postern sync` over each way to reach a server, with another imapd of ours as the remote, and between two foreign servers."""

import re
import time
import unittest

import support
import sync_case


class Transports(sync_case.SyncCase):
    def setUp(self):
        super().setUp()
        self.start_dovecot()
        far = self.dovecot.connect()
        self.fill(far, "INBOX", range(3), flags=r"(\Seen kw)")
        far.logout()
        near = self.store.connect()
        self.fill(near, "INBOX", range(10, 13))
        near.logout()

    def check(self):
        self.sync()
        self.assertEqual(sum(1 for m in self.assert_same() if m[3]), 6)
        self.assert_nothing_to_do()

    def authority(self):
        return {"SSL_CAfile": self.dovecot.certificate}

    def test_imaps(self):
        self.configure(type="imaps", port=self.dovecot.tls_port, host="localhost", **self.authority())
        self.check()

    def test_starttls(self):
        proxy = sync_case.Proxy(self.dovecot.port)
        self.addCleanup(proxy.close)
        self.configure(STARTTLS="YES", port=proxy.port, host="localhost", **self.authority())
        self.check()
        seen = bytes(proxy.relayed[proxy.UP])
        self.assertIn(b"STARTTLS", seen)
        self.assertNotIn(b"LOGIN", seen)
        self.assertNotIn(b"AUTHENTICATE", seen)

    def test_the_wrong_kind_of_port_is_said_at_once(self):
        start = time.monotonic()
        self.configure(port=self.dovecot.tls_port)
        self.assertIn("type = imaps", self.sync(sync_case.EX_CONFIG).err)
        self.configure(type="imaps", SSL_verify="NO")
        self.assertIn("type = imap,", self.sync(sync_case.EX_PROTOCOL).err)
        self.assertLess(time.monotonic() - start, 20)

    def test_a_pinned_key(self):
        key = support.subprocess.run(f"openssl x509 -in {self.dovecot.certificate} -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum", shell=True,
                                     check=True, capture_output=True, text=True).stdout.split()[0]
        self.configure(type="imaps", port=self.dovecot.tls_port, SSL_verify="NO", SSL_fingerprint=f"sha256${'00' * 32} sha256${key}")
        self.check()
        self.configure(type="imaps", port=self.dovecot.tls_port, SSL_fingerprint=f"sha256${key}")
        self.assertIn("self-signed", self.sync(sync_case.EX_PROTOCOL).err)  # as in InterIMAP, it is verified too

    def test_no_verification_when_it_is_said(self):
        self.configure(type="imaps", port=self.dovecot.tls_port, SSL_verify="NO")
        self.check()

    def test_tunnel(self):
        self.configure(remote={"type": "tunnel", "command": self.dovecot.tunnel(), "null-stderr": "YES"})
        self.check()

    def test_login_and_plain(self):
        for mechanism, word in (("LOGIN", rb"^\S+ LOGIN "), ("PLAIN", rb"^\S+ AUTHENTICATE PLAIN ")):
            proxy = sync_case.Proxy(self.dovecot.port)
            self.addCleanup(proxy.close)
            self.configure(auth=mechanism, port=proxy.port)
            self.check()
            self.assertRegex(bytes(proxy.relayed[proxy.UP]), re.compile(word, re.M))

    def test_password_command(self):
        self.configure(remote={"type": "imap", "STARTTLS": "NO", "host": "127.0.0.1", "port": self.dovecot.port, "username": "user",
                               "password-command": "printf 'pa%s\\n' ss"})
        self.check()

    def test_password_command_that_takes_too_long(self):
        """It ends, and so does what it has started."""
        pids = self.store.directory / "pids"
        self.configure(remote={"type": "imap", "STARTTLS": "NO", "host": "127.0.0.1", "port": self.dovecot.port, "username": "user",
                               "password-command": f"sleep 300 & echo $! > {pids}; wait", "password-timeout": 1})
        self.assertIn("in 1 seconds", self.sync(sync_case.EX_CONFIG).err)
        pid = int(pids.read_text())
        support.wait_until(lambda: not support.pathlib.Path(f"/proc/{pid}").exists(), what="what the command has started ends")

    def test_password_command_is_asked_once_for_several_connections(self):
        far = self.dovecot.connect()
        for place in range(4):
            far.create(f"box{place}")
            self.fill(far, f"box{place}", range(100 * place, 100 * place + 40))
        far.logout()
        asked = self.store.directory / "asked"
        proxy = sync_case.Proxy(self.dovecot.port)
        self.addCleanup(proxy.close)
        self.configure(remote={"type": "imap", "STARTTLS": "NO", "host": "127.0.0.1", "port": proxy.port, "username": "user", "compress": "NO",
                               "password-command": f"echo x >> {asked}; echo pass"})
        self.sync()
        self.assertGreater(len(re.findall(rb"AUTHENTICATE|LOGIN", bytes(proxy.relayed[proxy.UP]))), 1)
        self.assertEqual(asked.read_text(), "x\n")

    def test_compress(self):
        for wanted in ("YES", "NO"):
            proxy = sync_case.Proxy(self.dovecot.port)
            self.addCleanup(proxy.close)
            self.configure(compress=wanted, port=proxy.port)
            self.check()
            self.assertEqual(b"COMPRESS DEFLATE" in bytes(proxy.relayed[proxy.UP]), wanted == "YES")

    def test_compress_where_the_server_has_none(self):
        self.dovecot.close()
        self.start_dovecot(compress=False)
        self.configure(compress="YES")
        self.sync()
        self.assertEqual(len(self.messages(self.dovecot)), 3)

    def test_a_first_copy_uses_several_connections(self):
        far = self.dovecot.connect()
        for place in range(10):
            far.create(f"box{place}")
            raw = b"".join(b" {%d}\r\n" % len(m) + m for m in (support.message(1000 * place + n, 1500) for n in range(200)))
            far.send(b"x%d APPEND box%d" % (place, place) + raw.replace(b"}\r\n", b"+}\r\n", 200) + b"\r\n")
            while not (line := far.readline()).startswith(b"x%d " % place):
                self.assertTrue(line)
            self.assertIn(b"OK", line)
        far.logout()
        proxy = sync_case.Proxy(self.dovecot.port)
        self.addCleanup(proxy.close)
        self.configure(port=proxy.port, compress="NO")
        done = self.sync()
        self.assertEqual(done.count("fetched"), 2003, done)
        self.assertGreater(len(re.findall(rb"AUTHENTICATE|LOGIN", bytes(proxy.relayed[proxy.UP]))), 1)
        self.assertEqual(sum(1 for m in self.assert_same() if m[3]), 2006)
        self.assert_nothing_to_do()

    def test_a_first_copy_cut_at_many_points(self):
        """All connections are cut at the same time, while some are being made, some are at work: the pass ends, and soon."""
        far = self.dovecot.connect()
        for place in range(6):
            far.create(f"box{place}")
            self.fill(far, f"box{place}", range(100 * place, 100 * place + 40))
        far.logout()
        proxy = sync_case.Proxy(self.dovecot.port)
        self.addCleanup(proxy.close)
        self.configure(port=proxy.port, compress="NO")
        ended = []
        for octets in [*range(1200, 4400, 80), *range(5000, 60_000, 6000)]:
            proxy.forget()
            proxy.cut_after(proxy.DOWN, octets)
            done = self.postern("sync", timeout=20)
            self.assertIn(done.code, (0, sync_case.EX_TEMPFAIL), done)
            ended.append(done.code)
        self.assertGreater(ended.count(sync_case.EX_TEMPFAIL), 10)
        proxy.forget()
        self.sync()
        self.assertEqual(sum(1 for m in self.assert_same() if m[3]), 246)
        self.assert_nothing_to_do()


class ABrokenLink(sync_case.SyncCase):
    """One that breaks after each so many octets, as those of trains and hotels do: each pass keeps what has come."""

    class Breaking(sync_case.Proxy):
        every = left = 0

        def accept(self):
            self.left = self.every
            super().accept()

        def rewrite(self, direction, octets):
            if direction == self.DOWN:
                if self.left <= 0:
                    raise OSError
                octets = octets[:self.left]
                self.left -= len(octets)
            return octets

    def test_each_pass_brings_some(self):
        for every, size, count in ((2_000_000, 200_000, 30), (150_000, 20_000, 40), (1_000_000, 600_000, 6)):
            with self.subTest(every=every, size=size):
                self.doCleanups()
                self.setUp()
                self.meet_dovecot(compress=False)
                self.fill(self.far, "INBOX", range(count), size=size)
                proxy = self.Breaking(self.dovecot.port)
                self.addCleanup(proxy.close)
                proxy.every = every
                self.configure(port=proxy.port, compress="NO")
                before = 0
                for _ in range(count + 5):
                    done = self.postern("sync", timeout=60)
                    if done.code == 0:
                        break
                    self.assertEqual(done.code, sync_case.EX_TEMPFAIL, done)
                    now = len(self.messages(self.store))
                    self.assertGreater(now, before, done)
                    before = now
                self.assertEqual(done.code, 0, done)
                self.assertGreater(before, 0)
                self.assert_same()


class OurOwnRemote(sync_case.SyncCase):
    """A second imapd, reached by TCP and by TLS."""

    def start_remote(self):
        self.remote = support.Store()
        self.addCleanup(self.remote.close)
        certificate, key = support.make_certificate(self.remote.directory)
        secrets = self.remote.directory / "passwords"
        secrets.write_text("user:pass\n")
        secrets.chmod(0o600)
        self.ports = support.free_port(), support.free_port()
        process = support.subprocess.Popen(
            [support.IMAPD, "--store", self.remote.path, "--no-sync", "--listen", f"tcp:127.0.0.1:{self.ports[0]}", "--listen", f"tls:127.0.0.1:{self.ports[1]}",
             "--password-file", secrets, "--tls-certificate", certificate, "--tls-key", key],
            env=self.remote.environment, stdin=support.subprocess.DEVNULL, stderr=support.subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(support.stop, process)
        support.wait_until(self.answers, what="the remote listens")
        self.dovecot = self  # connect() below is the other side's
        return certificate

    def answers(self):
        with support.contextlib.suppress(OSError):
            support.socket.create_connection(("127.0.0.1", self.ports[1]), 1).close()
            return True
        return False

    def connect(self):
        connection = support.imaplib.IMAP4("127.0.0.1", self.ports[0])
        connection.starttls(support.ssl._create_unverified_context())
        connection.login("user", "pass")
        return connection

    def test_life(self):
        certificate = self.start_remote()
        far = self.connect()
        for name in ("a", "a/b", "&ZeVnLIqe-"):
            far.create(name)
            self.fill(far, name, range(20), flags=r"(\Flagged kw)")
        near = self.store.connect()
        near.create("mine")
        self.fill(near, "mine", range(100, 110))
        remote = {"type": "imaps", "host": "localhost", "port": self.ports[1], "username": "user", "password": "pass", "SSL_CAfile": certificate}
        self.configure(remote=remote)
        self.sync()
        self.assertEqual(sum(1 for m in self.assert_same() if m[3]), 70)
        self.assert_nothing_to_do()
        near.select("mine")
        near.store("1:3", "+FLAGS", r"(\Deleted)")
        near.expunge()
        far.select("a")
        far.store("1:5", "-FLAGS", "(kw)")
        self.configure(remote={**remote, "type": "imap", "port": self.ports[0]})  # STARTTLS
        done = self.sync()
        self.assertEqual((done.count("expunged there"), done.count("taken over")), (3, 5), done)
        self.assert_same()
        self.assert_nothing_to_do()
        near.logout()
        far.logout()


class TwoForeignServers(sync_case.SyncCase):
    """The journal is a file; the local side is a Dovecot behind a tunnel."""

    def setUp(self):
        super().setUp()
        self.start_dovecot()
        self.near = support.Dovecot(fsync=False)
        self.addCleanup(self.near.close)
        self.journal = self.store.directory / "state.db"
        # Both sides are full of different mail, which is to be merged.
        self.configure(top=f"database = {self.journal}\nmerge-different = YES", local={"type": "tunnel", "command": self.near.tunnel(), "null-stderr": "YES"})

    def assert_same(self):
        here, there = self.contents_of(self.near), self.contents_of(self.dovecot)
        self.assertEqual(support.differences(here, there), "")
        return here

    def test_life(self):
        far, near = self.dovecot.connect(), self.near.connect()
        for side, first in ((far, 0), (near, 100)):
            for name in ("INBOX", "both", f"of{first}/under"):
                if name != "INBOX":
                    side.create(name)
                self.fill(side, name, range(first, first + 30), flags=r"(\Seen kw)")
        self.sync()
        self.assertEqual(sum(1 for m in self.assert_same() if m[3]), 180)
        self.assertTrue((self.store.directory / "state.db.postern").exists())
        self.assertFalse(self.store.path.exists(), "no store of ours is made")
        self.assert_nothing_to_do()
        for side, which in ((far, "1:5"), (near, "20:24")):
            side.select("both")
            side.store(which, "+FLAGS", r"(\Deleted)")
            side.expunge()
            side.store("30:35", "+FLAGS" if side is far else "-FLAGS", r"(\Flagged)" if side is far else "(kw)")
            self.fill(side, "INBOX", [500 if side is far else 600])
        self.sync()
        self.assertEqual(sum(1 for m in self.assert_same() if m[3]), 172)
        self.assert_nothing_to_do()
        far.logout()
        near.logout()

    def test_a_lost_journal_doubles_nothing(self):
        far, near = self.dovecot.connect(), self.near.connect()
        self.fill(far, "INBOX", range(30))
        self.fill(near, "INBOX", range(100, 130), flags=r"(\Seen)")
        self.sync()
        (self.store.directory / "state.db.postern").unlink()
        done = self.sync()
        self.assertEqual(done.count("found on both sides"), 60, done)
        self.assertEqual(sum(1 for m in self.assert_same() if m[3]), 60)
        self.assert_nothing_to_do()
        far.logout()
        near.logout()

    def test_two_at_once(self):
        far = self.dovecot.connect()
        self.fill(far, "INBOX", range(200), size=5000)
        far.logout()
        runs = [self.start("sync") for _ in range(3)]
        for run in runs:
            out, err = run.communicate(timeout=60)
            if run.returncode != 0:
                self.assertEqual(run.returncode, sync_case.EX_TEMPFAIL, (out, err))
                self.assertIn("state.db", err)
        self.sync()
        self.assertEqual(sum(1 for m in self.assert_same() if m[3]), 200)


if __name__ == "__main__":
    unittest.main()
