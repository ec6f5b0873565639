# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Options of InterIMAP's configuration: proxies, also lying ones; TLS; a log in a directory that is missing; parents of subscribed mailboxes."""

import hashlib
import socket
import subprocess
import threading
import time
import unittest

import support
import sync_case


class Socks:
    """A SOCKS5 proxy of one user. `answers`: octets said instead of the n-th answer; b"" ends the connection, None says nothing."""

    def __init__(self, answers=(None, None, None), login=None, lies=False):
        self.answers, self.login, self.lies = answers, login, lies
        self.asked = []
        self.open = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.open.append(client)
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def answer(self, client, number, octets):
        lie = self.answers[number] if self.lies else octets
        if lie == b"":
            client.close()
            return False
        if lie is None:
            return False  # silence
        client.sendall(lie)
        return lie == octets

    def read(self, client, count):
        octets = client.recv(count, socket.MSG_WAITALL)
        if len(octets) < count:
            raise OSError("ended")
        return octets

    def serve(self, client):
        try:
            methods = self.read(client, self.read(client, 2)[1])
            wanted = 2 if self.login else 0
            if not self.answer(client, 0, bytes([5, wanted if wanted in methods else 255])):
                return
            if self.login:
                user = self.read(client, self.read(client, 2)[1])
                password = self.read(client, self.read(client, 1)[0])
                if not self.answer(client, 1, bytes([1, 0 if (user, password) == self.login else 1])):
                    return
            kind = self.read(client, 4)[3]
            host = self.read(client, self.read(client, 1)[0]).decode() if kind == 3 else socket.inet_ntoa(self.read(client, 4))
            port = int.from_bytes(self.read(client, 2))
            self.asked.append((kind, host, port))
            server = socket.create_connection(("127.0.0.1", port))
            self.open.append(server)
            if not self.answer(client, 2, bytes([5, 0, 0, 1, 127, 0, 0, 1, 0, 0])):
                return
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self.relay, args=(one, other), daemon=True).start()
        except OSError:
            client.close()

    def relay(self, one, other):
        try:
            while octets := one.recv(65536):
                other.sendall(octets)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        for one in (self.listener, *self.open):
            one.close()


class Proxies(sync_case.SyncCase):
    def proxy(self, **options):
        out = Socks(**options)
        self.addCleanup(out.close)
        return out

    def with_proxy(self, url, **more):
        self.configure(top="database = one", proxy=url, **more)

    def test_a_proxy_with_and_without_a_login(self):
        self.start_dovecot()
        there = self.dovecot.connect()
        self.fill(there, "INBOX", range(3))
        there.logout()
        plain = self.proxy()
        self.with_proxy(f"socks5://127.0.0.1:{plain.port}", host="localhost")
        self.assertEqual(self.sync().count("fetched"), 3)
        self.assertEqual(plain.asked[0], (1, "127.0.0.1", self.dovecot.port))
        # The proxy looks the name up: nobody here knows it.
        self.with_proxy(f"socks5h://127.0.0.1:{plain.port}", host="mail.nowhere.invalid")
        self.assert_nothing_to_do()
        self.assertEqual(plain.asked[-1], (3, "mail.nowhere.invalid", self.dovecot.port))
        closed = self.proxy(login=(b"me", b"p@ss:word"))
        self.with_proxy(f"socks5://me:p%40ss:word@127.0.0.1:{closed.port}")
        self.assert_nothing_to_do()
        self.assert_same()
        for url, said in ((f"socks5://127.0.0.1:{closed.port}", "closed the connection"), (f"socks5://me:wrong@127.0.0.1:{closed.port}", "refuses the user")):
            self.with_proxy(url)
            done = self.postern("sync")
            self.assertEqual(done.code, sync_case.EX_TEMPFAIL, done)
            self.assertIn(f"through the proxy 127.0.0.1 port {closed.port}: it ", done.err)
            self.assertNotIn("wrong", done.err)

    def test_tls_through_a_proxy(self):
        self.start_dovecot()
        plain = self.proxy()
        self.with_proxy(f"socks5h://127.0.0.1:{plain.port}", type="imaps", host="localhost", port=self.dovecot.tls_port, SSL_CAfile=self.dovecot.certificate)
        self.sync()
        self.assertEqual(plain.asked[-1], (3, "localhost", self.dovecot.tls_port))

    def test_a_proxy_that_lies(self):
        self.start_dovecot()
        good = (b"\5\0", None, None)
        for answers, said in (
            ((b"", None, None), "closed the connection"),
            ((b"* OK hello\r\n", None, None), "does not speak SOCKS5"),
            ((b"\5\xff", None, None), "it wants a login"),
            ((b"\5\2", None, None), "it wants a login"),
            ((b"\5", None, None), None),
            ((good[0], None, b"\5\5\0\1\0\0\0\0\0\0"), "the server refuses the connection"),
            ((good[0], None, b"\5\2\0\1\0\0\0\0\0\0"), "its rules forbid"),
            ((good[0], None, b"\5\xee\0\1\0\0\0\0\0\0"), "it refuses (238)"),
            ((good[0], None, b"\5\0\0\x09\0\0\0\0\0\0"), "does not speak SOCKS5"),
            ((good[0], None, b""), "closed the connection"),
        ):
            if said is None:
                continue
            with self.subTest(answers=answers):
                liar = self.proxy(answers=answers, lies=True)
                self.with_proxy(f"socks5://127.0.0.1:{liar.port}")
                done = self.postern("sync")
                self.assertEqual(done.code, sync_case.EX_TEMPFAIL, done)
                self.assertIn(said, done.err)
        self.with_proxy(f"socks5://127.0.0.1:{support.free_port()}")
        self.assertIn("Connection refused", self.postern("sync").err)

    def test_a_proxy_that_hangs_is_given_up(self):
        self.start_dovecot()
        silent = self.proxy(lies=True)
        self.with_proxy(f"socks5://127.0.0.1:{silent.port}")
        start = time.monotonic()
        done = self.postern("sync")
        self.assertEqual(done.code, sync_case.EX_TEMPFAIL, done)
        self.assertIn("it does not answer", done.err)
        self.assertLess(time.monotonic() - start, 45)


