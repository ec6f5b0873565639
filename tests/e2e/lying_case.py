# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests share whose remote side is a server of their own (lying_server)."""

import support
import sync_case


class LyingCase(sync_case.SyncCase):
    def serve(self, server, **more):
        """From now on the remote side; more: of configure()."""
        self.addCleanup(server.close)
        self.server = server
        self.configure(remote={"type": "imap", "STARTTLS": "NO", "host": "127.0.0.1", "port": server.port, "username": "user", "password": "pass"}, **more)
        return server

    def new_store(self):
        """An empty one, without a configuration."""
        self.store.close()
        self.store = support.Store()
        self.addCleanup(self.store.close)
        self.config = self.store.directory / "sync.conf"
