# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Deterministic mail as Maildir files: the same octets on every machine."""

import os
import random
import shutil

WORDS = [f"{a}{b}{c}" for a in ("ka", "lo", "mi", "ne", "pu", "ra", "so", "te", "vi", "zu") for b in ("ban", "der", "fol", "gim", "hus", "jor") for c in ("", "a", "en", "is", "um")]


def text(rng, octets):
    lines, size = [], 0
    while size < octets:
        line = " ".join(rng.choices(WORDS, k=10))
        lines.append(line)
        size += len(line) + 2
    return "\n".join(lines) + "\n"


def message(rng, number, octets):
    when = f"{1 + number % 28:02} {('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun')[number % 6]} 20{16 + number % 9}"
    head = (f"Return-Path: <sender{number % 997}@example.org>\nReceived: from a.example.org (a.example.org [192.0.2.1])\n\tby b.example.org with ESMTPS id {number:08x}\n"
            f"\tfor <you@example.org>; {when} 10:00:00 +0000\nFrom: Sender {number % 997} <sender{number % 997}@example.org>\nTo: You <you@example.org>\n"
            f"Cc: list{number % 13}@lists.example.org\nSubject: {' '.join(rng.choices(WORDS, k=5))} {number}\nDate: Mon, {when} 10:{number % 60:02}:00 +0000\n"
            f"Message-ID: <{number}.{rng.randrange(1 << 40):x}@example.org>\nIn-Reply-To: <{max(0, number - 7)}@example.org>\nMIME-Version: 1.0\n")
    if octets > 8000:
        part = text(rng, octets - 2500)
        return (head + 'Content-Type: multipart/mixed; boundary="=_b"\n\n--=_b\nContent-Type: text/plain; charset=utf-8\n\n' + text(rng, 1000)
                + '--=_b\nContent-Type: text/html; charset=utf-8\nContent-Disposition: attachment; filename="a.html"\n\n' + part + "--=_b--\n").encode()
    return (head + "Content-Type: text/plain; charset=utf-8\n\n" + text(rng, max(100, octets - 800))).encode()


def write(directory, first, count, size_of, seed):
    """Fills a Maildir. Returns the octets written."""
    for name in ("cur", "new", "tmp"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    rng, total = random.Random(seed), 0
    for number in range(first, first + count):
        octets = message(rng, number, size_of(rng))
        path = directory / "cur" / f"{1500000000 + number}.M{number}P1.bench:2,{'S' if number % 3 else ''}"
        path.write_bytes(octets)
        os.utime(path, (1500000000 + number, 1500000000 + number))
        total += len(octets)
    return total


def small(directory, count):
    """One mailbox `big` of messages of about 2.3 KB."""
    return write(directory / "big", 0, count, lambda rng: rng.randrange(1500, 3100), 1)


def mixed(directory, count, mailboxes, mean):
    """Mailboxes box01, box02, … and INBOX, sizes from a few hundred octets to megabytes."""
    def size_of(rng):
        return min(4_000_000, int(rng.lognormvariate(0, 1.5) * mean / 3.08) + 600)
    return sum(write(directory / ("INBOX" if i == 0 else f"box{i:02}"), i * count, count // mailboxes, size_of, 100 + i) for i in range(mailboxes))


def clone(source, target, user=None):
    """A copy by hard links (nobody writes into the files), with directories of its own."""
    shutil.copytree(source, target, copy_function=os.link, dirs_exist_ok=True)
    if user is not None and os.getuid() == 0:
        for path in [target, *target.rglob("*")]:
            os.chown(path, user.pw_uid, user.pw_gid)
