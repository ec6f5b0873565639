# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""What safety costs: the ledger, a mailbox that is full on both sides, what was removed and comes back."""

import os
import shutil
import subprocess
import time

import mail
import mirrors
import servers
import support
from client import Client
from sync_rows import timed
from table import Row
from wire import Wire


def remote_of_small(directory, count):
    """A Dovecot with one mailbox `big`; opened once, as a remote in use."""
    mail.small(directory / "small", count)
    dovecot = support.Dovecot(directory / "remote")
    mail.clone(directory / "small", dovecot.mail, support.unprivileged())
    user = support.unprivileged()
    if os.getuid() == 0:
        for path in [dovecot.home, *dovecot.home.rglob("*")]:
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    client = Client(dovecot.tunnel())
    client.run(b"SELECT big")
    client.close()
    return dovecot


class Quiet(mirrors.Postern):
    """Without a ledger."""

    name = "without the ledger"

    def text(self, port):
        return "keep-ledger = 0\n" + super().text(port)


def postern(mirror, *words):
    done = subprocess.run([support.POSTERN, "--config", mirror.configuration, *words], env=mirror.environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"postern {words}: {done.returncode} {done.stdout[-500:]} {done.stderr[-500:]}")


def flag_all(mirror, count):
    """Each message is marked by a client; what carries it over is what is timed."""
    near = Client(f"exec {support.IMAPD} --stdio --no-sync --store '{mirror.directory}/Mail'")
    near.run(b"SELECT big")
    near.run(rb"STORE 1:%d +FLAGS.SILENT (\Flagged)" % count)
    near.close()
    servers.stop(support.owner_of(mirror.directory / "Mail"))


def first_of_all(directory, port):
    """Dovecot notes sizes and dates when it is first asked for them: nobody's time."""
    place = directory / "first of all"
    place.mkdir()
    mirror = Quiet(place, port)
    timed(mirror)
    mirror.close()
    shutil.rmtree(place, ignore_errors=True)


def ledger(directory, port, count, runs):
    first = Row(f"first pass over {count:,} messages", 1.05)
    flags = Row(f"a pass that carries {count:,} flags over", 1.05)
    first_of_all(directory, port)
    for run in range(runs):
        for kind in (mirrors.Postern, Quiet) if run % 2 == 0 else (Quiet, mirrors.Postern):
            place = directory / f"ledger{run}"
            place.mkdir(exist_ok=True)
            mirror = kind(place, port)
            first.add(mirror.name, timed(mirror))
            flag_all(mirror, count)
            flags.add(mirror.name, timed(mirror))
            mirror.close()
            shutil.rmtree(mirror.directory, ignore_errors=True)
            reset = support.imaplib.IMAP4("127.0.0.1", port)
            reset.login("user", "pass")
            reset.select("big")
            reset.store(f"1:{count}", "-FLAGS.SILENT", r"(\Flagged)")
            reset.logout()
    return [first, flags]


def adoption(directory, port, count):
    """The same mail lies on both sides, and nothing was ever agreed."""
    place = directory / "adoption"
    place.mkdir()
    mirror = mirrors.Postern(place, port)
    mail.clone(directory / "small", mirror.directory / "Mail")
    wire = Wire(port, 0.0)
    mirror.point_at(wire.port)
    mirror.configuration.write_text("first-sync = both\n" + mirror.configuration.read_text())
    seconds, octets = Row(f"adoption of {count:,} messages"), Row(f"adoption of {count:,} messages, on the wire", None, "octets")
    seconds.add(mirror.name, timed(mirror))
    octets.add(mirror.name, wire.octets)
    wire.close()
    mirror.point_at(port)
    return mirror, [seconds, octets]


def undo(mirror, count):
    row = Row(f"undo of {count:,} removed messages")
    near = Client(f"exec {support.IMAPD} --stdio --no-sync --store '{mirror.directory}/Mail'")
    near.run(b"SELECT big")
    near.run(rb"STORE 1:%d +FLAGS.SILENT (\Deleted)" % count)
    near.run(b"EXPUNGE")
    near.close()
    servers.stop(support.owner_of(mirror.directory / "Mail"))
    start = time.perf_counter()
    postern(mirror, "undo", "big")
    row.add(mirror.name, time.perf_counter() - start)
    mirror.settle()
    return [row]


def rows(root, share, runs):
    for count in (100_000 // share, 20_000 // share):
        directory = root / f"safety{count}"
        directory.mkdir()
        directory.chmod(0o755)
        dovecot = remote_of_small(directory, count)
        try:
            if count == 100_000 // share:
                yield from ledger(directory, dovecot.port, count, runs)
                continue
            mirror, found = adoption(directory, dovecot.port, count)
            yield from found
            yield from undo(mirror, count // 2)
        finally:
            dovecot.close()
            shutil.rmtree(directory, ignore_errors=True)
