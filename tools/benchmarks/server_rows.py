# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""One mailbox of many small messages, over standard input and output: each row on both servers in turn, so that whatever else the machine does meets both."""

import threading
import time

import support
from servers import peak_memory, warm
from table import Row

MUTT = (b"UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (DATE FROM SENDER SUBJECT TO CC MESSAGE-ID REFERENCES CONTENT-TYPE "
        b"CONTENT-DESCRIPTION IN-REPLY-TO REPLY-TO LINES LIST-POST LIST-SUBSCRIBE LIST-UNSUBSCRIBE X-LABEL X-ORIGINAL-TO)])")
ENVELOPE, STRUCTURE, BODIES = b"FETCH 1:* (ENVELOPE)", b"FETCH 1:* (BODYSTRUCTURE)", b"UID FETCH 1:* (BODY.PEEK[])"
SELECT = b"SELECT big"


def session(server, *commands):
    """Runs commands in a new session; the last one's seconds."""
    client = server.connect()
    try:
        for command in commands[:-1]:
            client.run(command)
        return client.run(commands[-1])
    finally:
        client.close()


def cold(server, command):
    server.forget()
    session(server, SELECT, b"NOOP")  # the names are known, the contents are not
    warm(server.mail_directory())
    return session(server, SELECT, command)


