# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""A TCP relay with a delay each way that counts octets and turns (the client speaks after the server has spoken)."""

import socket
import threading
import time


class Wire:
    def __init__(self, port, delay=0.0):
        self.target, self.delay = port, delay
        self.lock = threading.Lock()
        self.reset()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def reset(self):
        self.octets = self.turns = 0
        self.speaker = None

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.target))
            for s in (near, far):
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for source, sink, who in ((near, far, "client"), (far, near, "server")):
                threading.Thread(target=self.carry, args=(source, sink, who), daemon=True).start()

    def carry(self, source, sink, who):
        """Each chunk leaves `delay` after it came, without holding up the next."""
        waiting, more = [], threading.Condition()

        def send():
            while True:
                with more:
                    while not waiting:
                        more.wait()
                    due, chunk = waiting.pop(0)
                time.sleep(max(0.0, due - time.monotonic()))
                try:
                    if not chunk:
                        sink.shutdown(socket.SHUT_WR)
                        return
                    sink.sendall(chunk)
                except OSError:
                    return

        threading.Thread(target=send, daemon=True).start()
        while True:
            try:
                chunk = source.recv(1 << 16)
            except OSError:
                chunk = b""
            with self.lock:
                self.octets += len(chunk)
                if chunk and who == "client" and self.speaker != "client":
                    self.turns += 1
                if chunk:
                    self.speaker = who
            with more:
                waiting.append((time.monotonic() + self.delay, chunk))
                more.notify()
            if not chunk:
                return

    def close(self):
        self.listener.close()
