# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""How soon a change is on the other side, with one account and with ten; and how soon changes flow again after a break. A minute in all."""

import concurrent.futures
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

if __name__ == "__main__":
    sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "e2e")]

import support
import sync_case
from table import Row

PATIENCE = 90
ADDRESS = "10.9.9.1"  # of the network that is this measurement's own


class Mirrored:
    """A store with so many accounts, each with a Dovecot of its own; between passes are ten minutes. `proxy`: the first one is behind it."""

    def __init__(self, root, accounts=1, proxy=False, address="127.0.0.1"):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="push-", dir=root))
        self.root.chmod(0o755)
        self.remotes = [support.Dovecot(fsync=False) for _ in range(accounts)]
        self.proxy = sync_case.Proxy(self.remotes[0].port, address) if proxy else None
        self.store = support.Store(self.root)
        directory = self.root / "config" / "postern"
        (directory / "accounts").mkdir(parents=True)
        for number, remote in enumerate(self.remotes):
            port, host = (self.proxy.port, address) if number == 0 and proxy else (remote.port, "127.0.0.1")
            file = directory / ("accounts/" + self.name(number) + ".conf" if number else "config")
            prefix = f"list-reference = {self.name(number)}/" if number else f"path = {self.store.path}"
            file.write_text(f"database = {self.name(number)}\ninterval = 600\n[local]\n{prefix}\n[remote]\ntype = imap\nSTARTTLS = NO\nhost = {host}\nport = {port}\n"
                            "username = user\npassword = pass\n")
            file.chmod(0o600)
        self.far = [remote.connect() for remote in self.remotes]  # the oldest sessions
        environment = " ".join(f"{name}={self.store.environment[name]}" for name in ("HOME", "XDG_CONFIG_HOME"))
        self.near = support.Tunnel(f"env {environment} {support.IMAPD} --stdio")
        self.last = 0
        for number in range(accounts):
            self.there_to_here(number)
            self.here_to_there(number)
        time.sleep(1)  # until all are listened to

    @staticmethod
    def name(number):
        return f"account{number}"

    def here(self, number):
        return f"{self.name(number)}/INBOX" if number else "INBOX"

    def count_here(self, number):
        ok, count = self.near.select(self.here(number), readonly=True)
        return int(count[0]) if ok == "OK" else 0

    def until(self, is_so):
        start = time.monotonic()
        while not is_so():
            if time.monotonic() - start > PATIENCE:
                raise RuntimeError(f"not within {PATIENCE} s")
            time.sleep(0.002)
        return time.monotonic() - start

    def there_to_here(self, number):
        before = self.count_here(number)
        self.last += 1
        self.far[number].append("INBOX", None, None, support.message(self.last))
        return self.until(lambda: self.count_here(number) > before)

    def here_to_there(self, number):
        self.until(lambda: self.count_here(number) > 0)  # its mailbox is there
        before = int(self.far[number].select("INBOX")[1][0])
        self.last += 1
        self.near.append(self.here(number), None, None, support.message(self.last))
        return self.until(lambda: int(self.far[number].select("INBOX")[1][0]) > before)

    def servers_of_this(self):
        """Dovecot's processes that serve the mirror's connections: all but our own session's, which is the oldest."""
        out = []
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and (entry / "comm").read_text() == "imap\n" and support.parent_of(entry) == self.remotes[0].process.pid:
                    out.append(int(entry.name))
        return sorted(out)[1:]

    def close(self):
        for connection in self.far:
            with contextlib.suppress(Exception):
                connection.logout()
        with contextlib.suppress(Exception):
            self.near.kill()
        self.store.close()
        if self.proxy:
            self.proxy.close()
        for remote in self.remotes:
            remote.close()


def latencies(root, accounts, times=12):
    mirrored = Mirrored(root, accounts)
    many = f"{accounts} account" + ("s" if accounts > 1 else "")
    there, here = Row(f"a message that is made here is there, {many}", None), Row(f"a message that comes there is here, {many}", None)
    try:
        for turn in range(times):
            there.add("postern", mirrored.here_to_there(turn % accounts))
            here.add("postern", mirrored.there_to_here(turn % accounts))
    finally:
        mirrored.close()
    return [there, here]


def server_killed(root):
    mirrored = Mirrored(root)
    try:
        mirrored.remotes[0].disconnect()
        mirrored.near.append("INBOX", None, None, support.message(1000))
        time.sleep(2)  # it is missed
        mirrored.remotes[0].start()
        return mirrored.until(lambda: len(sync_case.ids(mirrored.remotes[0])) == 3)
    finally:
        mirrored.close()


def server_stopped(root):
    """Its processes that we talk to answer nothing more; the listening one is well."""
    mirrored = Mirrored(root)
    stopped = mirrored.servers_of_this()
    try:
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        return mirrored.there_to_here(0)
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
        mirrored.close()


def path_swallows(root):
    mirrored = Mirrored(root, proxy=True)
    try:
        mirrored.proxy.swallow()
        return mirrored.there_to_here(0)
    finally:
        mirrored.close()


def address_gone(root):
    done = subprocess.run(["unshare", "-n", sys.executable, __file__, str(root)], capture_output=True, text=True)
    return float(done.stdout) if done.returncode == 0 else None


def in_own_network(root):
    for words in (("link", "set", "lo", "up"), ("address", "add", ADDRESS + "/32", "dev", "lo")):
        subprocess.run(["ip", *words], check=True)
    mirrored = Mirrored(root, proxy=True, address=ADDRESS)
    try:
        subprocess.run(["ip", "address", "del", ADDRESS + "/32", "dev", "lo"], check=True)
        mirrored.near.append("INBOX", None, None, support.message(1000))
        time.sleep(12)
        subprocess.run(["ip", "address", "add", ADDRESS + "/32", "dev", "lo"], check=True)
        return mirrored.until(lambda: len(sync_case.ids(mirrored.remotes[0])) == 3)
    finally:
        mirrored.close()


def rows(root):
    directory = root / "push"
    directory.mkdir()
    directory.chmod(0o755)
    for accounts in (1, 10):
        yield from latencies(directory, accounts)
    breaks = (("the server was killed, and is back: what waited here is there", server_killed), ("the server's process hangs (SIGSTOP): what comes there is here", server_stopped),
              ("the path swallows all: what comes there is here", path_swallows), ("the address was gone, and is back: what waited here is there", address_gone))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        found = [(name, pool.submit(measure, directory)) for name, measure in breaks]
        for name, seconds in found:
            row = Row(name, None)
            if seconds.result() is None:
                row.remark = "wants root and iproute2"
            else:
                row.add("postern", seconds.result())
            yield row


if __name__ == "__main__":
    print(in_own_network(pathlib.Path(sys.argv[1])))
