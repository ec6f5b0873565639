# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""A client that shows answers as they are: values as lists, bytes and None, so that two servers' answers can be compared."""

import os
import re
import socket
import subprocess

LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")
TOKEN = re.compile(rb'[^\s()"{\[]+')


class Client:
    """One session. command() returns (tagged line without tag, untagged responses with their literals in place)."""

    def __init__(self, reader, writer, end):
        self.reader, self.writer, self.end = reader, writer, end
        self.number = 0
        self.greeting = self.response()

    @classmethod
    def dial(cls, port, user, password):
        connection = socket.create_connection(("127.0.0.1", port))
        client = cls(connection.makefile("rb"), connection.makefile("wb"), connection.close)
        client.run(f"LOGIN {user} {password}")
        return client

    @classmethod
    def tunnel(cls, command):
        process = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

        def end():
            process.stdout.close()
            process.wait()

        return cls(os.fdopen(os.dup(process.stdout.fileno()), "rb", 1 << 16), process.stdin, end)

    def close(self):
        self.reader.close()
        self.writer.close()
        self.end()

    def response(self):
        parts = []
        while True:
            line = self.reader.readline()
            if not line.endswith(b"\n"):
                raise ConnectionError(f"the server hung up after {parts!r}{line!r}")
            parts.append(line)
            literal = LITERAL.search(line)
            if not literal:
                return b"".join(parts)
            parts.append(self.reader.read(int(literal[1])))

    def send(self, command):
        self.number += 1
        self.writer.write(b"%d " % self.number + (command if isinstance(command, bytes) else command.encode()) + b"\r\n")
        return b"%d " % self.number

    def answer(self, tag):
        self.writer.flush()
        untagged = []
        while True:
            response = self.response()
            if response.startswith(tag):
                return response[len(tag):], untagged
            untagged.append(response)

    def command(self, command):
        return self.answer(self.send(command))

    def run(self, command):
        status, untagged = self.command(command)
        if not status.startswith(b"OK"):
            raise AssertionError(f"{command!r}: {status!r}")
        return untagged


def string(octets):
    """A command's argument: a non-synchronising literal says everything."""
    return b"{%d+}\r\n%s" % (len(octets), octets)


class Values:
    """Reads values: lists as lists, NIL as None, strings as bytes, other atoms as str."""

    def __init__(self, octets, at=0):
        self.octets, self.at = octets, at

    def skip(self):
        while self.octets[self.at:self.at + 1] == b" ":
            self.at += 1

    def key(self):
        """A FETCH item's name, with its section."""
        self.skip()
        name = re.compile(rb"[A-Za-z0-9.]+(\[[^\]]*\])?(<\d+>)?").match(self.octets, self.at)
        self.at = name.end()
        return name[0].decode().upper().replace('"', "")

    def value(self):
        self.skip()
        first = self.octets[self.at:self.at + 1]
        if first == b"(":
            self.at += 1
            found = []
            while True:
                self.skip()
                if self.octets[self.at:self.at + 1] == b")":
                    self.at += 1
                    return found
                found.append(self.value())
        if first == b'"':
            return self.quoted()
        if first == b"{":
            end = self.octets.index(b"\r\n", self.at)
            size = int(self.octets[self.at + 1:end - 1])
            self.at = end + 2 + size
            return self.octets[end + 2:self.at]
        token = TOKEN.match(self.octets, self.at)
        if not token:
            raise AssertionError(f"no value at {self.octets[self.at:self.at + 60]!r} in {self.octets[:200]!r}")
        self.at = token.end()
        return None if token[0].upper() == b"NIL" else token[0].decode()

    def quoted(self):
        text = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL).match(self.octets, self.at)
        self.at = text.end()
        return re.sub(rb"\\(.)", rb"\1", text[1], flags=re.DOTALL)


def fetched(responses):
    """FETCH responses as {number: {item: value}}."""
    found = {}
    for response in responses:
        head = re.match(rb"\* (\d+) FETCH \(", response)
        if not head:
            continue
        values, items = Values(response, head.end()), found.setdefault(int(head[1]), {})
        while True:
            values.skip()
            if response[values.at:values.at + 1] == b")":
                break
            name = values.key()
            items[name] = values.value()
    return found


def searched(responses):
    """A SEARCH answer's numbers."""
    return {int(n) for response in responses if response.startswith(b"* SEARCH") for n in response[8:].split()}