class Tls(sync_case.SyncCase):
    def key_digest(self, digest):
        der = subprocess.run(["openssl", "x509", "-in", self.dovecot.certificate, "-pubkey", "-noout"], check=True, capture_output=True).stdout
        der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=der, check=True, capture_output=True).stdout
        return f"{digest}${hashlib.new(digest, der).hexdigest()}"

    def test_fingerprints_of_any_digest_and_several(self):
        self.start_dovecot()
        tls = {"type": "imaps", "host": "127.0.0.1", "port": self.dovecot.tls_port, "username": "user", "password": "pass", "SSL_verify": "NO"}
        for digest in ("sha1", "sha256", "sha384", "sha512"):
            right = self.key_digest(digest)
            wrong = right[:-4] + ("0000" if not right.endswith("0000") else "1111")
            self.configure(tls, SSL_fingerprint=right)
            self.sync()
            self.configure(tls, SSL_fingerprint=f"{wrong} {right}")
            self.sync()
            self.configure(tls, SSL_fingerprint=wrong)
            done = self.postern("sync")
            self.assertEqual(done.code, sync_case.EX_PROTOCOL, done)
            self.assertIn("not the pinned one", done.err)
        for text, said in ((f"nothing${'0' * 40}", "there is no digest nothing"), (f"sha1${'0' * 42}", "sha1 has 40 hexadecimal digits")):
            self.configure(tls, SSL_fingerprint=text)
            done = self.postern("sync")
            self.assertEqual(done.code, sync_case.EX_CONFIG, done)
            self.assertIn(said, done.err)

    def test_protocols_and_ciphers(self):
        self.start_dovecot(extra="ssl_min_protocol = TLSv1.3\n")
        tls = {"type": "imaps", "host": "localhost", "port": self.dovecot.tls_port, "username": "user", "password": "pass", "SSL_CAfile": self.dovecot.certificate}
        for options, code in (
            ({"SSL_protocols": "TLSv1.3"}, 0),
            ({"SSL_protocols": "!SSLv3 !TLSv1 !TLSv1.1"}, 0),
            ({"SSL_protocols": "TLSv1.2"}, sync_case.EX_PROTOCOL),
            ({"SSL_protocol_max": "TLSv1.2"}, sync_case.EX_PROTOCOL),
            ({"SSL_protocol_max": "TLSv1.3", "SSL_ciphersuites": "TLS_AES_128_GCM_SHA256"}, 0),
            ({"SSL_ciphersuites": "TLS_NONSENSE"}, sync_case.EX_CONFIG),
        ):
            self.configure(tls, **options)
            done = self.postern("sync")
            self.assertEqual(done.code, code, f"{options} {done}")


class Others(sync_case.SyncCase):
    def test_a_logfile_in_a_directory_that_is_missing(self):
        self.start_dovecot()
        log = self.store.directory / "not" / "there" / "log"
        self.configure(top=f"logfile = {log}")
        self.assertEqual(self.postern("sync").code, 0)
        self.assertTrue(log.exists())
        self.configure(top=f"logfile = {self.config}/log")
        done = self.postern("sync")
        self.assertEqual(done.code, sync_case.EX_CONFIG, done)
        self.assertIn("cannot be written", done.err)

    def test_parents_of_subscribed_mailboxes(self):
        self.start_dovecot()
        there = self.dovecot.connect()
        for name in ("a", "a/b", "c", "c/d"):
            there.create(name)
        self.fill(there, "a", [1])
        there.subscribe("a/b")
        there.logout()
        self.configure(top="list-select-opts = SUBSCRIBED REMOTE")
        self.sync()
        self.assertNotIn(("a", "", "", b""), self.contents_of(self.store))
        self.configure(top="list-select-opts = SUBSCRIBED REMOTE RECURSIVEMATCH")
        self.sync()
        names = {one[0] for one in self.contents_of(self.store)}
        self.assertEqual(names - {"INBOX"}, {"a", "a/b"})
        self.assertEqual(self.messages(self.store, "a"), [support.message(1)])


if __name__ == "__main__":
    unittest.main()
