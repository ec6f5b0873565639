# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Messages of 1 MB that are moved between two mailboxes, by a client here or by another one there (aim: 1,000 in less than 200 kB on the wire)."""

import os
import random
import shutil

import mail
import mirrors
import servers
import support
from client import Client
from sync_rows import timed
from table import Row
from wire import Wire

OCTETS = 1_000_000


class SameMail(mirrors.Postern):
    """Over two ports."""

    def text(self, port):
        return "identity = the same mail\n" + super().text(port)


def remote_of_large(directory, count):
    dovecot = support.Dovecot(directory / "remote")
    rng = random.Random(11)
    filler = mail.text(rng, OCTETS).encode()
    for mailbox in ("INBOX", "Archive"):
        for name in ("cur", "new", "tmp"):
            (dovecot.mail / mailbox / name).mkdir(parents=True)
    for number in range(count):
        path = dovecot.mail / "INBOX" / "cur" / f"{1_600_000_000 + number}.{number}.bench:2,S"
        path.write_bytes(mail.message(rng, number, 2000) + filler)
    if os.getuid() == 0:
        user = support.unprivileged()
        for path in [dovecot.home, *dovecot.home.rglob("*")]:
            os.chown(path, user.pw_uid, user.pw_gid)
    return dovecot


def move(command, mailbox, to):
    client = Client(command)
    client.run(b"SELECT " + mailbox)
    client.run(b"UID MOVE 1:* " + to)
    client.close()


def rows(root, share):
    count = 1000 // share
    directory = root / "moves"
    directory.mkdir()
    directory.chmod(0o755)
    dovecot = remote_of_large(directory, count)
    wire = Wire(dovecot.port)
    try:
        mirror = SameMail(directory, dovecot.port)
        timed(mirror)
        mirror.point_at(wire.port)
        near, far = f"exec {support.IMAPD} --stdio --no-sync --store '{mirror.directory}/Mail'", dovecot.tunnel()
        for where, command, mailbox, to in (("by a client here", near, b"INBOX", b"Archive"), ("by another one there", far, b"Archive", b"INBOX")):
            move(command, mailbox, to)
            if command == near:
                servers.stop(support.owner_of(mirror.directory / "Mail"))
            wire.reset()
            seconds = Row(f"{count:,} messages of 1 MB moved {where}")
            seconds.add(mirror.name, timed(mirror))
            octets = Row(f"{count:,} messages of 1 MB moved {where}, on the wire", None, "octets")
            octets.add(mirror.name, wire.octets)
            yield seconds
            yield octets
    finally:
        wire.close()
        dovecot.close()
        shutil.rmtree(directory, ignore_errors=True)
