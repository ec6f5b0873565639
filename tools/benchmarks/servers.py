# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""The two servers on the same mail: imapd --stdio and Dovecot's imap, each with a store of its own."""

import os
import pathlib
import shutil
import signal

import mail
import support
from client import Client


def peak_memory(pid):
    """MiB."""
    return status_of(pid, "VmHWM")


def memory(pid):
    """MiB."""
    return status_of(pid, "VmRSS")


def status_of(pid, word):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(word):
            return int(line.split()[1]) / 1024
    return 0.0


class Postern:
    name = "postern"

    def __init__(self, directory, source):
        self.directory = directory / "postern"
        self.store = support.Store(self.make())
        mail.clone(source, self.store.path)

    def make(self):
        self.directory.mkdir()
        return self.directory

    def command(self):
        return "exec " + self.store.tunnel_command().replace("--stdio", "--stdio --no-sync")

    def connect(self):
        return Client(self.command())

    def pid(self, _client):
        return self.store.owner()

    def mail_directory(self):
        return self.store.path

    def restart(self):
        """The next client finds nothing running."""
        self.store.stop_owner()

    def forget(self):
        """No index, as after a first look or a loss."""
        self.store.stop_owner()
        shutil.rmtree(self.store.path / ".postern" / "index", ignore_errors=True)

    def close(self):
        self.store.stop_owner()


class Dovecot:
    name = "Dovecot"

    def __init__(self, directory, source):
        self.server = support.Dovecot(directory / "dovecot", compress=True)
        mail.clone(source, self.server.mail, support.unprivileged())
        if os.getuid() == 0:
            user = support.unprivileged()
            for path in [self.server.home, *self.server.home.rglob("*")]:
                os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)

    def command(self):
        return self.server.tunnel()

    def connect(self):
        return Client(self.command())

    def pid(self, client):
        return client.process.pid

    def mail_directory(self):
        return self.server.mail

    def restart(self):
        pass

    def forget(self):
        for path in self.server.mail.rglob("dovecot.index*"):
            path.unlink()
        for path in self.server.mail.rglob("dovecot.list.index*"):
            path.unlink()

    def close(self):
        self.server.close()


def warm(directory):
    """Reads all mail, so that none of the servers reads from the disk what the kernel happens not to hold."""
    for path in directory.rglob("*"):
        if path.parent.name in ("cur", "new"):
            path.read_bytes()


def ended(pid):
    try:
        os.kill(pid, 0)
    except OSError:
        return True
    return False


def stop(pid):
    os.kill(pid, signal.SIGTERM)
    support.wait_until(lambda: ended(pid), what="the process ends")
