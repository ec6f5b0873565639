# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of `postern sync` share: a Dovecot, a store of ours, a configuration, passes, and a TCP proxy that listens in or cuts."""

import re
import selectors
import socket
import struct
import subprocess
import threading
import unittest

import support

EX_UNAVAILABLE, EX_SOFTWARE, EX_CANTCREAT, EX_TEMPFAIL, EX_PROTOCOL, EX_NOPERM, EX_CONFIG = 69, 70, 73, 75, 76, 77, 78


class Pass:
    """What a run of postern said."""

    def __init__(self, run):
        self.code, self.out, self.err = run.returncode, run.stdout, run.stderr

    def count(self, what):
        """The number before a word of the summary: `fetched`, `sent`, `expunged here`, ..."""
        found = re.search(rf"(\d+) [a-z ]+ {what}\b", self.out + self.err)
        return int(found[1]) if found else 0

    def __str__(self):
        return f"exit {self.code}\n{self.out}{self.err}"


def ids(side, mailbox="INBOX"):
    """The UIDs in a mailbox, by a session of its own."""
    connection = side.connect()
    connection.select(mailbox, readonly=True)
    found = connection.uid("SEARCH", "ALL")[1][0].split()
    connection.logout()
    return found


def quota(messages):
    """Of a Dovecot (its option extra) that has room for so many messages."""
    return f"""
mail_plugins = quota
protocol imap {{
  mail_plugins = quota
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:messages={messages}
}}
"""


class SyncCase(unittest.TestCase):
    maxDiff = None
    same_mail = True

    def setUp(self):
        support.need("dovecot")
        self.store = support.Store()
        self.addCleanup(self.store.close)
        self.config = self.store.directory / "sync.conf"

    def start_dovecot(self, top="", **options):
        self.dovecot = support.Dovecot(fsync=False, **options)
        self.addCleanup(self.dovecot.close)
        self.configure(top=top)
        return self.dovecot

    def meet_dovecot(self, **options):
        """A Dovecot, and `far`, a session of the test's own with it."""
        self.start_dovecot(**options)
        self.far = self.dovecot.connect()
        self.addCleanup(self.far.logout)

    def configure(self, remote=None, top="", local=None, **more):
        """Values of [remote] are keyword arguments; without `remote`, the Dovecot's plain port and its user."""
        if remote is None:
            remote = {"type": "imap", "STARTTLS": "NO", "host": "127.0.0.1", "port": self.dovecot.port, "username": "user", "password": "pass"}
        # Proxies and servers of one test have ports of their own, and the same mail.
        # Most tests begin with mail on both sides.
        lines = ["identity = the same mail" if self.same_mail else "", "" if "first-sync" in top else "first-sync = both", top, "[local]", *(f"{k} = {v}" for k, v in (local or {"path": self.store.path}).items()), "[remote]",
                 *(f"{k.replace('__', '-')} = {v}" for k, v in {**remote, **more}.items()), ""]
        self.config.write_text("\n".join(lines))
        self.config.chmod(0o600)

    def start(self, *words):
        return subprocess.Popen([support.POSTERN, "--config", self.config, *words], env=self.store.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def postern(self, *words, timeout=120):
        return Pass(subprocess.run([support.POSTERN, "--config", self.config, *words], env=self.store.environment, stdin=subprocess.DEVNULL,
                                   capture_output=True, text=True, timeout=timeout))

    def sync(self, expected=0):
        done = self.postern("sync")
        self.assertEqual(done.code, expected, done)
        if expected == 0:
            self.assertEqual(done.err, "", done)
        return done

    def contents_of(self, side):
        connection = side.connect()
        try:
            return support.contents(connection)
        finally:
            connection.logout()

    def assert_same(self):
        """Both sides hold the same; returns it."""
        here, there = self.contents_of(self.store), self.contents_of(self.dovecot)
        self.assertEqual(support.differences(here, there), "")
        return here

    def assert_nothing_to_do(self):
        done = self.sync()
        self.assertIn("nothing to do", done.out)

    def messages(self, side, mailbox="INBOX"):
        return sorted(m[3] for m in self.contents_of(side) if m[0] == mailbox and m[3])

    def fill(self, connection, mailbox, numbers, size=0, flags=None):
        for n in numbers:
            answer = connection.append(mailbox, flags, support.imaplib.Time2Internaldate(1_500_000_000 + 777 * n), support.message(n, size))
            self.assertEqual(answer[0], "OK", answer)


class Proxy:
    """A TCP relay, at an address of this machine, to a port of 127.0.0.1. Keeps what it relays; cut_after() ends all connections after so many octets more in one direction."""

    UP, DOWN = 0, 1  # to the server, to the client

    def __init__(self, port, address="127.0.0.1"):
        self.target = port
        self.relayed = [bytearray(), bytearray()]
        self.lock = threading.Lock()
        self.limit = [None, None]
        self.cuts = 0
        self.swallowed = set()
        self.pairs = {}  # socket -> (peer, direction)
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server((address, 0))
        self.port = self.listener.getsockname()[1]
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.waker, self.wakes = socket.socketpair()
        self.selector.register(self.wakes, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def cut_after(self, direction, octets):
        with self.lock:
            self.limit[direction] = octets

    def swallow(self):
        """From now on nothing of the present connections goes through, and nobody is told. Later ones are relayed."""
        self.swallowed |= set(self.pairs)

    def forget(self):
        """No cut from now on, nothing relayed so far."""
        with self.lock:
            self.limit = [None, None]
            self.relayed = [bytearray(), bytearray()]

    def run(self):
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.wakes:
                    return
                if key.fileobj is self.listener:
                    self.accept()
                elif key.fileobj in self.pairs:
                    self.relay(key.fileobj)

    def accept(self):
        client, _ = self.listener.accept()
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        for source, sink, direction in ((client, server, self.UP), (server, client, self.DOWN)):
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.pairs[source] = (sink, direction)
            self.selector.register(source, selectors.EVENT_READ)

    def rewrite(self, direction, octets):
        """What goes on of what came; an OSError ends the connection."""
        return octets

    def relay(self, source):
        sink, direction = self.pairs[source]
        try:
            octets = source.recv(65536)
            if source in self.swallowed and octets:
                return
            octets = self.rewrite(direction, octets)
            with self.lock:
                limit = self.limit[direction]
                cut = limit is not None and len(octets) >= limit
                if cut:
                    octets = octets[:limit]
                    self.limit = [None, None]
                    self.cuts += 1
                elif limit is not None:
                    self.limit[direction] = limit - len(octets)
                self.relayed[direction] += octets
            sink.sendall(octets)
        except OSError:
            octets, cut = b"", False
        if cut:
            for one in list(self.pairs):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.end(one)
        elif not octets:
            self.end(source)
            self.end(sink)

    def end(self, one):
        if self.pairs.pop(one, None):
            self.selector.unregister(one)
            one.close()

    def close(self):
        self.waker.close()
        self.thread.join(10)
        for one in list(self.pairs):
            self.end(one)
        for one in (self.listener, self.wakes):
            one.close()
        self.selector.close()
