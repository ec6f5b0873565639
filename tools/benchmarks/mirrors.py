# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""The three that mirror a Dovecot remote: postern into its store, InterIMAP into a local Dovecot (its usual companion), mbsync into a Maildir."""

import os
import subprocess

import support

REMOTE = "type = imap\nSTARTTLS = NO\nhost = 127.0.0.1\nport = {port}\nusername = user\npassword = pass\n"


class Mirror:
    def __init__(self, directory, port):
        self.directory = directory / self.name
        self.directory.mkdir()
        self.environment = {**os.environ, "HOME": str(self.directory), "XDG_CONFIG_HOME": str(self.directory), "XDG_DATA_HOME": str(self.directory)}
        self.configuration = self.directory / "configuration"
        self.prepare()
        self.point_at(port)

    def prepare(self):
        pass

    def point_at(self, port):
        self.configuration.write_text(self.text(port))
        self.configuration.chmod(0o600)

    def run(self):
        done = subprocess.run(self.command(), env=self.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise RuntimeError(f"{self.name}: {done.returncode} {done.stdout[-500:]} {done.stderr[-500:]}")

    def close(self):
        pass


class Postern(Mirror):
    name = "postern"

    def text(self, port):
        return f"database = bench\nidentity = the same mail\nfirst-sync = both\n[local]\npath = {self.directory}/Mail\n[remote]\n" + REMOTE.format(port=port)

    def command(self):
        return [support.POSTERN, "--config", self.configuration, "sync"]

    def settle(self):
        support.wait_until(lambda: support.owner_of(self.directory / "Mail") is None, what="the owner leaves")


class InterImap(Mirror):
    name = "InterIMAP"

    def prepare(self):
        self.local = support.Dovecot(self.directory / "dovecot")

    def text(self, port):
        return (f"database = {self.directory}/db\n[local]\ntype = tunnel\ncommand = {self.local.tunnel()}\nnull-stderr = YES\n[remote]\n"
                + REMOTE.format(port=port))

    def command(self):
        return ["interimap", "--quiet", f"--config={self.configuration}"]

    def settle(self):
        pass

    def close(self):
        self.local.close()


class Mbsync(Mirror):
    name = "mbsync"

    def text(self, port):
        (self.directory / "Mail").mkdir(exist_ok=True)
        return (f"IMAPAccount a\nHost 127.0.0.1\nPort {port}\nUser user\nPass pass\nSSLType None\nAuthMechs LOGIN\n\nIMAPStore far\nAccount a\n\nMaildirStore near\n"
                f"Path {self.directory}/Mail/\nInbox {self.directory}/Mail/INBOX\nSubFolders Verbatim\n\nChannel all\nFar :far:\nNear :near:\nPatterns *\nCreate Both\n"
                "Expunge Both\nSyncState *\nCopyArrivalDate yes\n")

    def command(self):
        return ["mbsync", "-q", "-c", str(self.configuration), "-a"]

    def settle(self):
        pass


ALL = [Postern, InterImap, Mbsync]
