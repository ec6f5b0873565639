# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Mirroring a Dovecot remote: first copies, passes with nothing to do, a change that crosses."""

import os
import shutil
import time

import mail
import mirrors
import support
from client import Client
from table import Row
from wire import Wire


def remote_with(directory, count, mailboxes, mean, share):
    """A Dovecot that holds mixed mail; opened once, as a remote in use."""
    octets = mail.mixed(directory / "mixed", count // share, mailboxes, mean)
    dovecot = support.Dovecot(directory / "remote")
    mail.clone(directory / "mixed", dovecot.mail, support.unprivileged())
    user = support.unprivileged()
    if os.getuid() == 0:
        for path in [dovecot.home, *dovecot.home.rglob("*")]:
            os.chown(path, user.pw_uid, user.pw_gid)
    client = Client(dovecot.tunnel())
    for i in range(mailboxes):
        client.run(b"SELECT INBOX" if i == 0 else b"SELECT box%02d" % i)
    client.close()
    return dovecot, octets


def timed(mirror):
    start = time.perf_counter()
    mirror.run()
    seconds = time.perf_counter() - start
    mirror.settle()
    return seconds


def first_copies(directory, dovecot, row, runs):
    """The mirrors of the last run, which stay."""
    kept = []
    for run in range(runs):
        for mirror in kept:
            mirror.close()
        place = directory / f"run{run}"
        place.mkdir()
        place.chmod(0o755)
        kept = []
        for kind in mirrors.ALL:
            mirror = kind(place, dovecot.port)
            kept.append(mirror)
            row.add(mirror.name, timed(mirror))
        if run + 1 < runs:
            for mirror in kept:
                mirror.close()
            kept = []
            shutil.rmtree(place, ignore_errors=True)
    return kept


def idle_passes(name, remark, kept, port, runs, aims, delay):
    """Passes with nothing to do: seconds, octets, turns."""
    wire = Wire(port, delay)
    seconds, octets, turns = Row(name, aims[0], remark=remark), Row(name + ", on the wire", aims[1], "octets"), Row(name + ", turns", aims[2], "")
    for mirror in kept:
        mirror.point_at(wire.port)
        timed(mirror)
    for _ in range(runs):
        for mirror in kept:
            wire.reset()
            seconds.add(mirror.name, timed(mirror))
            time.sleep(2 * delay)
            octets.add(mirror.name, wire.octets)
            turns.add(mirror.name, wire.turns)
    wire.close()
    return [seconds, octets, turns] if delay else [seconds, octets]


def crossing(directory, dovecot):
    """From here to there, with a client served by imapd: STORE until the remote shows it; and back, as fast as the remote's IDLE tells."""
    there, here = Row("a flag set here is there", None), Row("a message that comes there is here", None, remark="Dovecot's IDLE waits half a second")
    store = support.Store(directory / "crossing") if (directory / "crossing").mkdir() is None else None
    configuration = directory / "crossing.conf"
    configuration.write_text(f"first-sync = both\n[local]\npath = {store.path}\n[remote]\n" + mirrors.REMOTE.format(port=dovecot.port))
    far = dovecot.connect()
    near = support.Tunnel(f"exec {support.IMAPD} --stdio --config {configuration}")
    try:
        support.wait_until(lambda: near.status("INBOX", "(MESSAGES)")[1] == far.status("INBOX", "(MESSAGES)")[1], seconds=120, what="the first copy")
        near.select("INBOX")
        far.select("INBOX")
        count = int(far.select("INBOX")[1][0])
        time.sleep(1)
        for i in range(10):
            sign = "+" if i % 2 == 0 else "-"
            start = time.perf_counter()
            near.store("1", sign + "FLAGS", r"(\Answered)")
            while (b"Answered" in far.fetch("1", "(FLAGS)")[1][0]) != (i % 2 == 0):
                pass
            there.add("postern", time.perf_counter() - start)
            time.sleep(0.3)
        for i in range(5):
            start = time.perf_counter()
            far.append("INBOX", None, None, support.message(i))
            while int(near.select("INBOX")[1][0]) != count + i + 1:
                time.sleep(0.001)
            here.add("postern", time.perf_counter() - start)
            time.sleep(0.3)
    finally:
        near.logout()
        store.stop_owner()
    return [there, here]


def rows(root, share, runs):
    for count, mailboxes, mean, aims in ((2_000, 13, 28_000, (0.19, 0.17)), (20_000, 40, 33_000, (0.2, 0.2))):
        directory = root / f"sync{count}"
        directory.mkdir()
        directory.chmod(0o755)
        dovecot, octets = remote_with(directory, count, mailboxes, mean, share)
        kept = []
        try:
            row = Row(f"first sync, {count // share:,} messages, {octets / 1e6:.0f} MB, {mailboxes} mailboxes", aims[0])
            kept = first_copies(directory, dovecot, row, runs if count < 10_000 else 1)
            yield row
            yield from idle_passes(f"nothing changed, {mailboxes} mailboxes", "", kept, dovecot.port, 3 * runs, (None, None, None), 0.0)
            if mailboxes == 13:
                yield from idle_passes("nothing changed, 13 mailboxes, 50 ms round trip", "", kept, dovecot.port, runs, (None, None, None), 0.025)
                yield from crossing(directory, dovecot)
        finally:
            for mirror in kept:
                mirror.close()
            dovecot.close()
            shutil.rmtree(directory, ignore_errors=True)
