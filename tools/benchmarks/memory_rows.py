# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""What one serving process has taken after everything was asked of it over one large mailbox, and what it has kept a minute later."""

import time

import support
from server_rows import BODIES, ENVELOPE, MUTT, SELECT, STRUCTURE
from servers import memory, peak_memory
from table import Row

REST = 60  # seconds


def everything(client, messages):
    text = support.message(1, 4000)
    client.run(b"CREATE target")
    client.run(SELECT)
    for command in (b"FETCH 1:* (UID FLAGS)", MUTT, ENVELOPE, STRUCTURE, BODIES, b'SEARCH TEXT "not in any of these"', b"SEARCH SUBJECT kaban",
                    b"SEARCH SENTSINCE 1-Mar-2020", rb"STORE 1:* +FLAGS.SILENT (\Flagged)", rb"STORE 1:* -FLAGS.SILENT (\Flagged)"):
        client.run(command)
    for _ in range(100):
        client.run(b"APPEND target {%d+}\r\n" % len(text) + text)
    client.run(b"COPY 1:%d target" % (messages // 5))
    client.run(b"SELECT target")
    client.run(rb"STORE 1:* +FLAGS.SILENT (\Deleted)")
    client.run(b"EXPUNGE")


def rows(servers, messages):
    peak, rest = Row("peak memory of the serving process, after all of it", 0.6, "MiB"), Row("memory it keeps a minute later", None, "MiB")
    for server in servers:
        server.forget()
        client = server.connect()
        everything(client, messages)
        pid = server.pid(client)
        peak.add(server.name, peak_memory(pid))
        client.run(SELECT)
        client.run(b"DELETE target")
        time.sleep(REST)
        rest.add(server.name, memory(pid))
        client.close()
    return [peak, rest]
