# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""What others wait for while one session does something large: NOOP and FETCH 1:100 (FLAGS), in the same mailbox and in another.

Of each piece of work two rows: the longest wait of all four questions, and what 99 of 100 waited at most. Questions come every few milliseconds, from
before the work until after it."""

import os
import threading
import time

import support
from server_rows import SELECT
from table import Row

QUESTIONS = (b"NOOP", b"FETCH 1:100 (FLAGS)")
PAUSE = 0.003


class Watch:
    """Sessions that ask while the work is done."""

    def __init__(self, server, mailboxes):
        self.clients = []
        for mailbox in mailboxes:
            client = server.connect()
            client.run(b"SELECT " + mailbox)
            self.clients.append(client)

    def during(self, work):
        """The waits, in seconds, while work() runs in another thread; which ends before a last round."""
        failures, waits = [], []

        def run():
            try:
                work()
            except BaseException as error:
                failures.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        while True:
            last = not thread.is_alive()
            for client in self.clients:
                for question in QUESTIONS:
                    waits.append(client.run(question))
            if last:
                break
            time.sleep(PAUSE)
        thread.join()
        if failures:
            raise failures[0]
        return waits

    def close(self):
        for client in self.clients:
            client.close()


class Stalls:
    def __init__(self, servers, messages, runs):
        self.servers, self.messages, self.runs = servers, messages, runs
        self.share = max(1, 100_000 // messages)

    def rows(self):
        for server in self.servers:
            self.make_other(server)
        for name, work in (
            (f"COPY of {self.count(20_000):,}", self.copy),
            ("APPEND of 1 GB" if self.share == 1 else "APPEND of 100 MB", self.append),
            ("MULTIAPPEND of 1,000", self.multiappend),
            (f"SELECT of {self.messages:,}, no index", self.select),
            (f"SEARCH TEXT over {self.messages:,}", self.search),
            (f"SORT and THREAD of {self.messages:,}", self.sort),
            (f"STORE on {self.messages:,}", self.store),
            (f"EXPUNGE of {self.count(50_000):,}", self.expunge),
            (f"another program renames {self.count(10_000):,} files", self.rename_files),
            (f"RENAME of a mailbox with {self.count(50_000):,}", self.rename),
        ):
            longest, usual = Row("longest wait: " + name), Row("99 of 100 waits: " + name)
            for _ in range(self.runs):
                for server in self.servers:
                    waits = sorted(work(server))
                    longest.add(server.name, waits[-1])
                    usual.add(server.name, waits[int(len(waits) * 0.99) - (len(waits) >= 100)])
            yield longest
            yield usual

    def count(self, number):
        return number // self.share

    def make_other(self, server):
        client = server.connect()
        client.run(b"CREATE other")
        client.run(SELECT)
        client.run(b"COPY 1:200 other")
        client.close()

    def watched(self, server, mailboxes, work):
        """work(client) in a session of its own."""
        watch, client = Watch(server, mailboxes), server.connect()
        try:
            return watch.during(lambda: work(client))
        finally:
            client.close()
            watch.close()

    def on_a_copy(self, server, count, prepare, work):
        """With a mailbox `target` of so many messages, which is deleted afterwards."""
        client = server.connect()
        client.run(b"CREATE target")
        client.run(SELECT)
        client.run(b"COPY 1:%d target" % count)
        client.run(b"SELECT target")
        prepare(client)
        try:
            return work(client)
        finally:
            client.run(SELECT)
            for name in (b"target", b"renamed"):
                client.run(b"DELETE " + name, want=b"")
            client.close()

    def copy(self, server):
        def work(client):
            client.run(SELECT)
            client.run(b"COPY 1:%d target" % self.count(20_000))
        return self.on_a_copy(server, 100, lambda _: None, lambda _: self.watched(server, [b"target", b"other"], work))

    def append(self, server):
        size = 1_000_000_000 // self.share
        line = b"A line of a large message, as an encoder would write it, 78 octets of it.....\r\n"
        head, lines = b"Subject: large\r\n\r\n", line * 1000
        count = size // len(lines)

        def work(client):
            client.run([b"APPEND target {%d+}\r\n" % (len(head) + count * len(lines)) + head] + [lines] * count)
        return self.on_a_copy(server, 100, lambda _: None, lambda _: self.watched(server, [b"target", b"other"], work))

    def multiappend(self, server):
        text = support.message(1, 4000)

        def work(client):
            client.run(b"APPEND target" + (b" (\\Seen) {%d+}\r\n" % len(text) + text) * 1000)
        return self.on_a_copy(server, 100, lambda _: None, lambda _: self.watched(server, [b"target", b"other"], work))

    def select(self, server):
        server.forget()
        return self.watched(server, [b"other"], lambda client: client.run(SELECT))

    def search(self, server):
        def work(client):
            client.run(SELECT)
            client.run(b'SEARCH TEXT "not in any of these"')
        return self.watched(server, [b"big", b"other"], work)

    def sort(self, server):
        def work(client):
            client.run(SELECT)
            client.run(b"SORT (SUBJECT REVERSE DATE) UTF-8 ALL")
            client.run(b"THREAD REFERENCES UTF-8 ALL")
        return self.watched(server, [b"big", b"other"], work)

    def store(self, server):
        def work(client):
            client.run(SELECT)
            client.run(rb"STORE 1:* +FLAGS.SILENT (\Answered)")
            client.run(rb"STORE 1:* -FLAGS.SILENT (\Answered)")
        return self.watched(server, [b"big", b"other"], work)

    def expunge(self, server):
        # The watchers keep their first hundred.
        def prepare(client):
            client.run(rb"STORE 101:* +FLAGS.SILENT (\Deleted)")

        def work(client):
            client.run(b"SELECT target")
            client.run(b"EXPUNGE")
        return self.on_a_copy(server, self.count(50_000), prepare, lambda _: self.watched(server, [b"target", b"other"], work))

    def rename_files(self, server):
        directory = server.mail_directory() / "target" / "cur"

        def work(_):
            for name in sorted(os.listdir(directory)):
                base, _, letters = name.partition(":2,")
                os.rename(directory / name, directory / f"{base}:2,{'' if 'F' in letters else 'F'}{letters.replace('F', '')}")
        return self.on_a_copy(server, self.count(10_000), lambda _: None, lambda _: self.watched(server, [b"target", b"other"], work))

    def rename(self, server):
        return self.on_a_copy(server, self.count(50_000), lambda _: None,
                              lambda _: self.watched(server, [b"other"], lambda client: client.run(b"RENAME target renamed")))