class Bench:
    def __init__(self, servers, messages, runs):
        self.servers, self.messages, self.runs = servers, messages, runs
        self.peaks = {}

    def row(self, name, aim, measure, unit="s", remark="", runs=None):
        row = Row(name, aim, unit, remark=remark)
        for _ in range(runs or self.runs):
            for server in self.servers:
                row.add(server.name, measure(server))
        return row

    def rows(self):
        yield self.row("spawn to greeting, a server runs", 0.2, self.greeting, runs=5 * self.runs)
        yield self.row("spawn to greeting, none runs", None, self.cold_greeting, runs=5 * self.runs)
        yield self.row("SELECT, no index", 0.75, lambda s: s.forget() or session(s, SELECT))
        yield self.row("SELECT, index warm", 0.25, lambda s: session(s, SELECT))
        yield self.row("FETCH 1:* (UID FLAGS)", 0.7, lambda s: session(s, SELECT, b"FETCH 1:* (UID FLAGS)"))
        for name, command, aims in (("mutt's header fetch", MUTT, (0.5, 0.3)), ("ENVELOPE", ENVELOPE, (0.5, 0.3)), ("BODYSTRUCTURE", STRUCTURE, (0.5, 0.5))):
            yield self.row(name + ", cold", aims[0], lambda s, c=command: cold(s, c))
            yield self.row(name + ", warm", aims[1], lambda s, c=command: session(s, SELECT, c))
        yield self.row("all bodies", 0.5, self.bodies)
        yield self.row("SEARCH TEXT", 0.5, lambda s: session(s, SELECT, b'SEARCH TEXT "not in any of these"'))
        yield self.row("SEARCH SUBJECT", 0.2, lambda s: session(s, SELECT, b"SEARCH SUBJECT kaban", b"SEARCH SUBJECT kaban"))
        yield self.row("SEARCH FROM", 0.2, lambda s: session(s, SELECT, b"SEARCH FROM kaban", b"SEARCH FROM kaban"))
        yield self.row("SEARCH SENTSINCE", 0.2, lambda s: session(s, SELECT, b"SEARCH SENTSINCE 1-Mar-2020"))
        yield from self.sort_rows()
        yield self.row("STORE 1:*", 0.25, self.store)
        yield self.row("1,000 APPENDs of 4 KB, pipelined", 0.25, self.appends)
        yield self.row("one MULTIAPPEND of 1,000", 0.25, self.multiappend)
        tenth = self.messages // 10
        copies, expunges = Row(f"COPY of {tenth:,}", 0.5), Row(f"EXPUNGE of {tenth:,}", 1)
        for _ in range(self.runs):
            for server in self.servers:
                copied, expunged = self.copy(server, tenth)
                copies.add(server.name, copied)
                expunges.add(server.name, expunged)
        yield copies
        yield expunges
        yield self.row("IDLE: append in one session to EXISTS in another", None, self.idle)
        peaks = Row("peak memory of the serving process", 0.6, "MiB")
        for name, peak in self.peaks.items():
            peaks.add(name, peak)
        yield peaks

    def sort_rows(self):
        """Warm: asked for the second time. After a restart: a new process, which has the index on disk."""
        commands = [(f"SORT {key}", b"SORT (%s) UTF-8 ALL" % key.encode()) for key in ("DATE", "ARRIVAL", "SUBJECT", "FROM", "SIZE")]
        commands.append(("THREAD REFERENCES", b"THREAD REFERENCES UTF-8 ALL"))
        for name, command in commands:
            yield self.row(name + ", warm", 0.4, lambda s, c=command: session(s, SELECT, c, c))
        for name, command in (commands[2], commands[-1]):
            yield self.row(name + ", after a restart", 0.3, lambda s, c=command: s.restart() or session(s, SELECT, c))
            yield self.row(name + ", cold", 0.3, lambda s, c=command: cold(s, c))

    def greeting(self, server):
        first = server.connect()
        second = server.connect()
        seconds = second.greeting
        second.close()
        first.close()
        return seconds

    def cold_greeting(self, server):
        server.restart()
        client = server.connect()
        client.close()
        return client.greeting

    def bodies(self, server):
        server.restart()
        warm(server.mail_directory())
        client = server.connect()
        client.run(SELECT)
        client.run(b"FETCH 1:* (UID FLAGS)")
        seconds = client.run(BODIES)
        self.peaks[server.name] = max(self.peaks.get(server.name, 0), peak_memory(server.pid(client)))
        client.close()
        return seconds

    def store(self, server):
        client = server.connect()
        client.run(SELECT)
        seconds = client.run(rb"STORE 1:* +FLAGS.SILENT (\Flagged)")
        client.run(rb"STORE 1:* -FLAGS.SILENT (\Flagged)")
        client.close()
        return seconds

    def append_box(self, server):
        client = server.connect()
        client.run(b"CREATE appended")
        return client

    def end_append(self, client):
        client.run(b"DELETE appended")
        client.close()

    def appends(self, server):
        text = support.message(1, 4000)
        client = self.append_box(server)
        one = b"appended (\\Seen) {%d+}\r\n" % len(text) + text + b"\r\n"
        start = time.perf_counter()
        writer = threading.Thread(target=lambda: client.write(b"".join(b"A%d APPEND " % i + one for i in range(1000))))
        writer.start()
        client.wait(b"A999")
        seconds = time.perf_counter() - start
        writer.join()
        self.end_append(client)
        return seconds

    def multiappend(self, server):
        text = support.message(1, 4000)
        client = self.append_box(server)
        one = b" (\\Seen) {%d+}\r\n" % len(text) + text
        seconds = client.run(b"APPEND appended" + one * 1000)
        self.end_append(client)
        return seconds

    def copy(self, server, count):
        client = server.connect()
        client.run(b"CREATE copied")
        client.run(SELECT)
        copied = client.run(b"COPY 1:%d copied" % count)
        client.run(b"SELECT copied")
        client.run(rb"STORE 1:* +FLAGS.SILENT (\Deleted)")
        expunged = client.run(b"EXPUNGE")
        client.run(SELECT)
        client.run(b"DELETE copied")
        client.close()
        return copied, expunged

    def idle(self, server):
        text = support.message(1)
        hears, speaks = server.connect(), server.connect()
        speaks.run(b"CREATE heard")
        hears.run(b"SELECT heard")
        hears.write(b"i IDLE\r\n")
        while b"+" not in hears.read():
            pass
        time.sleep(0.3)
        start = time.perf_counter()
        speaks.run(b"APPEND heard {%d+}\r\n" % len(text) + text)
        while b"EXISTS" not in hears.read():
            pass
        seconds = time.perf_counter() - start
        hears.write(b"DONE\r\n")
        hears.wait(b"i")
        hears.run(b"UNSELECT")
        speaks.run(b"DELETE heard")
        hears.close()
        speaks.close()
        return seconds
