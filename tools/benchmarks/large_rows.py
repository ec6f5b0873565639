# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""What a serving process takes at most while it synchronises two large messages with a Dovecot, in either direction: nothing may hold a whole message."""

import shutil

import mirrors
import support
from servers import peak_memory
from table import Row

MIB = 1 << 20
LINE = b"A line of a large attachment, which is sixty-four octets long.\r\n"


def large_message(number, octets):
    head = b"From: a@example.org\r\nSubject: large %d\r\nMessage-ID: <large-%d@example.org>\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\n" % (number, number)
    return head + LINE * (octets // len(LINE))


def appended(connection, octets):
    for number in range(2):
        assert connection.append("INBOX", None, None, large_message(number, octets))[0] == "OK"


def synchronised(place, octets, from_here):
    """The peak of the owner that has done it, in MiB."""
    dovecot = support.Dovecot(place / "remote")
    store = support.Store(place)
    configuration = place / "large.conf"
    configuration.write_text(f"first-sync = both\n[local]\npath = {store.path}\n[remote]\n" + mirrors.REMOTE.format(port=dovecot.port))
    try:
        source = store.connect() if from_here else dovecot.connect()
        appended(source, octets)
        source.logout()
        store.stop_owner()
        near, far = support.Tunnel(f"exec env HOME={place} {support.IMAPD} --stdio --config {configuration}"), dovecot.connect()
        target = far if from_here else near
        support.wait_until(lambda: b"MESSAGES 2" in target.status("INBOX", "(MESSAGES)")[1][0], seconds=300, what="both messages")
        support.wait_until(lambda: b"MESSAGES 2" in (near if from_here else far).status("INBOX", "(MESSAGES)")[1][0], what="still there")
        out = peak_memory(store.owner())
        near.logout()
        far.logout()
        return out
    finally:
        store.stop_owner()
        dovecot.close()


def rows(root, share):
    octets = 150 * MIB // share
    for name, from_here in (("from a Dovecot", False), ("to a Dovecot", True)):
        place = root / "large"
        place.mkdir()
        place.chmod(0o755)
        row = Row(f"peak memory, two messages of {octets // MIB} MB {name}", None, "MiB")
        try:
            row.add("postern", synchronised(place, octets, from_here))
        finally:
            shutil.rmtree(place, ignore_errors=True)
        yield row
