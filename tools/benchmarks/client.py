# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""A client that only waits for tags: what it measures is the server."""

import os
import subprocess
import time


class Client:
    """A pre-authenticated session on the standard input and output of a command. Attribute `greeting`: seconds from spawn to the greeting."""

    def __init__(self, command, environment=None):
        start = time.perf_counter()
        self.process = subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, env=environment)
        self.source, self.sink = self.process.stdout.fileno(), self.process.stdin.fileno()
        self.tag = 0
        text = b""
        while not text.endswith(b"\r\n"):
            text += self.read()
        self.greeting = time.perf_counter() - start
        if b"PREAUTH" not in text:
            raise RuntimeError(f"no greeting: {text!r}")

    def read(self):
        chunk = os.read(self.source, 1 << 20)
        if not chunk:
            raise RuntimeError("the server closed the connection")
        return chunk

    def write(self, octets):
        view = memoryview(octets)
        while view:
            view = view[os.write(self.sink, view[: 1 << 16]):]

    def run(self, command, want=b"OK", keep=False):
        """Seconds from the command to its tagged answer; with keep, (seconds, answer). A large command is given in pieces: joining them holds up other threads."""
        self.tag += 1
        tag = b"Zq%d" % self.tag
        start = time.perf_counter()
        if isinstance(command, bytes):
            self.write(tag + b" " + command + b"\r\n")
        else:
            for piece in [tag + b" ", *command, b"\r\n"]:
                self.write(piece)
        answer = self.wait(tag, want, keep)
        seconds = time.perf_counter() - start
        return (seconds, answer) if keep else seconds

    def wait(self, tag, want=b"OK", keep=False):
        mark, kept, tail = b"\r\n" + tag + b" ", [], b"\r\n"
        while True:
            chunk = self.read()
            if keep:
                kept.append(chunk)
            tail = tail[-1000:] + chunk
            at = tail.rfind(mark, max(0, len(tail) - 2000))
            if at >= 0 and tail.endswith(b"\r\n"):
                if not tail[at + len(mark):].startswith(want):
                    raise RuntimeError(tail[at:].decode(errors="replace"))
                return b"".join(kept)

    def close(self):
        for f in (self.process.stdin, self.process.stdout):
            f.close()
        self.process.wait()
